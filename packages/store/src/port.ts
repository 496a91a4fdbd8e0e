// Where events and small documents live: what every store must do. `contract.ts` checks it.
import type { EventId, Home, Json, JsonObject, Query, StoredEvent } from '@varde/schema'

/** Which events a reader may see and where to look. Every read carries one (DESIGN §3, Scope). */
export interface Scope {
  /** Tenants the reader may see; `all` for the house. */
  tenants: 'all' | string[]
}

export interface EventFilter {
  scope: Scope
  query: Query
  /** Event time in UTC milliseconds: from inclusive, to exclusive. */
  from?: number
  to?: number
}

export type CreateOutcome =
  /** `sameKeyAs`: the sender used this key before, for other content. */
  | { outcome: 'created'; sameKeyAs?: EventId }
  /** The id was there, with the same home: the stored event is what must be matched and sealed. */
  | { outcome: 'existing'; stored: StoredEvent }
  /** The sender's identity, with the same raw bytes, was there under another id: nothing was stored. */
  | { outcome: 'duplicate'; of: EventId }
  /** An erased event had this id: its tombstone stays. */
  | { outcome: 'erased' }
  /** The store can never hold this event (not: is busy). It goes to the dead letters. */
  | { outcome: 'refused'; reason: string }

export interface SearchOptions {
  /** At most `limits.searchPageMax`. */
  limit: number
  /** From a previous page's `next`: the following page has neither gap nor repeat, whatever arrived meanwhile. */
  cursor?: string
  order?: 'newest' | 'oldest'
  signal?: AbortSignal
}

export interface SearchPage {
  events: StoredEvent[]
  /** Absent on the last page. */
  next?: string
  /** Told exactly, or a lower bound where counting all would cost too much. */
  total: { count: number; exact: boolean }
}

export interface TableRow extends Pick<StoredEvent, 'id' | 'tenant' | 'source' | 'arrival' | 'lateness'> {
  /** Its time and the fields that were asked for, no others. */
  event: StoredEvent['event']
}

export interface TablePage extends Omit<SearchPage, 'events'> {
  rows: TableRow[]
}

export interface Bucket {
  /** UTC milliseconds of the start. */
  start: number
  count: number
  /** Only with a breakdown: value → count; the rest under `other`. */
  by?: { values: Record<string, number>; other: number }
}

export interface ValueCount {
  value: Json
  count: number
}

export interface ValuesPage {
  values: ValueCount[]
  /** All values are reachable: pass it to get the following ones. */
  next?: string
  /** Events that have the field, events in all, and distinct values, each exact or a lower bound. */
  withField: { count: number; exact: boolean }
  events: { count: number; exact: boolean }
  distinct: { count: number; exact: boolean }
}

export interface FieldInfo {
  field: string
  type: 'keyword' | 'long' | 'double' | 'boolean' | 'date' | 'ip' | 'mixed'
}

export interface EventStore {
  /**
   * Creates each event unless its id exists; durable when it resolves. Outcomes stand in the order of the events.
   * Searchable within `limits.visibleMs`.
   */
  create(events: StoredEvent[]): Promise<CreateOutcome[]>
  /** Realtime: sees every event whose create has resolved. */
  get(id: EventId, scope: Scope): Promise<StoredEvent | undefined>
  /** The events of an offset range of one partition, in offset order: what a seal covers. */
  range(home: Omit<Home, 'offset'>, from: number, to: number): AsyncIterable<StoredEvent[]>
  search(filter: EventFilter, options: SearchOptions): Promise<SearchPage>
  /** The events of the same page, as a table of some fields shows them: much sooner where they lie far apart. */
  table(filter: EventFilter, options: SearchOptions & { fields: readonly string[] }): Promise<TablePage>
  /** All matches oldest first, in batches, for exports and replay. */
  scan(filter: EventFilter, options?: { signal?: AbortSignal; batch?: number }): AsyncIterable<StoredEvent[]>
  count(filter: EventFilter, signal?: AbortSignal): Promise<number>
  /** At most `limits.histogramBucketsMax`; empty buckets are given too. */
  histogram(
    filter: EventFilter & { from: number; to: number },
    options: { intervalMs: number; by?: string; signal?: AbortSignal },
  ): Promise<Bucket[]>
  /** Most frequent first, ties by value. `contains` filters the values themselves, case-insensitively. */
  values(
    filter: EventFilter,
    options: { field: string; limit: number; contains?: string; cursor?: string; signal?: AbortSignal },
  ): Promise<ValuesPage>
  /** Fields that any event has, sorted. */
  fields(): Promise<FieldInfo[]>
  stats(): Promise<{ events: number; bytes: number; oldest?: number; newest?: number; segments: number }>
}

/** What stays of an erased event, for ever: its id is never created again, and its leaf still leads to its seal. */
export interface Tombstone {
  id: EventId
  /** 64 hex digits. */
  leaf: string
  /** UTC milliseconds. */
  at: number
  /** The sealed entry that orders it, such as `@erasures.4`. */
  by: string
}

