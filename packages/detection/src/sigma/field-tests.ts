// Tests of one field as JSONata. Sigma compares without regard to case; tests of several values become one membership or pattern.
import { all, any, type Clause, quote, regexLiteral, regexSource, test } from './jsonata-text.ts'
import type { SigmaField } from './sigma-field.ts'
import type { PatternPart, ValueTest } from './sigma-value.ts'
import { Untranslatable } from './untranslatable.ts'

/** `fieldNamed` maps the other field of a fieldref. */
export function fieldClause(
  field: SigmaField,
  tests: readonly ValueTest[],
  every: boolean,
  fieldNamed: (name: string) => SigmaField,
): Clause {
  if (every) return all(tests.map((single) => anyOfTests(field, [single], fieldNamed)))
  return anyOfTests(field, tests, fieldNamed)
}

type Shape = 'whole' | 'start' | 'end' | 'anywhere' | 'other'

interface Grouped {
  whole: string[]
  start: PatternPart[][]
  end: PatternPart[][]
  anywhere: PatternPart[][]
}

function anyOfTests(field: SigmaField, tests: readonly ValueTest[], fieldNamed: (name: string) => SigmaField): Clause {
  const clauses: Clause[] = []
  const { subject } = field
  const networks: string[] = []
  const grouped: Grouped = { whole: [], start: [], end: [], anywhere: [] }
  for (const one of tests) {
    if (one.kind === 'pattern' && !one.cased && field.type === 'text' && groupPattern(one.parts, grouped)) continue
    if (one.kind === 'number' && field.type === 'text') {
      grouped.whole.push(String(one.value))
      continue
    }
    if (one.kind === 'cidr') {
      networks.push(one.network)
      continue
    }
    clauses.push(singleTest(field, subject, one, fieldNamed))
  }
  const [network] = networks
  if (network !== undefined) {
    const wanted = networks.length === 1 ? quote(network) : `[${networks.map(quote).join(', ')}]`
    clauses.push(test(`$cidr(${subject}, ${wanted})`))
  }
  return any([...groupedClauses(field, subject, grouped), ...clauses])
}

/** Puts a pattern where it can be one of many; false where it is a clause of its own. */
function groupPattern(parts: readonly PatternPart[], grouped: Grouped): boolean {
  const shape = shapeOf(parts)
  if (shape === 'other') return false
  const core = parts.filter((part) => typeof part === 'string' || 'anyOf' in part)
  const [only] = core
  if (shape === 'whole') {
    if (core.length > 1 || (only !== undefined && typeof only !== 'string')) return false
    grouped.whole.push((only ?? '').toLowerCase())
  } else {
    if (core.length === 0) return false
    grouped[shape].push(core)
  }
  return true
}

function shapeOf(parts: readonly PatternPart[]): Shape {
  const isStar = (part: PatternPart | undefined): boolean =>
    typeof part === 'object' && 'wildcard' in part && part.wildcard === '*'
  const inner = parts.slice(isStar(parts[0]) ? 1 : 0, parts.length > 1 && isStar(parts.at(-1)) ? -1 : undefined)
  if (inner.some((part) => typeof part === 'object' && 'wildcard' in part)) return 'other'
  const before = isStar(parts[0])
  const after = parts.length > 1 && isStar(parts.at(-1))
  return before && after ? 'anywhere' : before ? 'end' : after ? 'start' : 'whole'
}

// Fewer than this many are easier to read as a chain.
const patternsMin = 3

function groupedClauses(field: SigmaField, subject: string, grouped: Grouped): Clause[] {
  const clauses: Clause[] = []
  const lower = `$lowercase(${subject})`
  const values = [...new Set(grouped.whole)]
  const missing = values.filter((value) => field.dropsEmpty && (value === '' || value === '-'))
  const present = values.filter((value) => !missing.includes(value))
  if (missing.length > 0) clauses.push(test(`$not($exists(${subject}))`))
  const [first] = present
  if (present.length === 1 && first !== undefined)
    clauses.push(test(hasLetters(first) ? `${lower} = ${quote(first)}` : `${subject} = ${quote(first)}`))
  else if (present.length > 1)
    clauses.push(test(`${present.some(hasLetters) ? lower : subject} in [${present.map(quote).join(', ')}]`))
  for (const shape of ['start', 'anywhere', 'end'] as const)
    clauses.push(...placedClauses(lower, grouped[shape], shape))
  return clauses
}

function hasLetters(text: string): boolean {
  return text.toLowerCase() !== text.toUpperCase()
}

