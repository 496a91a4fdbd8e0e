import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Bus } from '@varde/bus'
import { openEmbeddedBus } from '@varde/bus/embedded'
import {
  contentDigest,
  hashDeadLetter,
  hashEvent,
  hashOther,
  type Leaf,
  verifyChain,
  verifySeal,
} from '@varde/evidence'
import { createLogger, VardeError } from '@varde/runtime'
import {
  type Hit,
  hitsTopic,
  type JsonObject,
  type Marker,
  readHitsRecord,
  type Seal,
  type StoredEvent,
} from '@varde/schema'
import { collections, type Store } from '@varde/store'
import { openEmbeddedStore } from '@varde/store/embedded'
import { afterEach, describe, expect, test } from 'vitest'
import { createCollectors } from './collect/collectors.ts'
import { deadLetterOf } from './dead-letter-document.ts'
import { createIngest, type IngestConfig, type IngestDeps } from './ingest.ts'
import type { Matcher } from './matcher.ts'
import { sealOf } from './pipeline/chain.ts'
import { encodeRecord, encodeTick, type Incoming, type Origin, rawTopic } from './raw-topic.ts'
import { redriveDeadLetters } from './redrive.ts'

const log = createLogger({ level: 'error' })
const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

const topic = rawTopic('main')
const origin: Origin = {
  tenant: 'house',
  source: 's1',
  retention: 'standard',
  collector: 'c1',
  transport: 'tcp',
  latenessMs: 60_000,
}
const t0 = Date.parse('2026-03-01T12:00:00.000Z')

/** Everything with "evil" in it is a hit. */
const evil: Matcher = {
  ruleSet: 'e'.repeat(64),
  match(event, { attempt }): Hit[] {
    if (!JSON.stringify(event.event).includes('evil')) return []
    const { partition } = event.home
    return [
      {
        rule: 'rule',
        step: '',
        group: '[]',
        eventId: event.id,
        time: event.arrival,
        content: contentDigest(event.event),
        fields: {},
        partition,
        attempt,
        late: event.lateness === 'late',
        tenant: event.tenant,
        source: event.source,
      },
    ]
  },
}

interface House {
  bus: Bus
  store: Store
  folder: string
}

async function house(): Promise<House> {
  const folder = await mkdtemp(join(tmpdir(), 'varde-ingest-'))
  cleanups.push(() => rm(folder, { recursive: true }))
  const bus = await openEmbeddedBus({ dir: join(folder, 'bus') })
  cleanups.push(() => bus.close())
  const store = await openEmbeddedStore({ dir: join(folder, 'store') })
  cleanups.push(() => store.close())
  await bus.ensureTopic(topic, { partitions: 1 })
  return { bus, store, folder }
}

async function running(
  deps: Pick<IngestDeps, 'bus' | 'store'> & Partial<IngestDeps>,
  settings: IngestConfig['settings'] = {},
) {
  const ingest = createIngest({
    log,
    matcher: () => evil,
    ...deps,
    config: {
      stream: 'main',
      partitions: 1,
      hitsPartitions: 2,
      settings: { sealMs: 50, sealTicksMs: 100, retryMs: 20, trim: false, ...settings },
      ledgerFlushMs: 50,
    },
  })
  await ingest.start()
  cleanups.push(() => ingest.stop())
  return ingest
}

/** The same thing with some functions replaced: what comes from another thread can't be spread. */
function faulty<T extends object>(real: T, replaced: Partial<T>): T {
  return new Proxy(real, {
    get: (target, name, receiver) => Reflect.get(name in replaced ? replaced : target, name, receiver),
  })
}

/** A store whose document creates fail in one collection for as long as it is told. */
function withoutCollection(store: Store, refused: string, down: () => boolean): Store {
  const documents = faulty(store.documents, {
    create: (collection, id, doc) =>
      down() && collection === refused
        ? Promise.reject(new VardeError('STORE_UNAVAILABLE', 'crash'))
        : store.documents.create(collection, id, doc),
  })
  return faulty(store, { documents })
}

