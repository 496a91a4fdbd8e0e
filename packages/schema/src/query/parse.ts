// KQL as Kibana users type it, with places in its errors and a text that would have worked.
import ipaddr from 'ipaddr.js'
import type { FieldValue, Query, QueryError, TextValue } from './ast.ts'
import { type Token, tokens } from './lexer.ts'

const lengthMax = 16_384
const depthMax = 64

type Word = Extract<Token, { kind: 'word' }>

class Failure extends Error {
  readonly error: QueryError
  constructor(error: QueryError) {
    super(error.message)
    this.error = error
  }
}

/**
 * Parses a search text. Words without a field search the raw line; `field: value`, `field: (a or b)`, `field: "a phrase"`, `field: 10.0.0.0/8`,
 * `field: adm*`, `field: *`, `field >= 5`, `and`, `or`, `not` and brackets work as in Kibana; `not` binds tightest, then `and`, then `or`.
 * An empty text and `*` mean everything. Never throws: a wrong text gives the first error with its position.
 */
export function parseQuery(text: string): { ok: true; query: Query } | { ok: false; error: QueryError } {
  const result = parse(text)
  if (result.ok || result.error.suggestion === undefined) return result
  // A guess is only worth showing when it works.
  const { suggestion, ...error } = result.error
  return parse(suggestion).ok ? result : { ok: false, error }
}

function parse(text: string): { ok: true; query: Query } | { ok: false; error: QueryError } {
  if (text.length > lengthMax) {
    return {
      ok: false,
      error: {
        message: `A query has at most ${lengthMax} characters; this one has ${text.length}`,
        from: lengthMax,
        to: text.length,
      },
    }
  }
  const list = tokens(text)
  if (!Array.isArray(list)) {
    const closes = list.message.includes('never closed')
    return { ok: false, error: closes ? { ...list, suggestion: `${text}"` } : list }
  }
  if (list.length === 1) return { ok: true, query: { kind: 'all' } }
  try {
    return { ok: true, query: readAll(text, list) }
  } catch (error) {
    if (error instanceof Failure) return { ok: false, error: error.error }
    throw error
  }
}

/** `and`/`or` hold at least two members, none of their own kind: one tree for one meaning. */
export function join(kind: 'and' | 'or', members: Query[]): Query {
  const flat = members.flatMap((member) => (member.kind === kind ? member.of : [member]))
  const [first] = flat
  return flat.length === 1 && first !== undefined ? first : { kind, of: flat }
}

