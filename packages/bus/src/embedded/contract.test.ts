// The embedded bus against the contract: in its own thread, and over a port as another thread has it.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { busContract } from '../contract.ts'
import { connectEmbeddedBus, openEmbeddedBus } from './open.ts'

async function place() {
  const dir = await mkdtemp(join(tmpdir(), 'varde-bus-'))
  return {
    open: () => openEmbeddedBus({ dir, segmentBytes: 4_096, retainEveryMs: 20 }),
    removeTopic: (name: string) => rm(join(dir, 'topics', name), { recursive: true }),
    remove: () => rm(dir, { recursive: true }),
  }
}

busContract({ name: 'embedded', create: place })

busContract({
  name: 'embedded, over a port',
  async create() {
    const own = await place()
    return {
      ...own,
      async open() {
        const bus = await own.open()
        const far = connectEmbeddedBus(bus.connectionPort())
        return {
          ...far,
          async close() {
            await far.close()
            await bus.close()
          },
        }
      },
    }
  },
})
