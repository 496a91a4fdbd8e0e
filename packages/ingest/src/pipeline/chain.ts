// Where a partition goes on: its generation, its last seal, and whether the topic is still the one that was sealed.
import { createHash } from 'node:crypto'
import type { Bus, StoredRecord } from '@varde/bus'
import { noDigest } from '@varde/evidence'
import type { Logger } from '@varde/runtime'
import { canonicalJson, type Digest, type Home, type JsonObject, type Seal, sealId } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'
import { rawTopic } from '../raw-topic.ts'

export interface Resumption {
  chain: Omit<Home, 'offset'>
  last: Seal | undefined
  /** Where to read on. */
  from: number
  /** Set where records are gone that no seal covers: a gap has to be sealed up to `from`. */
  gap: string | undefined
}

/** What tells two raw records apart when a topic may have been replaced: value and headers. */
export function recordDigest(record: Pick<StoredRecord, 'value' | 'headers'>): Digest {
  return createHash('sha256').update(record.value).update('\0').update(canonicalJson(record.headers)).digest('hex')
}

/** A seal out of the documents: written by us alone, so its shape is trusted here and checked by `varde verify`. */
export function sealOf(doc: JsonObject): Seal {
  return JSON.parse(JSON.stringify(doc))
}

export function sealDocument(seal: Seal): JsonObject {
  return JSON.parse(JSON.stringify(seal))
}

interface Generations {
  /** The topic's incarnation of each generation, by number. */
  incarnations: string[]
}

function stateId(stream: string, partition: number): string {
  return `generations.${stream}.${partition}`
}

async function readGenerations(
  documents: DocumentStore,
  stream: string,
  partition: number,
): Promise<{ known: Generations; version: number | undefined }> {
  const found = await documents.get<JsonObject>(collections.state.name, stateId(stream, partition))
  const listed = found?.doc['incarnations']
  const incarnations = Array.isArray(listed) ? listed.map(String) : []
  return { known: { incarnations }, version: found?.version }
}

/** The next generation for this incarnation; whoever else was first gives theirs. */
async function addGeneration(
  documents: DocumentStore,
  stream: string,
  partition: number,
  incarnation: string,
): Promise<number> {
  const { known, version } = await readGenerations(documents, stream, partition)
  const doc: JsonObject = { incarnations: [...known.incarnations, incarnation] }
  const id = stateId(stream, partition)
  const written =
    version === undefined
      ? await documents.create(collections.state.name, id, doc)
      : await documents.update(collections.state.name, id, doc, version)
  if (written.ok) return known.incarnations.length
  const now = await readGenerations(documents, stream, partition)
  return now.known.incarnations.length - 1
}

/** The last seal by realtime get of seq + 1; a list is only a hint of where to begin. */
export async function lastSeal(documents: DocumentStore, chain: Omit<Home, 'offset'>): Promise<Seal | undefined> {
  const { stream, generation, partition } = chain
  const hint = await documents.list<JsonObject>(collections.seals.name, {
    where: { stream, generation, partition },
    sort: { by: 'seq', order: 'desc' },
    limit: 1,
  })
  let last = hint.docs[0] === undefined ? undefined : sealOf(hint.docs[0].doc)
  for (;;) {
    const next = await documents.get<JsonObject>(
      collections.seals.name,
      sealId({ ...chain, seq: last === undefined ? 0 : last.seq + 1 }),
    )
    if (next === undefined) return last
    last = sealOf(next.doc)
  }
}

async function readOne(bus: Bus, topic: string, partition: number, offset: number): Promise<StoredRecord | undefined> {
  for await (const batch of bus.read(topic, { partition, from: offset, recordsMax: 1, untilEnd: true }))
    return batch.records[0]
  return undefined
}

export async function resume(options: {
  bus: Bus
  documents: DocumentStore
  stream: string
  partition: number
  incarnation: string
  log: Logger
}): Promise<Resumption> {
  const { bus, documents, stream, partition, incarnation, log } = options
  const topic = rawTopic(stream)
  const { known } = await readGenerations(documents, stream, partition)
  const newest = known.incarnations.length - 1
  let generation =
    known.incarnations[newest] === incarnation ? newest : await addGeneration(documents, stream, partition, incarnation)
  const { first, end } = await bus.partition(topic, partition)
  let last = await lastSeal(documents, { stream, generation, partition })
  if (last !== undefined) {
    const other = await isOther(last)
    if (other !== undefined) {
      log.error(
        { topic, partition, seal: sealId(last), reason: other },
        'ingest: the topic is not the one that was sealed; a new generation begins',
      )
      generation = await addGeneration(documents, stream, partition, incarnation)
      last = await lastSeal(documents, { stream, generation, partition })
    }
  }
  const next = last?.to ?? 0
  const chain = { stream, generation, partition }
  if (first <= next) return { chain, last, from: next, gap: undefined }
  log.error(
    { topic, partition, from: next, to: first },
    'ingest: records are gone that no seal covers; a gap is sealed',
  )
  return {
    chain,
    last,
    from: first,
    gap: `the topic begins at offset ${first}: what stood before it was dropped unsealed`,
  }

  /** Why the topic can't be the sealed one, or undefined where it is or can't be told. */
  async function isOther(seal: Seal): Promise<string | undefined> {
    if (end < seal.to) return `it ends at offset ${end}, the seal at ${seal.to}`
    if (first >= seal.to || seal.lastRecord === noDigest) return undefined
    const record = await readOne(bus, topic, partition, seal.to - 1)
    if (record === undefined || record.offset !== seal.to - 1) return undefined
    return recordDigest(record) === seal.lastRecord
      ? undefined
      : `the record at offset ${seal.to - 1} has another digest`
  }
}
