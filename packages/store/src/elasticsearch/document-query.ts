// What documents are asked by, as clauses over their keys.
import { VardeError } from '@varde/runtime'
import type { Json } from '@varde/schema'
import type { Condition } from '../port.ts'
import { allOf, always, anyOf, type Clause, never, noneOf } from './clause.ts'
import { keyField, keyText } from './document-index.ts'
import { numberText } from './tokens.ts'

export function checkIndexed(collection: string, paths: readonly string[], path: string): void {
  if (paths.includes(path)) return
  throw new VardeError('STORE_NOT_INDEXED', `${collection} cannot be asked by ${path}`, {
    hint: 'Name the path in packages/store/src/collections.ts.',
    facts: { collection, field: path },
  })
}

export function whereClause(
  collection: string,
  paths: readonly string[],
  where: Record<string, Condition> = {},
): Clause {
  const clauses = Object.entries(where).map(([path, condition]) => {
    checkIndexed(collection, paths, path)
    return conditionClause(keyField(path), condition)
  })
  const clause = allOf(clauses)
  return clause === always ? { match_all: {} } : { bool: { filter: [clause] } }
}

function conditionClause(field: string, condition: Condition): Clause {
  const isObject = typeof condition === 'object' && condition !== null && !Array.isArray(condition)
  if (isObject && 'in' in condition && Array.isArray(condition.in))
    return anyOf(condition.in.map((value) => equal(field, value)))
  if (isObject && 'exists' in condition) {
    const there: Clause = { exists: { field } }
    return condition.exists === true ? there : noneOf(there)
  }
  if (isObject && ('gte' in condition || 'lt' in condition)) {
    const { gte, lt } = condition
    // Numbers alone: their keys begin with n and hold hex digits.
    const from = typeof gte === 'number' ? `n${numberText(gte)}` : 'n'
    const to = typeof lt === 'number' ? `n${numberText(lt)}` : 'ng'
    return from < to ? { range: { [field]: { gte: from, lt: to } } } : never
  }
  return equal(field, condition)
}

function equal(field: string, value: Json | Condition): Clause {
  const key = keyText(asJson(value))
  return key === undefined ? noneOf({ exists: { field } }) : { term: { [field]: key } }
}

function asJson(value: Json | Condition): Json {
  return JSON.parse(JSON.stringify(value))
}
