// Copies of sealed events as a case keeps them: in chunks of one seal, packed, with all that proves them.
import { hash } from 'node:crypto'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { hashEvent, type SealHead } from '@varde/evidence'
import { type Digest, type EcsEvent, eventId, type JsonObject, type StoredEvent } from '@varde/schema'

/** Events of one chunk: some hundred kilobytes packed, what a page or an export reads at a time. */
export const chunkEventsMax = 2_000

/** What is known of a chunk without unpacking it. */
export interface PinChunk {
  case: string
  batch: string
  /** Sorts chunks by stream, generation, partition, seal, first offset. */
  order: string
  /** `pending` while there was no seal over them when they were pinned. */
  state: 'pending' | 'sealed'
  stream: string
  generation: number
  partition: number
  seal?: SealHead
  /** With the chunk's leaves they give the seal's root (BUNDLE.md, `hashes`). */
  hashes: Digest[]
  offsets: number[]
  /** Event times in UTC milliseconds, tenants by number of `tenants`, sources likewise, in the order of the offsets. */
  times: number[]
  tenants: string[]
  tenantOf: number[]
  /** Absent in chunks that an older Varde wrote. */
  sources?: string[]
  sourceOf?: number[]
  arrivals: { from: number; to: number }
  pinnedAt: number
  /** SHA-256 over the leaves, in hex, in the order of the offsets. */
  digest: Digest
}

export function chunkId(chunk: Pick<PinChunk, 'case' | 'batch' | 'order'>): string {
  return `${chunk.case}/${chunk.batch}/${chunk.order}`
}

function padded(number: number, digits: number): string {
  return String(number).padStart(digits, '0')
}

export function chainName({
  stream,
  generation,
  partition,
}: Pick<PinChunk, 'stream' | 'generation' | 'partition'>): string {
  return `${stream}.${generation}.${partition}`
}

/** Events of one chain and one seal (or of none yet), ascending by offset. */
export function makeChunk(input: {
  case: string
  batch: string
  events: StoredEvent[]
  leaves: Digest[]
  seal: SealHead | undefined
  hashes: Digest[]
  pinnedAt: number
}): { chunk: PinChunk; copies: JsonObject } {
  const { events, leaves, seal, hashes, pinnedAt } = input
  const [first] = events
  if (first === undefined) throw new RangeError('a chunk holds at least one event')
  const { stream, generation, partition, offset } = first.home
  const tenants = [...new Set(events.map(({ tenant }) => tenant))].sort()
  const sources = [...new Set(events.map(({ source }) => source))].sort()
  const chunk: PinChunk = {
    case: input.case,
    batch: input.batch,
    order: [
      stream,
      padded(generation, 6),
      padded(partition, 6),
      seal === undefined ? 'pending' : padded(seal.seq, 12),
      padded(offset, 15),
    ].join('.'),
    state: seal === undefined ? 'pending' : 'sealed',
    stream,
    generation,
    partition,
    ...(seal === undefined ? {} : { seal }),
    hashes,
    offsets: events.map(({ home }) => home.offset),
    times: events.map(({ event }) => Date.parse(event['@timestamp'])),
    tenants,
    tenantOf: events.map(({ tenant }) => tenants.indexOf(tenant)),
    sources,
    sourceOf: events.map(({ source }) => sources.indexOf(source)),
    arrivals: {
      from: Math.min(...events.map(({ arrival }) => arrival)),
      to: Math.max(...events.map(({ arrival }) => arrival)),
    },
    pinnedAt,
    digest: hash('sha256', leaves.join('')),
  }
  return { chunk, copies: pack(events) }
}

/** One line an event; what its id and the chunk say is not said again. */
function pack(events: StoredEvent[]): JsonObject {
  const lines = events.map(({ home, tenant, source, retention, arrival, raw, seed, event, ingested, lateness }) =>
    JSON.stringify([
      home.offset,
      tenant,
      source,
      retention,
      arrival,
      Buffer.from(raw).toString('base64'),
      Buffer.from(seed).toString('hex'),
      event,
      ingested,
      lateness ?? null,
    ]),
  )
  return { packed: zstdCompressSync(Buffer.from(lines.join('\n'))).toString('base64') }
}

/** Ascending by offset. Throws where the copies are damaged: `digestOfCopies` says whether they are what was pinned. */
export function unpack(chunk: PinChunk, copies: JsonObject): StoredEvent[] {
  const text = zstdDecompressSync(Buffer.from(String(copies['packed']), 'base64')).toString('utf8')
  const { stream, generation, partition } = chunk
  return text.split('\n').map((line) => {
    const [offset, tenant, source, retention, arrival, raw, seed, event, ingested, lateness] = rowOf(line)
    const home = { stream, generation, partition, offset }
    return {
      id: eventId(home),
      home,
      tenant,
      source,
      retention,
      arrival,
      raw: Buffer.from(raw, 'base64'),
      seed: Buffer.from(seed, 'hex'),
      event,
      ingested,
      ...(lateness === null ? {} : { lateness }),
    }
  })
}

type Row = [
  number,
  string,
  string,
  string,
  number,
  string,
  string,
  EcsEvent,
  number,
  NonNullable<StoredEvent['lateness']> | null,
]

/** Written by `pack` alone. */
function rowOf(line: string): Row {
  return JSON.parse(line)
}

export function leavesOfCopies(events: StoredEvent[]): Digest[] {
  return events.map((event) => hashEvent(event).leaf)
}
