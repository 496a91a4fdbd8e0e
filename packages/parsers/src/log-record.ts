// One raw record as text, with the syslog envelope already read: what every product's parser looks at.
import type { JsonObject } from '@varde/schema'
import { readSyslog, type Syslog } from './formats/syslog.ts'

export interface LogRecord {
  /** The whole record. */
  readonly text: string
  /** What the envelope said; all undefined where there is none. */
  readonly syslog: Syslog
  /** Text after the envelope's time and host, its tag included: `sshd[12]: Accepted …`. */
  readonly body: string
  /** Where the body begins in the text. */
  readonly bodyAt: number
  /** Text after the tag: `Accepted …`. Same as the body where there is no tag. */
  readonly message: string
  readonly messageAt: number
  /** UTC milliseconds. */
  readonly arrival: number
  /** IANA name or offset of claimed times without a zone. */
  readonly zone: string | undefined
  readonly meta: JsonObject
  /** The dataset that the source is configured to be. */
  readonly hint: string | undefined
  /** Cache of `jsonOf`: null before the first look. */
  json: JsonObject | undefined | null
}

export function openRecord(
  text: string,
  arrival: number,
  zone: string | undefined,
  meta: JsonObject,
  hint: string | undefined,
): LogRecord {
  const syslog = readSyslog(text, arrival, zone)
  return {
    text,
    syslog,
    body: syslog.bodyAt === 0 ? text : text.slice(syslog.bodyAt),
    bodyAt: syslog.bodyAt,
    message: syslog.messageAt === 0 ? text : text.slice(syslog.messageAt),
    messageAt: syslog.messageAt,
    arrival,
    zone,
    meta,
    hint,
    json: null,
  }
}

/** The JSON object that the record (or what follows its syslog header) is; undefined where it is none. */
export function jsonOf(record: LogRecord): JsonObject | undefined {
  if (record.json === null)
    record.json = readObject(record.message) ?? readObject(record.body) ?? readObject(record.text)
  return record.json
}

function readObject(text: string): JsonObject | undefined {
  let at = 0
  while (at < text.length && text.charCodeAt(at) <= 32) at++
  if (text.charCodeAt(at) !== 0x7b) return undefined
  let end = text.length
  while (end > at && text.charCodeAt(end - 1) <= 32) end--
  if (text.charCodeAt(end - 1) !== 0x7d) return undefined
  const source = text.slice(at, end)
  return parseObject(source) ?? parseObject(repaired(source))
}

/** JSON.parse's answer where it is an object. */
export function parseObject(text: string | undefined): JsonObject | undefined {
  if (text === undefined) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** Zscaler writes numbers as `00.000000`, which JSON forbids; undefined where there is none of those. */
function repaired(text: string): string | undefined {
  const fixed = text.replaceAll(/(":\s?-?)0{1,16}(?=\d)/g, '$1')
  return fixed === text ? undefined : fixed
}

/** What JSON.parse made is JSON: this narrows it to an object. */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
