// What stays of erased events: a chained file of tombstones, and the condition that hides their rows until the bytes are gone.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { VardeError } from '@varde/runtime'
import { type EventId, homeOf } from '@varde/schema'
import type { Tombstone } from '../port.ts'
import type { Partition } from './batch.ts'
import { partitionKey } from './chapter.ts'
import type { Engine } from './duckdb.ts'
import { type FrameKind, type FrameLog, openFrameLog, readFrames } from './frame-log.ts'
import { literal } from './sql.ts'

export const tombstoneKind: FrameKind = { letters: 'TOMB', version: 1, chained: true }

export function tombstonesPath(dir: string): string {
  return join(dir, 'events', 'tombstones')
}

/** True for rows that are not erased; false for those whose bytes wait to be rewritten away. */
export const notErased =
  'NOT EXISTS (SELECT 1 FROM erased WHERE erased.o = _offset AND erased.p = _partition AND erased.g = _generation AND erased.s = _stream)'

export interface Tombstones {
  ids: ReadonlySet<EventId>
  /** Durable when it resolves; those that were there already are left out of what it gives. */
  add(tombstones: readonly Tombstone[]): Promise<Tombstone[]>
  of(partition: Partition, from: number, to: number): Tombstone[]
  /** Whether rows of this range may still have bytes on disk. */
  touches(partition: Partition & { from: number; to: number }): boolean
  /** How many tombstones there are now; `purged` says that the bytes of so many are gone. */
  count(): number
  isPurged(): boolean
  purged(count: number): Promise<void>
  /** Highest erased offset by partition key. */
  highest(): ReadonlyMap<string, number>
  close(): Promise<void>
}

type Entry = { tombstones: Tombstone[] } | { purged: number }

/** Values of one INSERT: DuckDB parses longer ones no faster. */
const insertRows = 2_000

export async function openTombstones(dir: string, engine: Engine): Promise<Tombstones> {
  const path = tombstonesPath(dir)
  const all: Tombstone[] = []
  const ids = new Set<EventId>()
  const byPartition = new Map<string, Map<number, Tombstone>>()
  const highest = new Map<string, number>()
  const pending = new Map<string, number[]>()
  let purged = 0
  let end = 0
  let link: Buffer | undefined

  const apply = (entry: Entry) => {
    if ('purged' in entry) {
      purged = entry.purged
      notePending()
      return
    }
    for (const tombstone of entry.tombstones) {
      const home = homeOf(tombstone.id)
      if (home === undefined || ids.has(tombstone.id)) continue
      const key = partitionKey(home)
      all.push(tombstone)
      ids.add(tombstone.id)
      const offsets = byPartition.get(key) ?? new Map<number, Tombstone>()
      byPartition.set(key, offsets.set(home.offset, tombstone))
      highest.set(key, Math.max(home.offset, highest.get(key) ?? -1))
    }
    notePending()
  }
  const notePending = () => {
    pending.clear()
    for (const { id } of all.slice(purged)) {
      const home = homeOf(id)
      if (home === undefined) continue
      const offsets = pending.get(partitionKey(home))
      if (offsets === undefined) pending.set(partitionKey(home), [home.offset])
      else offsets.push(home.offset)
    }
  }

  if (existsSync(path)) {
    for (const read of readFrames(path, tombstoneKind)) {
      if ('broken' in read) {
        if (read.broken.tail) continue
        throw new VardeError('STORE_DAMAGED', `${path} is damaged at byte ${read.broken.at}: ${read.broken.problem}`, {
          hint: 'Restore it from a copy: without it erased events could come back.',
          facts: { path, at: read.broken.at },
        })
      }
      const entry: Entry = JSON.parse(read.frame.payload.toString('utf8'))
      apply(entry)
      end = read.frame.end
      link = read.frame.link
    }
  }
  // Made with the first erasure: most stores never need the file.
  let log: FrameLog | undefined = end === 0 ? undefined : await openFrameLog(path, tombstoneKind, end, link)
  const append = async (entry: Entry) => {
    log ??= await openFrameLog(path, tombstoneKind)
    await log.append([Buffer.from(JSON.stringify(entry))])
  }
  const hide = async (tombstones: readonly Tombstone[]) => {
    for (let from = 0; from < tombstones.length; from += insertRows) {
      const rows = tombstones.slice(from, from + insertRows).flatMap(({ id }) => {
        const home = homeOf(id)
        return home === undefined
          ? []
          : [`(${literal(home.stream)}, ${home.generation}, ${home.partition}, ${home.offset})`]
      })
      await engine.change(`INSERT INTO erased VALUES ${rows.join(', ')}`)
    }
  }
  await engine.change('CREATE TABLE erased (s VARCHAR, g BIGINT, p BIGINT, o BIGINT)')
  await hide(all.slice(purged))

  return {
    ids,
    async add(tombstones) {
      const fresh = tombstones.filter(({ id }) => homeOf(id) !== undefined && !ids.has(id))
      if (fresh.length === 0) return []
      await append({ tombstones: fresh })
      await hide(fresh)
      apply({ tombstones: fresh })
      return fresh
    },
    of(partition, from, to) {
      const offsets = byPartition.get(partitionKey(partition))
      if (offsets === undefined) return []
      const found = [...offsets].filter(([offset]) => offset >= from && offset < to)
      return found.sort(([a], [b]) => a - b).map(([, tombstone]) => tombstone)
    },
    touches({ from, to, ...partition }) {
      const offsets = pending.get(partitionKey(partition)) ?? []
      return offsets.some((offset) => offset >= from && offset <= to)
    },
    count: () => all.length,
    isPurged: () => purged === all.length,
    async purged(count) {
      if (count <= purged) return
      await append({ purged: count })
      apply({ purged: count })
      await engine.change('DELETE FROM erased')
      await hide(all.slice(purged))
    },
    highest: () => highest,
    async close() {
      await log?.close()
    },
  }
}
