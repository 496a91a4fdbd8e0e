// Raw lines to sealed, stored, matched events in embedded mode, three threads as in the product, beside the floors of the same run.
import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import { openEmbeddedBus } from '@varde/bus/embedded'
import { createCollectors, type Incoming, type IngestHealth, type Origin } from '@varde/ingest'
import { connect, createLogger } from '@varde/runtime'
import { type EmbeddedStore, openEmbeddedStore } from '@varde/store/embedded'
import { sampleWeek } from '../../apps/varde/src/sample/week.ts'
import type { Figure } from './figure.ts'

export interface IngestBenchStart {
  calls: MessagePort
  bus: MessagePort
  store: MessagePort
  rulesFolder: string
  rules: number
  partitions: number
}

export interface IngestBenchCalls {
  health(): Promise<IngestHealth>
  /** CPU time of the thread so far, microseconds. */
  cpu(): Promise<number>
  drained(): Promise<void>
  stop(): Promise<void>
}

const day = 86_400_000
const partitions = 4

/** The repo's seeded week, with another seed a week, until there are enough lines. */
export function linesOf(count: number): Incoming[] {
  const origins = new Map<string, Origin>()
  const records: Incoming[] = []
  for (let seed = 1; records.length < count; seed += 1) {
    for (const { source, dataset, line } of sampleWeek({ seed, end: Date.UTC(2026, 5, 1) + seed * 7 * day })) {
      let origin = origins.get(source)
      if (origin === undefined) {
        origin = {
          tenant: 'house',
          source,
          dataset,
          retention: 'standard',
          collector: 'bench',
          transport: 'tcp',
          latenessMs: 300_000,
        }
        origins.set(source, origin)
      }
      records.push({ origin, raw: Buffer.from(line) })
    }
  }
  return records.slice(0, count)
}

function perSecond(count: number, work: () => void): number {
  const started = performance.now()
  work()
  return (count / (performance.now() - started)) * 1_000
}

/** What nothing that keeps logs can be faster than, one thread each. */
async function floors(records: readonly Incoming[], folder: string): Promise<Figure[]> {
  const some = records.slice(0, 20_000)
  const texts = some.map(({ raw }) =>
    JSON.stringify({ message: Buffer.from(raw).toString(), event: { kind: 'event' } }),
  )
  const parse = perSecond(some.length, () => {
    for (const text of texts) JSON.parse(text)
  })
  const sha = perSecond(some.length, () => {
    for (const { raw } of some) createHash('sha256').update(raw).digest()
  })
  const file = await open(join(folder, 'floor'), 'w')
  const started = performance.now()
  for (let at = 0; at < some.length; at += 2_000) {
    await file.write(Buffer.concat(some.slice(at, at + 2_000).map(({ raw }) => raw)))
    await file.datasync()
  }
  const append = (some.length / (performance.now() - started)) * 1_000
  await file.close()
  return [
    { name: 'floor: JSON.parse of the line as a document', value: Math.round(parse), unit: 'ev/s' },
    { name: 'floor: SHA-256 of the line', value: Math.round(sha), unit: 'ev/s' },
    { name: 'floor: append and fsync, 2,000 lines at once', value: Math.round(append), unit: 'ev/s' },
  ]
}

function bytesBelow(folder: string): number {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).reduce(
    (sum, entry) => (entry.isFile() ? sum + statSync(join(entry.parentPath, entry.name)).size : sum),
    0,
  )
}

export interface Pipeline {
  store: EmbeddedStore
  calls: IngestBenchCalls
  append(records: readonly Incoming[]): Promise<void>
  /** Drains, stops the thread, and leaves the folder as a stopped program does, with every log a segment. */
  close(): Promise<void>
}

