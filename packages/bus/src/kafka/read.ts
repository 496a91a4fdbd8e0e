// A partition read from an offset on, over a connection of its own; one fetch is on its way while the one before is looked at.
import { limits, VardeError } from '@varde/runtime'
import type { Batch, ReadOptions, StoredRecord } from '../port.ts'
import { type Cluster, closedError, pauseFor, unknownTopic } from './cluster.ts'
import type { Link } from './connect.ts'
import { explainFault, faultName, faultOf, isFinal } from './faults.ts'
import { type Decoded, decodeBatches } from './record-batch.ts'
import {
  type Cursor,
  int16,
  int32,
  int64,
  readInt16,
  readInt32,
  readInt64,
  readMany,
  readString,
  string,
} from './wire.ts'

/** Of one partition, compressed: as Kafka's own consumers ask for. */
const fetchBytes = 1024 * 1024
const fetchWaitMsDefault = 500
const answerTimeoutMs = 15_000

export interface Ends {
  first: number
  end: number
}

interface Fetched extends Decoded {
  end: number
}

const [earliest, latest] = [-2, -1]

async function offsetOf(link: Link, topic: string, partition: number, timestamp: number): Promise<number> {
  const { responses } = await link.broker.listOffsets({
    replicaId: -1,
    isolationLevel: 0,
    topics: [{ topic, partitions: [{ partition, timestamp }] }],
  })
  return Number(responses[0]?.partitions[0]?.offset ?? -1)
}

export async function askEnds(link: Link, topic: string, partition: number): Promise<Ends> {
  const [first, end] = await Promise.all([
    offsetOf(link, topic, partition, earliest),
    offsetOf(link, topic, partition, latest),
  ])
  return { first, end }
}

/** Fetch v11: committed records only, waiting for some up to `waitMs`. */
export function askFetch(link: Link, topic: string, partition: number, from: number, waitMs: number): Promise<Fetched> {
  const body = Buffer.concat([
    int32(-1, waitMs, 1, fetchBytes),
    Buffer.from([1]),
    int32(0, -1, 1),
    string(topic),
    int32(1, partition, -1),
    int64(from),
    int64(-1),
    int32(fetchBytes, 0),
    int16(0),
  ])
  const request = { apiKey: 1, apiVersion: 11, apiName: 'Fetch', body, timeoutMs: waitMs + answerTimeoutMs }
  return link.send(request, (buffer) => {
    const cursor: Cursor = { buffer, at: 0 }
    readInt32(cursor)
    const code = readInt16(cursor)
    if (code !== 0) throw faultOf(code)
    readInt32(cursor)
    let fetched: Fetched = { records: [], next: from, end: from }
    readMany(readInt32(cursor), () => {
      readString(cursor)
      readMany(readInt32(cursor), () => {
        readInt32(cursor)
        const partitionCode = readInt16(cursor)
        const end = readInt64(cursor)
        readInt64(cursor)
        readInt64(cursor)
        readMany(readInt32(cursor), () => {
          cursor.at += 16
        })
        readInt32(cursor)
        const bytes = readInt32(cursor)
        const set = buffer.subarray(cursor.at, cursor.at + Math.max(0, bytes))
        cursor.at += set.length
        if (partitionCode !== 0) throw faultOf(partitionCode)
        fetched = { ...decodeBatches(set, from), end }
      })
    })
    return fetched
  })
}

export interface Reading {
  cluster: Cluster
  topic: string
  waitMs?: number
}

