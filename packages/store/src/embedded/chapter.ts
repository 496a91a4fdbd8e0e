// A chapter: the events of one future segment, from their first byte in the log until the segment is sealed.
import { mkdirSync } from 'node:fs'
import { open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { type Batch, type Partition, packBatch, unpackBatch } from './batch.ts'
import { layout } from './columns.ts'
import type { Engine } from './duckdb.ts'
import { createFieldCatalogue, type FieldCatalogue, seen } from './field-catalogue.ts'
import { type BrokenStretch, type FrameKind, type FrameLog, openFrameLog, readFrames, writeError } from './frame-log.ts'
import { identifier, literal, nothingAs } from './sql.ts'

export const walKind: FrameKind = { letters: 'WAL ', version: 1, chained: false }

export interface HotTable {
  name: string
  rows: number
  from: number
  to: number
  /** What it has of the layout; a column that is NULL in all its rows takes 8 to 16 bytes a row, and is left out. */
  columns: ReadonlySet<string>
}

export interface Chapter {
  readonly retention: string
  readonly number: number
  /** `<retention>-<number>`: the name of its log file and of its segment. */
  readonly name: string
  readonly walPath: string
  readonly fields: FieldCatalogue
  /** Newest events last; `rows` are in them and in `pending`. */
  readonly tables: HotTable[]
  /** Durable, but not yet in a table. */
  readonly pending: readonly Batch[]
  readonly rows: number
  readonly bytes: number
  readonly startedAt: number
  readonly partitions: ReadonlyMap<string, Partition & { from: number; to: number }>
  /** Stretches of the log that could not be read when it was opened. */
  readonly broken: readonly BrokenStretch[]
  /** Durable when it resolves. */
  append(batch: Batch, bytes?: Uint8Array): Promise<void>
  /** Moves what is pending into tables; the ones it replaced are given back to be dropped. */
  load(): Promise<HotTable[]>
  closeLog(): Promise<void>
}

export interface ChapterPlace {
  dir: string
  engine: Engine
  now(): number
}

/** Tables with fewer rows are merged when there are many of them: each costs a query some time. */
const smallRows = 4_096
const smallTablesMax = 16
const loadBytesMax = 48 * 1024 * 1024

let tablesMade = 0

export function chapterName(retention: string, number: number): string {
  return `${retention}-${String(number).padStart(8, '0')}`
}

export function walPathOf(dir: string, name: string): string {
  return join(dir, 'events', 'log', `${name}.wal`)
}

/** A new chapter, or, where its log exists, that chapter again with all that is whole in it. */
export async function openChapter(
  place: ChapterPlace,
  retention: string,
  number: number,
  existing: boolean,
): Promise<Chapter> {
  const name = chapterName(retention, number)
  const walPath = walPathOf(place.dir, name)
  mkdirSync(join(place.dir, 'events', 'log'), { recursive: true })
  const fields = createFieldCatalogue()
  const partitions = new Map<string, Partition & { from: number; to: number }>()
  const tables: HotTable[] = []
  const broken: BrokenStretch[] = []
  const startedAt = place.now()
  let pending: Batch[] = []
  let rows = 0
  let bytes = 0
  let end = 0

  const accept = (batch: Batch) => {
    fields.add(batch.fields)
    notePartitions(partitions, batch)
    pending.push(batch)
  }

  if (existing) {
    for (const read of readFrames(walPath, walKind)) {
      if ('broken' in read) {
        broken.push(read.broken)
        if (!read.broken.tail) end = read.broken.end
        continue
      }
      end = read.frame.end
      const batch = unpackBatch(read.frame.payload)
      rows += batch.rows
      bytes += read.frame.payload.length
      accept(batch)
    }
  }
  const log: FrameLog = await openFrameLog(walPath, walKind, end)

  const load = async (): Promise<HotTable[]> => {
    while (pending.length > 0) {
      const { taken, table } = takeSome(pending)
      await createTable(place, table, taken)
      tables.push(table)
      pending = pending.slice(taken.length)
    }
    return mergeSmall(place.engine, tables)
  }

  return {
    retention,
    number,
    name,
    walPath,
    fields,
    tables,
    partitions,
    broken,
    startedAt,
    get pending() {
      return pending
    },
    get rows() {
      return rows
    },
    get bytes() {
      return bytes
    },
    async append(batch, given) {
      const payload = given ?? packBatch(batch)
      rows += batch.rows
      bytes += payload.length
      try {
        await log.append([payload])
      } catch (error) {
        rows -= batch.rows
        bytes -= payload.length
        throw error
      }
      accept(batch)
    },
    load,
    closeLog: () => log.close(),
  }
}

function takeSome(pending: Batch[]): { taken: Batch[]; table: HotTable } {
  const taken: Batch[] = []
  const table: HotTable = {
    name: `hot_${++tablesMade}`,
    rows: 0,
    from: Number.MAX_SAFE_INTEGER,
    to: Number.MIN_SAFE_INTEGER,
    columns: new Set(),
  }
  let bytes = 0
  for (const batch of pending) {
    if (bytes > loadBytesMax) break
    taken.push(batch)
    bytes += batch.lines.length
    table.rows += batch.rows
    for (let row = 0; row < batch.rows; row += 1) {
      const time = batch.time[row] ?? 0
      if (time < table.from) table.from = time
      if (time > table.to) table.to = time
    }
  }
  table.columns = columnsOf(taken)
  return { taken, table }
}

/** Each column that is read costs 0.1 µs an event, also where nothing is in it. */
function columnsOf(batches: Batch[]): Set<string> {
  const present = new Set<string>()
  for (const [name] of layout) if (name.startsWith('_')) present.add(name)
  for (const { fields } of batches)
    for (const [field, flags] of fields) if ((flags & seen.inColumn) !== 0) present.add(field)
  return present
}

/** `read_json` of a file is the cheapest way in (6 µs an event; INSERT 22, the appender 77). */
async function createTable(place: ChapterPlace, { name, rows, columns }: HotTable, batches: Batch[]): Promise<void> {
  const path = join(place.dir, 'events', 'tmp', `${name}.ndjson`)
  const present = layout.filter(([column]) => columns.has(column))
  try {
    const file = await open(path, 'w')
    try {
      await file.writev(batches.map((batch) => batch.lines))
    } finally {
      await file.close()
    }
    const types = present.map(([column, type]) => `${literal(column)}: ${literal(type)}`).join(', ')
    const selected = present.map(([column]) => identifier(column)).join(', ')
    await place.engine.change(
      `CREATE TABLE ${name} AS SELECT ${selected} FROM read_json(${literal(path)}, format = 'newline_delimited', ` +
        `maximum_object_size = 16777216, columns = {${types}})`,
      rows,
    )
  } catch (cause) {
    throw writeError(path, cause)
  } finally {
    await rm(path, { force: true })
  }
}

async function mergeSmall(engine: Engine, tables: HotTable[]): Promise<HotTable[]> {
  // Order within a segment is order of arrival: only neighbours may merge.
  let first = tables.length
  while (first > 0 && (tables[first - 1]?.rows ?? smallRows) < smallRows) first -= 1
  const small = tables.slice(first)
  if (small.length < smallTablesMax) return []
  const merged: HotTable = {
    name: `hot_${++tablesMade}`,
    rows: small.reduce((sum, table) => sum + table.rows, 0),
    from: Math.min(...small.map((table) => table.from)),
    to: Math.max(...small.map((table) => table.to)),
    columns: new Set(small.flatMap((table) => [...table.columns])),
  }
  const kept = layout.filter(([column]) => merged.columns.has(column))
  await engine.change(`CREATE TABLE ${merged.name} AS ${unionOf(small, kept)}`)
  tables.splice(first, small.length, merged)
  return small
}

/** The rows of the tables, one after the other, with these columns. */
export function unionOf(tables: readonly HotTable[], wanted = layout): string {
  return tables.map((table) => `SELECT ${selected(table, wanted)} FROM ${identifier(table.name)}`).join(' UNION ALL ')
}

/** Columns of the layout that the table lacks, with their types. */
export function absentFrom({ columns }: HotTable): typeof layout {
  return layout.filter(([name]) => !columns.has(name))
}

function selected({ columns }: HotTable, wanted: typeof layout): string {
  return wanted.map(([name, type]) => (columns.has(name) ? identifier(name) : nothingAs(name, type))).join(', ')
}

function notePartitions(partitions: Map<string, Partition & { from: number; to: number }>, batch: Batch): void {
  for (let row = 0; row < batch.rows; row += 1) {
    const partition = batch.partitions[batch.partition[row] ?? 0]
    if (partition === undefined) continue
    const key = partitionKey(partition)
    const offset = batch.offset[row] ?? 0
    const known = partitions.get(key)
    if (known === undefined) partitions.set(key, { ...partition, from: offset, to: offset })
    else {
      if (offset < known.from) known.from = offset
      if (offset > known.to) known.to = offset
    }
  }
}

export function partitionKey(partition: Partition): string {
  return `${partition.stream}.${partition.generation}.${partition.partition}`
}
