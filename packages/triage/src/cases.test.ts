import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { verifyBundle } from '@varde/evidence'
import { isVardeError, manualClock } from '@varde/runtime'
import { type AskedChange, languages } from '@varde/schema'
import { collections } from '@varde/store'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { clocksOf } from './breach/clocks.ts'
import { addDuration, loadRegimes } from './breach/regimes.ts'
import { csvCell, html } from './bundle/csv.ts'
import { uuid5 } from './bundle/stix.ts'
import { wordsIn } from './bundle/words.ts'
import { chunkId } from './cases/pin-chunk.ts'
import { inZone } from './cases/zone.ts'
import { eventAt, eventsTo, openFixture, start, tenants } from './testing/case-fixture.ts'

const house = { tenants: 'all' } as const
const runs = process.env['VARDE_SOAK'] === undefined ? 12 : 200
let fixture: Awaited<ReturnType<typeof openFixture<ReturnType<typeof manualClock>>>>
beforeAll(async () => {
  fixture = await openFixture({ events: eventsTo(120), perSeal: 23, clock: manualClock(start + 3_600_000) })
})
afterAll(() => fixture.close())

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  return run().then(
    () => 'no error',
    (error: unknown) => (isVardeError(error) ? error.code : String(error)),
  )
}

const openCase = (by = 'anna') =>
  fixture.desk.cases.open({ title: 'a case', severity: 'high', zone: 'Europe/Copenhagen', tenants: ['alpha'] }, by)
const idsOf = (offsets: number[]) => offsets.map((offset) => eventAt(offset).id)

async function bundleOf(id: string, order: { tenant?: string; pseudonymise?: boolean; revision?: number } = {}) {
  const { cases, exports } = fixture.desk
  const of = await cases.get(id, house)
  if (of === undefined) throw new Error('no case')
  const asked = { why: 'test', to: 'somebody', pseudonymise: false, language: 'en' as const, ...order }
  const done = await exports.ended((await exports.begin(of, asked, 'anna')).id)
  expect(done).toMatchObject({ state: 'done' })
  return readFileSync(exports.path(done.id))
}

const verify = (bytes: Uint8Array) =>
  verifyBundle({ size: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) })

describe('cases', () => {
  test('every change is a revision, and an old one is refused whole', async () => {
    const { cases } = fixture.desk
    const of = await openCase()
    const changes: AskedChange[] = [
      { kind: 'add-task', title: 'reset passwords', measure: true },
      { kind: 'add-note', text: '**called** the customer' },
    ]
    const after = await cases.change(of.id, of.revision, changes, 'anna')
    expect(after).toMatchObject({ revision: 3, tasks: [{ id: 'task-2', status: 'open' }], notes: [{ by: 'anna' }] })
    const edit: AskedChange = { kind: 'edit', status: 'closed' }
    expect(await codeOf(() => cases.change(of.id, of.revision, [edit], 'bob'))).toBe('CASE_CHANGED')
    const wrong: AskedChange = { kind: 'edit-task', id: 'task-9', status: 'done' }
    expect(await codeOf(() => cases.change(of.id, 3, [edit, wrong], 'bob'))).toBe('CASE_CHANGE_INVALID')
    expect(await cases.get(of.id, house)).toEqual(after)
    expect(await cases.at(of.id, 1)).toEqual(of)
    const history = await cases.history(of.id, { limit: 10 })
    expect(history.map(({ revision }) => revision)).toEqual([3, 2, 1])
    expect(history[0]?.previous).toBe(history[1]?.digest)
  })

  test('two who change at once: one wins, one is told', async () => {
    const { cases } = fixture.desk
    const of = await openCase()
    const edit = (title: string) => codeOf(() => cases.change(of.id, 1, [{ kind: 'edit', title }], 'x'))
    expect((await Promise.all([edit('a'), edit('b')])).sort()).toEqual(['CASE_CHANGED', 'no error'])
  })

  test('another customer does not see it', async () => {
    const of = await openCase()
    expect(await fixture.desk.cases.get(of.id, { tenants: ['beta'] })).toBeUndefined()
  })
})

