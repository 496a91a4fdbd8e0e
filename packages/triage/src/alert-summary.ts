// An alert as a row: what the queue shows, sorts, filters and groups by.
import type { Alert, AlertStatus, Json, Severity, Verdict } from '@varde/schema'

export type EntityKind = 'user' | 'host' | 'ip'
export type Entities = Record<EntityKind, string[]>

export interface AlertSummary {
  id: string
  tenant: string
  title: string
  severity: Severity
  status: AlertStatus
  verdict?: Verdict
  assignee?: string
  rule: { id: string; name: string; type: string; attack: string[] }
  entities: Entities
  /** UTC milliseconds of the first event at which the condition was true. */
  anchor: number
  /** UTC milliseconds of event time, both ends included. */
  window: { from: number; to: number }
  raisedAt: number
  memberCount: number
  suppressed: number
  finality: Alert['finality']
  notes: number
}

const entitiesMax = 20
const userFields = new Set([
  'user.name',
  'user.target.name',
  'user.effective.name',
  'source.user.name',
  'destination.user.name',
  'client.user.name',
])
const hostFields = new Set([
  'host.name',
  'host.hostname',
  'observer.name',
  'observer.hostname',
  'destination.domain',
  'source.domain',
])

function kindOf(field: string): EntityKind | undefined {
  if (userFields.has(field)) return 'user'
  if (hostFields.has(field)) return 'host'
  return field.endsWith('.ip') ? 'ip' : undefined
}

/** Users, hosts and addresses that the alert names: its group first, then what it collected, then its members. */
export function entitiesOf(alert: Alert): Entities {
  const found: Record<EntityKind, Set<string>> = { user: new Set(), host: new Set(), ip: new Set() }
  const add = (field: string, value: Json) => {
    const kind = kindOf(field)
    if (kind === undefined) return
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one === 'string' && one !== '' && found[kind].size < entitiesMax) found[kind].add(one)
    }
  }
  for (const [field, value] of Object.entries(alert.group)) add(field, value)
  for (const [field, { values }] of Object.entries(alert.collected)) for (const value of values) add(field, value)
  for (const member of alert.members) for (const [field, value] of Object.entries(member.fields)) add(field, value)
  return { user: [...found.user], host: [...found.host], ip: [...found.ip] }
}

export function summarise(alert: Alert): AlertSummary {
  return {
    id: alert.id,
    tenant: alert.tenant,
    title: alert.title,
    severity: alert.severity,
    status: alert.status,
    ...(alert.verdict === undefined ? {} : { verdict: alert.verdict }),
    ...(alert.assignee === undefined ? {} : { assignee: alert.assignee }),
    rule: { id: alert.rule.id, name: alert.rule.name, type: alert.rule.type, attack: alert.rule.attack },
    entities: entitiesOf(alert),
    anchor: alert.anchor.time,
    window: alert.window,
    raisedAt: alert.raisedAt,
    memberCount: alert.memberCount,
    suppressed: alert.suppressed,
    finality: alert.finality,
    notes: alert.history.filter((entry) => entry.note !== undefined).length,
  }
}
