// A query as Elasticsearch's query DSL, with the meaning of contract/matches.ts.
import { VardeError } from '@varde/runtime'
import type { FieldValue, Query } from '@varde/schema'
import type { EventFilter } from '../port.ts'
import { networkRange, numberOf, patternParts, timeOfText } from '../query-values.ts'
import {
  allOf,
  always,
  anyOf,
  type Clause,
  escapeWildcard,
  fields,
  never,
  noneOf,
  term,
  values,
  wildcard,
} from './clause.ts'
import { networkClause } from './compile-network.ts'
import { textClause } from './compile-text.ts'
import { nativeFields, nativeTree } from './native-fields.ts'
import { chainPattern, ownField } from './own-fields.ts'
import type { Scripts } from './scripts.ts'
import { digest, escapePath, mark, numberText, textLengthMax } from './tokens.ts'

/** Elasticsearch's own bound on nested clauses is 30 (`indices.query.bool.max_nested_depth`). */
const depthMax = 28

export function compileFilter(filter: EventFilter, scripts: Scripts): Clause {
  const parts: Clause[] = []
  const { tenants } = filter.scope
  if (tenants !== 'all') parts.push({ terms: { '_varde.tenant': tenants } })
  if (filter.from !== undefined || filter.to !== undefined) {
    const bounds = {
      ...(filter.from === undefined ? {} : { gte: Math.ceil(filter.from) }),
      ...(filter.to === undefined ? {} : { lt: Math.ceil(filter.to) }),
    }
    parts.push({ range: { '@timestamp': { ...bounds, format: 'epoch_millis' } } })
  }
  const query = compileQuery(filter.query, scripts)
  if (query !== always) parts.push(query)
  return { bool: { filter: parts, must_not: [{ term: { '_varde.erased': true } }] } }
}

export function compileQuery(query: Query, scripts: Scripts, depth = 0): Clause {
  if (depth > depthMax) {
    throw new VardeError('STORE_LIMIT', `the query is nested deeper than ${depthMax}`, { facts: { limit: depthMax } })
  }
  switch (query.kind) {
    case 'all':
      return always
    case 'and':
      return allOf(query.of.map((part) => compileQuery(part, scripts, depth + 1)))
    case 'or':
      return anyOf(query.of.map((part) => compileQuery(part, scripts, depth + 1)))
    case 'not':
      return noneOf(compileQuery(query.of, scripts, depth + 1))
    case 'text':
      return textClause(query.value, scripts)
    case 'field':
      return fieldClause(query.field, query.value, scripts)
    case 'range':
      return rangeClause(query.field, query.op, query.value, scripts)
    case 'exists':
      return existsClause(query.field)
  }
}

export function fieldClause(field: string, value: FieldValue, scripts: Scripts): Clause {
  if (field === '@timestamp') return timeClause(value)
  if (field.startsWith('_')) return ownClause(field, value)
  switch (value.kind) {
    case 'word':
    case 'phrase':
      return anyOf([nativeEqual(field, value.text), ...tokenEqual(escapePath(field), value.text)])
    case 'wildcard':
      return patternClause(field, value.pattern, scripts)
    case 'cidr': {
      const range = networkRange(value.network)
      return range === undefined ? never : networkClause(field, range, value.network)
    }
  }
}

function timeClause(value: FieldValue): Clause {
  if (value.kind === 'wildcard' || value.kind === 'cidr') return never
  const time = timeOfText(value.text)
  return time === undefined ? never : { range: { '@timestamp': { gte: time, lte: time, format: 'epoch_millis' } } }
}

function nativeEqual(field: string, text: string): Clause {
  switch (nativeFields.get(field)) {
    case 'keyword':
      return text.length > textLengthMax ? never : term(field, text)
    case 'ip':
      return term(`${field}.text`, text)
    case 'boolean':
      return text === 'true' || text === 'false' ? term(field, text === 'true') : never
    case 'long': {
      const number = numberOf(text)
      return number !== undefined && Number.isSafeInteger(number) ? term(field, number) : never
    }
    case 'double': {
      const number = numberOf(text)
      return number === undefined ? never : term(field, number)
    }
    default:
      return never
  }
}

function tokenEqual(path: string, text: string): Clause[] {
  const clauses = [
    term(values, text.length > textLengthMax ? `${path}${mark.long}${digest(text)}` : `${path}${mark.text}${text}`),
  ]
  const number = numberOf(text)
  if (number !== undefined) clauses.push(term(values, `${path}${mark.number}${numberText(number)}`))
  if (text === 'true' || text === 'false') clauses.push(term(values, `${path}${mark.boolean}${text}`))
  return clauses
}

function patternClause(field: string, pattern: string, scripts: Scripts): Clause {
  const parts = patternParts(pattern)
  const path = escapePath(field)
  const clauses: Clause[] = [wildcard(values, `${escapeWildcard(`${path}${mark.text}`)}${spell(parts)}`)]
  const type = nativeFields.get(field)
  if (type === 'keyword') clauses.push(wildcard(field, spell(parts)))
  if (type === 'ip') clauses.push(wildcard(`${field}.text`, spell(parts)))
  clauses.push(allOf([{ prefix: { [values]: `${path}${mark.long}` } }, scripts.longPattern(field, parts)]))
  return anyOf(clauses)
}

