// The store's contract, and what only this adapter promises, against a real Elasticsearch.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import type { Store } from '@varde/store'
import { storeContract } from '@varde/store/contract'
import { openElasticsearchStore } from '@varde/store/elasticsearch'
import { beforeAll, describe } from 'vitest'
import { engineMissing, sharedElasticsearch } from './engine.ts'
import { elasticsearchCases } from './store-elasticsearch-cases.ts'

const missing = engineMissing('elasticsearch')

describe.skipIf(missing !== undefined)(`store${missing === undefined ? '' : ` (${missing})`}`, () => {
  let [address, snapshots] = ['', '']
  beforeAll(async () => {
    const engine = await sharedElasticsearch()
    address = engine.address
    snapshots = join(engine.folder, 'snapshots')
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
