// One ingest process of the cluster's bench: as the product's own, into Elasticsearch or into a store that costs nothing.

import { openKafkaBus } from '@varde/bus/kafka'
import { matcherOf, openRuleBook } from '@varde/detection'
import { createIngest, openGeo } from '@varde/ingest'
import { createLogger } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import type { Store, Versioned } from '@varde/store'
import { openElasticsearchStore } from '@varde/store/elasticsearch'

export interface ProcessStart {
  broker: string
  /** Of topics, groups and indices. */
  prefix: string
  /** Of Elasticsearch; nothing is kept without it. */
  store?: string
  rules: string
  partitions: number
}

export interface ProcessFacts {
  partitions: number
  events: number
  /** Microseconds so far. */
  cpu: number
}

const start: ProcessStart = JSON.parse(process.argv[2] ?? '{}')
const log = createLogger({ level: 'error' })
const bus = await openKafkaBus({ brokers: [start.broker], clientId: 'bench', prefix: `${start.prefix}.`, log })
const store: Store =
  start.store === undefined
    ? keepsNothing()
    : await openElasticsearchStore({ nodes: [start.store], prefix: start.prefix, replicas: 0 })
const book = await openRuleBook(start.rules)
const matcher = matcherOf(book.current())
const ingest = createIngest({
  bus,
  store,
  log,
  geo: await openGeo(),
  matcher: () => matcher,
  config: { stream: 'main', partitions: start.partitions, hitsPartitions: start.partitions, enrich: {} },
})

const answers: Record<string, () => Promise<unknown>> = {
  start: () => ingest.start(),
  async facts(): Promise<ProcessFacts> {
    const { partitions, counters } = ingest.health()
    const { user, system } = process.cpuUsage()
    return { partitions: partitions.length, events: counters.events, cpu: user + system }
  },
  drained: () => ingest.drained(),
  async stop() {
    await ingest.stop()
    book.close()
    await bus.close()
    await store.close()
    setImmediate(() => process.exit(0))
  },
}
process.on('message', (asked: string) => {
  void answers[asked]?.().then((answer) => process.send?.({ asked, answer }))
})
process.send?.({ asked: 'ready' })

/** Takes everything: what is left is what ingest itself costs. */
function keepsNothing(): Store {
  const documents = new Map<string, Versioned<JsonObject>>()
  const unasked = (): never => {
    throw new Error('ingest does not ask for this')
  }
  const write = (collection: string, id: string, doc: JsonObject, version: number) => {
    documents.set(`${collection}/${id}`, { id, version, doc })
    return Promise.resolve({ ok: true as const, version })
  }
  return {
    events: {
      create: async (events) => events.map(() => ({ outcome: 'created' })),
      get: async () => undefined,
      async *range() {},
      search: unasked,
      table: unasked,
      scan: unasked,
      count: unasked,
      histogram: unasked,
      values: unasked,
      fields: unasked,
      stats: unasked,
    },
    documents: {
      get: async (collection, id) => documents.get(`${collection}/${id}`) as never,
      create: (collection, id, doc) => write(collection, id, doc, 1),
      update: (collection, id, doc, version) => write(collection, id, doc, version + 1),
      list: async () => ({ docs: [] }),
      delete: unasked,
      countBy: unasked,
      count: unasked,
    },
    expiry: { due: unasked, contents: unasked, expire: unasked },
    check: async () => [],
    settle: unasked,
    close: async () => undefined,
  }
}