/** Collectors, bus, store, and ingest in its thread, as in the product. `rules`: the repo's own, filled up to so many. */
export async function openPipeline(folder: string, rules: number): Promise<Pipeline> {
  const bus = await openEmbeddedBus({ dir: join(folder, 'bus') })
  const store = await openEmbeddedStore({ dir: join(folder, 'store') })
  const { port1, port2 } = new MessageChannel()
  const [busPort, storePort] = [bus.connectionPort(), store.connectionPort()]
  const start: IngestBenchStart = {
    calls: port2,
    bus: busPort,
    store: storePort,
    rulesFolder: join(import.meta.dirname, '../../detections'),
    rules,
    partitions,
  }
  const log = createLogger({ level: 'error' })
  const collectors = createCollectors({
    bus,
    log,
    config: { collector: 'bench', stream: 'main', partitions, listeners: [], sources: [] },
  })
  await collectors.start()
  const worker = new Worker(new URL('./ingest-worker.ts', import.meta.url), {
    workerData: start,
    transferList: [port2, busPort, storePort],
  })
  const exited = new Promise<void>((resolve) => worker.once('exit', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    worker.once('message', () => resolve())
    worker.once('error', reject)
  })
  const calls = connect<IngestBenchCalls>(port1)
  return {
    store,
    calls,
    append: (records) => collectors.append([...records]),
    async close() {
      await collectors.stop()
      await calls.stop()
      port1.close()
      await exited
      // What a log holds uncompressed becomes a segment: few lines would else measure the log alone.
      await store.expiry?.due('standard', { before: 0, closeBefore: Number.MAX_SAFE_INTEGER })
      await store.close()
      await bus.close()
    },
  }
}

/** `records`: how many lines; `rules`: how many they meet. */
export async function benchIngest({ records: count = 200_000, rules = 1_000 } = {}): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'varde-bench-'))
  try {
    const records = linesOf(count)
    const rates = await floors(records, folder)
    const { calls, append, close } = await openPipeline(folder, rules)
    const send = async (some: readonly Incoming[]) => {
      for (let at = 0; at < some.length; at += 8_000) {
        // Four senders at once, two thousand a request: as shippers do.
        await Promise.all([0, 2_000, 4_000, 6_000].map((from) => append(some.slice(at + from, at + from + 2_000))))
      }
    }
    // The first lines are for the compiler: a log store runs for months.
    const warmUp = records.slice(0, Math.min(20_000, count / 4))
    await send(warmUp)
    await calls.drained()
    const measured = records.slice(warmUp.length)
    const rawBytes = measured.reduce((sum, { raw }) => sum + raw.length, 0)
    const cpuBefore = process.cpuUsage()
    const threadBefore = await calls.cpu()
    const started = performance.now()
    await send(measured)
    const appended = performance.now() - started
    await calls.drained()
    const seconds = (performance.now() - started) / 1_000
    const cpu = process.cpuUsage(cpuBefore)
    const threadCpu = (await calls.cpu()) - threadBefore
    const memory = process.resourceUsage().maxRSS * 1_024
    const n = measured.length
    const { counters } = await calls.health()
    await close()
    const kept = bytesBelow(join(folder, 'store'))
    rates.push(
      {
        name: `ingest: raw to sealed, stored, matched by ${rules} rules`,
        value: Math.round(n / seconds),
        unit: 'ev/s',
        goal: '>= 25000',
      },
      { name: 'ingest: the same', value: Math.round(rawBytes / seconds / 1e5) / 10, unit: 'MB/s' },
      { name: 'ingest: CPU time, all threads', value: Math.round((cpu.user + cpu.system) / n), unit: 'us/ev' },
      {
        name: 'ingest: CPU time of the ingest thread alone',
        value: Math.round(threadCpu / n),
        unit: 'us/ev',
        goal: '<= 40',
      },
      { name: 'ingest: acknowledged by the bus', value: Math.round((n / appended) * 1_000), unit: 'ev/s' },
      {
        name: 'ingest: kept on disk, everything included',
        value: Math.round(kept / count),
        unit: 'B/ev',
        goal: '<= 160',
      },
      { name: 'ingest: raw line, mean', value: Math.round(rawBytes / n), unit: 'B' },
      { name: 'ingest: memory of the process, highest', value: Math.round(memory / 1024 ** 2), unit: 'MiB' },
      { name: 'ingest: hits', value: counters.hits, unit: '' },
      { name: 'ingest: not stored as events', value: count - counters.events, unit: '' },
    )
    return rates
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
