// One raw partition, followed for ever: resume, read, prepare, commit, seal, mark. It never gives up by itself.
import type { Batch, Bus } from '@varde/bus'
import { noDigest, sealGap } from '@varde/evidence'
import { type Clock, isVardeError, type Logger, VardeError } from '@varde/runtime'
import { createTextArena, type Digest, type Seal } from '@varde/schema'
import type { Store } from '@varde/store'
import type { Enricher } from '../enrich/enrich.ts'
import type { Matcher } from '../matcher.ts'
import { decodeEntry, rawTopic } from '../raw-topic.ts'
import { type Resumption, recordDigest, resume } from './chain.ts'
import { type CommitDeps, commit, type IngestCounters } from './commit.ts'
import type { Ledger } from './ledger.ts'
import { type OpenSeal, openSeal } from './open-seal.ts'
import type { PartitionHealth, PartitionSettings } from './partition-settings.ts'
import { type Parse, type PrepareDeps, prepare } from './prepare.ts'
import { publishMarker, putSeal } from './put-seal.ts'
import { createSequences } from './sequences.ts'
import { createTrimmer } from './trimmer.ts'
import { createWatermark } from './watermark.ts'

export interface PartitionDeps {
  bus: Bus
  store: Store
  log: Logger
  clock: Clock
  stream: string
  partition: number
  hitsPartitions: number
  enricher: Enricher
  ledger: Ledger
  counters: IngestCounters
  matcher(): Matcher
  settings: PartitionSettings
  parse?: Parse
}

export interface Partition {
  /** Runs until the signal aborts; then seals what it has and resolves. */
  run(signal: AbortSignal): Promise<void>
  /** Seals what is stored as soon as it can. */
  sealNow(): void
  health(): PartitionHealth
}

/** Records before the resumption that are read again for the collectors' clocks and the senders' counters. */
const warmUpRecordsMax = 1_000

interface Following {
  at: Resumption
  prepareDeps: PrepareDeps
  commitDeps: CommitDeps
  last: Seal | undefined
  open: OpenSeal | undefined
  lastRecord: Digest
  watermark: number
  marker: Promise<void>
}

