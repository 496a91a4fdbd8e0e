// Ingest in a thread of its own, so that parsing and hashing never hold up the page or the sockets.
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import type { EmbeddedBus } from '@varde/bus/embedded'
import type { IngestHealth } from '@varde/ingest'
import { type Config, connect, type Logger } from '@varde/runtime'
import type { EmbeddedStore } from '@varde/store/embedded'

/** What the thread offers. */
export interface IngestCalls {
  health(): Promise<IngestHealth>
  drained(): Promise<void>
  reloadRules(): Promise<void>
  stop(): Promise<void>
}

export interface IngestThread extends IngestCalls {
  /** As last heard, at most a second old. */
  lastHealth(): IngestHealth | undefined
}

export interface IngestStart {
  calls: MessagePort
  bus: MessagePort
  store: MessagePort
  config: Config
  /** Folder of rule files. */
  rules: string
  stream: string
  hitsPartitions: number
  logLevel: NonNullable<Config['log']['level']>
}

const healthMs = 1_000

export async function startIngestThread(
  options: Omit<IngestStart, 'calls' | 'bus' | 'store'> & { bus: EmbeddedBus; store: EmbeddedStore; log?: Logger },
): Promise<IngestThread> {
  const { port1, port2 } = new MessageChannel()
  const [bus, store] = [options.bus.connectionPort(), options.store.connectionPort()]
  const { config, rules, stream, hitsPartitions, logLevel } = options
  const start: IngestStart = { calls: port2, bus, store, config, rules, stream, hitsPartitions, logLevel }
  const worker = new Worker(new URL('./ingest-worker.ts', import.meta.url), {
    workerData: start,
    transferList: [port2, bus, store],
  })
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
  })
  const calls = connect<IngestCalls>(port1)
  let last: IngestHealth | undefined
  const hear = () =>
    calls.health().then(
      (health) => {
        last = health
      },
      () => undefined,
    )
  await hear()
  const timer = setInterval(() => void hear(), healthMs)
  return {
    health: () => calls.health(),
    drained: () => calls.drained(),
    reloadRules: () => calls.reloadRules(),
    lastHealth: () => last,
    async stop() {
      clearInterval(timer)
      await calls.stop()
      port1.close()
      await exited
    },
  }
}