function spell(parts: readonly string[]): string {
  return parts.map(escapeWildcard).join('*')
}

const operators = { '<': 'lt', '<=': 'lte', '>': 'gt', '>=': 'gte' } as const
type Operator = keyof typeof operators

export function rangeClause(field: string, op: Operator, value: string, scripts: Scripts): Clause {
  const time = timeOfText(value)
  if (field === '@timestamp') return time === undefined ? never : bounded('@timestamp', op, time, 'epoch_millis')
  if (field.startsWith('_')) return ownRange(field, op, value)
  const number = numberOf(value)
  const path = escapePath(field)
  const clauses = [textRange(path, op, value)]
  if (number !== undefined) clauses.push(numberRange(path, op, number))
  const type = nativeFields.get(field)
  if (type === 'keyword') clauses.push(bounded(field, op, value))
  if (type === 'ip') clauses.push(bounded(`${field}.text`, op, value))
  if (type === 'double' && number !== undefined) clauses.push(bounded(field, op, number))
  if (type === 'long' && number !== undefined) clauses.push(longRange(field, op, number))
  clauses.push(allOf([{ prefix: { [values]: `${path}${mark.long}` } }, scripts.longRange(field, op, value)]))
  return anyOf(clauses)
}

export function bounded(field: string, op: Operator, value: string | number, format?: string): Clause {
  return { range: { [field]: { [operators[op]]: value, ...(format === undefined ? {} : { format }) } } }
}

/** Elasticsearch refuses bounds that no long can have; no stored one is beyond 2^53. */
function longRange(field: string, op: Operator, value: number): Clause {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return bounded(field, op, value)
  const above = value > 0
  return above === (op === '<' || op === '<=') ? { exists: { field } } : never
}

/** Terms are in the order of their UTF-8, as texts are compared. */
function textRange(path: string, op: Operator, value: string): Clause {
  const from = `${path}${mark.text}`
  const end = `${path}>`
  const bound = `${from}${value}`
  if (op === '<' || op === '<=') return { range: { [values]: { gte: from, [operators[op]]: bound } } }
  return { range: { [values]: { [operators[op]]: bound, lt: end } } }
}

function numberRange(path: string, op: Operator, value: number): Clause {
  const from = `${path}${mark.number}`
  const bound = `${from}${numberText(value)}`
  if (op === '<' || op === '<=') return { range: { [values]: { gte: from, [operators[op]]: bound } } }
  return { range: { [values]: { [operators[op]]: bound, lte: `${from}g` } } }
}

export function existsClause(field: string): Clause {
  if (field === '@timestamp') return always
  if (field.startsWith('_')) {
    const own = ownField(field)
    return own === undefined ? never : own.always ? always : { exists: { field: own.field } }
  }
  const path = escapePath(field)
  const marks = [mark.text, `${mark.number}l`, `${mark.number}d`, mark.boolean]
  const clauses: Clause[] = [
    { terms: { [fields]: marks.map((each) => `${path}${each}`) } },
    { prefix: { [fields]: `${path}.` } },
  ]
  if (isNativeName(field)) clauses.push({ exists: { field } })
  return anyOf(clauses)
}

/** A typed field or an owner of some. */
function isNativeName(field: string): boolean {
  let node = nativeTree
  for (const part of field.split('.')) {
    const child = node.children.get(part)
    if (child === undefined) return false
    node = child
  }
  return true
}

/** Names that no event can have, for what stands beside it. */
function ownClause(field: string, value: FieldValue): Clause {
  if (value.kind === 'cidr') return never
  const own = ownField(field)
  if (own === undefined) return never
  if (own.kind === 'time') {
    const time = value.kind === 'wildcard' ? undefined : timeOfText(value.text)
    return time === undefined ? never : term(own.field, time)
  }
  if (own.kind === 'number') {
    const number = value.kind === 'wildcard' ? undefined : numberOf(value.text)
    return number === undefined || !Number.isSafeInteger(number) ? never : term(own.field, number)
  }
  if (own.kind === 'chain') {
    return value.kind === 'wildcard' ? never : chainPattern(field, value.text)
  }
  if (own.kind === 'id') return value.kind === 'wildcard' ? never : { ids: { values: [value.text] } }
  return value.kind === 'wildcard'
    ? wildcard(own.field, spell(patternParts(value.pattern)))
    : term(own.field, value.text)
}

function ownRange(field: string, op: Operator, value: string): Clause {
  const own = ownField(field)
  if (own?.kind === 'time') {
    const time = timeOfText(value)
    return time === undefined ? never : bounded(own.field, op, time)
  }
  if (own?.kind === 'number') {
    const number = numberOf(value)
    return number === undefined ? never : longRange(own.field, op, number)
  }
  return own?.kind === 'text' ? bounded(own.field, op, value) : never
}
