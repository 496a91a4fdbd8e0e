// From a request's query text and range to the store's filter.
import { VardeError } from '@varde/runtime'
import { parseQuery } from '@varde/schema'
import type { EventFilter, Scope } from '@varde/store'
import type { Problem } from '../contract/problem.ts'

/** A query that does not parse, with its places for the page. */
export class QueryProblem extends VardeError {
  readonly errors: NonNullable<Problem['errors']>
  constructor(errors: NonNullable<Problem['errors']>, message: string) {
    super('QUERY_INVALID', message, { hint: 'Mend the query at the marked place.' })
    this.errors = errors
  }
}

export function filterOf(
  range: { query: string; from: number; to: number },
  scope: Scope,
): EventFilter & { from: number; to: number } {
  const parsed = parseQuery(range.query)
  if (!parsed.ok) throw new QueryProblem([parsed.error], parsed.error.message)
  return { scope, query: parsed.query, from: range.from, to: Math.max(range.to, range.from) }
}
