import { storeContract } from '../contract.ts'
import type { Store } from '../port.ts'
import { connectEmbeddedStore, type EmbeddedStore, openEmbeddedStore } from './open.ts'

const opened = new WeakMap<Store, EmbeddedStore>()

storeContract({
  name: 'embedded',
  async open(dir) {
    const store = await openEmbeddedStore({ dir })
    opened.set(store, store)
    return store
  },
  settle: async (store) => opened.get(store)?.settle(),
})

storeContract({
  name: 'embedded, sealed often, over a port',
  async open(dir) {
    const owner = await openEmbeddedStore({ dir, sealRows: 40 })
    const store: Store = { ...connectEmbeddedStore(owner.connectionPort()), close: () => owner.close() }
    opened.set(store, owner)
    return store
  },
  settle: async (store) => opened.get(store)?.settle(),
})
