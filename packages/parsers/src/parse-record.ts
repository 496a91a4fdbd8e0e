// The one door into the parsers: picks the product, runs it, and says what was left over.
import { isAscii, isUtf8 } from 'node:buffer'
import { limits } from '@varde/runtime'
import type { DeadLetterReason, EcsEvent, Json, JsonObject } from '@varde/schema'
import { type Enveloped, openEnvelope } from './envelope.ts'
import { holdCodes } from './formats/codes.ts'
import { forwardedOf, putEnvelope } from './forwarded.ts'
import { parseGeneric, putMeta } from './generic.ts'
import { jsonOf, type LogRecord, openRecord } from './log-record.ts'
import {
  createDocument,
  type EventDocument,
  pinnedPlace,
  put,
  putAt,
  putDefaultAt,
  read,
} from './normalise/document.ts'
import { relate } from './normalise/related.ts'
import { isoTime } from './normalise/time.ts'
import type { Product } from './product.ts'
import { productOf, products } from './products.ts'

export interface ParseInput {
  raw: Uint8Array
  /** UTC milliseconds: the fallback for @timestamp and the year of stamps that have none. */
  arrival: number
  /** Elastic's `event.dataset`, such as `cisco_asa.log`; a hint always wins over the content. */
  dataset?: string
  /** IANA name or offset of claimed times that carry no zone. */
  timeZone?: string
  /** ECS fields that came with the record, such as a shipper's `log.source.address`: the parser's own win. */
  meta?: JsonObject
}

export interface Parsed {
  ok: true
  event: EcsEvent
  /** `event.dataset` of the parser that won. */
  dataset: string
  /** 1 for a hint; how sure detection by content was otherwise. */
  confidence: number
  /** Byte ranges of the raw record that no field explains. */
  unexplained: { from: number; to: number }[]
  /** The sender's own counter, where the format has one: gaps in it are losses. */
  sequence?: { producer: string; number: number }
}

export interface Unparsed {
  ok: false
  reason: DeadLetterReason
  /** For a person: names the place and what was expected. */
  detail: string
}

/** Below this the shape does not tell the product. */
const confidenceMin = 0.3
/** From here on the content decides which parser reads a record whose hint is unknown. */
const confidenceOther = 0.9
/** Detection stops at a product that is this sure. */
const confidenceSure = 0.95

/** Never throws. Takes time linear in the length of the record. */
export function parseRecord(input: ParseInput): Parsed | Unparsed {
  if (input.raw.length > limits.recordBytesMax) {
    return { ok: false, reason: 'oversized', detail: `${input.raw.length} bytes; at most ${limits.recordBytesMax}` }
  }
  try {
    const text = decode(input.raw)
    if (isBlank(text)) return { ok: false, reason: 'empty', detail: 'nothing but white space' }
    const record = openRecord(text, input.arrival, input.timeZone, input.meta ?? {}, input.dataset)
    const inside = openEnvelope(record)
    return inside === undefined || isOwnEnvelope(record, inside)
      ? parseText(record, input.raw)
      : parseInside(inside, input)
  } catch (error) {
    return { ok: false, reason: 'parser-error', detail: error instanceof Error ? error.message : String(error) }
  }
}

/** Some products, such as Zscaler, ship in an envelope that is their own format: they know it best. */
function isOwnEnvelope(record: LogRecord, { isLine }: Enveloped): boolean {
  return !isLine && detect(record).confidence >= confidenceOther
}

/** What the envelope says fills what the record inside leaves open. */
function parseInside({ text, time, meta }: Enveloped, input: ParseInput): Parsed | Unparsed {
  if (isBlank(text)) return { ok: false, reason: 'empty', detail: 'nothing in the envelope' }
  const record = openRecord(text, time ?? input.arrival, input.timeZone, { ...input.meta, ...meta }, input.dataset)
  const raw = Buffer.from(text)
  const parsed = parseText(record, raw)
  if (!parsed.ok || parsed.unexplained.length === 0) return parsed
  // Escaped in its envelope, its places are no places of the raw record.
  const at = Buffer.from(input.raw.buffer, input.raw.byteOffset, input.raw.byteLength).indexOf(raw)
  const unexplained = at < 0 ? [] : parsed.unexplained.map(({ from, to }) => ({ from: from + at, to: to + at }))
  return { ...parsed, unexplained }
}

function parseText(record: LogRecord, raw: Uint8Array): Parsed | Unparsed {
  const chosen = choose(record)
  const forwarded = forwardedOf(record)
  if (forwarded !== undefined) {
    const { product, confidence } = chosen.product?.ownFiles === true ? chosen : choose(forwarded)
    const document = createDocument(record.hint ?? product?.datasets[0] ?? '')
    if (product?.ownFiles === true && confidence >= confidenceOther && product.parse(forwarded, document)) {
      putEnvelope(document, record)
      return finish(record, document, confidence, raw)
    }
  }
  const { product, confidence } = chosen
  const dataset =
    record.hint ?? product?.datasets[0] ?? (jsonOf(record) === undefined ? 'generic.syslog' : 'generic.json')
  let document = createDocument(dataset)
  if (product === undefined || !product.parse(record, document)) {
    document = createDocument(product === undefined || record.hint !== undefined ? dataset : 'generic.syslog')
    parseGeneric(record, document)
  }
  return finish(record, document, confidence, raw)
}

