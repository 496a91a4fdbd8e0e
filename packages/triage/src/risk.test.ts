// Quiet alerts of different rules add up; repeats of one rule hardly, and what was found harmless not at all.
import { expect, test } from 'vitest'
import type { AlertSummary } from './alert-summary.ts'
import { riskOf } from './risk.ts'

function alert(rule: string, user: string, over: Partial<AlertSummary> = {}): AlertSummary {
  return {
    id: `${rule}-${user}-${Math.random()}`,
    tenant: 'house',
    title: rule,
    severity: 'low',
    status: 'open',
    rule: { id: rule, name: rule, type: 'match', attack: [] },
    entities: { user: [user], host: [], ip: [] },
    anchor: 1_000,
    window: { from: 1_000, to: 1_000 },
    raisedAt: 1_000,
    memberCount: 1,
    suppressed: 0,
    finality: 'final',
    notes: 0,
    ...over,
  }
}
const range = { from: 0, to: 10_000, limit: 10 }

test('five rules that each saw a little stand above one rule that saw it thirty times', () => {
  const several = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((rule) => alert(rule, 'anna'))
  const noisy = Array.from({ length: 30 }, () => alert('a', 'bob'))
  const found = riskOf([...noisy, ...several], range)
  expect(found.map(({ value, score, alerts }) => [value, score, alerts])).toEqual([
    ['anna', 35, 7],
    ['bob', 30, 30],
  ])
})

test('outside the range, retracted or found harmless counts nothing', () => {
  const found = riskOf(
    [
      alert('a', 'anna', { anchor: 20_000 }),
      alert('a', 'anna', { finality: 'retracted' }),
      alert('a', 'anna', { verdict: 'false-positive' }),
      alert('a', 'anna', { verdict: 'true-positive', severity: 'critical' }),
    ],
    { ...range, kind: 'user' },
  )
  expect(found).toMatchObject([{ kind: 'user', value: 'anna', score: 60, alerts: 1 }])
})
