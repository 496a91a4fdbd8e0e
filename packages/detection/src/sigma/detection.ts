// The detection of a Sigma rule as one JSONata condition.
import { type Aggregation, type Condition, parseCondition } from './condition.ts'
import { fieldClause } from './field-tests.ts'
import { all, any, type Clause, not, print, quote, regexLiteral, test } from './jsonata-text.ts'
import type { SigmaField } from './sigma-field.ts'
import { isRecord, type SigmaDocument } from './sigma-rule.ts'
import { applyModifiers, type PatternPart, parsePattern } from './sigma-value.ts'
import { type Taxonomy, taxonomyOfAll } from './taxonomy.ts'
import { Untranslatable } from './untranslatable.ts'

export interface TranslatedDetection {
  when: Clause
  /** Keywords look through one joined text, bound before the condition. */
  binds: string[]
  aggregation: Aggregation | undefined
  timeframe: string | undefined
  field(name: string): SigmaField
  /** The log source was not narrowed. */
  open: boolean
  /** What the source must be configured to be. */
  dataset: string | undefined
}

interface Translating {
  taxonomy: Taxonomy
  usesText: boolean
}

export function translateDetection(document: SigmaDocument): TranslatedDetection {
  const { detection } = document
  if (detection === undefined) throw new Untranslatable('no detection')
  const taxonomy = taxonomyOfAll(document.logsources)
  const translating: Translating = { taxonomy, usesText: false }
  const names = Object.keys(detection).filter((name) => name !== 'condition' && name !== 'timeframe')
  const conditions = (Array.isArray(detection['condition']) ? detection['condition'] : [detection['condition']]).map(
    (text) => parseCondition(String(text), names),
  )
  const clauses = conditions.map(({ condition }) => conditionClause(condition, detection, translating))
  const when = all([...(taxonomy.source === undefined ? [] : [taxonomy.source]), any(clauses)])
  return {
    when,
    binds: translating.usesText ? [textBinding(taxonomy)] : [],
    aggregation: conditions.find(({ aggregation }) => aggregation !== undefined)?.aggregation,
    timeframe: typeof detection['timeframe'] === 'string' ? detection['timeframe'] : undefined,
    field: taxonomy.field,
    open: taxonomy.open,
    dataset: taxonomy.dataset,
  }
}

function textBinding({ keywordFields }: Taxonomy): string {
  const [only] = keywordFields
  if (keywordFields.length === 1 && only !== undefined) return `$text := $lowercase(${only})`
  return `$text := $lowercase($join([${keywordFields.join(', ')}][$type($) = "string"], "\\n"))`
}

/** The whole of `when`, with what it binds. */
export function printDetection({ when, binds }: TranslatedDetection): string {
  const condition = print(when)
  return binds.length === 0 ? condition : `(\n${binds.map((bind) => `  ${bind};\n`).join('')}  ${print(when, 1)}\n)`
}

function conditionClause(condition: Condition, detection: Record<string, unknown>, translating: Translating): Clause {
  switch (condition.kind) {
    case 'search':
      return searchClause(detection[condition.name], translating)
    case 'not':
      return not(conditionClause(condition.of, detection, translating))
    case 'and':
      return all(condition.of.map((part) => conditionClause(part, detection, translating)))
    case 'or':
      return any(condition.of.map((part) => conditionClause(part, detection, translating)))
  }
}

function searchClause(search: unknown, translating: Translating): Clause {
  if (isRecord(search)) return all(Object.entries(search).map(([key, value]) => itemClause(key, value, translating)))
  if (Array.isArray(search))
    return any(
      search.map((item) => (isRecord(item) ? searchClause(item, translating) : keywordClause(item, translating))),
    )
  if (search === undefined || search === null) throw new Untranslatable('search', 'it is empty')
  return keywordClause(search, translating)
}

function itemClause(key: string, value: unknown, translating: Translating): Clause {
  const [name = '', ...modifiers] = key.split('|')
  const values: unknown[] = Array.isArray(value) ? value : [value]
  if (name === '') {
    const clauses = values.map((one) => keywordClause(one, translating))
    return modifiers.includes('all') ? all(clauses) : any(clauses)
  }
  if (values.some((one) => isRecord(one) || Array.isArray(one)))
    throw new Untranslatable('value', `of ${key} is no scalar`)
  const field = translating.taxonomy.field(name)
  const modified = applyModifiers(values, [
    ...new Set(modifiers.map((modifier) => (modifier === 'c' ? 'cased' : modifier))),
  ])
  if (modified.tests.length === 0) return test('false')
  const clause = fieldClause(field, modified.tests, modified.all, translating.taxonomy.field)
  return modified.negated ? not(clause) : clause
}

/** A keyword stands anywhere in the texts of the event. */
function keywordClause(value: unknown, translating: Translating): Clause {
  if (value === null || value === undefined || typeof value === 'object')
    throw new Untranslatable('keyword', 'it is no text')
  translating.usesText = true
  const parts = parsePattern(String(value))
  const trimmed = parts.filter((part, index) => !(isStar(part) && (index === 0 || index === parts.length - 1)))
  const [only] = trimmed
  if (trimmed.length === 1 && typeof only === 'string')
    return test(`$contains($text, ${quote(only.toLowerCase())})`, false)
  if (trimmed.length === 0) return test('$exists($text)')
  const source = trimmed
    .map((part) =>
      typeof part === 'string' ? regexLiteral(part.toLowerCase()) : isStar(part) ? '[\\s\\S]*' : '[\\s\\S]',
    )
    .join('')
  return test(`$contains($text, /${source}/)`, false)
}

function isStar(part: PatternPart | undefined): boolean {
  return typeof part === 'object' && 'wildcard' in part && part.wildcard === '*'
}