const syslog = (text: string, time = t0) => `<34>1 ${new Date(time).toISOString()} host app - - - ${text}`

function record(text: string, more: Partial<Incoming> & { arrival?: number } = {}) {
  return encodeRecord({ origin, raw: Buffer.from(text), ...more }, more.arrival ?? t0 + 1_000)
}

async function sealsOf(store: Store, generation = 0): Promise<Seal[]> {
  const { docs } = await store.documents.list<JsonObject>(collections.seals.name, {
    where: { generation },
    sort: { by: 'seq', order: 'asc' },
    limit: 1_000,
  })
  return docs.map(({ doc }) => sealOf(doc))
}

async function eventsOf(store: Store, generation = 0): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  for await (const page of store.events.range({ stream: 'main', generation, partition: 0 }, 0, 1_000_000))
    events.push(...page)
  return events
}

/** Checks every seal against what is stored, as `varde verify` does. */
async function verify(store: Store, generation = 0): Promise<{ seals: Seal[]; kinds: string[] }> {
  const seals = await sealsOf(store, generation)
  expect(verifyChain(seals)).toMatchObject({ ok: true })
  const chain = { stream: 'main', generation, partition: 0 }
  const leaves = new Map<number, Leaf & { kind: string }>()
  for (const event of await eventsOf(store, generation))
    leaves.set(event.home.offset, { ...hashEvent(event), kind: 'event' })
  const letters = await store.documents.list<JsonObject>(collections.deadLetters.name, { limit: 1_000 })
  for (const { doc } of letters.docs) {
    const letter = deadLetterOf(doc)
    if (letter.home.generation === generation)
      leaves.set(letter.home.offset, { ...hashDeadLetter(letter), kind: 'dead-letter' })
  }
  for (const seal of seals) {
    for (const other of seal.others) leaves.set(other.offset, { ...hashOther(chain, other), kind: other.kind })
    const own = seal.others.some((other) => other.kind === 'gap')
      ? [leaves.get(seal.from)]
      : Array.from({ length: seal.to - seal.from }, (_, n) => leaves.get(seal.from + n))
    expect(
      verifySeal(
        seal,
        own.map((leaf) => ({ leaf: leaf?.leaf ?? 'missing' })),
      ),
    ).toEqual({ ok: true })
  }
  return { seals, kinds: [...leaves].sort(([a], [b]) => a - b).map(([, leaf]) => leaf.kind) }
}

async function hitsOf(bus: Bus): Promise<{ hits: Hit[]; markers: Marker[] }> {
  const hits: Hit[] = []
  const markers: Marker[] = []
  for (const partition of [0, 1]) {
    for await (const batch of bus.read(hitsTopic, { partition, from: 0, untilEnd: true })) {
      for (const one of batch.records.map(readHitsRecord)) {
        if (one.kind === 'hit') hits.push(one.hit)
        else if (partition === 0) markers.push(one.marker)
      }
    }
  }
  return { hits, markers }
}

