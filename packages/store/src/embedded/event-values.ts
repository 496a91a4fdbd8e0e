// Counts over events: how many, how they spread over time, and which values a field has.

import { limits, VardeError } from '@varde/runtime'
import type { Json } from '@varde/schema'
import { noCounts } from '../counts.ts'
import { packCursor, unpackCursor } from '../cursor.ts'
import type { Bucket, EventFilter, ValuesPage } from '../port.ts'
import { columnOf } from './columns.ts'
import type { Engine } from './duckdb.ts'
import { inTime, wholeCondition } from './event-filter.ts'
import { seen } from './field-catalogue.ts'
import { groupByCondition, type Portion, type Selected, type Snapshot, type Source, selectFrom } from './sources.ts'
import { identifier, literal, pointer } from './sql.ts'

/** Values stand in results as a kind (`s`tring, `n`umber, `b`oolean) and a text. */
type ValueKind = 's' | 'n' | 'b'

export async function countEvents(
  engine: Engine,
  snapshot: Snapshot,
  filter: EventFilter,
  signal?: AbortSignal,
): Promise<number> {
  const selects = selectsOf(snapshot, filter, () => 'count(*) AS n')
  if (selects.length === 0) return 0
  const [row] = await engine.rows(
    `SELECT CAST(coalesce(sum(n), 0) AS DOUBLE) FROM (${selects.join(' UNION ALL ')})`,
    signal,
  )
  return Number(row?.[0] ?? 0)
}

export interface HistogramOptions {
  intervalMs: number
  by?: string
  signal?: AbortSignal
}

/** Values that a histogram with a breakdown names; the rest is under `other`. */
const namedValuesMax = 10

export async function histogramOf(
  engine: Engine,
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
  const counts = selectsOf(snapshot, filter, () => `${slot} AS slot, count(*) AS n`, 'GROUP BY slot')
  if (counts.length === 0) return buckets
  const sum = `SELECT slot, CAST(sum(n) AS DOUBLE) FROM (${counts.join(' UNION ALL ')}) GROUP BY slot`
  for (const [index, n] of await engine.rows(sum, signal)) {
    const bucket = buckets[Number(index)]
    if (bucket === undefined) continue
    bucket.count = Number(n)
    if (bucket.by !== undefined) bucket.by.other = Number(n)
  }
  if (by !== undefined) await breakDown(engine, snapshot, filter, by, slot, buckets, signal)
  return buckets
}

async function breakDown(
  engine: Engine,
  snapshot: Snapshot,
  filter: EventFilter,
  by: string,
  slot: string,
  buckets: Bucket[],
  signal: AbortSignal | undefined,
): Promise<void> {
  const page = await valuesOf(engine, snapshot, filter, {
    field: by,
    limit: namedValuesMax,
    ...(signal ? { signal } : {}),
  })
  if (page.values.length === 0) return
  const named = page.values.map(({ value }) => literal(`${kindOf(value)}${String(value)}`)).join(', ')
  const selects: string[] = []
  for (const [condition, portions] of groups(snapshot, filter)) {
    for (const [elements, alike] of groupByElements(portions, by)) {
      const inner = selectFrom(
        alike,
        condition,
        (file, row) => `${file} AS file, ${row} AS row, ${slot} AS slot, ${elements} AS elements`,
      )
      selects.push(`SELECT slot, list_intersect(elements, [${named}]) AS found FROM (${inner})`)
    }
  }
  if (selects.length === 0) return
  const found = await engine.rows(
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
  engine: Engine,
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
  const selects: string[] = []
  const totals: string[] = []
  for (const [condition, portions] of groups(snapshot, filter)) {
    for (const [elements, alike] of groupByElements(portions, field)) {
      const inner = selectFrom(alike, condition, () => `${elements} AS elements`)
      totals.push(`SELECT count(*) AS events, count(*) FILTER (WHERE len(elements) > 0) AS with_field FROM (${inner})`)
      if (elements !== noElements) selects.push(`SELECT unnest(elements) AS v FROM (${inner})`)
    }
  }
  const counted = { events: 0, having: 0 }
  if (totals.length > 0) {
    const sums = `SELECT CAST(sum(events) AS DOUBLE), CAST(sum(with_field) AS DOUBLE) FROM (${totals.join(' UNION ALL ')})`
    const [row] = await engine.rows(sums, signal)
    counted.events = Number(row?.[0] ?? 0)
    counted.having = Number(row?.[1] ?? 0)
  }
  const exact = (count: number) => ({ count, exact: true })
  const rows =
    selects.length === 0 ? [] : await engine.rows(valuesSql(selects, limit, contains, options.cursor), signal)
  const page = rows.slice(0, limit)
  const last = page[page.length - 1]
  return {
    values: page.map(([v, n]) => ({ value: readValue(String(v)), count: Number(n) })),
    ...(rows.length > limit && last !== undefined
      ? { next: packCursor('values', [Number(last[1]), String(last[0])]) }
      : {}),
    withField: exact(counted.having),
    events: exact(counted.events),
    distinct: exact(Number(rows[0]?.[2] ?? 0)),
  }
}

function valuesSql(selects: string[], limit: number, contains: string | undefined, cursor: string | undefined): string {
  const text = 'v[2:]'
  const kept = contains === undefined ? '' : `WHERE contains(lower(${text}), lower(${literal(contains)}))`
  let after = ''
  if (cursor !== undefined) {
    const [n, v] = unpackCursor('values', cursor, 2)
    const value = literal(String(v))
    after = `WHERE n < ${Number(n)} OR (n = ${Number(n)} AND (${text}, v) > (${value}[2:], ${value}))`
  }
  return (
    `WITH g AS (SELECT v, count(*) AS n FROM (${selects.join(' UNION ALL ')}) ${kept} GROUP BY v) ` +
    `SELECT v, CAST(n AS DOUBLE), CAST((SELECT count(*) FROM g) AS DOUBLE) FROM g ${after} ORDER BY n DESC, ${text}, v LIMIT ${limit + 1}`
  )
}

const noElements = 'CAST([] AS VARCHAR[])'

/** SQL for the distinct values that an event has in the field, as texts with their kind in front. */
function elementsSql(field: string, source: Source): string {
  if (field.startsWith('_') && ['_tenant', '_source', '_lateness'].includes(field)) {
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

function groups(snapshot: Snapshot, filter: EventFilter): Map<string, Portion[]> {
  const portions = snapshot.sources.filter((source) => inTime(filter, source)).map((source) => ({ source }))
  return groupByCondition(portions, (source) => wholeCondition(filter, source))
}

function selectsOf(snapshot: Snapshot, filter: EventFilter, what: Selected, group = ''): string[] {
  return [...groups(snapshot, filter)].map(([condition, portions]) =>
    // Each table is a SELECT of its own: the grouping must stand in every one of them.
    portions.map((portion) => `${selectFrom([portion], condition, what)} ${group}`).join(' UNION ALL '),
  )
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
