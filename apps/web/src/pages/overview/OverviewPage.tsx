// The first page: what needs me now, and whether everything still arrives.
import { Button, Skeleton } from '@mantine/core'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import type { Overview } from '@varde/api/contract'
import { severities } from '@varde/schema'
import { useLiveRefresh } from '../../api/live-refresh.ts'
import { ask, meQuery } from '../../api/queries.ts'
import { messages as common } from '../../messages.en.ts'
import { EmptyState } from '../../parts/EmptyState.tsx'
import { LoadSample } from '../../parts/LoadSample.tsx'
import { Logo } from '../../parts/Logo.tsx'
import { formatBytes, formatCompact, formatCount, formatShare } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import partStyles from '../../parts/parts.module.css'
import { RemoveSample } from '../../parts/RemoveSample.tsx'
import { Badge, SeverityBadge, severityColor } from '../../parts/SeverityBadge.tsx'
import { Sparkline } from '../../parts/Sparkline.tsx'
import { TimeBars } from '../../parts/TimeBars.tsx'
import { TimeRangePicker } from '../../parts/TimeRangePicker.tsx'
import { Instant } from '../../time/Instant.tsx'
import { absoluteRange, type Range, resolveRange } from '../../time/range.ts'
import { useNow } from '../../time/use-now.ts'
import { messages } from './messages.en.ts'
import styles from './overview.module.css'
import { RiskCard } from './RiskCard.tsx'

const route = getRouteApi('/app/')
const week = 7 * 86_400_000
const stateTones = { live: 'good', quiet: 'plain', silent: 'critical', imported: 'low' } as const

export function OverviewPage() {
  const search = route.useSearch()
  const navigate = useNavigate({ from: '/' })
  const text = { from: search.from ?? 'now-7d', to: search.to ?? 'now' }
  const [now, again] = useNow(`${text.from} ${text.to}`)
  const range = resolveRange(text, now)
  const { data: me } = useQuery(meQuery)
  useLiveRefresh(again)
  const { data, error, refetch } = useQuery({ ...ask('overview', { query: range }), placeholderData: keepPreviousData })
  if (error !== null && data === undefined) {
    return (
      <div className={partStyles.page}>
        <ProblemNote error={error} retry={refetch} />
      </div>
    )
  }
  if (data === undefined) {
    return (
      <div className={partStyles.page}>
        <Skeleton height={90} mb="md" />
        <Skeleton height={300} />
      </div>
    )
  }
  if (data.events.total === 0 && data.sources.length === 0) {
    return (
      <EmptyState
        icon={<Logo size={48} />}
        title={messages.start.title}
        actions={
          <div className={styles.startActions}>
            <Button renderRoot={(props) => <Link to="/sources" search={{ tab: 'connect' }} {...props} />}>
              {messages.start.connect}
            </Button>
            <LoadSample />
          </div>
        }
      >
        {messages.start.text}
      </EmptyState>
    )
  }
  return (
    <div className={partStyles.page}>
      <div className={partStyles.pageHead}>
        <h1>{messages.title}</h1>
        <span className={partStyles.spacer} />
        <Link to="/wall">{messages.wall}</Link>
        <TimeRangePicker value={text} onChange={(next) => void navigate({ search: next })} />
      </div>
      {me?.sample === true && (
        <p className="v-muted">
          {messages.sample} <RemoveSample />
        </p>
      )}
      <Tiles data={data} />
      <div className={styles.columns}>
        <div className={styles.main}>
          <FirstAlerts data={data} />
          <Charts
            data={data}
            range={range}
            onRange={(from, to) => void navigate({ search: absoluteRange(from, to) })}
          />
        </div>
        <div className={styles.side}>
          <RiskCard range={range} />
          <SourcesCard data={data} />
          <Falsest data={data} />
        </div>
      </div>
    </div>
  )
}

