// Search, scan, range, get and count of events.
import { limits, VardeError } from '@varde/runtime'
import { type EventId, type Home, homeOf, type StoredEvent } from '@varde/schema'
import { packCursor, unpackCursor } from '../cursor.ts'
import type { EventFilter, Scope, SearchOptions, SearchPage, TablePage } from '../port.ts'
import { tableRow } from '../table-row.ts'
import type { Clause } from './clause.ts'
import { compileFilter } from './compile-query.ts'
import type { Connection } from './connection.ts'
import { chainText } from './event-document.ts'
import type { Names } from './names.ts'
import { readPatienceMs, repeated } from './repeat.ts'
import { createScripts } from './scripts.ts'
import { type EventHit, type EventSource, storedEvent } from './stored-event.ts'

export interface ReadDeps {
  connection: Connection
  names: Names
}

export interface Hit<Source> {
  _id: string
  _index: string
  _source: Source
  _seq_no?: number
  _primary_term?: number
  sort?: (number | string | null)[]
}

export interface Found<Aggregations = unknown, H = EventHit> {
  pit_id?: string
  hits: { total?: { value: number; relation: 'eq' | 'gte' }; hits: H[] }
  aggregations?: Aggregations
  _shards: { failed: number; failures?: { reason?: { reason?: string } }[] }
}

/** Matches are counted up to here; beyond it a total is a lower bound. */
const countedMax = 10_000
const scanBatch = 2_000
const snapshotKeep = '2m'
/** An index that is dropped or not yet made while we look is as good as empty. */
const lenient = { ignore_unavailable: true, allow_no_indices: true }

/** The indices that a reader's tenants can be in. Events of other tenants there are left out by the filter. */
export function indicesOf(names: Names, scope: Scope): string {
  const { tenants } = scope
  // A longer list would not fit into a request line (4 KB by default).
  if (tenants === 'all' || tenants.length === 0 || tenants.length > 40) return names.allEvents
  return tenants.map(names.tenantEvents).join(',')
}

export async function ask<Aggregations>(
  { connection, names }: ReadDeps,
  filter: EventFilter,
  body: Record<string, unknown>,
  signal?: AbortSignal,
): Promise<Found<Aggregations>> {
  const scripts = createScripts()
  const query = compileFilter(filter, scripts)
  const search = async () => {
    const { body: found } = await connection.ask<Found<Aggregations>>(
      'POST',
      `/${encodeURIComponent(indicesOf(names, filter.scope))}/_search`,
      { body: { query, runtime_mappings: scripts.mappings(), ...body }, query: lenient, signal },
    )
    return wholeAnswer(found)
  }
  return repeated(search, readPatienceMs, signal)
}

/** An answer of some shards alone would be a silent gap. */
export function wholeAnswer<T extends Pick<Found, '_shards'>>(found: T): T {
  if (found._shards.failed === 0) return found
  const reason = found._shards.failures?.[0]?.reason?.reason ?? 'no reason was given'
  throw new VardeError('STORE_UNAVAILABLE', `${found._shards.failed} shards did not answer: ${reason}`, {
    hint: 'Some indices are not whole: `varde doctor` names them.',
    facts: { passing: true },
  })
}

export async function searchEvents(deps: ReadDeps, filter: EventFilter, options: SearchOptions): Promise<SearchPage> {
  const { hits, ...page } = await searchHits(deps, filter, options, true)
  return { events: hits.map(storedEvent), ...page }
}

/** The raw line and the tokens of a document are most of it: no table shows them, so they stay where they are. */
const beyondTables = ['line', 'bytes', 'seed', 'values', 'fields', 'long'].map((name) => `_varde.${name}`)

export async function searchTable(
  deps: ReadDeps,
  filter: EventFilter,
  { fields, ...options }: SearchOptions & { fields: readonly string[] },
): Promise<TablePage> {
  const { hits, ...page } = await searchHits(deps, filter, options, { excludes: beyondTables })
  return { rows: hits.map((hit) => tableRow(storedEvent(hit), fields)), ...page }
}

async function searchHits(
  deps: ReadDeps,
  filter: EventFilter,
  options: SearchOptions,
  source: true | { excludes: string[] },
): Promise<{ hits: EventHit[] } & Omit<SearchPage, 'events'>> {
  checkLimit(options.limit)
  options.signal?.throwIfAborted()
  const newest = options.order !== 'oldest'
  const after = options.cursor === undefined ? undefined : cursorPlace(options.cursor, newest)
  const found = await ask(
    deps,
    filter,
    {
      // One more than asked for tells whether there is a next page.
      size: Math.min(options.limit + 1, limits.searchPageMax),
      sort: totalOrder(newest),
      track_total_hits: countedMax,
      _source: source,
      ...(after === undefined ? {} : { search_after: after }),
    },
    options.signal,
  )
  const hits = found.hits.hits.slice(0, options.limit)
  const last = hits.at(-1)
  const isMore =
    found.hits.hits.length > options.limit ||
    (options.limit === limits.searchPageMax &&
      hits.length === options.limit &&
      (await isMoreBehind(deps, filter, newest, last, options)))
  const { value = 0, relation = 'eq' } = found.hits.total ?? {}
  return {
    hits,
    ...(isMore && last?.sort !== undefined ? { next: packCursor('elasticsearch', [newest, ...last.sort]) } : {}),
    total: { count: value, exact: relation === 'eq' },
  }
}

