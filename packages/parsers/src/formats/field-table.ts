// Tables from a vendor's keys to ECS fields: what most products with key=value, CSV, CEF or JSON are, said as data.

import {
  add,
  type EventDocument,
  pinnedPlace,
  putAt,
  putDefault,
  putDefaultAt,
  putUnder,
  type Value,
} from '../normalise/document.ts'
import { countOf, isIp, macOf, portOf, putAddress, putIp } from '../normalise/endpoint.ts'
import { putTransport } from '../normalise/network.ts'
import { epochMs, isoTime, timeOf } from '../normalise/time.ts'
import { putUrl } from '../normalise/url.ts'

export interface FieldContext {
  arrival: number
  zone: string | undefined
}

type Put = (document: EventDocument, value: string, context: FieldContext) => void

/** One target or several: `'source.ip:ip'`, `'source.ip:ip client.ip:ip'`. */
export type FieldTable = Readonly<Record<string, readonly Put[] | undefined>>

export function fieldTable(rows: Readonly<Record<string, string>>): FieldTable {
  const table: Record<string, readonly Put[]> = Object.create(null)
  for (const [key, targets] of Object.entries(rows)) table[key] = targets.split(' ').map(putOf)
  return table
}

/** False where the table has no such key. */
export function putField(
  table: FieldTable,
  document: EventDocument,
  key: string,
  value: string,
  context: FieldContext,
): boolean {
  const puts = table[key]
  if (puts === undefined) return false
  for (const one of puts) one(document, value, context)
  return true
}

function putOf(target: string): Put {
  const colon = target.indexOf(':')
  const path = colon < 0 ? target : target.slice(0, colon)
  const kind = colon < 0 ? 'text' : target.slice(colon + 1)
  const made = kinds[kind]
  if (made === undefined) throw new TypeError(`no kind of field ${kind} in ${target}`)
  return made(path)
}

/**
 * How a value is written, after the path and a colon: `source.ip:ip`. Without one the text is kept.
 * `address` puts .address and .ip or .domain below the path; `transport`, `url` and `user` know their own paths (`user` below its path).
 */
const kinds: Readonly<Record<string, ((path: string) => Put) | undefined>> = {
  text: (path) => {
    const place = pinnedPlace(path)
    return (document, value) => putAt(document, place, value)
  },
  default: (path) => {
    const place = pinnedPlace(path)
    return (document, value) => putDefaultAt(document, place, value)
  },
  append: (path) => (document, value) => add(document, path, value),
  lower: (path) => at(path, (value) => value.toLowerCase()),
  ip: (path) => at(path, (value) => (isIp(value) ? value : undefined)),
  /** An address, or else a name. */
  host: (path) => (document, value) => {
    if (!putIp(document, `${path}.ip`, value)) putDefault(document, `${path}.hostname`, value)
  },
  ips: (path) => (document, value) => {
    for (const part of value.split(/[,; ]/)) {
      const ip = part.trim()
      if (ip !== '' && /^[\d.]+$|:/.test(ip)) add(document, path, ip)
    }
  },
  port: (path) => at(path, portOf),
  count: (path) => at(path, countOf),
  number: (path) => at(path, (value) => (value === '' ? undefined : finite(Number(value)))),
  address: (path) => (document, value) => putAddress(document, path, value),
  mac: (path) => at(path, macOf),
  transport: () => putTransport,
  url: () => (document, value) => putUrl(document, value),
  hosturl: () => (document, value) => putUrl(document, value, { hostLeads: true }),
  user: (path) => (document, value) => putUserName(document, path, value),
  list: (path) => (document, value) => add(document, path, ...value.split(',').map((part) => part.trim())),
  iso: (path) => at(path, (value, { arrival, zone }) => isoTime(timeOf(value, arrival, zone))),
  epoch: (path) => at(path, (value) => isoTime(epochMs(value))),
  seconds: (path) => at(path, (value) => nanoseconds(value, 1_000_000_000)),
  milliseconds: (path) => at(path, (value) => nanoseconds(value, 1_000_000)),
}

/** Sets what is read of the value, if anything, at a place that the table knows. */
function at(path: string, readValue: (text: string, context: FieldContext) => Value): Put {
  const place = pinnedPlace(path)
  return (document, value, context) => putAt(document, place, readValue(value, context))
}

function finite(number: number): number | undefined {
  return Number.isFinite(number) ? number : undefined
}

function nanoseconds(text: string, factor: number): number | undefined {
  const number = Number(text)
  return text !== '' && Number.isFinite(number) && number >= 0 ? Math.round(number * factor) : undefined
}

/** `DOMAIN\anna`, `anna@example.org`, `anna`: name and domain below a path such as `source.user` (the whole mail address in .email). */
export function putUserName(document: EventDocument, path: string, text: string): void {
  const slash = text.indexOf('\\')
  if (slash >= 0) {
    putUnder(document, path, 'domain', text.slice(0, slash))
    putUnder(document, path, 'name', text.slice(text.charCodeAt(slash + 1) === 0x5c ? slash + 2 : slash + 1))
    return
  }
  const at = text.indexOf('@')
  if (at > 0 && at === text.lastIndexOf('@') && at < text.length - 1) {
    putUnder(document, path, 'name', text.slice(0, at))
    putUnder(document, path, 'domain', text.slice(at + 1))
    putUnder(document, path, 'email', text)
    return
  }
  putUnder(document, path, 'name', text)
}
