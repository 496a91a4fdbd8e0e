import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { Query } from './ast.ts'
import { formatQuery } from './format.ts'
import { join, parseQuery } from './parse.ts'

const field = (name: string, text: string): Query => ({ kind: 'field', field: name, value: { kind: 'word', text } })
const word = (text: string): Query => ({ kind: 'text', value: { kind: 'word', text } })

describe('parseQuery', () => {
  const cases: { text: string; query: Query }[] = [
    { text: '', query: { kind: 'all' } },
    { text: '  * ', query: { kind: 'all' } },
    { text: 'user.name: anna', query: field('user.name', 'anna') },
    { text: 'user.name:anna', query: field('user.name', 'anna') },
    {
      text: 'user.name: anna and not source.ip: 10.0.0.0/8',
      query: {
        kind: 'and',
        of: [
          field('user.name', 'anna'),
          { kind: 'not', of: { kind: 'field', field: 'source.ip', value: { kind: 'cidr', network: '10.0.0.0/8' } } },
        ],
      },
    },
    {
      text: 'user.name: "anna and bob"',
      query: { kind: 'field', field: 'user.name', value: { kind: 'phrase', text: 'anna and bob' } },
    },
    {
      text: 'user.name: adm*',
      query: { kind: 'field', field: 'user.name', value: { kind: 'wildcard', pattern: 'adm*' } },
    },
    { text: 'user.name: adm\\*', query: field('user.name', 'adm*') },
    { text: 'user.name: *', query: { kind: 'exists', field: 'user.name' } },
    { text: 'rule.name: Block all', query: field('rule.name', 'Block all') },
    {
      text: 'event.code: (4624 or 4625)',
      query: { kind: 'or', of: [field('event.code', '4624'), field('event.code', '4625')] },
    },
    {
      text: 'tags: (a and not b)',
      query: { kind: 'and', of: [field('tags', 'a'), { kind: 'not', of: field('tags', 'b') }] },
    },
    { text: 'source.port >= 1024', query: { kind: 'range', field: 'source.port', op: '>=', value: '1024' } },
    {
      text: '@timestamp < "2026-11-02T00:00:00Z"',
      query: { kind: 'range', field: '@timestamp', op: '<', value: '2026-11-02T00:00:00Z' },
    },
    { text: 'failed password', query: { kind: 'and', of: [word('failed'), word('password')] } },
    {
      text: '"failed password" OR lock*',
      query: {
        kind: 'or',
        of: [
          { kind: 'text', value: { kind: 'phrase', text: 'failed password' } },
          { kind: 'text', value: { kind: 'wildcard', pattern: 'lock*' } },
        ],
      },
    },
    { text: 'a or b and c', query: { kind: 'or', of: [word('a'), { kind: 'and', of: [word('b'), word('c')] }] } },
    { text: '(a or b) and c', query: { kind: 'and', of: [{ kind: 'or', of: [word('a'), word('b')] }, word('c')] } },
    { text: 'not not a', query: { kind: 'not', of: { kind: 'not', of: word('a') } } },
    {
      text: 'source.ip: 2001\\:db8\\:\\:/32',
      query: { kind: 'field', field: 'source.ip', value: { kind: 'cidr', network: '2001:db8::/32' } },
    },
    { text: 'user.name: CORP\\\\anna', query: field('user.name', 'CORP\\anna') },
    { text: 'android', query: word('android') },
  ]
  test.each(cases)('$text', ({ text, query }) => {
    expect(parseQuery(text)).toEqual({ ok: true, query })
  })
})

