// The one empty state: what is not here, why, and what to do.
import type { ReactNode } from 'react'
import styles from './parts.module.css'

interface Props {
  title: string
  children?: ReactNode
  icon?: ReactNode
  actions?: ReactNode
}

export function EmptyState({ title, children, icon, actions }: Props) {
  return (
    <div className={styles.empty}>
      {icon}
      <p className={styles.emptyTitle}>{title}</p>
      {children !== undefined && <div className={styles.emptyText}>{children}</div>}
      {actions}
    </div>
  )
}
