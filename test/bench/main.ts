// npm run bench [-- NAME…] [--events N] [--rate N] [--data DIR]: the measurements of DESIGN §7 in one run, as a readable table and as JSON.
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { benchCases } from './cases.ts'
import { benchCluster } from './cluster.ts'
import { benchDesk } from './desk.ts'
import { benchDetection } from './detection.ts'
import { benchDetectionScale } from './detection-scale.ts'
import { benchElasticsearch } from './elasticsearch.ts'
import { benchEvidence } from './evidence.ts'
import { benchIngest } from './ingest.ts'
import { benchKafka } from './kafka.ts'
import { benchLatency } from './latency.ts'
import { benchParsers } from './parsers.ts'
import { benchReplay } from './replay.ts'
import { benchStore } from './store.ts'
import { benchWindowKeys } from './window-keys.ts'

const eventsDefault = 1_000_000
const {
  values: { events: asked, rate, data, help },
  positionals: named,
} = parseArgs({
  allowPositionals: true,
  options: {
    events: { type: 'string' },
    rate: { type: 'string' },
    data: { type: 'string' },
    help: { type: 'boolean' },
  },
})
const events = Number(asked ?? eventsDefault)

const benches: Record<string, () => unknown> = {
  parsers: () => benchParsers(),
  detection: benchDetection,
  scale: benchDetectionScale,
  windows: () => benchWindowKeys(),
  replay: () => benchReplay({ events }),
  store: () => benchStore({ events, ...(data === undefined ? {} : { dir: join(data, 'store') }) }),
  evidence: () => benchEvidence({ events: Math.min(events, 100_000) }),
  cases: () => benchCases({ events: Number(asked ?? 100_000) }),
  kafka: () => benchKafka({ records: Math.min(events, 300_000) }),
  elasticsearch: () => benchElasticsearch({ events: Math.min(events, 20_000) }),
  cluster: () => benchCluster({ records: Math.min(events, 20_000) }),
  desk: () => benchDesk({ events, ...(data === undefined ? {} : { data: join(data, 'desk') }) }),
  ingest: () => benchIngest({ records: Math.min(events, 200_000) }),
  latency: () => benchLatency({ perSecond: Number(rate ?? 10_000) }),
}

const unknown = named.filter((name) => benches[name] === undefined)
if (help === true || unknown.length > 0 || !(events > 0)) {
  console.error(
    `npm run bench -- [NAME…] [--events N] [--rate events a second, for latency] [--data folder of store and desk, kept for the next run]; names: ${Object.keys(benches).join(', ')}`,
  )
  process.exit(help === true ? 0 : 1)
}

const results: Record<string, unknown> = {}
for (const [name, run] of Object.entries(benches)) {
  if (named.length > 0 && !named.includes(name)) continue
  console.log(`\n── ${name}`)
  const figures = await run()
  results[name] = figures
  console.table(figures)
}
const folder = join(import.meta.dirname, '..', 'results')
mkdirSync(folder, { recursive: true })
writeFileSync(join(folder, 'bench.json'), `${JSON.stringify(results, null, 2)}\n`)
