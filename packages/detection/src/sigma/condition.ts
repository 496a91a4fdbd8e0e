// The condition of a Sigma rule: `selection and not 1 of filter_*`.
import { Untranslatable } from './untranslatable.ts'

export type Condition =
  | { kind: 'search'; name: string }
  | { kind: 'and' | 'or'; of: Condition[] }
  | { kind: 'not'; of: Condition }

/** The older aggregation: `… | count(field) by group > 5`. */
export interface Aggregation {
  field: string | undefined
  by: string | undefined
  operator: string
  value: number
}

interface Reader {
  tokens: string[]
  at: number
  names: readonly string[]
}

export function parseCondition(
  text: string,
  names: readonly string[],
): { condition: Condition; aggregation: Aggregation | undefined } {
  const [expression = '', ...pipes] = text.split('|')
  const reader: Reader = { tokens: expression.match(/\(|\)|[^\s()]+/g) ?? [], at: 0, names }
  const condition = readOr(reader)
  if (reader.at < reader.tokens.length)
    throw new Untranslatable('condition', `"${reader.tokens[reader.at]}" is not understood in "${text}"`)
  return { condition, aggregation: pipes.length === 0 ? undefined : parseAggregation(pipes.join('|').trim()) }
}

function parseAggregation(text: string): Aggregation {
  const match = /^count\(\s*([\w.]*)\s*\)(?:\s+by\s+([\w.]+))?\s*(>=|>|<=|<|==?)\s*(\d+)$/i.exec(text)
  if (match === null) throw new Untranslatable('aggregation', text)
  return { field: match[1] || undefined, by: match[2], operator: match[3] ?? '>', value: Number(match[4]) }
}

function word(reader: Reader): string | undefined {
  return reader.tokens[reader.at]?.toLowerCase()
}

function readOr(reader: Reader): Condition {
  const of = [readAnd(reader)]
  while (word(reader) === 'or') {
    reader.at++
    of.push(readAnd(reader))
  }
  const [only] = of
  return of.length === 1 && only !== undefined ? only : { kind: 'or', of }
}

function readAnd(reader: Reader): Condition {
  const of = [readNot(reader)]
  while (word(reader) === 'and') {
    reader.at++
    of.push(readNot(reader))
  }
  const [only] = of
  return of.length === 1 && only !== undefined ? only : { kind: 'and', of }
}

function readNot(reader: Reader): Condition {
  if (word(reader) !== 'not') return readAtom(reader)
  reader.at++
  return { kind: 'not', of: readNot(reader) }
}

function readAtom(reader: Reader): Condition {
  const token = reader.tokens[reader.at++]
  if (token === undefined) throw new Untranslatable('condition', 'it ends too early')
  if (token === '(') {
    const inner = readOr(reader)
    if (reader.tokens[reader.at++] !== ')') throw new Untranslatable('condition', 'a parenthesis is not closed')
    return inner
  }
  const isQuantifier = /^(1|any|all)$/i.test(token) && word(reader) === 'of'
  if (isQuantifier) {
    reader.at++
    const pattern = reader.tokens[reader.at++] ?? ''
    const of = namesLike(pattern, reader.names).map((name): Condition => ({ kind: 'search', name }))
    if (of.length === 0) throw new Untranslatable('condition', `nothing is called "${pattern}"`)
    return { kind: token.toLowerCase() === 'all' ? 'and' : 'or', of }
  }
  if (!reader.names.includes(token)) throw new Untranslatable('condition', `there is no search "${token}"`)
  return { kind: 'search', name: token }
}

/** `them` is every search whose name begins with no `_`. */
function namesLike(pattern: string, names: readonly string[]): string[] {
  if (pattern.toLowerCase() === 'them') return names.filter((name) => !name.startsWith('_'))
  const escaped = pattern.split('*').map((part) => part.replace(/[^\w]/g, '\\$&'))
  const test = new RegExp(`^${escaped.join('.*')}$`)
  return names.filter((name) => test.test(name))
}
