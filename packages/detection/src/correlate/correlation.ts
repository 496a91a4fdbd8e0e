// Stage 2 as a service: reads `hits`, runs a correlator for each of its partitions, and writes what they find.
import { type Bus, partitionOf, type Share, sharePartitions } from '@varde/bus'
import { type Clock, type Logger, limits, type Service, someAtOnce, VardeError } from '@varde/runtime'
import { type Digest, type Hit, hitKey, hitsTopic, type JsonObject, type Marker, readHitsRecord } from '@varde/schema'
import { collections, type Store } from '@varde/store'
import type { CompiledRule } from '../rules/rule.ts'
import type { RuleSet } from '../rules/rule-set.ts'
import type { AlertWrite } from './alert.ts'
import { type Correlator, type CorrelatorSnapshot, type CorrelatorStats, createCorrelator } from './correlator.ts'
import { undoOrphans } from './orphans.ts'
import { type Past, pastOf } from './past.ts'
import type { RevisionCounts, Revisions } from './revisions.ts'
import { dropPieces, pieceSetOf, readSnapshot, writeSnapshot } from './snapshot-pieces.ts'
import { openWaiting, saveWaiting } from './waiting.ts'

const snapshotMs = 60_000
/** A large snapshot is taken less often: never more than one part in so many of the time. */
const snapshotShare = 20
const retryMs = 1_000
/** A partition that does not switch to a new rule set so long (its process may be gone) does not hold the new rules up. */
const switchMs = 60_000

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
  /** Makes an alert write durable; called for some alerts at a time, for each in order, and again after a crash. */
  write(found: AlertWrite): Promise<void>
  /** The past, read in another thread; in this one without it. */
  past?: Past
  revisionDelayMs?: number
}

export interface Correlation extends Service {
  /** Windows of new rules begin with the past that they look back to; what is on its way for old ones still counts. */
  setRules(ruleSet: RuleSet): void
  /** Their watermarks are those up to which every alert has been written. */
  stats(): CorrelatorStats[]
  revisions(): RevisionCounts
  /** Resolves when the markers that stood in the topic at the call have been heard and their alerts written. */
  drained(): Promise<void>
}

interface Part {
  partition: number
  correlator: Correlator
  /** The first offset that the state does not hold. */
  next: number
  snapshotNext: number
  /** When the next one is due, UTC milliseconds. */
  snapshotDue: number
  /** Names the pieces of this assignment's snapshots: its epoch, and how many it has taken. */
  epoch: number
  snapshots: number
  /** Of the stored state since we took it over: whoever takes it after us makes it another, and our writes stop. */
  version: number
  /** The watermark whose alerts have all been written. */
  told: number | undefined
  /** Once the watermark is here, all that was raised before we took over is decided: what is still provisional, nobody tells any more. */
  orphansUntil: number
  revisions: Revisions
  /** New rules that wait for their past, and since when. */
  fresh: { rules: CompiledRule[]; since: number } | undefined
  /** The state is changed by one at a time. */
  turn: Promise<unknown>
}

const stateId = (partition: number) => `correlator.${hitsTopic}.${partition}`

