// Records into partitions, each durable once: acks=all, numbered by an idempotent producer, sent again until it is known what became of them.
import { type Logger, limits, VardeError } from '@varde/runtime'
import type { BusRecord } from '../port.ts'
import { type Cluster, closedError, pauseFor, unknownTopic } from './cluster.ts'
import type { Link } from './connect.ts'
import { explainFault, faultName, faultOf, isFinal } from './faults.ts'
import { encodeBatch, recordBytes } from './record-batch.ts'
import type { Compression } from './settings.ts'
import { type Cursor, int16, int32, readInt16, readInt32, readInt64, readMany, readString, string } from './wire.ts'

export const recordBytesMax = limits.busRecordBytesMax
/** Records of one request: as many as came while the one before was on its way. */
const requestBytesMax = 1024 * 1024
const ackTimeoutMs = 10_000
const answerTimeoutMs = 12_000
const toldEveryMs = 10_000
const pauseMsMax = 1_000

/** One call of `append`. */
interface Job {
  offsets: number[]
  bytes: number
  resolve(offsets: number[]): void
  reject(error: unknown): void
}

/** What of a call goes into one batch. */
interface Piece {
  job: Job
  records: BusRecord[]
  bytes: number
  last: boolean
}

interface Lane {
  topic: string
  partition: number
  pieces: Piece[]
  running: boolean
  /** Drawn from the cluster: with it and the sequence a batch that is sent again is known again. */
  identity: Identity | undefined
  /** Of the next record, as the broker counts them for this identity. */
  sequence: number
}

interface Identity {
  id: number
  epoch: number
}

export interface Producer {
  append(topic: string, partition: number, records: BusRecord[]): Promise<number[]>
  facts(): { appendedRecords: number; requests: number; retries: number; inFlightBytes: number; sentBytes: number }
  close(): Promise<void>
}

export interface ProducerOptions {
  cluster: Cluster
  compression: Compression
  log: Logger
  inFlightBytesMax?: number
}