describe('pins', () => {
  test('each event once, with its proof, held when a hold stands, and named in custody', async () => {
    const { cases, evidence, custody, holds } = fixture.desk
    const of = await openCase()
    const first = await evidence.pin(of.id, { events: idsOf([3, 4, 50]) }, 'start', 'anna', house)
    const again = await evidence.pin(of.id, { events: [...idsOf([4, 51]), 'main.0.0.999'] }, 'more', 'bob', house)
    expect([first.pinned, again.pinned, again.already, again.missing]).toEqual([3, 1, 1, ['main.0.0.999']])
    const now = await cases.get(of.id, house)
    if (now === undefined) throw new Error('no case')
    expect((await evidence.places(now)).map(({ id }) => id)).toEqual(idsOf([3, 4, 50, 51]))
    expect(await evidence.verify(now, 'anna', 'before the trial')).toMatchObject({ ok: true, checked: 4, pending: 0 })
    expect((await custody.list(of.id)).map(({ action, by, number }) => [number, action, by])).toEqual([
      [0, 'acquired', 'anna'],
      [1, 'acquired', 'bob'],
      [2, 'verified', 'anna'],
    ])
    expect((await holds.heldBy(idsOf([3, 60]))).size).toBe(0)
    await cases.change(of.id, now.revision, [{ kind: 'hold', reason: 'police' }], 'anna')
    expect([...(await holds.heldBy(idsOf([3, 60])))]).toEqual([[eventAt(3).id, of.id]])
  })

  test('a changed copy is found', async () => {
    const { cases, custody, evidence } = fixture.desk
    const of = await openCase()
    await evidence.pin(of.id, { query: 'user.name: "alpha.user9"', from: 0, to: start * 2 }, 'q', 'anna', house)
    const now = await cases.get(of.id, house)
    const [chunk] = now === undefined ? [] : await evidence.chunks(now)
    if (chunk === undefined) throw new Error('nothing pinned')
    const copies = await evidence.copies(chunk)
    expect(evidence.check(chunk, copies)).toBeUndefined()
    const [one] = copies
    if (one === undefined) throw new Error('nothing pinned')
    expect(evidence.check(chunk, [{ ...one, raw: Buffer.from('other') }])).toContain('root')
    const { documents } = fixture.store
    const kept = await documents.get(collections.casePinCopies.name, chunkId(chunk))
    if (now === undefined || kept === undefined) throw new Error('nothing pinned')
    await documents.delete(collections.casePinCopies.name, kept.id, kept.version)
    const item = `pin:${chunk.batch}`
    expect(await evidence.verify(now, 'anna', 'before the trial')).toMatchObject({ ok: false, wrong: [{ item }] })
    const said = (await custody.list(of.id)).filter(({ action }) => action === 'verified')
    expect(said.map((entry) => [entry.by, entry.item, entry.why, entry.outcome])).toEqual([
      ['anna', 'case', 'before the trial', '1 wrong'],
      ['anna', item, 'before the trial', 'main.0.0: its copies are missing or damaged'],
    ])
  })
})

