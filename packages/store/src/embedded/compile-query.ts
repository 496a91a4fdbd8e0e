// A query as a condition in DuckDB's SQL, for a set of events whose fields are known.

import { VardeError } from '@varde/runtime'
import type { FieldValue, Query } from '@varde/schema'
import { numberOf, patternParts, timeOfText } from '../query-values.ts'
import { columnOf } from './columns.ts'
import { addressCondition } from './compile-address.ts'
import { escapeExpression, textCondition } from './compile-text.ts'
import { type FieldCatalogue, seen } from './field-catalogue.ts'
import { identifier, literal, pointer } from './sql.ts'

/** What the compiler must know of the events that the condition is for. */
export interface QueriedSet {
  fields: FieldCatalogue
  retention: string
}

const never = 'FALSE'
const always = 'TRUE'
const depthMax = 200

/** True for an event, or else false or NULL: use it in WHERE, or inside `coalesce(…, FALSE)`. */
export function compileQuery(query: Query, set: QueriedSet, depth = 0): string {
  if (depth > depthMax) throw new VardeError('STORE_LIMIT', `the query is nested deeper than ${depthMax}`)
  switch (query.kind) {
    case 'all':
      return always
    case 'and':
      return join(
        query.of.map((part) => compileQuery(part, set, depth + 1)),
        'AND',
        always,
        never,
      )
    case 'or':
      return join(
        query.of.map((part) => compileQuery(part, set, depth + 1)),
        'OR',
        never,
        always,
      )
    case 'not': {
      const inner = compileQuery(query.of, set, depth + 1)
      if (inner === always) return never
      return inner === never ? always : `NOT coalesce(${inner}, FALSE)`
    }
    case 'text':
      return textCondition(query.value)
    case 'field':
      return fieldCondition(query.field, set, matcherOf(query.value))
    case 'range':
      return fieldCondition(query.field, set, rangeMatcher(query.op, query.value))
    case 'exists':
      return existsCondition(query.field, set)
  }
}

function join(parts: string[], word: string, neutral: string, absorbing: string): string {
  if (parts.includes(absorbing)) return absorbing
  const kept = parts.filter((part) => part !== neutral)
  if (kept.length === 0) return neutral
  return kept.length === 1 ? (kept[0] ?? neutral) : `(${kept.join(` ${word} `)})`
}

/** How one test reads on each kind of value; undefined where it can't hold. */
interface Matcher {
  text(sql: string): string | undefined
  /** On a number, given as SQL of a number. */
  number(sql: string): string | undefined
  boolean(sql: string): string | undefined
  time(sql: string): string | undefined
  /** Of a list of texts at once, where there is a faster way than element by element. */
  anyText?(sql: string): string
}

function matcherOf(value: FieldValue): Matcher {
  const none = () => undefined
  switch (value.kind) {
    case 'word':
    case 'phrase':
      return equalMatcher(value.text)
    case 'wildcard':
      return { text: (sql) => wildcardCondition(sql, value.pattern), number: none, boolean: none, time: none }
    case 'cidr':
      return { text: (sql) => addressCondition(sql, value.network), number: none, boolean: none, time: none }
  }
}

function equalMatcher(value: string): Matcher {
  const number = numberOf(value)
  const time = timeOfText(value)
  return {
    text: (sql) => `${sql} = ${literal(value)}`,
    number: (sql) => (number === undefined ? undefined : `${sql} = ${numberLiteral(number)}`),
    boolean: (sql) => (value === 'true' || value === 'false' ? `${sql} = ${literal(value)}` : undefined),
    time: (sql) => (time === undefined ? undefined : `${sql} = ${time}`),
    anyText: (sql) => `list_contains(${sql}, ${literal(value)})`,
  }
}

function rangeMatcher(op: '<' | '<=' | '>' | '>=', value: string): Matcher {
  const number = numberOf(value)
  const time = timeOfText(value)
  return {
    text: (sql) => `${sql} ${op} ${literal(value)}`,
    number: (sql) => (number === undefined ? undefined : `${sql} ${op} ${numberLiteral(number)}`),
    boolean: () => undefined,
    time: (sql) => (time === undefined ? undefined : `${sql} ${op} ${time}`),
  }
}

function fieldCondition(field: string, set: QueriedSet, matcher: Matcher): string {
  if (field === '@timestamp') return matcher.time('_t') ?? never
  if (field.startsWith('_')) return ownCondition(field, set, matcher)
  const flags = flagsOf(field, set)
  const parts: string[] = []
  const column = columnOf.get(field)
  if (column !== undefined && (flags & seen.inColumn) !== 0) {
    const name = identifier(field)
    if (column.kind === 'text') parts.push(matcher.text(name) ?? never)
    else if (column.kind === 'whole') parts.push(matcher.number(name) ?? never)
    else parts.push(matcher.anyText?.(name) ?? anyElement(name, matcher.text('e')))
  }
  if ((flags & (seen.inExtra | seen.inExtraArray)) !== 0) parts.push(extraCondition(field, flags, matcher))
  return join(parts, 'OR', never, always)
}

