// From a collector's hands into the raw topic: stamps arrivals, groups appends, and holds senders back when it must.
import { type Bus, type BusRecord, partitionOf } from '@varde/bus'
import { type Clock, isVardeError, type Logger, limits, VardeError } from '@varde/runtime'
import type { Tick } from '@varde/schema'
import { encodeRecord, encodeTick, type Incoming, type Origin } from '../raw-topic.ts'

export interface AppenderHealth {
  /** `full`: the disk or quota is; nothing is acknowledged until it has room again. */
  state: 'ok' | 'full' | 'failing' | 'closed'
  /** What the last refusal said. */
  detail?: string
  since?: number
  queuedRecords: number
  queuedBytes: number
  appendedRecords: number
  appendedBytes: number
  /** Records that no sender could be told about and that were lost here: only when the bus is gone while we stop. */
  lostRecords: number
}

export interface Appender {
  /**
   * Resolves when all are durable. Rejects with BUS_FULL (disk) or INGEST_BUSY (too much in flight): then nothing of it
   * was appended and the sender should come again.
   */
  append(records: Incoming[]): Promise<void>
  /** For senders who get no reply: taken always; look at `paused()` after it. */
  offer(record: Incoming): void
  /** True while senders should not be read. */
  paused(): boolean
  /** Called when reading may go on. */
  onResume(resume: () => void): void
  /** A heartbeat to every partition, behind what is queued there. */
  tick(state: Tick['state']): void
  health(): AppenderHealth
  /** Appends what is queued, then takes nothing more. */
  close(): Promise<void>
}

interface Job {
  records: BusRecord[]
  bytes: number
  /** Absent for records that nobody waits for: those are tried again. */
  done?: { resolve(): void; reject(error: unknown): void }
}

interface Lane {
  partition: number
  jobs: Job[]
  running: Promise<void> | undefined
}

export interface AppenderOptions {
  bus: Bus
  topic: string
  partitions: number
  collector: string
  /** Never goes back. */
  clock: Clock
  log: Logger
  latenessMsMax(): number
  queueRecordsMax?: number
  queueBytesMax?: number
  retryMs?: number
}

// One append of the bus: large enough that an fsync is shared by many, small enough that a waiter is not kept long.
const appendRecordsMax = 5_000
const appendBytesMax = 8 * 1024 * 1024

