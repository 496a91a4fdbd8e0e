// The values of a field with their counts, all of them: in one request where they are few, else page by page.
import { limits, VardeError } from '@varde/runtime'
import type { Json } from '@varde/schema'
import { packCursor, unpackCursor } from '../cursor.ts'
import type { EventFilter, ValueCount, ValuesPage } from '../port.ts'
import { term, values as tokens } from './clause.ts'
import { ask, type ReadDeps } from './event-search.ts'
import { hasAny, type Place, placesOf } from './field-places.ts'
import type { EventSource } from './stored-event.ts'

export interface ValuesOptions {
  field: string
  limit: number
  contains?: string
  cursor?: string
  signal?: AbortSignal
}

/** With more distinct values than this they are paged: a request may give 65,536 buckets at most (`search.max_buckets`). */
const atOnceMax = 10_000
const pageSize = 10_000

interface Bucket {
  key: string | number | boolean
  doc_count: number
}

interface Terms {
  sum_other_doc_count: number
  buckets: Bucket[]
}

interface Composite {
  after_key?: { value: string | number }
  buckets: { key: { value: string | number | boolean }; doc_count: number }[]
}

export async function valuesOf(deps: ReadDeps, filter: EventFilter, options: ValuesOptions): Promise<ValuesPage> {
  const { field, limit, signal } = options
  if (!Number.isInteger(limit) || limit < 1 || limit > limits.valuesPageMax) {
    throw new VardeError('STORE_LIMIT', `a page has between 1 and ${limits.valuesPageMax} values, not ${limit}`, {
      facts: { limit: 'valuesPageMax', value: limits.valuesPageMax },
    })
  }
  const page = createPage(options)
  const places = placesOf(field)
  const aggregations: Record<string, unknown> = { having: { filter: hasAny(field) } }
  for (const [at, place] of places.entries()) aggregations[`place${at}`] = { terms: termsOf(place) }
  const found = await ask<Record<string, Terms> & { having: { doc_count: number } }>(
    deps,
    filter,
    { size: 0, track_total_hits: true, aggs: aggregations },
    signal,
  )
  // A value of a typed field may stand among the tokens too, where a list held more than its type: few, so they wait in memory.
  const early = new Map<string, number>()
  const typed = places.at(-1)
  const isSplit = typed !== undefined && typed.prefix === '' && places.length > 1
  for (const [at, place] of places.entries()) {
    const terms = found.aggregations?.[`place${at}`]
    if (terms === undefined) continue
    const isAll = terms.sum_other_doc_count === 0 && terms.buckets.length < atOnceMax
    const batches = isAll ? [terms.buckets] : pagesOf(deps, filter, place, signal)
    for await (const buckets of batches) {
      for (const value of await valuesIn(deps, filter, place, buckets)) {
        const key = spell(value.value)
        if (isSplit && place !== typed) early.set(key, value.count)
        else {
          page.take({ value: value.value, count: value.count + (early.get(key) ?? 0) })
          early.delete(key)
        }
      }
    }
  }
  for (const [key, count] of early) page.take({ value: readSpelt(key), count })
  const exact = (count: number) => ({ count, exact: true })
  return {
    ...page.end(),
    withField: exact(found.aggregations?.having.doc_count ?? 0),
    events: exact(found.hits.total?.value ?? 0),
  }
}

/** Every shard gives so many: where there are fewer values, their counts are exact. */
function termsOf({ field, prefix }: Place): Record<string, unknown> {
  const base = { field, size: atOnceMax, shard_size: atOnceMax }
  return prefix === '' ? base : { ...base, include: `${escapeExpression(prefix)}.*` }
}

