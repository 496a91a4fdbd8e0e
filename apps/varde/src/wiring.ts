// The one file that names adapters: puts the rooms together into a node, on one machine or as a part of a cluster.
import { randomBytes } from 'node:crypto'
import { statfsSync } from 'node:fs'
import { join } from 'node:path'
import { type Auth, createAuth } from '@varde/auth'
import type { Bus } from '@varde/bus'
import { type EmbeddedBus, openEmbeddedBus } from '@varde/bus/embedded'
import { examineKafka, type KafkaBus, openKafkaBus } from '@varde/bus/kafka'
import {
  type Correlation,
  createCorrelation,
  createReplays,
  createRuleVersions,
  openRuleBook,
  type Replays,
  type RuleBook,
  type RuleVersions,
} from '@varde/detection'
import { type Collectors, createCollectors, createTopicInputs, type TopicInputs } from '@varde/ingest'
import { createNotifier, type Notifier } from '@varde/notify'
import {
  type Clock,
  type Config,
  createLogger,
  type Logger,
  type NotifyConfig,
  type Role,
  systemClock,
} from '@varde/runtime'
import type { Store } from '@varde/store'
import {
  type ElasticsearchStore,
  examineElasticsearch,
  type Guard,
  leastRole,
  openElasticsearchStore,
} from '@varde/store/elasticsearch'
import { type EmbeddedStore, openEmbeddedStore } from '@varde/store/embedded'
import { type Alerts, type CaseDesk, openAlerts, sealAlerts } from '@varde/triage'
import { shareAlertNews } from './alert-news.ts'
import { openNodeCases } from './case-desk.ts'
import { collectorConfig, topicInputs } from './collector-config.ts'
import type { DataFolder } from './data-folder.ts'
import { elasticsearchSettings } from './elasticsearch-settings.ts'
import { startHouseWatch } from './house/house-watch.ts'
import { type IngestThread, startIngestThread } from './ingest-thread.ts'
import { kafkaSettings, nodeName } from './kafka-settings.ts'
import { ingestElsewhere, joinNodes, type NodeBeat } from './nodes.ts'
import { type Notary, openNotary } from './notary.ts'
import { channelsOf, routesOf } from './notify-settings.ts'
import { replayThread } from './replay-thread.ts'
import { type StoreKeeper, startStoreKeeper } from './store-keeper.ts'
import { version } from './version.ts'

export const stream = 'main'
export const shippedRules = join(import.meta.dirname, '..', '..', '..', 'detections')

export interface Node {
  config: Config
  folder: DataFolder
  clock: Clock
  log: Logger
  bus: NodeBus
  store: NodeStore
  rules: RuleBook
  ruleVersions: RuleVersions
  replays: Replays
  alerts: Alerts
  auth: Auth
  /** Keys, signed heads, sealed streams of documents, erasure. */
  notary: Notary
  desk: CaseDesk
  /** Not started where this process does not collect: nothing listens. */
  collectors: Collectors
  /** Of this process, or what the others tell. */
  ingest: IngestThread
  /** Not started where this process does not correlate. */
  correlation: Correlation
  /** Where the configuration names channels and this process notifies. */
  notifier: Notifier | undefined
  /** Topics that others write, where this process collects. */
  inputs: TopicInputs | undefined
  roles: Role[]
  /** The processes of the cluster, as last heard; none on one machine. */
  nodes(): NodeBeat[]
  /** Bearer token of commands on this machine; another at each start. */
  token: string
  diskFreeBytes(): number | undefined
  /** How near the cluster's store is to its bounds; on one machine the disk says it. */
  storeGuard(): Guard | undefined
  close(): Promise<void>
}

export type NodeBus = Bus | EmbeddedBus | KafkaBus
export type NodeStore = Store | EmbeddedStore | ElasticsearchStore

export interface Stores {
  bus: NodeBus
  store: NodeStore
  close(): Promise<void>
}

export const openClusterBus = (config: Config, log: Logger): Promise<KafkaBus> =>
  openKafkaBus({ ...kafkaSettings(config), log })

/** What is wrong with the connection, step by step, for `varde doctor`. */
export const examineBus = (config: Config) => examineKafka(kafkaSettings(config))

export const openClusterStore = (config: Config): Promise<ElasticsearchStore> =>
  openElasticsearchStore(elasticsearchSettings(config))

/** The least that a key for the cluster must be allowed. */
export const storeRole = leastRole

export const examineStore = (config: Config) => examineElasticsearch(elasticsearchSettings(config))

