// The store's contract, and what only this adapter promises, against a real Elasticsearch.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
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

  storeContract({
    name: 'elasticsearch',
    open: (dir) => {
      const prefix = `t${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`
      return openElasticsearchStore({ nodes: [address], prefix, replicas: 0 })
    },
  })
  describe('elasticsearch', () => elasticsearchCases(() => ({ address, snapshots })))
})
