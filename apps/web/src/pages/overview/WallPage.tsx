// The same for a screen on the wall: large, calm, read from across the room, never touched.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { severities } from '@varde/schema'
import { useLiveRefresh } from '../../api/live-refresh.ts'
import { ask, meQuery } from '../../api/queries.ts'
import { useStream } from '../../api/stream.ts'
import { messages as common } from '../../messages.en.ts'
import { formatCompact, formatCount } from '../../parts/number.ts'
import { SeverityBadge, severityColor } from '../../parts/SeverityBadge.tsx'
import { TimeBars } from '../../parts/TimeBars.tsx'
import { formatInstant } from '../../time/format.ts'
import { Instant } from '../../time/Instant.tsx'
import { useNow } from '../../time/use-now.ts'
import { useZone, zoneName } from '../../time/zone.ts'
import { ClockBadge } from '../cases/ClockBadge.tsx'
import { messages } from './messages.en.ts'
import styles from './wall.module.css'

const refreshMs = 15_000
const day = 86_400_000

export function WallPage() {
  const [now, again] = useNow('wall')
  const zone = useZone()
  const { counters, connected } = useStream()
  const { data: me } = useQuery(meQuery)
  useLiveRefresh(again)
  const range = { from: now - day, to: now }
  const { data } = useQuery({ ...ask('overview', { query: range }), placeholderData: keepPreviousData })
  const clocks = useQuery({
    ...ask('clocks', {}),
    enabled: me?.permissions.includes('cases:read') === true,
    refetchInterval: refreshMs,
    retry: false,
  })
  if (data === undefined) return null
  const silent = data.sources.filter((source) => source.state === 'silent')
  const alertBars = data.alerts.overTime.map(({ start, severity }) => {
    const parts = severities.map((name) => ({ name: common.severity[name], count: severity[name] }))
    return { start, count: parts.reduce((sum, part) => sum + part.count, 0), parts }
  })
  const sum = (bars: { count: number }[]) => formatCount(bars.reduce((total, bar) => total + bar.count, 0))
  return (
    <div className={styles.wall}>
      <div className={styles.top}>
        <h1>{messages.open}</h1>
        <span className={styles.clock}>
          {formatInstant(now, zone, 'min').slice(11)} <small>{zoneName(zone)}</small>
        </span>
        <span className={connected ? styles.live : styles.dead}>
          {connected
            ? `${formatCompact(counters?.perSecond ?? 0)} ${messages.perSecond.toLowerCase()}`
            : common.header.offline}
        </span>
        <Link to="/">{messages.leaveWall}</Link>
      </div>
      <ul className={styles.numbers}>
        {severities.toReversed().map((severity) => (
          <li key={severity} style={{ color: data.alerts.open[severity] === 0 ? undefined : severityColor(severity) }}>
            <b>{formatCompact(data.alerts.open[severity])}</b>
            {common.severity[severity]}
          </li>
        ))}
        <li>
          <b>{formatCompact(data.alerts.unassigned)}</b>
          {messages.unassigned('').trim()}
        </li>
      </ul>
      <div className={styles.columns}>
        <section>
          <h2>{messages.firstAlerts}</h2>
          {data.alerts.first.length === 0 && <p>{messages.allWell}</p>}
          <ul className={styles.list}>
            {data.alerts.first.map((alert) => (
              <li key={alert.id}>
                <span className={styles.severity}>
                  <SeverityBadge severity={alert.severity} bare />
                </span>
                <span className={styles.what}>{alert.title}</span>
                <span className="v-muted">{alert.assignee}</span>
                <Instant time={alert.anchor} relative />
              </li>
            ))}
          </ul>
        </section>
        <section>
          <h2>{messages.silentList}</h2>
          <ul className={styles.list}>
            {silent.length === 0 && <li>{messages.allSpeak}</li>}
            {silent.map((source) => (
              <li key={`${source.tenant}/${source.source}`}>
                <span className={styles.what}>{source.source}</span>
                <Instant time={source.lastSeen} relative />
              </li>
            ))}
          </ul>
          {clocks.data !== undefined && clocks.data.clocks.length > 0 && (
            <>
              <h2>{messages.clocks}</h2>
              <ul className={styles.list}>
                {clocks.data.clocks.map((clock) => (
                  <li key={`${clock.case}${clock.regime}${clock.clock}${clock.tenant}`}>
                    <span className={styles.what}>{clock.caseTitle}</span>
                    <ClockBadge clock={clock} />
                  </li>
                ))}
              </ul>
            </>
          )}
        </section>
      </div>
      <div className={styles.columns}>
        <section>
          <h2>
            {messages.alertsDay} <small>{sum(alertBars)}</small>
          </h2>
          <TimeBars
            bars={alertBars}
            intervalMs={data.alerts.intervalMs}
            {...range}
            label={messages.alertsChart(sum(alertBars))}
            color={(name) => severityColor(severities.find((one) => common.severity[one] === name) ?? 'info')}
          />
        </section>
        <section>
          <h2>
            {messages.eventsDay} <small>{sum(data.events.overTime)}</small>
          </h2>
          <TimeBars
            bars={data.events.overTime}
            intervalMs={data.events.intervalMs}
            {...range}
            label={messages.eventsChart(sum(data.events.overTime))}
          />
        </section>
      </div>
    </div>
  )
}