describe('bundles', () => {
  test('the same revision gives the same bytes, and they verify', async () => {
    const of = await openCase()
    await fixture.desk.evidence.pin(of.id, { events: idsOf([1, 2, 30, 31, 90]) }, 'start', 'anna', house)
    await fixture.desk.evidence.pin(of.id, { events: idsOf([5, 32]) }, 'more', 'anna', house)
    const first = await bundleOf(of.id)
    fixture.clock.advance(60_000)
    expect((await bundleOf(of.id)).equals(first)).toBe(true)
    expect(await verify(first)).toMatchObject({ ok: true, records: 7, withheld: 0 })
  })

  test('what is proven after the first export of a revision belongs to later ones', async () => {
    const { cases, custody, evidence } = fixture.desk
    const of = await openCase()
    fixture.setSealedTo(69)
    await evidence.pin(of.id, { events: idsOf([1, 59, 70, 71, 115]) }, 'start', 'anna', house)
    const first = await bundleOf(of.id)
    expect(await verify(first)).toMatchObject({ ok: true, records: 2 })
    const { revision = 0 } = (await cases.get(of.id, house)) ?? {}
    fixture.setSealedTo(Number.POSITIVE_INFINITY)
    expect(await verify(await bundleOf(of.id))).toMatchObject({ ok: true, records: 5 })
    expect((await bundleOf(of.id, { revision })).equals(first)).toBe(true)
    const exported = (await custody.list(of.id)).filter(({ action }) => action === 'exported')
    expect(exported.map(({ by, to, why, count }) => [by, to, why, count])).toEqual(
      [2, 5, 2].map((count) => ['anna', 'somebody', 'test', count]),
    )
  })

  test('stopped and resumed, it is the same', async () => {
    const of = await openCase()
    const { evidence, exports, cases } = fixture.desk
    await evidence.pin(of.id, { query: '', from: 0, to: start * 2 }, 'all', 'anna', house)
    const now = await cases.get(of.id, house)
    if (now === undefined) throw new Error('no case')
    const order = { why: 'test', to: 'x', pseudonymise: false, language: 'en' as const }
    const whole = await bundleOf(of.id)
    let stopped = 0
    for (const turns of [0, 4, 16, 64, 256]) {
      const begun = await exports.begin(now, order, 'anna')
      for (let n = 0; n < turns; n += 1) await new Promise((resolve) => setImmediate(resolve))
      if ((await exports.stop(begun.id)).state === 'stopped') stopped += 1
      await exports.resume(begun.id)
      expect(await exports.ended(begun.id)).toMatchObject({ state: 'done', total: 120 })
      expect(readFileSync(exports.path(begun.id)).equals(whole)).toBe(true)
    }
    expect(stopped).toBeGreaterThan(1)
  })

  test('a withdrawn event is withheld whole, and the rest verifies', async () => {
    const of = await openCase()
    const { cases, evidence } = fixture.desk
    await evidence.pin(of.id, { events: idsOf([6, 9, 12]) }, 'start', 'anna', house)
    const id = eventAt(9).id
    await cases.change(of.id, 2, [{ kind: 'withdraw', eventId: id, reason: 'not part of it' }], 'anna')
    const bytes = await bundleOf(of.id)
    expect(await verify(bytes)).toMatchObject({ ok: true, records: 3, withheld: 1 })
    expect(bytes.includes('alpha.user9')).toBe(false)
    expect(bytes.includes('alpha.user12')).toBe(true)
  })

  test("a customer's bundle holds no value of another, whatever was pinned and written", async () => {
    const { cases, custody, evidence } = fixture.desk
    const offsets = fc.uniqueArray(fc.nat(119), { minLength: 2, maxLength: 12 })
    const said = fc.record({
      about: fc.nat(119),
      kind: fc.constantFrom('note', 'mark', 'entry', 'task', 'title', 'why', 'query', 'controller'),
    })
    await fc.assert(
      fc.asyncProperty(
        offsets,
        fc.array(said, { maxLength: 5 }),
        fc.constantFrom(...tenants),
        async (pinned, texts, tenant) => {
          const own = pinned.filter((offset) => tenants[offset % 3] === tenant)
          fc.pre(own.length > 0)
          const of = await openCase()
          await evidence.pin(of.id, { events: idsOf(pinned) }, `saw ${eventAt(pinned[0] ?? 0).source}`, 'anna', house)
          for (const { about, kind } of texts) {
            const subject = eventAt(pinned[about % pinned.length] ?? 0)
            const foreign = `seen with ${Buffer.from(subject.raw).toString()}`
            const entry = { time: start, discoveredAt: start, source: 'x', words: foreign }
            const change: AskedChange =
              kind === 'note'
                ? { kind: 'add-note', text: foreign }
                : kind === 'mark'
                  ? { kind: 'mark', eventId: eventAt(own[0] ?? 0).id, words: foreign }
                  : kind === 'entry'
                    ? { kind: 'add-entry', entry }
                    : kind === 'task'
                      ? { kind: 'add-task', title: foreign, measure: false }
                      : kind === 'title'
                        ? { kind: 'edit', title: foreign }
                        : { kind: 'hold', reason: foreign }
            // A query that finds the recipient's events alone, and names somebody else's.
            const query = `user.name: "${tenant}.user${own[0]}" or user.name: "${subject.tenant}.user${subject.home.offset}-x"`
            if (kind === 'query') await evidence.pin(of.id, { query, from: 0, to: start * 2 }, 'more', 'anna', house)
            const other = tenants.find((one) => one !== tenant) ?? ''
            const named: AskedChange = {
              kind: 'controller',
              controller: { tenant: other, name: other, words: foreign },
            }
            await cases.change(of.id, undefined, [kind === 'controller' ? named : change], 'anna')
            if (kind === 'why')
              await custody.add({ case: of.id, by: 'anna', action: 'handed-over', item: 'case', why: foreign })
          }
          const bytes = await bundleOf(of.id, { tenant })
          expect(await verify(bytes)).toMatchObject({ ok: true, withheld: expect.any(Number) })
          for (const other of tenants.filter((one) => one !== tenant)) expect(bytes.includes(other)).toBe(false)
          for (const offset of own) expect(bytes.includes(`${tenant}.user${offset}`)).toBe(true)
        },
      ),
      { numRuns: runs },
    )
  }, 120_000)

  test("names of Varde's own users stay out where that was asked", async () => {
    const of = await openCase('karla.kontoret')
    const { cases, evidence } = fixture.desk
    await evidence.pin(of.id, { events: idsOf([15]) }, 'karla.kontoret pinned it', 'karla.kontoret', house)
    const mark: AskedChange = { kind: 'mark', eventId: eventAt(15).id, words: 'see karla.kontoret', important: true }
    await cases.change(of.id, 2, [{ kind: 'add-note', text: 'Karla.Kontoret called.' }, mark], 'karla.kontoret')
    const bytes = await bundleOf(of.id, { pseudonymise: true })
    expect(/karla\.kontoret/i.test(bytes.toString('latin1'))).toBe(false)
    expect(bytes.includes('person-')).toBe(true)
    expect(await verify(bytes)).toMatchObject({ ok: true })
    expect(/karla\.kontoret/i.test((await bundleOf(of.id)).toString('latin1'))).toBe(true)
  })
})