function choose(record: LogRecord): { product: Product | undefined; confidence: number } {
  const hinted = record.hint === undefined ? undefined : productOf(record.hint)
  if (hinted !== undefined) return { product: hinted, confidence: 1 }
  const found = detect(record)
  // A hint that no product answers to keeps its name; content that can be nobody else's is still read as what it is.
  if (record.hint !== undefined)
    return { product: found.confidence >= confidenceOther ? found.product : undefined, confidence: 1 }
  return found.confidence < confidenceMin ? { product: undefined, confidence: 0 } : found
}

function detect(record: LogRecord): { product: Product | undefined; confidence: number } {
  let best: Product | undefined
  let confidence = 0
  for (const product of products) {
    const sure = product.detect(record)
    if (sure > confidence) {
      best = product
      confidence = sure
      if (sure >= confidenceSure) break
    }
  }
  return { product: best, confidence }
}

const datasetPlace = pinnedPlace('event.dataset')
const modulePlace = pinnedPlace('event.module')
const kindPlace = pinnedPlace('event.kind')

function finish(record: LogRecord, document: EventDocument, confidence: number, raw: Uint8Array): Parsed | Unparsed {
  putMeta(document, record)
  if (record.hint !== undefined) document.dataset = record.hint
  if (read(document, '@timestamp') === undefined) put(document, '@timestamp', isoTime(record.arrival) ?? isoTime(0))
  const { dataset } = document
  const dot = dataset.indexOf('.')
  putAt(document, datasetPlace, dataset)
  putDefaultAt(document, modulePlace, dot < 0 ? dataset : dataset.slice(0, dot))
  putDefaultAt(document, kindPlace, 'event')
  relate(document)
  if (document.refused !== undefined) return { ok: false, ...document.refused }
  // A record shorter than the limit that is no JSON can't have that many fields, nor nest them: each takes some characters.
  const isSmall = record.text.length < limits.eventFieldsMax && !record.text.includes('{') && isEmpty(record.meta)
  const fields = isSmall ? 0 : countFields(document.root, 0)
  if (fields === tooDeep)
    return { ok: false, reason: 'nested-too-deep', detail: `nested deeper than ${limits.jsonDepthMax} levels` }
  if (fields > limits.eventFieldsMax) {
    return { ok: false, reason: 'too-many-fields', detail: `${fields} fields; at most ${limits.eventFieldsMax}` }
  }
  const timestamp = document.root['@timestamp']
  const time = typeof timestamp === 'string' && timestamp.length === 24 ? timestamp : new Date(0).toISOString()
  if (time !== timestamp) put(document, '@timestamp', time)
  if (!hasTime(document.root)) throw new TypeError('an event has a time')
  const parsed: Parsed = {
    ok: true,
    event: document.root,
    dataset: document.dataset,
    confidence,
    unexplained: bytesOf(document.unexplained, record.text, raw),
  }
  if (document.sequence !== undefined) parsed.sequence = document.sequence
  return parsed
}

function hasTime(root: JsonObject): root is EcsEvent {
  return typeof root['@timestamp'] === 'string'
}

function isEmpty(members: JsonObject): boolean {
  for (const _key in members) return false
  return true
}

const tooDeep = Number.POSITIVE_INFINITY

function countFields(node: Json, depth: number): number {
  if (typeof node !== 'object' || node === null) return 1
  if (depth >= limits.jsonDepthMax) return tooDeep
  let count = 0
  if (Array.isArray(node)) {
    for (const item of node) if (typeof item === 'object') count += countFields(item, depth + 1)
    return count + 1
  }
  for (const key in node) count += countFields(node[key] ?? null, depth + 1)
  return count
}

const utf16 = new TextDecoder('utf-16le')
const windows1252 = new TextDecoder('windows-1252')

/** UTF-8, else UTF-16 by its mark, else Windows-1252, which gives every byte a character. */
function decode(raw: Uint8Array): string {
  const bytes = Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength)
  // Most records: one byte a character, copied as it is.
  if (isAscii(bytes)) {
    const text = bytes.toString('latin1')
    holdCodes(text, bytes)
    return text
  }
  if (raw[0] === 0xff && raw[1] === 0xfe) return utf16.decode(raw)
  if (!isUtf8(bytes)) return windows1252.decode(raw)
  const hasMark = raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf
  return bytes.toString('utf8', hasMark ? 3 : 0)
}

function isBlank(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x20) return false
  return true
}

/** Places in the text to places in the raw bytes, merged and in order. */
function bytesOf(
  ranges: { from: number; to: number }[],
  text: string,
  raw: Uint8Array,
): { from: number; to: number }[] {
  if (ranges.length === 0 || isAscii(raw)) return ranges
  const mark = raw[0] === 0xef && raw[1] === 0xbb && raw[2] === 0xbf ? 3 : 0
  const width = (from: number, to: number): number => {
    const slice = text.slice(from, to)
    if (raw[0] === 0xff && raw[1] === 0xfe) return slice.length * 2
    return isUtf8(raw) ? Buffer.byteLength(slice) : slice.length
  }
  const sorted = [...ranges].sort((a, b) => a.from - b.from)
  const bytes: { from: number; to: number }[] = []
  let at = 0
  let place = mark
  for (const range of sorted) {
    const from = Math.max(range.from, at)
    if (range.to <= from) continue
    place += width(at, from)
    const to = place + width(from, range.to)
    bytes.push({ from: place, to: Math.min(to, raw.length) })
    place = to
    at = range.to
  }
  return bytes
}
