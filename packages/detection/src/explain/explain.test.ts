// Explanations name the clause, the field and the exception.
import { describe, expect, test } from 'vitest'
import { eventAt, ruleOf } from '../correlate/run-cases.ts'
import { type Clause, clausesOf } from './clauses.ts'
import { explain } from './explain.ts'

const shape = (clause: Clause): unknown =>
  clause.kind === 'leaf' ? clause.text : { [clause.kind]: clause.of.map(shape) }

test.each([
  ['a = 1', 'a = 1'],
  ['a = 1 and b = "x or y"', { and: ['a = 1', 'b = "x or y"'] }],
  [
    '(a = 1 or b = 2) and $not(c in ["and", "or"])',
    { and: [{ or: ['a = 1', 'b = 2'] }, { not: ['c in ["and", "or"]'] }] },
  ],
  ['a ~> /x or y\\/ and/ and b', { and: ['a ~> /x or y\\/ and/', 'b'] }],
  ['$contains(m, /( or )/) or b', { or: ['$contains(m, /( or )/)', 'b'] }],
  ['($a := 1; $a = 1 and b)', '($a := 1; $a = 1 and b)'],
  ['a[b and c].d = 1', 'a[b and c].d = 1'],
  ['`x or y` = 1 and floor/2 = 1 and ceil / 2', { and: ['`x or y` = 1', 'floor/2 = 1', 'ceil / 2'] }],
])('%s', (source, expected) => {
  expect(shape(clausesOf(source))).toEqual(expected)
})

const rule =
  ruleOf(`threshold: { when: 'event.code = "4625" and ($not(user.name = "x") and event.outcome = "failure")', group: [source.ip], count: { atLeast: 3, within: 1m } }
exceptions: [{ when: user.name = "scan", owner: anna, reason: our scanner, until: 2026-12-31 }]`)
const failure = { 'event.code': '4625', 'event.outcome': 'failure', 'user.name': 'bob', 'source.ip': '192.0.2.1' }

describe('explain', () => {
  test.each([
    ['a hit', failure, 'hit', 'the condition holds'],
    [
      'a false clause',
      { ...failure, 'event.outcome': 'success' },
      'miss',
      'this is not true: event.outcome = "failure" (event.outcome is "success")',
    ],
    [
      'a missing field',
      { 'event.code': '4625', 'user.name': 'bob' },
      'miss',
      'the event has no event.outcome: event.outcome = "failure"',
    ],
    ['an exception', { ...failure, 'user.name': 'scan' }, 'excepted', 'excepted until 2026-12-31 by anna: our scanner'],
    [
      'no key',
      { 'event.code': '4625', 'event.outcome': 'failure', 'user.name': 'bob' },
      'no-key',
      'the event has no source.ip, by which the rule groups',
    ],
  ])('%s', async (_name, fields, verdict, reason) => {
    expect(await explain(rule, eventAt(0, fields))).toMatchObject({ verdict, reason })
  })

  test('an exception that has ended holds no more', async () => {
    const event = { ...eventAt(0, { ...failure, 'user.name': 'scan' }), '@timestamp': '2027-01-01T00:00:00.000Z' }
    expect((await explain(rule, event)).verdict).toBe('hit')
  })
})
