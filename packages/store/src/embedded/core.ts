// The store itself, on the thread that owns it: plain texts and bytes in and out, so that other threads can call it.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { lockFolder, VardeError } from '@varde/runtime'
import type { EventId, Home } from '@varde/schema'
import type {
  Bucket,
  Collection,
  EventExpiry,
  EventFilter,
  FieldInfo,
  Scope,
  SearchOptions,
  StoreFinding,
  Tombstone,
  ValuesPage,
} from '../port.ts'
import { selectRows, unpackBatch } from './batch.ts'
import { checkStore } from './check.ts'
import { type Documents, openDocuments } from './documents.ts'
import { openEngine } from './duckdb.ts'
import { type RowPage, searchRows, searchTable, type TableOfRows } from './event-search.ts'
import { countEvents, histogramOf, type ValuesOptions, valuesOf } from './event-values.ts'
import { createExpiry } from './expiry.ts'
import { fieldInfos } from './field-infos.ts'
import { createIdentity, holds, partitionCondition, type RowOutcome } from './identity.ts'
import { coverSegments, rememberBatch } from './sender-truth.ts'
import { openSenders } from './senders.ts'
import { type Snapshot, selectFrom } from './sources.ts'
import { rowSql } from './stored-row.ts'
import { buildTextIndex, createTextIndexes } from './text-index.ts'
import { openTier } from './tier.ts'
import { openTombstones } from './tombstones.ts'

export interface CoreOptions {
  dir: string
  collections: Collection[]
  /** What DuckDB may use; the indices and caches beside it take a quarter of that. */
  memoryLimitBytes: number
  threads: number
  sealRows: number
  sealBytes: number
}

/** `created`: every row was. */
export type BatchOutcome = 'created' | RowOutcome[]

export type CheckStep = { done: number; total: number } | { findings: StoreFinding[] }

/** What other threads call; `client.ts` makes a `Store` of it. Rows are texts for `readRow`. */
export interface Core {
  create(batches: { retention: string; bytes: Uint8Array }[]): Promise<BatchOutcome[]>
  get(id: EventId, scope: Scope): Promise<string | undefined>
  range(home: Omit<Home, 'offset'>, from: number, to: number): AsyncIterable<string[]>
  search(filter: EventFilter, options: SearchOptions): Promise<RowPage>
  table(filter: EventFilter, options: SearchOptions & { fields: readonly string[] }): Promise<TableOfRows>
  scan(filter: EventFilter, options: { signal?: AbortSignal; batch: number }): AsyncIterable<string[]>
  count(filter: EventFilter, signal?: AbortSignal): Promise<number>
  histogram(
    filter: EventFilter & { from: number; to: number },
    options: { intervalMs: number; by?: string; signal?: AbortSignal },
  ): Promise<Bucket[]>
  values(filter: EventFilter, options: ValuesOptions): Promise<ValuesPage>
  fields(): Promise<FieldInfo[]>
  stats(): Promise<{ events: number; bytes: number; oldest?: number; newest?: number; segments: number }>
  erase(tombstones: Tombstone[]): Promise<void>
  tombstones(home: Omit<Home, 'offset'>, from: number, to: number): Promise<Tombstone[]>
  purged(): Promise<void>
  expiry: EventExpiry
  documents: Documents
  check(): AsyncIterable<CheckStep>
  settle(): Promise<void>
  close(): Promise<void>
}

const rangeRows = 2_000

export async function openCore(options: CoreOptions): Promise<Core> {
  const { dir } = options
  mkdirSync(dir, { recursive: true })
  const lock = lockFolder(dir, { code: 'STORE_LOCKED', what: 'the store' })
  try {
    return await openLocked(options, () => lock.release())
  } catch (error) {
    lock.release()
    throw error
  }
}

