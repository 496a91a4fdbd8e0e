// Stage 2 as a service, over a real bus and store: late events set alerts right, and a restart goes on where it was.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type EmbeddedBus, openEmbeddedBus } from '@varde/bus/embedded'
import { createLogger, limits, systemClock } from '@varde/runtime'
import { type EcsEvent, type Hit, hitsTopic, type Marker, type StoredEvent, writeHitsRecord } from '@varde/schema'
import { type EmbeddedStore, openEmbeddedStore } from '@varde/store/embedded'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { projectionOf } from '../replay/diff-alerts.ts'
import { replay } from '../replay/replay.ts'
import { hitsOf } from '../rules/hit.ts'
import type { CompiledRule } from '../rules/rule.ts'
import { createRuleSet } from '../rules/rule-set.ts'
import { alertDocument, type DetectedAlert } from './alert.ts'
import { type Correlation, createCorrelation } from './correlation.ts'
import { eventAt, ruleOf, start } from './run-cases.ts'

let folder: string
let bus: EmbeddedBus
let store: EmbeddedStore
let correlation: Correlation
const alerts = new Map<string, DetectedAlert>()
let offset = 0

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'varde-correlation-'))
  bus = await openEmbeddedBus({ dir: join(folder, 'bus') })
  store = await openEmbeddedStore({ dir: join(folder, 'store') })
  alerts.clear()
  offset = 0
})
afterEach(async () => {
  await correlation?.stop()
  await store?.close()
  await bus?.close()
  await rm(folder, { recursive: true, force: true })
})

async function run(rules: CompiledRule[]): Promise<void> {
  correlation = createCorrelation({
    bus,
    store,
    log: createLogger({ level: 'error' }),
    clock: systemClock,
    ruleSet: createRuleSet(rules),
    hitsPartitions: 1,
    rawPartitions: ['main.0'],
    revisionDelayMs: limits.visibleMs + 200,
    async write(found) {
      if (found.change === 'retracted') alerts.delete(found.id)
      else alerts.set(found.alert.id, found.alert)
      const id = found.change === 'retracted' ? found.id : found.alert.id
      const there = await store.documents.get('alerts', id)
      const existing = there === undefined ? undefined : JSON.parse(JSON.stringify(there.doc))
      const document = alertDocument(found, existing, start)
      if (document === undefined) return
      const doc = JSON.parse(JSON.stringify(document))
      if (there === undefined) await store.documents.create('alerts', id, doc)
      else await store.documents.update('alerts', id, doc, there.version)
    },
  })
  await correlation.start()
}

/** As ingest does: stored, hits, seal's marker. */
async function give(rules: CompiledRule[], events: EcsEvent[], watermark: number, late = false): Promise<void> {
  const ruleSet = createRuleSet(rules)
  const attempt = `a${offset}`
  const stored = events.map((event): StoredEvent => {
    const at = offset++
    return {
      id: `main.0.0.${at}`,
      home: { stream: 'main', generation: 0, partition: 0, offset: at },
      tenant: 'house',
      source: 'test',
      retention: 'standard',
      arrival: Date.parse(event['@timestamp']),
      raw: new TextEncoder().encode(JSON.stringify(event)),
      seed: new Uint8Array(16).fill(at % 250),
      event,
      ingested: 0,
      ...(late ? { lateness: 'late' as const } : {}),
    }
  })
  await store.events.create(stored)
  await store.settle()
  const hits: Hit[] = []
  for (const one of stored) hits.push(...hitsOf(one, await ruleSet.match(one.event), { attempt }))
  const marker: Marker = {
    stream: 'main',
    generation: 0,
    partition: 0,
    seq: 0,
    attempt,
    ruleSet: ruleSet.digest,
    watermark,
  }
  await bus.append(hitsTopic, 0, [
    ...hits.map((hit) => writeHitsRecord({ kind: 'hit', hit })),
    writeHitsRecord({ kind: 'marker', marker }),
  ])
  await correlation.drained()
}

async function revised(wanted: number): Promise<void> {
  while (correlation.revisions().done < wanted || correlation.revisions().waiting > 0)
    await new Promise((resolve) => setTimeout(resolve, 10))
}

const at = (seconds: number, code: string, ip = '192.0.2.1', user = 'anna') =>
  eventAt(seconds, { 'event.code': code, 'source.ip': ip, 'user.name': user, 'host.name': `h-${ip}` })