export function createPartition(deps: PartitionDeps): Partition {
  const { bus, store, log, clock, settings } = deps
  const topic = rawTopic(deps.stream)
  const health: PartitionHealth = {
    partition: deps.partition,
    generation: 0,
    state: 'starting',
    seq: -1,
    sealedTo: 0,
    storedTo: 0,
    unsealed: 0,
    end: 0,
    watermark: 0,
  }
  const trimmer = createTrimmer({ bus, topic, partition: deps.partition, log })
  let wanted = false
  let wake: (() => void) | undefined

  const note = (state: PartitionHealth['state'], error?: unknown) => {
    health.state = state
    if (error === undefined) delete health.detail
    else health.detail = error instanceof Error ? error.message : String(error)
  }

  const begin = async (): Promise<Following> => {
    const topics = await bus.topics()
    const info = topics.find((one) => one.name === topic)
    if (info === undefined) throw new VardeError('INGEST_NO_TOPIC', `topic ${topic} is gone`)
    const at = await resume({
      bus,
      documents: store.documents,
      stream: deps.stream,
      partition: deps.partition,
      incarnation: info.incarnation,
      log,
    })
    const { chain, last } = at
    health.generation = chain.generation
    const watermark = createWatermark(last?.watermark ?? 0)
    const sequences = createSequences()
    const prepareDeps: PrepareDeps = {
      chain,
      enricher: deps.enricher,
      sequences,
      watermark,
      clock,
      futureSkewMs: settings.futureSkewMs,
      ...(deps.parse && { parse: deps.parse }),
    }
    const commitDeps: CommitDeps = {
      chain,
      store,
      bus,
      hitsPartitions: deps.hitsPartitions,
      clock,
      log,
      counters: deps.counters,
    }
    const following: Following = {
      at,
      prepareDeps,
      commitDeps,
      last,
      open: undefined,
      lastRecord: noDigest,
      watermark: watermark.value(),
      marker: Promise.resolve(),
    }
    await warmUp(following)
    await deps.ledger.catchUp(chain, last)
    noteSealed(following)
    health.storedTo = at.from
    // The seal may have been made and its marker not: a second one says the same.
    if (last !== undefined) {
      // First, because a full bus has no room for a marker before sealed records have left it.
      if (settings.trim) await trimmer.now(last.to - 1)
      await mark(last)
    }
    if (at.gap !== undefined) await sealTheGap(following, at.gap)
    return following
  }

  const noteSealed = ({ last }: Following) => {
    health.seq = last?.seq ?? -1
    health.sealedTo = last?.to ?? 0
    health.unsealed = 0
    health.watermark = last?.watermark ?? 0
  }

  const warmUp = async (following: Following) => {
    const { first } = await bus.partition(topic, deps.partition)
    const until = following.at.from
    const from = Math.max(first, until - warmUpRecordsMax)
    if (from >= until) return
    const texts = createTextArena()
    for await (const batch of bus.read(topic, {
      partition: deps.partition,
      from,
      recordsMax: settings.batchRecordsMax,
      untilEnd: true,
    })) {
      const entries = batch.records.filter((record) => record.offset < until).map(decodeEntry)
      prepare(entries, following.prepareDeps, texts)
      texts.clear()
      if (batch.records.length > entries.length) return
    }
  }

  const sealTheGap = async (following: Following, reason: string) => {
    const { at, last } = following
    const seal = sealGap({
      ...at.chain,
      ...(last !== undefined && { previous: last }),
      to: at.from,
      reason,
      ruleSet: deps.matcher().ruleSet,
      watermark: following.watermark,
      attempt: 'gap',
      lastRecord: noDigest,
      sealedAt: clock.now(),
      ledger: [],
    })
    await put(following, seal)
  }

  /** Creates the seal, or lets go of the partition where somebody else has made another. */
  const put = async (following: Following, seal: Seal) => {
    // Only the last seal of a chain may lack its marker: what resumes there sends it again.
    await following.marker
    await putSeal(store.documents, seal)
    following.last = seal
    deps.counters.seals += 1
    noteSealed(following)
    following.marker = mark(seal)
    following.marker.catch(() => undefined)
    // The last sealed record stays: its digest tells a replaced topic.
    if (settings.trim) trimmer.sealed(seal.to - 1)
  }

  const mark = (seal: Seal) => publishMarker(bus, deps.hitsPartitions, seal)

  const closeSeal = async (following: Following) => {
    const { open } = following
    if (open === undefined || open.count() === 0) return
    following.open = undefined
    const { at, last, watermark, lastRecord } = following
    const seal = open.close({ chain: at.chain, previous: last, watermark, lastRecord, sealedAt: clock.now() })
    await put(following, seal)
    deps.ledger.apply(seal, open.sources())
  }

  /** Milliseconds until the open seal should be made; 0 for now, infinite for none. */
  const dueMs = ({ open }: Following): number => {
    if (open === undefined || open.count() === 0) return Number.POSITIVE_INFINITY
    if (wanted || open.count() >= settings.sealRecordsMax || open.bytes() >= settings.sealBytesMax) return 0
    const at = Math.min(
      open.openedAt + settings.sealTicksMs,
      (open.recordAt ?? Number.POSITIVE_INFINITY) + settings.sealMs,
    )
    return Math.max(0, at - clock.now())
  }

  const take = async (following: Following, batch: Batch, prepared: ReturnType<typeof prepare>, watermark: number) => {
    const now = clock.now()
    following.open ??= openSeal(deps.matcher(), now)
    const { open } = following
    await commit(prepared, open, following.commitDeps)
    if (open.recordAt === undefined && prepared.some((one) => one.kind !== 'tick')) open.recordAt = now
    const lastRecord = batch.records.at(-1)
    if (lastRecord !== undefined) {
      following.lastRecord = recordDigest(lastRecord)
      health.storedTo = lastRecord.offset + 1
      health.unsealed += prepared.filter((one) => one.kind !== 'tick').length
    }
    following.watermark = watermark
    note('ok')
    if (dueMs(following) === 0) await closeSeal(following)
  }

  const sleepOrWake = (ms: number) => {
    const { promise, resolve } = Promise.withResolvers<'timer'>()
    const timer = setTimeout(() => resolve('timer'), Math.min(ms, 60_000))
    wake = () => resolve('timer')
    return { promise, cancel: () => clearTimeout(timer) }
  }

  const follow = async (following: Following, stopping: AbortSignal) => {
    // A failure must end the read too: it may be waiting for records that come tomorrow.
    const reader = new AbortController()
    const signal = AbortSignal.any([stopping, reader.signal])
    const iterator = bus
      .read(topic, {
        partition: deps.partition,
        from: following.at.from,
        recordsMax: settings.batchRecordsMax,
        bytesMax: settings.batchBytesMax,
        signal,
      })
      [Symbol.asyncIterator]()
    let [texts, spare] = [createTextArena(), createTextArena()]
    let reading = iterator.next()
    let work: Promise<void> = Promise.resolve()
    try {
      for (;;) {
        const pause = sleepOrWake(dueMs(following))
        const step = await Promise.race([reading, pause.promise])
        pause.cancel()
        if (step === 'timer') {
          await work
          if (dueMs(following) === 0) await closeSeal(following)
          wanted = false
          continue
        }
        if (step.done === true) break
        const batch = step.value
        reading = iterator.next()
        health.end = batch.end
        // Parsed while the batch before is still being written.
        const prepared = prepare(batch.records.map(decodeEntry), following.prepareDeps, texts)
        const reached = following.prepareDeps.watermark.value()
        await work
        work = take(following, batch, prepared, reached)
        // The batch before is done with its texts.
        ;[texts, spare] = [spare, texts]
        texts.clear()
        // When the seal is due is known only now; a failure is looked at by the same way.
        const look = () => wake?.()
        work.then(look, look)
      }
      await work
      await closeSeal(following)
      await following.marker
    } finally {
      reader.abort()
      reading.catch(() => undefined)
      await work.catch(() => undefined)
      await iterator.return?.(undefined)
    }
  }

  const rest = async (error: unknown, signal: AbortSignal) => {
    const full = isVardeError(error, 'STORE_FULL') || isVardeError(error, 'BUS_FULL')
    const taken = isVardeError(error, 'INGEST_SEAL_TAKEN')
    if (taken) log.warn({ topic, partition: deps.partition, reason: String(error) }, 'ingest: let go of the partition')
    else
      log.error(
        { topic, partition: deps.partition, err: error },
        full ? 'ingest: the disk is full; nothing more is stored' : 'ingest: failed, tried again',
      )
    note(full ? 'full' : 'failing', error)
    // Two consumers of one partition would otherwise run in step for ever.
    const ms = taken ? settings.retryMs * (0.2 + Math.random()) : settings.retryMs
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      signal.addEventListener(
        'abort',
        () => {
          clearTimeout(timer)
          resolve()
        },
        { once: true },
      )
    })
  }

  return {
    async run(signal) {
      while (!signal.aborted) {
        try {
          const following = await begin()
          note('ok')
          await follow(following, signal)
        } catch (error) {
          if (!signal.aborted) await rest(error, signal)
        }
      }
      trimmer.stop()
      note('stopped')
    },
    sealNow() {
      wanted = true
      wake?.()
    },
    health: () => ({ ...health }),
  }
}
