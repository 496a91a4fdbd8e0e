// What an event must satisfy for any rule to match, as a query to the store: a replay reads no more than that.
import type { Query } from '@varde/schema'
import { anyQuery, necessaryToQuery } from '../compile/index.ts'
import type { CompiledRule } from '../rules/rule.ts'

/** Beyond this a query costs the store more than it saves. */
const clausesMax = 2_000

export function pushDown(rules: readonly CompiledRule[]): Query {
  const conditions = rules.flatMap((rule) => rule.predicates.map((predicate) => predicate.expression.necessary))
  const query = anyQuery(conditions.map(necessaryToQuery))
  return clausesOf(query) > clausesMax ? { kind: 'all' } : query
}

function clausesOf(query: Query): number {
  if (query.kind === 'and' || query.kind === 'or') return query.of.reduce((sum, one) => sum + clausesOf(one), 1)
  return query.kind === 'not' ? 1 + clausesOf(query.of) : 1
}
