// Opens the store in an Elasticsearch cluster.
import { limits, VardeError } from '@varde/runtime'
import { collections } from '../collections.ts'
import type { Collection, EventExpiry, Store, StoreFinding } from '../port.ts'
import { type BulkOptions, createSlots } from './bulk.ts'
import { checkCluster } from './check.ts'
import { type Connection, connectElasticsearch, type ElasticsearchAddress } from './connection.ts'
import { createEvents } from './create-events.ts'
import { createDocuments } from './documents.ts'
import { createErasure, type Erasure } from './erasure.ts'
import { fieldsOf, statsOf } from './event-fields.ts'
import { histogramOf } from './event-histogram.ts'
import {
  countEvents,
  getEvent,
  type ReadDeps,
  rangeOfEvents,
  refreshEvents,
  scanEvents,
  searchEvents,
  searchTable,
} from './event-search.ts'
import { valuesOf } from './event-values.ts'
import { createExpiry } from './expiry.ts'
import { type Guard, guardOf } from './guard.ts'
import { namesOf, prefixPattern } from './names.ts'
import { checkProduct } from './product.ts'
import { forgetNames } from './senders.ts'
import { type SnapshotResult, takeSnapshot } from './snapshots.ts'
import { createIndex, ensureSenders, type IndexLayout, mappingVersion, putTemplates } from './templates.ts'

export interface ElasticsearchStoreOptions extends ElasticsearchAddress {
  /** Begins the name of every index, alias and template; `varde` unless told. */
  prefix?: string
  /** Collections of documents; those of this package unless told. */
  collections?: Collection[]
  /** Of the index of a class, tenant and day. 1 unless told. */
  shards?: number
  /** A number, or `0-1` (unless told): a second copy as soon as there is a second node. */
  replicas?: string | number
  mode?: 'standard' | 'logsdb'
  codec?: 'default' | 'best_compression'
  /** Requests at a time of about so many characters, sent again for so long. */
  bulk?: { parallel?: number; requestLengthMax?: number; patienceMs?: number }
}

export interface ElasticsearchStore extends Store {
  erasure: Erasure
  /** Shards and disks, with what is near its bound. */
  guard(): Promise<Guard>
  expiry: EventExpiry
  /** Senders' names for their records are known for so many days. */
  forgetSenders(days: number, now: number): Promise<void>
  snapshot(repository: string, now: number): Promise<SnapshotResult>
}

const bulkDefaults = {
  // Between 1 and 5 MB a request is where Elasticsearch takes most (measured: test/bench/elasticsearch.ts).
  requestLengthMax: 2 * 1024 * 1024,
  parallel: 3,
  patienceMs: 20_000,
}

/**
 * Connects, and puts templates and indices where they are not. Throws STORE_REQUEST for a prefix that can't begin an index's name,
 * STORE_UNAVAILABLE where nobody answers, and what else `explain` makes of Elasticsearch's refusals.
 */
export async function openElasticsearchStore(options: ElasticsearchStoreOptions): Promise<ElasticsearchStore> {
  const prefix = options.prefix ?? 'varde'
  if (!prefixPattern.test(prefix)) {
    throw new VardeError('STORE_REQUEST', `"${prefix}" cannot begin the name of an index`, {
      hint: 'Lower-case letters, digits, "_" and "-", beginning with a letter, at most 40.',
    })
  }
  const connection = connectElasticsearch(options)
  const names = namesOf(prefix)
  const layout: IndexLayout = {
    shards: options.shards ?? 1,
    replicas: options.replicas ?? '0-1',
    mode: options.mode ?? 'standard',
    codec: options.codec ?? 'best_compression',
    // With what a search itself takes, within `limits.visibleMs`.
    refreshMs: limits.visibleMs - 200,
  }
  try {
    await checkProduct(connection)
    await putTemplates(connection, names, layout)
    await ensureSenders(connection, names, layout)
  } catch (error) {
    await connection.close()
    throw error
  }
  const reads: ReadDeps = { connection, names }
  const { parallel, ...bulkLimits } = { ...bulkDefaults, ...options.bulk }
  const bulk: BulkOptions = { ...bulkLimits, slots: createSlots(parallel) }
  const ensureIndex = indexMaker(connection)
  const erasure = createErasure(reads, layout)
  const documents = createDocuments({
    connection,
    names,
    layout,
    collections: options.collections ?? Object.values(collections),
  })
  let closed = false
  const open = () => {
    if (closed) throw new VardeError('STORE_CLOSED', 'the store is closed')
    return reads
  }
  return {
    events: {
      create: async (events) => createEvents({ ...open(), bulk, ensureIndex, erasure }, events),
      get: async (id, scope) => getEvent(open(), id, scope),
      range: (home, from, to) => rangeOfEvents(open(), home, from, to),
      search: async (filter, searching) => searchEvents(open(), filter, searching),
      table: async (filter, options) => searchTable(open(), filter, options),
      scan: (filter, scanning) => scanEvents(open(), filter, scanning),
      count: async (filter, signal) => countEvents(open(), filter, signal),
      histogram: async (filter, histogram) => histogramOf(open(), filter, histogram),
      values: async (filter, listing) => valuesOf(open(), filter, listing),
      fields: async () => fieldsOf(open()),
      stats: async () => statsOf(open()),
    },
    documents,
    erasure,
    guard: async () => guardOf(open().connection),
    expiry: createExpiry(reads),
    forgetSenders: async (days, now) => forgetNames(open().connection, names, days, now),
    snapshot: async (repository, now) => takeSnapshot(open(), repository, now),
    check: async (progress): Promise<StoreFinding[]> => checkCluster(open(), progress),
    settle: async () => refreshEvents(open()),
    async close() {
      if (closed) return
      closed = true
      await connection.close()
    },
  }
}

/** Each day's index is made once, and looked at once: a template that somebody removed would let events in unsearchable. */
function indexMaker(connection: Connection): (index: string) => Promise<void> {
  const known = new Map<string, Promise<void>>()
  const make = async (index: string) => {
    await createIndex(connection, index, {})
    const { body } = await connection.ask<Record<string, { mappings: { _meta?: { varde?: number } } }>>(
      'GET',
      `/${index}/_mapping`,
      {
        query: { filter_path: '*.mappings._meta' },
      },
    )
    const version = body[index]?.mappings._meta?.varde
    if (version !== undefined && version <= mappingVersion) return
    throw new VardeError('STORE_REQUEST', `the index ${index} does not have the mapping of Varde`, {
      hint: 'Another index template with a higher priority takes its name, or a newer Varde made it: see /_index_template.',
      facts: { index },
    })
  }
  return (index) => {
    let made = known.get(index)
    if (made === undefined) {
      made = make(index)
      made.catch(() => known.delete(index))
      known.set(index, made)
    }
    return made
  }
}

export { examineElasticsearch, type StoreCheck } from './examine.ts'
export type { Guard } from './guard.ts'
export { leastRole } from './role.ts'
