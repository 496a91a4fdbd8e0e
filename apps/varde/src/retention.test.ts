import { join } from 'node:path'
import { openEmbeddedBus } from '@varde/bus/embedded'
import { openEmbeddedStore } from '@varde/store/embedded'
import { retentionTests } from './retention-cases.ts'

retentionTests({
  bus: (dir) => openEmbeddedBus({ dir: join(dir, 'bus') }),
  store: (dir) => openEmbeddedStore({ dir: join(dir, 'store') }),
})
