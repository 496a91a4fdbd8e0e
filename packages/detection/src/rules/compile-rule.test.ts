// Bad rule files: every error at once, each at its line and column. Digests: what decides, and nothing else.
import { describe, expect, test } from 'vitest'
import { compileRule } from './compile-rule.ts'
import { createLists } from './lists.ts'

const head = 'id: case-rule\nname: Case\nseverity: high\n'

function errorsOf(text: string): string[] {
  const compiled = compileRule(text, 'x.yaml')
  return compiled.ok ? [] : compiled.errors.map((error) => `${error.line}:${error.column} ${error.message}`)
}

describe('errors', () => {
  test.each([
    ['no YAML', 'id: [a\nname: b', [/^2:1 /]],
    ['the same key twice', `${head}match: { when: a }\nname: other`, [/^5:1 Map keys must be unique/]],
    [
      'two errors at once',
      'id: Case\nname: Case\nseverity: terrible\nmatch: { when: a }',
      [/^1:5 small letters/, /^3:11 .*"info"/],
    ],
    ['an unknown key at its place', `${head}match: { when: a = 1 }\nthreshhold: 3`, [/^5:13 .*threshhold/]],
    ['no type', head, [/^1:1 exactly one of/]],
    [
      'two types',
      `${head}match: { when: a }\nratio: { when: a, of: { within: 1m }, against: { previous: 1d, factor: 2, atLeast: 3 } }`,
      [/are match and ratio/],
    ],
    [
      'a duration',
      `${head}threshold: { when: a, count: { atLeast: 2, within: 10 minutes } }`,
      [/^4:52 a number and a unit/],
    ],
    ['an expression in a line', `${head}match: { when: 'event.code = = "1"' }`, [/^4:30 /]],
    ['an expression in a block', `${head}match:\n  when: |\n    event.code = "1"\n    and and b = 2\n`, [/^7:13 /]],
    [
      'a list that is not there',
      `${head}match: { when: '$inList("nobody", user.name)' }`,
      [/there is no list "nobody"/],
    ],
    [
      'a step with a taken name',
      `${head}sequence: { within: 1m, steps: [{ name: count, when: a }, { name: b, when: c }] }`,
      [/can't be named "count"/],
    ],
    ['wall clock', `${head}match: { when: $millis() > 3 }`, [/millis/]],
    ['absence without a span', `${head}absence: { expect: a = 1 }`, [/^4:10 `every`/]],
  ])('%s', (_name, text, expected) => {
    const errors = errorsOf(text)
    expect(errors).toHaveLength(expected.length)
    for (const [position, pattern] of expected.entries()) expect(errors[position]).toMatch(pattern)
  })
})

const digestOf = (text: string, lists?: Record<string, string[]>): string => {
  const compiled = compileRule(text, 'x.yaml', lists === undefined ? {} : { lists: createLists(lists) })
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors))
  return compiled.rule.digest
}

describe('the digest', () => {
  const body = 'threshold: { when: a = 1, group: [b], count: { distinct: c, atLeast: 3, within: 5m } }'
  const plain = digestOf(head + body)

  test.each([
    ['name', head.replace('Case\n', 'Other\n') + body],
    ['severity', head.replace('high', 'low') + body],
    ['title', `${head}${body}\ntitle: '"x" & b'`],
    ['suppression', `${head}${body}\nsuppress: { by: [b], for: 1h }`],
    ['tests', `${head}${body}\ntests: [{ name: x, events: [], alerts: 0 }]`],
    ['spelling of the span', head + body.replace('5m', '300s')],
  ])('does not change with the %s', (_name, text) => {
    expect(digestOf(text)).toBe(plain)
  })

  test.each([
    ['condition', head + body.replace('a = 1', 'a = 2')],
    ['group', head + body.replace('[b]', '[d]')],
    ['limit', head + body.replace('3,', '4,')],
    ['span', head + body.replace('5m', '6m')],
    ['what is counted', head + body.replace('distinct: c', 'distinct: d')],
    ['having', `${head}${body}\nhaving: count > 4`],
    ['exceptions', `${head}${body}\nexceptions: [{ when: a = 3, owner: x, reason: y, until: 2026-12-31 }]`],
    ['id', head.replace('case-rule', 'other-rule') + body],
  ])('changes with the %s', (_name, text) => {
    expect(digestOf(text)).not.toBe(plain)
  })

  test('changes with the values of a list that the rule asks, not with others or their order', () => {
    const text = `${head}match: { when: '$inList("one", user.name)' }`
    const before = digestOf(text, { one: ['a', 'b'], two: ['c'] })
    expect(digestOf(text, { one: ['b', 'a'], two: ['d'] })).toBe(before)
    expect(digestOf(text, { one: ['a'], two: ['c'] })).not.toBe(before)
  })
})
