// Bytes of a line, written without a text in between: numbers, names, the exact raw record as a string of JSON.
import { isUtf8 } from 'node:buffer'

/** Grows; what was written stays. */
export interface LineBuffer {
  bytes: Buffer
  at: number
}

export function makeRoom(buffer: LineBuffer, need: number): void {
  if (buffer.at + need <= buffer.bytes.length) return
  const larger = Buffer.allocUnsafeSlow(Math.max(buffer.bytes.length * 2, buffer.at + need))
  buffer.bytes.copy(larger, 0, 0, buffer.at)
  buffer.bytes = larger
}

/** Up to here a loop is faster than a call. */
const shortBytes = 48

export function copyBytes(into: Uint8Array, at: number, from: Uint8Array, start: number, end: number): number {
  if (end - start > shortBytes) {
    into.set(from.subarray(start, end), at)
    return at + end - start
  }
  let place = at
  for (let n = start; n < end; n += 1) into[place++] = from[n] ?? 0
  return place
}

const billion = 1_000_000_000

/** A whole number from 0 on. */
export function writeWhole(into: Uint8Array, at: number, value: number): number {
  if (value < billion) return writeDigits(into, at, value, digitsOf(value))
  const high = Math.floor(value / billion)
  const next = writeDigits(into, at, high, digitsOf(high))
  return writeDigits(into, next, value - high * billion, 9)
}

function digitsOf(value: number): number {
  let digits = 1
  for (let limit = 10; value >= limit; limit *= 10) digits += 1
  return digits
}

function writeDigits(into: Uint8Array, at: number, value: number, digits: number): number {
  let rest = value | 0
  for (let n = at + digits - 1; n >= at; n -= 1) {
    const tenth = (rest / 10) | 0
    into[n] = 0x30 + rest - tenth * 10
    rest = tenth
  }
  return at + digits
}

const hexDigits = Buffer.from('0123456789abcdef')

export function writeHex(into: Uint8Array, at: number, bytes: Uint8Array): number {
  let place = at
  for (let n = 0; n < bytes.length; n += 1) {
    const byte = bytes[n] ?? 0
    into[place++] = hexDigits[byte >> 4] ?? 0
    into[place++] = hexDigits[byte & 15] ?? 0
  }
  return place
}

/** 1: must be escaped (RFC 8259 §7); 2: not ASCII. */
const special = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === 0x22 || byte === 0x5c ? 1 : byte >= 0x80 ? 2 : 0,
)
const escapes: readonly Buffer[] = Array.from({ length: 128 }, (_, code) =>
  Buffer.from(JSON.stringify(String.fromCharCode(code)).slice(1, -1)),
)

/** Six times its length and two are enough room. False where it is no UTF-8, and nothing was written. */
export function writeRaw(buffer: LineBuffer, raw: Uint8Array): boolean {
  const into = buffer.bytes
  const { length } = raw
  let place = buffer.at
  into[place++] = 0x22
  into.set(raw, place)
  let at = 0
  let ascii = true
  for (; at < length; at += 1) {
    const kind = special[raw[at] ?? 0]
    if (kind === 0) continue
    if (kind === 1) break
    ascii = false
  }
  place += at
  for (; at < length; at += 1) {
    const byte = raw[at] ?? 0
    const kind = special[byte]
    if (kind === 1) {
      const spelt = escapes[byte]
      if (spelt !== undefined) for (let n = 0; n < spelt.length; n += 1) into[place++] = spelt[n] ?? 0
    } else {
      if (kind === 2) ascii = false
      into[place++] = byte
    }
  }
  if (!ascii && !isUtf8(raw)) return false
  into[place++] = 0x22
  buffer.at = place
  return true
}
