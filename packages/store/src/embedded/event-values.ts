// Counts over events: how many, how they spread over time, and which values a field has.

import { limits, VardeError } from '@varde/runtime'
import type { Json } from '@varde/schema'
import { noCounts } from '../counts.ts'
import { packCursor, unpackCursor } from '../cursor.ts'
import type { Bucket, EventFilter, ValuesPage } from '../port.ts'
import { columnOf } from './columns.ts'
import { conditionOf, inTime, timeCondition, wholeCondition } from './event-filter.ts'
import type { ReadDeps } from './event-search.ts'
import { seen } from './field-catalogue.ts'
import type { Block } from './manifest.ts'
import {
  type BlockOf,
  blocksOf,
  groupByCondition,
  type Portion,
  portionsOf,
  type Selected,
  type Snapshot,
  type Source,
  selectFrom,
} from './sources.ts'
import { identifier, literal, pointer } from './sql.ts'

/** Values stand in results as a kind (`s`tring, `n`umber, `b`oolean) and a text. */
type ValueKind = 's' | 'n' | 'b'

export async function countEvents(
  deps: ReadDeps,
  snapshot: Snapshot,
  filter: EventFilter,
  signal?: AbortSignal,
): Promise<number> {
  const { known, read } = countedBlocks(filter, await portionsFor(deps, snapshot, filter), () => 0)
  let count = 0
  for (const { rows } of known) count += rows
  const selects = selectsOf(filter, read, () => '1 AS one')
  if (selects.length === 0) return count
  const [row] = await deps.engine.rows(`SELECT CAST(count(*) AS DOUBLE) FROM (${selects.join(' UNION ALL ')})`, signal)
  return count + Number(row?.[0] ?? 0)
}

export interface HistogramOptions {
  intervalMs: number
  by?: string
  signal?: AbortSignal
}

/** Values that a histogram with a breakdown names; the rest is under `other`. */
const namedValuesMax = 10

export async function histogramOf(
  deps: ReadDeps,
  snapshot: Snapshot,
  filter: EventFilter & { from: number; to: number },
  options: HistogramOptions,
): Promise<Bucket[]> {
  const { intervalMs, by, signal } = options
  const length = Math.ceil((filter.to - filter.from) / intervalMs)
  if (!(intervalMs >= 1) || !(length <= limits.histogramBucketsMax)) {
    throw new VardeError(
      'STORE_LIMIT',
      `a histogram has at most ${limits.histogramBucketsMax} buckets, not ${length}`,
      {
        facts: { limit: 'histogramBucketsMax', value: limits.histogramBucketsMax },
      },
    )
  }
  const buckets: Bucket[] = []
  for (let index = 0; index < length; index += 1) {
    const bucket: Bucket = { start: filter.from + index * intervalMs, count: 0 }
    if (by !== undefined) bucket.by = { values: noCounts(), other: 0 }
    buckets.push(bucket)
  }
  const slot = `CAST(floor((_t - ${filter.from}) / ${intervalMs}) AS INTEGER)`
  const add = (index: number, n: number) => {
    const bucket = buckets[index]
    if (bucket === undefined) return
    bucket.count += n
    if (bucket.by !== undefined) bucket.by.other += n
  }
  const slotOf = (time: number) => Math.floor((time - filter.from) / intervalMs)
  const portions = await portionsFor(deps, snapshot, filter)
  const { known, read } = countedBlocks(filter, portions, slotOf)
  for (const { from, rows } of known) add(slotOf(from), rows)
  const selects = selectsOf(filter, read, () => `${slot} AS slot`)
  if (selects.length > 0) {
    const counts = `SELECT slot, CAST(count(*) AS DOUBLE) FROM (${selects.join(' UNION ALL ')}) GROUP BY slot`
    for (const [index, n] of await deps.engine.rows(counts, signal)) add(Number(index), Number(n))
  }
  if (by !== undefined) await breakDown(deps, snapshot, filter, by, slot, buckets, portions, signal)
  return buckets
}