const late: [name: string, rule: string, live: EcsEvent[], lateEvents: EcsEvent[], before: number, after: number][] = [
  [
    'one more event makes a burst',
    'threshold: { when: event.code = "1", group: [source.ip], count: { atLeast: 3, within: 1m } }',
    [at(0, '1'), at(10, '1'), at(0, '1', '192.0.2.2')],
    [at(5, '1')],
    0,
    1,
  ],
  [
    'an earlier event moves the anchor: the alert is another',
    'threshold: { when: event.code = "1", group: [source.ip], count: { atLeast: 3, within: 1m } }',
    [at(0, '1'), at(10, '1'), at(20, '1')],
    [at(5, '1')],
    1,
    1,
  ],
  [
    'what was expected came after all',
    'absence: { after: event.code = "1", expect: event.code = "2", group: [source.ip], within: 20s }',
    [at(0, '1')],
    [at(10, '2')],
    1,
    0,
  ],
  [
    'a step of a sequence came late',
    'sequence: { group: [source.ip], within: 1m, steps: [{ name: a, when: event.code = "1" }, { name: b, when: event.code = "2" }] }',
    [at(30, '2')],
    [at(10, '1')],
    0,
    1,
  ],
  [
    'it had been seen before',
    'firstSeen: { when: event.code = "1", group: [user.name], value: source.ip, learn: 1m, forget: 10m }',
    [at(0, '1', '192.0.2.1'), at(300, '1', '192.0.2.2')],
    [at(200, '1', '192.0.2.2')],
    1,
    1,
  ],
  [
    'there was more of it before',
    'ratio: { when: event.code = "1", group: [source.ip], of: { within: 20s }, against: { previous: 5m, factor: 2, atLeast: 3 } }',
    [at(0, '1'), ...[200, 201, 202, 203].map((seconds) => at(seconds, '1'))],
    [60, 61, 62, 63].map((seconds) => at(seconds, '1')),
    1,
    1,
  ],
]

test.each(late)('late events: %s', async (_name, body, live, lateEvents, before, after) => {
  const rule = ruleOf(body)
  await run([rule])
  await give([rule], [], start - 1)
  await give([rule], live, start + 1_000_000)
  expect(alerts.size).toBe(before)
  const told = [...alerts.values()].map(projectionOf)
  await give([rule], lateEvents, start + 1_000_001, true)
  await revised(1)
  expect(alerts.size).toBe(after)
  expect([...alerts.values()].map(projectionOf)).not.toEqual(told)
  // As a replay with the late events has it, and again gives the same.
  const range = { from: start - 1, to: start + 1_000_000, ruleSet: createRuleSet([rule]), includeLate: true }
  const replayed = await replay({ store }, range)
  expect([...alerts.values()].map(projectionOf).sort()).toEqual(replayed.alerts.map(projectionOf).sort())
})

test('late events that wait are judged after a restart; windows go on from their snapshot', async () => {
  const rule = ruleOf('threshold: { when: event.code = "1", group: [source.ip], count: { atLeast: 3, within: 1h } }')
  await run([rule])
  await give([rule], [], start - 1)
  await give([rule], [at(0, '1'), at(10, '1'), at(0, '1', '192.0.2.9')], start + 60_000)
  await give([rule], [at(5, '1')], start + 61_000, true)
  await correlation.stop()
  expect(alerts.size).toBe(0)
  await run([rule])
  await revised(1)
  expect([...alerts.values()].map((alert) => alert.group)).toEqual([{ 'source.ip': '192.0.2.1' }])
  await give([rule], [at(100, '1', '192.0.2.9'), at(110, '1', '192.0.2.9')], start + 200_000)
  expect(alerts.size).toBe(2)
  expect(correlation.stats()[0]?.rules).toMatchObject([{ windows: 2 }])
})

test('a rule that is edited knows the events that were there before it', async () => {
  const body = (atLeast: number) =>
    ruleOf(`threshold: { when: event.code = "1", group: [source.ip], count: { atLeast: ${atLeast}, within: 1h } }`)
  const [before, after] = [body(9), body(4)]
  await run([before])
  await give([before], [], start - 1)
  await give([before], [at(0, '1'), at(10, '1'), at(20, '1')], start + 15_000)
  correlation.setRules(createRuleSet([after]))
  // One batch is still of the rule before; the next says that ingest has switched.
  await give([before], [at(25, '1', '192.0.2.7')], start + 16_000)
  await give([after], [at(30, '1')], start + 17_000)
  while (alerts.size === 0) await new Promise((resolve) => setTimeout(resolve, 20))
  await give([after], [at(40, '1')], start + 100_000)
  expect([...alerts.values()]).toMatchObject([{ rule: { digest: after.digest }, memberCount: 5, finality: 'final' }])
  expect(correlation.stats()[0]?.unknownRule).toBe(0)
}, 20_000)

test('what a crash left provisional is undone as soon as the watermark is beyond the start, and what stands is final', async () => {
  const rule = ruleOf('threshold: { when: event.code = "1", group: [source.ip], count: { atLeast: 2, within: 1m } }')
  await run([rule])
  await give([rule], [], start - 1)
  await give([rule], [at(0, '1'), at(1, '1')], start - 1)
  const [raised] = alerts.values()
  expect(raised?.finality).toBe('provisional')
  const there = await store.documents.get('alerts', raised?.id ?? '')
  // As one that another run of the program raised from hits that came in other batches.
  const orphan = { ...JSON.parse(JSON.stringify(there?.doc)), id: 'f'.repeat(64) }
  await store.documents.create('alerts', orphan.id, orphan)
  await give([rule], [], start + 10_000)
  expect(await store.documents.get('alerts', orphan.id)).toMatchObject({ doc: { finality: 'provisional' } })
  await give([rule], [], systemClock.now())
  expect(await store.documents.get('alerts', orphan.id)).toMatchObject({ doc: { finality: 'retracted' } })
  expect(alerts.get(raised?.id ?? '')?.finality).toBe('final')
})
