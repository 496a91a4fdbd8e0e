// key=value, one pass: quotes, escapes, and values that hold spaces where the next word is no key.
import { codesOf } from './codes.ts'

export interface KeyValueOptions {
  /** Between pairs; a space also stands for tabs and newlines. Default: space. */
  pair?: ' ' | ',' | ';' | '|' | '\t'
  /** Between key and value. Default `=`. */
  equals?: '=' | ':'
  /** `a=x y b=z` gives a = `x y` (CEF's extension, many vendors' free text). Default: a space ends a bare value. */
  spacedValues?: boolean
}

/** Pairs in order; a key that comes twice keeps its last value. Bare words without `=` are skipped. */
export function readKeyValues(text: string, from = 0, options?: KeyValueOptions): Map<string, string> {
  const pairs = new Map<string, string>()
  const pair = (options?.pair ?? ' ').charCodeAt(0)
  const equals = (options?.equals ?? '=').charCodeAt(0)
  const isSpaced = options?.spacedValues === true
  const { length } = text
  const codes = codesOf(text)
  let at = from
  while (at < length) {
    while (at < length && ((codes[at] ?? 0) <= 0x20 || codes[at] === pair)) at++
    const keyAt = at
    let hash = 0
    let code = 0
    // The key runs up to the equals sign; a separator before it means a bare word.
    while (at < length) {
      code = codes[at] ?? 0
      if (code === equals || isSeparator(code, pair)) break
      hash = nextHash(hash, code)
      at++
    }
    if (at >= length || code !== equals || at === keyAt) {
      if (at === keyAt) at++
      continue
    }
    const key = keyOf(text, keyAt, at, hash)
    at++
    const first = codes[at]
    if (at < length && (first === 0x22 || first === 0x27)) {
      const close = closingQuote(codes, at, length, first)
      if (close > 0) {
        pairs.set(key, text.slice(at + 1, close))
        at = close + 1
        continue
      }
      const quoted = close === escaped ? readQuoted(text, at, first) : undefined
      if (quoted !== undefined) {
        pairs.set(key, quoted.value)
        at = quoted.end
        continue
      }
    }
    const valueAt = at
    if (isSpaced) at = spacedEnd(text, at, pair, equals)
    else while (at < length && !isSeparator(codes[at] ?? 0, pair)) at++
    let end = at
    while (end > valueAt && (codes[end - 1] ?? 0) <= 0x20) end--
    pairs.set(key, text.slice(valueAt, end))
  }
  return pairs
}

const escaped = -1
const unclosed = -2

/** The place of the quote that closes the one at `at`; one of two negative numbers where a backslash comes before it, or there is none. */
function closingQuote(codes: Uint8Array, at: number, length: number, quote: number): number {
  for (let next = at + 1; next < length; next++) {
    const code = codes[next]
    if (code === quote) return next
    if (code === 0x5c) return escaped
  }
  return unclosed
}

const knownKeys: (string | undefined)[] = new Array(4_096).fill(undefined)
const keyLengthMax = 48

/** Of a key's characters, from 0, one after the other: what `keyOf` finds it by. */
export function nextHash(hash: number, code: number): number {
  return (hash * 31 + code) | 0
}

/**
 * Keys are few and come in every record: one string for each, which the engine has hashed already, instead of a new slice a record.
 * A place holds the last key that fell there.
 */
export function keyOf(text: string, from: number, to: number, hash: number): string {
  const place = (hash ^ (hash >>> 12)) & 4_095
  const known = knownKeys[place]
  if (known !== undefined && known.length === to - from && text.startsWith(known, from)) return known
  const key = text.slice(from, to)
  if (key.length > keyLengthMax) return key
  // The name of a property is a string of its own; a slice would keep the whole record alive.
  const [own = key] = Object.keys({ [key]: true })
  knownKeys[place] = own
  return own
}

/** Up to the separator before the word that is followed by the next equals sign. */
function spacedEnd(text: string, from: number, pair: number, equals: number): number {
  let wordAt = from
  let at = from
  while (at < text.length) {
    const code = text.charCodeAt(at)
    if (code === 0x5c) at++
    else if (isSeparator(code, pair)) wordAt = at
    else if (code === equals && wordAt > from) return wordAt
    else if (code === equals && wordAt === from && isSeparator(text.charCodeAt(from), pair)) return from
    at++
  }
  return text.length
}

/** A quoted text that begins at `at`; `\"` and `\\` are unescaped. Undefined without a closing quote. */
export function readQuoted(text: string, at: number, quote: number): { value: string; end: number } | undefined {
  let value = ''
  let chunk = at + 1
  for (let next = at + 1; next < text.length; next++) {
    const code = text.charCodeAt(next)
    if (code === quote) return { value: value + text.slice(chunk, next), end: next + 1 }
    if (code === 0x5c) {
      const following = text.charCodeAt(next + 1)
      if (following === quote || following === 0x5c) {
        value += text.slice(chunk, next)
        chunk = next + 1
        next++
      }
    }
  }
  return undefined
}

function isSeparator(code: number, pair: number): boolean {
  return code === pair || (pair === 0x20 && (code === 0x09 || code === 0x0a || code === 0x0d))
}
