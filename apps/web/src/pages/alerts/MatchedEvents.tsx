// The events that the rule matched, with the fields that it read.
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AlertDetail } from '@varde/api/contract'
import { useState } from 'react'
import { ask } from '../../api/queries.ts'
import { showValue, valueAt } from '../../parts/flatten.ts'
import { lineText } from '../../parts/line-text.ts'
import { formatCount } from '../../parts/number.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Badge } from '../../parts/SeverityBadge.tsx'
import { Instant } from '../../time/Instant.tsx'
import styles from './AlertPanel.module.css'
import { messages } from './messages.en.ts'

const shownFirst = 12
const alwaysShown = ['event.action', 'user.name', 'source.ip', 'host.name']

export function MatchedEvents({ detail }: { detail: AlertDetail }) {
  const { alert, rule } = detail
  const [all, setAll] = useState(false)
  const { data, error, isPending } = useQuery(ask('alertEvents', { params: { id: alert.id } }))
  const fields = [...new Set([...Object.keys(alert.group), ...(rule?.fields ?? []), ...alwaysShown])]
  const read = new Set([...Object.keys(alert.group), ...(rule?.fields ?? [])])
  const events = data?.events ?? []
  const shown = all ? events : events.slice(0, shownFirst)
  const range = {
    from: new Date(alert.window.from - 600_000).toISOString(),
    to: new Date(alert.window.to + 600_000).toISOString(),
  }
  return (
    <section>
      <h3>
        {messages.detail.matched}{' '}
        <span className={styles.length}>
          {messages.detail.matchedOf(formatCount(events.length), formatCount(alert.memberCount))}
        </span>
      </h3>
      {isPending && <Skeleton height={80} />}
      {error !== null && <ProblemNote error={error} />}
      {data !== undefined && data.missing.length > 0 && (
        <p className={styles.note}>{messages.detail.missing(formatCount(data.missing.length))}</p>
      )}
      <ol className={styles.events}>
        {shown.map((event) => (
          <li key={event.id}>
            <Link to="/search" search={{ ...range, event: event.id }} className={styles.event}>
              <span className={styles.eventTop}>
                <Instant time={event.time} precision="ms" />
                {event.step !== '' && <Badge tone="plain">{event.step}</Badge>}
                {fields.map((field) => {
                  const value = showValue(valueAt(event.event, field))
                  if (value === '') return null
                  return (
                    <span key={field} className={read.has(field) ? styles.read : styles.context} title={field}>
                      {value}
                    </span>
                  )
                })}
              </span>
              <span className={styles.line} title={event.line}>
                {lineText(event, fields)}
              </span>
            </Link>
          </li>
        ))}
      </ol>
      {!all && events.length > shownFirst && (
        <button type="button" className={styles.more} onClick={() => setAll(true)}>
          {messages.detail.more(formatCount(events.length - shownFirst))}
        </button>
      )}
    </section>
  )
}
