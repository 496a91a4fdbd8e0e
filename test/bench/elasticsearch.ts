// Into Elasticsearch through the store's port, beside a bare bulk loader with the same documents in the same run; and what a document costs on disk.
import { cpus } from 'node:os'
import type { StoredEvent } from '@varde/schema'
import { openElasticsearchStore } from '@varde/store/elasticsearch'
import { eventDocument } from '../../packages/store/src/elasticsearch/event-document.ts'
import { namesOf } from '../../packages/store/src/elasticsearch/names.ts'
import { startElasticsearch } from '../engines/engine.ts'
import { random, syntheticEvent } from './store.ts'

export interface ElasticsearchBenchOptions {
  /** Events of one round. */
  events: number
  rounds?: number
  /** A running one; started and stopped otherwise. */
  address?: string
}

type Mode = 'standard' | 'logsdb' | 'best_compression'

const parallel = 3
const requestLength = 2 * 1024 * 1024
const arrival = Date.UTC(2026, 10, 1, 12)

export async function benchElasticsearch(options: ElasticsearchBenchOptions) {
  const engine = options.address === undefined ? await startElasticsearch({ heap: '1g', steady: true }) : undefined
  const address = options.address ?? engine?.address ?? ''
  try {
    return await measure(address, options.events, options.rounds ?? 5)
  } finally {
    await engine?.stop()
  }
}

async function measure(address: string, count: number, rounds: number) {
  const events = eventsOf(count)
  const rates = {
    loader: [] as number[],
    loaderOwnIdless: [] as number[],
    store: [] as number[],
    logsdb: [] as number[],
    best_compression: [] as number[],
  }
  const cpu = { loader: [] as number[], store: [] as number[] }
  const clusterCpu = {
    loader: [] as number[],
    store: [] as number[],
    logsdb: [] as number[],
    best_compression: [] as number[],
  }
  const bytes: Partial<Record<Mode, number>> = {}
  let documentBytes = 0
  let round = 0
  const run = async (kind: 'loader' | 'loaderOwnIdless' | 'store', mode: Mode) => {
    round += 1
    const prefix = `bench${process.pid}r${round}`
    const one = await runOnce(address, prefix, events, kind, mode)
    documentBytes = one.documentBytes || documentBytes
    return one
  }
  // The first of each pays for compiled code on both sides.
  for (const kind of ['loader', 'store'] as const) await run(kind, 'standard')
  for (let at = 0; at < rounds; at += 1) {
    // By turns, so that a noisy neighbour meets both.
    for (const kind of at % 2 === 0 ? (['loader', 'store'] as const) : (['store', 'loader'] as const)) {
      const one = await run(kind, 'standard')
      rates[kind].push(one.eventsPerSecond)
      cpu[kind].push(one.cpuMicroseconds)
      clusterCpu[kind].push(one.clusterMicroseconds)
      bytes.standard = one.bytesPerEvent
    }
  }
  for (let at = 0; at < rounds; at += 1) {
    rates.loaderOwnIdless.push((await run('loaderOwnIdless', 'standard')).eventsPerSecond)
    for (const mode of ['logsdb', 'best_compression'] as const) {
      const one = await run('store', mode)
      bytes[mode] = one.bytesPerEvent
      rates[mode].push(one.eventsPerSecond)
      clusterCpu[mode].push(one.clusterMicroseconds)
    }
  }
  const middle = (values: number[]) => Math.round(values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0)
  return {
    cores: cpus().length,
    events: count,
    rounds,
    documentBytes,
    loaderEventsPerSecond: middle(rates.loader),
    storeEventsPerSecond: middle(rates.store),
    storeOfLoader: Math.round((middle(rates.store) / middle(rates.loader)) * 1_000) / 1_000,
    loaderWithoutOwnIds: middle(rates.loaderOwnIdless),
    logsdbEventsPerSecond: middle(rates.logsdb),
    bestCompressionEventsPerSecond: middle(rates.best_compression),
    storeCpuMicroseconds: middle(cpu.store),
    loaderCpuMicroseconds: middle(cpu.loader),
    clusterCpuMicroseconds: middle(clusterCpu.store),
    clusterCpuMicrosecondsOfLoader: middle(clusterCpu.loader),
    clusterCpuMicrosecondsLogsdb: middle(clusterCpu.logsdb),
    clusterCpuMicrosecondsBestCompression: middle(clusterCpu.best_compression),
    bytesPerEventStandard: Math.round(bytes.standard ?? 0),
    bytesPerEventLogsdb: Math.round(bytes.logsdb ?? 0),
    bytesPerEventBestCompression: Math.round(bytes.best_compression ?? 0),
  }
}

