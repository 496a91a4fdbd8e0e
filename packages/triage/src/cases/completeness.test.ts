// What a case could not see is said, each kind of it, and the report says it in both languages.
import { readFileSync } from 'node:fs'
import { manualClock } from '@varde/runtime'
import { emptyLedgerSums, type JsonObject, languages } from '@varde/schema'
import { collections, noteExpired } from '@varde/store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { findingWords } from '../bundle/report-sections.ts'
import { wordsIn } from '../bundle/words.ts'
import { eventAt, eventsTo, openFixture, start } from '../testing/case-fixture.ts'
import { findingKinds } from './completeness.ts'

const minute = 60_000
const house = { tenants: 'all' } as const
let fixture: Awaited<ReturnType<typeof openFixture<ReturnType<typeof manualClock>>>>

async function count(source: string, at: number, sums: object): Promise<void> {
  const doc: JsonObject = JSON.parse(
    JSON.stringify({ ...emptyLedgerSums(), tenant: 'alpha', source, minute: at, ...sums }),
  )
  await fixture.store.documents.create(collections.ledger.name, `${at}.main.0.0.alpha/${source}`, doc)
}

beforeAll(async () => {
  fixture = await openFixture({ events: eventsTo(10), perSeal: 5, clock: manualClock(start + 2 * 60 * minute) })
  // Three minutes with records, then nothing: ten of its usual pauses and more.
  for (let n = 0; n < 3; n += 1) await count('alpha-dc1', start + n * minute, { received: 5, events: 5 })
  const troubled = { received: 100, events: 90, bytes: 1_000, deadLetters: 3, late: 4, missing: 5, future: 6 }
  const slow = { lagMsMax: 3 * 24 * 60 * minute, unexplainedBytes: 900 }
  await count('firewall', start, { ...troubled, ...slow })
  await count('another hour', start - 5 * 60 * minute, { received: 1, deadLetters: 1 })
  const gap = { stream: 'main', generation: 0, partition: 1, seq: 0, from: 0, to: 7, sealedAt: start, attempt: 'gap' }
  await fixture.store.documents.create(collections.seals.name, 'main.0.1.0', gap)
  await noteExpired(fixture.store.documents, {
    unit: 'a day',
    retention: 'standard',
    keepDays: 30,
    arrived: { from: start, to: start + minute },
    events: 8,
    chains: [],
    sources: [{ tenant: 'alpha', source: 'alpha-dc1', events: 8 }],
    by: '@retention.0',
    at: start,
  })
})
afterAll(() => fixture.close())

test('silence, dead letters, gaps in numbers and in time, skew, what expired: stated, and the bundle is made', async () => {
  const { cases, evidence, exports } = fixture.desk
  const opened = await cases.open({ title: 'a case', severity: 'high', zone: 'UTC', tenants: ['alpha'] }, 'anna')
  await evidence.pin(opened.id, { events: [eventAt(0).id, eventAt(3).id] }, 'seen', 'anna', house)
  const of = await cases.get(opened.id, house)
  if (of === undefined) throw new Error('no case')
  const { findings, sources } = await evidence.completeness(of)
  expect(findings.map(({ kind, source, count }) => [kind, source, count])).toEqual([
    ['silent', 'alpha-dc1', 58 * minute],
    ['dead-letters', 'firewall', 3],
    ['missing', 'firewall', 5],
    ['late', 'firewall', 4],
    ['delayed', 'firewall', 3 * 24 * 60 * minute],
    ['future', 'firewall', 6],
    ['unexplained', 'firewall', 900],
    ['gap', undefined, 7],
    ['expired', 'alpha-dc1', 8],
  ])
  expect(sources.find(({ source }) => source === 'alpha-dc1')).toMatchObject({ pinned: 2, received: 15 })
  const order = { why: 'test', to: 'somebody', pseudonymise: false, language: 'en' as const }
  const done = await exports.ended((await exports.begin(of, order, 'anna')).id)
  expect(done).toMatchObject({ state: 'done' })
  const bundle = readFileSync(exports.path(done.id), 'utf8')
  expect(bundle).toContain('Up to 8 record(s) of alpha-dc1 were over the time for which they are kept')
  expect(bundle).toContain('Events of firewall came up to 3 day(s) after they happened')
})

test.each(languages)('a report in %s has words for every finding there can be', (language) => {
  const say = wordsIn('bundle', language)
  for (const kind of findingKinds) expect(findingWords({ kind, count: 2, words: '' }, say)).toMatch(/\w{3}/)
})
