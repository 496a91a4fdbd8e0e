// The counts over time above the events, with the number found.
import { ActionIcon, Select, Tooltip } from '@mantine/core'
import { IconLayoutSidebar, IconZoomOut } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { Count, Histogram } from '@varde/api/contract'
import { fieldsQuery } from '../../api/queries.ts'
import { formatCount } from '../../parts/number.ts'
import partStyles from '../../parts/parts.module.css'
import { type TimeBar, TimeBars } from '../../parts/TimeBars.tsx'
import { absoluteRange, widen } from '../../time/range.ts'
import { useSearchActions } from './actions.ts'
import { messages } from './messages.en.ts'
import styles from './search.module.css'

interface Props {
  data: Histogram | undefined
  total: Count | undefined
  tookMs: number | undefined
  /** Of the search before, while the next is on its way. */
  stale: boolean
  fieldsShown: boolean
  onToggleFields: () => void
}

const palette = ['#2f8f94', '#c8792b', '#5b7fc0', '#8a9a3b', '#a4598f', '#7d8a94', '#b8503f', '#4f9d6b']
const usualBreakdowns = ['event.outcome', 'event.action', 'event.dataset', 'host.name', 'user.name', 'source.ip']

export function ResultHistogram({ data, total, tookMs, stale, fieldsShown, onToggleFields }: Props) {
  const actions = useSearchActions()
  const { data: known } = useQuery(fieldsQuery)
  const { by } = actions.state
  const names = seriesOf(data)
  const color = (name: string) => palette[names.indexOf(name) % palette.length] ?? 'var(--v-bar)'
  const fields = [...new Set([...usualBreakdowns, ...(known?.fields.map((one) => one.field) ?? [])])]
  const counted = total === undefined ? '' : messages.count(formatCount(total.count), total.exact)
  return (
    <div className={styles.histogram} aria-busy={stale}>
      <div className={styles.histogramHead}>
        <Tooltip label={fieldsShown ? messages.fields.hide : messages.fields.show}>
          <ActionIcon
            aria-label={fieldsShown ? messages.fields.hide : messages.fields.show}
            aria-pressed={fieldsShown}
            onClick={onToggleFields}
            size="sm"
          >
            <IconLayoutSidebar size={15} />
          </ActionIcon>
        </Tooltip>
        <strong aria-live="polite">{counted}</strong>
        {tookMs !== undefined && <span className={`v-muted ${styles.took}`}>{messages.took(tookMs)}</span>}
        <span className={partStyles.spacer} />
        <Select
          aria-label={messages.histogram.breakdown}
          placeholder={messages.histogram.breakdown}
          searchable
          clearable
          limit={50}
          w={190}
          value={by ?? null}
          data={fields}
          onChange={(value) => actions.breakDown(value ?? undefined)}
        />
        <Tooltip label={messages.histogram.zoomOut}>
          <ActionIcon
            aria-label={messages.histogram.zoomOut}
            onClick={() => actions.setRange(widen(actions.range, Date.now()))}
          >
            <IconZoomOut size={16} />
          </ActionIcon>
        </Tooltip>
      </div>
      <TimeBars
        bars={(data?.buckets ?? []).map((bucket) => barOf(bucket, names))}
        intervalMs={data?.intervalMs ?? 1}
        from={actions.range.from}
        to={actions.range.to}
        label={messages.histogram.label(counted)}
        height={96}
        color={color}
        onRange={(from, to) => actions.setRange(absoluteRange(from, to))}
      />
      {names.length > 0 && (
        <div className={partStyles.legend}>
          {names.map((name) => (
            <button
              key={name}
              type="button"
              className={styles.legendButton}
              disabled={name === messages.histogram.other}
              onClick={() => by !== undefined && actions.include(by, name)}
            >
              <span className={partStyles.swatch} style={{ background: color(name) }} />
              {name}
            </button>
          ))}
        </div>
      )}
    </div>
  )
}

/** Names of the breakdown, most frequent first; the rest last. */
function seriesOf(data: Histogram | undefined): string[] {
  const sums = new Map<string, number>()
  let other = 0
  for (const bucket of data?.buckets ?? []) {
    for (const [name, count] of Object.entries(bucket.by?.values ?? {})) sums.set(name, (sums.get(name) ?? 0) + count)
    other += bucket.by?.other ?? 0
  }
  const names = [...sums].sort((a, b) => b[1] - a[1]).map(([name]) => name)
  return other > 0 && names.length > 0 ? [...names, messages.histogram.other] : names
}

/** Names stand in log lines: one may be `constructor`, which every object has. */
function countOf(values: Record<string, number>, name: string): number {
  return Object.hasOwn(values, name) ? (values[name] ?? 0) : 0
}

function barOf(bucket: Histogram['buckets'][number], names: string[]): TimeBar {
  const { start, count, by } = bucket
  if (by === undefined || names.length === 0) return { start, count }
  const parts = names.map((name) => ({
    name,
    count: name === messages.histogram.other ? by.other : countOf(by.values, name),
  }))
  return { start, count, parts }
}
