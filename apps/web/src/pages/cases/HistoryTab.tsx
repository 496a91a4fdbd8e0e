// Every revision of the case, newest first.
import { Skeleton } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { ask } from '../../api/queries.ts'
import { ProblemNote } from '../../parts/ProblemNote.tsx'
import { Instant } from '../../time/Instant.tsx'
import styles from './cases.module.css'
import { messages } from './messages.en.ts'

export function HistoryTab({ id }: { id: string }) {
  const { data, error, isPending } = useQuery(ask('caseHistory', { params: { id }, query: { limit: 500 } }))
  if (error !== null) return <ProblemNote error={error} />
  if (isPending) return <Skeleton height={200} />
  return (
    <ol className={styles.history}>
      {data.revisions.map((revision) => (
        <li key={revision.revision}>
          <span className="v-muted">
            {messages.detail.revision(revision.revision)} · <Instant time={revision.at} />
          </span>{' '}
          <strong>{revision.change.kind.replaceAll('-', ' ')}</strong> {messages.detail.by(revision.by)}{' '}
          <span className="v-muted">{describe(revision.change)}</span>
        </li>
      ))}
    </ol>
  )
}

/** The short values of a change; what is long can be read where it stands. */
function describe(change: object): string {
  return Object.entries(change)
    .filter(([key, value]) => !['kind', 'newId'].includes(key) && (typeof value !== 'object' || Array.isArray(value)))
    .map(([key, value]) => `${key}: ${String(value).slice(0, 120)}`)
    .join(', ')
}