/** One correlator a partition of `hits`: windows of one key meet in one partition, so the parts need nothing of each other. */
export function createCorrelation(deps: CorrelationDeps): Correlation {
  const { bus, store, log, clock } = deps
  const stopping = new AbortController()
  const parts: Part[] = []
  let ruleSet = deps.ruleSet
  let share: Share | undefined
  const past = deps.past ?? pastOf(store)
  const waiting = { ...deps, past, ruleOf: (digest: Digest) => ruleSet.byDigest(digest) }

  async function open(partition: number): Promise<Part> {
    const { first } = await bus.partition(hitsTopic, partition)
    const { doc, version } = await takeOver(partition)
    const next = Number(doc['next'] ?? 0)
    const stored = next >= first ? await readSnapshot(store.documents, partition, doc) : undefined
    const usable = stored !== undefined
    if ((doc['snapshot'] !== undefined || doc['pieces'] !== undefined) && !usable)
      log.warn({ partition, next, first }, 'correlate: hits after the snapshot are gone; windows begin anew')
    const snapshot: CorrelatorSnapshot | undefined = stored
    const correlator = createCorrelator({
      ruleSet,
      partitions: deps.rawPartitions,
      owns: (hit) => partitionOf(hitKey(hit), deps.hitsPartitions) === partition,
      ...(snapshot === undefined ? {} : { snapshot }),
    })
    const from = usable ? next : first
    const part: Part = {
      partition,
      correlator,
      next: from,
      snapshotNext: from,
      snapshotDue: clock.now() + snapshotMs,
      epoch: Number(doc['epoch']),
      snapshots: 0,
      version,
      told: undefined,
      orphansUntil: clock.now(),
      revisions: await openWaiting(waiting, partition),
      fresh: undefined,
      turn: Promise.resolve(),
    }
    // Rules that came while we were not running; without a snapshot the hits in the topic are the past of all.
    const known = new Set(snapshot?.rules.map(([digest]) => digest))
    if (snapshot !== undefined)
      await holdFresh(
        part,
        ruleSet.rules.filter((rule) => !known.has(rule.digest)),
      )
    return part
  }

  /** Rules with windows look back: where there is a past, they begin with it. */
  async function holdFresh(part: Part, rules: readonly CompiledRule[]): Promise<void> {
    const windowed = rules.filter((rule) => rule.lookBackMs > 0)
    if (windowed.length === 0 || (await store.events.stats()).events === 0) return
    part.correlator.hold(windowed)
    part.fresh = { rules: [...(part.fresh?.rules ?? []), ...windowed], since: clock.now() }
    follows(part)
  }

  /** Begins the warm-up once all partitions work by the new rule set: what was matched before lies in the store by then. */
  function follows(part: Part): void {
    const { fresh, correlator } = part
    if (fresh === undefined || !(correlator.switched() || clock.now() - fresh.since > switchMs)) return
    part.fresh = undefined
    void warmUp(part, fresh.rules).catch((error: unknown) =>
      log.error({ err: error, partition: part.partition }, 'correlate: new rules begin without their past'),
    )
  }

  async function warmUp(part: Part, rules: readonly CompiledRule[]): Promise<void> {
    // What was stored a moment ago can be found by then.
    await new Promise((resolve) => setTimeout(resolve, limits.visibleMs))
    const to = clock.now() + limits.futureSkewMs
    const from = (part.correlator.stats().watermark ?? to) - Math.max(...rules.map((rule) => rule.lookBackMs))
    const hits = await past.hits(rules, { from, to }).catch((error: unknown) => {
      log.error(
        { err: error, partition: part.partition },
        'correlate: the past could not be read; new rules begin without it',
      )
      return []
    })
    const mine = hits.filter((hit) => partitionOf(hitKey(hit), deps.hitsPartitions) === part.partition)
    const byRule = Map.groupBy(mine, (hit) => hit.rule)
    for (const { digest } of rules)
      await inTurn(part, async () => tell(part, await part.correlator.warmUp(digest, byRule.get(digest) ?? [])))
    log.info({ rules: rules.map((rule) => rule.id), hits: mine.length }, 'correlate: new rules know their past')
  }

  function inTurn(part: Part, work: () => Promise<void>): Promise<void> {
    const next = part.turn.then(work)
    part.turn = next.catch(() => undefined)
    return next
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
    // The snapshot no longer holds the late ranges: what waits is written before it.
    await saveWaiting(store, part.partition, part.revisions.waiting())
    const saved = await store.documents.get<JsonObject>(collections.state.name, stateId(part.partition))
    if (saved?.version !== part.version) throw taken(part.partition)
    const from = performance.now()
    const { partition } = part
    const set = `${part.epoch}.${part.snapshots++}`
    const ref = await writeSnapshot(store.documents, { partition, set }, part.correlator.snapshot())
    const doc: JsonObject = { epoch: part.epoch, next: part.next, ...ref }
    const written = await store.documents.update(collections.state.name, stateId(partition), doc, part.version)
    if (!written.ok) throw taken(partition)
    part.version = written.version
    part.snapshotNext = part.next
    part.snapshotDue = clock.now() + Math.max(snapshotMs, (performance.now() - from) * snapshotShare)
    await forgetPieces(partition, saved.doc, part.epoch, part.snapshots)
    await orphansGo(part)
    await bus.trim(hitsTopic, part.partition, part.next)
  }

  /** Of the snapshot before, and of one that a process began and did not live to name. */
  async function forgetPieces(partition: number, before: JsonObject, epoch: number, taken: number): Promise<void> {
    const named = pieceSetOf(before)?.set
    if (named !== undefined) await dropPieces(store.documents, partition, named)
    if (taken > 1) return
    // The first of this assignment: those who held it before may have begun a set behind the one that was named.
    const [last = '', n = ''] = named?.split('.') ?? []
    for (const set of new Set([`${last}.${Number(n) + 1}`, `${epoch - 1}.0`]))
      await dropPieces(store.documents, partition, set)
  }

  async function orphansGo({ partition, told }: Part): Promise<void> {
    if (told === undefined) return
    const ruleOf = (digest: Digest) => ruleSet.byDigest(digest)
    await undoOrphans({ ...deps, ruleOf }, { partition, watermark: told })
  }

  async function settle(part: Part, hits: Hit[], markers: Marker[]): Promise<void> {
    await inTurn(part, async () => {
      part.correlator.apply(hits)
      await tell(part, await part.correlator.advance(markers))
      const late = part.correlator.takeLateRanges()
      if (late.length > 0) part.revisions.add(late)
      part.told = part.correlator.stats().watermark
      if (part.told !== undefined && part.told >= part.orphansUntil) {
        part.orphansUntil = Number.POSITIVE_INFINITY
        await orphansGo(part)
      }
    })
    follows(part)
  }

  async function tell(part: Part, writes: readonly AlertWrite[]): Promise<void> {
    if (writes.length === 0) return
    const now = await store.documents.get<JsonObject>(collections.state.name, stateId(part.partition))
    if (now?.version !== part.version) throw taken(part.partition)
    const write = async (found: AlertWrite) => {
      await deps.write(found)
      part.revisions.written(found)
    }
    // What is taken back goes first: the same alert may come again.
    await someAtOnce(limits.alertWritesMax, writes.filter(isRetraction), write)
    await someAtOnce(
      limits.alertWritesMax,
      writes.filter((found) => !isRetraction(found)),
      write,
    )
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
      if (clock.now() > part.snapshotDue) await inTurn(part, () => save(part))
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
        if (signal.aborted) {
          await part?.revisions.stop()
          return drop(part)
        }
        log.error({ err: error, partition }, 'correlate: stopped, and begins again at its snapshot')
        await new Promise((resolve) => setTimeout(resolve, retryMs))
        // What the failed step has done to the windows is unknown: go back to what is known.
        await part?.revisions.stop()
        drop(part)
        next = open(partition)
        next.catch(() => undefined)
      }
    }
    await part?.revisions.stop()
    if (part !== undefined && parts.includes(part))
      await inTurn(part, () => save(part)).catch((error: unknown) =>
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
      for (const part of parts)
        void inTurn(part, async () => holdFresh(part, part.correlator.setRules(next))).catch((error: unknown) =>
          log.error({ err: error }, 'correlate: new rules begin without their past'),
        )
    },
    revisions: () => {
      const all = parts.map((part) => part.revisions.counts())
      const sum = (key: keyof RevisionCounts): number => all.reduce((total, one) => total + one[key], 0)
      return { waiting: sum('waiting'), done: sum('done'), alerts: sum('alerts') }
    },
    stats: () => parts.map((part) => ({ ...part.correlator.stats(), watermark: part.told })),
    async drained() {
      const ends = new Map<number, number>()
      for (const { partition } of parts) ends.set(partition, (await bus.partition(hitsTopic, partition)).end)
      while (!stopping.signal.aborted && parts.some((part) => part.next < (ends.get(part.partition) ?? 0)))
        await new Promise((resolve) => setTimeout(resolve, 20))
    },
  }
}

const isRetraction = ({ change }: AlertWrite) => change === 'retracted'