async function runOnce(
  address: string,
  prefix: string,
  events: StoredEvent[],
  kind: 'loader' | 'loaderOwnIdless' | 'store',
  mode: Mode,
) {
  const store = await openElasticsearchStore({
    nodes: [address],
    prefix,
    replicas: 0,
    ...(mode === 'logsdb' ? { mode } : {}),
    codec: mode === 'best_compression' ? mode : 'default',
    bulk: { parallel, requestLengthMax: requestLength },
  })
  try {
    // The index of the day, so that nobody pays for its making.
    const [first] = eventsOf(1, 10_000_000)
    if (first !== undefined) await store.events.create([first])
    const bodies = kind === 'store' ? [] : bodiesOf(prefix, events, kind === 'loader')
    const clusterBefore = await clusterCpuMs(address)
    const cpuBefore = process.cpuUsage()
    const begun = performance.now()
    if (kind === 'store') await throughStore(store, events)
    else await throughLoader(address, bodies)
    const seconds = (performance.now() - begun) / 1_000
    const { user, system } = process.cpuUsage(cpuBefore)
    await store.settle()
    const clusterMicroseconds = ((await clusterCpuMs(address)) - clusterBefore) * 1_000
    await fetch(`${address}/${prefix}-events.*/_forcemerge?max_num_segments=1`, { method: 'POST' })
    const { events: stored, bytes } = await store.events.stats()
    if (stored !== events.length + 1) throw new Error(`${kind}: ${stored} of ${events.length + 1} events are there`)
    return {
      eventsPerSecond: events.length / seconds,
      cpuMicroseconds: (user + system) / events.length,
      clusterMicroseconds: clusterMicroseconds / events.length,
      bytesPerEvent: bytes / stored,
      documentBytes: Math.round(bodies.reduce((sum, body) => sum + body.length, 0) / events.length),
    }
  } finally {
    await store.close()
    await fetch(`${address}/${prefix}-events.default.house.20261101,${prefix}-senders`, { method: 'DELETE' })
  }
}

/** Of the whole JVM: indexing, refreshes, merges and collections. */
async function clusterCpuMs(address: string): Promise<number> {
  const response = await fetch(`${address}/_nodes/stats/process?filter_path=nodes.*.process.cpu.total_in_millis`)
  const { nodes }: { nodes: Record<string, { process: { cpu: { total_in_millis: number } } }> } = JSON.parse(
    await response.text(),
  )
  return Object.values(nodes).reduce((sum, node) => sum + node.process.cpu.total_in_millis, 0)
}

async function throughStore(
  store: Awaited<ReturnType<typeof openElasticsearchStore>>,
  events: StoredEvent[],
): Promise<void> {
  // As ingest does: four partitions, each with a batch on its way.
  const batch = 2_000
  const running = new Set<Promise<unknown>>()
  for (let from = 0; from < events.length; from += batch) {
    const work = store.events.create(events.slice(from, from + batch)).finally(() => running.delete(work))
    running.add(work)
    if (running.size >= 4) await Promise.race(running)
  }
  await Promise.all(running)
}

/** Made before the clock starts: a loader that costs nothing itself. */
function bodiesOf(prefix: string, events: StoredEvent[], ownIds: boolean): string[] {
  const names = namesOf(prefix)
  const bodies: string[] = []
  let body = ''
  for (const event of events) {
    const document = eventDocument(event, names)
    if (!document.ok) throw new Error(document.reason)
    const id = ownIds ? `,"_id":"${document.id}"` : ''
    body += `{"create":{"_index":"${document.index}"${id}}}\n${document.body}\n`
    if (body.length > requestLength) {
      bodies.push(body)
      body = ''
    }
  }
  if (body !== '') bodies.push(body)
  return bodies
}

async function throughLoader(address: string, bodies: readonly string[]): Promise<void> {
  let next = 0
  const worker = async () => {
    for (;;) {
      const body = bodies[next]
      next += 1
      if (body === undefined) return
      const response = await fetch(`${address}/_bulk?filter_path=errors`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-ndjson' },
        body,
      })
      if ((await response.text()).includes('true')) throw new Error('the loader met errors')
    }
  }
  await Promise.all(Array.from({ length: parallel }, worker))
}

/** The reference mix of the store's bench, all of one day and one tenant. */
function eventsOf(count: number, from = 0): StoredEvent[] {
  const next = random(7 + from)
  return Array.from({ length: count }, (_, at) => ({
    ...syntheticEvent(from + at, from + count, next),
    tenant: 'house',
    arrival,
  }))
}

if (import.meta.main) {
  const [, , events = '20000', rounds = '3', address] = process.argv
  const figures = await benchElasticsearch({
    events: Number(events),
    rounds: Number(rounds),
    ...(address === undefined ? {} : { address }),
  })
  process.stdout.write(`${JSON.stringify(figures, undefined, 2)}\n`)
}
