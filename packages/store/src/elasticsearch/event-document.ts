// A stored event as one document: the event itself as it is, and `_varde` with what stands beside it and what is not typed.
import type { Home, Json, JsonObject, StoredEvent } from '@varde/schema'
import { hasLoneSurrogate, rawText, timeOf, wrongFrame, wrongKey } from '../event-rules.ts'
import type { Names } from './names.ts'
import { type NativeNode, type NativeType, nativeTree } from './native-fields.ts'
import {
  addressText,
  escapePath,
  isIpv4,
  isPlainAddress,
  mark,
  numberText,
  textLengthMax,
  textToken,
} from './tokens.ts'

export type EventDocument = { ok: true; index: string; id: string; body: string } | { ok: false; reason: string }

/** Deeper than any parser's limit; only guards the stack. */
const depthMax = 200
/** Lucene takes documents up to 2 GiB, people do not: 5 Mi characters as in the embedded store. */
const bodyLengthMax = 5 * 1024 * 1024

/** Sorts by stream, generation, partition: a space sorts before all characters of a stream's name. */
export function chainText({ stream, generation, partition }: Omit<Home, 'offset'>): string {
  return `${stream} ${String(generation).padStart(8, '0')} ${String(partition).padStart(8, '0')}`
}

export function readChain(text: string): Omit<Home, 'offset'> {
  const [stream = '', generation, partition] = text.split(' ')
  return { stream, generation: Number(generation), partition: Number(partition) }
}

class Refused extends Error {}

/** What one event adds beside its typed fields. */
interface Beside {
  values: string[]
  fields: Set<string>
  /** Parts that must not stand where they are, by path: an index would refuse or misread them. */
  odd: JsonObject | undefined
  long: { field: string; text: string }[]
}

export function eventDocument(stored: StoredEvent, names: Names): EventDocument {
  const wrong = wrongFrame(stored)
  if (wrong !== undefined) return { ok: false, reason: wrong }
  if (timeOf(stored.event['@timestamp']) === undefined) {
    return { ok: false, reason: '@timestamp is not ISO 8601 in UTC with three decimals and a Z' }
  }
  const beside: Beside = { values: [], fields: new Set(), odd: undefined, long: [] }
  try {
    walkMembers(stored.event, nativeTree, '', beside, 0)
  } catch (error) {
    if (error instanceof Refused) return { ok: false, reason: error.message }
    throw error
  }
  const event = beside.odd === undefined ? stored.event : withoutPaths(stored.event, Object.keys(beside.odd))
  const text = JSON.stringify(event)
  const own = JSON.stringify(ownPart(stored, beside))
  // JSON.stringify spells a lone surrogate `\udXXX`; a backslash of the text itself is doubled.
  if ((text.includes('\\ud') || own.includes('\\ud')) && hasLoneSurrogate(stored.event)) {
    return { ok: false, reason: 'a string has a lone surrogate' }
  }
  if (text.length + own.length > bodyLengthMax)
    return { ok: false, reason: 'larger than a document of the store may be' }
  const body = `${text.slice(0, -1)},"_varde":${own}}`
  return { ok: true, index: names.eventIndex(stored.retention, stored.tenant, stored.arrival), id: stored.id, body }
}

function ownPart(stored: StoredEvent, beside: Beside): JsonObject {
  const { text, bytes } = rawText(stored.raw)
  const { sender } = stored
  const own: JsonObject = {
    chain: chainText(stored.home),
    offset: stored.home.offset,
    tenant: stored.tenant,
    source: stored.source,
    retention: stored.retention,
    arrival: stored.arrival,
    ingested: stored.ingested,
    seed: Buffer.from(stored.seed.buffer, stored.seed.byteOffset, 16).toString('base64'),
    line: text,
  }
  if (bytes !== undefined) own['bytes'] = bytes
  if (stored.lateness !== undefined) own['lateness'] = stored.lateness
  if (sender !== undefined && 'key' in sender) own['key'] = sender.key
  if (sender !== undefined && 'producer' in sender) {
    own['producer'] = sender.producer
    own['sequence'] = sender.sequence
  }
  if (beside.values.length > 0) own['values'] = beside.values
  if (beside.fields.size > 0) own['fields'] = [...beside.fields]
  // As a text: what is in there must not be parsed.
  if (beside.odd !== undefined) own['odd'] = JSON.stringify(beside.odd)
  if (beside.long.length > 0) own['long'] = beside.long.map(({ field, text: value }) => ({ field, text: value }))
  return own
}