function Tiles({ data }: { data: Overview }) {
  const open = severities.reduce((sum, severity) => sum + data.alerts.open[severity], 0)
  const silent = data.sources.filter((source) => source.state === 'silent').length
  const { ingest } = data
  return (
    <div className={styles.tiles}>
      <Link to="/alerts" className={styles.tile}>
        <span>{messages.open}</span>
        <b>{formatCompact(open)}</b>
        <span className={styles.perSeverity}>
          {severities.toReversed().map((severity) =>
            data.alerts.open[severity] === 0 ? null : (
              <span key={severity} style={{ color: severityColor(severity) }}>
                {formatCompact(data.alerts.open[severity])} {common.severity[severity].toLowerCase()}
              </span>
            ),
          )}
        </span>
        <small>
          {messages.unassigned(formatCompact(data.alerts.unassigned))} ·{' '}
          {messages.mine(formatCompact(data.alerts.mine))}
        </small>
      </Link>
      <Link to="/search" search={{ live: '5', from: 'now-15m', to: 'now' }} className={styles.tile}>
        <span>{messages.perSecond}</span>
        <b>{formatCompact(ingest.perSecond)}</b>
        <small>{messages.total(formatCount(data.events.total))}</small>
      </Link>
      <Link to="/sources" className={`${styles.tile} ${silent > 0 ? styles.bad : ''}`}>
        <span>{messages.silent}</span>
        <b>{silent}</b>
        <small>{messages.ofSources(data.sources.length)}</small>
      </Link>
      <Link
        to="/sources"
        search={{ tab: 'dead-letters' }}
        className={`${styles.tile} ${ingest.deadLettersWaiting > 0 ? styles.warn : ''}`}
      >
        <span>{messages.deadLetters}</span>
        <b>{formatCompact(ingest.deadLettersWaiting)}</b>
        {ingest.unsealed !== undefined && (
          <small>
            {ingest.unsealed === 0 ? messages.sealedAll : messages.unsealed(formatCompact(ingest.unsealed))}
          </small>
        )}
      </Link>
      {ingest.storeBytes !== undefined && (
        <div className={styles.tile}>
          <span>{messages.storage}</span>
          <b>{formatBytes(ingest.storeBytes)}</b>
          <small>{ingest.diskFreeBytes === undefined ? '' : messages.free(formatBytes(ingest.diskFreeBytes))}</small>
        </div>
      )}
      <Link to="/rules" className={`${styles.tile} ${data.rules.refused + data.rules.failing > 0 ? styles.warn : ''}`}>
        <span>{messages.rules}</span>
        <b>{data.rules.total}</b>
        <small>{messages.rulesLine(data.rules.total, data.rules.refused, data.rules.failing)}</small>
      </Link>
    </div>
  )
}

