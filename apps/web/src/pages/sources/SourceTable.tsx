// Each source in a row: seen when, how much, how late, what was lost or not understood.
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import type { SourceRow } from '@varde/api/contract'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { formatCompact, formatCount, formatShare } from '../../parts/number.ts'
import partStyles from '../../parts/parts.module.css'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { SortHead } from '../../parts/SortHead.tsx'
import { Sparkline } from '../../parts/Sparkline.tsx'
import { formatLength } from '../../time/format.ts'
import { Instant } from '../../time/Instant.tsx'
import { messages } from './messages.en.ts'
import type { SourceSort } from './sources-search.ts'

const route = getRouteApi('/app/sources')

export const stateTones = { live: 'good', quiet: 'plain', silent: 'critical', imported: 'low' } as const
const order = { silent: 0, quiet: 1, live: 2, imported: 3 }

const orders: Record<SourceSort | 'state', (a: SourceRow, b: SourceRow) => number> = {
  state: (a, b) => order[a.state] - order[b.state] || b.lastSeen - a.lastSeen,
  source: (a, b) => (a.source < b.source ? -1 : 1),
  lastSeen: (a, b) => b.lastSeen - a.lastSeen,
  events: (a, b) => b.events - a.events,
  lag: (a, b) => b.lagMsMax - a.lagMsMax,
  deadLetters: (a, b) => b.deadLetters - a.deadLetters,
  unexplained: (a, b) => b.unexplainedShare - a.unexplainedShare,
}

export function SourceTable({ sources }: { sources: SourceRow[] }) {
  const { sort } = route.useSearch()
  const navigate = useNavigate({ from: '/sources' })
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
  const sorted = sources.toSorted(orders[sort ?? 'state'])
  const head = (key: SourceSort, name: string, numeric = false, hint = '') => (
    <SortHead
      name={name}
      hint={hint}
      numeric={numeric}
      sorted={sort === key}
      onSort={() =>
        void navigate({ search: (before) => ({ ...before, sort: sort === key ? undefined : key }), replace: true })
      }
    />
  )
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
            {head('source', messages.columns.source)}
            <th scope="col">{messages.columns.state}</th>
            {head('lastSeen', messages.columns.lastSeen)}
            <th scope="col">{messages.columns.rate}</th>
            {head('events', messages.columns.events, true)}
            {head('lag', messages.columns.lag, false, messages.lagHint)}
            {head('deadLetters', messages.columns.deadLetters, true)}
            <th scope="col" className={partStyles.right}>
              {messages.columns.problems}
            </th>
            {head('unexplained', messages.columns.unexplained, true)}
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
