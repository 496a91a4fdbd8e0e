// What the house tells of itself becomes the alerts of the catalogue: watched documents → events → our own parser → the shipped rules.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { compileRule, createRuleSet, loadRules, type RuleSet } from '@varde/detection'
import { sealGap } from '@varde/evidence'
import type { Incoming } from '@varde/ingest'
import { parseRecord } from '@varde/parsers'
import { createLogger } from '@varde/runtime'
import { emptyLedgerSums, type JsonObject, type Seal, sealId } from '@varde/schema'
import { collections } from '@varde/store'
import { openEmbeddedStore } from '@varde/store/embedded'
import type { AlertSummary } from '@varde/triage'
import { expect, test } from 'vitest'
import { shippedRules } from '../wiring.ts'
import { createChainWatch } from './chain-watch.ts'
import { clockWarnings, undelivered } from './duty-watch.ts'
import { type HouseEvent, houseOrigin, recordOf } from './house-event.ts'
import { type HouseWatchOptions, startHouseWatch } from './house-watch.ts'
import { createRiskWatch } from './risk-watch.ts'
import { ruleChanges, rulesById } from './rule-watch.ts'
import { createSourceWatch, type SourceMinute } from './source-watch.ts'

const minute = 60_000
const start = Date.UTC(2026, 10, 23, 10)
const shipped = await loadRules(shippedRules)
const ruleSet: RuleSet = createRuleSet(shipped.rules)

/** The rules that meet these events once they have gone through the parser. */
async function rulesThatMeet(records: readonly Incoming[]): Promise<string[]> {
  const met = new Set<string>()
  for (const { raw } of records) {
    const parsed = parseRecord({ raw, arrival: start, dataset: 'varde' })
    if (!parsed.ok) throw new Error(parsed.detail)
    for (const { rule } of await ruleSet.match(parsed.event)) met.add(rule.id)
  }
  return [...met].sort()
}
const meet = (events: readonly HouseEvent[]) => rulesThatMeet(events.map((one) => recordOf(one, houseOrigin('test'))))

const ledgerMinute = (over: Partial<SourceMinute>): SourceMinute => ({
  tenant: 'alpha',
  source: 'fw1',
  minute: start,
  ...emptyLedgerSums(),
  received: 100,
  events: 100,
  ...over,
})

test('a source is silent beyond its own rhythm only, once, and what came before we listened is not its silence', async () => {
  const facts = { tenant: 'alpha', source: 'fw1', transport: 'udp', firstSeen: start, lastSeen: start + 20 * minute }
  const watch = createSourceWatch(start + 20 * minute)
  watch.learn(Array.from({ length: 21 }, (_, n) => ledgerMinute({ minute: start + n * minute })))
  expect(watch.silent([facts], start + 35 * minute)).toEqual([])
  const silent = watch.silent([facts], start + 36 * minute)
  expect(silent).toMatchObject([{ action: 'source-silent', at: start + 35 * minute }])
  expect(await meet(silent)).toEqual(['op-01-source-silent'])
  expect(watch.silent([facts], start + 50 * minute)).toEqual([])
  const back = { ...facts, lastSeen: start + 51 * minute }
  expect(watch.silent([back], start + 52 * minute)).toMatchObject([{ action: 'source-back' }])
  expect(watch.silent([{ ...back, transport: 'file' }], start + 9_000 * minute)).toEqual([])

  // One that speaks every two hours is waited for; one without a rhythm for a day; both from when we began to listen.
  const slow = createSourceWatch(start)
  slow.learn(Array.from({ length: 12 }, (_, n) => ledgerMinute({ minute: start - (12 - n) * 120 * minute })))
  const quiet = { ...facts, lastSeen: start - 120 * minute }
  expect(slow.silent([quiet], start + 400 * minute)).toEqual([])
  expect(slow.silent([quiet], start + 500 * minute)).toHaveLength(1)
})

