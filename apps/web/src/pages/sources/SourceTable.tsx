// Each source in a row: seen when, how much, how late, what was lost or not understood.
import { Link } from '@tanstack/react-router'
import type { SourceRow } from '@varde/api/contract'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { formatCompact, formatCount, formatShare } from '../../parts/number.ts'
import partStyles from '../../parts/parts.module.css'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { Sparkline } from '../../parts/Sparkline.tsx'
import { formatLength } from '../../time/format.ts'
import { Instant } from '../../time/Instant.tsx'
import { messages } from './messages.en.ts'

export const stateTones = { live: 'good', quiet: 'plain', silent: 'critical', imported: 'low' } as const
const order = { silent: 0, quiet: 1, live: 2, imported: 3 }

export function SourceTable({ sources }: { sources: SourceRow[] }) {
  if (sources.length === 0) {
    return (
      <EmptyState
        title={messages.empty.title}
        actions={
          <Link to="/sources" search={{ tab: 'connect' }}>
            {messages.empty.connect}
          </Link>
        }
      >
        {messages.empty.text}
      </EmptyState>
    )
  }
  const sorted = sources.toSorted((a, b) => order[a.state] - order[b.state] || b.lastSeen - a.lastSeen)
  const right = partStyles.right
  return (
    <div
      className={`${partStyles.card} ${partStyles.tableWrap}`}
      tabIndex={0}
      role="region"
      aria-label={messages.title}
    >
      <table className={partStyles.table}>
        <thead>
          <tr>
            <th scope="col">{messages.columns.source}</th>
            <th scope="col">{messages.columns.state}</th>
            <th scope="col">{messages.columns.lastSeen}</th>
            <th scope="col">{messages.columns.rate}</th>
            <th scope="col" className={right}>
              {messages.columns.events}
            </th>
            <th scope="col" title={messages.lagHint}>
              {messages.columns.lag}
            </th>
            <th scope="col" className={right}>
              {messages.columns.deadLetters}
            </th>
            <th scope="col" className={right}>
              {messages.columns.problems}
            </th>
            <th scope="col" className={right}>
              {messages.columns.unexplained}
            </th>
          </tr>
        </thead>
        <tbody>
          {sorted.map((source) => (
            <Row key={`${source.tenant}/${source.source}`} source={source} />
          ))}
        </tbody>
      </table>
    </div>
  )
}

function Row({ source }: { source: SourceRow }) {
  const hour = source.perMinute.reduce((sum, count) => sum + count, 0)
  const right = partStyles.right
  return (
    <tr>
      <td>
        <Link to="/sources" search={{ source: source.source }} className={partStyles.rowLink}>
          {source.source}
        </Link>
        <div className="v-muted">{source.datasets.join(', ')}</div>
      </td>
      <td>
        <span title={messages.stateHint[source.state]}>
          <Badge tone={stateTones[source.state]}>{messages.state[source.state]}</Badge>
        </span>
      </td>
      <td>
        <Instant time={source.lastSeen} relative />
      </td>
      <td>
        <Sparkline values={source.perMinute} label={messages.rateLabel(source.source, formatCount(hour))} />
      </td>
      <td className={right} title={formatCount(source.events)}>
        {formatCompact(source.events)}
      </td>
      <td>
        {source.state === 'imported' ? '' : messages.lag(formatLength(source.lagMsMean), formatLength(source.lagMsMax))}
      </td>
      <td className={right}>
        {source.deadLetters === 0 ? (
          '0'
        ) : (
          <Link to="/sources" search={{ tab: 'dead-letters', source: source.source }}>
            {formatCompact(source.deadLetters)}
          </Link>
        )}
      </td>
      <td className={right}>
        {formatCompact(source.late)} · {formatCompact(source.future)} · {formatCompact(source.missing)}
      </td>
      <td className={right}>{formatShare(source.unexplainedShare)}</td>
    </tr>
  )
}
