// What leaves by its age, over a real Elasticsearch.
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { openEmbeddedBus } from '@varde/bus/embedded'
import { openElasticsearchStore } from '@varde/store/elasticsearch'
import { beforeAll, describe } from 'vitest'
import { retentionTests } from '../../apps/varde/src/retention-cases.ts'
import { engineMissing, sharedElasticsearch } from './engine.ts'

const missing = engineMissing('elasticsearch')

describe.skipIf(missing !== undefined)(`retention${missing === undefined ? '' : ` (${missing})`}`, () => {
  let address = ''
  beforeAll(async () => {
    address = (await sharedElasticsearch()).address
  })
  retentionTests({
    bus: (dir) => openEmbeddedBus({ dir: join(dir, 'bus') }),
    store(dir) {
      const prefix = `r${createHash('sha256').update(dir).digest('hex').slice(0, 12)}`
      return openElasticsearchStore({ nodes: [address], prefix, replicas: 0 })
    },
  })
})