/** In `_x`: a scalar, or an array of scalars of which any may match. */
function extraCondition(field: string, flags: number, matcher: Matcher): string {
  const path = pointer(field)
  const parts: string[] = []
  if ((flags & seen.inExtra) !== 0) {
    parts.push(jsonCondition(`json_extract_string(_x, ${path})`, `json_type(_x, ${path})`, flags, matcher))
  }
  if ((flags & seen.inExtraArray) !== 0) {
    const inner = jsonCondition("(e ->> '$')", 'json_type(e)', flags & ~seen.inExtraArray, matcher)
    const elements = `CAST(json_extract(_x, ${path}) AS JSON[])`
    if (inner !== never)
      parts.push(`(CASE WHEN json_type(_x, ${path}) = 'ARRAY' THEN ${anyElement(elements, inner)} END)`)
  }
  return join(parts, 'OR', never, always)
}

function jsonCondition(value: string, type: string, flags: number, matcher: Matcher): string {
  const kinds = flags & (seen.text | seen.whole | seen.double | seen.boolean | seen.inExtraArray)
  const parts: string[] = []
  const text = (flags & seen.text) === 0 ? undefined : matcher.text(value)
  if (text !== undefined) parts.push(kinds === seen.text ? text : `(${type} = 'VARCHAR' AND ${text})`)
  const number = (flags & (seen.whole | seen.double)) === 0 ? undefined : matcher.number(`TRY_CAST(${value} AS DOUBLE)`)
  if (number !== undefined) parts.push(`(${type} NOT IN ('VARCHAR', 'BOOLEAN', 'ARRAY') AND ${number})`)
  const boolean = (flags & seen.boolean) === 0 ? undefined : matcher.boolean(value)
  if (boolean !== undefined) parts.push(`(${type} = 'BOOLEAN' AND ${boolean})`)
  return join(parts, 'OR', never, always)
}

function anyElement(listSql: string, condition: string | undefined): string {
  return condition === undefined || condition === never
    ? never
    : `len(list_filter(${listSql}, lambda e: ${condition})) > 0`
}

/** Names that no event can have, for what stands beside it. */
function ownCondition(field: string, set: QueriedSet, matcher: Matcher): string {
  if (
    field === '_tenant' ||
    field === '_source' ||
    field === '_lateness' ||
    field === '_stream' ||
    field === '_producer'
  ) {
    return matcher.text(field) ?? never
  }
  if (field === '_partition' || field === '_offset' || field === '_generation') return matcher.number(field) ?? never
  if (field === '_arrival' || field === '_ingested') return matcher.time(field) ?? never
  if (field === '_retention') return matcher.text(literal(set.retention)) ?? never
  if (field === '_id') {
    return matcher.text(`(_stream || '.' || _generation || '.' || _partition || '.' || _offset)`) ?? never
  }
  return never
}

function existsCondition(field: string, set: QueriedSet): string {
  if (field === '@timestamp') return always
  if (field.startsWith('_')) return ownNames.has(field) ? `${identifier(field)} IS NOT NULL` : never
  const parts = [field, ...set.fields.below(field)].map((name) => {
    const flags = flagsOf(name, set)
    const found: string[] = []
    if ((flags & seen.inColumn) !== 0 && columnOf.has(name)) found.push(`${identifier(name)} IS NOT NULL`)
    if ((flags & (seen.inExtra | seen.inExtraArray)) !== 0) found.push(`json_exists(_x, ${pointer(name)})`)
    return join(found, 'OR', never, always)
  })
  return join(parts, 'OR', never, always)
}

const ownNames = new Set([
  '_tenant',
  '_source',
  '_lateness',
  '_stream',
  '_partition',
  '_offset',
  '_generation',
  '_arrival',
  '_ingested',
  '_producer',
])

const everything = 127

function flagsOf(field: string, set: QueriedSet): number {
  const stat = set.fields.get(field)
  if (stat !== undefined) return stat.flags
  return set.fields.overflowed ? everything & ~(columnOf.has(field) ? 0 : seen.inColumn) : 0
}

export function wildcardCondition(sql: string, pattern: string): string {
  const parts = patternParts(pattern)
  if (parts.length === 1) return `${sql} = ${literal(parts[0] ?? '')}`
  const inner = parts.slice(1, -1).filter((part) => part !== '')
  const [first = ''] = parts
  const last = parts[parts.length - 1] ?? ''
  if (inner.length === 0 && first !== '' && last === '') return `starts_with(${sql}, ${literal(first)})`
  if (inner.length === 0 && first === '' && last !== '') return `ends_with(${sql}, ${literal(last)})`
  if (inner.length === 1 && first === '' && last === '') return `contains(${sql}, ${literal(inner[0] ?? '')})`
  if (inner.length === 0 && first === '' && last === '') return `${sql} IS NOT NULL`
  // LIKE goes forward only as long as there is nothing to escape: with ESCAPE, DuckDB tries every place of every star, and
  // five of them take 17 s on one text of 120 letters.
  if (!parts.some((part) => /[%_\0]/.test(part))) return `${sql} LIKE ${literal(parts.join('%'))}`
  return `regexp_full_match(${sql}, ${literal(parts.map(escapeExpression).join('.*'))}, 's')`
}

function numberLiteral(value: number): string {
  return Number.isSafeInteger(value) ? String(value) : `CAST('${value}' AS DOUBLE)`
}
