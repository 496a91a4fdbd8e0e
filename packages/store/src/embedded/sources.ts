// What a query reads: the hot tables and the segments as they stand at one moment, kept alive until it is done.
import type { Partition } from './batch.ts'
import type { FieldCatalogue } from './field-catalogue.ts'
import type { Block, SegmentInfo } from './manifest.ts'
import { identifier, literal, nothingAs } from './sql.ts'

export interface Source {
  /** The name of a hot table, or the path of a segment: how rows of it are told apart in a result. */
  key: string
  kind: 'table' | 'segment'
  retention: string
  rows: number
  /** UTC milliseconds, both included. */
  from: number
  to: number
  blocks: readonly Block[]
  fields: FieldCatalogue
  partitions: readonly (Partition & { from: number; to: number })[]
  segment?: SegmentInfo
  /** Columns that a hot table lacks, with their types: they are NULL in all its rows. */
  absent?: readonly (readonly [string, string])[]
  /** SQL that is false for its erased rows, while their bytes are still in it. */
  visible?: string
}

export interface Snapshot {
  sources: readonly Source[]
  /** Nothing may read the sources after this. */
  release(): void
}

/** Part of a source: all of it, or stretches of row numbers, both ends included. */
export interface Portion {
  source: Source
  ranges?: [number, number][]
}

/** A block with its place in its source. */
export interface BlockOf extends Block {
  source: Source
  block: number
  firstRow: number
}

export function blocksOf(source: Source): BlockOf[] {
  let next = 0
  return source.blocks.map((one, block) => {
    const firstRow = next
    next += one.rows
    return { ...one, source, block, firstRow }
  })
}

/** Blocks, by their source, as stretches of rows; no stretches where it is all of them. */
export function portionsOf(chunk: readonly BlockOf[]): Portion[] {
  const bySource = new Map<Source, BlockOf[]>()
  for (const block of chunk) {
    const group = bySource.get(block.source)
    if (group === undefined) bySource.set(block.source, [block])
    else group.push(block)
  }
  return [...bySource].map(([source, blocks]): Portion => {
    if (blocks.length === source.blocks.length) return { source }
    const ranges: [number, number][] = []
    for (const { firstRow, rows } of blocks.sort((a, b) => a.block - b.block)) {
      const last = ranges[ranges.length - 1]
      if (last !== undefined && last[1] === firstRow - 1) last[1] = firstRow + rows - 1
      else ranges.push([firstRow, firstRow + rows - 1])
    }
    return { source, ranges }
  })
}

/** What to select, given the SQL that names the file and the row number of a row. */
export type Selected = (file: string, row: string) => string

/** SELECT from the portions that share a condition: segments in one scan, tables beside it. */
export function selectFrom(portions: readonly Portion[], condition: string, what: Selected): string {
  const parts: string[] = []
  const whole = portions.filter(isWhole)
  if (whole.length > 0) parts.push(fromSegments(whole, condition, what))
  for (const portion of portions) {
    if (isWhole(portion)) continue
    const { source, ranges } = portion
    const place = source.kind === 'table' ? 'rowid' : 'file_row_number'
    const rows = ranges?.map(([from, to]) => `${place} BETWEEN ${from} AND ${to}`).join(' OR ')
    const all = [rows === undefined ? undefined : `(${rows})`, source.visible, condition]
      .filter((part) => part !== undefined)
      .join(' AND ')
    parts.push(source.kind === 'table' ? fromTable(source, all, what) : fromSegments([portion], all, what))
  }
  return parts.join(' UNION ALL ')
}

/** Such segments are read together. */
function isWhole({ source, ranges }: Portion): boolean {
  return source.kind === 'segment' && ranges === undefined && source.visible === undefined
}

function fromTable({ key, absent = [] }: Source, condition: string, what: Selected): string {
  const selected = what(literal(key), 'rowid')
  // Only what the query names: a list of all columns for each of a hundred tables takes longer to plan than to run.
  const said = `${selected} ${condition}`
  const lacking = absent.filter(([name]) => said.includes(identifier(name)))
  const more = lacking.map(([name, type]) => `, ${nothingAs(name, type)}`).join('')
  const relation = more === '' ? identifier(key) : `(SELECT rowid, *${more} FROM ${identifier(key)})`
  return `SELECT ${selected} FROM ${relation} WHERE ${condition}`
}

function fromSegments(portions: readonly Portion[], condition: string, what: Selected): string {
  const files = portions.map((portion) => literal(portion.source.key)).join(', ')
  const relation = `read_parquet([${files}], file_row_number = true, filename = true)`
  return `SELECT ${what('filename', 'file_row_number')} FROM ${relation} WHERE ${condition}`
}

/** Portions by the condition that holds for them, so that segments alike are read in one scan. */
export function groupByCondition(
  portions: readonly Portion[],
  conditionOf: (source: Source) => string,
): Map<string, Portion[]> {
  const groups = new Map<string, Portion[]>()
  for (const portion of portions) {
    const condition = conditionOf(portion.source)
    if (condition === 'FALSE') continue
    const group = groups.get(condition)
    if (group === undefined) groups.set(condition, [portion])
    else group.push(portion)
  }
  return groups
}
