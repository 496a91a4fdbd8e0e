// The store's contract, and what only this adapter promises, against a real Elasticsearch.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Store } from '@varde/store'
import { storeContract } from '@varde/store/contract'
import { openElasticsearchStore } from '@varde/store/elasticsearch'
import { afterAll, beforeAll, describe } from 'vitest'
import { type Engine, engineMissing, startElasticsearch } from './engine.ts'
import { elasticsearchCases } from './store-elasticsearch-cases.ts'

const missing = engineMissing('elasticsearch')
/** One that runs already, while somebody works on the adapter. */
const running = process.env['VARDE_ELASTICSEARCH']

describe.skipIf(missing !== undefined)(`store${missing === undefined ? '' : ` (${missing})`}`, () => {
  let engine: Engine | undefined
  let address = running ?? ''
  let snapshots = process.env['VARDE_ELASTICSEARCH_SNAPSHOTS'] ?? ''
  beforeAll(async () => {
    if (running !== undefined) return
    // So short a queue that it turns writers away as a busy cluster does.
    engine = await startElasticsearch({
      heap: '768m',
      config: ['thread_pool.write.size: 1', 'thread_pool.write.queue_size: 3'],
    })
    snapshots = join(engine.folder, 'snapshots')
    address = engine.address
  })
  afterAll(async () => {
    await engine?.stop()
  })

  const settles = new WeakMap<Store, () => Promise<void>>()
  storeContract({
    name: 'elasticsearch',
    async open(dir) {
      const prefix = `t${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`
      const store = await openElasticsearchStore({ nodes: [address], prefix, replicas: 0 })
      settles.set(store, store.settle)
      return store
    },
    settle: async (store) => settles.get(store)?.(),
  })
  describe('elasticsearch', () => elasticsearchCases(() => ({ address, snapshots })))
})