describe('a batch', { timeout: 60_000 }, () => {
  test('that waits for its seal counts its records, not the ticks', async () => {
    const { bus, store } = await house()
    const tick = encodeTick({ collector: 'c1', arrival: t0 + 2_000, state: 'live', latenessMs: 60_000 })
    await bus.append(topic, 0, [tick, record(syslog('a')), tick, record('  '), tick])
    const ingest = await running({ bus, store }, { sealMs: 60_000, sealTicksMs: 60_000 })
    while (ingest.health().partitions[0]?.storedTo !== 5) await new Promise((resolve) => setTimeout(resolve, 10))
    expect(ingest.health().partitions).toMatchObject([{ sealedTo: 0, unsealed: 2 }])
    await ingest.drained()
    expect(ingest.health().partitions).toMatchObject([{ sealedTo: 5, unsealed: 0 }])
  })

  test('that nobody could decode keeps its bytes as a dead letter, and the partition goes on', async () => {
    const { bus, store } = await house()
    const poison = 'a record batch is compressed in an unknown way (7)'
    await bus.append(topic, 0, [record('\u0000\u0001', { poison }), record(syslog('good'))])
    const ingest = await running({ bus, store })
    await ingest.drained()
    expect((await verify(store)).kinds).toEqual(['dead-letter', 'event'])
    const letter = await store.documents.get<JsonObject>(collections.deadLetters.name, 'main.0.0.0')
    expect(letter?.doc).toMatchObject({ reason: 'unreadable', detail: poison })
  })

  test('becomes events, dead letters, ticks and duplicates, all sealed; hits and markers go out', async () => {
    const { bus, store } = await house()
    await bus.append(topic, 0, [
      record(syslog('good')),
      record(syslog('evil')),
      record('   '),
      encodeTick({ collector: 'c1', arrival: t0 + 2_000, state: 'live', latenessMs: 60_000 }),
      record('{"a":1}', { sender: { key: 'k1' } }),
      record('{"a":1}', { sender: { key: 'k1' } }),
      record('{"a":2}', { sender: { key: 'k1' } }),
      record('x'.repeat(50), { cutBytes: 7 }),
    ])
    const ingest = await running({ bus, store })
    await ingest.drained()
    const { seals, kinds } = await verify(store)
    expect(kinds).toEqual(['event', 'event', 'dead-letter', 'tick', 'event', 'duplicate', 'event', 'dead-letter'])
    expect(ingest.health()).toMatchObject({
      state: 'ok',
      lagRecords: 0,
      counters: { events: 4, deadLetters: 2, duplicates: 1, ticks: 1, hits: 1 },
    })
    const [last] = seals.slice(-1)
    expect(last).toMatchObject({ to: 8, ruleSet: evil.ruleSet, watermark: t0 + 2_000 - 60_000 })
    const { hits, markers } = await hitsOf(bus)
    expect(hits).toMatchObject([{ eventId: 'main.0.0.1', attempt: seals[0]?.attempt }])
    expect(markers.map(({ seq, attempt, watermark }) => ({ seq, attempt, watermark }))).toEqual(
      seals.map(({ seq, attempt, watermark }) => ({ seq, attempt, watermark })),
    )
    const letter = await store.documents.get<JsonObject>(collections.deadLetters.name, 'main.0.0.7')
    expect(letter?.doc).toMatchObject({
      reason: 'oversized',
      detail: expect.stringContaining('7 bytes'),
      text: 'x'.repeat(50),
    })
  })

  test.each([
    { name: 'in time', time: t0, lateness: undefined },
    { name: 'late', time: t0 - 61_000, lateness: 'late' },
    { name: 'just not late', time: t0 - 59_000, lateness: undefined },
    { name: 'from the future', time: t0 + 10 * 60_000, lateness: 'future' },
    { name: 'imported', time: t0 - 90_000_000, lateness: 'imported', imported: true },
  ])('an event $name is marked so', async ({ time, lateness, imported }) => {
    const { bus, store } = await house()
    await bus.append(topic, 0, [
      record(syslog('evil', time), imported === true ? { origin: { ...origin, imported: true } } : {}),
    ])
    const ingest = await running({ bus, store })
    await ingest.drained()
    const [event] = await eventsOf(store)
    expect(event?.lateness).toBe(lateness)
    expect((await hitsOf(bus)).hits.map((hit) => hit.late)).toEqual(imported === true ? [] : [lateness === 'late'])
    await verify(store)
  })

  test('a matcher or parser that throws costs its own record only', async () => {
    const { bus, store } = await house()
    await bus.append(topic, 0, [record(syslog('good')), record(syslog('bang'))])
    const matcher: Matcher = {
      ruleSet: 'f'.repeat(64),
      match(event) {
        if (JSON.stringify(event.event).includes('bang')) throw new Error('bang')
        return []
      },
    }
    const ingest = await running({ bus, store, matcher: () => matcher })
    await ingest.drained()
    expect(ingest.health().counters).toMatchObject({ events: 2, matchFailures: 1 })
    const { bus: bus2, store: store2 } = await house()
    await bus2.append(topic, 0, [record('one'), record('two')])
    const breaking = await running({
      bus: bus2,
      store: store2,
      parse: ({ raw }) => {
        if (Buffer.from(raw).toString() === 'two') throw new Error('parser bug')
        return {
          ok: true,
          event: { '@timestamp': '2026-03-01T12:00:00.000Z' },
          dataset: 'x',
          confidence: 1,
          unexplained: [],
        }
      },
    })
    await breaking.drained()
    const letter = await store2.documents.get<JsonObject>(collections.deadLetters.name, 'main.0.0.1')
    expect(letter?.doc).toMatchObject({ reason: 'parser-error', detail: 'parser bug' })
  })

  test('an asynchronous matcher is waited for before the seal', async () => {
    const { bus, store } = await house()
    await bus.append(topic, 0, [record(syslog('evil'))])
    const ingest = await running({
      bus,
      store,
      matcher: () => ({
        ...evil,
        match: async (event, batch) => {
          await new Promise((resolve) => setTimeout(resolve, 30))
          return evil.match(event, batch)
        },
      }),
    })
    await ingest.drained()
    expect((await hitsOf(bus)).hits).toHaveLength(1)
  })
})

