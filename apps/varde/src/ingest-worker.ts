// The ingest thread: parse, normalise, enrich, store, match, seal.
import { parentPort, workerData } from 'node:worker_threads'
import { connectEmbeddedBus } from '@varde/bus/embedded'
import { matcherOf, openRuleBook } from '@varde/detection'
import { createIngest, openGeo } from '@varde/ingest'
import { createLogger, expose } from '@varde/runtime'
import { connectEmbeddedStore } from '@varde/store/embedded'
import type { IngestCalls, IngestStart } from './ingest-thread.ts'
import { openClusterBus, openClusterStore } from './wiring.ts'

const start: IngestStart = workerData
const { config } = start
const log = createLogger({ level: start.logLevel, name: 'varde-ingest' })
// What lies in this process is reached through its thread; a cluster is reached from here.
const bus = start.bus === undefined ? await openClusterBus(config, log) : connectEmbeddedBus(start.bus)
const store = start.store === undefined ? await openClusterStore(config) : connectEmbeddedStore(start.store)
const rules = await openRuleBook(start.rules)
let matcher = matcherOf(rules.current())
const ingest = createIngest({
  bus,
  store,
  log,
  geo: await openGeo({
    ...(config.geoDatabase === undefined ? {} : { city: config.geoDatabase }),
    ...(config.asnDatabase === undefined ? {} : { asn: config.asnDatabase }),
  }),
  matcher: () => matcher,
  config: {
    stream: start.stream,
    partitions: config.partitions,
    hitsPartitions: start.hitsPartitions,
    enrich: {
      zones: Object.entries(config.zones).map(([network, zone]) => ({ name: zone, networks: [network] })),
    },
  },
})
await ingest.start()

const calls: IngestCalls = {
  health: async () => ingest.health(),
  drained: () => ingest.drained(),
  async reloadRules() {
    await rules.reload()
    matcher = matcherOf(rules.current())
    // The open seal is pinned to the rules before.
    ingest.cut()
  },
  async stop() {
    await ingest.stop()
    rules.close()
    if (start.bus === undefined) await bus.close()
    if (start.store === undefined) await store.close()
    // The answer to this very call must leave first.
    setImmediate(() => process.exit(0))
  },
}
expose(start.calls, calls)
parentPort?.postMessage(matcher.ruleSet)
