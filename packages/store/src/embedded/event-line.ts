// A stored event as one line of JSON with flat keys: what the write-ahead log keeps and DuckDB reads into its columns.
import type { Json, JsonObject, StoredEvent } from '@varde/schema'
import { hasLoneSurrogate, rawText, timeOf, wrongFrame, wrongKey } from '../event-rules.ts'
import { type Column, columnOf } from './columns.ts'
import { type PackedField, seen } from './field-catalogue.ts'

/** Deeper than any parser's limit; only guards the stack. */
const depthMax = 200
/** Paths whose spelling is kept; beyond it they are spelt anew each time. */
const pathsMax = 50_000
/** DuckDB is told to read lines of at most 16 MiB, and a character has three bytes of UTF-8 at most. */
const lineCharactersMax = 5 * 1024 * 1024

interface Path {
  field: string
  column: Column | undefined
  /** `,"user.name":` */
  key: string
  children: Map<string, Path>
  batch: number
  row: number
  flags: number
  events: number
}

export type Line = { ok: true; head: string; raw: string; time: number } | { ok: false; reason: string }

export interface LineWriter {
  /** Head and raw together are the line; the raw text's JSON begins where the head ends. */
  write(stored: StoredEvent): Line
  /** The fields of the lines since the last call. */
  takeFields(): PackedField[]
}

class Refused extends Error {}

export function createLineWriter(): LineWriter {
  const root = newPath('', undefined)
  let paths = 0
  let batch = 1
  let row = 0
  let touched: Path[] = []
  let columnsText = ''
  let extra = ''
  let odd: Record<string, Json> | undefined

  const childOf = (parent: Path, key: string): Path => {
    const known = parent.children.get(key)
    if (known !== undefined) return known
    const wrong = wrongKey(key)
    if (wrong !== undefined) throw new Refused(wrong)
    const child = newPath(parent === root ? key : `${parent.field}.${key}`, key)
    if (paths < pathsMax) {
      paths += 1
      parent.children.set(key, child)
    }
    return child
  }

  const note = (path: Path, flags: number) => {
    if (path.batch !== batch) {
      path.batch = batch
      path.row = -1
      path.flags = 0
      path.events = 0
      touched.push(path)
    }
    path.flags |= flags
    if (path.row !== row) {
      path.row = row
      path.events += 1
    }
  }

  const scalar = (path: Path, value: string | number | boolean) => {
    const kind = path.column?.kind
    const spelt = typeof value === 'string' ? quote(value) : spellNumber(value)
    if ((kind === 'text' && typeof value === 'string') || (kind === 'whole' && Number.isSafeInteger(value))) {
      columnsText += path.key + spelt
      note(path, flagOf(value) | seen.inColumn)
    } else {
      extra += path.key + spelt
      note(path, flagOf(value) | seen.inExtra)
    }
  }

  const array = (path: Path, values: Json[], depth: number) => {
    if (values.length === 0 || !values.every(isScalar)) {
      odd ??= {}
      odd[path.field] = values
      const leaves = new Map<Path, (string | number | boolean)[]>()
      gather(path, values, leaves, depth)
      for (const [leaf, found] of leaves) extraArray(leaf, found)
    } else if (path.column?.kind === 'texts' && values.every((value) => typeof value === 'string')) {
      columnsText += `${path.key}[${values.map(quote).join(',')}]`
      note(path, seen.text | seen.inColumn)
    } else extraArray(path, values)
  }

  const extraArray = (path: Path, values: (string | number | boolean)[]) => {
    const spelt = values.map((value) => (typeof value === 'string' ? quote(value) : spellNumber(value)))
    extra += `${path.key}[${spelt.join(',')}]`
    let flags: number = seen.inExtraArray
    for (const value of values) flags |= flagOf(value)
    note(path, flags)
  }

  /** The scalars below an array that holds more than scalars, by their path without positions. */
  const gather = (path: Path, value: Json, leaves: Map<Path, (string | number | boolean)[]>, depth: number) => {
    if (depth > depthMax) throw new Refused(`nested deeper than ${depthMax}`)
    if (value === null) return
    if (typeof value !== 'object') {
      const found = leaves.get(path)
      if (found === undefined) leaves.set(path, [value])
      else found.push(value)
    } else if (Array.isArray(value)) {
      for (const element of value) gather(path, element, leaves, depth + 1)
    } else {
      for (const key of Object.keys(value)) {
        const member = value[key]
        if (member !== undefined) gather(childOf(path, key), member, leaves, depth + 1)
      }
    }
  }

  const walk = (path: Path, object: JsonObject, depth: number): number => {
    if (depth > depthMax) throw new Refused(`nested deeper than ${depthMax}`)
    let members = 0
    for (const key of Object.keys(object)) {
      const value = object[key]
      if (value === undefined) continue
      if (depth === 0 && key === '@timestamp') continue
      members += 1
      const child = childOf(path, key)
      if (value === null) {
        odd ??= {}
        odd[child.field] = null
      } else if (typeof value !== 'object') scalar(child, value)
      else if (Array.isArray(value)) array(child, value, depth)
      else if (walk(child, value, depth + 1) === 0) {
        odd ??= {}
        odd[child.field] = {}
      }
    }
    return members
  }

  const write = (stored: StoredEvent): Line => {
    const wrong = wrongFrame(stored)
    if (wrong !== undefined) return { ok: false, reason: wrong }
    const time = timeOf(stored.event['@timestamp'])
    if (time === undefined) {
      return { ok: false, reason: '@timestamp is not ISO 8601 in UTC with three decimals and a Z' }
    }
    columnsText = ''
    extra = ''
    odd = undefined
    row += 1
    try {
      walk(root, stored.event, 0)
    } catch (error) {
      if (error instanceof Refused) return { ok: false, reason: error.message }
      throw error
    }
    const { text, bytes } = rawText(stored.raw)
    const raw = quote(text)
    const head =
      ownText(stored, time) +
      columnsText +
      (extra === '' ? '' : `,"_x":{${extra.slice(1)}}`) +
      (odd === undefined ? '' : `,"_odd":${JSON.stringify(JSON.stringify(odd))}`) +
      (bytes === undefined ? '' : `,"_bytes":"${bytes}"`) +
      ',"_raw":'
    if (head.length + raw.length > lineCharactersMax)
      return { ok: false, reason: 'larger than a line of the store may be' }
    // JSON.stringify spells a lone surrogate `\udXXX`; a backslash of the text itself is doubled.
    if (head.includes('\\ud') && hasLoneSurrogate(stored.event))
      return { ok: false, reason: 'a string has a lone surrogate' }
    return { ok: true, head, raw: `${raw}}\n`, time }
  }

  return {
    write,
    takeFields() {
      const fields = touched.map((path): PackedField => [path.field, path.flags, path.events])
      touched = []
      batch += 1
      return fields
    },
  }

  function newPath(field: string, last: string | undefined): Path {
    const column = last === undefined ? undefined : columnOf.get(field)
    const key = `,${JSON.stringify(field)}:`
    return { field, column, key, children: new Map(), batch: 0, row: -1, flags: 0, events: 0 }
  }
}

