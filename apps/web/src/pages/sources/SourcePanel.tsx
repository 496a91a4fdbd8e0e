// One source, minute by minute.
import { Drawer, Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ask } from '../../api/queries.ts'
import { formatBytes, formatCount } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { TimeBars } from '../../parts/TimeBars.tsx'
import { formatLength } from '../../time/format.ts'
import { Instant } from '../../time/Instant.tsx'
import { messages } from './messages.en.ts'
import { stateTones } from './SourceTable.tsx'
import styles from './sources.module.css'

const minute = 60_000
const text = messages.detail

export function SourcePanel({ source: name, onClose }: { source: string; onClose: () => void }) {
  const { data, error, isPending } = useQuery(ask('source', { params: { source: name } }))
  const minutes = data?.minutes ?? []
  const first = minutes[0]?.minute ?? 0
  const last = minutes.at(-1)?.minute ?? 0
  const row = data?.source
  return (
    <Drawer
      opened
      onClose={onClose}
      position="right"
      size="lg"
      title={text.title(name)}
      closeButtonProps={{ 'aria-label': text.close }}
    >
      {isPending && <Skeleton height={160} />}
      {error !== null && <ProblemNote error={error} />}
      {row !== undefined && (
        <>
          {minutes.length > 0 && (
            <>
              <h3 className={styles.chartTitle}>
                {text.received} <span className="v-muted">{text.minutes}</span>
              </h3>
              <TimeBars
                bars={minutes.map((one) => ({ start: one.minute, count: one.received }))}
                intervalMs={minute}
                from={first}
                to={last + minute}
                label={text.chart(name)}
              />
            </>
          )}
          <dl className={styles.facts}>
            <dt>{messages.columns.state}</dt>
            <dd>
              <Badge tone={stateTones[row.state]}>{messages.state[row.state]}</Badge> {messages.stateHint[row.state]}
            </dd>
            <dt>{messages.columns.lastSeen}</dt>
            <dd>
              <Instant time={row.lastSeen} /> (<Instant time={row.lastSeen} relative />)
            </dd>
            <dt>{text.first}</dt>
            <dd>
              <Instant time={row.firstSeen} />
            </dd>
            <dt>{messages.columns.events}</dt>
            <dd>{formatCount(row.events)}</dd>
            <dt>{text.bytes}</dt>
            <dd>{formatBytes(row.bytes)}</dd>
            <dt>{messages.columns.lag}</dt>
            <dd>{messages.lag(formatLength(row.lagMsMean), formatLength(row.lagMsMax))}</dd>
            <dt>{text.duplicates}</dt>
            <dd>{formatCount(row.duplicates)}</dd>
            <dt>{messages.columns.problems}</dt>
            <dd>
              {formatCount(row.late)} · {formatCount(row.future)} · {formatCount(row.missing)}
            </dd>
            <dt>{text.datasets}</dt>
            <dd>{row.datasets.join(', ')}</dd>
            <dt>{text.transports}</dt>
            <dd>{row.transports.join(', ')}</dd>
            <dt>{text.tenant}</dt>
            <dd>{row.tenant}</dd>
          </dl>
          <Link
            to="/search"
            search={{
              f: row.datasets.length === 1 ? [`event.dataset: "${row.datasets[0]}"`] : undefined,
              from: new Date(row.lastSeen - 86_400_000).toISOString(),
              to: new Date(row.lastSeen + minute).toISOString(),
            }}
          >
            {text.search}
          </Link>
        </>
      )}
    </Drawer>
  )
}
