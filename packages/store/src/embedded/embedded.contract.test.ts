import { storeContract } from '../contract.ts'
import { connectEmbeddedStore, openEmbeddedStore } from './open.ts'

storeContract({ name: 'embedded', open: (dir) => openEmbeddedStore({ dir }) })

storeContract({
  name: 'embedded, sealed often, over a port',
  async open(dir) {
    const owner = await openEmbeddedStore({ dir, sealRows: 40 })
    return { ...connectEmbeddedStore(owner.connectionPort()), close: () => owner.close() }
  },
})