describe('errors point at the place and suggest what would parse', () => {
  const cases = [
    { text: 'user.name: anna source.ip: 10.0.0.1', from: 16, suggestion: 'user.name: anna and source.ip: 10.0.0.1' },
    { text: 'user.name: "anna', from: 11, suggestion: 'user.name: "anna"' },
    { text: '(a or b', from: 0, suggestion: '(a or b)' },
    { text: 'a or b)', from: 6, suggestion: 'a or b' },
    { text: 'a and', from: 5, suggestion: 'a' },
    { text: 'user.name:', from: 10, suggestion: 'user.name: *' },
    { text: 'port: >= 5', from: 4, suggestion: 'port >= 5' },
    { text: 'user*: anna', from: 0, suggestion: undefined },
    { text: 'or a', from: 0, suggestion: undefined },
    { text: '()', from: 0, suggestion: undefined },
    { text: 'user: { name: a }', from: 6, suggestion: undefined },
    { text: 'host.name: 10:20', from: 11, suggestion: 'host.name: "10:20"' },
  ]
  test.each(cases)('$text', ({ text, from, suggestion }) => {
    const result = parseQuery(text)
    expect(result.ok).toBe(false)
    if (result.ok) return
    expect(result.error.from).toBe(from)
    expect(result.error.suggestion).toBe(suggestion)
    if (suggestion !== undefined) expect(parseQuery(suggestion).ok).toBe(true)
  })

  test('deep nesting is refused, not a stack overflow', () => {
    expect(parseQuery(`${'('.repeat(5000)}a${')'.repeat(5000)}`).ok).toBe(false)
    expect(parseQuery(`${'not '.repeat(4000)}a`).ok).toBe(false)
  })

  test('no text throws, and an error lies inside the text', () => {
    const alphabet = fc.constantFrom(...'ab:*()"\\<>={} \t/1.', ' and ', ' or ', ' not ')
    fc.assert(
      fc.property(fc.array(alphabet, { maxLength: 40 }), (parts) => {
        const text = parts.join('')
        const result = parseQuery(text)
        if (result.ok) return
        expect(result.error.from).toBeGreaterThanOrEqual(0)
        expect(result.error.to).toBeLessThanOrEqual(text.length)
        expect(result.error.from).toBeLessThanOrEqual(result.error.to)
        if (result.error.suggestion !== undefined) expect(parseQuery(result.error.suggestion).ok).toBe(true)
      }),
      { numRuns: 2000, seed: 20261123 },
    )
  })
})

describe('parse(format(q)) = q', () => {
  const characters = fc.constantFrom(...'abzÆ1.-_:()<>"*\\{}@/%', 'and', 'or', 'not', 'é', '日')
  const name = fc.array(characters, { minLength: 1, maxLength: 8 }).map((parts) => parts.join(''))
  const phrase = fc
    .array(fc.oneof(characters, fc.constantFrom(' ', '\t', '\n')), { maxLength: 10 })
    .map((parts) => parts.join(''))
  const wildcard = fc
    .array(fc.oneof(fc.constantFrom('*', '\\*', '\\\\'), fc.constantFrom(...'ab():<>"{}.')), {
      minLength: 1,
      maxLength: 8,
    })
    .map((parts) => parts.join(''))
    .filter((pattern) => pattern !== '*' && pattern.replace(/\\[\s\S]/g, '').includes('*'))
  const textValue = fc.oneof(
    name.map((text) => ({ kind: 'word' as const, text })),
    phrase.map((text) => ({ kind: 'phrase' as const, text })),
    wildcard.map((pattern) => ({ kind: 'wildcard' as const, pattern })),
  )
  const words = fc
    .array(name, { minLength: 1, maxLength: 3 })
    .map((parts) => ({ kind: 'word' as const, text: parts.join(' ') }))
  const cidr = fc
    .constantFrom('10.0.0.0/8', '2001:db8::/32', '192.0.2.1/32')
    .map((network) => ({ kind: 'cidr' as const, network }))
  const leaf: fc.Arbitrary<Query> = fc.oneof(
    fc.constant<Query>({ kind: 'all' }),
    textValue.map((value): Query => ({ kind: 'text', value })),
    fc.tuple(name, fc.oneof(textValue, words, cidr)).map(([of, value]): Query => ({ kind: 'field', field: of, value })),
    fc
      .tuple(name, fc.constantFrom('<' as const, '<=' as const, '>' as const, '>=' as const), phrase)
      .map(([of, op, value]): Query => ({ kind: 'range', field: of, op, value })),
    name.map((of): Query => ({ kind: 'exists', field: of })),
  )
  const { query } = fc.letrec<{ query: Query }>((tie) => ({
    query: fc.oneof(
      { depthSize: 'small' },
      leaf,
      fc
        .tuple(fc.constantFrom('and' as const, 'or' as const), fc.array(tie('query'), { minLength: 2, maxLength: 4 }))
        .map(([kind, of]) => join(kind, of)),
      tie('query').map((of): Query => ({ kind: 'not', of })),
    ),
  }))

  test('for any tree', () => {
    fc.assert(
      fc.property(query, (tree) => {
        const text = formatQuery(tree)
        expect({ text, ...parseQuery(text) }).toEqual({ text, ok: true, query: tree })
      }),
      { numRuns: 3000, seed: 20261123 },
    )
  })
})
