// The ECS document under construction. Keeps the invariants of schema/event.ts whatever is put into it.

import { limits } from '@varde/runtime'
import type { DeadLetterReason, Json, JsonObject } from '@varde/schema'

export interface EventDocument {
  /** The nested document itself; written by this file's functions only. */
  readonly root: JsonObject
  /** `event.dataset`; parsers of several datasets narrow it. */
  dataset: string
  /** Places in the record's text (not bytes) that no field explains. */
  readonly unexplained: { from: number; to: number }[]
  sequence?: { producer: string; number: number }
  /** Set when a limit was reached: the record becomes a dead letter. */
  refused?: { reason: DeadLetterReason; detail: string }
  /** Of the objects that places remember: another number makes all of them forget theirs. */
  era: number
}

let eras = 0

export function createDocument(dataset: string): EventDocument {
  return { root: {}, dataset, unexplained: [], era: ++eras }
}

/**
 * Where a path leads, resolved once for all documents. A place remembers the object that it gave last: the next field
 * below it in the same document is set there at once, without walking down from the root.
 */
export interface Place {
  readonly key: string
  /** Undefined at the root. */
  readonly parent: Place | undefined
  /** Others lead through it: when something is set here, what they remember is gone. */
  hasBelow: boolean
  /** A place right below it is an object that others lead through. */
  hasObjects: boolean
  /** A table holds it for ever, so it is never made a second time. */
  pinned: boolean
  era: number
  node: JsonObject
}

const nowhere: JsonObject = {}

/** By path as it is written: literals and vendors' keys, so they are few. When full, all but the pinned go. */
let places = new Map<string, Place>()
const placesMax = 16_384
const pathLengthMax = 256

/** The place of a dotted path. */
function placeOf(path: string): Place {
  return places.get(path) ?? newPlace(path)
}

/** For tables of fields, which are made once: their places stay. */
export function pinnedPlace(path: string): Place {
  const place = placeOf(path)
  for (let at: Place | undefined = place; at !== undefined && !at.pinned; at = at.parent) at.pinned = true
  return place
}

function newPlace(path: string): Place {
  if (places.size >= placesMax) places = new Map([...places].filter(([, { pinned }]) => pinned))
  let parent: Place | undefined
  let canonical = ''
  for (const key of pathOf(path)) {
    canonical = parent === undefined ? key : `${canonical}.${key}`
    if (parent !== undefined) {
      parent.hasBelow = true
      if (parent.parent !== undefined) parent.parent.hasObjects = true
    }
    let place = places.get(canonical)
    if (place === undefined) {
      place = { key, parent, hasBelow: false, hasObjects: false, pinned: false, era: -1, node: nowhere }
      if (canonical.length <= pathLengthMax) places.set(canonical, place)
    }
    parent = place
  }
  if (parent === undefined) throw new TypeError('a path has at least one key')
  if (path !== canonical && path.length <= pathLengthMax) places.set(path, parent)
  return parent
}

/** Split and cleaned names: each is split once. Emptied when full. */
const paths = new Map<string, readonly string[]>()
const pathsMax = 16_384

/** A dotted path as safe keys: none empty, with a leading `_`, `outerWrapper` or `__proto__`. */
export function pathOf(path: string): readonly string[] {
  const known = paths.get(path)
  if (known !== undefined) return known
  const parts = path.split('.').map(safeKey)
  const safe = parts.length > 24 ? [...parts.slice(0, 23), parts.slice(23).join('_')] : parts
  if (paths.size >= pathsMax) paths.clear()
  if (path.length <= pathLengthMax) paths.set(path, safe)
  return safe
}

/** One key without dots, in the store's alphabet of keys: a hostile or impossible name gets a harmless one. */
export function safeKey(key: string): string {
  let from = 0
  while (key.charCodeAt(from) === 0x5f) from++
  let safe = from === 0 ? key : key.slice(from)
  if (safe.includes('.')) safe = safe.replaceAll('.', '_')
  if (safe.length > 256) safe = safe.slice(0, 256)
  if (!safe.isWellFormed()) safe = safe.toWellFormed()
  if (safe === '') return 'unnamed'
  return safe === 'outerWrapper' ? 'outer_wrapper' : safe
}

