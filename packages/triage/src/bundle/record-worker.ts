// A thread that makes groups of a bundle from the packed copies of their events.
import { type MessagePort, workerData } from 'node:worker_threads'
import { expose, transferring } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { eventsOf, type GroupOptions, type SealGroup, type WrittenGroup, writeGroup } from './record-pass.ts'

export interface RecordWorker {
  write(group: SealGroup, packed: (JsonObject | undefined)[]): Promise<WrittenGroup | undefined>
}

const { port, options }: { port: MessagePort; options: GroupOptions } = workerData

const worker: RecordWorker = {
  async write(group, packed) {
    const written = await writeGroup(group, eventsOf(group, packed), options)
    if (written === undefined) return undefined
    const buffers = Object.values(written.parts).flatMap(({ buffer }) =>
      buffer instanceof ArrayBuffer ? [buffer] : [],
    )
    return transferring(written, buffers)
  },
}
expose(port, worker)
