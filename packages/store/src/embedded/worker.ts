// The store's thread: owns DuckDB, the log and the documents, and serves them over ports.
import { type MessagePort, workerData } from 'node:worker_threads'
import { expose } from '@varde/runtime'
import { type Core, type CoreOptions, openCore } from './core.ts'

/** What the thread that started this one asks of it. */
export interface Control {
  open(): Promise<void>
  /** Serves the opened store on one more port. */
  serve(given: { port: MessagePort }): Promise<void>
}

const { port, options }: { port: MessagePort; options: CoreOptions } = workerData
let opening: Promise<Core> | undefined

const control: Control = {
  async open() {
    opening ??= openCore(options)
    await opening
  },
  async serve(given) {
    if (opening !== undefined) expose(given.port, await opening)
  },
}
expose(port, control)