export type Value = Json | undefined

/** Sets a field; undefined, null and '' are nothing and change nothing. An object is copied with safe keys. */
export function put(document: EventDocument, path: string, value: Value): void {
  if (value !== undefined && value !== null && value !== '') putAt(document, placeOf(path), value)
}

/** `put` for a place that is known already. */
export function putAt(document: EventDocument, place: Place, value: Value): void {
  if (value === undefined || value === null || value === '') return
  const clean = typeof value === 'object' ? cleanOf(document, value, 0) : scalarOf(value)
  if (clean === undefined) return
  // An object that others stand below is replaced: they are to be walked to again.
  if (place.hasBelow) document.era = ++eras
  parentOf(document, place)[place.key] = clean
}

/** The object that a place's key is a member of. */
function parentOf(document: EventDocument, { parent }: Place): JsonObject {
  return parent === undefined ? document.root : objectAtPlace(document, parent)
}

function objectAtPlace(document: EventDocument, place: Place): JsonObject {
  if (place.era === document.era) return place.node
  const node = childOf(parentOf(document, place), place.key)
  place.era = document.era
  place.node = node
  return node
}

/** Sets a vendor's field below a prefix: cheaper than joining the names, which are the record's own. */
export function putUnder(document: EventDocument, prefix: string, name: string, value: Value): void {
  if (value === undefined || value === null || value === '') return
  const clean = typeof value === 'object' ? cleanOf(document, value, 0) : scalarOf(value)
  if (clean === undefined) return
  const place = placeOf(prefix)
  let node = objectAtPlace(document, place)
  const parts = pathOf(name)
  const last = parts.length - 1
  for (let depth = 0; depth < last; depth++) node = childOf(node, parts[depth] ?? '')
  const key = parts[last] ?? ''
  if ((last > 0 || place.hasObjects) && typeof node[key] === 'object') document.era = ++eras
  node[key] = clean
}

/** The object at a path, made where there is none: for fields that are set by names known to be safe. */
export function objectAt(document: EventDocument, path: string): JsonObject {
  return objectAtPlace(document, placeOf(path))
}

/** Takes a field away, and all below it. */
export function remove(document: EventDocument, path: string): void {
  const { parent, key } = placeOf(path)
  const node = parent === undefined ? document.root : readAt(document, parent)
  if (!isObject(node)) return
  document.era = ++eras
  delete node[key]
}

/** Sets a field where nothing stands yet. */
export function putDefault(document: EventDocument, path: string, value: Value): void {
  if (value !== undefined && value !== null && value !== '') putDefaultAt(document, placeOf(path), value)
}

/** `putDefault` for a place that is known already. */
export function putDefaultAt(document: EventDocument, place: Place, value: Value): void {
  if (readAt(document, place) === undefined) putAt(document, place, value)
}

/** Appends to a list, each value once; makes the list where there is none. */
export function add(document: EventDocument, path: string, ...values: (string | number | undefined)[]): void {
  const place = placeOf(path)
  if (place.hasBelow) document.era = ++eras
  const node = parentOf(document, place)
  const { key } = place
  const standing = node[key]
  const list: Json[] = Array.isArray(standing)
    ? standing
    : standing === undefined || standing === null || typeof standing === 'object'
      ? []
      : [standing]
  for (const value of values) if (value !== undefined && value !== '' && !list.includes(value)) list.push(value)
  if (list.length > 0) node[key] = list
}

export function read(document: EventDocument, path: string): Json | undefined {
  return readAt(document, placeOf(path))
}

function readAt(document: EventDocument, { parent, key }: Place): Json | undefined {
  let node: Json | undefined = document.root
  if (parent !== undefined) node = parent.era === document.era ? parent.node : readAt(document, parent)
  if (typeof node !== 'object' || node === null || Array.isArray(node)) return undefined
  const value = node[key]
  return value !== undefined && Object.hasOwn(node, key) ? value : undefined
}

