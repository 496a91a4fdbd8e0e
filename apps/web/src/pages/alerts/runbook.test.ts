import type { AlertDetail } from '@varde/api/contract'
import { parseQuery } from '@varde/schema'
import { describe, expect, test } from 'vitest'
import { firstPivots, runbookQuery } from './runbook.ts'

const alert: AlertDetail['alert'] = {
  id: 'a',
  title: 'many failures',
  severity: 'high',
  tenant: 'house',
  rule: { id: 'r', name: 'r', digest: 'd', type: 'threshold', file: 'r.yaml', severity: 'high', attack: [] },
  group: { 'user.name': 'an"na' },
  collected: { 'source.ip': { values: ['192.0.2.1', '192.0.2.2'], count: 2 } },
  members: [],
  memberCount: 0,
  anchor: { content: 'c', time: 0 },
  window: { from: 0, to: 60_000 },
  finality: 'final',
  suppressed: 0,
  raisedAt: 0,
  proof: { state: 'pending', seals: [] },
  status: 'open',
  history: [],
}
const detail = { alert, entities: { user: ['an"na'], host: [], ip: ['192.0.2.1'] } }

describe('code of a runbook', () => {
  test.each([
    ['user.name: {user.name}', 'user.name: "an\\"na"'],
    ['source.ip: {source.ip} and event.code: 4624', 'source.ip: ("192.0.2.1" or "192.0.2.2") and event.code: 4624'],
    ['host.name: {host.name}', undefined],
    ['net user /domain', undefined],
    ['user.name: (', undefined],
  ])('%s', (code, query) => expect(runbookQuery(code, detail)).toBe(query))
})

test('the first pivots are queries, each with its range', () => {
  const pivots = firstPivots(detail)
  expect(pivots.map(({ name, value }) => `${name} ${value}`)).toEqual([
    'around an"na',
    'signIns an"na',
    'around 192.0.2.1',
    'elsewhere 192.0.2.1',
  ])
  for (const { query, range } of pivots) {
    expect(parseQuery(query).ok).toBe(true)
    expect(Date.parse(range.from)).toBeLessThan(Date.parse(range.to))
  }
})
