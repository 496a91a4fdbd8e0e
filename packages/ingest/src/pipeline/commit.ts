// One prepared batch into the store: create, match what is stored, publish hits, and hand the leaves to the open seal.
import { type Bus, type BusRecord, partitionOf } from '@varde/bus'
import { digestOf, hashDeadLetter, hashEvent, hashOther, type Leaf } from '@varde/evidence'
import type { Clock, Logger } from '@varde/runtime'
import {
  type DeadLetter,
  type Hit,
  type Home,
  hitKey,
  hitsTopic,
  type JsonObject,
  type OtherLeaf,
  type StoredEvent,
  writeHitsRecord,
} from '@varde/schema'
import { type CreateOutcome, collections, type Store } from '@varde/store'
import { deadLetterDocument, deadLetterOf } from '../dead-letter-document.ts'
import type { OpenSeal } from './open-seal.ts'
import type { Prepared } from './prepare.ts'

export interface CommitDeps {
  chain: Omit<Home, 'offset'>
  store: Store
  bus: Bus
  hitsPartitions: number
  clock: Clock
  log: Logger
  counters: IngestCounters
}

export interface IngestCounters {
  events: number
  deadLetters: number
  duplicates: number
  ticks: number
  hits: number
  seals: number
  /** Events that no rule could be asked about because the matcher itself failed. */
  matchFailures: number
  rawBytes: number
}

/** Of a process that has done nothing yet. */
export function noIngestCounters(): IngestCounters {
  return { events: 0, deadLetters: 0, duplicates: 0, ticks: 0, hits: 0, seals: 0, matchFailures: 0, rawBytes: 0 }
}

type PreparedEvent = Prepared & { kind: 'event' }

/** What became of one place of the batch. */
interface Outcome {
  leaf: Leaf
  other?: OtherLeaf
}

export async function commit(batch: readonly Prepared[], seal: OpenSeal, deps: CommitDeps): Promise<void> {
  const events = batch.filter((one): one is PreparedEvent => one.kind === 'event')
  const creating =
    events.length === 0
      ? Promise.resolve<CreateOutcome[]>([])
      : deps.store.events.create(events.map((one) => one.stored))
  // The store works in another thread meanwhile. Nearly all events are new: hash and match them as if all were.
  creating.catch(() => undefined)
  const guessed = new Map<number, Examined>()
  for (const event of events) guessed.set(event.offset, examine(event.stored, seal, deps))
  const outcomes = await creating
  const places = new Map<number, Outcome>()
  const hits: (Hit[] | Promise<Hit[]>)[] = []
  const letters: { offset: number; letter: DeadLetter; facts: Prepared & { kind: 'dead-letter' | 'event' } }[] = []
  for (const [index, event] of events.entries()) {
    const outcome = outcomes[index]
    if (outcome === undefined) throw new TypeError('the store answered fewer outcomes than events')
    if (outcome.outcome === 'created' || outcome.outcome === 'existing') {
      const mine = outcome.outcome === 'created' ? guessed.get(event.offset) : undefined
      const stored = outcome.outcome === 'existing' ? outcome.stored : event.stored
      const examined = mine ?? examine(stored, seal, deps)
      places.set(event.offset, { leaf: examined.leaf })
      hits.push(examined.hits)
      seal.tally('event', event.facts, stored.lateness)
      deps.counters.events += 1
    } else if (outcome.outcome === 'refused') {
      letters.push({
        offset: event.offset,
        letter: refusedLetter(event, outcome.reason, deps.clock.now()),
        facts: event,
      })
    } else {
      // An erased event's own tombstone stands under its id: the record is known, and stays gone.
      const of = outcome.outcome === 'duplicate' ? outcome.of : event.stored.id
      places.set(event.offset, duplicateOf(event.offset, of, event.stored, deps.chain))
      seal.tally('duplicate', event.facts, undefined)
      deps.counters.duplicates += 1
    }
    deps.counters.rawBytes += event.facts.bytes
  }
  for (const one of batch) {
    if (one.kind === 'dead-letter') letters.push({ offset: one.offset, letter: one.letter, facts: one })
    else if (one.kind === 'tick') {
      places.set(one.offset, { leaf: hashOther(deps.chain, one.other), other: one.other })
      deps.counters.ticks += 1
    }
  }
  const kept = await Promise.all(letters.map(({ letter }) => keepLetter(letter, deps)))
  for (const [index, { offset, letter, facts }] of letters.entries()) {
    const outcome = kept[index]
    if (outcome === undefined) continue
    const duplicate = 'of' in outcome
    places.set(
      offset,
      duplicate
        ? duplicateOf(offset, outcome.of, { raw: letter.raw, arrival: letter.record.arrival }, deps.chain)
        : { leaf: hashDeadLetter(outcome.letter) },
    )
    seal.tally(
      duplicate ? 'duplicate' : 'dead-letter',
      { ...facts.facts, unexplainedBytes: facts.facts.bytes },
      undefined,
    )
    deps.counters[duplicate ? 'duplicates' : 'deadLetters'] += 1
  }
  await publish(await settle(hits), deps)
  for (const one of batch) {
    const place = places.get(one.offset)
    if (place === undefined) throw new TypeError(`no leaf for offset ${one.offset}`)
    seal.add(place.leaf, place.other)
  }
}

