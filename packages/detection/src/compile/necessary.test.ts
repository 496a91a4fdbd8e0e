// What an expression needs of an event, as data and as a query; and what the helpers answer.
import { describe, expect, test } from 'vitest'
import { compileExpression } from './compile-expression.ts'
import type { NecessaryCondition } from './expression.ts'
import { createHelperEnvironment } from './helpers.ts'
import { necessaryToQuery } from './necessary-query.ts'

function compiled(source: string): { necessary: NecessaryCondition; fields: readonly string[] } {
  const result = compileExpression(source)
  if (!result.ok) throw new Error(result.error.message)
  return result.expression
}

const equals = (field: string, values: (string | number)[], fold = false): NecessaryCondition => ({
  kind: 'equals',
  field,
  values,
  fold,
})
const literal = (
  field: string,
  text: string,
  at: 'start' | 'end' | 'anywhere' = 'anywhere',
  fold = false,
): NecessaryCondition => ({ kind: 'literal', field, at, text, fold })
const exists = (field: string): NecessaryCondition => ({ kind: 'exists', field })
const and = (...of: NecessaryCondition[]): NecessaryCondition => ({ kind: 'and', of })
const or = (...of: NecessaryCondition[]): NecessaryCondition => ({ kind: 'or', of })

describe('the necessary condition', () => {
  test.each<[source: string, condition: NecessaryCondition]>([
    ['event.code = "4625"', equals('event.code', ['4625'])],
    ['"4625" = event.code', equals('event.code', ['4625'])],
    ['event.code in ["1", "2"]', equals('event.code', ['1', '2'])],
    ['"start" in event.type', equals('event.type', ['start'])],
    ['$lowercase(user.name) = "anna"', equals('user.name', ['anna'], true)],
    ['a = 1 and b != "x"', and(equals('a', [1]), exists('b'))],
    ['a = 1 or $contains(b, "x")', or(equals('a', [1]), literal('b', 'x'))],
    ['$contains($lowercase(a), "x")', literal('a', 'x', 'anywhere', true)],
    ['$contains(a, /^ab/)', literal('a', 'ab', 'start')],
    ['$contains(a, /AB$/i)', literal('a', 'ab', 'end', true)],
    ['$contains(a, /^ab$/)', equals('a', ['ab'])],
    ['a ~> $contains("x")', literal('a', 'x')],
    ['a ~> /x/', exists('a')],
    ['a ~> /und/', { kind: 'always' }],
    ['$not(a = 1)', { kind: 'always' }],
    ['$exists(a.b)', exists('a.b')],
    ['$count(a[b = 1]) > 0', and(exists('a'), equals('a.b', [1]))],
    ['$count(a[b = 1]) = 0', { kind: 'always' }],
    ['$count(a[$not(b = 1)]) > 0', { kind: 'always' }],
    ['a > 5', exists('a')],
    ['$cidr(source.ip, "10.0.0.0/8")', exists('source.ip')],
    ['a ? b = 1 : c = 2', or(and(exists('a'), equals('b', [1])), equals('c', [2]))],
    ['($t := $lowercase(a); $contains($t, "x"))', literal('a', 'x', 'anywhere', true)],
    ['$contains((a ?? b), "x")', or(literal('a', 'x'), literal('b', 'x'))],
    ['$contains($join([a, b.*], "\\n"), "x")', or(literal('a', 'x'), literal('b.*', 'x'))],
    ['true', { kind: 'always' }],
    ['false', { kind: 'never' }],
  ])('of %s', (source, condition) => {
    expect(compiled(source).necessary).toEqual(condition)
  })

  test.each([
    [
      'event.code = "4625" and $contains($lowercase(a), "x")',
      {
        kind: 'and',
        of: [
          { kind: 'field', field: 'event.code', value: { kind: 'phrase', text: '4625' } },
          { kind: 'exists', field: 'a' },
        ],
      },
    ],
    ['$contains(a, "x*y")', { kind: 'field', field: 'a', value: { kind: 'wildcard', pattern: '*x\\*y*' } }],
    ['$lowercase(a) = "7"', { kind: 'field', field: 'a', value: { kind: 'phrase', text: '7' } }],
    ['$lowercase(a) = "x"', { kind: 'exists', field: 'a' }],
    ['a = 1', { kind: 'exists', field: 'a' }],
    ['$contains($join(a.*, "\\n"), "x")', { kind: 'all' }],
    ['false', { kind: 'not', of: { kind: 'all' } }],
  ])('as a query: %s', (source, query) => {
    expect(necessaryToQuery(compiled(source).necessary)).toEqual(query)
  })
})

