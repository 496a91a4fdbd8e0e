// The part of an alert that routes decide by and messages tell.
import type { AlertStatus, Severity } from '@varde/schema'

export interface AlertNews {
  id: string
  tenant: string
  title: string
  severity: Severity
  status: AlertStatus
  assignee?: string
  rule: { id: string; name: string }
  entities: { user: string[]; host: string[]; ip: string[] }
  /** UTC milliseconds: of the event that made it, and of the raising. */
  anchor: number
  raisedAt: number
  memberCount: number
  finality: 'provisional' | 'final' | 'retracted'
}
