import { expect, test } from 'vitest'
import type { AlertSummary } from './alert-summary.ts'
import { ruleRecords } from './rule-record.ts'

const day = 86_400_000
const row = (rule: string, anchor: number, more: Partial<AlertSummary> = {}): AlertSummary => ({
  id: `${rule}${anchor}`,
  tenant: 'house',
  title: rule,
  severity: 'low',
  status: 'open',
  rule: { id: rule, name: rule, type: 'match', attack: [] },
  entities: { user: [], host: [], ip: [] },
  anchor,
  window: { from: anchor, to: anchor },
  raisedAt: anchor,
  memberCount: 1,
  suppressed: 0,
  finality: 'final',
  notes: 0,
  ...more,
})

test('each alert counts once, for its rule, its day and its verdict', () => {
  const records = ruleRecords([
    row('a', 10),
    row('a', day + 5, { status: 'closed', verdict: 'false-positive' }),
    row('a', day + 9, { status: 'closed', verdict: 'true-positive' }),
    row('b', 3),
  ])
  expect(records.get('a')).toMatchObject({
    open: 1,
    total: 3,
    lastFired: day + 9,
    verdicts: { 'false-positive': 1, 'true-positive': 1, benign: 0, duplicate: 0 },
  })
  expect([...(records.get('a')?.days ?? [])]).toEqual([
    [0, 1],
    [day, 2],
  ])
  expect(records.get('b')?.total).toBe(1)
})
