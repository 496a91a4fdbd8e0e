// A necessary condition as a query to the store: a superset of the events that could match, so that a replay reads no more than that.
import type { FieldValue, Query } from '@varde/schema'
import type { NecessaryCondition, Scalar } from './expression.ts'

const everything: Query = { kind: 'all' }
const nothing: Query = { kind: 'not', of: { kind: 'all' } }

export function necessaryToQuery(condition: NecessaryCondition): Query {
  switch (condition.kind) {
    case 'always':
      return everything
    case 'never':
      return nothing
    case 'and':
      return allOf(condition.of.map(necessaryToQuery))
    case 'or':
      return anyOf(condition.of.map(necessaryToQuery))
    case 'exists':
      return isThere(condition.field)
    case 'equals':
      return anyOf(condition.values.map((value) => equals(condition.field, value, condition.fold)))
    case 'literal':
      // Patterns of the store are case-sensitive: folded texts can only ask that the field is there.
      if (condition.fold || isOpen(condition.field)) return isThere(condition.field)
      return { kind: 'field', field: condition.field, value: pattern(condition) }
  }
}

/** `*` and `**` stand for many fields: the store has no name for that. */
function isOpen(field: string): boolean {
  return field.endsWith('*')
}

function isThere(field: string): Query {
  return isOpen(field) ? everything : { kind: 'exists', field }
}

/** Texts compare as they are; numbers and truths, which a store may spell in another way, are only asked to be there. */
function equals(field: string, value: Scalar, fold: boolean): Query {
  if (typeof value !== 'string' || isOpen(field)) return isThere(field)
  const sameInAnyCase = value.toLowerCase() === value.toUpperCase()
  return fold && !sameInAnyCase ? isThere(field) : { kind: 'field', field, value: { kind: 'phrase', text: value } }
}

function pattern(condition: Extract<NecessaryCondition, { kind: 'literal' }>): FieldValue {
  const text = condition.text.replace(/[\\*]/g, (character) => `\\${character}`)
  const start = condition.at === 'start' ? '' : '*'
  const end = condition.at === 'end' ? '' : '*'
  return { kind: 'wildcard', pattern: `${start}${text}${end}` }
}

export function allOf(queries: readonly Query[]): Query {
  const of = queries.filter((query) => query.kind !== 'all')
  const [only] = of
  if (only === undefined) return everything
  return of.length === 1 ? only : { kind: 'and', of }
}

export function anyOf(queries: readonly Query[]): Query {
  if (queries.some((query) => query.kind === 'all')) return everything
  const of = queries.filter((query) => query !== nothing)
  const [only] = of
  if (only === undefined) return nothing
  return of.length === 1 ? only : { kind: 'or', of }
}