function readAll(text: string, list: Token[]): Query {
  let index = 0
  let depth = 0

  const peek = (ahead = 0): Token =>
    list[Math.min(index + ahead, list.length - 1)] ?? { kind: 'end', from: text.length, to: text.length }
  const isSymbol = (symbol: string, ahead = 0): boolean => {
    const token = peek(ahead)
    return token.kind === 'symbol' && token.symbol === symbol
  }
  const isKeyword = (word: string): boolean => {
    const token = peek()
    return token.kind === 'keyword' && token.word === word
  }
  const fail = (message: string, at: { from: number; to: number } = peek(), suggestion?: string): never => {
    throw new Failure({ message, from: at.from, to: at.to, ...(suggestion === undefined ? {} : { suggestion }) })
  }
  const insert = (at: number, words: string): string =>
    `${text.slice(0, at).trimEnd()} ${words} ${text.slice(at).trimStart()}`.trim()

  const deeper = <T>(read: () => T): T => {
    depth += 1
    if (depth > depthMax) fail(`Brackets and "not" may be nested at most ${depthMax} deep`)
    const result = read()
    depth -= 1
    return result
  }

  const either = (one: () => Query, other: 'and' | 'or'): Query => {
    const members = [one()]
    while (isKeyword(other)) {
      index += 1
      members.push(one())
    }
    return join(other, members)
  }
  const expression = (leaf: () => Query): Query => either(() => either(() => negation(leaf), 'and'), 'or')
  const negation = (leaf: () => Query): Query => {
    if (!isKeyword('not')) return leaf()
    index += 1
    return deeper(() => ({ kind: 'not', of: negation(leaf) }))
  }
  const bracket = (leaf: () => Query): Query => {
    const open = peek()
    index += 1
    if (isSymbol(')')) fail('There is nothing between these brackets', { from: open.from, to: peek().to })
    const inside = deeper(() => expression(leaf))
    if (!isSymbol(')')) {
      if (peek().kind === 'end') fail('This bracket is never closed', open, `${text.trimEnd()})`)
      fail('Expected "and", "or" or a closing bracket here', peek(), insert(peek().from, 'and'))
    }
    index += 1
    return inside
  }

  const statement = (): Query => {
    const token = peek()
    if (isSymbol('(')) return bracket(statement)
    if (token.kind === 'end')
      return fail(
        'The query ends where a condition is expected',
        { from: token.from, to: token.to },
        text.trim().replace(/\s+(and|or|not)$/i, ''),
      )
    if (token.kind === 'keyword') return fail(`Expected a condition before "${token.word}"`, token)
    if (token.kind === 'symbol') return fail(`Expected a field or a word before "${token.symbol}"`, token)
    if (isSymbol(':', 1) || ['<', '<=', '>', '>='].some((symbol) => isSymbol(symbol, 1))) return condition(token)
    return freeText()
  }

  const condition = (name: Exclude<Token, { kind: 'end' | 'keyword' | 'symbol' }>): Query => {
    if (name.kind === 'word' && name.wild) fail('Wildcards are for values; name one field here', name)
    if (name.text === '') fail('The name of a field is empty', name)
    const field = name.text
    index += 1
    const operator = peek()
    index += 1
    if (operator.kind === 'symbol' && operator.symbol !== ':' && operator.symbol !== '(' && operator.symbol !== ')') {
      return { kind: 'range', field, op: operator.symbol, value: scalar(`${field} ${operator.symbol}`) }
    }
    if (isSymbol('<') || isSymbol('>') || isSymbol('<=') || isSymbol('>=')) {
      fail(
        `A comparison stands without the colon: ${field} ${text.slice(peek().from, peek().to)} …`,
        { from: operator.from, to: peek().to },
        `${text.slice(0, operator.from).trimEnd()} ${text.slice(operator.to).trimStart()}`,
      )
    }
    const leaf = (): Query => (isSymbol('(') ? bracket(leaf) : value(field))
    return isSymbol('(') ? bracket(leaf) : value(field)
  }

  const scalar = (before: string): string => {
    const token = peek()
    if (token.kind !== 'word' && token.kind !== 'phrase') return fail(`Expected a value after "${before}"`, token)
    index += 1
    return token.text
  }

  /** Words that stand together, as far as they are not the next condition's field. */
  const run = (after = false): Word[] => {
    const words: Word[] = []
    for (let token = peek(); token.kind === 'word'; token = peek()) {
      const next = peek(1)
      if (next.kind === 'symbol' && next.symbol !== ')' && next.symbol !== '(') {
        if (words.length > 0 || after)
          fail(`Expected "and" or "or" before "${token.text}"`, token, insert(token.from, 'and'))
        break
      }
      words.push(token)
      index += 1
    }
    return words
  }

  const value = (field: string): Query => {
    const token = peek()
    if (token.kind === 'phrase') {
      index += 1
      return { kind: 'field', field, value: { kind: 'phrase', text: token.text } }
    }
    if (token.kind !== 'word')
      return fail(`Expected a value after "${field}:"`, token, token.kind === 'end' ? `${text.trimEnd()} *` : undefined)
    const words = run()
    if (words.length === 0)
      return fail(
        `"${token.text}" can't be both a value and a field; quote values that hold a colon`,
        token,
        `${text.slice(0, token.from)}"${text.slice(token.from)}"`,
      )
    const [only] = words
    if (words.length === 1 && only?.pattern === '*') return { kind: 'exists', field }
    return { kind: 'field', field, value: fieldValue(words) }
  }

  const freeText = (): Query => {
    const parts: Query[] = []
    for (let token = peek(); token.kind === 'word' || token.kind === 'phrase'; token = peek()) {
      if (token.kind === 'phrase') {
        if (isSymbol(':', 1))
          return fail(`Expected "and" or "or" before "${token.text}"`, token, insert(token.from, 'and'))
        parts.push({ kind: 'text', value: { kind: 'phrase', text: token.text } })
        index += 1
        continue
      }
      for (const word of run(parts.length > 0))
        parts.push(word.pattern === '*' ? { kind: 'all' } : { kind: 'text', value: textValue(word) })
    }
    return join('and', parts)
  }

  const query = expression(statement)
  if (peek().kind !== 'end') {
    if (isSymbol(')'))
      fail('There is no opening bracket for this one', peek(), text.slice(0, peek().from) + text.slice(peek().to))
    fail('Expected "and" or "or" here', peek(), insert(peek().from, 'and'))
  }
  return query
}

function textValue(word: Word): TextValue {
  return word.wild ? { kind: 'wildcard', pattern: word.pattern } : { kind: 'word', text: word.text }
}

function fieldValue(words: Word[]): FieldValue {
  const [only] = words
  if (words.length === 1 && only !== undefined) {
    if (!only.wild && isCidr(only.text)) return { kind: 'cidr', network: only.text }
    return textValue(only)
  }
  if (words.some((word) => word.wild)) return { kind: 'wildcard', pattern: words.map((word) => word.pattern).join(' ') }
  return { kind: 'word', text: words.map((word) => word.text).join(' ') }
}

function isCidr(text: string): boolean {
  return text.includes('/') && ipaddr.isValidCIDR(text)
}