function escapeExpression(text: string): string {
  return text.replaceAll(/[.?+*|{}[\]()"\\#@&<>~^$]/g, '\\$&')
}

/** All values of a place in their order; counts of composite buckets are exact on any number of shards. */
async function* pagesOf(
  deps: ReadDeps,
  filter: EventFilter,
  { field, prefix }: Place,
  signal: AbortSignal | undefined,
): AsyncGenerator<Bucket[]> {
  // The last term before all that begin with the prefix: `after` leaves out its own bucket.
  let after: { value: string | number } | undefined = prefix === '' ? undefined : { value: before(prefix) }
  for (;;) {
    const composite = {
      size: pageSize,
      sources: [{ value: { terms: { field } } }],
      ...(after === undefined ? {} : { after }),
    }
    const found = await ask<{ all: Composite }>(
      deps,
      filter,
      { size: 0, track_total_hits: false, aggs: { all: { composite } } },
      signal,
    )
    const all = found.aggregations?.all
    if (all === undefined) return
    const mine = all.buckets.filter(({ key }) => prefix === '' || String(key.value).startsWith(prefix))
    yield mine.map(({ key, doc_count }) => ({ key: key.value, doc_count }))
    if (all.after_key === undefined || mine.length < all.buckets.length || all.buckets.length < pageSize) return
    after = all.after_key
  }
}

function before(prefix: string): string {
  const last = prefix.codePointAt(prefix.length - 1) ?? 1
  return `${prefix.slice(0, -1)}${String.fromCodePoint(last - 1)}\u{10ffff}`
}

async function valuesIn(
  deps: ReadDeps,
  filter: EventFilter,
  place: Place,
  buckets: readonly Bucket[],
): Promise<ValueCount[]> {
  const found: ValueCount[] = []
  for (const { key, doc_count: count } of buckets) {
    const value = place.hashed ? await longText(deps, filter, place, String(key)) : place.read(key)
    if (value !== undefined) found.push({ value, count })
  }
  return found
}

/** Texts that no term can hold, by their hash: out of one event that has it. */
async function longText(deps: ReadDeps, filter: EventFilter, place: Place, token: string): Promise<string | undefined> {
  const { scope } = filter
  const found = await ask(
    deps,
    { scope, query: { kind: 'all' } },
    { size: 1, track_total_hits: false, post_filter: term(tokens, token), _source: ['_varde.long', '_varde.values'] },
  )
  const source: Partial<EventSource> | undefined = found.hits.hits[0]?._source
  const long = source?._varde?.['long']
  const listed = source?._varde?.['values']
  if (!Array.isArray(long) || !Array.isArray(listed)) return undefined
  // Long texts and their tokens stand in the same order.
  const hashes = listed.map(String).filter((each) => each.startsWith(place.prefix))
  const mine = long.filter((one) => isOf(one, place.prefix))
  const at = hashes.indexOf(token)
  const one = mine[at]
  return typeof one === 'object' && one !== null && !Array.isArray(one) && typeof one['text'] === 'string'
    ? one['text']
    : undefined
}

function isOf(one: Json, prefix: string): boolean {
  if (typeof one !== 'object' || one === null || Array.isArray(one)) return false
  return prefix.slice(0, -1).replaceAll(/\\(.)/g, '$1') === one['field']
}

interface Page {
  take(value: ValueCount): void
  end(): Pick<ValuesPage, 'values' | 'next' | 'distinct'>
}

/** Keeps the best of all values behind the cursor: however many there are, no more than twice a page stay in memory. */
function createPage({ limit, contains, cursor }: ValuesOptions): Page {
  const wanted = contains?.toLowerCase()
  const after = cursor === undefined ? undefined : cursorValue(cursor)
  let kept: ValueCount[] = []
  let distinct = 0
  const cut = () => {
    kept.sort(compare)
    kept = kept.slice(0, limit + 1)
  }
  return {
    take(value) {
      if (wanted !== undefined && !String(value.value).toLowerCase().includes(wanted)) return
      distinct += 1
      if (after !== undefined && compare(value, after) <= 0) return
      kept.push(value)
      if (kept.length > 4 * limit + 1_000) cut()
    },
    end() {
      cut()
      const page = kept.slice(0, limit)
      const last = page.at(-1)
      return {
        values: page,
        ...(kept.length > limit && last !== undefined
          ? { next: packCursor('values', [last.count, spell(last.value)]) }
          : {}),
        distinct: { count: distinct, exact: true },
      }
    },
  }
}

/** The kind in front: `22` and `"22"` are two values. */
function spell(value: Json): string {
  return `${typeof value === 'string' ? 's' : typeof value === 'number' ? 'n' : 'b'}${String(value)}`
}

function readSpelt(text: string): Json {
  const value = text.slice(1)
  if (text.startsWith('n')) return Number(value)
  return text.startsWith('b') ? value === 'true' : value
}

function cursorValue(cursor: string): ValueCount {
  const [count, text] = unpackCursor('values', cursor, 2)
  return { count: Number(count), value: readSpelt(String(text)) }
}

/** Most frequent first, ties by their text, then by their kind. */
function compare(a: ValueCount, b: ValueCount): number {
  if (a.count !== b.count) return b.count - a.count
  const first = String(a.value)
  const second = String(b.value)
  if (first !== second) return first < second ? -1 : 1
  const [kindA, kindB] = [spell(a.value).charAt(0), spell(b.value).charAt(0)]
  return kindA === kindB ? 0 : kindA < kindB ? -1 : 1
}
