import { join } from 'node:path'
import { openEmbeddedStore } from '@varde/store/embedded'
import { retentionTests } from './retention-cases.ts'

retentionTests((dir) => openEmbeddedStore({ dir: join(dir, 'store') }))
