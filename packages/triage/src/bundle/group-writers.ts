// Who makes the groups of a bundle: this thread where they are few, and threads of their own where they are many.
import { availableParallelism } from 'node:os'
import { MessageChannel, Worker } from 'node:worker_threads'
import { connect } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { eventsOf, type GroupOptions, type SealGroup, type WrittenGroup, writeGroup } from './record-pass.ts'
import type { RecordWorker } from './record-worker.ts'

export interface GroupWriters {
  /** So many may be under way. */
  atOnce: number
  write(group: SealGroup, packed: (JsonObject | undefined)[]): Promise<WrittenGroup | undefined>
  close(): Promise<void>
}

/** Below, threads would take longer to start than they save. */
const threadEventsMin = 20_000
const threadsMax = 4
/** Rows of a group live for its time: with the usual nursery of 16 MiB they would all be copied. */
const nurseryMiB = 64

export async function openGroupWriters(events: number, options: GroupOptions): Promise<GroupWriters> {
  if (events < threadEventsMin)
    return {
      atOnce: 1,
      write: (group, packed) => writeGroup(group, eventsOf(group, packed), options),
      close: async () => {},
    }
  const threads = Array.from({ length: Math.min(threadsMax, availableParallelism()) }, () => startThread(options))
  let next = 0
  return {
    // One waits at each thread, so that none is idle while this one fetches and appends.
    atOnce: 2 * threads.length,
    async write(group, packed) {
      const thread = threads[next++ % threads.length]
      if (thread === undefined) throw new RangeError('there is at least one thread')
      return Promise.race([thread.api.write(group, packed), thread.failed])
    },
    async close() {
      await Promise.all(threads.map(({ stop }) => stop()))
    },
  }
}

function startThread(options: GroupOptions) {
  const { port1, port2 } = new MessageChannel()
  const worker = new Worker(new URL('./record-worker.ts', import.meta.url), {
    name: 'bundle',
    workerData: { port: port1, options },
    transferList: [port1],
    resourceLimits: { maxYoungGenerationSizeMb: nurseryMiB },
  })
  const failed = new Promise<never>((_resolve, reject) => worker.once('error', reject))
  failed.catch(() => {})
  return {
    api: connect<RecordWorker>(port2),
    failed,
    async stop() {
      port2.close()
      await worker.terminate()
    },
  }
}
