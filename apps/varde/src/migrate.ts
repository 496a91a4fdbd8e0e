// Carries an embedded data folder into a cluster: documents, tombstones and sealed events as they are, then every seal is proved there.
import type { Bus } from '@varde/bus'
import { decodeEntry, rawTopic } from '@varde/ingest'
import { VardeError } from '@varde/runtime'
import { canonicalJson, type Home, type JsonObject, type StoredEvent } from '@varde/schema'
import { type Collection, collections, type Store } from '@varde/store'
import { verifyData } from './verify-data.ts'

export interface Migration {
  source: { bus: Bus; store: Store }
  target: Store
  stream: string
  partitions: number
}

type Tell = (progress: JsonObject) => void

const pageSize = 500
/** Creates that are on their way at a time: the cluster decides how fast it goes. */
const parallelMax = 3
const batchMax = 5_000
const documentWriters = 8

/** Of this very process and its topics: where the cluster goes on is decided by the cluster's own. */
const notCarried: RegExp = /^(correlator|late)\./

/** May be broken off and begun again: what is there already is compared and left. Findings, then one line `{ok, …}`. */
export async function* migrate(
  { source, target, stream, partitions }: Migration,
  tell: Tell,
): AsyncIterable<JsonObject> {
  await refuseUnsealed(source.bus, source.store, stream, partitions)
  const counts = { events: 0, documents: 0, tombstones: 0 }
  const chains = await chainsOf(source.store)
  // Seals come last of all: a target with seals has what they cover.
  for (const collection of Object.values(collections)) {
    if (collection.name === collections.seals.name || collection.name === collections.nodes.name) continue
    counts.documents += await copyDocuments(source.store, target, collection, tell)
  }
  for (const chain of chains) {
    counts.tombstones += await copyTombstones(source.store, target, chain)
    counts.events += await copyEvents(source.store, target, chain, (events) =>
      tell({ step: 'events', events: counts.events + events }),
    )
  }
  counts.documents += await copyDocuments(source.store, target, collections.seals, tell)
  tell({ step: 'verify' })
  for await (const line of verifyData({ bus: source.bus, store: target }, tell)) {
    yield line['ok'] === undefined ? line : { ...line, ...counts }
  }
}

interface ChainEnd {
  chain: Omit<Home, 'offset'>
  /** One past the last sealed offset. */
  to: number
}

async function chainsOf(store: Store): Promise<ChainEnd[]> {
  const firsts = await store.documents.list<JsonObject>(collections.seals.name, { where: { seq: 0 }, limit: 10_000 })
  const found: ChainEnd[] = []
  for (const { doc } of firsts.docs) {
    const chain = {
      stream: String(doc['stream']),
      generation: Number(doc['generation']),
      partition: Number(doc['partition']),
    }
    const newest = await store.documents.list<JsonObject>(collections.seals.name, {
      where: chain,
      sort: { by: 'seq', order: 'desc' },
      limit: 1,
    })
    found.push({ chain, to: Number(newest.docs[0]?.doc['to'] ?? 0) })
  }
  return found
}

/** Records that no seal covers would be left behind; a collector's ticks say nothing that anybody misses. */
async function refuseUnsealed(bus: Bus, store: Store, stream: string, partitions: number): Promise<void> {
  const ends = new Map<number, number>()
  for (const { chain, to } of (await chainsOf(store)).sort((a, b) => a.chain.generation - b.chain.generation)) {
    if (chain.stream === stream) ends.set(chain.partition, to)
  }
  for (let partition = 0; partition < partitions; partition += 1) {
    const from = ends.get(partition) ?? 0
    const info = await bus.partition(rawTopic(stream), partition).catch(() => undefined)
    if (info === undefined || info.end <= from) continue
    for await (const batch of bus.read(rawTopic(stream), {
      partition,
      from: Math.max(from, info.first),
      untilEnd: true,
    })) {
      const record = batch.records.map(decodeEntry).find((entry) => entry.kind === 'record')
      if (record === undefined) continue
      throw new VardeError(
        'MIGRATE_UNSEALED',
        `the record at offset ${record.offset} of partition ${partition} is not sealed yet`,
        {
          hint: 'Start Varde on this folder once more, without its senders, and stop it when nothing is unsealed.',
          facts: { partition, offset: record.offset },
        },
      )
    }
  }
}

async function copyDocuments(source: Store, target: Store, { name }: Collection, tell: Tell): Promise<number> {
  let copied = 0
  let cursor: string | undefined
  do {
    const page = await source.documents.list<JsonObject>(name, {
      limit: pageSize,
      ...(cursor === undefined ? {} : { cursor }),
    })
    let next = 0
    const worker = async () => {
      for (;;) {
        const one = page.docs[next]
        next += 1
        if (one === undefined) return
        const { id, doc } = one
        if (name === collections.state.name && notCarried.test(id)) continue
        const written = await target.documents.create<JsonObject>(name, id, doc)
        if (
          !written.ok &&
          (written.current === undefined || canonicalJson(written.current.doc) !== canonicalJson(doc))
        ) {
          throw new VardeError('MIGRATE_TAKEN', `the cluster holds another ${name} ${id}`, {
            hint: 'Migrate into a cluster (or a prefix) that no Varde has run on yet.',
            facts: { collection: name, id },
          })
        }
        copied += 1
      }
    }
    await Promise.all(Array.from({ length: documentWriters }, worker))
    tell({ step: 'documents', collection: name, copied })
    cursor = page.next
  } while (cursor !== undefined)
  return copied
}

async function copyTombstones(source: Store, target: Store, { chain, to }: ChainEnd): Promise<number> {
  const tombstones = (await source.erasure?.tombstones(chain, 0, to)) ?? []
  if (tombstones.length === 0) return 0
  if (target.erasure === undefined)
    throw new VardeError('MIGRATE_ERASED', 'the target cannot keep what was erased erased')
  await target.erasure.erase(tombstones)
  return tombstones.length
}

async function copyEvents(
  source: Store,
  target: Store,
  { chain, to }: ChainEnd,
  tell: (events: number) => void,
): Promise<number> {
  let copied = 0
  const running = new Set<Promise<void>>()
  let failed: unknown
  const send = async (events: StoredEvent[]) => {
    const work = createAll(target, events)
      .then(() => {
        copied += events.length
        tell(copied)
      })
      .catch((error: unknown) => {
        failed ??= error
      })
      .finally(() => running.delete(work))
    running.add(work)
    if (running.size >= parallelMax) await Promise.race(running)
    if (failed !== undefined) throw failed
  }
  for await (const events of source.events.range(chain, 0, to)) {
    for (let from = 0; from < events.length; from += batchMax) await send(events.slice(from, from + batchMax))
  }
  await Promise.all(running)
  if (failed !== undefined) throw failed
  return copied
}

async function createAll(target: Store, events: StoredEvent[]): Promise<void> {
  const outcomes = await target.events.create(events)
  for (const [at, outcome] of outcomes.entries()) {
    const event = events[at]
    const isThere =
      outcome.outcome === 'created' ||
      (outcome.outcome === 'existing' && Buffer.from(outcome.stored.seed).equals(event?.seed ?? Buffer.alloc(0)))
    if (isThere) continue
    throw new VardeError('MIGRATE_TAKEN', `the cluster does not take the event ${event?.id}: ${outcome.outcome}`, {
      hint: 'Migrate into a cluster (or a prefix) that no Varde has run on yet.',
      facts: {
        id: event?.id ?? '',
        outcome: outcome.outcome,
        reason: outcome.outcome === 'refused' ? outcome.reason : '',
      },
    })
  }
}
