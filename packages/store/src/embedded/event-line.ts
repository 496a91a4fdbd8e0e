// A stored event as one line of JSON with flat keys: what the write-ahead log keeps and DuckDB reads into its columns.
import { createTextArena, type EventText, type Json, type StoredEvent } from '@varde/schema'
import { hasLoneSurrogate, rawText, timeOf, wrongFrame } from '../event-rules.ts'
import { type PackedField, seen } from './field-catalogue.ts'
import { copyBytes, type LineBuffer, makeRoom, writeRaw } from './line-bytes.ts'
import { createOwnWriter } from './line-own.ts'
import { createLinePlans, flagOf, type LinePlan, type Path, Refused } from './line-plan.ts'

/** Deeper than any parser's limit; only guards the stack. */
const depthMax = 200
/** DuckDB is told to read lines of at most 16 MiB. */
const lineBytesMax = 15 * 1024 * 1024

export type Line = { ok: true; rawStart: number; time: number } | { ok: false; reason: string }

export interface LineWriter {
  /** Appends the line and its newline; the raw text's JSON begins at `rawStart`. Where it is refused, nothing is appended. */
  write(stored: StoredEvent, buffer: LineBuffer): Line
  /** The fields of the lines since the last call. */
  takeFields(): PackedField[]
}

export function createLineWriter(): LineWriter {
  const plans = createLinePlans()
  const own = createOwnWriter()
  const texts = createTextArena()

  /** For events that come without their text: one at a time. */
  const textOf = (event: StoredEvent['event']): EventText => {
    texts.clear()
    return texts.textOf(event)
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
        if (member !== undefined) gather(plans.childOf(path, key), member, leaves, depth + 1)
      }
    }
  }

  const noteArray = (path: Path, list: readonly Json[]) => {
    let flags: number = seen.inExtraArray
    for (const value of list) flags |= flagOf(value)
    plans.note(path, flags)
  }

  /** What the plan could not know: more members of `_x`, and the text of `_odd`. */
  const oddOf = (stored: StoredEvent, plan: LinePlan): { extra: string; text: string | undefined } => {
    let extra = ''
    let odd: Record<string, Json> | undefined
    for (const { leaf, path } of plan.odd) {
      const value = valueAt(stored.event, leaf.keys)
      if (Array.isArray(value) && hasLoneSurrogate(value)) throw new Refused(loneSurrogate)
      if (leaf.kind === 'list') {
        if (Array.isArray(value)) noteArray(path, value)
        continue
      }
      odd ??= {}
      odd[path.field] = leaf.kind === 'empty' ? {} : value
      if (leaf.kind !== 'mixed') continue
      const leaves = new Map<Path, (string | number | boolean)[]>()
      gather(path, value, leaves, leaf.keys.length - 1)
      for (const [found, list] of leaves) {
        extra += `,${JSON.stringify(found.field)}:${JSON.stringify(list)}`
        noteArray(found, list)
      }
    }
    return { extra, text: odd === undefined ? undefined : JSON.stringify(JSON.stringify(odd)) }
  }

  const append = (stored: StoredEvent, time: number, text: EventText, plan: LinePlan, buffer: LineBuffer): Line => {
    const { raw } = stored
    const before = buffer.at
    const odd = plan.odd.length === 0 ? undefined : oddOf(stored, plan)
    const oddLength = odd === undefined ? 0 : odd.extra.length + (odd.text?.length ?? 0)
    makeRoom(buffer, own.bytesMax(stored) + plan.bytes + text.to - text.from + 3 * oddLength + 6 * raw.length)
    own.write(stored, time, buffer)
    writePart(plan.columns, text, buffer)
    if (plan.extras.leaves.length > 0 || (odd !== undefined && odd.extra !== '')) {
      writeAscii(buffer, ',"_x":{')
      const from = buffer.at
      writePart(plan.extras, text, buffer)
      if (odd !== undefined) buffer.at += buffer.bytes.write(odd.extra, buffer.at)
      // Each member brings its comma; the first needs none.
      buffer.bytes.copyWithin(from, from + 1, buffer.at)
      buffer.at -= 1
      buffer.bytes[buffer.at++] = 0x7d
    }
    if (odd?.text !== undefined) buffer.at += buffer.bytes.write(`,"_odd":${odd.text}`, buffer.at)
    const rawStart = appendRaw(raw, buffer)
    buffer.bytes[buffer.at++] = 0x7d
    buffer.bytes[buffer.at++] = 0x0a
    if (buffer.at - before > lineBytesMax) {
      buffer.at = before
      return { ok: false, reason: 'larger than a line of the store may be' }
    }
    return { ok: true, rawStart, time }
  }

  return {
    write(stored, buffer) {
      const wrong = wrongFrame(stored)
      if (wrong !== undefined) return { ok: false, reason: wrong }
      const time = timeOf(stored.event['@timestamp'])
      if (time === undefined) {
        return { ok: false, reason: '@timestamp is not ISO 8601 in UTC with three decimals and a Z' }
      }
      try {
        const text = stored.text ?? textOf(stored.event)
        const plan = plans.planOf(text.shape)
        if (plan.refused !== undefined) return { ok: false, reason: plan.refused }
        if (!text.wellFormed) return { ok: false, reason: loneSurrogate }
        plans.beginLine(plan)
        return append(stored, time, text, plan, buffer)
      } catch (error) {
        if (error instanceof Refused || error instanceof TypeError) return { ok: false, reason: error.message }
        throw error
      }
    },
    takeFields: plans.takeFields,
  }
}

const loneSurrogate = 'a string has a lone surrogate'

function valueAt(event: Json, keys: readonly string[]): Json {
  let value: Json = event
  for (const key of keys) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return null
    value = value[key] ?? null
  }
  return value
}

function writePart(part: LinePlan['columns'], text: EventText, buffer: LineBuffer): void {
  const { leaves, said, saidEnds } = part
  const { bytes, ends, endsFrom } = text
  const into = buffer.bytes
  let place = buffer.at
  let said0 = 0
  for (let n = 0; n < leaves.length; n += 1) {
    const end = saidEnds[n] ?? 0
    for (; said0 < end; said0 += 1) into[place++] = said[said0] ?? 0
    const leaf = leaves[n] ?? 0
    const from = startOf(text, leaf)
    place = copyBytes(into, place, bytes, from, ends[endsFrom + leaf] ?? from)
  }
  buffer.at = place
}

/** Between two values stands what the shape says there. */
function startOf({ shape, from, ends, endsFrom }: EventText, leaf: number): number {
  const said = shape.saidEnds
  if (leaf === 0) return from + (said[0] ?? 0)
  return (ends[endsFrom + leaf - 1] ?? 0) + (said[leaf] ?? 0) - (said[leaf - 1] ?? 0)
}

/** The raw text is the line's last member: searches and the text index find it there. */
function appendRaw(raw: Uint8Array, buffer: LineBuffer): number {
  const before = buffer.at
  writeAscii(buffer, ',"_raw":')
  const rawStart = buffer.at
  if (writeRaw(buffer, raw)) return rawStart
  const { text, bytes = '' } = rawText(raw)
  buffer.at = before
  writeAscii(buffer, `,"_bytes":"${bytes}","_raw":`)
  const start = buffer.at
  buffer.at += buffer.bytes.write(JSON.stringify(text), start)
  return start
}

function writeAscii(buffer: LineBuffer, text: string): void {
  buffer.at += buffer.bytes.write(text, buffer.at, 'latin1')
}
