// What the values of a query mean: numbers, times and networks, the same in every store.
import ipaddr from 'ipaddr.js'

const numeral = /^-?\d+(\.\d+)?([eE][+-]?\d+)?$/

export function numberOf(text: string): number | undefined {
  if (!numeral.test(text)) return undefined
  const value = Number(text)
  return Number.isFinite(value) ? value : undefined
}

/** ISO 8601 (UTC where it names no zone) or, from 10 digits on, milliseconds since 1970. */
export function timeOfText(text: string): number | undefined {
  if (/^\d{10,16}$/.test(text)) return Number(text)
  if (!/^\d{4}(-\d\d(-\d\d)?)?(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?$/.test(text)) return undefined
  const time = Date.parse(/T[^Z+-]*$/.test(text) ? `${text}Z` : text)
  return Number.isNaN(time) ? undefined : time
}

/** The texts between the stars of a wildcard; `\*` is a plain star and `\\` a plain backslash. */
export function patternParts(pattern: string): string[] {
  const parts = ['']
  for (let at = 0; at < pattern.length; at += 1) {
    let char = pattern.charAt(at)
    const next = pattern.charAt(at + 1)
    if (char === '*') {
      parts.push('')
      continue
    }
    if (char === '\\' && (next === '*' || next === '\\')) {
      char = next
      at += 1
    }
    parts[parts.length - 1] += char
  }
  return parts
}

export type NetworkRange = { version: 4; from: number; to: number } | { version: 6; from: string; to: string }

export function networkRange(network: string): NetworkRange | undefined {
  const [addressText = '', bitsText, ...rest] = network.split('/')
  if (rest.length > 0 || !ipaddr.isValid(addressText)) return undefined
  const address = ipaddr.parse(addressText)
  const width = address.kind() === 'ipv4' ? 32 : 128
  const bits = bitsText === undefined ? width : Number(bitsText)
  if (bitsText !== undefined && !/^\d{1,3}$/.test(bitsText)) return undefined
  if (bits > width) return undefined
  if (width === 32 && !ipaddr.IPv4.isValidFourPartDecimal(addressText)) return undefined
  const value = BigInt(`0x${Buffer.from(address.toByteArray()).toString('hex')}`)
  const host = (1n << BigInt(width - bits)) - 1n
  const from = value & ~host
  const to = value | host
  if (width === 32) return { version: 4, from: Number(from), to: Number(to) }
  const hex = (number: bigint) => number.toString(16).padStart(32, '0')
  return { version: 6, from: hex(from), to: hex(to) }
}
