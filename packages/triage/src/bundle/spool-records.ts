// The first pass of a bundle: groups are made ahead, appended in order, and what is written survives a stop.
import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Case, StoredEvent } from '@varde/schema'
import type { Evidence } from '../cases/evidence.ts'
import type { TimelineContext } from '../cases/timeline.ts'
import type { Progress } from './compose.ts'
import { openGroupWriters } from './group-writers.ts'
import { openPart, type Part } from './parts.ts'
import { eventsOf, type RecordPart, recordParts, type SealGroup, type WrittenGroup, writeGroup } from './record-pass.ts'
import type { ForeignWords } from './redact.ts'

export interface Checkpoint {
  /** Seal groups that are written, and what they came to. */
  groups: number
  records: number
  withheld: number
  imported: number
  seals: number[]
  bytes: Record<RecordPart, number>
}

const checkpointMs = 1_000

export async function spoolRecords(work: {
  folder: string
  of: Case
  tenant?: string
  groups: SealGroup[]
  evidence: Evidence
  context: TimelineContext
  words: ForeignWords
  /** Gets the ids of the recipient's own events. */
  own: Set<string>
  tell(progress: Progress): void
  signal: AbortSignal
}): Promise<Checkpoint> {
  const { folder, of, tenant, groups, evidence, context, words, own, tell, signal } = work
  const path = join(folder, 'checkpoint.json')
  const state = readCheckpoint(path)
  const parts = openParts(folder, state)
  const sizes = groups.map(({ chunks }) => chunks.reduce((sum, { offsets }) => sum + offsets.length, 0))
  const total = sizes.reduce((sum, size) => sum + size, 0)
  const options = { of: { id: of.id, zone: of.zone }, ...(tenant === undefined ? {} : { tenant }), context }
  const writers = await openGroupWriters(tenant === undefined ? total : 0, options)
  const note = (events: StoredEvent[]) => {
    for (const event of events) {
      words.note(event)
      if (event.tenant === tenant) own.add(event.id)
    }
  }
  const make = async (n: number): Promise<WrittenGroup | undefined> => {
    const group = groups[n]
    const isWritten = n < state.groups
    if (group === undefined || (isWritten && tenant === undefined)) return undefined
    const packed = await Promise.all(group.chunks.map((chunk) => evidence.packed(chunk)))
    if (tenant === undefined) return writers.write(group, packed)
    // A bundle for one customer needs the others' words, to keep them out of what people wrote: also of groups that are written.
    const events = eventsOf(group, packed)
    note(events)
    return isWritten ? undefined : writeGroup(group, events, options)
  }
  let seen = 0
  let last = Date.now()
  const save = () => {
    for (const part of Object.values(parts)) part.flush()
    for (const name of recordParts) state.bytes[name] = parts[name].bytes()
    writeFileSync(`${path}.tmp`, JSON.stringify(state))
    renameSync(`${path}.tmp`, path)
  }
  try {
    for await (const [n, written] of inOrder(groups.length, writers.atOnce, make)) {
      if (written !== undefined) {
        for (const name of recordParts) parts[name].write(written.parts[name])
        state.records += written.records
        state.withheld += written.withheld
        state.imported += written.imported
        state.seals.push(n)
      }
      state.groups = Math.max(state.groups, n + 1)
      seen += sizes[n] ?? 0
      if (signal.aborted) {
        save()
        throw signal.reason
      }
      if (Date.now() - last < checkpointMs) continue
      save()
      last = Date.now()
      const bytes = recordParts.reduce((sum, name) => sum + parts[name].bytes(), 0)
      tell({ step: 'records', done: seen, total, bytes })
    }
    save()
  } finally {
    await writers.close()
    for (const part of Object.values(parts)) part.close()
  }
  return state
}

/** Of the numbers below `count`: each in its turn, some of them begun ahead. */
async function* inOrder<T>(
  count: number,
  atOnce: number,
  make: (n: number) => Promise<T>,
): AsyncGenerator<[number, T]> {
  const begun: Promise<T>[] = []
  let next = 0
  for (let n = 0; n < count; n += 1) {
    for (; next < count && begun.length < atOnce; next += 1) {
      const one = make(next)
      // It is thrown when its turn comes, if it does.
      one.catch(() => {})
      begun.push(one)
    }
    const first = begun.shift()
    if (first !== undefined) yield [n, await first]
  }
}

/** None, or one of another version of Varde that wrote other parts: the pass begins anew. */
function readCheckpoint(path: string): Checkpoint {
  try {
    const kept: Checkpoint = JSON.parse(readFileSync(path, 'utf8'))
    if (recordParts.every((name) => Number.isInteger(kept.bytes[name]))) return kept
  } catch {
    // There is none.
  }
  const bytes = { records: 0, events: 0, raw: 0, proofs: 0, csv: 0, sketch: 0, rows: 0, places: 0 }
  return { groups: 0, records: 0, withheld: 0, imported: 0, seals: [], bytes }
}

function openParts(folder: string, { bytes }: Checkpoint): Record<RecordPart, Part> {
  const open = (name: RecordPart): Part => openPart(folder, name, bytes[name])
  return {
    records: open('records'),
    events: open('events'),
    raw: open('raw'),
    proofs: open('proofs'),
    csv: open('csv'),
    sketch: open('sketch'),
    rows: open('rows'),
    places: open('places'),
  }
}
