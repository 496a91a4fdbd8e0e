// A user, a host or an address: since when, what, from where, with whom, and which alerts.
import { Button, Skeleton } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { alertStatuses } from '@varde/schema'
import { ask } from '../../api/queries.ts'
import { CopyButton } from '../../parts/CopyButton.tsx'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { formatCount } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { SeverityBadge, StatusBadge } from '../../parts/SeverityBadge.tsx'
import { TimeBars } from '../../parts/TimeBars.tsx'
import { TimeRangePicker } from '../../parts/TimeRangePicker.tsx'
import { type EntityKind, entityKinds, entityQueries } from '../../pivot/entity.ts'
import { PivotProvider } from '../../pivot/PivotMenu.tsx'
import { Instant } from '../../time/Instant.tsx'
import { absoluteRange, beginningAt, resolveRange } from '../../time/range.ts'
import { useNow } from '../../time/use-now.ts'
import styles from './entities.module.css'
import { messages } from './messages.en.ts'
import { Relations } from './Relations.tsx'
import { SignIns } from './SignIns.tsx'
import { TopValues } from './TopValues.tsx'
import { VpnSessions } from './VpnSessions.tsx'

const route = getRouteApi('/app/entities/$kind/$value')
const latestTime = Date.UTC(2100, 0)
const day = 86_400_000

/** What is worth counting about each kind. */
const lists: Record<EntityKind, string[]> = {
  user: ['source.ip', 'host.name', 'event.action', 'source.geo.country_iso_code', 'group.name', 'event.dataset'],
  host: [
    'user.name',
    'source.ip',
    'source.geo.country_iso_code',
    'event.action',
    'process.name',
    'destination.port',
    'event.dataset',
  ],
  ip: ['user.name', 'host.name', 'event.action', 'destination.ip', 'destination.port', 'source.geo.country_iso_code'],
}

