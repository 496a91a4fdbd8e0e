// The one file that names adapters: puts the rooms together into a node that runs on one machine.
import { randomBytes } from 'node:crypto'
import { statfsSync } from 'node:fs'
import { join } from 'node:path'
import { type Auth, createAuth } from '@varde/auth'
import type { EmbeddedBus } from '@varde/bus/embedded'
import { openEmbeddedBus } from '@varde/bus/embedded'
import { type Correlation, createCorrelation, openRuleBook, type RuleBook } from '@varde/detection'
import { type Collectors, createCollectors } from '@varde/ingest'
import { type Clock, type Config, createLogger, type Logger, systemClock } from '@varde/runtime'
import { type EmbeddedStore, openEmbeddedStore } from '@varde/store/embedded'
import { type Alerts, openAlerts } from '@varde/triage'
import { collectorConfig } from './collector-config.ts'
import type { DataFolder } from './data-folder.ts'
import { type IngestThread, startIngestThread } from './ingest-thread.ts'

export const stream = 'main'
/** One correlator is enough for one machine. */
export const hitsPartitions = 1
export const collectorName = 'embedded'
export const shippedRules = join(import.meta.dirname, '..', '..', '..', 'detections')

export interface Node {
  config: Config
  folder: DataFolder
  clock: Clock
  log: Logger
  bus: EmbeddedBus
  store: EmbeddedStore
  rules: RuleBook
  alerts: Alerts
  auth: Auth
  collectors: Collectors
  ingest: IngestThread
  correlation: Correlation
  /** Bearer token of commands on this machine; another at each start. */
  token: string
  diskFreeBytes(): number | undefined
  close(): Promise<void>
}

export interface Stores {
  bus: EmbeddedBus
  store: EmbeddedStore
  close(): Promise<void>
}

/** The two stores of a data folder alone: what verify looks at. */
export async function openStores(folder: DataFolder): Promise<Stores> {
  const bus = await openEmbeddedBus({ dir: folder.bus })
  const store = await openEmbeddedStore({ dir: folder.store }).catch(async (error: unknown) => {
    await bus.close()
    throw error
  })
  return {
    bus,
    store,
    async close() {
      await store.close()
      await bus.close()
    },
  }
}

/** Opens the stores of a data folder and everything between them; `listen` also opens the sockets for senders. */
export async function openNode(folder: DataFolder, config: Config, options: { listen: boolean }): Promise<Node> {
  const log = createLogger({ level: config.log.level })
  const clock = systemClock
  const closing: (() => Promise<void> | void)[] = []
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end()
  }
  try {
    const stores = await openStores(folder)
    closing.push(stores.close)
    const { bus, store } = stores
    const rules = await openRuleBook(config.rules ?? shippedRules, { follow: true })
    closing.push(() => rules.close())
    const alerts = await openAlerts({ documents: store.documents, clock })
    const auth = createAuth({ store, clock })
    const correlation = createCorrelation({
      bus,
      store,
      log,
      clock,
      ruleSet: rules.current(),
      hitsPartitions,
      rawPartitions: Array.from({ length: config.partitions }, (_, partition) => `${stream}.${partition}`),
      write: (found) => (found.change === 'retracted' ? alerts.retract(found.id) : alerts.raise(found.alert)),
    })
    await correlation.start()
    closing.push(() => correlation.stop())
    const ingest = await startIngestThread({
      bus,
      store,
      config,
      rules: rules.folder,
      stream,
      hitsPartitions,
      logLevel: config.log.level,
    })
    closing.push(() => ingest.stop())
    rules.onChange((ruleSet) => {
      correlation.setRules(ruleSet)
      void ingest
        .reloadRules()
        .catch((error: unknown) => log.error({ err: error }, 'rules: ingest could not read them again'))
    })
    const collectors = createCollectors({
      bus,
      log,
      clock,
      config: collectorConfig(config, { listen: options.listen, stream, collector: collectorName }),
    })
    await collectors.start()
    closing.push(() => collectors.stop())
    const token = randomBytes(24).toString('base64url')
    return {
      config,
      folder,
      clock,
      log,
      bus,
      store,
      rules,
      alerts,
      auth,
      collectors,
      ingest,
      correlation,
      token,
      diskFreeBytes: () => freeBytes(folder.root),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function freeBytes(path: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  } catch {
    return undefined
  }
}