async function openLocked(options: CoreOptions, unlock: () => void): Promise<Core> {
  const { dir } = options
  const engine = await openEngine({ ...options, spillDir: join(dir, 'events', 'tmp') })
  const senders = openSenders(dir)
  const texts = createTextIndexes(dir)
  const tombstones = await openTombstones(dir, engine)
  const tier = await openTier({
    ...options,
    engine,
    tombstones,
    now: Date.now,
    buildIndex: buildTextIndex,
    replayed: (batch, retention) => rememberBatch(senders, batch, retention),
    sealed(segment) {
      senders.cover(segment.name)
      senders.commit(true)
    },
  })
  await coverSegments(engine, senders, tier)
  senders.commit()
  const { documents, ...documentsRest } = await openDocuments(dir, options.collections)
  const identity = createIdentity({
    engine,
    senders,
    highest: tier.highest,
    erased: tombstones.ids,
    unloaded: () => tier.unloaded(),
    snapshot: () => tier.snapshot(),
  })
  const expiry = createExpiry({ dir, engine, tier })
  const reads = { engine, candidates: texts.candidates }
  let closed = false
  let purging: Promise<void> = Promise.resolve()
  /** What a crash or a stop left of an erasure is finished; a failure (the disk is full) waits for the next one or the next start. */
  const purgeSoon = () => {
    purging = purging.then(() => (closed ? undefined : tier.purge()))
    purging.catch(() => {})
    return purging
  }
  if (!tombstones.isPurged()) purgeSoon().catch(() => {})
  let decisions: Promise<unknown> = Promise.resolve()

  const assertOpen = () => {
    if (closed) throw new VardeError('STORE_CLOSED', 'the store is closed')
  }

  const reading = async <T>(work: (snapshot: Snapshot) => Promise<T>): Promise<T> => {
    assertOpen()
    const snapshot = tier.snapshot()
    try {
      return await work(snapshot)
    } finally {
      snapshot.release()
    }
  }

  /** Decisions are made one after the other: each must see what the one before it let in. */
  const createOne = async (retention: string, bytes: Uint8Array): Promise<BatchOutcome> => {
    const batch = unpackBatch(bytes)
    if (batch.rows === 0) return 'created'
    const decided = decisions.then(async () => {
      await tier.open(retention)
      const outcomes = await identity.decide(batch, retention)
      const rows: number[] = []
      let plain = true
      for (const [row, outcome] of outcomes.entries()) {
        if (outcome.outcome === 'created') rows.push(row)
        if (outcome.outcome !== 'created' || outcome.sameKeyAs !== undefined) plain = false
      }
      const whole = rows.length === batch.rows
      const kept = whole ? batch : selectRows(batch, rows)
      // Not awaited here: the next decision need not wait for the disk.
      const written = rows.length === 0 ? Promise.resolve() : tier.append(retention, kept, whole ? bytes : undefined)
      written.catch(() => {})
      return { written, outcome: plain ? ('created' as const) : outcomes }
    })
    decisions = decided.catch(() => {})
    const { written, outcome } = await decided
    await written
    return outcome
  }

  return {
    async create(batches) {
      assertOpen()
      const settled = await Promise.allSettled(batches.map(({ retention, bytes }) => createOne(retention, bytes)))
      return settled.map((result) => {
        if (result.status === 'rejected') throw result.reason
        return result.value
      })
    },
    async get(id, scope) {
      assertOpen()
      const text = await identity.find(id)
      return text !== undefined && maySee(text, scope) ? text : undefined
    },
    async *range(home, from, to) {
      assertOpen()
      await tier.settle()
      let next = from
      while (next < to) {
        const rows = await reading((snapshot) => rangePage(engine.rows, snapshot, home, next, to))
        if (rows.length === 0) return
        yield rows.map(([, text]) => text)
        next = (rows.at(-1)?.[0] ?? to) + 1
      }
    },
    search: (filter, searchOptions) => reading((snapshot) => searchRows(reads, snapshot, filter, searchOptions)),
    table: (filter, asked) => reading((snapshot) => searchTable(reads, snapshot, filter, asked)),
    async *scan(filter, { signal, batch }) {
      let cursor: string | undefined
      do {
        const page: RowPage = await reading((snapshot) =>
          searchRows(reads, snapshot, filter, {
            limit: batch,
            order: 'oldest',
            ...(cursor === undefined ? {} : { cursor }),
            ...(signal === undefined ? {} : { signal }),
          }),
        )
        if (page.rows.length > 0) yield page.rows
        cursor = page.next
      } while (cursor !== undefined)
    },
    count: (filter, signal) => reading((snapshot) => countEvents(reads, snapshot, filter, signal)),
    histogram: (filter, given) => reading((snapshot) => histogramOf(reads, snapshot, filter, given)),
    values: (filter, given) => reading((snapshot) => valuesOf(reads, snapshot, filter, given)),
    async fields() {
      assertOpen()
      return fieldInfos(tier.fields())
    },
    async stats() {
      assertOpen()
      return tier.stats()
    },
    async erase(given) {
      assertOpen()
      // A create that was let in before must be seen; one that comes later finds the tombstone.
      const added = decisions.then(async () => {
        await tier.settle()
        const fresh = await tombstones.add(given)
        for (const [key, offset] of tombstones.highest())
          if (offset > (tier.highest.get(key) ?? -1)) tier.highest.set(key, offset)
        tier.hide()
        return fresh.length
      })
      decisions = added.catch(() => {})
      if ((await added) > 0) purgeSoon().catch(() => {})
    },
    async tombstones(home, from, to) {
      assertOpen()
      return tombstones.of(home, from, to)
    },
    purged: () => purging.catch(() => {}).then(purgeSoon),
    expiry: {
      async due(retention, at) {
        assertOpen()
        await tier.settle()
        return expiry.due(retention, at)
      },
      async contents(unit) {
        assertOpen()
        return expiry.contents(unit)
      },
      async expire(unit, keep) {
        assertOpen()
        await expiry.expire(unit, keep)
      },
    },
    documents,
    async *check() {
      assertOpen()
      yield* checkStore({ dir, engine, tier, documents: documentsRest, senders, texts })
    },
    settle: () => tier.settle(),
    async close() {
      if (closed) return
      closed = true
      await decisions
      await purging.catch(() => {})
      await tombstones.close()
      await tier.close()
      await documentsRest.close()
      senders.close()
      await engine.close()
      unlock()
    },
  }
}

/** The tenant is the sixth own column of a row, behind the retention class. */
function maySee(text: string, scope: Scope): boolean {
  if (scope.tenants === 'all') return true
  const row: unknown[] = JSON.parse(text)
  const tenant = row[6]
  return typeof tenant === 'string' && scope.tenants.includes(tenant)
}

async function rangePage(
  rows: (sql: string) => Promise<unknown[][]>,
  snapshot: Snapshot,
  home: Omit<Home, 'offset'>,
  from: number,
  to: number,
): Promise<[number, string][]> {
  const condition = `${partitionCondition(home)} AND _offset >= ${from} AND _offset < ${to}`
  const selects = snapshot.sources
    .filter((source) => holds(source, home, from, to - 1))
    .map((source) => selectFrom([{ source }], condition, () => `_offset AS o, ${rowSql(source.retention)} AS text`))
  if (selects.length === 0) return []
  const found = await rows(
    `SELECT CAST(o AS DOUBLE), text FROM (${selects.join(' UNION ALL ')}) ORDER BY o LIMIT ${rangeRows}`,
  )
  return found.map(([offset, text]) => [Number(offset), String(text)])
}
