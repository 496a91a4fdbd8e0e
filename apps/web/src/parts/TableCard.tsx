// A table on a card: named for screen readers, scrolled by key or finger where it is wider than the page.
import type { ReactNode } from 'react'
import styles from './parts.module.css'

interface Props {
  label: string
  columns: readonly string[]
  /** The rows. */
  children: ReactNode
}

export function TableCard({ label, columns, children }: Props) {
  return (
    <div className={`${styles.card} ${styles.tableWrap}`} tabIndex={0} role="region" aria-label={label}>
      <table className={styles.table}>
        <thead>
          <tr>
            {columns.map((column) => (
              <th key={column} scope="col">
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  )
}
