// This range beside another: which fields and values differ most.
import { Select, Skeleton } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import type { RouteOutput } from '@varde/api/contract'
import { parseQuery } from '@varde/schema'
import { ask } from '../../api/queries.ts'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { showValue } from '../../parts/flatten.ts'
import { formatCount, formatShare } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { rangeLabel } from '../../parts/TimeRangePicker.tsx'
import { PivotValue } from '../../pivot/PivotValue.tsx'
import { absoluteRange, type Range } from '../../time/range.ts'
import { useZone } from '../../time/zone.ts'
import { useSearchActions } from './actions.ts'
import { messages } from './messages.en.ts'
import styles from './views.module.css'

type Difference = RouteOutput<'compare'>['differences'][number]
const text = messages.compare
const day = 86_400_000
const bases = {
  before: (range: Range) => range.to - range.from,
  day: () => day,
  week: () => 7 * day,
} as const
type Base = keyof typeof bases

function baseOf(text: string | undefined): Base {
  return text === 'day' || text === 'week' ? text : 'before'
}

export function CompareView() {
  const actions = useSearchActions()
  const zone = useZone()
  const { query, range, state } = actions
  const chosen = baseOf(state.base)
  const back = bases[chosen](range)
  const base = { from: range.from - back, to: range.to - back }
  const { data, error, isPending, refetch } = useQuery({
    ...ask('compare', { body: { query, range, base } }),
    placeholderData: keepPreviousData,
    enabled: parseQuery(query).ok,
  })
  return (
    <div className={styles.view} role="region" aria-label={text.label} tabIndex={0}>
      <div className={styles.compareHead}>
        <Select
          label={text.base}
          w={230}
          allowDeselect={false}
          value={chosen}
          onChange={(next) => actions.set({ base: next === null || next === 'before' ? undefined : next })}
          data={[
            { value: 'before', label: text.before },
            { value: 'day', label: text.dayBefore },
            { value: 'week', label: text.weekBefore },
          ]}
        />
        <div className="v-muted">
          {text.here}: {rangeLabel(absoluteRange(range.from, range.to), zone)}
          <br />
          {text.base}: {rangeLabel(absoluteRange(base.from, base.to), zone)}
        </div>
      </div>
      {error !== null && <ProblemNote error={error} retry={refetch} />}
      {isPending && error === null && <Skeleton height={200} mt="sm" />}
      {data !== undefined && (
        <>
          <p>
            <strong>{text.counts(formatCount(data.count), formatCount(data.baseCount))}</strong>{' '}
            <span className="v-muted">{text.note}</span>
          </p>
          {data.differences.length === 0 && (
            <EmptyState title={data.count === 0 || data.baseCount === 0 ? text.nothing : text.alike} />
          )}
          <div className={styles.differences}>
            {data.differences.map((difference) => (
              <Field key={difference.field} difference={difference} />
            ))}
          </div>
        </>
      )}
    </div>
  )
}

function Field({ difference }: { difference: Difference }) {
  const most = Math.max(0.001, ...difference.values.flatMap((one) => [one.share, one.baseShare]))
  return (
    <section className={styles.difference}>
      <h2>
        <code>{difference.field}</code> <Badge tone="plain">{text.distance(formatShare(difference.distance))}</Badge>
      </h2>
      <table className={styles.shares}>
        <thead>
          <tr>
            <th scope="col">{text.value}</th>
            <th scope="col">{text.hereShare}</th>
            <th scope="col">{text.baseShare}</th>
          </tr>
        </thead>
        <tbody>
          {difference.values.map((one) => (
            <tr key={showValue(one.value)}>
              <td className="v-clip">
                <PivotValue field={difference.field} value={one.value} />
              </td>
              <Share share={one.share} count={one.count} most={most} tone={styles.hereBar} />
              <Share share={one.baseShare} count={one.baseCount} most={most} tone={styles.baseBar} />
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}

interface ShareProps {
  share: number
  count: number
  most: number
  tone: string | undefined
}

function Share({ share, count, most, tone }: ShareProps) {
  return (
    <td className={styles.share} title={formatCount(count)}>
      <span className={tone} style={{ width: `${(share / most) * 60}%` }} aria-hidden="true" />
      {formatShare(share)}
    </td>
  )
}
