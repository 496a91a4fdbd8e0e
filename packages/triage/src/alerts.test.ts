import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { manualClock } from '@varde/runtime'
import { type EmbeddedStore, openEmbeddedStore } from '@varde/store/embedded'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type AlertEvent, type Alerts, type FoundAlert, openAlerts } from './alerts.ts'

const house = { tenants: 'all' } as const
const clock = manualClock(1_800_000_000_000)
let folder = ''
let store: EmbeddedStore
let alerts: Alerts
let events: AlertEvent[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'varde-triage-'))
  store = await openEmbeddedStore({ dir: folder })
  alerts = await openAlerts({ documents: store.documents, clock })
  events = []
  alerts.onChange((event) => events.push(event))
})
afterEach(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

function found(n: number, over: Partial<FoundAlert> = {}): FoundAlert {
  const time = 1_799_000_000_000 + n * 1_000
  return {
    id: `alert-${String(n).padStart(4, '0')}`,
    tenant: n % 2 === 0 ? 'house' : 'customer',
    rule: {
      id: `rule-${n % 3}`,
      digest: 'd',
      name: `Rule ${n % 3}`,
      type: 'match',
      file: 'a.yaml',
      severity: 'high',
      attack: [],
    },
    title: `Alert number ${n}`,
    severity: n % 5 === 0 ? 'critical' : 'medium',
    group: { 'user.name': `user${n % 4}` },
    anchor: { content: 'c', time },
    window: { from: time, to: time + 500 },
    members: [{ eventId: `main.0.0.${n}`, time, content: 'c', step: '', fields: { 'source.ip': `10.0.0.${n}` } }],
    memberCount: 1,
    collected: {},
    finality: 'provisional',
    suppressed: 0,
    ...over,
  }
}

async function raise(count: number) {
  for (let n = 0; n < count; n += 1) await alerts.raise(found(n))
}

test('what people did stays when detection finds the alert again with more', async () => {
  await raise(1)
  await alerts.update({ ids: ['alert-0000'] }, { verdict: 'false-positive', note: 'the scanner' }, 'anna', house)
  await alerts.raise(found(0, { memberCount: 7 }))
  expect(await alerts.get('alert-0000', house)).toMatchObject({
    memberCount: 7,
    verdict: 'false-positive',
    status: 'closed',
    history: [{ by: 'anna', note: 'the scanner' }],
  })
  const before = events.length
  await alerts.raise(found(0, { memberCount: 7 }))
  expect(events.length).toBe(before)
})

test('a retracted alert leaves the queue, unless somebody has worked on it', async () => {
  await raise(2)
  await alerts.update({ ids: ['alert-0001'] }, { note: 'looking' }, 'anna', house)
  await alerts.retract('alert-0000')
  await alerts.retract('alert-0001')
  expect(alerts.search({}, { scope: house, sort: 'time', limit: 10 }).alerts).toMatchObject([
    { id: 'alert-0001', finality: 'retracted' },
  ])
})

test('pages neither repeat nor lose a row while others come', async () => {
  await raise(30)
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = alerts.search({}, { scope: house, sort: 'severity', limit: 7, cursor })
    seen.push(...page.alerts.map((alert) => alert.id))
    cursor = page.next
    await alerts.raise(found(100 + seen.length, { severity: 'critical' }))
  } while (cursor !== undefined)
  expect(new Set(seen).size).toBe(seen.length)
  expect(seen.filter((id) => id < 'alert-0100')).toHaveLength(30)
})

test('filters and groups agree with a walk over all', async () => {
  await raise(40)
  const all = [...alerts.all(house)]
  expect(alerts.counts({ severity: ['critical'] }, house).total).toBe(
    all.filter((alert) => alert.severity === 'critical').length,
  )
  expect(alerts.counts({ entity: { kind: 'user', value: 'user1' } }, house).total).toBe(
    all.filter((alert) => alert.entities.user.includes('user1')).length,
  )
  expect(alerts.counts({ text: 'NUMBER 3' }, house).total).toBe(
    all.filter((alert) => `${alert.title} ${alert.rule.name}`.includes('3')).length,
  )
  const groups = alerts.groups({}, { scope: house, by: 'rule' })
  expect(groups.reduce((sum, group) => sum + group.count, 0)).toBe(40)
  expect(alerts.counts({}, { tenants: ['customer'] }).total).toBe(20)
})

test('bulk has no cap, and undo takes back only what nobody has touched since', async () => {
  await raise(1_200)
  const done = await alerts.update({ filter: {} }, { status: 'acknowledged', assignee: 'anna' }, 'anna', house)
  expect(done).toMatchObject({ changed: 1_200, unchanged: 0 })
  await alerts.update({ ids: ['alert-0007'] }, { note: 'mine' }, 'bob', house)
  await expect(alerts.undo(done.operation, 'eve', { tenants: ['customer'] })).rejects.toMatchObject({
    code: 'OPERATION_UNKNOWN',
  })
  expect(await alerts.undo(done.operation, 'anna', house)).toEqual({ changed: 1_199, kept: 1 })
  expect(alerts.counts({}, house).status).toEqual({ open: 1_199, acknowledged: 1, closed: 0 })
  expect(await alerts.get('alert-0001', house)).toMatchObject({
    status: 'open',
    history: [{ action: 'status+assignee' }, { action: 'undo' }],
  })
})

test('another tenant neither sees nor changes an alert', async () => {
  await raise(2)
  const customer = { tenants: ['customer'] }
  expect(await alerts.get('alert-0000', customer)).toBeUndefined()
  expect(await alerts.update({ ids: ['alert-0000'] }, { status: 'closed' }, 'eve', customer)).toMatchObject({
    changed: 0,
    unchanged: 1,
  })
})

test('the queue is there again after a restart', async () => {
  await raise(5)
  await alerts.update({ ids: ['alert-0002'] }, { status: 'closed' }, 'anna', house)
  const again = await openAlerts({ documents: store.documents, clock })
  expect(again.counts({}, house)).toEqual(alerts.counts({}, house))
})

test('an event knows the alerts that list it', async () => {
  await raise(6)
  expect(await alerts.withEvent('main.0.0.3', found(3).anchor.time, house)).toMatchObject([{ id: 'alert-0003' }])
  expect(await alerts.withEvent('main.0.0.99', found(3).anchor.time, house)).toEqual([])
})
