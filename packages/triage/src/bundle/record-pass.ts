// The first pass over a case's pins, in the order of their seals: everything that proves them, and a row each for the timeline.
import {
  type BundleRecord,
  joinProofs,
  recordLine,
  recordOfEvent,
  type SealHead,
  withholdRecord,
} from '@varde/evidence'
import { canonicalJson, type StoredEvent, sealId } from '@varde/schema'
import type { PinChunk } from '../cases/pin-chunk.ts'
import { eventTimelineRow, type TimelineContext } from '../cases/timeline.ts'
import { observablesOf } from './observables.ts'
import type { Part } from './parts.ts'
import type { ForeignWords } from './redact.ts'

export interface RecordParts {
  records: Part
  events: Part
  raw: Part
  proofs: Part
  /** `<time>\t<row as JSON>` a line: what the second pass sorts. */
  rows: Part
}

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

export interface PassCounts {
  records: number
  withheld: number
  /** Read from files: what was before they came is not proven. */
  imported: number
}

/** Between so many events others get their turn. */
const turnEvents = 500

/** Writes one group; false where nothing of it is for the recipient, and so nothing was written. */
export async function writeGroup(
  group: SealGroup,
  events: StoredEvent[],
  parts: RecordParts,
  options: { tenant: string | undefined; context: TimelineContext; words: ForeignWords },
): Promise<PassCounts | undefined> {
  const { tenant, context, words } = options
  const isWithheld = ({ id, tenant: of }: StoredEvent) =>
    (tenant !== undefined && of !== tenant) || context.marks.get(id)?.withdrawn !== undefined
  for (const event of events) words.note(event)
  if (events.every((event) => tenant !== undefined && event.tenant !== tenant)) return undefined
  const unmarked = { ...context, marks: new Map() }
  const counts: PassCounts = { records: 0, withheld: 0, imported: 0 }
  const pinnedAt = Math.min(...group.chunks.map((chunk) => chunk.pinnedAt))
  for (const [n, event] of events.entries()) {
    const whole = recordOfEvent(event)
    const record: BundleRecord = isWithheld(event) ? withholdRecord(whole) : whole
    parts.records.write(`${canonicalJson(recordLine(record))}\n`)
    counts.records += 1
    if (record.kind === 'withheld') counts.withheld += 1
    else {
      if (event.lateness === 'imported') counts.imported += 1
      parts.events.write(`${record.text}\n`)
      parts.raw.write(record.raw)
      parts.raw.write('\n')
      // What the analyst says of it comes in the second pass, when it is known what the recipient may read.
      const row = { ...eventTimelineRow(event, pinnedAt, unmarked), see: observablesOf(event) }
      parts.rows.write(`${row.time}\t${JSON.stringify(row)}\n`)
    }
    if (n % turnEvents === turnEvents - 1) await new Promise((resolve) => setImmediate(resolve))
  }
  const { from, count } = group.seal
  const proofs = group.chunks.map(({ offsets, hashes }) => ({ wanted: offsets.map((offset) => offset - from), hashes }))
  const [only, ...more] = proofs
  const hashes = only !== undefined && more.length === 0 ? only.hashes : joinProofs(count, proofs)
  parts.proofs.write(`${canonicalJson({ seal: sealId(group.seal), hashes })}\n`)
  return counts
}