const placeholders = (text: string) => [...new Set(text.match(/\{\w+\}/g))].sort()

describe('what is shown to others', () => {
  test.each([
    ['=1+1', "'=1+1"],
    [' @SUM(A1)', "' @SUM(A1)"],
    ['-2', "'-2"],
    ['＝cmd', "'＝cmd"],
    ['\tx', "'\tx"],
    ['a "b", c', '"a ""b"", c"'],
    ['plain', 'plain'],
  ])('the cell %j is written %j', (given, written) => expect(csvCell(given)).toBe(written))

  test('no text becomes HTML, and none hides its order', () => {
    expect(html('<script>"&\'\u202e')).toBe('&lt;script&gt;&quot;&amp;&#39;[U+202e]')
  })

  test.each([
    [Date.UTC(2026, 6, 1, 12, 0, 0, 7), 'Europe/Copenhagen', '2026-07-01T14:00:00.007+02:00'],
    [Date.UTC(2026, 0, 1), 'UTC', '2026-01-01T00:00:00.000+00:00'],
  ])('%d in %s is %s', (time, zone, text) => expect(inZone(time, zone)).toBe(text))

  test('both languages have the same words', () => {
    for (const file of ['bundle', 'breach']) {
      const [da, en] = languages.map((language) =>
        Object.keys(parse(readFileSync(join(import.meta.dirname, '..', 'texts', `${file}.${language}.yaml`), 'utf8'))),
      )
      expect(da).toEqual(en)
      for (const word of da ?? [])
        expect(placeholders(wordsIn(file, 'da')(word)), word).toEqual(placeholders(wordsIn(file, 'en')(word)))
    }
    // RFC 9562, appendix A.4.
    expect(uuid5('6ba7b810-9dad-11d1-80b4-00c04fd430c8', 'www.example.com')).toBe(
      '2ed6657d-e927-568b-95e1-2665a8aea6a2',
    )
  })
})

