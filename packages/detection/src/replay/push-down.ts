// What an event must satisfy for any rule to match, as a query to the store: a replay reads no more than that.
import type { FieldValue, Query } from '@varde/schema'
import type { NecessaryCondition, Scalar } from '../compile/index.ts'
import type { CompiledRule } from '../rules/rule.ts'

/** Beyond this a query costs the store more than it saves. */
const clausesMax = 2_000

export function pushDown(rules: readonly CompiledRule[]): Query {
  const conditions = rules.flatMap((rule) => rule.predicates.map((predicate) => predicate.expression.necessary))
  const query = anyOf(conditions.map(queryOf))
  return clausesOf(query) > clausesMax ? { kind: 'all' } : query
}

const nothing: Query = { kind: 'not', of: { kind: 'all' } }

export function queryOf(condition: NecessaryCondition): Query {
  switch (condition.kind) {
    case 'always':
      return { kind: 'all' }
    case 'never':
      return nothing
    case 'and':
      return allOf(condition.of.map(queryOf))
    case 'or':
      return anyOf(condition.of.map(queryOf))
    case 'equals':
      return anyOf(condition.values.map((value) => equals(condition.field, value)))
    case 'exists':
      return { kind: 'exists', field: condition.field }
    case 'literal':
      // Patterns are case-sensitive: folded literals can only ask that the field is there.
      return condition.fold
        ? { kind: 'exists', field: condition.field }
        : { kind: 'field', field: condition.field, value: pattern(condition) }
  }
}

/** Strings compare as they are; what a store may spell otherwise is only asked to exist. */
function equals(field: string, value: Scalar): Query {
  if (typeof value !== 'string') return { kind: 'exists', field }
  return { kind: 'field', field, value: { kind: 'phrase', text: value } }
}

function pattern(condition: Extract<NecessaryCondition, { kind: 'literal' }>): FieldValue {
  const text = condition.text.replace(/[\\*]/g, (character) => `\\${character}`)
  const start = condition.at === 'start' ? '' : '*'
  const end = condition.at === 'end' ? '' : '*'
  return { kind: 'wildcard', pattern: `${start}${text}${end}` }
}

function allOf(queries: Query[]): Query {
  const of = queries.filter((query) => query.kind !== 'all')
  const [only] = of
  if (only === undefined) return { kind: 'all' }
  return of.length === 1 ? only : { kind: 'and', of }
}

function anyOf(queries: Query[]): Query {
  if (queries.some((query) => query.kind === 'all')) return { kind: 'all' }
  const of = queries.filter((query) => query !== nothing)
  const [only] = of
  if (only === undefined) return nothing
  return of.length === 1 ? only : { kind: 'or', of }
}

function clausesOf(query: Query): number {
  if (query.kind === 'and' || query.kind === 'or') return query.of.reduce((sum, one) => sum + clausesOf(one), 1)
  return query.kind === 'not' ? 1 + clausesOf(query.of) : 1
}
