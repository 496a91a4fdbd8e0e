// Opens the embedded store in a thread of its own.
import { totalmem } from 'node:os'
import { relative } from 'node:path'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { connect, isVardeError, transferring } from '@varde/runtime'
import { collections } from '../collections.ts'
import type { Collection, Store, StoreFinding } from '../port.ts'
import { createClient } from './client.ts'
import type { Core, CoreOptions } from './core.ts'
import type { Control } from './worker.ts'

export interface EmbeddedStoreOptions {
  /** The data folder of this store alone; made where it is missing. */
  dir: string
  /** What DuckDB may use. A quarter of the machine's memory, at most 1 GiB, unless told. */
  memoryLimitBytes?: number
  /** Of DuckDB. 2 unless told. */
  threads?: number
  /** Collections of documents; those of this package unless told. */
  collections?: Collection[]
  /** Events of a segment: sealed when it has so many. */
  sealRows?: number
  sealBytes?: number
}

export interface EmbeddedStore extends Store {
  /** A way to this store for another thread: send the port there, and call `connectEmbeddedStore` on it. */
  connectionPort(): MessagePort
}

/** 250k events replay from the log in about a second (6.4 µs an event in DuckDB). */
const sealRows = 250_000
const sealBytes = 512 * 1024 * 1024

/**
 * Starts the store's thread on the folder and makes good what a crash left half. Throws STORE_LOCKED where another process has
 * the folder, STORE_NEWER_FORMAT and STORE_DAMAGED.
 */
export async function openEmbeddedStore(options: EmbeddedStoreOptions): Promise<EmbeddedStore> {
  const coreOptions: CoreOptions = {
    dir: options.dir,
    memoryLimitBytes: options.memoryLimitBytes ?? Math.min(totalmem() / 4, 1024 ** 3),
    threads: options.threads ?? 2,
    collections: options.collections ?? Object.values(collections),
    sealRows: options.sealRows ?? sealRows,
    sealBytes: options.sealBytes ?? sealBytes,
  }
  const control = new MessageChannel()
  const worker = new Worker(new URL('./worker.ts', import.meta.url), {
    name: 'store',
    workerData: { port: control.port1, options: coreOptions },
    transferList: [control.port1],
  })
  const thread = connect<Control>(control.port2)
  const failed = new Promise<never>((_resolve, reject) => worker.once('error', reject))
  failed.catch(() => {})
  try {
    await Promise.race([thread.open(), failed])
  } catch (error) {
    await worker.terminate()
    throw error
  }
  const connectionPort = () => {
    const { port1, port2 } = new MessageChannel()
    void thread.serve(transferring({ port: port1 }, [port1])).catch(() => port1.close())
    return port2
  }
  const port = connectionPort()
  const core = connect<Core>(port)
  let closing: Promise<void> | undefined
  const close = () => {
    closing ??= (async () => {
      await core.close()
      port.close()
      await worker.terminate()
    })()
    return closing
  }
  return { ...createClient(core, close), connectionPort }
}

/** The store behind a port of another thread. Closing it closes the connection, not the store. */
export function connectEmbeddedStore(port: MessagePort): Store {
  return createClient(connect<Core>(port), async () => port.close())
}

/** Opens the store of a folder, checks every file, and closes it: also where it is too damaged to open. */
export async function checkEmbeddedStore(dir: string): Promise<StoreFinding[]> {
  try {
    const store = await openEmbeddedStore({ dir })
    try {
      return await store.check()
    } finally {
      await store.close()
    }
  } catch (error) {
    if (!isVardeError(error, 'STORE_DAMAGED')) throw error
    const file = relative(dir, String(error.facts['path'] ?? ''))
    const at = error.facts['at'] === undefined ? {} : { at: `byte ${error.facts['at']}` }
    return [{ file, ...at, problem: error.message, rebuilt: false }]
  }
}
