// What the address of the alerts page says, and the filter that it means.
import type { AlertFilter } from '@varde/api/contract'
import { type AlertStatus, alertStatuses, type Severity, severities, type Verdict, verdicts } from '@varde/schema'
import { reader } from '../../search-params.ts'
import { type RangeText, resolveRange } from '../../time/range.ts'

export const groupings = ['rule', 'host', 'user', 'ip'] as const
export type Grouping = (typeof groupings)[number]
const entityKinds = ['user', 'host', 'ip'] as const
type EntityKind = (typeof entityKinds)[number]

export interface AlertsSearch {
  /** Comma-joined; absent means what still needs work: open and acknowledged. `all` means every status. */
  status?: string | undefined
  severity?: string | undefined
  verdict?: Verdict | undefined
  rule?: string | undefined
  /** A user name; `none` finds the unassigned. */
  assignee?: string | undefined
  /** `user:anna`, `host:dc01`, `ip:10.0.0.1`. */
  entity?: string | undefined
  q?: string | undefined
  from?: string | undefined
  to?: string | undefined
  group?: Grouping | undefined
  sort?: 'severity' | undefined
  /** The opened alert. */
  alert?: string | undefined
}

export function readAlertsSearch(params: Record<string, unknown>): AlertsSearch {
  const read = reader(params)
  return {
    status: read.text('status'),
    severity: read.text('severity'),
    verdict: read.oneOf('verdict', verdicts),
    rule: read.text('rule'),
    assignee: read.text('assignee'),
    entity: read.text('entity'),
    q: read.text('q'),
    from: read.text('from'),
    to: read.text('to'),
    group: read.oneOf('group', groupings),
    sort: read.oneOf('sort', ['severity']),
    alert: read.text('alert'),
  }
}

export function statusesOf(search: AlertsSearch): AlertStatus[] {
  if (search.status === 'all') return [...alertStatuses]
  const some = alertStatuses.filter((status) => search.status?.split(',').includes(status) === true)
  return some.length > 0 ? some : ['open', 'acknowledged']
}

export function severitiesOf(search: AlertsSearch): Severity[] {
  return severities.filter((severity) => search.severity?.split(',').includes(severity) === true)
}

export function entityOf(search: AlertsSearch): { kind: EntityKind; value: string } | undefined {
  const at = search.entity?.indexOf(':') ?? -1
  const kind = entityKinds.find((one) => one === search.entity?.slice(0, at))
  return kind === undefined || search.entity === undefined ? undefined : { kind, value: search.entity.slice(at + 1) }
}

/** `undefined` where no time was chosen: all alerts, whenever. */
export function rangeOf(search: AlertsSearch): RangeText | undefined {
  return search.from === undefined ? undefined : { from: search.from, to: search.to ?? 'now' }
}

export function filterOf(search: AlertsSearch, now: number): AlertFilter {
  const filter: AlertFilter = { status: statusesOf(search) }
  const some = severitiesOf(search)
  if (some.length > 0) filter.severity = some
  if (search.verdict !== undefined) filter.verdict = [search.verdict]
  if (search.rule !== undefined) filter.rule = [search.rule]
  if (search.assignee !== undefined) filter.assignee = search.assignee === 'none' ? '' : search.assignee
  const entity = entityOf(search)
  if (entity !== undefined) filter.entity = entity
  if (search.q !== undefined) filter.text = search.q
  const range = rangeOf(search)
  return range === undefined ? filter : { ...filter, ...resolveRange(range, now) }
}
