// A list that an administrator keeps: what it is for, the button that adds to it, and its table.
import { Button, Group, Skeleton } from '@mantine/core'
import type { ReactNode } from 'react'
import { ProblemNote } from './ProblemNote.tsx'
import styles from './parts.module.css'

interface Props {
  name: string
  intro: string
  action: string
  onAction: () => void
  /** What a query tells of itself. */
  query: { isPending: boolean; error: Error | null; refetch: () => unknown }
  /** Heads of the table; absent while there is nothing to show. */
  columns?: string[] | undefined
  children: ReactNode
}

export function ListTab({ name, intro, action, onAction, query, columns, children }: Props) {
  return (
    <>
      <Group justify="space-between" mb="sm">
        <span className="v-muted">{intro}</span>
        <Button onClick={onAction}>{action}</Button>
      </Group>
      {query.isPending && <Skeleton height={120} />}
      {query.error !== null && <ProblemNote error={query.error} retry={query.refetch} />}
      {columns === undefined ? (
        children
      ) : (
        <div className={`${styles.card} ${styles.tableWrap}`} tabIndex={0} role="region" aria-label={name}>
          <table className={styles.table}>
            <thead>
              <tr>
                {columns.map((column) => (
                  <th key={column} scope="col">
                    {column}
                  </th>
                ))}
                <td />
              </tr>
            </thead>
            <tbody>{children}</tbody>
          </table>
        </div>
      )}
    </>
  )
}
