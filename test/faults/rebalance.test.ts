// Ingest consumers that come and go, and a zombie that follows all partitions though they are not its own: nothing is lost or doubled, and no chain forks. VARDE_SOAK=1: 40 rounds instead of 4.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Bus, partitionOf } from '@varde/bus'
import { openKafkaBus } from '@varde/bus/kafka'
import { contentDigest, hashEvent, hashOther, verifyChain, verifySeal } from '@varde/evidence'
import { createIngest, encodeRecord, type Ingest, type Matcher, type Origin, rawTopic } from '@varde/ingest'
import { createLogger } from '@varde/runtime'
import { type Hit, hitsTopic, readHitsRecord, type Seal } from '@varde/schema'
import { collections, type Store } from '@varde/store'
import { openEmbeddedStore } from '@varde/store/embedded'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, engineMissing, startKafka } from '../engines/engine.ts'
import { pause } from './in-turn.ts'

const missing = engineMissing('kafka')
const rounds = process.env['VARDE_SOAK'] === '1' ? 40 : 4
const partitions = 4
const topic = rawTopic('main')
const log = createLogger({ level: 'silent' })
let broker: Engine

const origin: Origin = { tenant: 'house', source: 's', retention: 'standard', collector: 'c', transport: 'tcp' }

/** Every tenth record is a hit, so that hits and attempts are part of what is disturbed. */
const everyTenth: Matcher = {
  ruleSet: 'e'.repeat(64),
  match(event, { attempt }): Hit[] {
    if (!/ n=\d*0$/.test(Buffer.from(event.raw).toString())) return []
    const { tenant, source, home } = event
    const content = contentDigest(event.event)
    const group = { rule: 'r', step: '', group: '[]', fields: {}, late: false }
    return [
      { ...group, eventId: event.id, time: event.arrival, content, partition: home.partition, attempt, tenant, source },
    ]
  },
}

const openBus = () => openKafkaBus({ brokers: [broker.address], clientId: 'test', sessionMs: 6_000, log })

async function startIngest(bus: Bus, store: Store): Promise<Ingest> {
  const ingest = createIngest({
    bus,
    store,
    log,
    matcher: () => everyTenth,
    config: {
      stream: 'main',
      partitions,
      hitsPartitions: 2,
      settings: { sealMs: 100, sealTicksMs: 500, retryMs: 50, trim: false },
      ledgerFlushMs: 200,
    },
  })
  await ingest.start()
  return ingest
}

/** A bus that knows no group: who has it follows all partitions, whoever else does. */
function withoutGroup(bus: Bus): Bus {
  const { share: _, ...rest } = bus
  return rest
}

/** Numbered lines into all partitions until told to stop: how many are durable. */
function feed(bus: Bus) {
  let sent = 0
  let over = false
  const running = (async () => {
    while (!over) {
      const numbers = Array.from({ length: 50 }, (_, n) => sent + n)
      await Promise.all(
        Array.from({ length: partitions }, (_, partition) => {
          const mine = numbers.filter((n) => partitionOf(String(n), partitions) === partition)
          const records = mine.map((n) =>
            encodeRecord({ origin, raw: Buffer.from(`<38>1 - h a - - - n=${n}`) }, Date.now()),
          )
          return bus.append(topic, partition, records)
        }),
      )
      sent += numbers.length
      await pause(5)
    }
  })()
  return {
    async stop() {
      over = true
      await running
      return sent
    },
  }
}

async function sealsOf(store: Store, partition: number): Promise<Seal[]> {
  const seals: Seal[] = []
  let cursor: string | undefined
  do {
    const page = await store.documents.list<Seal & Record<string, never>>(collections.seals.name, {
      where: { partition },
      sort: { by: 'seq', order: 'asc' },
      limit: 1_000,
      ...(cursor !== undefined && { cursor }),
    })
    seals.push(...page.docs.map(({ doc }) => doc))
    cursor = page.next
  } while (cursor !== undefined)
  return seals
}

interface Found {
  times: Map<number, number>
  hits: string[]
  expectedHits: string[]
  seals: number
}

