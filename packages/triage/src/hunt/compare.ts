// Two ranges beside each other: which values of which fields the one has more of than the other.
import type { Json, JsonObject, StoredEvent } from '@varde/schema'
import type { EventFilter, EventStore, Scope } from '@varde/store'

/** Events read of each range, spread over its time, to see which fields differ; their values are then counted exactly. */
const slices = 10
const eventsPerSlice = 200
const fieldsMax = 8
const valuesMax = 1_000
const shownMax = 8
/** Less than this is noise of the sample. */
const distanceMin = 0.02

export interface Difference {
  field: string
  /** 0 (alike) to 1: the largest difference of one value's share of all events. Ids, each seen once, differ by nothing. */
  distance: number
  values: { value: Json; count: number; baseCount: number; share: number; baseShare: number }[]
}

export interface Comparison {
  count: number
  baseCount: number
  /** The most different field first. */
  differences: Difference[]
}

export interface Ranges {
  scope: Scope
  query: EventFilter['query']
  range: { from: number; to: number }
  base: { from: number; to: number }
}

export async function compareRanges(
  events: EventStore,
  { scope, query, range, base }: Ranges,
  signal?: AbortSignal,
): Promise<Comparison> {
  const filter = { scope, query, ...range }
  const baseFilter = { scope, query, ...base }
  const [count, baseCount, here, there] = [
    await events.count(filter, signal),
    await events.count(baseFilter, signal),
    await sample(events, filter, signal),
    await sample(events, baseFilter, signal),
  ]
  const fields = [...new Set([...here.fields.keys(), ...there.fields.keys()])]
    .map((field) => ({ field, distance: distanceOf(sharesOf(here, field), sharesOf(there, field)) }))
    .filter(({ distance }) => distance >= distanceMin)
    .sort((a, b) => b.distance - a.distance)
    .slice(0, fieldsMax)
  const differences: Difference[] = []
  for (const { field } of fields)
    differences.push(await differenceOf(events, field, { filter, baseFilter, count, baseCount }, signal))
  return { count, baseCount, differences: differences.sort((a, b) => b.distance - a.distance) }
}

type Values = Map<string, number>
interface Sample {
  events: number
  fields: Map<string, Values>
}

/** Field → value → how often in the sample. */
async function sample(
  events: EventStore,
  filter: EventFilter & { from: number; to: number },
  signal?: AbortSignal,
): Promise<Sample> {
  const fields = new Map<string, Values>()
  let read = 0
  const step = (filter.to - filter.from) / slices
  for (let slice = 0; slice < slices; slice += 1) {
    const page = await events.search(
      { ...filter, from: Math.floor(filter.from + slice * step), to: Math.floor(filter.from + (slice + 1) * step) },
      { limit: eventsPerSlice, ...(signal === undefined ? {} : { signal }) },
    )
    for (const stored of page.events) note(fields, stored)
    read += page.events.length
  }
  return { events: read, fields }
}

function note(fields: Map<string, Values>, { event }: StoredEvent): void {
  const walk = (value: Json, path: string): void => {
    if (Array.isArray(value)) for (const one of value) walk(one, path)
    else if (typeof value === 'object' && value !== null)
      for (const [key, member] of Object.entries<Json>(value)) walk(member, path === '' ? key : `${path}.${key}`)
    else if (path !== '@timestamp' && path !== 'message' && typeof value === 'string') add(fields, path, value)
    else if (typeof value === 'boolean') add(fields, path, String(value))
  }
  const document: JsonObject = event
  walk(document, '')
}

function add(fields: Map<string, Values>, field: string, value: string): void {
  const values = fields.get(field) ?? new Map<string, number>()
  fields.set(field, values)
  values.set(value, (values.get(value) ?? 0) + 1)
}

function sharesOf({ events, fields }: Sample, field: string): Map<string, number> {
  return new Map([...(fields.get(field) ?? [])].map(([value, count]) => [value, count / events]))
}

function distanceOf(a: Map<string, number>, b: Map<string, number>): number {
  let most = 0
  for (const key of new Set([...a.keys(), ...b.keys()]))
    most = Math.max(most, Math.abs((a.get(key) ?? 0) - (b.get(key) ?? 0)))
  return Math.min(1, most)
}

interface Counted {
  filter: EventFilter
  baseFilter: EventFilter
  count: number
  baseCount: number
}

async function differenceOf(
  events: EventStore,
  field: string,
  { filter, baseFilter, count, baseCount }: Counted,
  signal?: AbortSignal,
): Promise<Difference> {
  const options = { field, limit: valuesMax, ...(signal === undefined ? {} : { signal }) }
  const here = await events.values(filter, options)
  const there = await events.values(baseFilter, options)
  const rows = new Map<string, { value: Json; count: number; baseCount: number }>()
  for (const one of here.values) rows.set(JSON.stringify(one.value), { ...one, baseCount: 0 })
  for (const { value, count: found } of there.values) {
    const row = rows.get(JSON.stringify(value)) ?? { value, count: 0, baseCount: 0 }
    rows.set(JSON.stringify(value), { ...row, baseCount: found })
  }
  const all = [...rows.values()].map((row) => ({
    ...row,
    share: count === 0 ? 0 : row.count / count,
    baseShare: baseCount === 0 ? 0 : row.baseCount / baseCount,
  }))
  return {
    field,
    distance: Math.max(0, ...all.map((row) => Math.abs(row.share - row.baseShare))),
    values: all.sort((a, b) => Math.abs(b.share - b.baseShare) - Math.abs(a.share - a.baseShare)).slice(0, shownMax),
  }
}
