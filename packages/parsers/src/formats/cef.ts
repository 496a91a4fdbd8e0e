// ArcSight CEF (Common Event Format, revision 25) and IBM LEEF (Log Event Extended Format 1.0 and 2.0): header fields by `|`, then key=value.
import { readKeyValues } from './key-value.ts'

export interface Cef {
  vendor: string
  product: string
  version: string
  /** Device event class id, or LEEF's event id. */
  id: string
  name: string
  severity: string
  extensions: Map<string, string>
}

/** Header fields from `from`, up to `count`; `\|` and `\\` are escapes. Undefined where there are fewer. */
function readHeader(text: string, from: number, count: number): { fields: string[]; end: number } | undefined {
  const fields: string[] = []
  let value = ''
  let chunk = from
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x5c && (text.charCodeAt(at + 1) === 0x7c || text.charCodeAt(at + 1) === 0x5c)) {
      value += text.slice(chunk, at)
      chunk = at + 1
      at++
    } else if (code === 0x7c) {
      fields.push(value + text.slice(chunk, at))
      value = ''
      chunk = at + 1
      if (fields.length === count) return { fields, end: chunk }
    }
  }
  // The last header field may end the line.
  if (fields.length === count - 1) return { fields: [...fields, value + text.slice(chunk)], end: text.length }
  return undefined
}

/** `from` is where `CEF:` stands. */
export function readCef(text: string, from: number): Cef | undefined {
  const start = text.indexOf(':', from) + 1
  const header = readHeader(text, start, 7)
  if (header === undefined) return undefined
  const [, vendor = '', product = '', version = '', id = '', name = '', severity = ''] = header.fields
  return { vendor, product, version, id, name, severity, extensions: readExtensions(text, header.end) }
}

function readExtensions(text: string, from: number): Map<string, string> {
  const pairs = readKeyValues(text, from, { spacedValues: true })
  for (const [key, value] of pairs) if (value.includes('\\')) pairs.set(key, unescapeValue(value))
  return pairs
}

/** CEF: `\=`, `\\`, `\n`, `\r`. */
function unescapeValue(text: string): string {
  let value = ''
  let chunk = 0
  for (let at = text.indexOf('\\'); at >= 0 && at < text.length - 1; at = text.indexOf('\\', at)) {
    const next = text.charCodeAt(at + 1)
    const meant =
      next === 0x3d || next === 0x5c || next === 0x7c
        ? text.charAt(at + 1)
        : next === 0x6e
          ? '\n'
          : next === 0x72
            ? '\r'
            : undefined
    if (meant !== undefined) {
      value += text.slice(chunk, at) + meant
      chunk = at + 2
    }
    at += 2
  }
  return value + text.slice(chunk)
}

/** `from` is where `LEEF:` stands. */
export function readLeef(text: string, from: number): Cef | undefined {
  const two = text.startsWith('2', from + 5)
  const header = readHeader(text, from + 5, 5)
  if (header === undefined) return undefined
  const [, vendor = '', product = '', version = '', id = ''] = header.fields
  let at = header.end
  let separator = '\t'
  if (two) {
    const bar = text.indexOf('|', at)
    if (bar >= 0 && bar - at <= 6) {
      separator = delimiterOf(text.slice(at, bar))
      at = bar + 1
    }
  }
  const body = text.slice(at)
  if (separator === '\t' && !body.includes('\t')) separator = body.includes('|') && !body.includes(' ') ? '|' : ' '
  const extensions = separator === ' ' ? readKeyValues(body, 0, { spacedValues: true }) : splitPairs(body, separator)
  return { vendor, product, version, id, name: '', severity: extensions.get('sev') ?? '', extensions }
}

/** `^`, `x5E`, `0x09`; nothing is a tab. */
function delimiterOf(text: string): string {
  if (text === '') return '\t'
  if (text.length === 1) return text
  const hex = /^(?:0?x)?([\da-f]{1,4})$/i.exec(text)?.[1]
  return hex === undefined ? '\t' : String.fromCharCode(Number.parseInt(hex, 16))
}

function splitPairs(text: string, separator: string): Map<string, string> {
  const pairs = new Map<string, string>()
  for (const part of text.split(separator)) {
    const equals = part.indexOf('=')
    if (equals > 0) pairs.set(part.slice(0, equals).trim(), part.slice(equals + 1).trim())
  }
  return pairs
}
