// Ingest in a thread of its own, so that parsing and hashing never hold up the page or the sockets.
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import type { Bus } from '@varde/bus'
import type { EmbeddedBus } from '@varde/bus/embedded'
import type { IngestHealth } from '@varde/ingest'
import { type Config, connect } from '@varde/runtime'
import type { Store } from '@varde/store'
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
  /** Of the thread that has the data folder; absent where the thread goes to the cluster by itself. */
  bus?: MessagePort
  store?: MessagePort
  config: Config
  /** Folder of rule files. */
  rules: string
  stream: string
  hitsPartitions: number
  logLevel: NonNullable<Config['log']['level']>
}

const healthMs = 1_000

/** `firstRuleSet`: the digest of the rule set that the thread began with. */
export async function startIngestThread(
  options: Omit<IngestStart, 'calls' | 'bus' | 'store'> & {
    bus: Bus | EmbeddedBus
    store: Store | EmbeddedStore
  },
): Promise<IngestThread & { firstRuleSet: string }> {
  const { port1, port2 } = new MessageChannel()
  const bus = 'connectionPort' in options.bus ? options.bus.connectionPort() : undefined
  const store = 'connectionPort' in options.store ? options.store.connectionPort() : undefined
  const { config, rules, stream, hitsPartitions, logLevel } = options
  const start: IngestStart = {
    calls: port2,
    ...(bus === undefined ? {} : { bus }),
    ...(store === undefined ? {} : { store }),
    config,
    rules,
    stream,
    hitsPartitions,
    logLevel,
  }
  const worker = new Worker(new URL('./ingest-worker.ts', import.meta.url), {
    workerData: start,
    transferList: [port2, bus, store].flatMap((port) => port ?? []),
  })
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  const firstRuleSet = await new Promise<string>((resolve, reject) => {
    worker.once('message', resolve)
    worker.once('error', reject)
    worker.once('exit', (code) => reject(new Error(`the ingest thread ended with ${code} before it was ready`)))
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
    firstRuleSet,
    async stop() {
      clearInterval(timer)
      await calls.stop()
      port1.close()
      await exited
    },
  }
}