export async function* readPartition(reading: Reading, options: ReadOptions): AsyncGenerator<Batch> {
  const { cluster, topic } = reading
  const { partition, signal } = options
  if (cluster.closed()) throw closedError()
  if (signal?.aborted) return
  const known = await cluster.insist(
    `reading ${topic}`,
    () => cluster.topic(topic),
    signal === undefined ? {} : { signal },
  )
  if (known === undefined || partition >= known.leaders.length) throw unknownTopic(topic, partition)
  const source = createSource(reading, options)
  // Whoever waits for an answer that comes in half a second is let go at once.
  const stop = () => source.drop()
  signal?.addEventListener('abort', stop, { once: true })
  try {
    const until = options.untilEnd === true ? (await source.ends()).end : Number.POSITIVE_INFINITY
    let next = options.from
    if (next >= until) return
    let fetching = source.fetch(next)
    for (;;) {
      const fetched = await fetching
      if (signal?.aborted) return
      next = fetched.next
      if (next < until) {
        fetching = source.fetch(next)
        // Its failure is met at the next round, or never where the reader has gone.
        fetching.catch(() => undefined)
      }
      const records =
        until === Number.POSITIVE_INFINITY ? fetched.records : fetched.records.filter(({ offset }) => offset < until)
      for (const part of bounded(records, options)) {
        yield { partition, records: part, end: fetched.end }
        if (signal?.aborted) return
      }
      if (next >= until) return
    }
  } catch (error) {
    if (signal?.aborted) return
    throw cluster.closed() ? closedError() : error
  } finally {
    signal?.removeEventListener('abort', stop)
    source.drop()
  }
}

interface Source {
  ends(): Promise<Ends>
  fetch(from: number): Promise<Fetched>
  drop(): void
}

/** Keeps a connection to whoever leads the partition, and asks again while nobody does. */
function createSource({ cluster, topic, waitMs = fetchWaitMsDefault }: Reading, options: ReadOptions): Source {
  const { partition, signal } = options
  let link: Link | undefined
  let dropped = false

  async function toLeader(): Promise<Link> {
    if (link?.isOpen()) return link
    link?.drop()
    link = await cluster.own(await cluster.leader(topic, partition))
    if (dropped) link.drop()
    return link
  }

  async function insist<T>(run: (link: Link) => Promise<T>): Promise<T> {
    for (let pauseMs = 20; ; pauseMs = Math.min(pauseMs * 2, 1_000)) {
      if (cluster.closed() || dropped) throw closedError()
      try {
        return await run(await toLeader())
      } catch (error) {
        if (cluster.closed() || dropped) throw closedError()
        if (faultName(error) === 'OFFSET_OUT_OF_RANGE' || isFinal(error)) throw error
        link?.drop()
        link = undefined
        cluster.forget()
        await pauseFor(pauseMs * (0.5 + Math.random()), signal)
      }
    }
  }

  const ends = () => insist((open) => askEnds(open, topic, partition))

  return {
    ends,
    async fetch(from) {
      for (;;) {
        try {
          return await insist(async (open) => {
            for (;;) {
              const fetched = await askFetch(open, topic, partition, from, waitMs)
              if (fetched.next > from || dropped) return fetched
            }
          })
        } catch (error) {
          if (faultName(error) !== 'OFFSET_OUT_OF_RANGE')
            throw isFinal(error) ? explainFault(error, undefined, `reading ${topic}`) : error
          const { first, end } = await ends()
          if (from < first) throw offsetGone(topic, partition, from, first)
          if (from <= end) continue
          // Beyond the end: it waits there until the topic has grown so far, as a reader of the embedded bus does.
          await pauseFor(waitMs, signal)
          if (signal?.aborted || dropped) throw closedError()
        }
      }
    },
    drop() {
      dropped = true
      link?.drop()
    },
  }
}

function offsetGone(topic: string, partition: number, from: number, first: number): VardeError {
  return new VardeError('BUS_OFFSET_GONE', `offset ${from} of ${topic}/${partition} is gone: it begins at ${first}`, {
    facts: { topic, partition, from, first },
    hint: 'It was dropped by retention; go on at the first that is there.',
  })
}

/** In parts that keep to the bounds, each of one record at least. */
function* bounded(records: StoredRecord[], options: ReadOptions): Generator<StoredRecord[]> {
  const recordsMax = options.recordsMax ?? limits.busBatchRecordsMax
  const bytesMax = options.bytesMax ?? limits.busBatchBytesMax
  let from = 0
  let bytes = 0
  for (const [index, { value }] of records.entries()) {
    if (index > from && (index - from >= recordsMax || bytes + value.length > bytesMax)) {
      yield records.slice(from, index)
      from = index
      bytes = 0
    }
    bytes += value.length
  }
  if (from < records.length) yield from === 0 ? records : records.slice(from)
}