describe('clocks', () => {
  const hour = 3_600_000
  const aware = { name: 'aware' as const, at: start, reason: 'r', setAt: start, by: 'a' }
  const breach = (over: object) => ({
    regimes: ['gdpr-authority'],
    anchors: [aware],
    facts: {},
    controllers: [],
    filings: [],
    ...over,
  })
  const filing = (sentAt: number) => ({
    id: 'f',
    regime: 'gdpr-authority',
    clock: 'authority-72h',
    kind: 'authority' as const,
    recipient: 'DT',
    phase: 1,
    sentAt,
    by: 'a',
  })
  test.each([
    ['waiting', breach({ anchors: [] }), 0, undefined],
    ['running', breach({}), 23, undefined],
    ['running', breach({}), 49, 48],
    ['running', breach({ anchors: [{ ...aware, name: 'informed' }] }), 61, 60],
    ['missed', breach({}), 73, 72],
    ['met', breach({ filings: [filing(start + 70 * hour)] }), 100, undefined],
    ['late', breach({ filings: [filing(start + 80 * hour)] }), 100, undefined],
  ])('%s', (state, of, hours, warned) => {
    const found = clocksOf(of, loadRegimes(), start + hours * hour).find(({ clock }) => clock === 'authority-72h')
    expect({ state: found?.state, warned: found?.warned }).toEqual({ state, warned })
  })

  test('a month ends on a day that there is', () => {
    expect(new Date(addDuration(Date.UTC(2027, 0, 31, 9), 'P1M')).toISOString()).toBe('2027-02-28T09:00:00.000Z')
  })

  test('each controller has its own clock, its own notice, and nothing of the others in it', async () => {
    const { cases, evidence, breach: desk } = fixture.desk
    const of = await openCase()
    await evidence.pin(of.id, { events: idsOf([0, 1, 2, 3]) }, 'start', 'anna', house)
    const changes: AskedChange[] = [
      { kind: 'breach', regimes: ['gdpr-processor', 'nis2', 'policy', 'gdpr-authority'] },
      { kind: 'anchor', name: 'aware', at: fixture.clock.now(), reason: 'the alert was confirmed' },
      {
        kind: 'facts',
        facts: {
          kinds: ['confidentiality'],
          nature: 'beta and alpha were guessed',
          measuresTaken: 'The server of beta was locked',
        },
      },
      ...['alpha', 'beta'].map(
        (tenant): AskedChange => ({ kind: 'controller', controller: { tenant, name: `${tenant} A/S` } }),
      ),
    ]
    const now = await cases.change(of.id, 2, changes, 'anna')
    expect(
      desk
        .clocks(now)
        .filter(({ to }) => to === 'controller')
        .map(({ tenant }) => tenant),
    ).toEqual(['alpha', 'beta'])
    const page = await desk.document(now, { kind: 'controller', language: 'da', tenant: 'alpha', phase: 1 })
    expect(page).toContain('alpha A/S')
    expect(page).not.toContain('beta')
    expect(page).toContain('artikel 33, stk. 2')
    expect(page).toMatch(/\d{1,2}\. november 2026 kl\. \d\d\.\d\d/)
    const letter = await desk.document(now, { kind: 'person', language: 'da', phase: 1 })
    for (const text of ['Hvad er der sket?', 'Kære [navn]']) expect(letter).toContain(text)
    const draft = await desk.document(now, { kind: 'authority', language: 'en', phase: 2 })
    for (const text of [
      'beta and alpha were guessed',
      'Art. 33(4)',
      'counted in the evidence',
      '4 (counted',
      ' 2026 at ',
    ])
      expect(draft).toContain(text)
    expect(desk.missing(now).map(({ fact }) => fact)).toContain('contact')
    expect((await desk.register(house, {})).map((row) => row.case)).toContain(of.id)
  })

  test("a supplier's breach becomes a case whose clocks run from when we were told", async () => {
    const { breach: desk } = fixture.desk
    const report = {
      supplier: 'Cloud ApS',
      text: 'we lost a disk',
      informedAt: start,
      tenants: ['alpha'],
      severity: 'high' as const,
    }
    const of = await desk.intake(report, 'anna')
    expect(desk.clocks(of).find(({ tenant }) => tenant === 'alpha')).toMatchObject({
      startsAt: start,
      dueAt: start + 24 * hour,
    })
  })
})
