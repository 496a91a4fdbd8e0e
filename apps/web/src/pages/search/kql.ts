// Filters and pills as pieces of KQL.
import type { FieldValue, Json } from '@varde/schema'
import { formatQuery, parseQuery, type Query } from '@varde/schema'

const off = '~'

function fieldValue(value: Json): FieldValue {
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  return /^[\w.-]+$/.test(text) && !/^(and|or|not)$/i.test(text) ? { kind: 'word', text } : { kind: 'phrase', text }
}

/** `user.name: anna`, or with `not` before it. An empty array asks for nothing: the field must be missing. */
export function fieldFilter(field: string, value: Json, exclude = false): string {
  const values = Array.isArray(value) ? value : [value]
  const each = values.map((one): Query => ({ kind: 'field', field, value: fieldValue(one) }))
  const [first] = each
  const query: Query =
    first === undefined ? { kind: 'exists', field } : each.length === 1 ? first : { kind: 'and', of: each }
  return formatQuery(exclude ? { kind: 'not', of: query } : query)
}

export function existsFilter(field: string, exclude = false): string {
  const query: Query = { kind: 'exists', field }
  return formatQuery(exclude ? { kind: 'not', of: query } : query)
}

export function isOff(filter: string): boolean {
  return filter.startsWith(off)
}

export function switchFilter(filter: string): string {
  return isOff(filter) ? filter.slice(1) : `${off}${filter}`
}

/** Excluded becomes included and the other way round. */
export function invertFilter(filter: string): string {
  const text = isOff(filter) ? filter.slice(1) : filter
  const parsed = parseQuery(text)
  const inverted =
    parsed.ok && parsed.query.kind === 'not'
      ? formatQuery(parsed.query.of)
      : parsed.ok
        ? formatQuery({ kind: 'not', of: parsed.query })
        : text
  return isOff(filter) ? `${off}${inverted}` : inverted
}

/** The pills with one more; its own opposite, or itself switched off, gives way. */
export function withFilter(filters: string[], filter: string): string[] {
  const opposite = invertFilter(filter)
  return [
    ...filters.filter((one) => ![filter, opposite, switchFilter(filter), switchFilter(opposite)].includes(one)),
    filter,
  ]
}

/** Query and pills that are on, as one text. */
export function wholeQuery(q: string, filters: string[]): string {
  const on = filters.filter((filter) => !isOff(filter))
  if (on.length === 0) return q.trim()
  const parts = q.trim() === '' ? on : [q.trim(), ...on]
  return parts.length === 1 ? (parts[0] ?? '') : parts.map((part) => `(${part})`).join(' and ')
}