function placedClauses(
  lower: string,
  patterns: readonly PatternPart[][],
  shape: 'start' | 'end' | 'anywhere',
): Clause[] {
  if (patterns.length === 0) return []
  const [before, after] = [shape === 'start' ? '^' : '', shape === 'end' ? '$' : '']
  if (
    shape === 'anywhere' &&
    patterns.length < patternsMin &&
    patterns.every((parts) => parts.length === 1 && typeof parts[0] === 'string')
  ) {
    return patterns.map((parts) => test(`$contains(${lower}, ${quote(String(parts[0]).toLowerCase())})`, false))
  }
  const sources = [...new Set(patterns.map((parts) => parts.map(partSource).join('')))]
  const [only] = sources
  const alternatives =
    sources.length === 1 ? (only ?? '') : shape === 'anywhere' ? sources.join('|') : `(?:${sources.join('|')})`
  return [test(`$contains(${lower}, /${before}${alternatives}${after}/)`, false)]
}

function partSource(part: PatternPart): string {
  if (typeof part === 'string') return regexLiteral(part.toLowerCase())
  if ('anyOf' in part) return `[${part.anyOf.map((char) => (char === '/' ? '\\/' : char)).join('')}]`
  return part.wildcard === '*' ? '[\\s\\S]*' : '[\\s\\S]'
}

function singleTest(
  field: SigmaField,
  subject: string,
  one: ValueTest,
  fieldNamed: (name: string) => SigmaField,
): Clause {
  switch (one.kind) {
    case 'null':
      return test(`$not($exists(${subject}))`)
    case 'exists':
      return test(one.is ? `$exists(${subject})` : `$not($exists(${subject}))`)
    case 'number':
      return test(field.type === 'number' ? `${subject} = ${one.value}` : `${subject} = ${quote(String(one.value))}`)
    case 'compare':
      return test(`${field.type === 'number' ? subject : `$number(${subject})`} ${one.operator} ${one.value}`, false)
    case 'cidr':
      return test(`$cidr(${subject}, ${quote(one.network)})`)
    case 'regex':
      return regexClause(field, subject, one)
    case 'field':
      return referenceClause(field, subject, one, fieldNamed(one.name))
    case 'pattern':
      return patternClause(field, subject, one)
  }
}

function regexClause(
  field: SigmaField,
  subject: string,
  { source, flags }: Extract<ValueTest, { kind: 'regex' }>,
): Clause {
  const of = field.type === 'number' ? `$string(${subject})` : subject
  return test(`$contains(${of}, /${regexSource(source)}/${flags})`, false)
}

function referenceClause(
  field: SigmaField,
  subject: string,
  one: Extract<ValueTest, { kind: 'field' }>,
  other: SigmaField,
): Clause {
  const second = other.subject
  if (field.type !== 'text' || other.type !== 'text') throw new Untranslatable('fieldref', 'between these fields')
  const [left, right] = [`$lowercase(${subject})`, `$lowercase(${second})`]
  if (one.at === 'whole') return test(`${left} = ${right}`)
  if (one.at === 'anywhere') return test(`$contains(${left}, ${right})`, false)
  const length = `$length(${second})`
  return test(
    one.at === 'start' ? `$substring(${left}, 0, ${length}) = ${right}` : `$substring(${left}, -${length}) = ${right}`,
  )
}

function patternClause(
  field: SigmaField,
  subject: string,
  { parts, cased }: Extract<ValueTest, { kind: 'pattern' }>,
): Clause {
  const literal = parts.length === 0 ? '' : parts.length === 1 && typeof parts[0] === 'string' ? parts[0] : undefined
  if (
    literal === undefined &&
    parts.every((part) => typeof part === 'object' && 'wildcard' in part && part.wildcard === '*')
  )
    return test(`$exists(${subject})`)
  if (field.type === 'number') {
    const number = Number(literal)
    if (literal !== undefined && literal !== '' && Number.isFinite(number)) return test(`${subject} = ${number}`)
    return test(`$contains($string(${subject}), /${wholeSource(parts, cased)}/)`, false)
  }
  if (cased && literal !== undefined) return test(`${subject} = ${quote(literal)}`)
  return test(`$contains(${cased ? subject : `$lowercase(${subject})`}, /${wholeSource(parts, cased)}/)`, false)
}

/** The whole text, with wildcards written out; what is open at an end needs no anchor there. */
function wholeSource(parts: readonly PatternPart[], cased: boolean): string {
  const isStar = (part: PatternPart | undefined): boolean =>
    typeof part === 'object' && 'wildcard' in part && part.wildcard === '*'
  const inner = [...parts]
  const before = isStar(inner[0])
  if (before) inner.shift()
  const after = isStar(inner.at(-1))
  if (after) inner.pop()
  const source = inner
    .map((part) => (typeof part === 'string' ? regexLiteral(cased ? part : part.toLowerCase()) : partSource(part)))
    .join('')
  return `${before ? '' : '^'}${source}${after ? '' : '$'}`
}