describe('the chain', { timeout: 60_000 }, () => {
  test('goes on over restarts, without a double, wherever the batches are cut', async () => {
    const { bus, store } = await house()
    for (let round = 0; round < 4; round += 1) {
      await bus.append(
        topic,
        0,
        Array.from({ length: 50 }, (_, n) => record(syslog(`evil ${round} ${n}`))),
      )
      const ingest = await running({ bus, store }, { batchRecordsMax: 7 + round, sealRecordsMax: 20 })
      await ingest.drained()
      await ingest.stop()
    }
    const { seals } = await verify(store)
    expect(seals.at(-1)?.to).toBe(200)
    expect(seals.length).toBeGreaterThan(8)
    const winners = new Set(seals.map((seal) => seal.attempt))
    const counted = (await hitsOf(bus)).hits.filter((hit) => winners.has(hit.attempt)).map((hit) => hit.eventId)
    expect(new Set(counted).size).toBe(200)
    expect(counted).toHaveLength(200)
  })

  test('events stored before a crash are found again and sealed with their own seeds', async () => {
    const { bus, store } = await house()
    await bus.append(topic, 0, [record(syslog('evil 1')), record(syslog('evil 2'))])
    let crash = true
    const broken = withoutCollection(store, collections.seals.name, () => crash)
    const ingest = await running({ bus, store: broken })
    while (ingest.health().state !== 'failing') await new Promise((resolve) => setTimeout(resolve, 10))
    const before = (await eventsOf(store)).map((event) => Buffer.from(event.seed).toString('hex'))
    crash = false
    await ingest.drained()
    expect((await eventsOf(store)).map((event) => Buffer.from(event.seed).toString('hex'))).toEqual(before)
    const { seals } = await verify(store)
    const { hits } = await hitsOf(bus)
    expect(hits.length).toBeGreaterThan(2)
    expect(hits.filter((hit) => hit.attempt === seals[0]?.attempt)).toHaveLength(2)
  })

  test('two consumers of one partition fork nothing', async () => {
    const { bus, store } = await house()
    const [one, two] = [
      await running({ bus, store }, { sealMs: 5, batchRecordsMax: 13 }),
      await running({ bus, store }, { sealMs: 7, batchRecordsMax: 17 }),
    ]
    for (let n = 0; n < 60; n += 1)
      await bus.append(
        topic,
        0,
        Array.from({ length: 10 }, (_, i) => record(syslog(`evil ${n} ${i}`))),
      )
    await Promise.all([one.drained(), two.drained()])
    const { seals } = await verify(store)
    expect(seals.at(-1)?.to).toBe(600)
    expect(await eventsOf(store)).toHaveLength(600)
    const winners = new Set(seals.map((seal) => seal.attempt))
    const counted = (await hitsOf(bus)).hits.filter((hit) => winners.has(hit.attempt)).map((hit) => hit.eventId)
    expect(new Set(counted).size).toBe(600)
    expect(counted).toHaveLength(600)
  })

  test('records dropped before their seal leave a sealed gap', async () => {
    const { bus, store } = await house()
    await bus.append(topic, 0, [record(syslog('one')), record(syslog('two'))])
    const first = await running({ bus, store })
    await first.drained()
    await first.stop()
    const gone = faulty(bus, {
      partition: async (name, partition) => {
        const info = await bus.partition(name, partition)
        return name === topic ? { ...info, first: 5 } : info
      },
    })
    await bus.append(
      topic,
      0,
      Array.from({ length: 5 }, (_, n) => record(syslog(`later ${n}`))),
    )
    const second = await running({ bus: gone, store })
    await second.drained()
    const { seals, kinds } = await verify(store)
    expect(kinds).toEqual(['event', 'event', 'gap', 'event', 'event'])
    expect(seals[1]).toMatchObject({ from: 2, to: 5, count: 1, others: [{ kind: 'gap', offset: 2, to: 5 }] })
  })

  test('a topic that was made anew is a new generation; the old chain stays', async () => {
    const { bus, store, folder } = await house()
    await bus.append(topic, 0, [record(syslog('old'))])
    const first = await running({ bus, store })
    await first.drained()
    await first.stop()
    const other = await openEmbeddedBus({ dir: join(folder, 'bus2') })
    cleanups.push(() => other.close())
    await other.ensureTopic(topic, { partitions: 1 })
    await other.append(topic, 0, [record(syslog('new')), record(syslog('newer'))])
    const second = await running({ bus: other, store })
    await second.drained()
    expect((await verify(store, 0)).kinds).toEqual(['event'])
    expect((await verify(store, 1)).kinds).toEqual(['event', 'event'])
  })
})