export interface EventErasure {
  /**
   * Raw record, fields and seed are hidden from every read when it resolves, durably, and their bytes go afterwards. A later create of
   * such an id is `erased`. Ids that are not stored get their tombstone too; a second one changes nothing.
   */
  erase(tombstones: Tombstone[]): Promise<void>
  /** Of an offset range of one partition, in offset order. */
  tombstones(home: Omit<Home, 'offset'>, from: number, to: number): Promise<Tombstone[]>
  /** Resolves when the bytes of all that was erased before the call are gone from every file of the store. */
  purged(): Promise<void>
}

/** What goes as a whole when its time is over: a segment, the index of a day. */
export interface ExpiryUnit {
  /** The store's name of it: never given twice for other events. */
  name: string
  retention: string
  events: number
  /** Arrival of its oldest and newest event, UTC milliseconds. */
  arrived: { from: number; to: number }
}

export interface ExpiryContents {
  /** Offsets by partition, as runs in order: from inclusive, to exclusive. */
  chains: (Omit<Home, 'offset'> & { runs: { from: number; to: number }[] })[]
  sources: { tenant: string; source: string; events: number }[]
}

export interface EventExpiry {
  /**
   * Units of a class of which every event arrived before `before`, oldest first. What is still written to is closed first where its oldest
   * event arrived before `closeBefore`: so no event stays much longer than its neighbours.
   */
  due(retention: string, at: { before: number; closeBefore: number }): Promise<ExpiryUnit[]>
  contents(unit: string): Promise<ExpiryContents>
  /** Takes every event of the unit away but those in `keep`, hidden when it resolves. A unit that is not there (any more) changes nothing. */
  expire(unit: string, keep: readonly EventId[]): Promise<void>
}

/** What documents can be filtered and sorted by is declared once per collection. */
export interface Collection {
  name: string
  /** Dotted paths of scalars in the document. Times are numbers. */
  indexed: string[]
}

export type Condition = Json | { in: Json[] } | { gte?: number; lt?: number } | { exists: boolean }

export interface DocumentQuery {
  /** Indexed path → condition; all must hold. */
  where?: Record<string, Condition>
  /** An indexed path; ties by id. */
  sort?: { by: string; order: 'asc' | 'desc' }
  limit: number
  cursor?: string
}

export interface Versioned<T> {
  id: string
  /** Goes up with each write; opaque but for equality. */
  version: number
  doc: T
}

export type WriteOutcome<T> =
  | { ok: true; version: number }
  /** Somebody else was first: what is there now, or nothing where it was deleted. */
  | { ok: false; current: Versioned<T> | undefined }

export interface DocumentStore {
  /** Realtime. */
  get<T extends JsonObject>(collection: string, id: string): Promise<Versioned<T> | undefined>
  /** Only where the id is free. Durable when it resolves. */
  create<T extends JsonObject>(collection: string, id: string, doc: T): Promise<WriteOutcome<T>>
  /** Only where the version is still this one. */
  update<T extends JsonObject>(collection: string, id: string, doc: T, ifVersion: number): Promise<WriteOutcome<T>>
  delete(collection: string, id: string, ifVersion: number): Promise<WriteOutcome<JsonObject>>
  list<T extends JsonObject>(collection: string, query: DocumentQuery): Promise<{ docs: Versioned<T>[]; next?: string }>
  /** Exact counts per value of an indexed path, most first. */
  countBy(
    collection: string,
    path: string,
    where?: Record<string, Condition>,
  ): Promise<{ value: Json; count: number }[]>
  count(collection: string, where?: Record<string, Condition>): Promise<number>
}

/** What `varde verify` and `varde doctor` learn of the store's own files. */
export interface StoreFinding {
  /** Path below the data folder, and where in it. */
  file: string
  at?: string
  problem: string
  /** True where only derived data was hurt and has been rebuilt. */
  rebuilt: boolean
}

/**
 * Errors are `VardeError`s: STORE_LOCKED, STORE_FULL (nothing was written, try later), STORE_CLOSED, STORE_DAMAGED,
 * STORE_BAD_CURSOR, STORE_LIMIT (names the limit), STORE_NOT_INDEXED, STORE_NEWER_FORMAT, STORE_UNAVAILABLE.
 */
export interface Store {
  events: EventStore
  documents: DocumentStore
  /** Absent where an adapter can't erase. */
  erasure?: EventErasure
  expiry: EventExpiry
  /**
   * Resolves when every event created before the call can be searched, which may be `limits.visibleMs` after its create:
   * for whoever reads at once what has just been stored.
   */
  settle(): Promise<void>
  /** Checks every file of the store against its recorded digests; rebuilds what is only derived. */
  check(progress?: (done: number, total: number) => void): Promise<StoreFinding[]>
  close(): Promise<void>
}