/** Bus and store alone, of a data folder or where the configuration has them: what verify looks at. */
export const openStores = (
  folder: DataFolder,
  config?: Config,
  log = createLogger({ level: 'error' }),
): Promise<Stores> =>
  openBoth(
    () => (config?.bus === 'kafka' ? openClusterBus(config, log) : openEmbeddedBus({ dir: folder.bus })),
    () => (config?.store === 'elasticsearch' ? openClusterStore(config) : openEmbeddedStore({ dir: folder.store })),
  )

async function openBoth(openBus: () => Promise<NodeBus>, openStore: () => Promise<NodeStore>): Promise<Stores> {
  const bus = await openBus()
  const store = await openStore().catch(async (error: unknown) => {
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

/** Opens bus and store and everything of this process's roles between them; `listen` also opens the sockets for senders. */
export async function openNode(folder: DataFolder, config: Config, options: { listen: boolean }): Promise<Node> {
  const log = createLogger({ level: config.log.level })
  const clock = systemClock
  const roles = new Set(config.roles)
  const name = nodeName(config)
  const closing: (() => unknown)[] = []
  const close = async () => {
    for (const end of closing.splice(0).reverse()) await end()
  }
  try {
    const stores = await openStores(folder, config, log)
    closing.push(stores.close)
    const { bus, store } = stores
    const rulesFolder = config.rules ?? shippedRules
    const hitsPartitions = config.hitsPartitions ?? (config.store === 'elasticsearch' ? config.partitions : 1)
    // Its thread reads the rules on the other core while this one does.
    const startingIngest = roles.has('ingest')
      ? startIngestThread({
          bus,
          store,
          config,
          rules: rulesFolder,
          stream,
          hitsPartitions,
          logLevel: config.log.level,
        })
      : undefined
    startingIngest?.catch(() => undefined)
    closing.push(async () => (await startingIngest?.catch(() => undefined))?.stop())
    // Its first page comes from the store's thread while this one reads the rules.
    const openingAlerts = openAlerts({ documents: store.documents, clock })
    openingAlerts.catch(() => undefined)
    const rules = await openRuleBook(rulesFolder, { follow: true })
    closing.push(() => rules.close())
    const alerts = await openingAlerts
    const shared = config.store === 'elasticsearch'
    if (shared && (roles.has('api') || roles.has('correlate') || roles.has('notify'))) {
      const news = await shareAlertNews({ bus, alerts, node: name, log })
      closing.push(() => news.stop())
    }
    let keeper: StoreKeeper | undefined
    if ('forgetSenders' in store && config.elasticsearch !== undefined) {
      keeper = startStoreKeeper({ store, settings: config.elasticsearch, clock, log })
      closing.push(() => keeper?.stop())
    }
    const heldBy = (ids: readonly string[]) => desk.holds.heldBy(ids)
    const holder = shared ? { holder: `${name}.${process.pid}` } : {}
    const notary = openNotary({ config, folder, store, clock, log, heldBy, ...holder })
    if (config.heads.sign && roles.has('api') && options.listen) {
      await notary.heads.start()
      closing.push(() => notary.heads.stop())
    }
    const alertEntries = sealAlerts({ alerts, streams: notary.streams, log })
    closing.push(() => alertEntries.stop())
    const auth = createAuth({ store, clock })
    const thread = 'connectionPort' in store ? replayThread(store) : undefined
    const replays = createReplays({
      store,
      clock,
      raise: (alert) => alerts.raise(alert),
      ...(thread && { run: thread.run }),
    })
    const ruleVersions = createRuleVersions({ store, clock })
    const noteVersions = () =>
      ruleVersions
        .note(rules.all())
        .then(() => undefined)
        .catch((error: unknown) => log.warn({ err: error }, 'rules: their versions could not be noted'))
    let versionsNoted = noteVersions()
    closing.push(() => replays.close())
    closing.push(() => versionsNoted)
    const desk = openNodeCases({ config, folder, store, alerts, clock, notary, rules, ruleVersions })
    closing.push(() => desk.close())
    if (options.listen && roles.has('api') && Object.keys(config.keepDays).length > 0) {
      notary.expiry.start()
      closing.push(() => notary.expiry.stop())
    }
    const correlation = createCorrelation({
      bus,
      store,
      log,
      clock,
      ruleSet: rules.current(),
      hitsPartitions,
      rawPartitions: Array.from({ length: config.partitions }, (_, partition) => `${stream}.${partition}`),
      write: (found) => (found.change === 'retracted' ? alerts.retract(found.id) : alerts.raise(found.alert)),
      ...(thread && { past: thread.past }),
    })
    if (roles.has('correlate')) {
      await correlation.start()
      closing.push(() => correlation.stop())
    }
    let ingestHere: IngestThread | undefined
    const nodes = shared
      ? await joinNodes({
          documents: store.documents,
          clock,
          log,
          me: { name: `${name}.${process.pid}`, roles: config.roles, version },
          ingest: () => ingestHere?.lastHealth(),
        })
      : undefined
    if (nodes !== undefined) closing.push(() => nodes.stop())
    const beats = () => nodes?.all() ?? []
    const ingestThread = await startingIngest
    // A rule that changed between the two readings.
    if (ingestThread !== undefined && ingestThread.firstRuleSet !== rules.current().digest)
      await ingestThread.reloadRules()
    ingestHere = ingestThread
    const ingest =
      ingestHere ??
      ingestElsewhere({ bus, documents: store.documents, stream, partitions: config.partitions, nodes: beats })
    if (ingest !== ingestHere) closing.push(() => ingest.stop())
    rules.onChange((ruleSet) => {
      versionsNoted = versionsNoted.then(noteVersions)
      correlation.setRules(ruleSet)
      void ingest
        .reloadRules()
        .catch((error: unknown) => log.error({ err: error }, 'rules: ingest could not read them again'))
    })
    const collectors = createCollectors({
      bus,
      log,
      clock,
      config: collectorConfig(config, {
        listen: options.listen && roles.has('collect'),
        stream,
        collector: name,
      }),
    })
    let inputs: TopicInputs | undefined
    // A process with the page takes in what is imported or posted through it, so it has a heartbeat too.
    if (roles.has('collect') || (roles.has('api') && options.listen)) {
      await collectors.start()
      closing.push(() => collectors.stop())
    }
    if (roles.has('collect') && options.listen && (config.kafka?.inputs.length ?? 0) > 0) {
      inputs = await startTopicInputs(config, collectors, name, log, closing)
    }
    const notifier =
      config.notify !== undefined && roles.has('notify')
        ? tellPeople(config.notify, { store, alerts, clock, log })
        : undefined
    await notifier?.start()
    closing.push(() => notifier?.stop())
    if (roles.has('api') && options.listen) {
      const house = startHouseWatch({
        documents: store.documents,
        alerts,
        breach: desk.breach,
        rules,
        notifier,
        append: (records) => collectors.append(records),
        collector: name,
        canaryMs: config.house.canary,
        clock,
        log,
      })
      closing.push(() => house.stop())
    }
    const token = randomBytes(24).toString('base64url')
    return {
      config,
      folder,
      clock,
      log,
      bus,
      store,
      rules,
      ruleVersions,
      replays,
      alerts,
      auth,
      notary,
      desk,
      collectors,
      ingest,
      correlation,
      notifier,
      inputs,
      roles: config.roles,
      nodes: beats,
      token,
      diskFreeBytes: () => freeBytes(folder.root),
      storeGuard: () => keeper?.guard(),
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

function tellPeople(
  config: NotifyConfig,
  { store, alerts, clock, log }: { store: Store; alerts: Alerts; clock: Clock; log: Logger },
): Notifier {
  return createNotifier({
    documents: store.documents,
    alerts: { all: () => alerts.all({ tenants: 'all' }), onChange: (listener) => alerts.onChange(() => listener()) },
    channels: channelsOf(config, clock),
    routes: routesOf(config),
    context: { zone: config.zone, ...(config.page === undefined ? {} : { page: config.page.replace(/\/$/, '') }) },
    clock,
    log,
  })
}

/** Topics of others may be read from an embedded Varde too. */
async function startTopicInputs(
  config: Config,
  collectors: Collectors,
  collector: string,
  log: Logger,
  closing: (() => unknown)[],
): Promise<TopicInputs> {
  const settings = kafkaSettings(config)
  const bus = await openKafkaBus({ ...settings, prefix: '', log })
  closing.push(() => bus.close())
  const inputs = createTopicInputs({
    bus,
    log,
    collector,
    inputs: topicInputs(config),
    group: `${settings.prefix}input`,
    append: (records) => collectors.append(records),
  })
  await inputs.start()
  closing.push(() => inputs.stop())
  return inputs
}

function freeBytes(path: string): number | undefined {
  try {
    const { bavail, bsize } = statfsSync(path)
    return bavail * bsize
  } catch {
    return undefined
  }
}