describe('the ledger', { timeout: 60_000 }, () => {
  test('is the sum of the seals, over restarts and a crash between seal and ledger', async () => {
    const { bus, store } = await house()
    let dead = true
    const broken = withoutCollection(store, collections.ledger.name, () => dead)
    await bus.append(topic, 0, [record(syslog('a')), record(' '), record(syslog('b', t0 - 100_000))])
    const first = await running({ bus, store: broken })
    while (first.health().partitions[0]?.sealedTo !== 3) await new Promise((resolve) => setTimeout(resolve, 10))
    await first.stop()
    dead = false
    await bus.append(topic, 0, [record(syslog('c'), { arrival: t0 + 61_000 })])
    const second = await running({ bus, store })
    await second.drained()
    const { docs } = await store.documents.list<JsonObject>(collections.ledger.name, {
      sort: { by: 'minute', order: 'asc' },
      limit: 10,
    })
    expect(docs.map(({ doc }) => doc)).toMatchObject([
      { tenant: 'house', source: 's1', minute: t0, received: 3, events: 2, deadLetters: 1, late: 1, lagMsMax: 101_000 },
      { minute: t0 + 60_000, received: 1, events: 1 },
    ])
    const source = await store.documents.get<JsonObject>(collections.sources.name, 'house/s1')
    expect(source?.doc).toMatchObject({
      received: 4,
      events: 3,
      deadLetters: 1,
      lastSeen: t0 + 61_000,
      transport: 'tcp',
    })
  })

  test('holes in a sender’s own numbers are counted, and un-counted when they fill', async () => {
    const { bus, store } = await house()
    const numbers = [1, 2, 5, 4, 9]
    await bus.append(
      topic,
      0,
      numbers.map((number) => record(String(number))),
    )
    const ingest = await running({
      bus,
      store,
      parse: ({ raw }) => ({
        ok: true,
        event: { '@timestamp': '2026-03-01T12:00:00.000Z' },
        dataset: 'x',
        confidence: 1,
        unexplained: [],
        sequence: { producer: 'p', number: Number(Buffer.from(raw).toString()) },
      }),
    })
    await ingest.drained()
    const { docs } = await store.documents.list<JsonObject>(collections.ledger.name, { limit: 10 })
    expect(docs.map(({ doc }) => doc['missing'])).toEqual([4])
  })
})