export function createAppender(options: AppenderOptions): Appender {
  const { bus, topic, clock, log } = options
  const recordsMax = options.queueRecordsMax ?? limits.collectorQueueRecordsMax
  const bytesMax = options.queueBytesMax ?? limits.collectorQueueBytesMax
  const retryMs = options.retryMs ?? 1_000
  const lanes: Lane[] = Array.from({ length: options.partitions }, (_, partition) => ({
    partition,
    jobs: [],
    running: undefined,
  }))
  const health: AppenderHealth = {
    state: 'ok',
    queuedRecords: 0,
    queuedBytes: 0,
    appendedRecords: 0,
    appendedBytes: 0,
    lostRecords: 0,
  }
  const resumers = new Set<() => void>()
  const partitionsOf = new WeakMap<Origin, number>()
  let closing = false
  let held = false

  const laneOf = (origin: Origin): Lane | undefined => {
    let partition = partitionsOf.get(origin)
    if (partition === undefined) {
      // One source stays in one partition, so that its own sequence numbers can be followed.
      partition = partitionOf(`${origin.tenant}/${origin.source}`, lanes.length)
      partitionsOf.set(origin, partition)
    }
    return lanes[partition]
  }

  const paused = () =>
    health.state === 'full' ||
    health.state === 'failing' ||
    health.queuedRecords >= recordsMax ||
    health.queuedBytes >= bytesMax

  const release = () => {
    // Reading goes on only when half the queue is free: else a socket would be paused and resumed for each record.
    if (!held || health.state !== 'ok' || health.queuedRecords > recordsMax / 2 || health.queuedBytes > bytesMax / 2)
      return
    held = false
    for (const resume of resumers) resume()
  }

  const setState = (state: AppenderHealth['state'], detail?: string) => {
    if (health.state === state) return
    health.state = state
    health.since = clock.now()
    if (detail === undefined) delete health.detail
    else health.detail = detail
    if (state === 'ok') log.warn({ topic }, 'collector: the bus takes records again')
    else if (state !== 'closed')
      log.error({ topic, state, detail }, 'collector: the bus refuses records; nothing is acknowledged')
  }

  const forget = (job: Job) => {
    health.queuedRecords -= job.records.length
    health.queuedBytes -= job.bytes
  }

  const takeJobs = (lane: Lane): Job[] => {
    let records = 0
    let bytes = 0
    let count = 0
    for (const job of lane.jobs) {
      if (count > 0 && (records + job.records.length > appendRecordsMax || bytes + job.bytes > appendBytesMax)) break
      records += job.records.length
      bytes += job.bytes
      count += 1
    }
    return lane.jobs.splice(0, count)
  }

  /** Those who wait are told at once; the rest stays at the head of the queue, in order. */
  const giveBack = (lane: Lane, jobs: Job[], error: unknown) => {
    const kept: Job[] = []
    for (const job of jobs) {
      if (job.done === undefined && !isVardeError(error, 'BUS_CLOSED')) kept.push(job)
      else {
        forget(job)
        if (job.done === undefined) health.lostRecords += job.records.length
        else job.done.reject(error)
      }
    }
    lane.jobs.unshift(...kept)
    setState(
      isVardeError(error, 'BUS_FULL') ? 'full' : 'failing',
      error instanceof Error ? error.message : String(error),
    )
  }

  const pump = async (lane: Lane): Promise<void> => {
    while (lane.jobs.length > 0) {
      const jobs = takeJobs(lane)
      const single = jobs.length === 1 ? jobs[0]?.records : undefined
      try {
        await bus.append(topic, lane.partition, single ?? jobs.flatMap((job) => job.records))
      } catch (error) {
        giveBack(lane, jobs, error)
        held = true
        if (closing) return abandon(lane)
        if (lane.jobs.length > 0) await new Promise((resolve) => setTimeout(resolve, retryMs).unref())
        continue
      }
      for (const job of jobs) {
        forget(job)
        health.appendedRecords += job.records.length
        health.appendedBytes += job.bytes
        job.done?.resolve()
      }
      setState('ok')
      release()
    }
  }

  const abandon = (lane: Lane) => {
    for (const job of lane.jobs.splice(0)) {
      forget(job)
      if (job.done === undefined) health.lostRecords += job.records.length
      else job.done.reject(new VardeError('INGEST_STOPPED', 'the collector stops and the bus takes nothing'))
    }
  }

  const run = (lane: Lane) => {
    lane.running ??= pump(lane).finally(() => {
      lane.running = undefined
      if (lane.jobs.length > 0 && !closing) run(lane)
    })
  }

  const enqueue = (lane: Lane, job: Job) => {
    lane.jobs.push(job)
    health.queuedRecords += job.records.length
    health.queuedBytes += job.bytes
    if (paused()) held = true
    run(lane)
  }

  return {
    async append(records) {
      if (closing) throw new VardeError('INGEST_STOPPED', 'the collector is stopping', { hint: 'Send again.' })
      if (records.length === 0) return
      const bytes = records.reduce((sum, record) => sum + record.raw.length, 0)
      // One that is alone may be as large as a body may be; else two large ones would block each other for ever.
      if (
        health.queuedRecords > 0 &&
        (health.queuedRecords + records.length > recordsMax || health.queuedBytes + bytes > bytesMax)
      ) {
        throw new VardeError('INGEST_BUSY', 'too many records are waiting to be written', {
          hint: 'Send again in a second.',
        })
      }
      const arrival = clock.now()
      const parts = new Map<Lane, Job>()
      for (const record of records) {
        const lane = laneOf(record.origin)
        if (lane === undefined) continue
        let job = parts.get(lane)
        if (job === undefined) {
          job = { records: [], bytes: 0 }
          parts.set(lane, job)
        }
        job.records.push(encodeRecord(record, arrival))
        job.bytes += record.raw.length
      }
      await Promise.all(
        [...parts].map(
          ([lane, job]) => new Promise<void>((resolve, reject) => enqueue(lane, { ...job, done: { resolve, reject } })),
        ),
      )
    },
    offer(record) {
      const lane = laneOf(record.origin)
      if (lane === undefined || closing) {
        health.lostRecords += 1
        return
      }
      const last = lane.jobs.at(-1)
      const encoded = encodeRecord(record, clock.now())
      if (
        last !== undefined &&
        last.done === undefined &&
        last.records.length < appendRecordsMax &&
        last.bytes < appendBytesMax
      ) {
        last.records.push(encoded)
        last.bytes += record.raw.length
        health.queuedRecords += 1
        health.queuedBytes += record.raw.length
        if (paused()) held = true
      } else enqueue(lane, { records: [encoded], bytes: record.raw.length })
    },
    paused,
    onResume(resume) {
      resumers.add(resume)
    },
    tick(state) {
      const latenessMs = options.latenessMsMax()
      for (const lane of lanes) {
        // A heartbeat that waits behind a full disk is enough: the next would say no more.
        if (state === 'live' && lane.jobs.length > 0 && health.state !== 'ok') continue
        enqueue(lane, {
          records: [encodeTick({ collector: options.collector, arrival: clock.now(), state, latenessMs })],
          bytes: 0,
        })
      }
    },
    health: () => ({ ...health }),
    async close() {
      closing = true
      await Promise.all(lanes.map((lane) => lane.running))
      setState('closed')
    },
  }
}
