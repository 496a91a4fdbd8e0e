// Rules that come and go one by one, and rules that fail: the index stays exact and counts.
import type { EcsEvent } from '@varde/schema'
import { describe, expect, test } from 'vitest'
import { compileExpression } from './compile-expression.ts'
import type { CompiledExpression } from './expression.ts'
import { createRuleIndex } from './rule-index.ts'

function compiled(source: string): CompiledExpression {
  const result = compileExpression(source)
  if (!result.ok) throw new Error(result.error.message)
  return result.expression
}

const event = (members: Record<string, string | number>): EcsEvent => ({
  '@timestamp': '2026-01-01T00:00:00.000Z',
  ...members,
})

describe('a rule index', () => {
  test('is the same however its rules came', async () => {
    const source = (n: number): string =>
      [
        `a = "${n % 7}"`,
        `$contains($lowercase(b), "t${n % 5}x")`,
        `a in ["${n % 3}", "${n % 11}"] and $exists(b)`,
        `$not(a = "${n % 4}")`,
      ][n % 4] ?? 'false'
    const rules = Array.from({ length: 900 }, (_, key) => ({ key, expression: compiled(source(key)) }))
    const whole = createRuleIndex(rules.filter(({ key }) => key % 10 !== 3))
    let grown = createRuleIndex([])
    for (const rule of rules) grown = grown.next({ add: [rule], remove: [] })
    grown = grown.next({ add: [], remove: rules.flatMap(({ key }) => (key % 10 === 3 ? [key] : [])) })
    expect(grown.facts().rules).toBe(whole.facts().rules)
    for (let n = 0; n < 40; n++) {
      const one = event({ a: String(n % 12), b: `..T${n % 6}X..` })
      const found = await whole.match(one)
      expect(await grown.match(one)).toEqual(found)
      expect(found.length).toBeGreaterThan(0)
    }
  })

  test('takes another rule of the same key in its place', async () => {
    const index = createRuleIndex([{ key: 7, expression: compiled('a = "x"') }])
    const next = index.next({ add: [{ key: 7, expression: compiled('a = "y"') }], remove: [] })
    expect([await next.match(event({ a: 'x' })), await next.match(event({ a: 'y' }))]).toEqual([[], [7]])
    // Whoever still works by the first is not disturbed.
    expect([await index.match(event({ a: 'x' })), await index.match(event({ a: 'y' }))]).toEqual([[7], []])
  })

  test('adds a rule to many in no time', () => {
    const rules = Array.from({ length: 2_000 }, (_, key) => ({
      key,
      expression: compiled(`$contains($lowercase(a), "text number ${key}") and b = "${key}"`),
    }))
    let index = createRuleIndex(rules)
    const expression = compiled('a = "x"')
    const times: number[] = []
    for (let key = 2_000; key < 2_300; key++) {
      const from = performance.now()
      index = index.next({ add: [{ key, expression }], remove: [] })
      times.push(performance.now() - from)
    }
    expect(times.sort((a, b) => a - b)[Math.floor(times.length * 0.95)]).toBeLessThan(50)
  })

  test('counts evaluations that fail or give no truth, and they match nothing', async () => {
    const index = createRuleIndex([
      { key: 1, expression: compiled('a > 5') },
      { key: 2, expression: compiled('a') },
      { key: 3, expression: compiled('$exists(a)') },
      { key: 4, expression: compiled('missing = 1') },
    ])
    expect(await index.match(event({ a: 'text' }))).toEqual([3])
    expect([...index.errors()].sort()).toEqual([
      [1, 1],
      [2, 1],
    ])
  })

  test('waits where a candidate needs the interpreter', async () => {
    const index = createRuleIndex([
      { key: 1, expression: compiled('$exists(items#$i[$i = 0])') },
      { key: 2, expression: compiled('a = "x"') },
    ])
    const found = index.match({ '@timestamp': 'x', a: 'x', items: [1, 2] })
    expect(found).toBeInstanceOf(Promise)
    expect(await found).toEqual([1, 2])
    expect(index.match(event({ a: 'x' }))).toBeInstanceOf(Promise)
  })
})
