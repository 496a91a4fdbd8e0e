// The head of a column that sorts its table; pressed again, the table has its own order back.
import { IconArrowDown } from '@tabler/icons-react'
import styles from './parts.module.css'

interface Props {
  name: string
  sorted: boolean
  numeric?: boolean
  hint?: string
  onSort: () => void
}

export function SortHead({ name, sorted, numeric = false, hint, onSort }: Props) {
  return (
    <th
      scope="col"
      aria-sort={sorted ? 'descending' : 'none'}
      className={numeric ? styles.right : undefined}
      title={hint}
    >
      <button type="button" className={styles.sortHead} onClick={onSort}>
        {name}
        {sorted && <IconArrowDown size={12} aria-hidden="true" />}
      </button>
    </th>
  )
}
