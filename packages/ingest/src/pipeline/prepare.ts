// From raw entries to what can be stored: parsed, enriched, timed. Pure but for seeds and clock; in offset order.
import { drawSeeds } from '@varde/evidence'
import { type Parsed, type ParseInput, parseRecord, type Unparsed } from '@varde/parsers'
import { type Clock, limits } from '@varde/runtime'
import {
  type DeadLetter,
  type DeadLetterReason,
  type EventText,
  eventId,
  type Home,
  type JsonObject,
  type OtherLeaf,
  type RawRecord,
  type StoredEvent,
  type TextArena,
} from '@varde/schema'
import type { Enricher } from '../enrich/enrich.ts'
import type { Origin, RawEntry } from '../raw-topic.ts'
import type { Sequences } from './sequences.ts'
import type { Watermark } from './watermark.ts'

/** What a record adds to the ledger beside itself. */
export interface RecordFacts {
  origin: Origin
  arrival: number
  bytes: number
  /** Arrival − event time; 0 for a dead letter. */
  lagMs: number
  unexplainedBytes: number
  missing: number
  dataset: string | undefined
}

export type Prepared =
  | { kind: 'event'; offset: number; stored: StoredEvent; facts: RecordFacts }
  | { kind: 'dead-letter'; offset: number; letter: DeadLetter; facts: RecordFacts }
  | { kind: 'tick'; offset: number; other: OtherLeaf }

export type Parse = (input: ParseInput) => Parsed | Unparsed

export interface PrepareDeps {
  chain: Omit<Home, 'offset'>
  enricher: Enricher
  sequences: Sequences
  watermark: Watermark
  clock: Clock
  /** Given by tests and benches; the parsers' own otherwise. */
  parse?: Parse
  futureSkewMs?: number
}

const metas = new WeakMap<Origin, JsonObject>()
const noMeta: JsonObject = {}

/** ECS fields that come with the transport: where a relayed line was read from. */
function metaOf(origin: Origin): JsonObject {
  if (
    origin.peer === undefined ||
    origin.transport === 'http' ||
    origin.transport === 'bulk' ||
    origin.transport === 'file'
  )
    return noMeta
  let meta = metas.get(origin)
  if (meta === undefined) {
    meta = { log: { source: { address: origin.peer } } }
    metas.set(origin, meta)
  }
  return meta
}

/** The events' texts are made in `texts`: good until it is cleared. */
export function prepare(entries: readonly RawEntry[], deps: PrepareDeps, texts: TextArena): Prepared[] {
  const { chain, watermark, clock } = deps
  const seeds = drawSeeds(entries.length)
  // What a marker may have promised already: an older event is late, whatever its source is allowed.
  const promised = watermark.value()
  const now = clock.now()
  return entries.map((entry, index): Prepared => {
    if (entry.kind === 'tick') {
      watermark.seeTick(entry.tick)
      const { collector, arrival, state } = entry.tick
      return {
        kind: 'tick',
        offset: entry.offset,
        other: { kind: 'tick', offset: entry.offset, collector, arrival, state },
      }
    }
    const { origin, arrival } = entry
    if (origin.imported !== true) watermark.seeRecord(origin.collector, arrival, origin.latenessMs ?? limits.latenessMs)
    const home: Home = {
      stream: chain.stream,
      generation: chain.generation,
      partition: chain.partition,
      offset: entry.offset,
    }
    return prepareRecord(entry, home, seeds[index] ?? new Uint8Array(0), { promised, now }, deps, texts)
  })
}

