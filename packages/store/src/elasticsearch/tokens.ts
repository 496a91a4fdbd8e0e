// Values that have no typed field, as terms of one keyword field: `path=text`, `path#number`, `path?boolean` …
import { createHash } from 'node:crypto'
import ipaddr from 'ipaddr.js'

/** Marks between a path and its value; a path's own are escaped, so that the first one ends it. */
export const mark = {
  text: '=',
  /** Sixteen hex digits that sort as the number does. */
  number: '#',
  boolean: '?',
  /** Beside the text of an address: `4` and 8, or `6` and 32 hex digits. */
  address: '@',
  /** A text too long for a term: its SHA-256; the text itself stands in `_varde.long`. */
  long: '~',
} as const

/** Lucene takes terms of 32,766 bytes; a character has three bytes of UTF-8 at most (a pair has four). */
export const textLengthMax = 8_000

const special = /[\\=#?@~]/g

export function escapePath(path: string): string {
  return path.replaceAll(special, '\\$&')
}

export function textToken(path: string, text: string): string {
  return text.length > textLengthMax ? `${path}${mark.long}${digest(text)}` : `${path}${mark.text}${text}`
}

export function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}

const buffer = new DataView(new ArrayBuffer(8))

/** Hex digits in the order of the numbers: the sign bit flipped, negative numbers flipped whole. */
export function numberText(value: number): string {
  // -0 and 0 are one number.
  buffer.setFloat64(0, value + 0)
  let high = buffer.getUint32(0)
  let low = buffer.getUint32(4)
  if (high >>> 31 === 1) {
    high = ~high >>> 0
    low = ~low >>> 0
  } else high = (high | 0x8000_0000) >>> 0
  return high.toString(16).padStart(8, '0') + low.toString(16).padStart(8, '0')
}

export function readNumber(text: string): number {
  let high = Number.parseInt(text.slice(0, 8), 16)
  let low = Number.parseInt(text.slice(8, 16), 16)
  if (high >>> 31 === 1) high = (high & 0x7fff_ffff) >>> 0
  else {
    high = ~high >>> 0
    low = ~low >>> 0
  }
  buffer.setUint32(0, high)
  buffer.setUint32(4, low)
  return buffer.getFloat64(0)
}

const dotted = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/

export function isIpv4(text: string): boolean {
  return text.length <= 15 && text.length >= 7 && dotted.test(text)
}

function isIpv6(text: string): boolean {
  return text.includes(':') && /^[0-9a-fA-F:]+$/.test(text) && ipaddr.IPv6.isValid(text)
}

/** `4` or `6` and the digits, for a text that is an address. */
export function addressText(text: string): string | undefined {
  if (isIpv4(text)) {
    let value = 0
    for (const part of text.split('.')) value = value * 256 + Number(part)
    return `4${value.toString(16).padStart(8, '0')}`
  }
  if (!isIpv6(text)) return undefined
  return `6${Buffer.from(ipaddr.IPv6.parse(text).toByteArray()).toString('hex')}`
}

/** An address spelt as Elasticsearch spells it, so that its `ip` field gives the same text back. */
export function isPlainAddress(text: string): boolean {
  if (isIpv4(text)) return true
  if (!isIpv6(text)) return false
  const address = ipaddr.IPv6.parse(text)
  return !address.isIPv4MappedAddress() && address.toRFC5952String() === text
}
