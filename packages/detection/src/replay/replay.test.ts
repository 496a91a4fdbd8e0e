// Replay over the embedded store: what is pushed down changes the reading, never the alerts.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@varde/runtime'
import type { Alert, StoredEvent } from '@varde/schema'
import { type EmbeddedStore, openEmbeddedStore } from '@varde/store/embedded'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { alertDocument } from '../correlate/alert.ts'
import { ruleOf, start } from '../correlate/run-cases.ts'
import { loadRules } from '../rules/load-rules.ts'
import type { CompiledRule } from '../rules/rule.ts'
import { createRuleSet } from '../rules/rule-set.ts'
import { testEvents } from '../rules/test-events.ts'
import { diffAlerts, projectionOf } from './diff-alerts.ts'
import { pushDown } from './push-down.ts'
import { replay } from './replay.ts'
import { createReplays } from './replays.ts'

const detections = join(dirname(fileURLToPath(import.meta.url)), '../../../../detections')
let folder: string
let store: EmbeddedStore
let rules: CompiledRule[]
const stored: StoredEvent[] = []

/** Every event of every shipped rule's tests, each test an hour after the one before. */
beforeAll(async () => {
  rules = (await loadRules(detections)).rules
  for (const [number, test] of rules
    .flatMap((rule) => (rule.definition.tests ?? []).map((one) => ({ ...one, file: rule.file })))
    .entries()) {
    const made = await testEvents({ ...test, start: new Date(start + number * 3_600_000).toISOString() }, test.file)
    if (!made.ok) throw new Error(made.problem)
    for (const event of made.events) {
      const offset = stored.length
      const arrival = Date.parse(event['@timestamp'])
      stored.push({
        id: `main.0.0.${offset}`,
        home: { stream: 'main', generation: 0, partition: 0, offset },
        tenant: 'house',
        source: 's',
        retention: 'standard',
        arrival,
        raw: new TextEncoder().encode(JSON.stringify(event)),
        seed: new Uint8Array(16).fill(offset % 250),
        event,
        ingested: arrival,
        lateness: 'imported',
      })
    }
  }
  folder = await mkdtemp(join(tmpdir(), 'varde-replay-'))
  store = await openEmbeddedStore({ dir: folder })
  await store.events.create(stored)
  await store.settle()
}, 60_000)
afterAll(async () => {
  await store?.close()
  await rm(folder, { recursive: true, force: true })
})

const range = { from: start - 86_400_000, to: start + 365 * 86_400_000 }

test('over the store, pushed down, and over the same events in memory: the same alerts', async () => {
  const ruleSet = createRuleSet(rules)
  const inMemory = await replay({ events: [stored] }, { ...range, ruleSet })
  expect(inMemory.alerts.length).toBeGreaterThan(120)
  expect(new Set(inMemory.alerts.map((alert) => alert.rule.id)).size).toBeGreaterThan(60)
  let reading = 0
  let replays = 0
  for (let at = 0; at < rules.length; at += 3, replays++) {
    const some = rules.slice(at, at + 3)
    const found = await replay({ store }, { ...range, ruleSet: createRuleSet(some) })
    reading += found.events
    const wanted = inMemory.alerts.filter((alert) => some.some((rule) => rule.id === alert.rule.id))
    expect(found.alerts.map(projectionOf), some.map((rule) => rule.id).join()).toEqual(wanted.map(projectionOf))
  }
  // Selective rules must not read everything.
  expect(reading).toBeLessThan((stored.length * replays) / 2)
}, 120_000)