test('only what is new of edited rules is told, and what weakens detection is an alert', async () => {
  const text = (more: string) => `id: a-rule\nname: A rule\nseverity: high\nmatch: { when: 'a = 1' }\n${more}`
  const rule = (source: string) => {
    const compiled = compileRule(source, 'a-rule.yaml')
    if (!compiled.ok) throw new Error(JSON.stringify(compiled.errors))
    return rulesById([compiled.rule])
  }
  const none = rulesById([])
  const exception = (until: string) => `exceptions: [{ when: 'b = 1', owner: me, reason: a test, until: ${until} }]\n`
  const cases: [from: typeof none, to: typeof none, changes: string[], alerts: boolean][] = [
    [rule(text('')), rule(text('')), [], false],
    [none, rule(text('')), ['added'], false],
    [rule(text('')), none, ['removed'], true],
    [rule(text('')), rule(text('enabled: false\n')), ['disabled'], true],
    [rule(text('')), rule(text('').replace('severity: high', 'severity: low')), ['severity-lowered'], true],
    [rule(text('')), rule(text('').replace('a = 1', 'a = 2')), ['decides-otherwise'], false],
    [rule(text('')), rule(text(exception('2026-12-31'))), ['exception-added', 'decides-otherwise'], false],
    [
      rule(text('')),
      rule(text(exception('2031-12-31'))),
      ['exception-added', 'exception-long', 'decides-otherwise'],
      true,
    ],
  ]
  for (const [from, to, changes, alerts] of cases) {
    const found = ruleChanges(from, to, start)
    expect(found.map(({ fields }) => fields)).toMatchObject(
      changes.length === 0 ? [] : [{ varde: { rule: { changes } } }],
    )
    expect(await meet(found), changes.join()).toEqual(alerts ? ['si-02-detection-weakened'] : [])
  }
})

test('messages that do not get through, clocks that ran on, and alerts that add up', async () => {
  const owed = { id: 'n1', channel: 'mail', kind: 'alert', status: 'pending', tenant: 'house', title: 'Spray' } as const
  const message = { ...owed, severity: 'high', createdAt: start, attempts: 3, dueAt: start, claimedUntil: 0 } as const
  expect(undelivered([message], start + minute)).toEqual([])
  expect(undelivered([{ ...message, attempts: 0 }], start + 9 * minute)).toEqual([])
  expect(await meet(undelivered([message], start + 9 * minute))).toEqual(['op-08-notification-failed'])

  const hours = (n: number) => start + n * 60 * minute
  const title = { da: 'Anmeldelse', en: 'Notification' }
  const clock = {
    case: 'c1',
    caseTitle: 'A breach',
    regime: 'gdpr-authority',
    clock: 'authority-72h',
    title,
    source: '',
  }
  const warnings = [24, 48].map((n) => ({ hours: n, at: hours(n), passed: n < 30 }))
  const running = { ...clock, to: 'authority', anchor: 'aware', state: 'running', dueAt: hours(72), warnings } as const
  const warned = clockWarnings([running], hours(30))
  expect(warned).toMatchObject([{ action: 'clock-warning', at: hours(24) }])
  expect(clockWarnings([running], hours(73)).map(({ action }) => action)).toEqual(['clock-warning', 'clock-missed'])
  expect(await meet(warned)).toEqual(['in-01-breach-clock'])

  const alert = (id: string, technique: string, over: Partial<AlertSummary> = {}): AlertSummary => ({
    id,
    tenant: 'house',
    title: id,
    severity: 'high',
    status: 'open',
    rule: { id, name: id, type: 'match', attack: [technique] },
    entities: { user: ['anna'], host: [], ip: [] },
    anchor: start,
    window: { from: start, to: start },
    raisedAt: start,
    memberCount: 1,
    suppressed: 0,
    finality: 'final',
    notes: 0,
    ...over,
  })
  const three = [alert('r1', 'T1110.003'), alert('r2', 'T1021.001'), alert('r3', 'T1136.002')]
  const risks = createRiskWatch()
  expect(await meet(risks.look(three.slice(0, 2), start))).toEqual([])
  expect(await meet(risks.look(three, start))).toEqual(['in-02-entity-risk'])
  expect(risks.look(three, start)).toEqual([])
  // What history holds is no risk of today, and the sum does not feed itself.
  const old = three.map((one) => ({ ...one, raisedAt: start + 600 * minute }))
  expect(createRiskWatch().look([...old, alert('in-02-entity-risk', 'T1110')], start + 600 * minute)).toEqual([])
})

