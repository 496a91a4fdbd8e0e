// The characters of a text as numbers in one array of bytes: a format that reads each character reads it several times faster there.
import { limits } from '@varde/runtime'

/** Holds one text at a time; grows to the longest that came. */
let codes = new Uint8Array(65_536)
let held = ''

/** Any character outside of ASCII: no format's syntax has one. */
const other = 0x80

/** Takes over the bytes of a text that is ASCII through and through, which need not be read a second time. */
export function holdCodes(text: string, ascii: Uint8Array): void {
  grow(ascii.length)
  codes.set(ascii)
  held = text
}

/** A number for each character of the text, up to its length; valid until the next call. */
export function codesOf(text: string): Uint8Array {
  if (text === held) return codes
  grow(text.length)
  for (let at = 0; at < text.length; at++) codes[at] = Math.min(text.charCodeAt(at), other)
  held = text
  return codes
}

function grow(length: number): void {
  if (length > codes.length) codes = new Uint8Array(Math.max(length, Math.min(2 * codes.length, limits.recordBytesMax)))
}
