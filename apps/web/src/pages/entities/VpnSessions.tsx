// The VPN sessions of an entity, newest first: from where, from when to when, and which still run.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { EventRow } from '@varde/api/contract'
import { ask } from '../../api/queries.ts'
import partStyles from '../../parts/parts.module.css'
import { PivotValue } from '../../pivot/PivotValue.tsx'
import { formatLength } from '../../time/format.ts'
import { Instant } from '../../time/Instant.tsx'
import { absoluteRange, type Range } from '../../time/range.ts'
import styles from './entities.module.css'
import { messages } from './messages.en.ts'
import { vpnQuery, vpnSessions } from './vpn-sessions.ts'

const text = messages.vpn
const readMax = 200

interface Props {
  query: string
  range: Range
  /** On the page of a user the user goes without saying. */
  withUser: boolean
}

export function VpnSessions({ query, range, withUser }: Props) {
  const { data } = useQuery({
    ...ask('searchEvents', { body: { query: `(${query}) and ${vpnQuery}`, ...range, limit: readMax } }),
    placeholderData: keepPreviousData,
  })
  const sessions = vpnSessions(data?.events ?? [])
  if (sessions.length === 0) return null
  return (
    <section className={partStyles.card}>
      <div className={partStyles.cardHead}>
        <h2>{text.title}</h2>
        <span className="v-muted">{sessions.length}</span>
      </div>
      <div className={styles.scroll} tabIndex={0} role="region" aria-label={text.title}>
        <table className={partStyles.table}>
          <thead>
            <tr>
              <th scope="col">{text.start}</th>
              <th scope="col">{text.length}</th>
              {withUser && <th scope="col">{text.who}</th>}
              <th scope="col">{text.from}</th>
            </tr>
          </thead>
          <tbody className={styles.vpn}>
            {sessions.map(({ user, address, start, end }) => (
              <tr key={start?.id ?? end?.id}>
                <td>{start === undefined ? <span className="v-muted">{text.unseen}</span> : <At event={start} />}</td>
                <td>
                  {end === undefined ? (
                    <span className="v-muted">{text.open}</span>
                  ) : start === undefined ? (
                    <At event={end} />
                  ) : (
                    formatLength(end.time - start.time)
                  )}
                </td>
                {withUser && <td>{user}</td>}
                <td>
                  <PivotValue field="source.ip" value={address} eventId={start?.id ?? end?.id ?? ''} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}

function At({ event }: { event: EventRow }) {
  return (
    <Link to="/search" search={{ ...absoluteRange(event.time - 600_000, event.time + 600_000), event: event.id }}>
      <Instant time={event.time} precision="min" />
    </Link>
  )
}
