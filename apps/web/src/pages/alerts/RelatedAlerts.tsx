// Other alerts that name the same user, host or address.
import { useQueries } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import type { AlertDetail, AlertRow } from '@varde/api/contract'
import { alertStatuses } from '@varde/schema'
import { ask } from '../../api/queries.ts'
import { SeverityBadge, StatusBadge } from '../../parts/SeverityBadge.tsx'
import { Instant } from '../../time/Instant.tsx'
import styles from './AlertPanel.module.css'
import { messages } from './messages.en.ts'

const askedMax = 6
const shownMax = 12

export function RelatedAlerts({ detail: { alert, entities } }: { detail: AlertDetail }) {
  const asked = (['user', 'ip', 'host'] as const)
    .flatMap((kind) => entities[kind].slice(0, 2).map((value) => ({ kind, value })))
    .slice(0, askedMax)
  const answers = useQueries({
    queries: asked.map((entity) =>
      ask('searchAlerts', { body: { filter: { entity, status: [...alertStatuses] }, limit: shownMax } }),
    ),
  })
  const related = new Map<string, { row: AlertRow; by: Set<string> }>()
  answers.forEach((answer, index) => {
    for (const row of answer.data?.alerts ?? []) {
      if (row.id === alert.id) continue
      const known = related.get(row.id) ?? { row, by: new Set<string>() }
      known.by.add(asked[index]?.value ?? '')
      related.set(row.id, known)
    }
  })
  const rows = [...related.values()]
    .sort((a, b) => b.by.size - a.by.size || b.row.anchor - a.row.anchor)
    .slice(0, shownMax)
  return (
    <section>
      <h3>{messages.detail.related}</h3>
      {rows.length === 0 && answers.every((answer) => !answer.isPending) && (
        <p className="v-muted">{messages.detail.relatedNone}</p>
      )}
      <ul className={styles.related}>
        {rows.map(({ row, by }) => (
          <li key={row.id}>
            <SeverityBadge severity={row.severity} bare />
            <Link
              from="/alerts"
              to="/alerts"
              search={(now) => ({ ...now, alert: row.id })}
              className={styles.relatedTitle}
            >
              {row.title}
            </Link>
            <span className="v-muted">{[...by].join(', ')}</span>
            {row.status === 'closed' && <StatusBadge status={row.status} verdict={row.verdict} />}
            <span className="v-muted">
              <Instant time={row.anchor} precision="min" />
            </span>
          </li>
        ))}
      </ul>
    </section>
  )
}