async function examine(bus: Bus, store: Store): Promise<Found> {
  const times = new Map<number, number>()
  const winners = new Set<string>()
  const expectedHits: string[] = []
  let count = 0
  for (let partition = 0; partition < partitions; partition += 1) {
    const seals = await sealsOf(store, partition)
    count += seals.length
    expect(verifyChain(seals)).toMatchObject({ ok: true })
    const chain = { stream: 'main', generation: 0, partition }
    for (const seal of seals) {
      winners.add(seal.attempt)
      const leaves = new Map<number, string>(seal.others.map((other) => [other.offset, hashOther(chain, other).leaf]))
      for await (const events of store.events.range(chain, seal.from, seal.to)) {
        for (const event of events) {
          leaves.set(event.home.offset, hashEvent(event).leaf)
          const n = Number(/n=(\d+)/.exec(Buffer.from(event.raw).toString())?.[1])
          times.set(n, (times.get(n) ?? 0) + 1)
          if (n % 10 === 0) expectedHits.push(event.id)
        }
      }
      const own = Array.from({ length: seal.to - seal.from }, (_, n) => ({
        leaf: leaves.get(seal.from + n) ?? 'missing',
      }))
      expect(verifySeal(seal, own)).toEqual({ ok: true })
    }
    expect(seals.at(-1)?.to).toBe((await bus.partition(topic, partition)).end)
  }
  const hits: string[] = []
  for (const partition of [0, 1]) {
    for await (const batch of bus.read(hitsTopic, { partition, from: 0, untilEnd: true })) {
      for (const one of batch.records.map(readHitsRecord))
        if (one.kind === 'hit' && winners.has(one.hit.attempt)) hits.push(one.hit.eventId)
    }
  }
  return { times, hits: hits.sort(), expectedHits: expectedHits.sort(), seals: count }
}

describe.skipIf(missing !== undefined)(`kafka${missing === undefined ? '' : ` (${missing})`}`, () => {
  beforeAll(async () => {
    broker = await startKafka()
  })
  afterAll(() => broker?.stop())

  test(`${rounds} rounds of rebalance storms, and a zombie: once each, no fork`, {
    timeout: 180_000 + rounds * 40_000,
  }, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'varde-rebalance-'))
    const store = await openEmbeddedStore({ dir: folder })
    const closing: (() => Promise<unknown>)[] = []
    const busOf = async () => {
      const bus = await openBus()
      closing.push(() => bus.close())
      return bus
    }
    try {
      const feeder = await busOf()
      await feeder.ensureTopic(topic, { partitions })
      const zombie = await startIngest(withoutGroup(await busOf()), store)
      const steady = await startIngest(await busOf(), store)
      const feeding = feed(feeder)
      for (let round = 0; round < rounds; round += 1) {
        // Two more come at once, one goes while the other is still joining.
        const [one, other] = await Promise.all([startIngest(await busOf(), store), startIngest(await busOf(), store)])
        await pause(500 + Math.random() * 2_000)
        await one.stop()
        await pause(Math.random() * 1_500)
        await other.stop()
      }
      const rebalances = steady.health().rebalances
      const sent = await feeding.stop()
      await zombie.stop()
      await pause(1_000)
      await steady.drained()
      // All that there is may have been dealt anew meanwhile: one alone has everything in the end.
      await steady.stop()
      const last = await startIngest(withoutGroup(await busOf()), store)
      await last.drained()
      await last.stop()
      const { times, hits, expectedHits, seals } = await examine(feeder, store)
      process.stderr.write(
        `faults: ${rounds} rounds, ${rebalances} rebalances, ${sent} records, ${seals} seals, ${hits.length} hits\n`,
      )
      expect(times.size).toBe(sent)
      expect([...times].filter(([, count]) => count !== 1)).toEqual([])
      expect(hits).toEqual(expectedHits)
      expect(rebalances).toBeGreaterThan(rounds)
    } finally {
      for (const close of closing) await close()
      await store.close()
      await rm(folder, { recursive: true, force: true })
    }
  })
})
