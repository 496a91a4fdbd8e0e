// Search: newest (or oldest) events first, reading no more blocks than it takes to be sure of the page.
import { limits, VardeError } from '@varde/runtime'
import { comparePositions, type EventPosition, packCursor, unpackCursor } from '../cursor.ts'
import type { EventFilter, SearchOptions } from '../port.ts'
import type { Engine } from './duckdb.ts'
import { conditionOf, inTime, timeCondition } from './event-filter.ts'
import {
  type BlockOf,
  blocksOf,
  groupByCondition,
  portionsOf,
  type Snapshot,
  type Source,
  selectFrom,
} from './sources.ts'
import { literal } from './sql.ts'
import { lieInColumns, rowSql, tableSql } from './stored-row.ts'

/** Rows are texts that `readRow` takes: the caller's thread makes events of them. */
export interface RowPage {
  rows: string[]
  next?: string
  total: { count: number; exact: boolean }
}

export interface ReadDeps {
  engine: Engine
  /** The blocks in which the query could be true, by the text index; undefined: all of them. */
  candidates(filter: EventFilter, source: Source): Promise<Set<number> | undefined>
}

interface Hit extends EventPosition {
  file: string
  row: number
}

/** The first look reads this many rows; each further one twice as many. */
const firstRows = 60_000
const rowsMax = 4_000_000

export async function searchRows(
  deps: ReadDeps,
  snapshot: Snapshot,
  filter: EventFilter,
  options: SearchOptions,
  rowText: (retention: string) => string = rowSql,
): Promise<RowPage> {
  if (!Number.isInteger(options.limit) || options.limit < 1 || options.limit > limits.searchPageMax) {
    throw new VardeError(
      'STORE_LIMIT',
      `a page has between 1 and ${limits.searchPageMax} events, not ${options.limit}`,
      {
        facts: { limit: 'searchPageMax', value: limits.searchPageMax },
      },
    )
  }
  options.signal?.throwIfAborted()
  const newest = options.order !== 'oldest'
  const after = options.cursor === undefined ? undefined : cursorPosition(options.cursor, newest)
  const blocks = await blocksFor(deps, snapshot, filter, newest, after?.position)
  const { hits, all } = await findHits(deps, filter, options, newest, blocks, after?.position)
  const page = hits.slice(0, options.limit)
  const seen = (after?.seen ?? 0) + page.length
  const more = hits.length > options.limit
  const last = page[page.length - 1]
  return {
    rows: await fetchRows(deps.engine, snapshot, page, rowText, options.signal),
    ...(more && last !== undefined ? { next: pageCursor(last, newest, seen) } : {}),
    total: { count: seen + hits.length - page.length, exact: all && !more },
  }
}

function cursorPosition(cursor: string, newest: boolean): { position: EventPosition; seen: number } {
  const [order, time, stream, generation, partition, offset, seen] = unpackCursor('search', cursor, 7)
  if (order !== newest) throw new VardeError('STORE_BAD_CURSOR', 'the cursor is of the other order')
  const position = {
    time: Number(time),
    stream: String(stream),
    generation: Number(generation),
    partition: Number(partition),
    offset: Number(offset),
  }
  return { position, seen: Number(seen) }
}

function pageCursor(last: EventPosition, newest: boolean, seen: number): string {
  return packCursor('search', [newest, last.time, last.stream, last.generation, last.partition, last.offset, seen])
}

/** All blocks that could hold a match behind the cursor, in the order in which they must be read. */
async function blocksFor(
  deps: ReadDeps,
  snapshot: Snapshot,
  filter: EventFilter,
  newest: boolean,
  after: EventPosition | undefined,
): Promise<BlockOf[]> {
  const blocks: BlockOf[] = []
  for (const source of snapshot.sources) {
    if (!inTime(filter, source) || behind(source, newest, after)) continue
    const candidates = await deps.candidates(filter, source)
    for (const place of blocksOf(source)) {
      if (!inTime(filter, place) || behind(place, newest, after)) continue
      if (candidates === undefined || candidates.has(place.block)) blocks.push(place)
    }
  }
  return blocks.sort((a, b) => (newest ? b.to - a.to : a.from - b.from))
}

function behind(place: { from: number; to: number }, newest: boolean, after: EventPosition | undefined): boolean {
  if (after === undefined) return false
  return newest ? place.from > after.time : place.to < after.time
}

async function findHits(
  deps: ReadDeps,
  filter: EventFilter,
  options: SearchOptions,
  newest: boolean,
  blocks: BlockOf[],
  after: EventPosition | undefined,
): Promise<{ hits: Hit[]; all: boolean }> {
  const compare = (a: Hit, b: Hit) => (newest ? comparePositions(b, a) : comparePositions(a, b))
  const wanted = options.limit + 1
  let hits: Hit[] = []
  let next = 0
  let rows = firstRows
  while (next < blocks.length) {
    const edge = hits[wanted - 1]
    const ahead = blocks[next]
    // Enough hits, and none of the blocks left can hold one that comes before the last of them.
    if (edge !== undefined && ahead !== undefined && (newest ? ahead.to < edge.time : ahead.from > edge.time)) break
    const chunk: BlockOf[] = []
    for (let read = 0; next < blocks.length && read < rows; next += 1) {
      const block = blocks[next]
      if (block === undefined) break
      chunk.push(block)
      read += block.rows
    }
    rows = Math.min(rows * 2, rowsMax)
    const found = await hitsIn(deps.engine, filter, chunk, newest, wanted, after, options.signal)
    hits = hits.concat(found).sort(compare).slice(0, wanted)
  }
  return { hits, all: next >= blocks.length }
}