export function EntityPage() {
  const { kind: given, value } = route.useParams()
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/entities/$kind/$value' })
  const kind = entityKinds.find((one) => one === given) ?? 'user'
  const text = { from: search.from ?? 'now-7d', to: search.to ?? 'now' }
  const [now] = useNow(`${kind} ${value} ${text.from} ${text.to}`)
  const asked = resolveRange(text, now)
  const query = entityQueries[kind](value)
  const setRange = (next: { from: string; to: string }) =>
    void navigate({ search: (before) => ({ ...before, ...next }) })
  const edge = (order: 'oldest' | 'newest') =>
    ask('searchEvents', { body: { query, from: 0, to: latestTime, order, limit: 1 } })
  const first = useQuery(edge('oldest'))
  const last = useQuery(edge('newest'))
  const [firstSeen, lastSeen] = [first.data?.events[0]?.time, last.data?.events[0]?.time]
  // What is drawn begins where it was first seen, not in the empty days before.
  const range = firstSeen === undefined ? asked : beginningAt(asked, firstSeen)
  const histogram = useQuery({
    ...ask('histogram', { body: { query, ...range, buckets: 80 } }),
    placeholderData: keepPreviousData,
    enabled: first.isSuccess,
  })
  const alerts = useQuery(
    ask('searchAlerts', { body: { filter: { entity: { kind, value }, status: [...alertStatuses] }, limit: 20 } }),
  )
  const count = histogram.data?.buckets.reduce((sum, bucket) => sum + bucket.count, 0)
  const error = first.error ?? last.error ?? histogram.error
  return (
    <PivotProvider>
      <div className={partStyles.page}>
        <div className={partStyles.pageHead}>
          <h1 className={styles.title}>
            <span className="v-muted">{messages.kinds[kind]}</span> {value}
          </h1>
          <CopyButton value={value} />
          <span className={partStyles.spacer} />
          <Button
            variant="default"
            renderRoot={(props) => <Link to="/search" search={{ q: query, ...text }} {...props} />}
          >
            {messages.search}
          </Button>
          <TimeRangePicker value={text} onChange={setRange} withAllTime />
        </div>
        {error !== null && <ProblemNote error={error} />}
        {last.isSuccess && lastSeen === undefined && (
          <EmptyState title={messages.never}>{messages.neverHint}</EmptyState>
        )}
        {last.isPending && <Skeleton height={120} />}
        {lastSeen !== undefined && (
          <>
            <dl className={styles.facts}>
              <Fact name={messages.firstSeen}>{firstSeen !== undefined && <Instant time={firstSeen} />}</Fact>
              <Fact name={messages.lastSeen}>
                <Instant time={lastSeen} />
              </Fact>
              <Fact name={messages.events}>{count === undefined ? '…' : formatCount(count)}</Fact>
              <Fact name={messages.openAlerts}>
                {formatCount(alerts.data?.alerts.filter((alert) => alert.status === 'open').length ?? 0)}{' '}
                <span className="v-muted">{messages.allAlerts(formatCount(alerts.data?.total ?? 0))}</span>
              </Fact>
            </dl>
            {count === 0 && (
              <p>
                {messages.none} {messages.latest} <Instant time={lastSeen} />.{' '}
                <Button variant="default" onClick={() => setRange(absoluteRange(lastSeen - 7 * day, lastSeen + 1_000))}>
                  {messages.goThere}
                </Button>
              </p>
            )}
            <div className={styles.grid}>
              <section className={`${partStyles.card} ${styles.wide}`}>
                <div className={partStyles.cardHead}>
                  <h2>{messages.activity}</h2>
                </div>
                <div className={partStyles.cardBody}>
                  <TimeBars
                    bars={histogram.data?.buckets ?? []}
                    intervalMs={histogram.data?.intervalMs ?? 1}
                    from={range.from}
                    to={range.to}
                    label={messages.activityLabel(formatCount(count ?? 0))}
                    onRange={(from, to) => setRange(absoluteRange(from, to))}
                  />
                </div>
              </section>
              <SignIns
                query={query}
                range={range}
                failedOnly={search.logons === 'failed'}
                onFailedOnly={(failed) =>
                  void navigate({
                    search: (before) => ({ ...before, logons: failed ? 'failed' : undefined }),
                    replace: true,
                  })
                }
              />
              <Relations kind={kind} value={value} query={query} range={range} />
              <AlertsCard kind={kind} value={value} alerts={alerts.data?.alerts ?? []} />
              <VpnSessions query={query} range={range} withUser={kind !== 'user'} />
              {lists[kind].map((field) => (
                <TopValues key={field} field={field} query={query} range={range} without={value} />
              ))}
            </div>
          </>
        )}
      </div>
    </PivotProvider>
  )
}

function Fact({ name, children }: { name: string; children: React.ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  )
}

interface AlertsProps {
  kind: EntityKind
  value: string
  alerts: import('@varde/api/contract').AlertRow[]
}

function AlertsCard({ kind, value, alerts }: AlertsProps) {
  return (
    <section className={partStyles.card}>
      <div className={partStyles.cardHead}>
        <h2>{messages.alerts.title}</h2>
        <span className={partStyles.spacer} />
        <Link to="/alerts" search={{ entity: `${kind}:${value}`, status: 'all' }}>
          {messages.alerts.all}
        </Link>
      </div>
      <div className={partStyles.cardBody}>
        {alerts.length === 0 && <span className="v-muted">{messages.alerts.none}</span>}
        <ul className={styles.alerts}>
          {alerts.map((alert) => (
            <li key={alert.id}>
              <SeverityBadge severity={alert.severity} bare />
              <div>
                <Link to="/alerts" search={{ alert: alert.id, status: 'all' }}>
                  {alert.title}
                </Link>
                <div className="v-muted">
                  <Instant time={alert.anchor} precision="min" />{' '}
                  {alert.status !== 'open' && <StatusBadge status={alert.status} verdict={alert.verdict} />}
                </div>
              </div>
            </li>
          ))}
        </ul>
      </div>
    </section>
  )
}