export function createProducer(options: ProducerOptions): Producer {
  const { cluster, log } = options
  const inFlightBytesMax = options.inFlightBytesMax ?? limits.busInFlightBytesMax
  const lanes = new Map<string, Lane>()
  const waiting: (() => void)[] = []
  const facts = { appendedRecords: 0, requests: 0, retries: 0, inFlightBytes: 0, sentBytes: 0 }
  const idle = new Set<() => void>()
  const closing = new AbortController()
  let toldAt = 0

  async function drawIdentity(): Promise<Identity> {
    const { broker } = await cluster.shared('control', await cluster.anyBroker())
    const drawn = await broker.initProducerId({ transactionalId: null, transactionTimeout: 60_000 })
    return { id: Number(drawn.producerId), epoch: drawn.producerEpoch }
  }

  function laneOf(topic: string, partition: number): Lane {
    const key = `${topic}/${partition}`
    let lane = lanes.get(key)
    if (lane === undefined) {
      lane = { topic, partition, pieces: [], running: false, identity: undefined, sequence: 0 }
      lanes.set(key, lane)
    }
    return lane
  }

  async function send(lane: Lane, records: BusRecord[]): Promise<number> {
    let batch: Buffer | undefined
    let pauseMs = 20
    for (;;) {
      if (cluster.closed()) throw closedError()
      try {
        if (lane.identity === undefined) {
          lane.identity = await drawIdentity()
          lane.sequence = 0
          batch = undefined
        }
        const { id, epoch } = lane.identity
        const origin = { producerId: id, producerEpoch: epoch, sequence: lane.sequence, time: Date.now() }
        batch ??= await encodeBatch(records, origin, options.compression)
        const link = await cluster.shared('produce', await cluster.leader(lane.topic, lane.partition))
        facts.requests += 1
        facts.sentBytes += batch.length
        const base = await askProduce(link, lane, batch)
        // Kafka counts on in 31 bits.
        lane.sequence = (lane.sequence + records.length) % 2 ** 31
        return base
      } catch (error) {
        await onFailure(lane, error, pauseMs)
        pauseMs = Math.min(pauseMs * 2, pauseMsMax)
      }
    }
  }

  async function onFailure(lane: Lane, error: unknown, pauseMs: number): Promise<void> {
    const fault = faultName(error)
    if (fault === 'MESSAGE_TOO_LARGE' || fault === 'RECORD_LIST_TOO_LARGE')
      throw new VardeError('BUS_RECORD_TOO_LARGE', `the broker takes no batch of this size in ${lane.topic}`, {
        cause: error,
        hint: 'Raise max.message.bytes of the topic, and message.max.bytes of the brokers.',
      })
    if (isFinal(error)) throw explainFault(error, undefined, `appending to ${lane.topic}`)
    // Who the broker has forgotten begins to count anew; what it has, it would have told as known.
    if (
      fault === 'UNKNOWN_PRODUCER_ID' ||
      fault === 'OUT_OF_ORDER_SEQUENCE_NUMBER' ||
      fault === 'INVALID_PRODUCER_EPOCH'
    )
      lane.identity = undefined
    facts.retries += 1
    // A coordinator that loads or a leader that moves is over within a second: nobody need hear of it.
    if (pauseMs === pauseMsMax && Date.now() - toldAt > toldEveryMs) {
      toldAt = Date.now()
      log.warn(
        { topic: lane.topic, partition: lane.partition, fault },
        'bus: an append is sent again until it is durable',
      )
    }
    cluster.forget()
    await pauseFor(pauseMs * (0.5 + Math.random()))
  }

  async function run(lane: Lane): Promise<void> {
    while (lane.pieces.length > 0) {
      const pieces = takePieces(lane.pieces)
      try {
        let offset = await send(
          lane,
          pieces.length === 1 ? (pieces[0]?.records ?? []) : pieces.flatMap(({ records }) => records),
        )
        for (const { job, records, last } of pieces) {
          for (let n = 0; n < records.length; n += 1) job.offsets.push(offset + n)
          offset += records.length
          facts.appendedRecords += records.length
          if (last) settle(job, () => job.resolve(job.offsets))
        }
      } catch (error) {
        // What is left of these calls can't be appended either: their order would be broken.
        const failed = new Set(pieces.map(({ job }) => job))
        lane.pieces = lane.pieces.filter(({ job }) => !failed.has(job))
        for (const job of failed) settle(job, () => job.reject(error))
      }
    }
    lane.running = false
    if ([...lanes.values()].every((one) => !one.running)) for (const done of idle) done()
  }

  function settle(job: Job, tell: () => void): void {
    facts.inFlightBytes -= job.bytes
    tell()
    while (waiting.length > 0 && facts.inFlightBytes < inFlightBytesMax) waiting.shift()?.()
  }

  function enqueue(lane: Lane, records: BusRecord[], bytes: number): Promise<number[]> {
    return new Promise((resolve, reject) => {
      facts.inFlightBytes += bytes
      const job: Job = { offsets: [], bytes, resolve, reject }
      lane.pieces.push(...piecesOf(job, records))
      if (lane.running) return
      lane.running = true
      void run(lane)
    })
  }

  return {
    async append(topic, partition, records) {
      if (closing.signal.aborted) throw closedError()
      let bytes = 0
      for (const record of records) {
        const size = recordBytes(record)
        if (size > recordBytesMax)
          throw new VardeError('BUS_RECORD_TOO_LARGE', `a record of ${size} bytes is longer than ${recordBytesMax}`)
        bytes += size
      }
      if (records.length === 0) {
        await cluster.insist('appending', () => cluster.leader(topic, partition))
        return []
      }
      // Told before the queue, so that a wrong name is never a retry; the cluster answers from what it knows.
      const known = await cluster.insist(`appending to ${topic}`, () => cluster.topic(topic), {
        giveUpMs: Number.MAX_SAFE_INTEGER,
        signal: closing.signal,
      })
      if (known === undefined || partition >= known.leaders.length) throw unknownTopic(topic, partition)
      const lane = laneOf(topic, partition)
      if (facts.inFlightBytes < inFlightBytesMax && waiting.length === 0) return enqueue(lane, records, bytes)
      return new Promise<number[]>((resolve, reject) => {
        waiting.push(() => enqueue(lane, records, bytes).then(resolve, reject))
      })
    },
    facts: () => ({ ...facts }),
    async close() {
      closing.abort()
      if ([...lanes.values()].every((lane) => !lane.running)) return
      await new Promise<void>((resolve) => idle.add(resolve))
    },
  }
}

function piecesOf(job: Job, records: BusRecord[]): Piece[] {
  if (job.bytes <= requestBytesMax) return [{ job, records, bytes: job.bytes, last: true }]
  const pieces: Piece[] = []
  let from = 0
  let bytes = 0
  for (const [index, record] of records.entries()) {
    const size = recordBytes(record)
    if (index > from && bytes + size > requestBytesMax) {
      pieces.push({ job, records: records.slice(from, index), bytes, last: false })
      from = index
      bytes = 0
    }
    bytes += size
  }
  pieces.push({ job, records: records.slice(from), bytes, last: true })
  return pieces
}

function takePieces(pieces: Piece[]): Piece[] {
  let bytes = 0
  let count = 0
  for (const piece of pieces) {
    if (count > 0 && bytes + piece.bytes > requestBytesMax) break
    bytes += piece.bytes
    count += 1
  }
  return pieces.splice(0, count)
}

/** Produce v7: acks from all in-sync replicas. Gives the offset of the first record; the same for a batch that is known already. */
function askProduce(link: Link, lane: Lane, batch: Buffer): Promise<number> {
  const body = Buffer.concat([
    int16(-1),
    int16(-1),
    int32(ackTimeoutMs, 1),
    string(lane.topic),
    int32(1, lane.partition, batch.length),
    batch,
  ])
  const request = { apiKey: 0, apiVersion: 7, apiName: 'Produce', body, timeoutMs: answerTimeoutMs }
  return link.send(request, (buffer) => {
    const cursor: Cursor = { buffer, at: 0 }
    let base = -1
    let code = 0
    readMany(readInt32(cursor), () => {
      readString(cursor)
      readMany(readInt32(cursor), () => {
        readInt32(cursor)
        code = readInt16(cursor)
        base = readInt64(cursor)
        readInt64(cursor)
        readInt64(cursor)
      })
    })
    if (code !== 0) throw faultOf(code)
    return base
  })
}
