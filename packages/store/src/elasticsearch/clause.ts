// A clause of Elasticsearch's query DSL, and how clauses are put together: what is always or never true falls away.

export type Clause = { [name: string]: unknown }

export const never: Clause = { match_none: {} }
export const always: Clause = { match_all: {} }

export const values = '_varde.values'
export const fields = '_varde.fields'

export function allOf(clauses: readonly Clause[]): Clause {
  if (clauses.includes(never)) return never
  const kept = clauses.filter((clause) => clause !== always)
  const [only] = kept
  if (only === undefined) return always
  return kept.length === 1 ? only : { bool: { filter: kept } }
}

export function anyOf(clauses: readonly Clause[]): Clause {
  if (clauses.includes(always)) return always
  const kept = clauses.filter((clause) => clause !== never)
  const [only] = kept
  if (only === undefined) return never
  return kept.length === 1 ? only : { bool: { should: kept, minimum_should_match: 1 } }
}

export function noneOf(clause: Clause): Clause {
  if (clause === always) return never
  return clause === never ? always : { bool: { must_not: [clause] } }
}

export function term(field: string, value: string | number | boolean): Clause {
  return { term: { [field]: value } }
}

export function escapeWildcard(text: string): string {
  return text.replaceAll(/[\\*?]/g, '\\$&')
}

export function wildcard(field: string, value: string): Clause {
  return { wildcard: { [field]: { value } } }
}