test('twice is the same, and the diff against what is there says so', async () => {
  const ruleSet = createRuleSet(rules.filter((rule) => rule.id.startsWith('au-')))
  const { alerts } = await replay({ store }, { ...range, ruleSet })
  const existing: Alert[] = []
  for (const alert of alerts) {
    const document = alertDocument({ change: 'raised', alert }, undefined, start)
    if (document !== undefined) existing.push(document)
  }
  const again = await replay({ store }, { ...range, ruleSet })
  expect(diffAlerts(again.alerts, existing, range)).toMatchObject({
    added: [],
    missing: [],
    changed: [],
    same: alerts.length,
  })
  const [first, second] = existing
  if (first === undefined || second === undefined) throw new Error('two alerts are needed')
  const other: Alert = { ...first, id: 'f'.repeat(64), group: { 'user.name': 'nobody' } }
  const diff = diffAlerts(again.alerts, [other, { ...second, memberCount: 99 }, ...existing.slice(2)], range)
  expect([diff.added.length, diff.missing.map((alert) => alert.id), diff.changed.length]).toEqual([1, [other.id], 1])
  // After an edit all ids are others: the same events by the same group are the same alert.
  const edited = existing.map((alert) => ({ ...alert, id: `0${alert.id.slice(1)}x` }))
  expect(diffAlerts(again.alerts, edited, range)).toMatchObject({ added: [], missing: [], same: alerts.length })
})

test('late events enter windows only where that is asked for', async () => {
  const ruleSet = createRuleSet([
    ruleOf('threshold: { when: event.code = "4625", group: [source.ip], count: { atLeast: 5, within: 1h } }'),
  ])
  const late = stored.map((one): StoredEvent => ({ ...one, lateness: 'late' }))
  expect((await replay({ events: [late] }, { ...range, ruleSet })).alerts).toEqual([])
  expect((await replay({ events: [late] }, { ...range, ruleSet, includeLate: true })).alerts.length).toBeGreaterThan(0)
})

test('a cancelled replay stops and says so; progress is told on the way', async () => {
  const stopping = new AbortController()
  const told: number[] = []
  const running = replay(
    { store },
    {
      ...range,
      ruleSet: createRuleSet(rules),
      signal: stopping.signal,
      progress: ({ events }) => {
        told.push(events)
        stopping.abort()
      },
    },
  )
  await expect(running).rejects.toThrow()
  expect(told).toHaveLength(1)
})

test('a rule that could match anything reads everything', () => {
  expect(pushDown([ruleOf('match: { when: $count($keys($)) > 3 }')])).toEqual({ kind: 'all' })
})

test('replays are jobs: one after the other, cancelled while they wait or run, with an end that tells', async () => {
  const rule = rules.find((one) => one.id.startsWith('au-01'))
  if (rule === undefined) throw new Error('au-01 is needed')
  const raised: string[] = []
  const raise = async (alert: { id: string }) => {
    raised.push(alert.id)
  }
  const replays = createReplays({ store, clock: systemClock, raise })
  const request = { ...range, rules: [rule], includeLate: false, scope: { tenants: 'all' as const }, by: 'anna' }
  const [first, second, third] = [1, 2, 3].map(() => replays.start({ ...request, backfill: true }))
  if (first === undefined || second === undefined || third === undefined) throw new Error('three jobs')
  expect(third.state).toBe('queued')
  expect(replays.cancel(second.id)).toBe(true)
  expect((await replays.done(second.id))?.state).toBe('cancelled')
  const done = await replays.done(first.id)
  // Nothing is stored as an alert here, so each backfill raises the same ones.
  expect(done?.outcome).toMatchObject({ raised: done?.outcome?.alerts.length, failures: 0 })
  await replays.done(third.id)
  expect(raised.length).toBe(2 * (done?.outcome?.alerts.length ?? 0))
  expect(new Set(raised).size).toBe(done?.outcome?.alerts.length)
  expect(replays.list().map((job) => job.state)).toEqual(['done', 'cancelled', 'done'])
  expect(replays.cancel(first.id)).toBe(false)
  const broken = replays.start({ ...request, rules: [{ ...rule, text: 'id: [' }], backfill: false })
  expect(await replays.done(broken.id)).toMatchObject({ state: 'failed', problem: expect.stringContaining(rule.file) })
  await replays.close()
})