describe('faults', { timeout: 60_000 }, () => {
  test('a full bus acknowledges nothing more, and goes on when sealed records have left it', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'varde-full-'))
    cleanups.push(() => rm(folder, { recursive: true }))
    const bus = await openEmbeddedBus({
      dir: join(folder, 'bus'),
      quotaBytes: 300_000,
      segmentBytes: 40_000,
      compression: 'none',
    })
    cleanups.push(() => bus.close())
    const store = await openEmbeddedStore({ dir: join(folder, 'store') })
    cleanups.push(() => store.close())
    const config = {
      collector: 'c1',
      stream: 'main',
      partitions: 1,
      listeners: [],
      sources: [],
      tickMs: 60_000,
      limits: { retryMs: 20 },
    }
    const collectors = createCollectors({ bus, log: createLogger({ level: 'silent' }), config })
    await collectors.start()
    cleanups.push(() => collectors.stop())
    await bus.ensureTopic(hitsTopic, { partitions: 2 })
    let sent = 0
    const send = async () => {
      const body = async function* () {
        yield Buffer.from(`${syslog('x'.repeat(500))}\n`.repeat(40))
      }
      const reply = await collectors.acceptNdjson(body(), { key: { source: 's', tenant: 'house' } })
      if (reply.status === 200) sent += 40
      return reply.status
    }
    while ((await send()) === 200) expect(sent).toBeLessThan(2_000)
    expect(await send()).toBe(503)
    expect(collectors.health()).toMatchObject({ state: 'full', detail: expect.stringContaining('300000') })
    const ingest = await running({ bus, store }, { trim: true, sealRecordsMax: 40, batchRecordsMax: 40 })
    while ((await send()) !== 200) await new Promise((resolve) => setTimeout(resolve, 50))
    await ingest.drained()
    expect(collectors.health().state).toBe('ok')
    expect(await eventsOf(store)).toHaveLength(sent)
    await verify(store)
  })

  test('a full store is said, and left by itself', async () => {
    const { bus, store } = await house()
    let full = true
    const events = faulty(store.events, {
      create: (some) =>
        full ? Promise.reject(new VardeError('STORE_FULL', 'no space left')) : store.events.create(some),
    })
    const filling = faulty(store, { events })
    await bus.append(topic, 0, [record(syslog('a'))])
    const ingest = await running({ bus, store: filling })
    while (ingest.health().state !== 'full') await new Promise((resolve) => setTimeout(resolve, 10))
    expect(ingest.health()).toMatchObject({ state: 'full', detail: 'no space left', lagRecords: 1 })
    full = false
    await ingest.drained()
    expect(ingest.health()).toMatchObject({ state: 'ok', lagRecords: 0 })
    await verify(store)
  })

  test('a dead letter is sent again once it can be read', async () => {
    const { bus, store } = await house()
    let mended = false
    await bus.append(topic, 0, [record('odd', { sender: { key: 'k' } }), record('odd without key')])
    const ingest = await running({
      bus,
      store,
      parse: () =>
        mended
          ? {
              ok: true,
              event: { '@timestamp': '2026-03-01T12:00:00.000Z' },
              dataset: 'x',
              confidence: 1,
              unexplained: [],
            }
          : { ok: false, reason: 'unreadable', detail: 'odd' },
    })
    await ingest.drained()
    const ids = ['main.0.0.0', 'main.0.0.1']
    expect(await redriveDeadLetters([...ids, 'main.0.0.9'], { bus, store })).toMatchObject([
      { outcome: 'redriven', as: 'main.0.0.2' },
      { outcome: 'redriven', as: 'main.0.0.4' },
      { outcome: 'unknown' },
    ])
    await ingest.drained()
    expect(await eventsOf(store)).toEqual([])
    mended = true
    await redriveDeadLetters(ids, { bus, store })
    await ingest.drained()
    expect((await eventsOf(store)).map((event) => Buffer.from(event.raw).toString())).toEqual([
      'odd',
      'odd without key',
    ])
    expect(await redriveDeadLetters(ids, { bus, store })).toMatchObject([
      { outcome: 'already' },
      { outcome: 'already' },
    ])
    await verify(store)
  })
})
