// The bus as another thread sees it: frames cross as they lie on disk, and are checked and unpacked over here.
import type { MessagePort } from 'node:worker_threads'
import { connect, limits, transferring } from '@varde/runtime'
import type { Bus, BusRecord, PartitionInfo, ReadOptions, TopicInfo, TopicSettings } from '../port.ts'
import { batchesOf, type Chunk, closedError } from './read.ts'
import { encodeRecords, type Payload } from './records.ts'

/** What the thread that owns the bus exposes. */
export interface BusHost {
  ensureTopic(name: string, settings: TopicSettings): Promise<TopicInfo>
  topics(): Promise<TopicInfo[]>
  partition(topic: string, partition: number): Promise<PartitionInfo>
  /** Resolves with the offset of the first record. */
  appendPayloads(topic: string, partition: number, payloads: Payload[]): Promise<number>
  chunks(topic: string, options: Pick<ReadOptions, 'partition' | 'from' | 'untilEnd' | 'signal'>): AsyncIterable<Chunk>
  trim(topic: string, partition: number, below: number): Promise<void>
}

export const encodeLimit = { payloadBytes: limits.busFrameBytesMax, recordBytes: limits.busRecordBytesMax }

export function offsetsFrom(base: number, count: number): { offsets: number[] } {
  return { offsets: Array.from({ length: count }, (_, n) => base + n) }
}

export function busOf(host: BusHost, close: () => Promise<void>): Bus {
  return {
    ensureTopic: (name, settings) => host.ensureTopic(name, settings),
    topics: () => host.topics(),
    partition: (topic, partition) => host.partition(topic, partition),
    async append(topic, partition, records: BusRecord[]) {
      const payloads = encodeRecords(records, encodeLimit)
      const owned = transferring(
        payloads,
        payloads.flatMap(({ bytes }) => (bytes.buffer instanceof ArrayBuffer ? [bytes.buffer] : [])),
      )
      return offsetsFrom(await host.appendPayloads(topic, partition, owned), records.length)
    },
    async *read(topic, options) {
      const { partition, from, untilEnd, signal } = options
      const until = untilEnd === true ? (await host.partition(topic, partition)).end : Number.POSITIVE_INFINITY
      const wanted = {
        partition,
        from,
        ...(untilEnd === undefined ? {} : { untilEnd }),
        ...(signal === undefined ? {} : { signal }),
      }
      yield* batchesOf(host.chunks(topic, wanted), topic, options, until)
    },
    trim: (topic, partition, below) => host.trim(topic, partition, below),
    close,
  }
}

/**
 * The same interface over a port of `EmbeddedBus.connectionPort()`. Closing it closes the connection, not the bus.
 * When either is closed, pending calls reject with BUS_CLOSED.
 */
export function connectEmbeddedBus(port: MessagePort): Bus {
  return busOf(connect<BusHost>(port, closedError), async () => port.close())
}