async function breakDown(
  deps: ReadDeps,
  snapshot: Snapshot,
  filter: EventFilter,
  by: string,
  slot: string,
  buckets: Bucket[],
  portions: readonly Portion[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const page = await valuesOf(deps, snapshot, filter, {
    field: by,
    limit: namedValuesMax,
    ...(signal ? { signal } : {}),
  })
  if (page.values.length === 0) return
  const named = page.values.map(({ value }) => literal(`${kindOf(value)}${String(value)}`)).join(', ')
  const selects: string[] = []
  for (const [condition, together] of groups(filter, portions)) {
    for (const [elements, alike] of groupByElements(together, by)) {
      const inner = selectFrom(
        alike,
        condition,
        (file, row) => `${file} AS file, ${row} AS row, ${slot} AS slot, ${elements} AS elements`,
      )
      selects.push(`SELECT slot, list_intersect(elements, [${named}]) AS found FROM (${inner})`)
    }
  }
  if (selects.length === 0) return
  const found = await deps.engine.rows(
    `SELECT slot, found, CAST(count(*) AS DOUBLE) FROM (${selects.join(' UNION ALL ')}) WHERE len(found) > 0 GROUP BY slot, found`,
    signal,
  )
  for (const [index, values, n] of found) {
    const bucket = buckets[Number(index)]
    if (bucket?.by === undefined || !Array.isArray(values)) continue
    bucket.by.other -= Number(n)
    for (const value of values) {
      const text = String(value).slice(1)
      bucket.by.values[text] = (bucket.by.values[text] ?? 0) + Number(n)
    }
  }
}

export interface ValuesOptions {
  field: string
  limit: number
  contains?: string
  cursor?: string
  signal?: AbortSignal
}

export async function valuesOf(
  deps: ReadDeps,
  snapshot: Snapshot,
  filter: EventFilter,
  options: ValuesOptions,
): Promise<ValuesPage> {
  const { field, limit, contains, signal } = options
  if (!Number.isInteger(limit) || limit < 1 || limit > limits.valuesPageMax) {
    throw new VardeError('STORE_LIMIT', `a page has between 1 and ${limits.valuesPageMax} values, not ${limit}`, {
      facts: { limit: 'valuesPageMax', value: limits.valuesPageMax },
    })
  }
  const counts: string[] = []
  for (const [condition, portions] of groups(filter, await portionsFor(deps, snapshot, filter))) {
    const read = (alike: readonly Portion[], what: string) => selectFrom(alike, condition, () => what)
    for (const [elements, alike] of groupByElements(portions, field))
      counts.push(countsSql(field, elements, alike, read))
  }
  const exact = (count: number) => ({ count, exact: true })
  const found =
    counts.length === 0 ? [] : await deps.engine.rows(valuesSql(counts, limit, contains, options.cursor), signal)
  const rows = found.filter(([v]) => v !== null)
  const page = rows.slice(0, limit)
  const last = page[page.length - 1]
  const [, , distinct, having, events] = found[0] ?? []
  return {
    values: page.map(([v, n]) => ({ value: readValue(String(v)), count: Number(n) })),
    ...(rows.length > limit && last !== undefined
      ? { next: packCursor('values', [Number(last[1]), String(last[0])]) }
      : {}),
    withField: exact(Number(having ?? 0)),
    events: exact(Number(events ?? 0)),
    distinct: exact(Number(distinct ?? 0)),
  }
}

/** How often each value stands in the portions (`v`, `n`), and how many events have one, and are there: in one reading. */
function countsSql(
  field: string,
  elements: string,
  portions: readonly Portion[],
  read: (portions: readonly Portion[], what: string) => string,
): string {
  const [{ source } = { source: undefined }] = portions
  const scalar = source === undefined ? undefined : scalarOf(field, source)
  if (elements === noElements)
    return `SELECT CAST(NULL AS VARCHAR) AS v, count(*) AS n, 0 AS holders, count(*) AS events FROM (${read(portions, '1 AS one')})`
  if (scalar !== undefined) {
    // Grouped as it lies in the file: making lists of single values and taking them apart again costs three times as much.
    const counted = `SELECT x, count(*) AS n FROM (${read(portions, `${scalar.sql} AS x`)}) GROUP BY x`
    return `SELECT '${scalar.kind}' || x AS v, n, CASE WHEN x IS NULL THEN 0 ELSE n END AS holders, n AS events FROM (${counted})`
  }
  // Every event gives a mark beside its values; a value begins with its kind, so that it can't be taken for one.
  const marked = `CASE WHEN len(elements) = 0 THEN ['-'] ELSE list_append(elements, '+') END`
  const counted = `SELECT x, count(*) AS n FROM (SELECT unnest(${marked}) AS x FROM (${read(portions, `${elements} AS elements`)})) GROUP BY x`
  return (
    `SELECT CASE WHEN x IN ('+', '-') THEN NULL ELSE x END AS v, n, CASE WHEN x = '+' THEN n ELSE 0 END AS holders, ` +
    `CASE WHEN x IN ('+', '-') THEN n ELSE 0 END AS events FROM (${counted})`
  )
}

function valuesSql(counts: string[], limit: number, contains: string | undefined, cursor: string | undefined): string {
  const text = 'v[2:]'
  const kept = contains === undefined ? '' : `AND contains(lower(${text}), lower(${literal(contains)}))`
  let after = ''
  if (cursor !== undefined) {
    const [n, v] = unpackCursor('values', cursor, 2)
    const value = literal(String(v))
    after = `WHERE n < ${Number(n)} OR (n = ${Number(n)} AND (${text}, v) > (${value}[2:], ${value}))`
  }
  // The sums stand in every row, and in one without a value where there are none on the page.
  return (
    `WITH p AS MATERIALIZED (${counts.join(' UNION ALL ')}), ` +
    `g AS MATERIALIZED (SELECT v, sum(n) AS n FROM p WHERE v IS NOT NULL ${kept} GROUP BY v), ` +
    `page AS (SELECT v, n FROM g ${after} ORDER BY n DESC, ${text}, v LIMIT ${limit + 1}), ` +
    `sums AS (SELECT CAST(sum(holders) AS DOUBLE) AS holders, CAST(sum(events) AS DOUBLE) AS events FROM p), ` +
    `kinds AS (SELECT CAST(count(*) AS DOUBLE) AS distinct_values FROM g) ` +
    `SELECT v, CAST(n AS DOUBLE), distinct_values, holders, events FROM sums CROSS JOIN kinds LEFT JOIN page ON TRUE ORDER BY n DESC, ${text}, v`
  )
}

const noElements = 'CAST([] AS VARCHAR[])'

const ownTexts = ['_tenant', '_source', '_lateness']

/** A field of which an event has one value at most, all of one kind: the SQL of it. */
function scalarOf(field: string, source: Source): { sql: string; kind: ValueKind } | undefined {
  if (ownTexts.includes(field)) return { sql: field, kind: 's' }
  const flags = source.fields.get(field)?.flags ?? 0
  const column = columnOf.get(field)
  if (column === undefined || column.kind === 'texts' || (flags & seen.inColumn) === 0) return undefined
  if ((flags & (seen.inExtra | seen.inExtraArray)) !== 0) return undefined
  return { sql: identifier(field), kind: column.kind === 'text' ? 's' : 'n' }
}

/** SQL for the distinct values that an event has in the field, as texts with their kind in front. */
function elementsSql(field: string, source: Source): string {
  if (ownTexts.includes(field)) {
    return `CASE WHEN ${field} IS NULL THEN ${noElements} ELSE ['s' || ${field}] END`
  }
  const stat = source.fields.get(field)
  const flags = stat?.flags ?? (source.fields.overflowed ? seen.inExtra | seen.inExtraArray : 0)
  const parts: string[] = []
  const column = columnOf.get(field)
  if (column !== undefined && (flags & seen.inColumn) !== 0) {
    const name = identifier(field)
    if (column.kind === 'texts') parts.push(`list_distinct(list_transform(coalesce(${name}, []), lambda e: 's' || e))`)
    else {
      const prefix = column.kind === 'text' ? 's' : 'n'
      parts.push(`CASE WHEN ${name} IS NULL THEN ${noElements} ELSE ['${prefix}' || ${name}] END`)
    }
  }
  if ((flags & (seen.inExtra | seen.inExtraArray)) !== 0) {
    const value = `json_extract(_x, ${pointer(field)})`
    const array = `CASE WHEN json_type(${value}) = 'ARRAY' THEN CAST(${value} AS JSON[]) WHEN ${value} IS NULL THEN [] ELSE [${value}] END`
    const kind = `CASE json_type(e) WHEN 'VARCHAR' THEN 's' WHEN 'BOOLEAN' THEN 'b' ELSE 'n' END`
    parts.push(`list_distinct(list_transform(${array}, lambda e: ${kind} || (e ->> '$')))`)
  }
  if (parts.length === 0) return noElements
  return parts.length === 1 ? (parts[0] ?? noElements) : `list_distinct(list_concat(${parts.join(', ')}))`
}

function groupByElements(portions: readonly Portion[], field: string): Map<string, Portion[]> {
  const alike = new Map<string, Portion[]>()
  for (const portion of portions) {
    const elements = elementsSql(field, portion.source)
    const group = alike.get(elements)
    if (group === undefined) alike.set(elements, [portion])
    else group.push(portion)
  }
  return alike
}

/** What can hold a match, by the times and the text indexes of segments. */
async function portionsFor(deps: ReadDeps, snapshot: Snapshot, filter: EventFilter): Promise<Portion[]> {
  const portions: Portion[] = []
  for (const source of snapshot.sources) {
    if (!inTime(filter, source)) continue
    const candidates = await deps.candidates(filter, source)
    if (candidates === undefined) portions.push({ source })
    else
      portions.push(
        ...portionsOf(blocksOf(source).filter((place) => candidates.has(place.block) && inTime(filter, place))),
      )
  }
  return portions
}

function groups(filter: EventFilter, portions: readonly Portion[]): Map<string, Portion[]> {
  return groupByCondition(portions, (source) => wholeCondition(filter, source))
}

function selectsOf(filter: EventFilter, portions: readonly Portion[], what: Selected): string[] {
  return [...groups(filter, portions)].map(([condition, alike]) => selectFrom(alike, condition, what))
}

/**
 * What must be read to count a filter's events, and the blocks of which the manifest tells all: those whose every row fits, and
 * falls into one slot.
 */
function countedBlocks(
  filter: EventFilter,
  portions: readonly Portion[],
  slotOf: (time: number) => number,
): { known: Block[]; read: Portion[] } {
  const known: Block[] = []
  const read: Portion[] = []
  for (const portion of portions) {
    const { source, ranges } = portion
    if (
      source.kind === 'table' ||
      source.visible !== undefined ||
      ranges !== undefined ||
      conditionOf(filter, source) !== 'TRUE'
    ) {
      read.push(portion)
      continue
    }
    const unsure: BlockOf[] = []
    for (const place of blocksOf(source)) {
      if (!inTime(filter, place)) continue
      const isWhole = timeCondition(filter, place) === 'TRUE' && slotOf(place.from) === slotOf(place.to)
      if (isWhole) known.push(place)
      else unsure.push(place)
    }
    read.push(...portionsOf(unsure))
  }
  return { known, read }
}

function kindOf(value: Json): ValueKind {
  if (typeof value === 'number') return 'n'
  return typeof value === 'boolean' ? 'b' : 's'
}

function readValue(text: string): Json {
  const value = text.slice(1)
  if (text.startsWith('n')) return Number(value)
  return text.startsWith('b') ? value === 'true' : value
}