function FirstAlerts({ data }: { data: Overview }) {
  return (
    <section className={partStyles.card}>
      <div className={partStyles.cardHead}>
        <h2>{messages.firstAlerts}</h2>
        <span className={partStyles.spacer} />
        <Link to="/alerts">{messages.seeAll}</Link>
      </div>
      {data.alerts.first.length === 0 ? (
        <EmptyState title={messages.allWell}>{messages.allWellHint}</EmptyState>
      ) : (
        <ul className={styles.alerts}>
          {data.alerts.first.map((alert) => (
            <li key={alert.id}>
              <Link to="/alerts" search={{ alert: alert.id }} className={styles.alert}>
                <span className={styles.alertSeverity}>
                  <SeverityBadge severity={alert.severity} bare />
                </span>
                <span className={styles.alertTitle}>{alert.title}</span>
                <span className="v-muted">{alert.assignee ?? ''}</span>
                <span className="v-muted">
                  <Instant time={alert.anchor} precision="min" />
                </span>
              </Link>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

interface ChartsProps {
  data: Overview
  range: Range
  onRange: (from: number, to: number) => void
}

function Charts({ data, range, onRange }: ChartsProps) {
  const navigate = useNavigate({ from: '/' })
  const events = data.events.overTime.reduce((sum, bar) => sum + bar.count, 0)
  const alertBars = data.alerts.overTime.map(({ start, severity }) => {
    const parts = severities.map((name) => ({ name: common.severity[name], count: severity[name] }))
    return { start, count: parts.reduce((sum, part) => sum + part.count, 0), parts }
  })
  const alerts = alertBars.reduce((sum, bar) => sum + bar.count, 0)
  const newest = data.events.newest
  const colorOf = (name: string) => {
    const severity = severities.find((one) => common.severity[one] === name)
    return severity === undefined ? 'var(--v-bar)' : severityColor(severity)
  }
  return (
    <>
      <section className={partStyles.card}>
        <div className={partStyles.cardHead}>
          <h2>{messages.alertsOverTime}</h2>
          <span className="v-muted">{formatCount(alerts)}</span>
        </div>
        <div className={partStyles.cardBody}>
          <TimeBars
            bars={alertBars}
            intervalMs={data.alerts.intervalMs}
            from={range.from}
            to={range.to}
            label={messages.alertsChart(formatCount(alerts))}
            color={colorOf}
            onRange={onRange}
          />
        </div>
      </section>
      <section className={partStyles.card}>
        <div className={partStyles.cardHead}>
          <h2>{messages.eventsOverTime}</h2>
          <span className="v-muted">{formatCount(events)}</span>
          {events === 0 && newest !== undefined && (
            <>
              <span className={partStyles.spacer} />
              <span className="v-muted">
                {messages.outside}: <Instant time={newest} />
              </span>
              <Button
                variant="default"
                onClick={() => void navigate({ search: absoluteRange(newest - week, newest + 1_000) })}
              >
                {messages.showThat}
              </Button>
            </>
          )}
        </div>
        <div className={partStyles.cardBody}>
          <TimeBars
            bars={data.events.overTime}
            intervalMs={data.events.intervalMs}
            from={range.from}
            to={range.to}
            label={messages.eventsChart(formatCount(events))}
            onRange={onRange}
          />
        </div>
      </section>
    </>
  )
}

function Falsest({ data }: { data: Overview }) {
  const { falsest } = data.rules
  return (
    <section className={partStyles.card}>
      <div className={partStyles.cardHead}>
        <h2>{messages.falsest}</h2>
        <span className={partStyles.spacer} />
        <Link to="/rules" search={{ sort: 'false' }}>
          {messages.rules}
        </Link>
      </div>
      <div className={partStyles.cardBody}>
        <p className="v-muted">{falsest.length === 0 ? messages.noneFalse : messages.falsestNote}</p>
        <ul className={styles.falsest}>
          {falsest.map((rule) => (
            <li key={rule.id}>
              <Link to="/rules/$id" params={{ id: rule.id }}>
                {rule.name}
              </Link>{' '}
              <span className="v-muted">
                {messages.falseOf(
                  formatCount(rule.false),
                  formatCount(rule.judged),
                  formatShare(rule.false / rule.judged),
                )}
              </span>
            </li>
          ))}
        </ul>
      </div>
    </section>
  )
}

function SourcesCard({ data }: { data: Overview }) {
  return (
    <section className={partStyles.card}>
      <div className={partStyles.cardHead}>
        <h2>{messages.sources}</h2>
        <span className={partStyles.spacer} />
        <Link to="/sources">{messages.seeSources}</Link>
      </div>
      <ul className={styles.sources}>
        {data.sources.map((source) => (
          <li key={`${source.tenant}/${source.source}`}>
            <Link to="/sources" search={{ source: source.source }} className={styles.source}>
              <span className="v-clip">{source.source}</span>
              <Sparkline values={source.perMinute} width={70} height={16} label={formatCount(source.events)} />
              <Badge tone={stateTones[source.state]}>{source.state}</Badge>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  )
}
