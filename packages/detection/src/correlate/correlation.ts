// Stage 2 as a service: reads `hits`, runs a correlator for each of its partitions, and writes what they find.
import { type Bus, partitionOf, type Share, sharePartitions } from '@varde/bus'
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
  /** Of the stored state since we took it over: whoever takes it after us makes it another, and our writes stop. */
  version: number
}

const stateId = (partition: number) => `correlator.${hitsTopic}.${partition}`

/** One correlator a partition of `hits`: windows of one key meet in one partition, so the parts need nothing of each other. */
export function createCorrelation(deps: CorrelationDeps): Correlation {
  const { bus, store, log, clock } = deps
  const stopping = new AbortController()
  const parts: Part[] = []
  let ruleSet = deps.ruleSet
  let share: Share | undefined

  async function open(partition: number): Promise<Part> {
    const { first } = await bus.partition(hitsTopic, partition)
    const { doc, version } = await takeOver(partition)
    const next = Number(doc['next'] ?? 0)
    const usable = typeof doc['snapshot'] === 'string' && next >= first
    if (doc['snapshot'] !== undefined && !usable)
      log.warn({ partition, next, first }, 'correlate: hits after the snapshot are gone; windows begin anew')
    const snapshot: CorrelatorSnapshot | undefined = usable ? JSON.parse(String(doc['snapshot'])) : undefined
    const correlator = createCorrelator({
      ruleSet,
      partitions: deps.rawPartitions,
      owns: (hit) => partitionOf(hitKey(hit), deps.hitsPartitions) === partition,
      ...(snapshot === undefined ? {} : { snapshot }),
    })
    const from = usable ? next : first
    return { partition, correlator, next: from, snapshotNext: from, snapshotAt: clock.now(), version }
  }

  /** The stored state, made ours: a correlator that had it before finds it changed and lets go. */
  async function takeOver(partition: number): Promise<{ doc: JsonObject; version: number }> {
    for (;;) {
      const saved = await store.documents.get<JsonObject>(collections.state.name, stateId(partition))
      const doc: JsonObject = { ...saved?.doc, epoch: Number(saved?.doc['epoch'] ?? 0) + 1 }
      const written =
        saved === undefined
          ? await store.documents.create(collections.state.name, stateId(partition), doc)
          : await store.documents.update(collections.state.name, stateId(partition), doc, saved.version)
      if (written.ok) return { doc, version: written.version }
    }
  }

  const taken = (partition: number) =>
    new VardeError('CORRELATE_TAKEN', `another correlator has taken over hits partition ${partition}`, {
      hint: 'Only one may run for each partition; this one lets go.',
    })

  async function save(part: Part): Promise<void> {
    if (part.next === part.snapshotNext) return
    const saved = await store.documents.get<JsonObject>(collections.state.name, stateId(part.partition))
    if (saved?.version !== part.version) throw taken(part.partition)
    const doc: JsonObject = { ...saved.doc, next: part.next, snapshot: JSON.stringify(part.correlator.snapshot()) }
    const written = await store.documents.update(collections.state.name, stateId(part.partition), doc, part.version)
    if (!written.ok) throw taken(part.partition)
    part.version = written.version
    part.snapshotNext = part.next
    part.snapshotAt = clock.now()
    await undoOrphans()
    await bus.trim(hitsTopic, part.partition, part.next)
  }

  /** What a crash left provisional, once all partitions are beyond it. */
  async function undoOrphans(): Promise<void> {
    // Those of other processes are theirs to tell.
    if (parts.length < deps.hitsPartitions) return
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
    const writes = await part.correlator.advance(markers)
    if (writes.length === 0) return
    const now = await store.documents.get<JsonObject>(collections.state.name, stateId(part.partition))
    if (now?.version !== part.version) throw taken(part.partition)
    for (const found of writes) await deps.write(found)
  }

  async function follow(part: Part, signal: AbortSignal): Promise<void> {
    for await (const batch of bus.read(hitsTopic, { partition: part.partition, from: part.next, signal })) {
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

  /**
   * A store that is full or away is waited for: the state in memory stays true, and the hits stay in the topic.
   * The snapshot at the end lets whoever comes next begin there.
   */
  async function run(opening: Promise<Part>, partition: number, signal: AbortSignal): Promise<void> {
    let next: Promise<Part> = opening
    let part: Part | undefined
    while (!signal.aborted) {
      try {
        part = await next
        parts.push(part)
        await follow(part, signal)
      } catch (error) {
        if (signal.aborted) return drop(part)
        log.error({ err: error, partition }, 'correlate: stopped, and begins again at its snapshot')
        await new Promise((resolve) => setTimeout(resolve, retryMs))
        // What the failed step has done to the windows is unknown: go back to what is known.
        drop(part)
        next = open(partition)
        next.catch(() => undefined)
      }
    }
    if (part !== undefined)
      await save(part).catch((error: unknown) =>
        log.warn({ err: error }, 'correlate: no snapshot at the stop; the next start reads more hits'),
      )
    drop(part)
  }

  function drop(part: Part | undefined): void {
    const at = part === undefined ? -1 : parts.indexOf(part)
    if (at >= 0) parts.splice(at, 1)
  }

  return {
    name: 'correlate',
    async start() {
      await bus.ensureTopic(hitsTopic, { partitions: deps.hitsPartitions })
      const openings: Promise<Part>[] = []
      share = await sharePartitions(bus, hitsTopic, {
        group: 'correlate',
        follow(partition, turn) {
          const opening = open(partition)
          openings.push(opening)
          return run(opening, partition, turn.signal)
        },
      })
      await Promise.all(openings)
    },
    async stop() {
      stopping.abort()
      await share?.stop()
    },
    setRules(next) {
      ruleSet = next
      for (const part of parts) part.correlator.setRules(next)
    },
    stats: () => parts.map((part) => part.correlator.stats()),
    async drained() {
      const ends = new Map<number, number>()
      for (const { partition } of parts) ends.set(partition, (await bus.partition(hitsTopic, partition)).end)
      while (!stopping.signal.aborted && parts.some((part) => part.next < (ends.get(part.partition) ?? 0)))
        await new Promise((resolve) => setTimeout(resolve, 20))
    },
  }
}
