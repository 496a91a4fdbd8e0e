// Strings and whole numbers as JSON in UTF-8, written straight into bytes: an escape or a letter beyond ASCII is the rare case.

const encoder = new TextEncoder()

/** 1 where JSON must escape (RFC 8785 §3.2.2.2), 2 where a lone surrogate may have been replaced (U+FFFD begins so). */
const special = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte < 0x20 || byte === 0x22 || byte === 0x5c ? 1 : byte === 0xef ? 2 : 0,
)
/** From here on the engine's encoder is faster than a loop, and what it wrote is looked at afterwards. */
const encodedLength = 48

/** Set where `writeText` met a lone surrogate, which it writes as its escape; whoever asks clears it before. */
export const met = { loneSurrogate: false }

/** The place behind it. Six times its length and two are enough room. */
export function writeText(into: Uint8Array, from: number, text: string): number {
  const { length } = text
  into[from] = 0x22
  let place = from + 1
  if (length < encodedLength) {
    for (let n = 0; n < length; n += 1) {
      const code = text.charCodeAt(n)
      if (code > 0x7e || special[code] !== 0) return writeAnyText(into, from, text)
      into[place++] = code
    }
  } else {
    const end = writeUtf8(into, place, text)
    for (; place < end; place += 1) if (special[into[place] ?? 0] !== 0) return writeAnyText(into, from, text)
  }
  into[place] = 0x22
  return place + 1
}

/** The letter behind the backslash, where there is a short escape. */
const shortEscapes: Readonly<Record<number, number | undefined>> = {
  8: 0x62,
  9: 0x74,
  10: 0x6e,
  12: 0x66,
  13: 0x72,
  34: 0x22,
  92: 0x5c,
}

/** The same for texts that need escapes or are not ASCII. */
function writeAnyText(into: Uint8Array, from: number, text: string): number {
  into[from] = 0x22
  let place = from + 1
  for (let n = 0; n < text.length; n += 1) {
    const code = text.charCodeAt(n)
    if (code < 0x80) {
      if (special[code] === 0) into[place++] = code
      else {
        const short = shortEscapes[code]
        into[place++] = 0x5c
        if (short !== undefined) into[place++] = short
        else place = writeHex(into, place, code)
      }
    } else if (code < 0x800) {
      into[place++] = 0xc0 | (code >> 6)
      into[place++] = 0x80 | (code & 0x3f)
    } else if (code >= 0xd800 && code <= 0xdfff) {
      const point = text.codePointAt(n) ?? code
      if (point === code) {
        met.loneSurrogate = true
        into[place++] = 0x5c
        place = writeHex(into, place, code)
      } else {
        n += 1
        into[place++] = 0xf0 | (point >> 18)
        into[place++] = 0x80 | ((point >> 12) & 0x3f)
        into[place++] = 0x80 | ((point >> 6) & 0x3f)
        into[place++] = 0x80 | (point & 0x3f)
      }
    } else {
      into[place++] = 0xe0 | (code >> 12)
      into[place++] = 0x80 | ((code >> 6) & 0x3f)
      into[place++] = 0x80 | (code & 0x3f)
    }
  }
  into[place] = 0x22
  return place + 1
}

/** `uXXXX`, in lower case. */
function writeHex(into: Uint8Array, from: number, code: number): number {
  into[from] = 0x75
  for (let n = 0; n < 4; n += 1) {
    const digit = (code >> (12 - 4 * n)) & 15
    into[from + 1 + n] = digit < 10 ? 0x30 + digit : 0x57 + digit
  }
  return from + 5
}

/** Any safe integer. */
export function writeWhole(into: Uint8Array, place: number, value: number): number {
  if (value < 0 || value > 999_999_999) return writeUtf8(into, place, Object.is(value, -0) ? '0' : String(value))
  let digits = 1
  for (let limit = 10; value >= limit; limit *= 10) digits += 1
  let rest = value | 0
  for (let n = place + digits - 1; n >= place; n -= 1) {
    const tenth = (rest / 10) | 0
    into[n] = 0x30 + rest - tenth * 10
    rest = tenth
  }
  return place + digits
}

/** The text as it is. Three times its length is enough room. */
export function writeUtf8(into: Uint8Array, place: number, text: string): number {
  return place + encoder.encodeInto(text, into.subarray(place)).written
}
