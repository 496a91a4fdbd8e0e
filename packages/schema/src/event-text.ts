// The canonical text of an event as bytes, and where each value stands in it: made in one walk for all who need bytes of an event.
import {
  closes,
  type EventShape,
  kinds,
  newShapes,
  opens,
  type Shape,
  type Step,
  shapeOf,
  stepTo,
} from './event-shape.ts'
import { canonicalJson, type Json, type JsonObject } from './json.ts'
import { met, writeText, writeUtf8, writeWhole } from './json-bytes.ts'

export interface EventText {
  readonly shape: EventShape
  /** The RFC 8785 text in UTF-8 is `bytes` from `from` to `to`. The buffer holds other texts too. */
  readonly bytes: Uint8Array
  readonly from: number
  readonly to: number
  /** `ends[endsFrom + n]`: the place in `bytes` behind the value of leaf `n`. It begins behind the text between. */
  readonly ends: Uint32Array
  readonly endsFrom: number
  /** No text in it has a lone surrogate; those inside of lists and mixed arrays are not looked at. */
  readonly wellFormed: boolean
}

/** Deeper than any parser's limit; only guards the stack. */
const depthMax = 200
/** Steps of remembered shapes, about 150 bytes each; when there are more, all are forgotten and learnt anew. */
const stepsMax = 100_000
const bytesAtOnce = 1024 * 1024
const endsAtOnce = 65_536
/** 16 MiB of bytes: batches are smaller. */
const pagesKeptMax = 16
/** A number has at most 25 characters (RFC 8785 appendix B). */
const numberBytesMax = 25

let shapes = newShapes()
/** Values of the event that is being written, in the order of the walk; arrays that are no list of texts as their text. */
const values: (string | number | boolean | string[] | null)[] = []
let count = 0
let room = 0

/** Throws a TypeError on NaN and infinities. Members that are undefined are left out; a lone surrogate is written as its escape. */
export function eventText(event: JsonObject): EventText {
  const shape = shapeFor(event)
  if (!hasRoom(lastPage, shape)) lastPage = newPage(shape)
  return write(shape, lastPage)
}

/** Room for the texts of one batch that is used again for the next: fresh memory for each would keep the collector busy. */
export interface TextArena {
  /** As `eventText`. Good until `clear`. */
  textOf(event: JsonObject): EventText
  /** Takes the room back from all texts made so far. */
  clear(): void
}

/** For one batch at a time: texts of before a `clear` must not be read after it. */
export function createTextArena(): TextArena {
  let pages: Page[] = []
  let current = 0
  return {
    textOf(event) {
      const shape = shapeFor(event)
      let page = pages[current]
      while (page !== undefined && !hasRoom(page, shape)) page = pages[++current]
      if (page === undefined) {
        page = newPage(shape)
        pages.push(page)
      }
      return write(shape, page)
    },
    clear() {
      if (pages.length > pagesKeptMax || pages.some((page) => page.bytes.length > bytesAtOnce)) pages = []
      for (const page of pages) {
        page.at = 0
        page.endsAt = 0
      }
      current = 0
    },
  }
}

interface Page {
  bytes: Uint8Array
  at: number
  ends: Uint32Array
  endsAt: number
}

function newPage(shape: Shape): Page {
  return {
    bytes: new Uint8Array(Math.max(bytesAtOnce, shape.said.length + room)),
    at: 0,
    ends: new Uint32Array(Math.max(endsAtOnce, shape.order.length)),
    endsAt: 0,
  }
}

let lastPage: Page = { bytes: new Uint8Array(0), at: 0, ends: new Uint32Array(0), endsAt: 0 }

/** For the event whose values were just walked. */
function hasRoom({ bytes, at, ends, endsAt }: Page, shape: Shape): boolean {
  return at + shape.said.length + room <= bytes.length && endsAt + shape.order.length <= ends.length
}