function ownText(stored: StoredEvent, time: number): string {
  const { home, sender } = stored
  const seed = Buffer.from(stored.seed.buffer, stored.seed.byteOffset, 16).toString('hex')
  let text = `{"_t":${time},"_stream":"${home.stream}","_generation":${home.generation},"_partition":${home.partition}`
  text += `,"_offset":${home.offset},"_tenant":${quote(stored.tenant)},"_source":${quote(stored.source)}`
  text += `,"_arrival":${stored.arrival},"_ingested":${stored.ingested},"_seed":"${seed}"`
  if (stored.lateness !== undefined) text += `,"_lateness":"${stored.lateness}"`
  if (sender !== undefined && 'key' in sender) text += `,"_key":${quote(sender.key)}`
  if (sender !== undefined && 'producer' in sender) {
    text += `,"_producer":${quote(sender.producer)},"_sequence":${sender.sequence}`
  }
  return text
}

/** What JSON must escape (RFC 8259 §7) and some more, and lone surrogates, which JSON.stringify spells out. */
const needsEscape = /[\p{Cc}"\\\p{Cs}]/u

function quote(value: string): string {
  return needsEscape.test(value) ? JSON.stringify(value) : `"${value}"`
}

function spellNumber(value: number | boolean): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new Refused(`${value} has no JSON form`)
  return Object.is(value, -0) ? '0' : String(value)
}

function flagOf(value: string | number | boolean): number {
  if (typeof value === 'string') return seen.text
  if (typeof value === 'boolean') return seen.boolean
  return Number.isSafeInteger(value) ? seen.whole : seen.double
}

function isScalar(value: Json): value is string | number | boolean {
  return value !== null && typeof value !== 'object'
}
