// Severity, status and verdict as small labelled marks; colour is never the only sign.
import type { AlertStatus, Severity, Verdict } from '@varde/schema'
import { messages } from '../messages.en.ts'
import styles from './parts.module.css'

export function SeverityBadge({ severity, bare = false }: { severity: Severity; bare?: boolean }) {
  return (
    <span className={`${styles.badge} ${styles[severity]} ${bare ? styles.bare : ''}`}>
      <span className={styles.dot} />
      {messages.severity[severity]}
    </span>
  )
}

export function StatusBadge({ status, verdict }: { status: AlertStatus; verdict?: Verdict | undefined }) {
  const tone = status === 'open' ? styles.high : status === 'acknowledged' ? styles.low : styles.plain
  return (
    <span className={`${styles.badge} ${tone}`}>
      {messages.status[status]}
      {verdict !== undefined && ` · ${messages.verdict[verdict]}`}
    </span>
  )
}

export function Badge({ tone, children }: { tone: Severity | 'good' | 'plain'; children: React.ReactNode }) {
  return <span className={`${styles.badge} ${styles[tone]}`}>{children}</span>
}

/** The CSS colour of a severity, for charts. */
export function severityColor(severity: Severity): string {
  return `var(--v-${severity})`
}
