// The first pass over a case's pins, in the order of their seals: everything that proves them, and each row of the timeline.
import { joinProofs, recordOfEvent, type SealHead, withholdRecord, writeProof, writeRecord } from '@varde/evidence'
import { type Case, type JsonObject, sealId } from '@varde/schema'
import { type CopiedEvent, type PinChunk, unpack } from '../cases/pin-chunk.ts'
import { eventTimelineRow, type TimelineContext } from '../cases/timeline.ts'
import { growingBytes } from '../growing-bytes.ts'
import { observablesOf } from './observables.ts'
import { placeOf } from './places.ts'
import { type SpooledRow, timelineLine, timesketchLine } from './timesketch.ts'

/** What this pass writes: four files of the bundle, and for the second pass each row as it will stand in two more, as JSON, and where all three are. */
export const recordParts = ['records', 'events', 'raw', 'proofs', 'csv', 'sketch', 'rows', 'places'] as const
export type RecordPart = (typeof recordParts)[number]

export interface SealGroup {
  seal: SealHead
  chunks: PinChunk[]
}

/** Chunks that are proven, by seal, in the order of `records.jsonl`. */
export function sealGroups(chunks: readonly PinChunk[]): SealGroup[] {
  const groups = new Map<string, SealGroup>()
  for (const chunk of chunks) {
    if (chunk.seal === undefined) continue
    const id = sealId(chunk.seal)
    const group = groups.get(id) ?? { seal: chunk.seal, chunks: [] }
    group.chunks.push(chunk)
    groups.set(id, group)
  }
  return [...groups.values()].sort(({ seal: a }, { seal: b }) => {
    if (a.stream !== b.stream) return a.stream < b.stream ? -1 : 1
    return a.generation - b.generation || a.partition - b.partition || a.seq - b.seq
  })
}

/** One group as it is appended to the parts. */
export interface WrittenGroup {
  parts: Record<RecordPart, Uint8Array>
  records: number
  withheld: number
  /** Read from files: what was before they came is not proven. */
  imported: number
}

export interface GroupOptions {
  of: Pick<Case, 'id' | 'zone'>
  tenant?: string
  context: TimelineContext
}

/** The events of a group, each once, ascending by offset. `packed`: the copies of its chunks, in their order. */
export function eventsOf({ chunks }: SealGroup, packed: readonly (JsonObject | undefined)[]): CopiedEvent[] {
  const lists = chunks.map((chunk, n) => {
    const copies = packed[n]
    return copies === undefined ? [] : unpack(chunk, copies)
  })
  const [only, ...more] = lists
  if (only !== undefined && more.length === 0) return only
  const byOffset = new Map(lists.flat().map((event) => [event.home.offset, event]))
  return [...byOffset.values()].sort((a, b) => a.home.offset - b.home.offset)
}

/** Between so many events others get their turn. */
const turnEvents = 500

/** Undefined where nothing of it is for the recipient. */
export async function writeGroup(
  group: SealGroup,
  events: CopiedEvent[],
  options: GroupOptions,
): Promise<WrittenGroup | undefined> {
  const { of, tenant, context } = options
  const isWithheld = ({ id, tenant: of }: CopiedEvent) =>
    (tenant !== undefined && of !== tenant) ||
    (context.marks.size > 0 && context.marks.get(id)?.withdrawn !== undefined)
  if (events.every((event) => tenant !== undefined && event.tenant !== tenant)) return undefined
  const parts = createBytes()
  const unmarked = { ...context, marks: new Map() }
  const counts = { records: 0, withheld: 0, imported: 0 }
  const pinnedAt = Math.min(...group.chunks.map((chunk) => chunk.pinnedAt))
  for (const [n, event] of events.entries()) {
    if (n % turnEvents === turnEvents - 1) await new Promise((resolve) => setImmediate(resolve))
    const whole = recordOfEvent(event, event.canonical)
    const record = isWithheld(event) ? withholdRecord(whole) : whole
    writeRecord(record, parts)
    counts.records += 1
    if (record.kind === 'withheld') {
      counts.withheld += 1
      continue
    }
    if (event.lateness === 'imported') counts.imported += 1
    // What the analyst says of it comes in the second pass, when it is known what the recipient may read.
    const row: SpooledRow = { ...eventTimelineRow(event, pinnedAt, unmarked), see: observablesOf(event) }
    const lengths = {
      csv: parts.csv.write(timelineLine(row, of.zone)),
      sketch: parts.sketch.write(timesketchLine(row, of.id)),
      rows: parts.rows.write(JSON.stringify(row)),
    }
    parts.places.write(placeOf(row.time, lengths, context.marks.has(event.id)))
  }
  const { from, count } = group.seal
  const proofs = group.chunks.map(({ offsets, hashes }) => ({ wanted: offsets.map((offset) => offset - from), hashes }))
  const [only, ...more] = proofs
  const hashes = only !== undefined && more.length === 0 ? only.hashes : joinProofs(count, proofs)
  writeProof(group.seal, hashes, parts)
  return { parts: takeBytes(parts), ...counts }
}

type GroupBytes = Record<RecordPart, ReturnType<typeof growingBytes>>

function createBytes(): GroupBytes {
  return {
    records: growingBytes(),
    events: growingBytes(),
    raw: growingBytes(),
    proofs: growingBytes(),
    csv: growingBytes(),
    sketch: growingBytes(),
    rows: growingBytes(),
    places: growingBytes(),
  }
}

function takeBytes(of: GroupBytes): WrittenGroup['parts'] {
  const { records, events, raw, proofs, csv, sketch, rows, places } = of
  return {
    records: records.bytes(),
    events: events.bytes(),
    raw: raw.bytes(),
    proofs: proofs.bytes(),
    csv: csv.bytes(),
    sketch: sketch.bytes(),
    rows: rows.bytes(),
    places: places.bytes(),
  }
}