function walkMembers(object: JsonObject, node: NativeNode, path: string, beside: Beside, depth: number): void {
  if (depth > depthMax) throw new Refused(`nested deeper than ${depthMax}`)
  for (const key of Object.keys(object)) {
    const value = object[key]
    if (value === undefined) continue
    if (depth === 0 && key === '@timestamp') continue
    const name = checkedName(path, key)
    const child = node.children.get(key)
    if (child === undefined) {
      // Typed objects refuse members without a visible name.
      if (key.trim() === '') setAside(name, value, beside)
      addTokens(name, value, beside, depth + 1)
    } else if (child.type !== undefined) {
      if (!fits(child.type, value)) setAside(name, value, beside)
      if (!fits(child.type, value) || child.type === 'date' || child.type === 'point')
        addTokens(name, value, beside, depth + 1)
    } else walkOwner(name, value, child, beside, depth)
  }
}

/** A value where the catalogue has an object: it, a list of such, or something else. */
function walkOwner(name: string, value: Json, node: NativeNode, beside: Beside, depth: number): void {
  if (isObject(value)) walkMembers(value, node, name, beside, depth + 1)
  else if (value !== null) {
    // Lists of objects lose which belongs to which in an index, but they are rare here: as vendor fields they are found alike.
    setAside(name, value, beside)
    addTokens(name, value, beside, depth + 1)
  }
}

function checkedName(path: string, key: string): string {
  const wrong = wrongKey(key)
  if (wrong !== undefined) throw new Refused(wrong)
  return path === '' ? key : `${path}.${key}`
}

function setAside(name: string, value: Json, beside: Beside): void {
  beside.odd ??= {}
  beside.odd[name] = value
}

function addTokens(path: string, value: Json, beside: Beside, depth: number): void {
  if (depth > depthMax) throw new Refused(`nested deeper than ${depthMax}`)
  if (value === null) return
  if (Array.isArray(value)) {
    for (const element of value) addTokens(path, element, beside, depth + 1)
  } else if (typeof value === 'object') {
    for (const key of Object.keys(value)) {
      const member = value[key]
      if (member !== undefined) addTokens(checkedName(path, key), member, beside, depth + 1)
    }
  } else addScalar(escapePath(path), path, value, beside)
}

function addScalar(escaped: string, path: string, value: string | number | boolean, beside: Beside): void {
  if (typeof value === 'string') {
    beside.values.push(textToken(escaped, value))
    beside.fields.add(`${escaped}=`)
    if (value.length > textLengthMax) beside.long.push({ field: path, text: value })
    const address = addressText(value)
    if (address !== undefined) beside.values.push(`${escaped}${mark.address}${address}`)
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Refused(`${value} has no JSON form`)
    beside.values.push(`${escaped}${mark.number}${numberText(value)}`)
    beside.fields.add(Number.isSafeInteger(value) ? `${escaped}#l` : `${escaped}#d`)
  } else {
    beside.values.push(`${escaped}${mark.boolean}${value}`)
    beside.fields.add(`${escaped}?`)
  }
}

/** Whether the typed field gives exactly this value back, or each of these. */
function fits(type: NativeType, value: Json): boolean {
  if (value === null) return true
  if (Array.isArray(value)) return value.every((element) => element === null || fitsOne(type, element))
  return fitsOne(type, value)
}

function fitsOne(type: NativeType, value: Json): boolean {
  switch (type) {
    case 'keyword':
      return typeof value === 'string' && value.length <= textLengthMax
    case 'long':
      return Number.isSafeInteger(value)
    case 'double':
      return typeof value === 'number' && Number.isFinite(value)
    case 'boolean':
      return typeof value === 'boolean'
    case 'ip':
      return typeof value === 'string' && (isIpv4(value) || isPlainAddress(value))
    case 'date':
      return typeof value === 'string' && dateText.test(value)
    case 'point':
      return isObject(value) && Object.keys(value).length === 2 && within(value['lat'], 90) && within(value['lon'], 180)
  }
}

const dateText = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)$/

function within(value: Json | undefined, bound: number): boolean {
  return typeof value === 'number' && Math.abs(value) <= bound
}

function isObject(value: Json): value is JsonObject {
  return value !== null && typeof value === 'object' && !Array.isArray(value)
}

/** A copy without the members at these paths; what is not on the way to one is shared. */
function withoutPaths(event: JsonObject, paths: string[]): JsonObject {
  const copy: JsonObject = { ...event }
  for (const path of paths) {
    const parts = path.split('.')
    let owner = copy
    for (const part of parts.slice(0, -1)) {
      const next = owner[part]
      if (next === undefined || !isObject(next)) break
      const fresh = { ...next }
      owner[part] = fresh
      owner = fresh
    }
    delete owner[parts.at(-1) ?? '']
  }
  return copy
}