test('one look at a store: bad minutes, a broken chain and a canary come through as events, and again as the same events', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'varde-house-'))
  const store = await openEmbeddedStore({ dir: folder })
  try {
    const { documents } = store
    let now = start
    const appended: Incoming[] = []
    let hear: ((rule: string) => void) | undefined
    const options: HouseWatchOptions = {
      documents,
      alerts: {
        all: () => [],
        onChange(listener) {
          hear = (id) => {
            const rule = { id, name: id, type: 'match', attack: [] }
            const times = { anchor: now, window: { from: now, to: now }, raisedAt: now }
            const counts = { memberCount: 1, suppressed: 0, notes: 0 }
            const words = {
              id: 'a',
              tenant: 'house',
              title: '',
              severity: 'info',
              status: 'open',
              finality: 'final',
            } as const
            listener({
              change: 'changed',
              alert: { ...words, ...times, ...counts, rule, entities: { user: [], host: [], ip: [] } },
            })
          }
          return () => undefined
        },
      },
      breach: { running: async () => [] },
      rules: { all: () => shipped.rules, onChange: () => undefined },
      notifier: undefined,
      append: async (records) => void appended.push(...records),
      collector: 'test',
      canaryMs: 15 * minute,
      clock: { now: () => now },
      log: createLogger({ level: 'silent' }),
    }
    const watch = startHouseWatch(options)
    await watch.look()
    hear?.('op-10-canary-sings')
    for (const [n, over] of [{ deadLetters: 9 }, { missing: 4 }, { lagMsSum: 100 * 10 * minute }].entries()) {
      const { minute: at, ...counts } = ledgerMinute({ minute: start + n * minute, ...over })
      await documents.create<JsonObject>(collections.ledger.name, `l${n}`, { ...counts, minute: at })
    }
    // What is imported has holes and is late, and nobody is told.
    const history = ledgerMinute({ source: 'old.log', missing: 9, lagMsSum: 1e12 })
    await documents.create<JsonObject>(collections.ledger.name, 'l9', { ...history })
    const facts = { tenant: 'alpha', source: 'old.log', transport: 'file', firstSeen: start, lastSeen: start }
    await documents.create<JsonObject>(collections.sources.name, 's9', facts)
    now = start + 6 * minute
    await watch.look()
    await watch.stop()
    expect(await rulesThatMeet(appended)).toEqual([
      'op-03-parser-failing',
      'op-06-clock-skew',
      'op-10-canary-missing',
      'op-10-canary-sings',
      'tm-09-record-numbers-missing',
    ])
    const texts = appended.map(({ raw }) => Buffer.from(raw).toString())
    expect(texts.filter((text) => text.includes('old.log'))).toEqual([])
    expect(texts.filter((text) => text.includes('canary-heard'))).toHaveLength(1)
    expect(texts.filter((text) => text.includes('canary-planted'))).toHaveLength(1)

    // Another process, or this one after a restart, tells the same minute with the same key and bytes.
    now = start
    const again: Incoming[] = []
    const second = startHouseWatch({
      ...options,
      canaryMs: undefined,
      append: async (records) => void again.push(...records),
    })
    now = start + 6 * minute
    await second.look()
    await second.stop()
    const keyed = (records: readonly Incoming[]) =>
      records.map(({ sender, raw }) => `${JSON.stringify(sender)} ${Buffer.from(raw).toString()}`)
    expect(again).toHaveLength(3)
    expect(keyed(appended)).toEqual(expect.arrayContaining(keyed(again)))

    const put = (seal: Seal) =>
      documents.create<JsonObject>(collections.seals.name, sealId(seal), JSON.parse(JSON.stringify(seal)))
    const chain = createChainWatch(documents)
    const first = seal(undefined)
    await put(first)
    expect(await chain.look(now)).toEqual([])
    await put(seal(first))
    expect(await chain.look(now)).toEqual([])
    await put({ ...seal(seal(first)), previous: 'f'.repeat(64) })
    expect(await meet(await chain.look(now))).toEqual(['si-04-chain-broken'])
  } finally {
    await store.close()
    rmSync(folder, { recursive: true, force: true })
  }
})

function seal(previous: Seal | undefined): Seal {
  const facts = { sealedAt: start, ruleSet: 'a'.repeat(64), watermark: start, attempt: 'a', lastRecord: 'b'.repeat(64) }
  const gap = { stream: 'main', generation: 0, partition: 0, to: (previous?.to ?? 0) + 1, reason: 'a test' }
  return sealGap({ ...facts, ...gap, ledger: [], ...(previous && { previous }) })
}