function prepareRecord(
  entry: RawEntry & { kind: 'record' },
  home: Home,
  seed: Uint8Array,
  times: { promised: number; now: number },
  deps: PrepareDeps,
  texts: TextArena,
): Prepared {
  const { origin, arrival, raw } = entry
  const facts: RecordFacts = {
    origin,
    arrival,
    bytes: raw.length,
    lagMs: 0,
    unexplainedBytes: 0,
    missing: 0,
    dataset: origin.dataset,
  }
  if (entry.poison !== undefined)
    return deadLetter(entry, home, seed, { reason: 'unreadable', detail: entry.poison, failedAt: times.now }, facts)
  if (entry.cutBytes !== undefined) {
    const detail = `longer than ${limits.recordBytesMax} bytes: ${entry.cutBytes} bytes at its end were left out`
    return deadLetter(entry, home, seed, { reason: 'oversized', detail, failedAt: times.now }, facts)
  }
  const parsed = parse(entry, deps, texts)
  if (!parsed.ok)
    return deadLetter(entry, home, seed, { reason: parsed.reason, detail: parsed.detail, failedAt: times.now }, facts)
  const time = Date.parse(parsed.event['@timestamp'])
  if (Number.isNaN(time)) {
    return deadLetter(
      entry,
      home,
      seed,
      { reason: 'parser-error', detail: `@timestamp "${parsed.event['@timestamp']}" is no time`, failedAt: times.now },
      facts,
    )
  }
  const stored: StoredEvent = {
    id: eventId(home),
    home,
    tenant: origin.tenant,
    source: origin.source,
    retention: origin.retention,
    arrival,
    raw,
    seed,
    event: parsed.event,
    text: parsed.text,
    ingested: times.now,
  }
  if (entry.sender !== undefined) stored.sender = entry.sender
  if (origin.imported === true) stored.lateness = 'imported'
  else if (time - arrival > (deps.futureSkewMs ?? limits.futureSkewMs)) stored.lateness = 'future'
  else if (arrival - time > (origin.latenessMs ?? limits.latenessMs) || time < times.promised) stored.lateness = 'late'
  facts.lagMs = arrival - time
  facts.dataset = parsed.dataset
  for (const { from, to } of parsed.unexplained) facts.unexplainedBytes += to - from
  if (parsed.sequence !== undefined) {
    facts.missing = deps.sequences.see(
      `${origin.tenant}/${origin.source}/${parsed.sequence.producer}`,
      parsed.sequence.number,
    )
  }
  return { kind: 'event', offset: entry.offset, stored, facts }
}

/** A parser that throws loses its record to the dead letters, never the batch. */
function parse(
  entry: RawEntry & { kind: 'record' },
  deps: PrepareDeps,
  texts: TextArena,
): (Parsed & { text: EventText }) | Unparsed {
  const { origin, raw, arrival } = entry
  const input: ParseInput = { raw, arrival, meta: metaOf(origin) }
  if (origin.dataset !== undefined) input.dataset = origin.dataset
  if (origin.timeZone !== undefined) input.timeZone = origin.timeZone
  try {
    const parsed = (deps.parse ?? parseRecord)(input)
    if (!parsed.ok) return parsed
    deps.enricher.enrich(parsed.event)
    // The store and the leaf both need its bytes.
    return { ...parsed, text: texts.textOf(parsed.event) }
  } catch (error) {
    return { ok: false, reason: 'parser-error', detail: error instanceof Error ? error.message : String(error) }
  }
}

function deadLetter(
  entry: RawEntry & { kind: 'record' },
  home: Home,
  seed: Uint8Array,
  why: { reason: DeadLetterReason; detail: string; failedAt: number },
  facts: RecordFacts,
): Prepared {
  const record: Omit<RawRecord, 'raw'> = { ...entry.origin, arrival: entry.arrival }
  if (entry.sender !== undefined) record.sender = entry.sender
  if (entry.cutBytes !== undefined) record.cutBytes = entry.cutBytes
  const letter: DeadLetter = { id: eventId(home), home, record, raw: entry.raw, seed, ...why }
  // No parser looked at it: all of it is unexplained.
  return { kind: 'dead-letter', offset: entry.offset, letter, facts: { ...facts, unexplainedBytes: entry.raw.length } }
}
