// An event filter as a condition for one source, and which sources it can be true in at all.
import type { EventFilter } from '../port.ts'
import { compileQuery } from './compile-query.ts'
import type { Source } from './sources.ts'
import { list } from './sql.ts'

/** Scope and query, without the time. */
export function conditionOf(filter: EventFilter, source: Source): string {
  const scope = scopeCondition(filter)
  if (scope === 'FALSE') return 'FALSE'
  const query = compileQuery(filter.query, source)
  if (query === 'FALSE') return 'FALSE'
  return scope === 'TRUE' ? query : query === 'TRUE' ? scope : `${scope} AND ${query}`
}

export function scopeCondition(filter: Pick<EventFilter, 'scope'>): string {
  const { tenants } = filter.scope
  if (tenants === 'all') return 'TRUE'
  return tenants.length === 0 ? 'FALSE' : `_tenant IN (${list(tenants)})`
}

/** The time bounds that the source does not keep by itself. */
export function timeCondition(filter: EventFilter, source: { from: number; to: number }): string {
  const parts: string[] = []
  if (filter.from !== undefined && filter.from > source.from) parts.push(`_t >= ${number(filter.from)}`)
  if (filter.to !== undefined && filter.to <= source.to) parts.push(`_t < ${number(filter.to)}`)
  return parts.length === 0 ? 'TRUE' : parts.join(' AND ')
}

export function inTime(filter: EventFilter, source: { from: number; to: number }): boolean {
  if (filter.from !== undefined && source.to < filter.from) return false
  return filter.to === undefined || source.from < filter.to
}

/** All of the conditions. */
export function wholeCondition(filter: EventFilter, source: Source): string {
  const condition = conditionOf(filter, source)
  const time = timeCondition(filter, source)
  if (condition === 'FALSE') return 'FALSE'
  return time === 'TRUE' ? condition : condition === 'TRUE' ? time : `${time} AND ${condition}`
}

function number(value: number): string {
  return String(Math.ceil(value))
}
