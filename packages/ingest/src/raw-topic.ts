// How raw records and ticks look in a topic: the exact bytes are the value, what the collector knows is in the headers.
import type { BusRecord, StoredRecord } from '@varde/bus'
import { VardeError } from '@varde/runtime'
import { isStreamName, type RawRecord, type SenderIdentity, type Tick, type Transport } from '@varde/schema'

/** What all records of one source over one way have in common: written once per record as one header, decoded once. */
export type Origin = Omit<RawRecord, 'raw' | 'arrival' | 'sender' | 'cutBytes'>

/** One record on its way to a topic; the appender stamps the arrival. */
export interface Incoming {
  origin: Origin
  raw: Uint8Array
  sender?: SenderIdentity
  cutBytes?: number
  /** Why these bytes are no record at all: a batch of a topic that nobody could decode. They become a dead letter. */
  poison?: string
}

export type RawEntry =
  | {
      kind: 'record'
      offset: number
      raw: Uint8Array
      arrival: number
      origin: Origin
      sender?: SenderIdentity
      cutBytes?: number
      poison?: string
    }
  | { kind: 'tick'; offset: number; raw: Uint8Array; tick: Tick }

export function rawTopic(stream: string): string {
  if (!isStreamName(stream)) {
    throw new VardeError('INGEST_BAD_STREAM', `"${stream}" is no stream name`, {
      hint: 'Use 1 to 64 of a-z, 0-9, _ and -.',
    })
  }
  return `raw.${stream}`
}

type Headers = Readonly<Record<string, string>>
/** Of the last arrival of each origin: those that came in one request share them, and the bus writes them once. */
const lastHeaders = new WeakMap<Origin, { origin: string; arrival: number; headers: Headers }>()

function headersOf(origin: Origin, arrival: number): Headers {
  const last = lastHeaders.get(origin)
  if (last?.arrival === arrival) return last.headers
  const text = last?.origin ?? JSON.stringify(origin)
  const headers = Object.freeze({ origin: text, at: String(arrival) })
  lastHeaders.set(origin, { origin: text, arrival, headers })
  return headers
}

/** Callers should reuse one origin object per source: its text is made once. */
export function encodeRecord(incoming: Incoming, arrival: number): BusRecord {
  const shared = headersOf(incoming.origin, arrival)
  if (incoming.sender === undefined && incoming.cutBytes === undefined && incoming.poison === undefined)
    return { value: incoming.raw, headers: shared }
  const headers: Record<string, string> = { ...shared }
  const sender = incoming.sender
  if (sender !== undefined) {
    if ('key' in sender) headers['key'] = sender.key
    else {
      headers['producer'] = sender.producer
      headers['sequence'] = String(sender.sequence)
    }
  }
  if (incoming.cutBytes !== undefined) headers['cut'] = String(incoming.cutBytes)
  if (incoming.poison !== undefined) headers[poisonHeader] = incoming.poison
  return { value: incoming.raw, headers }
}

const nothing = new Uint8Array(0)
/** The bus says by it that the batch of a record could not be read, and why. */
export const poisonHeader = 'varde.poison'

export function encodeTick(tick: Tick): BusRecord {
  const { arrival, ...rest } = tick
  return { value: nothing, headers: { tick: JSON.stringify(rest), at: String(arrival) } }
}

const transports: readonly Transport[] = ['udp', 'tcp', 'tls', 'http', 'bulk', 'file', 'kafka']
const originsKeptMax = 20_000
const origins = new Map<string, Origin>()

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function parseObject(json: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(json)
    if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value))
  } catch {
    // Not ours: the fields below fall back to what is safe.
  }
  return {}
}

/** Any record of the topic has an origin: one that another program wrote belongs to the house and to the topic. */
function originOf(json: string | undefined): Origin {
  const known = json === undefined ? undefined : origins.get(json)
  if (known !== undefined) return known
  const given = json === undefined ? {} : parseObject(json)
  const transport = transports.find((name) => name === given['transport']) ?? 'kafka'
  const origin: Origin = {
    tenant: text(given['tenant']) ?? 'house',
    source: text(given['source']) ?? 'topic',
    retention: text(given['retention']) ?? 'standard',
    collector: text(given['collector']) ?? 'topic',
    transport,
  }
  for (const name of ['peer', 'dataset', 'timeZone'] as const) {
    const value = text(given[name])
    if (value !== undefined) origin[name] = value
  }
  if (given['imported'] === true) origin.imported = true
  if (typeof given['latenessMs'] === 'number') origin.latenessMs = given['latenessMs']
  if (origins.size >= originsKeptMax) origins.clear()
  if (json !== undefined) origins.set(json, origin)
  return origin
}

function tickOf(json: string, arrival: number): Tick {
  const given = parseObject(json)
  const tick: Tick = {
    collector: text(given['collector']) ?? 'topic',
    arrival,
    state: given['state'] === 'leave' ? 'leave' : 'live',
  }
  if (typeof given['latenessMs'] === 'number') tick.latenessMs = given['latenessMs']
  return tick
}

export function decodeEntry(record: StoredRecord): RawEntry {
  const { headers, offset, value: raw } = record
  const stamped = Number(headers['at'] ?? Number.NaN)
  const arrival = Number.isSafeInteger(stamped) && stamped >= 0 ? stamped : record.appendedAt
  const tick = headers['tick']
  if (tick !== undefined) return { kind: 'tick', offset, raw, tick: tickOf(tick, arrival) }
  const entry: RawEntry = { kind: 'record', offset, raw, arrival, origin: originOf(headers['origin']) }
  const key = headers['key']
  const producer = headers['producer']
  if (key !== undefined) entry.sender = { key }
  else if (producer !== undefined) entry.sender = { producer, sequence: Number(headers['sequence'] ?? 0) }
  const cut = headers['cut']
  if (cut !== undefined) entry.cutBytes = Number(cut)
  const poison = headers[poisonHeader]
  if (poison !== undefined) entry.poison = poison
  return entry
}
