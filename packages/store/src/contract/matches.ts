// The meaning of a query, without speed: what search must agree with, event by event.
import type { FieldValue, Json, Query, StoredEvent, TextValue } from '@varde/schema'
import ipaddr from 'ipaddr.js'
import type { EventFilter } from '../port.ts'
import { patternParts } from '../query-values.ts'

export function matchesFilter(filter: EventFilter, stored: StoredEvent): boolean {
  const time = Date.parse(stored.event['@timestamp'])
  if (filter.from !== undefined && time < filter.from) return false
  if (filter.to !== undefined && time >= filter.to) return false
  const { tenants } = filter.scope
  if (tenants !== 'all' && !tenants.includes(stored.tenant)) return false
  return matches(filter.query, stored)
}

export function matches(query: Query, stored: StoredEvent): boolean {
  switch (query.kind) {
    case 'all':
      return true
    case 'and':
      return query.of.every((part) => matches(part, stored))
    case 'or':
      return query.of.some((part) => matches(part, stored))
    case 'not':
      return !matches(query.of, stored)
    case 'text':
      return textMatches(query.value, new TextDecoder().decode(stored.raw))
    case 'field':
      return valuesAt(query.field, stored.event).some((value) => valueMatches(query.value, value, query.field))
    case 'range':
      return valuesAt(query.field, stored.event).some((value) =>
        rangeMatches(query.op, query.value, value, query.field),
      )
    case 'exists':
      return leavesBelow(query.field, stored.event).length > 0
  }
}

type Scalar = string | number | boolean

/** The scalars in a field: arrays anywhere on the way stand for each of their elements. */
export function valuesAt(field: string, event: Json): Scalar[] {
  return nodesAt(field.split('.'), event).filter(isScalar)
}

function leavesBelow(field: string, event: Json): Scalar[] {
  return nodesAt(field.split('.'), event).flatMap(scalarsIn)
}

function nodesAt(path: string[], value: Json): Json[] {
  if (Array.isArray(value)) return value.flatMap((element) => nodesAt(path, element))
  const [key, ...rest] = path
  if (key === undefined) return [value]
  if (value === null || typeof value !== 'object' || !Object.hasOwn(value, key)) return []
  return nodesAt(rest, value[key] ?? null)
}

function scalarsIn(value: Json): Scalar[] {
  if (isScalar(value)) return [value]
  return value === null ? [] : Object.values(value).flatMap(scalarsIn)
}

function isScalar(value: Json): value is Scalar {
  return value !== null && typeof value !== 'object'
}

function valueMatches(wanted: FieldValue, value: Scalar, field: string): boolean {
  if (wanted.kind === 'cidr') return typeof value === 'string' && inNetwork(value, wanted.network)
  if (wanted.kind === 'wildcard') {
    const pattern = patternParts(wanted.pattern).map(RegExp.escape).join('.*')
    return field !== '@timestamp' && typeof value === 'string' && new RegExp(`^${pattern}$`, 'su').test(value)
  }
  if (field === '@timestamp') return Date.parse(String(value)) === Date.parse(wanted.text)
  if (typeof value === 'number') return isNumeral(wanted.text) && Number(wanted.text) === value
  return String(value) === wanted.text
}

function rangeMatches(op: '<' | '<=' | '>' | '>=', bound: string, value: Scalar, field: string): boolean {
  if (field === '@timestamp') return compares(op, Date.parse(String(value)) - Date.parse(bound))
  if (typeof value === 'number') return isNumeral(bound) && compares(op, value - Number(bound))
  return typeof value === 'string' && compares(op, Buffer.compare(Buffer.from(value), Buffer.from(bound)))
}

function compares(op: '<' | '<=' | '>' | '>=', difference: number): boolean {
  if (op === '<') return difference < 0
  if (op === '<=') return difference <= 0
  return op === '>' ? difference > 0 : difference >= 0
}

function isNumeral(text: string): boolean {
  return /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/.test(text)
}

function inNetwork(text: string, network: string): boolean {
  const isAddress =
    ipaddr.IPv4.isValidFourPartDecimal(text) || (/^[0-9a-fA-F:]+$/.test(text) && ipaddr.IPv6.isValid(text))
  if (!isAddress) return false
  const address = ipaddr.parse(text)
  const [base, bits] = ipaddr.parseCIDR(network)
  return address.kind() === base.kind() && address.match(base, bits)
}

/** Whole words, whatever their case: no letter, digit or `_` touches an end of the text that is one itself. */
function textMatches(wanted: TextValue, line: string): boolean {
  const parts = wanted.kind === 'wildcard' ? patternParts(wanted.pattern) : [wanted.text]
  const isWord = (character: string | undefined) => character !== undefined && /[\p{L}\p{N}_]/u.test(character)
  const before = isWord([...(parts[0] ?? '')][0]) ? '(?<![\\p{L}\\p{N}_])' : ''
  const after = isWord([...(parts.at(-1) ?? '')].at(-1)) ? '(?![\\p{L}\\p{N}_])' : ''
  return new RegExp(`${before}${parts.map(RegExp.escape).join('[^\\t\\n\\v\\f\\r ]*')}${after}`, 'iu').test(line)
}