test.each([
  ['event.code = "1" and $count(a.b[c = "x"].d) > 0', ['a.b.c', 'a.b.d', 'event.code']],
  ['$$.user.name in ["a"]', ['user.name']],
  ['$lowercase(process.name) ~> $contains("x")', ['process.name']],
])('the fields that %s reads', (source, fields) => {
  expect(compiled(source).fields).toEqual(fields)
})

describe('the helpers', () => {
  const environment = createHelperEnvironment({ tier0: ['anna', 'admin'], ports: [22, 3389] })
  const event = {
    ip: '10.1.2.3',
    v6: '2001:db8::1',
    mapped: '::ffff:10.1.2.3',
    uac: '0x10200',
    n: 66_048,
    user: 'CORP\\Anna',
    upn: 'anna@corp.example',
    sid: 'S-1-5-21-1-2-3-500',
    here: { lat: 55.68, lon: 12.57 },
    there: { lat: 52.52, lon: 13.4 },
  }
  test.each<[source: string, value: unknown]>([
    ['$cidr(ip, "10.0.0.0/8")', true],
    ['$cidr(ip, ["192.168.0.0/16", "10.1.2.3"])', true],
    ['$cidr(ip, "10.1.2.4/31")', false],
    ['$cidr(v6, "2001:db8::/32")', true],
    ['$cidr(mapped, "10.0.0.0/8")', true],
    ['$cidr(ip, "::/0")', false],
    ['$cidr(ip, "0.0.0.0/0")', true],
    ['$cidr(missing, "10.0.0.0/8")', false],
    ['$cidr("no address", "10.0.0.0/8")', false],
    ['$cidr(ip, "10.0.0.0/33")', false],
    ['$inList("tier0", $norm(user))', true],
    ['$inList("ports", 22)', true],
    ['$inList("ports", "22")', false],
    ['$inList("tier0", missing)', false],
    ['$bit(uac, "0x10000")', true],
    ['$bit(n, 512)', true],
    ['$bit(n, 1)', false],
    ['$bit(missing, 1)', false],
    ['$sid(sid)', 500],
    ['$sid(user)', undefined],
    ['$norm(user) = $norm(upn)', true],
    ['$round($geoKm(here, there))', 356],
    ['$geoKm(here, missing)', undefined],
  ])('%s', async (source, value) => {
    for (const interpret of [false, true]) {
      const result = compileExpression(source, { environment, interpret })
      if (!result.ok) throw new Error(result.error.message)
      expect(await result.expression.evaluate(event)).toEqual(value)
    }
  })

  test('an unknown list is an error, and other lists have another digest', () => {
    const result = compileExpression('$inList("nowhere", user)', { environment })
    expect(() => result.ok && result.expression.evaluate(event)).toThrow(/no list "nowhere"/)
    expect(createHelperEnvironment({ tier0: ['anna'] }).digest).not.toBe(environment.digest)
  })
})

test.each([
  ['event.code = ', 'S0207', 1, 14],
  ['a = 1 and\n  b = = 2', 'S0211', 2, 7],
  ['$contains(a, /(?=x)/)', 'V0005', 1, 14],
])('what is wrong in %j is told with its place', (source, code, line, column) => {
  const result = compileExpression(source)
  expect(
    result.ok ? undefined : { code: result.error.code, line: result.error.line, column: result.error.column },
  ).toEqual({ code, line, column })
})

test.each([
  ['($replace(a, /x/, "<$0>") ?: 1)', 'a<x>e'],
  ['$replace(a, /x/, "-") ?? "none"', 'a-e'],
  ['($f := function($v){($contains($v, /x/) ? $replace($v, /x/, "y") : $v) ?? 1}; $f(a))', 'aye'],
  ['($map([a], function($v){$replace($v, /x/, "z")}) ?: a)', 'aze'],
  ['(a{$string($): ($match(a, /x/) ?: 2)} ?: 3)', { axe: 2 }],
])('%s: a regular expression left of ?: or ?? is not lost', async (source, value) => {
  for (const interpret of [false, true]) {
    const result = compileExpression(source, { interpret })
    if (!result.ok) throw new Error(result.error.message)
    expect(await result.expression.evaluate({ a: 'axe' })).toEqual(value)
  }
})
