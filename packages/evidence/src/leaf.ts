// The leaf of a record: what a seal proves of it. The bytes are laid down in FORMAT.md, and settled: version 1.
import {
  canonicalJson,
  createTextArena,
  type DeadLetter,
  type Digest,
  type EventText,
  eventText,
  type Home,
  type Json,
  type JsonObject,
  type OtherLeaf,
  type StoredEvent,
} from '@varde/schema'
import { digestBytes, digestOf, isDigest, seedBytes } from './digest.ts'

export const leafVersion = 1
const kinds = { event: 1, 'dead-letter': 2, duplicate: 3, gap: 4, tick: 5, erasure: 6 } as const
export type LeafKind = keyof typeof kinds
const latenesses = { none: 0, late: 1, future: 2, imported: 3 } as const

export interface Leaf {
  /** SHA-256 over everything; the Merkle tree's leaf hash. */
  leaf: Digest
  /** Four base64 characters that say which part of which leaf is wrong when a root is: see `Seal.hints`. */
  hint: string
}

/** The part of a leaf that is always shown: where the record lives, and whose it is. */
export interface Place {
  home: Home
  tenant: string
  source: string
  lateness?: StoredEvent['lateness']
}

export type SealedEvent = Place & Pick<StoredEvent, 'arrival' | 'raw' | 'seed' | 'event' | 'text'>
export type SealedDeadLetter = Pick<DeadLetter, 'home' | 'record' | 'raw' | 'seed' | 'reason' | 'detail' | 'failedAt'>

// One record is hashed at a time, without a pause in between: the buffers can be shared by all calls.
let body = Buffer.alloc(256 * 1024)
/** Stream, tenant and source; far above any name that the configuration takes. */
const nameLengthMax = 1_000
const outer = Buffer.alloc(3 * (2 + 3 * nameLengthMax) + 128)
const salting = Buffer.alloc(seedBytes + 1)

/** The leaf of a stored event: of its canonical text, which is taken from `text` where it was made already. */
export function hashEvent(stored: SealedEvent): Leaf {
  const text = stored.text ?? textOf(stored.event)
  const first = rawHalf(saltBytes(stored.seed, 1), stored.raw, stored.arrival)
  const second = bytesHalf(saltBytes(stored.seed, 2), text.bytes.subarray(text.from, text.to))
  return joinHalves('event', stored, first, second)
}

/**
 * All that a bundle shows of an event, worked out once: its leaf, both salts as hex, and its canonical text.
 * `canonical`: that text, UTF-8, of whoever has kept it; else it is made.
 */
export function openEvent(
  stored: SealedEvent,
  canonical: Uint8Array = canonicalBytes(stored),
): { leaf: Digest; s1: string; s2: string; text: Uint8Array } {
  const [salt1, salt2] = [saltBytes(stored.seed, 1), saltBytes(stored.seed, 2)]
  const halves = [rawHalf(salt1, stored.raw, stored.arrival), bytesHalf(salt2, canonical)] as const
  return { leaf: joinHalves('event', stored, ...halves).leaf, s1: hexOf(salt1), s2: hexOf(salt2), text: canonical }
}

function canonicalBytes({ text, event }: SealedEvent): Uint8Array {
  const { bytes, from, to } = text ?? eventText(event)
  return bytes.subarray(from, to)
}

/** SHA-256 of the canonical event: what hits and alerts name it by. */
export function contentDigest(event: Json): Digest {
  return digestOf(canonicalJson(event))
}

const texts = createTextArena()

/** Good until the next one. */
function textOf(event: JsonObject): EventText {
  texts.clear()
  return texts.textOf(event)
}

/** A dead letter's second half holds why it is one and what the collector knew; `redrivenAs` comes later and is outside. */
export function hashDeadLetter(letter: SealedDeadLetter): Leaf {
  const first = rawHalf(saltBytes(letter.seed, 1), letter.raw, letter.record.arrival)
  const second = textHalf(saltBytes(letter.seed, 2), deadLetterText(letter))
  const { tenant, source } = letter.record
  return joinHalves('dead-letter', { home: letter.home, tenant, source }, first, second)
}

export function deadLetterText({ reason, detail, failedAt, record }: SealedDeadLetter): string {
  return canonicalJson({ reason, detail, failedAt, record: { ...record } })
}

/** Ticks, duplicates, gaps and erasures: nothing of them is stored but their entry in the seal. */
export function hashOther(chain: Omit<Home, 'offset'>, other: OtherLeaf): Leaf {
  const place = { home: { ...chain, offset: other.offset }, tenant: '', source: '' }
  const end = writePlace(other.kind, place)
  const text = digestOf(canonicalJson(other))
  outer.write(text, end, 'hex')
  const leaf = digestOf(outer.subarray(0, end + 32))
  return { leaf, hint: hintOf(...firstBytes(leaf)) }
}

/** The salt of the raw half (1) or of the second half (2), as hex: showing one says nothing of the other. */
export function saltOf(seed: Uint8Array, half: 1 | 2): string {
  return hexOf(saltBytes(seed, half))
}

/** SHA-256(salt ‖ raw ‖ arrival), hex. */
export function rawHalfOf(salt: string, raw: Uint8Array, arrival: number): Digest {
  return hexOf(rawHalf(bytesOf(salt), raw, arrival))
}