async function hitsIn(
  engine: Engine,
  filter: EventFilter,
  chunk: BlockOf[],
  newest: boolean,
  wanted: number,
  after: EventPosition | undefined,
  signal: AbortSignal | undefined,
): Promise<Hit[]> {
  const groups = groupByCondition(portionsOf(chunk), (source) => {
    const condition = conditionOf(filter, source)
    if (condition === 'FALSE') return condition
    return (
      [timeCondition(filter, source), afterCondition(after, newest), condition]
        .filter((part) => part !== 'TRUE')
        .join(' AND ') || 'TRUE'
    )
  })
  if (groups.size === 0) return []
  const selects = [...groups].map(([condition, portions]) =>
    selectFrom(
      portions,
      condition,
      (file, row) => `${file} AS file, ${row} AS row, _t, _stream, _generation, _partition, _offset`,
    ),
  )
  const way = newest ? 'DESC' : 'ASC'
  const found = await engine.rows(
    `SELECT file, CAST(row AS DOUBLE), CAST(_t AS DOUBLE), _stream, CAST(_generation AS DOUBLE), CAST(_partition AS DOUBLE), ` +
      `CAST(_offset AS DOUBLE) FROM (${selects.join(' UNION ALL ')}) ` +
      `ORDER BY _t ${way}, _stream ${way}, _generation ${way}, _partition ${way}, _offset ${way} LIMIT ${wanted}`,
    signal,
  )
  return found.map(([file, row, time, stream, generation, partition, offset]) => ({
    file: String(file),
    row: Number(row),
    time: Number(time),
    stream: String(stream),
    generation: Number(generation),
    partition: Number(partition),
    offset: Number(offset),
  }))
}

function afterCondition(after: EventPosition | undefined, newest: boolean): string {
  if (after === undefined) return 'TRUE'
  const than = newest ? '<' : '>'
  const home = `(${literal(after.stream)}, ${after.generation}, ${after.partition}, ${after.offset})`
  return `_t ${than}= ${after.time} AND (_t ${than} ${after.time} OR (_stream, _generation, _partition, _offset) ${than} ${home})`
}

export interface TableOfRows extends RowPage {
  /** Of `readTableRow`; else of `readRow`, because some of the fields don't lie in columns. */
  short: boolean
}

/** A page of which only some columns are read: the raw line and `_x` are most of the bytes of a block. */
export async function searchTable(
  deps: ReadDeps,
  snapshot: Snapshot,
  filter: EventFilter,
  options: SearchOptions & { fields: readonly string[] },
): Promise<TableOfRows> {
  const { fields } = options
  const short = snapshot.sources.every((source) => !inTime(filter, source) || lieInColumns(fields, source.fields))
  const page = await searchRows(deps, snapshot, filter, options, short ? () => tableSql(fields) : rowSql)
  return { ...page, short }
}

/** Second phase: all columns, but only of the page's rows. */
export async function fetchRows(
  engine: Engine,
  snapshot: Snapshot,
  hits: readonly { file: string; row: number }[],
  rowText: (retention: string) => string,
  signal: AbortSignal | undefined,
): Promise<string[]> {
  if (hits.length === 0) return []
  const wanted = new Map<string, number[]>()
  for (const { file, row } of hits) {
    const rows = wanted.get(file)
    if (rows === undefined) wanted.set(file, [row])
    else rows.push(row)
  }
  const selects: string[] = []
  for (const source of snapshot.sources) {
    const rows = wanted.get(source.key)
    if (rows === undefined) continue
    selects.push(
      selectFrom(
        [{ source }],
        // A list in brackets is tested row by row in a table; as a relation it is joined, in half the time.
        source.kind === 'table'
          ? `rowid IN (SELECT unnest([${rows.join(', ')}]))`
          : `file_row_number IN (${rows.join(', ')})`,
        (file, row) => `${file} AS file, CAST(${row} AS DOUBLE) AS row, ${rowText(source.retention)} AS text`,
      ),
    )
  }
  const texts = new Map<string, string>()
  for (const [file, row, text] of await engine.rows(selects.join(' UNION ALL '), signal)) {
    texts.set(`${String(row)} ${String(file)}`, String(text))
  }
  return hits.map(({ file, row }) => {
    const text = texts.get(`${row} ${file}`)
    if (text === undefined)
      throw new VardeError('STORE_DAMAGED', `row ${row} of ${file} is not there`, { facts: { file, row } })
    return text
  })
}
