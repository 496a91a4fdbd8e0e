// Two retention classes in the same seals, over two weeks: what is over its time goes, the rest stays provable, and `verify` knows why.
// For every store; registers vitest tests.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { leavesOf, sealOf } from '@varde/api'
import type { Bus } from '@varde/bus'
import { merkleRoot, openEntryStreams, unpackRuns } from '@varde/evidence'
import { createIngest, encodeRecord, encodeTick, noRules, rawTopic } from '@varde/ingest'
import { createExpiry, type Expiry, type ExpiryOptions, retentionStream } from '@varde/notary'
import { createLogger, manualClock } from '@varde/runtime'
import type { JsonObject, StoredEvent } from '@varde/schema'
import { collections, expiredBySource, expiredUnits, type Store } from '@varde/store'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { verifyData } from './verify-data.ts'

const log = createLogger({ level: 'silent' })
const topic = rawTopic('main')
const dayMs = 86_400_000
const start = Date.UTC(2026, 2, 1)
const house = { tenants: 'all' } as const
const everything = { scope: house, query: { kind: 'all' as const } }

/** What is opened is empty, or after a close the same again. */
export function retentionTests(opened: { bus(dir: string): Promise<Bus>; store(dir: string): Promise<Store> }): void {
  let dir: string
  let bus: Bus
  let store: Store
  let clock: ReturnType<typeof manualClock>
  let held: Map<string, string>

  const open = async () => {
    bus = await opened.bus(dir)
    store = await opened.store(dir)
  }
  const close = async () => {
    await store.close()
    await bus.close()
  }
  beforeEach(async () => {
    dir = mkdtempSync(join(tmpdir(), 'varde-retention-'))
    clock = manualClock(start)
    held = new Map()
    await open()
    await bus.ensureTopic(topic, { partitions: 1 })
  })
  afterEach(async () => {
    await close()
    rmSync(dir, { recursive: true, force: true })
  })

  const originOf = (source: string, retention: string) =>
    ({ tenant: 'house', source, retention, collector: 'c1', transport: 'tcp', latenessMs: 60_000 }) as const
  const firewall = originOf('fw', 'short')
  const directory = originOf('ad', 'long')

  /** A day of both sources, some ticks, and one line that was too long, sealed in two seals. */
  async function oneDay(): Promise<void> {
    const ingest = createIngest({
      bus,
      store,
      log,
      matcher: () => noRules,
      config: {
        stream: 'main',
        partitions: 1,
        hitsPartitions: 1,
        settings: { sealMs: 20, sealTicksMs: 50, retryMs: 20 },
        ledgerFlushMs: 20,
      },
    })
    await ingest.start()
    for (const half of [0, 1]) {
      const records = Array.from({ length: 24 }, (_, n) => {
        const at = clock.now() + half * 12 * 3_600_000 + n * 60_000
        if (n % 8 === 7) return encodeTick({ collector: 'c1', arrival: at, state: 'live' })
        const raw = Buffer.from(`<34>1 ${new Date(at).toISOString()} host app - - - line ${n} of half ${half}`)
        const cut = n === 20 && half === 0 ? { cutBytes: 9 } : {}
        return encodeRecord({ origin: n % 3 === 0 ? directory : firewall, raw, ...cut }, at)
      })
      await bus.append(topic, 0, records)
      await ingest.drained()
    }
    await ingest.stop()
  }

  function expiryOf(keepDays: Record<string, number>, over: Partial<ExpiryOptions> = {}): Expiry {
    return createExpiry({
      store,
      streams: openEntryStreams({ documents: store.documents, clock }),
      clock,
      log,
      keepDays,
      leavesOf: (seal) => leavesOf(seal, store),
      heldBy: async (ids) => new Map([...held].filter(([id]) => ids.includes(id))),
      ...over,
    })
  }

  /** What a stand-in of the store is made of. */
  function partsOfStore(): Store {
    const { events, documents, check, settle, erasure, expiry } = store
    return {
      events,
      documents,
      check,
      settle,
      expiry,
      close: async () => undefined,
      ...(erasure && { erasure }),
    }
  }

  async function days(count: number, expiry: Expiry): Promise<void> {
    for (let day = 0; day < count; day += 1) {
      await oneDay()
      clock.advance(dayMs)
      await expiry.run()
    }
  }

  async function stored(retention: string): Promise<StoredEvent[]> {
    await store.settle()
    const found: StoredEvent[] = []
    for await (const batch of store.events.scan(everything))
      found.push(...batch.filter((event) => event.retention === retention))
    return found
  }

  async function verified(): Promise<JsonObject> {
    const lines = await Array.fromAsync(verifyData({ bus, store }, () => undefined))
    return lines.length === 1 && lines[0] !== undefined ? lines[0] : { lines }
  }

  async function keptSeals(): Promise<number> {
    return store.documents.count(collections.keptLeaves.name)
  }

  test('a class goes after its days, in whole days, and everything that stays is still proven', async () => {
    const expiry = expiryOf({ short: 3 })
    await days(6, expiry)
    const short = await stored('short')
    expect(short.length).toBeGreaterThan(0)
    for (const { arrival } of short) expect(arrival).toBeGreaterThan(clock.now() - 5 * dayMs)
    const long = await stored('long')
    expect(long).toHaveLength(6 * 14)
    const letters = await store.documents.list<JsonObject>(collections.deadLetters.name, { limit: 100 })
    expect(letters.docs.length).toBeGreaterThan(0)

    const gone = expiry.status()
    expect(gone.events).toBe(6 * 27 - short.length)
    const report = await verified()
    expect(report).toMatchObject({ ok: true, wrong: 0, expired: gone.events + gone.deadLetters })

    // Told where it would be looked for, by source, and not elsewhere.
    const first = { from: start, to: start + dayMs }
    expect(await expiredBySource(store.documents, first, 'all')).toMatchObject([{ source: 'fw' }])
    expect(await expiredBySource(store.documents, { from: clock.now() - dayMs, to: clock.now() }, 'all')).toEqual([])
    expect(await expiredBySource(store.documents, first, ['another'])).toEqual([])

    // An old event of the other class: its seal has lost two thirds of its records, and still leads to its root.
    const [old] = long
    const seal = old === undefined ? undefined : await sealOf(old, store)
    if (seal === undefined) throw new Error('it was sealed long ago')
    const leaves = await leavesOf(seal, store)
    expect(merkleRoot(leaves.map((leaf) => leaf ?? 'missing'))).toBe(seal.root)

    await close()
    await open()
    expect(await stored('long')).toEqual(long)
    expect(await verified()).toMatchObject({ ok: true, expired: gone.events + gone.deadLetters })
  }, 120_000)

  test('what nothing of a seal is left for needs no leaves any more', async () => {
    await days(3, expiryOf({ short: 1 }))
    expect(await keptSeals()).toBeGreaterThan(0)
    clock.advance(dayMs)
    const both = expiryOf({ short: 1, long: 2 })
    await both.run()
    clock.advance(dayMs)
    await both.run()
    clock.advance(dayMs)
    await both.run()
    clock.advance(dayMs)
    await both.run()
    expect([await stored('short'), await stored('long')]).toEqual([[], []])
    expect(await keptSeals()).toBe(0)
    expect(await verified()).toMatchObject({ ok: true })
    expect(await store.check()).toEqual([])
    await oneDay()
    expect(await verified()).toMatchObject({ ok: true })
  }, 120_000)

  test('a crash between the sealed record and the drop is mended by the next look, without a second record', async () => {
    await days(2, expiryOf({}))
    clock.advance(dayMs)
    const broken: Store['expiry'] = {
      ...store.expiry,
      expire: () => Promise.reject(new Error('the power went')),
    }
    const dying = { ...partsOfStore(), expiry: broken }
    const settings = { store: dying }
    await expect(expiryOf({ short: 1 }, settings).run()).rejects.toThrow('the power went')
    expect((await stored('short')).length).toBe(54)
    expect(await verified()).toMatchObject({ ok: true, expired: 0 })
    await close()
    await open()
    await expiryOf({ short: 1 }).run()
    expect(await stored('short')).toEqual([])
    expect(await verified()).toMatchObject({ ok: true })
    const streams = openEntryStreams({ documents: store.documents, clock })
    const entries = await Array.fromAsync(streams.read(retentionStream))
    const subjects = entries.map(({ body }) => body?.['subject'])
    expect(subjects).toHaveLength(new Set(subjects).size)
    expect(await Array.fromAsync(expiredUnits(store.documents))).toHaveLength(entries.length)
  }, 120_000)

  test('what a case holds stays until it is released, and alone', async () => {
    await days(2, expiryOf({}))
    const [first, second] = (await stored('short')).map(({ id }) => id)
    held.set(String(first), 'case-2026-1').set(String(second), 'case-2026-1')
    const expiry = expiryOf({ short: 1 })
    clock.advance(dayMs)
    await expiry.run()
    const left = (await stored('short')).filter(({ arrival }) => arrival < start + dayMs)
    expect(left.map(({ id }) => id)).toEqual([first, second])
    expect(expiry.status().held).toMatchObject([{ events: 2, cases: ['case-2026-1'] }])
    expect(await verified()).toMatchObject({ ok: true })
    const entries = store.documents.count(collections.entries.name)
    await expiry.run()
    expect(await store.documents.count(collections.entries.name)).toBe(await entries)
    held.clear()
    await expiry.run()
    expect((await stored('short')).filter(({ arrival }) => arrival < start + dayMs)).toEqual([])
    expect(await verified()).toMatchObject({ ok: true })
  }, 120_000)

  test('an event that somebody took away is no expired one, whatever leaf is put in its place', async () => {
    await days(3, expiryOf({ short: 1 }))
    const [victim] = await stored('long')
    const seal = victim === undefined ? undefined : await sealOf(victim, store)
    if (victim === undefined || seal === undefined) throw new Error('it was sealed long ago')
    await store.erasure?.erase([{ id: victim.id, leaf: '0'.repeat(64), at: 0, by: '@erasures.0' }])
    const missing = { finding: { at: victim.id, problem: 'a sealed record is missing' } }
    expect(await verified()).toMatchObject({ lines: [missing, { ok: false, wrong: 1 }] })
  }, 120_000)

  test('a sealed record of retention that is changed no longer counts', async () => {
    await days(3, expiryOf({ short: 1 }))
    const { docs } = await store.documents.list<JsonObject>(collections.entries.name, {
      where: { 'link.stream': retentionStream },
      limit: 1,
    })
    const [entry] = docs
    const body = Object(entry?.doc['body'])
    expect(unpackRuns(String(body.chains[0].offsets)).length).toBeGreaterThan(0)
    const changed: JsonObject = { ...entry?.doc, body: { ...body, keepDays: 99 } }
    await store.documents.update(collections.entries.name, String(entry?.id), changed, entry?.version ?? 0)
    const report = await verified()
    expect(report['lines']).toContainEqual({
      part: 'heads',
      finding: expect.objectContaining({ seal: entry?.id }),
    })
  }, 120_000)

  test('a clock that jumps is believed after a day only', async () => {
    const expiry = expiryOf({ short: 3 })
    await days(1, expiry)
    clock.advance(400 * dayMs)
    expect(await expiry.run()).toEqual([])
    expect(expiry.status().waiting).toMatch(/clock has jumped/)
    clock.advance(dayMs / 2)
    expect(await expiry.run()).toEqual([])
    clock.advance(dayMs / 2)
    expect((await expiry.run()).length).toBeGreaterThan(0)
    expect(expiry.status().waiting).toBeUndefined()
  }, 120_000)

  test('of processes that share a store one looks at a time, and whoever died while looking is stood in for', async () => {
    await days(2, expiryOf({}))
    clock.advance(dayMs)
    const [one, two] = [expiryOf({ short: 1 }, { holder: 'one' }), expiryOf({ short: 1 }, { holder: 'two' })]
    const went = (await Promise.all([one.run(), two.run()])).flat()
    expect(went.map(({ unit }) => unit)).toHaveLength(new Set(went.map(({ unit }) => unit)).size)
    expect(await Array.fromAsync(expiredUnits(store.documents))).toHaveLength(went.length)
    expect(await stored('short')).toEqual([])

    await oneDay()
    clock.advance(2 * dayMs)
    const looking = Promise.withResolvers<void>()
    const due = () => {
      looking.resolve()
      return new Promise<never>(() => undefined)
    }
    const dying = { ...partsOfStore(), expiry: { ...store.expiry, due } }
    void expiryOf({ short: 1 }, { holder: 'dead', store: dying }).run()
    await looking.promise
    expect(await two.run()).toEqual([])
    expect(two.status().waiting).toBe('dead looks now')
    clock.advance(20 * 60_000)
    expect((await two.run()).length).toBeGreaterThan(0)
    expect(await verified()).toMatchObject({ ok: true })
  }, 120_000)
}