/** SHA-256(salt ‖ text), hex. */
export function textHalfOf(salt: string, text: string | Uint8Array): Digest {
  if (typeof text === 'string') return hexOf(textHalf(bytesOf(salt), text))
  const end = 32 + text.length
  if (end > body.length) body = Buffer.alloc(2 * end)
  body.write(bytesOf(salt), 0, 'latin1')
  body.set(text, 32)
  return digestOf(body.subarray(0, end))
}

/** The leaf from its two halves: all that is needed where one or both of them are withheld. */
export function leafOf(kind: 'event' | 'dead-letter', place: Place, first: Digest, second: Digest): Leaf {
  return joinHalves(kind, place, bytesOf(first), bytesOf(second))
}

function bytesOf(digest: Digest): string {
  if (!isDigest(digest)) throw new RangeError('a salt or hash is no SHA-256 digest')
  return Buffer.from(digest, 'hex').toString('latin1')
}

function hexOf(bytes: string): Digest {
  return Buffer.from(bytes, 'latin1').toString('hex')
}

function saltBytes(seed: Uint8Array, half: 1 | 2): string {
  if (seed.length !== seedBytes) throw new RangeError(`a seed has ${seedBytes} bytes, this one ${seed.length}`)
  salting.set(seed)
  salting[seedBytes] = half
  return digestBytes(salting)
}

function rawHalf(salt: string, raw: Uint8Array, arrival: number): string {
  const end = 32 + raw.length
  if (end + 8 > body.length) body = Buffer.alloc(2 * (end + 8))
  body.write(salt, 0, 'latin1')
  body.set(raw, 32)
  writeUint64(body, arrival, end, 'arrival')
  return digestBytes(body.subarray(0, end + 8))
}

function textHalf(salt: string, text: string): string {
  // A UTF-16 unit takes at most three bytes of UTF-8.
  if (32 + text.length * 3 > body.length) body = Buffer.alloc(64 + text.length * 3)
  body.write(salt, 0, 'latin1')
  return digestBytes(body.subarray(0, 32 + body.write(text, 32, 'utf8')))
}

function bytesHalf(salt: string, bytes: Uint8Array): string {
  const end = 32 + bytes.length
  if (end > body.length) body = Buffer.alloc(2 * end)
  body.write(salt, 0, 'latin1')
  body.set(bytes, 32)
  return digestBytes(body.subarray(0, end))
}

function joinHalves(kind: 'event' | 'dead-letter', place: Place, first: string, second: string): Leaf {
  const end = writePlace(kind, place)
  outer.write(first, end, 'latin1')
  outer.write(second, end + 32, 'latin1')
  const leaf = digestOf(outer.subarray(0, end + 64))
  // Mixed with the place, a change of tenant or source shows in more than the byte of the leaf.
  const mixed = placeChecksum(end)
  return {
    leaf,
    hint: hintOf(
      (outer[end] ?? 0) ^ (mixed & 0xff),
      (outer[end + 32] ?? 0) ^ ((mixed >>> 8) & 0xff),
      Number.parseInt(leaf.slice(0, 2), 16),
    ),
  }
}

/** 0 ‖ version ‖ kind ‖ home ‖ tenant ‖ source ‖ lateness; where it ends. */
function writePlace(kind: LeafKind, { home, tenant, source, lateness }: Place): number {
  outer[0] = 0
  outer[1] = leafVersion
  outer[2] = kinds[kind]
  let at = writeName(home.stream, 3)
  at = writeUint32(outer, home.generation, at, 'generation')
  at = writeUint32(outer, home.partition, at, 'partition')
  at = writeUint64(outer, home.offset, at, 'offset')
  at = writeName(tenant, at)
  at = writeName(source, at)
  outer[at] = latenesses[lateness ?? 'none']
  return at + 1
}

/** Two bytes that tell the length, then UTF-8. */
function writeName(name: string, at: number): number {
  if (name.length > nameLengthMax)
    throw new RangeError(`a name has at most ${nameLengthMax} characters: ${name.slice(0, 60)}…`)
  const length = outer.write(name, at + 2, 'utf8')
  outer[at] = length >>> 8
  outer[at + 1] = length
  return at + 2 + length
}

function writeUint32(into: Buffer, value: number, at: number, name: string): number {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
    throw new RangeError(`${name} ${value} is no 32-bit number`)
  into[at] = value >>> 24
  into[at + 1] = value >>> 16
  into[at + 2] = value >>> 8
  into[at + 3] = value
  return at + 4
}

function writeUint64(into: Buffer, value: number, at: number, name: string): number {
  if (!Number.isSafeInteger(value) || value < 0) throw new RangeError(`${name} ${value} is no whole number from 0 on`)
  writeUint32(into, Math.floor(value / 2 ** 32), at, name)
  return writeUint32(into, value >>> 0, at + 4, name)
}

const base64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function firstBytes(leaf: Digest): [number, number, number] {
  const bits = Number.parseInt(leaf.slice(0, 6), 16)
  return [bits >> 16, (bits >> 8) & 0xff, bits & 0xff]
}

/** FNV-1a over the place as it was just written, its high half folded down. */
function placeChecksum(end: number): number {
  let sum = 0x811c9dc5
  for (let at = 3; at < end; at += 1) sum = Math.imul(sum ^ (outer[at] ?? 0), 0x01000193)
  return (sum ^ (sum >>> 16)) & 0xffff
}

/** Base64 of three bytes. */
function hintOf(first: number, second: number, leaf: number): string {
  const bits = (first << 16) | (second << 8) | leaf
  return `${base64[bits >> 18]}${base64[(bits >> 12) & 63]}${base64[(bits >> 6) & 63]}${base64[bits & 63]}`
}
