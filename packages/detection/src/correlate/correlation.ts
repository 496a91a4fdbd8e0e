// Stage 2 as a service: reads `hits`, runs a correlator for each of its partitions, and writes what they find.
import type { Bus } from '@varde/bus'
import { partitionOf } from '@varde/bus'
import { type Clock, type Logger, type Service, VardeError } from '@varde/runtime'
import { Alert, type Hit, hitKey, hitsTopic, type JsonObject, type Marker, readHitsRecord } from '@varde/schema'
import { collections, type Store } from '@varde/store'
import type { RuleSet } from '../rules/rule-set.ts'
import { type AlertWrite, orphanWrites } from './alert.ts'
import { type Correlator, type CorrelatorSnapshot, type CorrelatorStats, createCorrelator } from './correlator.ts'

const snapshotMs = 60_000
const retryMs = 1_000

export interface CorrelationDeps {
  bus: Bus
  store: Store
  log: Logger
  clock: Clock
  ruleSet: RuleSet
  /** Of topic `hits`. */
  hitsPartitions: number
  /** The raw partitions whose markers move the watermark, as `<stream>.<partition>`. */
  rawPartitions: readonly string[]
  /** Makes an alert write durable; called in order, again after a crash. */
  write(found: AlertWrite): Promise<void>
}

export interface Correlation extends Service {
  setRules(ruleSet: RuleSet): void
  stats(): CorrelatorStats[]
  /** Resolves when the markers that stood in the topic at the call have been heard and their alerts written. */
  drained(): Promise<void>
}

interface Part {
  partition: number
  correlator: Correlator
  /** The first offset that the state does not hold. */
  next: number
  snapshotNext: number
  snapshotAt: number
}

const stateId = (partition: number) => `correlator.${hitsTopic}.${partition}`

/** One correlator a partition of `hits`: windows of one key meet in one partition, so the parts need nothing of each other. */
export function createCorrelation(deps: CorrelationDeps): Correlation {
  const { bus, store, log, clock } = deps
  const stopping = new AbortController()
  const parts: Part[] = []
  let ruleSet = deps.ruleSet
  let running: Promise<unknown> = Promise.resolve()

  async function open(partition: number): Promise<Part> {
    const saved = await store.documents.get<JsonObject>(collections.state.name, stateId(partition))
    const { first } = await bus.partition(hitsTopic, partition)
    const next = Number(saved?.doc['next'] ?? 0)
    const usable = saved !== undefined && next >= first
    if (saved !== undefined && !usable)
      log.warn({ partition, next, first }, 'correlate: hits after the snapshot are gone; windows begin anew')
    const snapshot: CorrelatorSnapshot | undefined = usable ? JSON.parse(String(saved.doc['snapshot'])) : undefined
    const correlator = createCorrelator({
      ruleSet,
      partitions: deps.rawPartitions,
      owns: (hit) => partitionOf(hitKey(hit), deps.hitsPartitions) === partition,
      ...(snapshot === undefined ? {} : { snapshot }),
    })
    const from = usable ? next : first
    return { partition, correlator, next: from, snapshotNext: from, snapshotAt: clock.now() }
  }

  async function save(part: Part): Promise<void> {
    if (part.next === part.snapshotNext) return
    const doc: JsonObject = { next: part.next, snapshot: JSON.stringify(part.correlator.snapshot()) }
    const saved = await store.documents.get<JsonObject>(collections.state.name, stateId(part.partition))
    const written =
      saved === undefined
        ? await store.documents.create(collections.state.name, stateId(part.partition), doc)
        : await store.documents.update(collections.state.name, stateId(part.partition), doc, saved.version)
    if (!written.ok)
      throw new VardeError(
        'CORRELATE_TAKEN',
        `another correlator has written the state of hits partition ${part.partition}`,
        { hint: 'Only one may run for each partition.' },
      )
    part.snapshotNext = part.next
    part.snapshotAt = clock.now()
    await undoOrphans()
    await bus.trim(hitsTopic, part.partition, part.next)
  }

  /** What a crash left provisional, once all partitions are beyond it. */
  async function undoOrphans(): Promise<void> {
    const watermarks = parts.map((part) => part.correlator.stats().watermark ?? Number.NEGATIVE_INFINITY)
    const watermark = Math.min(...watermarks)
    if (!Number.isFinite(watermark)) return
    const where = { finality: 'provisional', 'anchor.time': { lt: watermark } }
    const { docs } = await store.documents.list(collections.alerts.name, { where, limit: 1_000 })
    const provisional = docs.flatMap(({ doc }) => Alert.safeParse(doc).data ?? [])
    for (const write of orphanWrites(provisional, watermark)) await deps.write(write)
  }

  async function settle(part: Part, hits: Hit[], markers: Marker[]): Promise<void> {
    part.correlator.apply(hits)
    for (const found of await part.correlator.advance(markers)) await deps.write(found)
  }

  async function follow(part: Part): Promise<void> {
    for await (const batch of bus.read(hitsTopic, {
      partition: part.partition,
      from: part.next,
      signal: stopping.signal,
    })) {
      const hits: Hit[] = []
      const markers: Marker[] = []
      for (const record of batch.records) {
        const read = readHitsRecord(record)
        if (read.kind === 'hit') hits.push(read.hit)
        else markers.push(read.marker)
      }
      await settle(part, hits, markers)
      part.next = (batch.records.at(-1)?.offset ?? part.next - 1) + 1
      if (clock.now() - part.snapshotAt > snapshotMs) await save(part)
    }
  }

  /** A store that is full or away is waited for: the state in memory stays true, and the hits stay in the topic. */
  async function run(part: Part): Promise<void> {
    let current = part
    while (!stopping.signal.aborted) {
      try {
        await follow(current)
      } catch (error) {
        if (stopping.signal.aborted) return
        log.error({ err: error, partition: current.partition }, 'correlate: stopped, and begins again at its snapshot')
        await new Promise((resolve) => setTimeout(resolve, retryMs))
        // What the failed step has done to the windows is unknown: go back to what is known.
        current = await open(current.partition).catch(() => current)
        parts[current.partition] = current
      }
    }
  }

  return {
    name: 'correlate',
    async start() {
      await bus.ensureTopic(hitsTopic, { partitions: deps.hitsPartitions })
      for (let partition = 0; partition < deps.hitsPartitions; partition += 1) parts.push(await open(partition))
      running = Promise.all(parts.map(run))
    },
    async stop() {
      stopping.abort()
      await running
      for (const part of parts)
        await save(part).catch((error: unknown) =>
          log.warn({ err: error }, 'correlate: no snapshot at the stop; the next start reads more hits'),
        )
    },
    setRules(next) {
      ruleSet = next
      for (const part of parts) part.correlator.setRules(next)
    },
    stats: () => parts.map((part) => part.correlator.stats()),
    async drained() {
      const ends = await Promise.all(parts.map(async (part) => (await bus.partition(hitsTopic, part.partition)).end))
      while (!stopping.signal.aborted && parts.some((part, index) => part.next < (ends[index] ?? 0)))
        await new Promise((resolve) => setTimeout(resolve, 20))
    },
  }
}
