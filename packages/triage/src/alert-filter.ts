// Which alerts a person asked for, in which order, and how they group.
import { type AlertStatus, type Severity, severities, type Verdict } from '@varde/schema'
import type { AlertSummary, EntityKind } from './alert-summary.ts'

/** Lists are "any of"; members are "all of". */
export interface AlertFilter {
  status?: AlertStatus[] | undefined
  severity?: Severity[] | undefined
  verdict?: Verdict[] | undefined
  /** Rule ids. */
  rule?: string[] | undefined
  /** A user name; an empty text finds the unassigned. */
  assignee?: string | undefined
  entity?: { kind: EntityKind; value: string } | undefined
  /** Words in the title or the rule's name, case-insensitive. */
  text?: string | undefined
  /** Event time of the anchor in UTC milliseconds: from inclusive, to exclusive. */
  from?: number | undefined
  to?: number | undefined
}

export type PerSeverity = Record<Severity, number>
export type GroupBy = 'rule' | 'host' | 'user' | 'ip' | 'severity' | 'assignee'

export interface AlertGroup {
  key: string
  label: string
  count: number
  open: number
  severity: PerSeverity
  first: number
  last: number
}

export function noAlerts(): PerSeverity {
  return { info: 0, low: 0, medium: 0, high: 0, critical: 0 }
}

export function severityRank(severity: Severity): number {
  return severities.indexOf(severity)
}

export function matches(filter: AlertFilter, alert: AlertSummary): boolean {
  if (filter.from !== undefined && alert.anchor < filter.from) return false
  if (filter.to !== undefined && alert.anchor >= filter.to) return false
  if (filter.status !== undefined && !filter.status.includes(alert.status)) return false
  if (filter.severity !== undefined && !filter.severity.includes(alert.severity)) return false
  if (filter.verdict !== undefined && (alert.verdict === undefined || !filter.verdict.includes(alert.verdict)))
    return false
  if (filter.rule !== undefined && !filter.rule.includes(alert.rule.id)) return false
  if (filter.assignee !== undefined && (alert.assignee ?? '') !== filter.assignee) return false
  if (filter.entity !== undefined && !alert.entities[filter.entity.kind].includes(filter.entity.value)) return false
  if (filter.text === undefined) return true
  const text = `${alert.title} ${alert.rule.name}`.toLowerCase()
  return filter.text
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}

/** Newest anchor first, ties by id; or the most severe first, then the newest. */
export function ordering(sort: 'time' | 'severity'): (a: AlertSummary, b: AlertSummary) => number {
  const byTime = (a: AlertSummary, b: AlertSummary) => b.anchor - a.anchor || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0)
  if (sort === 'time') return byTime
  return (a, b) => severityRank(b.severity) - severityRank(a.severity) || byTime(a, b)
}

function keysOf(alert: AlertSummary, by: GroupBy): { key: string; label: string }[] {
  const plain = (key: string) => ({ key, label: key })
  switch (by) {
    case 'rule':
      return [{ key: alert.rule.id, label: alert.rule.name }]
    case 'severity':
      return [plain(alert.severity)]
    case 'assignee':
      return [plain(alert.assignee ?? '')]
    default:
      return alert.entities[by].length === 0 ? [plain('')] : alert.entities[by].map(plain)
  }
}

/** More alerts of the highest severity in which two groups differ. */
function worse(a: AlertGroup, b: AlertGroup): number {
  const severity = severities.toReversed().find((one) => a.severity[one] !== b.severity[one])
  return severity === undefined ? 0 : b.severity[severity] - a.severity[severity]
}

/** Largest group first, then the worst. An alert with several users stands in the group of each. */
export function group(alerts: Iterable<AlertSummary>, by: GroupBy): AlertGroup[] {
  const groups = new Map<string, AlertGroup>()
  for (const alert of alerts) {
    for (const { key, label } of keysOf(alert, by)) {
      let found = groups.get(key)
      if (found === undefined) {
        found = { key, label, count: 0, open: 0, severity: noAlerts(), first: alert.anchor, last: alert.anchor }
        groups.set(key, found)
      }
      found.count += 1
      if (alert.status === 'open') found.open += 1
      found.severity[alert.severity] += 1
      found.first = Math.min(found.first, alert.anchor)
      found.last = Math.max(found.last, alert.anchor)
    }
  }
  return [...groups.values()].sort(
    (a, b) => b.count - a.count || worse(a, b) || b.last - a.last || (a.key < b.key ? -1 : 1),
  )
}
