// The VPN sessions of an entity, newest first.
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { ask } from '../../api/queries.ts'
import { showValue, valueAt } from '../../parts/flatten.ts'
import partStyles from '../../parts/parts.module.css'
import { PivotValue } from '../../pivot/PivotValue.tsx'
import { Instant } from '../../time/Instant.tsx'
import { absoluteRange, type Range } from '../../time/range.ts'
import styles from './entities.module.css'
import { messages } from './messages.en.ts'

const text = messages.vpn

export function VpnSessions({ query, range }: { query: string; range: Range }) {
  const { data } = useQuery({
    ...ask('searchEvents', {
      body: { query: `(${query}) and event.action: (vpn-connected or vpn-disconnected)`, ...range, limit: 20 },
    }),
    placeholderData: keepPreviousData,
  })
  const events = data?.events ?? []
  if (events.length === 0) return null
  return (
    <section className={partStyles.card}>
      <div className={partStyles.cardHead}>
        <h2>{text.title}</h2>
      </div>
      <div className={styles.scroll} tabIndex={0} role="region" aria-label={text.title}>
        <table className={partStyles.table}>
          <thead>
            <tr>
              <th scope="col">{text.when}</th>
              <th scope="col">{text.what}</th>
              <th scope="col">{text.who}</th>
              <th scope="col">{text.from}</th>
            </tr>
          </thead>
          <tbody>
            {events.map((event) => (
              <tr key={event.id}>
                <td>
                  <Link
                    to="/search"
                    search={{ ...absoluteRange(event.time - 600_000, event.time + 600_000), event: event.id }}
                  >
                    <Instant time={event.time} />
                  </Link>
                </td>
                <td>{showValue(valueAt(event.event, 'event.action')).replace('vpn-', '')}</td>
                <td>{showValue(valueAt(event.event, 'user.name'))}</td>
                <td>
                  <PivotValue field="source.ip" value={valueAt(event.event, 'source.ip') ?? ''} eventId={event.id} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
}