/** Only for a page as large as Elasticsearch gives at all. */
async function isMoreBehind(
  deps: ReadDeps,
  filter: EventFilter,
  newest: boolean,
  last: EventHit | undefined,
  options: SearchOptions,
): Promise<boolean> {
  if (last?.sort === undefined) return false
  const body = { size: 1, sort: totalOrder(newest), search_after: last.sort, track_total_hits: false, _source: false }
  return (await ask(deps, filter, body, options.signal)).hits.hits.length > 0
}

function checkLimit(limit: number): void {
  if (Number.isInteger(limit) && limit >= 1 && limit <= limits.searchPageMax) return
  throw new VardeError('STORE_LIMIT', `a page has between 1 and ${limits.searchPageMax} events, not ${limit}`, {
    facts: { limit: 'searchPageMax', value: limits.searchPageMax },
  })
}

/** Time, then home: as in every store. */
function totalOrder(newest: boolean): Clause[] {
  const order = newest ? 'desc' : 'asc'
  return [
    { '@timestamp': { order, format: 'epoch_millis' } },
    { '_varde.chain': { order } },
    { '_varde.offset': { order } },
  ]
}

function cursorPlace(cursor: string, newest: boolean): unknown[] {
  const [order, ...place] = unpackCursor('elasticsearch', cursor, 4)
  if (order !== newest) throw new VardeError('STORE_BAD_CURSOR', 'the cursor is of the other order')
  return place
}

export async function countEvents(deps: ReadDeps, filter: EventFilter, signal?: AbortSignal): Promise<number> {
  const found = await ask(deps, filter, { size: 0, track_total_hits: true }, signal)
  return found.hits.total?.value ?? 0
}

/** All hits of one moment in order, page by page: nothing that comes or goes meanwhile changes them. */
export async function* snapshotHits<Source = EventSource>(
  { connection }: Pick<ReadDeps, 'connection'>,
  indices: string,
  body: Record<string, unknown>,
  options: { batch: number; signal?: AbortSignal | undefined },
): AsyncGenerator<Hit<Source>[]> {
  const open = () =>
    connection.ask<{ id: string }>('POST', `/${encodeURIComponent(indices)}/_pit`, {
      query: { keep_alive: snapshotKeep, ...lenient },
      signal: options.signal,
    })
  const { body: opened } = await repeated(open, readPatienceMs, options.signal)
  let id = opened.id
  try {
    let after: unknown[] | undefined
    for (;;) {
      const { body: found } = await connection.ask<Found<unknown, Hit<Source>>>('POST', '/_search', {
        body: {
          ...body,
          size: options.batch,
          pit: { id, keep_alive: snapshotKeep },
          track_total_hits: false,
          ...(after === undefined ? {} : { search_after: after }),
        },
        signal: options.signal,
      })
      wholeAnswer(found)
      id = found.pit_id ?? id
      const { hits } = found.hits
      if (hits.length > 0) yield hits
      if (hits.length < options.batch) return
      after = hits.at(-1)?.sort
    }
  } finally {
    // A snapshot that is not closed is gone after its two minutes.
    await connection.ask('DELETE', '/_pit', { body: { id }, accept: [404] }).catch(() => undefined)
  }
}

export async function* scanEvents(
  deps: ReadDeps,
  filter: EventFilter,
  options: { signal?: AbortSignal; batch?: number } = {},
): AsyncGenerator<StoredEvent[]> {
  const scripts = createScripts()
  const query = compileFilter(filter, scripts)
  const body = { query, runtime_mappings: scripts.mappings(), sort: totalOrder(false) }
  const batch = Math.min(options.batch ?? scanBatch, limits.searchPageMax)
  for await (const hits of snapshotHits(deps, indicesOf(deps.names, filter.scope), body, {
    batch,
    signal: options.signal,
  })) {
    yield hits.map(storedEvent)
  }
}

export async function* rangeOfEvents(
  deps: ReadDeps,
  home: Omit<Home, 'offset'>,
  from: number,
  to: number,
): AsyncGenerator<StoredEvent[]> {
  await refreshEvents(deps)
  const query = {
    bool: {
      filter: [{ term: { '_varde.chain': chainText(home) } }, { range: { '_varde.offset': { gte: from, lt: to } } }],
      must_not: [{ term: { '_varde.erased': true } }],
    },
  }
  const sort = [{ '_varde.offset': { order: 'asc' } }]
  for await (const hits of snapshotHits(deps, deps.names.allEvents, { query, sort }, { batch: scanBatch })) {
    yield hits.map(storedEvent)
  }
}

/** The id does not say its day: a search finds it, after a refresh where need be. */
export async function getEvent(deps: ReadDeps, id: EventId, scope: Scope): Promise<StoredEvent | undefined> {
  const home = homeOf(id)
  if (home === undefined) return undefined
  const filter: EventFilter = { scope, query: { kind: 'field', field: '_id', value: { kind: 'phrase', text: id } } }
  const look = async () => (await ask(deps, filter, { size: 1, track_total_hits: false })).hits.hits[0]
  let hit = await look()
  if (hit === undefined) {
    await refreshEvents(deps)
    hit = await look()
  }
  return hit === undefined ? undefined : storedEvent(hit)
}

/** Shards without news have nothing to do. */
export async function refreshEvents({ connection, names }: ReadDeps): Promise<void> {
  await connection.ask('POST', `/${encodeURIComponent(names.allEvents)}/_refresh`, { query: lenient })
}