interface Examined {
  leaf: Leaf
  hits: Hit[] | Promise<Hit[]>
}

function examine(stored: StoredEvent, seal: OpenSeal, deps: CommitDeps): Examined {
  const leaf = hashEvent(stored)
  if (stored.lateness === 'imported') return { leaf, hits: [] }
  return { leaf, hits: matched(stored, seal, deps) }
}

function matched(stored: StoredEvent, seal: OpenSeal, deps: CommitDeps): Hit[] | Promise<Hit[]> {
  const failed = (error: unknown): Hit[] => {
    deps.counters.matchFailures += 1
    deps.log.error({ event: stored.id, error: String(error) }, 'ingest: the rules could not be asked about an event')
    return []
  }
  try {
    const hits = seal.matcher.match(stored, { attempt: seal.attempt })
    return hits instanceof Promise ? hits.catch(failed) : hits
  } catch (error) {
    return failed(error)
  }
}

async function settle(found: (Hit[] | Promise<Hit[]>)[]): Promise<Hit[]> {
  const all: Hit[] = []
  for (const hits of found) {
    // Awaiting a value would cost a turn of the queue for each event.
    const settled = hits instanceof Promise ? await hits : hits
    for (const hit of settled) all.push(hit)
  }
  return all
}

async function publish(hits: Hit[], deps: CommitDeps): Promise<void> {
  if (hits.length === 0) return
  const byPartition = new Map<number, BusRecord[]>()
  for (const hit of hits) {
    const key = hitKey(hit)
    const partition = partitionOf(key, deps.hitsPartitions)
    const records = byPartition.get(partition)
    const { value, headers } = writeHitsRecord({ kind: 'hit', hit })
    const record: BusRecord = { value, headers, key }
    if (records === undefined) byPartition.set(partition, [record])
    else records.push(record)
  }
  await Promise.all([...byPartition].map(([partition, records]) => deps.bus.append(hitsTopic, partition, records)))
  deps.counters.hits += hits.length
}

function duplicateOf(
  offset: number,
  of: string,
  record: { raw: Uint8Array; arrival: number },
  chain: Omit<Home, 'offset'>,
): Outcome {
  const other: OtherLeaf = { kind: 'duplicate', offset, of, arrival: record.arrival, record: digestOf(record.raw) }
  return { leaf: hashOther(chain, other), other }
}

function refusedLetter({ stored, facts }: PreparedEvent, reason: string, now: number): DeadLetter {
  const { id, home, raw, seed, sender, arrival } = stored
  return {
    id,
    home,
    raw,
    seed,
    record: { ...facts.origin, arrival, ...(sender !== undefined && { sender }) },
    reason: 'refused-by-store',
    detail: reason,
    failedAt: now,
  }
}

/** Created once: a replay finds its own, and a resend under the same sender key and content is a duplicate of the first. */
async function keepLetter(
  letter: DeadLetter,
  { store, chain }: CommitDeps,
): Promise<{ letter: DeadLetter } | { of: string }> {
  const { sender } = letter.record
  if (sender !== undefined) {
    const identity = JSON.stringify([letter.record.tenant, letter.record.source, sender, digestOf(letter.raw)])
    const claim = await store.documents.create<JsonObject>(
      collections.state.name,
      `dead-letter-sender.${digestOf(identity)}`,
      { id: letter.id, stream: chain.stream },
    )
    const holder = claim.ok ? letter.id : claim.current?.doc['id']
    if (typeof holder === 'string' && holder !== letter.id) {
      if (letter.record.collector === 'redrive') await reopen(holder, store)
      return { of: holder }
    }
  }
  const created = await store.documents.create<JsonObject>(
    collections.deadLetters.name,
    letter.id,
    deadLetterDocument(letter),
  )
  if (created.ok || created.current === undefined) return { letter }
  return { letter: deadLetterOf(created.current.doc) }
}

/** Sent again and failed again: the first dead letter is one that waits for a person, as before. */
async function reopen(id: string, store: Store): Promise<void> {
  const found = await store.documents.get<JsonObject>(collections.deadLetters.name, id)
  if (found === undefined || found.doc['redrivenAs'] === undefined) return
  const { redrivenAs: _redrivenAs, ...doc } = found.doc
  // Where somebody else was faster, what they wrote is newer.
  await store.documents.update<JsonObject>(collections.deadLetters.name, id, doc, found.version)
}