function shapeFor(event: JsonObject): Shape {
  count = 0
  room = 0
  if (shapes.steps > stepsMax) shapes = newShapes()
  const last = walk(event, shapes.root, 0)
  last.shape ??= shapeOf(last)
  return last.shape
}

function walk(object: JsonObject, from: Step, depth: number): Step {
  let step = from
  for (const key in object) {
    const value = object[key]
    if (value === undefined) continue
    const kind = kindOf(value, depth)
    const { next } = step
    step = next !== undefined && next.key === key && next.kind === kind ? next : stepTo(shapes, step, key, kind)
    if (kind === opens) step = walk(objectOf(value), step, depth + 1)
    else values[count++] = kept(value, kind)
  }
  const { next } = step
  return next !== undefined && next.kind === closes ? next : stepTo(shapes, step, '', closes)
}

function objectOf(value: Json): JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}

function kindOf(value: Json, depth: number): number {
  if (typeof value === 'string') return kinds.text
  if (typeof value === 'number') return Number.isSafeInteger(value) ? kinds.whole : kinds.fraction
  if (typeof value === 'boolean') return kinds.boolean
  if (value === null) return kinds.null
  if (!Array.isArray(value)) return depth < depthMax ? opens : kinds.deep
  let kind: number = value.length === 0 ? kinds.mixed : kinds.texts
  for (const item of value) {
    if (typeof item === 'string') continue
    if (item === null || typeof item === 'object') return kinds.mixed
    kind = kinds.list
  }
  return kind
}

/** What the writing needs of a value; makes room for it. */
function kept(value: Json, kind: number): string | number | boolean | string[] | null {
  if (typeof value === 'string') {
    room += 6 * value.length + 2
    return value
  }
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`${value} has no JSON form`)
  room += numberBytesMax
  if (typeof value !== 'object' || value === null) return value
  if (kind === kinds.texts && isTexts(value)) {
    for (const text of value) room += 6 * text.length + 3
    return value
  }
  const text = canonicalJson(value)
  room += 3 * text.length
  return text
}

/** Its kind says so already. */
function isTexts(value: Json): value is string[] {
  return Array.isArray(value)
}

function write(shape: Shape, page: Page): EventText {
  const { order, kinds: kindNumbers, said, saidEnds } = shape
  const { bytes, at, ends, endsAt } = page
  const leaves = order.length
  met.loneSurrogate = false
  const into = bytes
  let place = at
  let said0 = 0
  for (let leaf = 0; leaf < leaves; leaf += 1) {
    const end = saidEnds[leaf] ?? 0
    for (; said0 < end; said0 += 1) into[place++] = said[said0] ?? 0
    const value = values[order[leaf] ?? 0]
    if (typeof value === 'string' && kindNumbers[leaf] === kinds.text) place = writeText(into, place, value)
    else place = writeValue(into, place, value ?? null, kindNumbers[leaf] ?? 0)
    ends[endsAt + leaf] = place
  }
  for (; said0 < said.length; said0 += 1) into[place++] = said[said0] ?? 0
  const text: EventText = { shape, bytes, from: at, to: place, ends, endsFrom: endsAt, wellFormed: !met.loneSurrogate }
  page.at = place
  page.endsAt += leaves
  return text
}

function writeValue(
  into: Uint8Array,
  place: number,
  value: string | number | boolean | string[] | null,
  kind: number,
): number {
  if (kind === kinds.text && typeof value === 'string') return writeText(into, place, value)
  if (kind === kinds.whole && typeof value === 'number') return writeWhole(into, place, value)
  if (kind === kinds.empty) return place
  if (kind === kinds.texts && typeof value === 'object' && value !== null) {
    let next = place
    into[next++] = 0x5b
    for (let n = 0; n < value.length; n += 1) {
      if (n > 0) into[next++] = 0x2c
      next = writeText(into, next, value[n] ?? '')
    }
    into[next++] = 0x5d
    return next
  }
  return writeUtf8(into, place, String(value))
}