/** Copies an object's members under a path ('' for the root); dotted keys become nested; what stands already wins. */
export function merge(document: EventDocument, path: string, members: JsonObject): void {
  for (const [key, value] of Object.entries(members)) {
    const full = path === '' ? key : `${path}.${key}`
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) {
      if (full.length < 1_024 && pathOf(full).length < 20) merge(document, full, value)
      else putDefault(document, full, value)
    } else putDefault(document, full, value)
  }
}

/** Takes a whole document that a shipper made as the beginning of this one. */
export function putRoot(document: EventDocument, members: JsonObject): void {
  const clean = cleanOf(document, members, 0)
  if (typeof clean !== 'object' || clean === null || Array.isArray(clean)) return
  document.era = ++eras
  Object.assign(document.root, clean)
}

/** Says that the record's text from `from` to `to` went into no field. */
export function leave(document: EventDocument, from: number, to: number): void {
  if (to > from) document.unexplained.push({ from, to })
}

function childOf(node: JsonObject, key: string): JsonObject {
  const child = node[key]
  if (typeof child === 'object' && child !== null && !Array.isArray(child)) return child
  const created: JsonObject = {}
  // A scalar that stands where an object must is kept beside it.
  if (child !== undefined && child !== null && Object.hasOwn(node, key)) created['value'] = child
  node[key] = created
  return created
}

function scalarOf(value: string | number | boolean): Json | undefined {
  if (typeof value === 'string') return value.isWellFormed() ? value : value.toWellFormed()
  if (typeof value === 'number') return Number.isFinite(value) ? (value === 0 ? 0 : value) : undefined
  return value
}

/** The value with safe keys and texts, without nulls: itself where nothing is to be changed, else a copy. */
function cleanOf(document: EventDocument, value: Json, depth: number): Json | undefined {
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'object') return scalarOf(value)
  if (depth >= limits.jsonDepthMax) {
    document.refused = { reason: 'nested-too-deep', detail: `nested deeper than ${limits.jsonDepthMax} levels` }
    return undefined
  }
  if (Array.isArray(value)) return cleanList(document, value, depth)
  for (const key in value) {
    const member = value[key] ?? null
    const clean = cleanOf(document, member, depth + 1)
    if (clean !== member || !isSafeKey(key)) return cleanCopy(document, value, depth, { key, clean })
  }
  return value
}

function cleanList(document: EventDocument, value: Json[], depth: number): Json[] | undefined {
  if (value.length === 0) return undefined
  let same = true
  const list: Json[] = []
  for (const item of value) {
    const clean = cleanOf(document, item, depth + 1)
    if (clean !== item) same = false
    if (clean !== undefined) list.push(clean)
  }
  if (same) return value
  return list.length === 0 ? undefined : list
}

/**
 * `first`: the first member that is not as it was. Each member is cleaned once: twice on every level would be 2^depth times at the bottom,
 * and one deep record would hold ingest up for ever.
 */
function cleanCopy(
  document: EventDocument,
  value: JsonObject,
  depth: number,
  first: { key: string; clean: Json | undefined },
): JsonObject | undefined {
  const object: JsonObject = {}
  let count = 0
  let isBehind = false
  for (const key of Object.keys(value)) {
    const member = value[key] ?? null
    const isFirst = key === first.key
    const clean = isFirst ? first.clean : isBehind ? cleanOf(document, member, depth + 1) : member
    isBehind ||= isFirst
    if (clean === undefined) continue
    count++
    const parts = pathOf(key)
    let node = object
    for (let at = 0; at < parts.length - 1; at++) node = childOf(node, parts[at] ?? '')
    const last = parts[parts.length - 1] ?? ''
    const standing = node[last]
    if (isObject(standing) && isObject(clean) && Object.hasOwn(node, last)) {
      // `{"a":{…},"a.b":…}`: both halves in a new object, since either may be the sender's own.
      node[last] = { ...standing, ...clean }
    } else node[last] = clean
  }
  return count === 0 ? undefined : object
}

function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isSafeKey(key: string): boolean {
  const parts = pathOf(key)
  return parts.length === 1 && parts[0] === key
}
