// Copies of sealed events as a case keeps them: in chunks of one seal, packed, with all that proves them.
import { hash } from 'node:crypto'
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib'
import { hashEvent, type SealHead } from '@varde/evidence'
import { type Digest, type EcsEvent, eventId, eventText, type JsonObject, type StoredEvent } from '@varde/schema'
import { growingBytes } from '../growing-bytes.ts'

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

/** An event out of a chunk. `canonical`: its text as it was sealed; absent in chunks that an older Varde wrote. */
export type CopiedEvent = Omit<StoredEvent, 'text'> & { canonical?: Uint8Array }

/** How copies lie in a chunk since their canonical text is kept: what is sealed of an event need not be spelled again. */
const twoLines = 2

/** Two lines an event: what its id and the chunk don't say, and its canonical text. */
function pack(events: StoredEvent[]): JsonObject {
  const lines = growingBytes()
  for (const { home, tenant, source, retention, arrival, raw, seed, event, text, ingested, lateness } of events) {
    const [base64, hex] = [Buffer.from(raw).toString('base64'), Buffer.from(seed).toString('hex')]
    const head: Head = [home.offset, tenant, source, retention, arrival, base64, hex, ingested, lateness ?? null]
    const { bytes, from, to } = text ?? eventText(event)
    lines.write(`${JSON.stringify(head)}\n`)
    lines.write(bytes.subarray(from, to))
    lines.write('\n')
  }
  return { form: twoLines, packed: zstdCompressSync(lines.bytes()).toString('base64') }
}

/** Ascending by offset. Throws where the copies are damaged: `digestOfCopies` says whether they are what was pinned. */
export function unpack(chunk: PinChunk, copies: JsonObject): CopiedEvent[] {
  const bytes = zstdDecompressSync(Buffer.from(String(copies['packed']), 'base64'))
  return copies['form'] === twoLines ? twoLineCopies(chunk, bytes) : oneLineCopies(chunk, bytes)
}

function twoLineCopies(chunk: PinChunk, bytes: Buffer): CopiedEvent[] {
  const events: CopiedEvent[] = []
  for (let at = 0; at < bytes.length; ) {
    const headEnd = lineEnd(bytes, at)
    const textEnd = lineEnd(bytes, headEnd + 1)
    const head: Head = JSON.parse(bytes.toString('utf8', at, headEnd))
    const canonical = bytes.subarray(headEnd + 1, textEnd)
    events.push({ ...copyOf(chunk, head, JSON.parse(canonical.toString('utf8'))), canonical })
    at = textEnd + 1
  }
  return events
}

function lineEnd(bytes: Buffer, from: number): number {
  const end = bytes.indexOf(10, from)
  if (end < 0) throw new RangeError('the last line of a chunk is cut off')
  return end
}

/** As chunks were before: one line an event, which stands between its seed and its time of ingest. */
function oneLineCopies(chunk: PinChunk, bytes: Buffer): CopiedEvent[] {
  const lines = bytes.toString('utf8').split('\n')
  return lines.map((line) => {
    const [offset, tenant, source, retention, arrival, raw, seed, event, ingested, lateness] = JSON.parse(line)
    return copyOf(chunk, [offset, tenant, source, retention, arrival, raw, seed, ingested, lateness], event)
  })
}

/** Offset, tenant, source, retention, arrival, raw as base64, seed as hex, ingested, lateness. */
type Head = [
  number,
  string,
  string,
  string,
  number,
  string,
  string,
  number,
  NonNullable<StoredEvent['lateness']> | null,
]

function copyOf({ stream, generation, partition }: PinChunk, head: Head, event: EcsEvent): CopiedEvent {
  const [offset, tenant, source, retention, arrival, raw, seed, ingested, lateness] = head
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
}

export function leavesOfCopies(events: StoredEvent[]): Digest[] {
  return events.map((event) => hashEvent(event).leaf)
}
