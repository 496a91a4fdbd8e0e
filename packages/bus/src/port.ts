// Ordered, replayable, partitioned topics: what every bus must do. `contract.ts` checks it.

/** One record as a topic keeps it. The value is opaque; headers are small texts. */
export interface BusRecord {
  value: Uint8Array
  /** Names the partition together with the partitioner; kept. */
  key?: string
  headers: Readonly<Record<string, string>>
}

export interface StoredRecord extends BusRecord {
  offset: number
  /** UTC milliseconds of the append. */
  appendedAt: number
}

export interface TopicSettings {
  partitions: number
  /** Segments are dropped whole when all their records are older, and when the partition is larger. */
  retentionMs?: number
  retentionBytes?: number
}

export interface TopicInfo {
  name: string
  /** Changes when the topic was re-created: seals name it as their generation through a record that the ingest keeps. */
  incarnation: string
  partitions: number
}

export interface PartitionInfo {
  /** The oldest offset still kept. */
  first: number
  /** One past the newest durable offset. */
  end: number
  bytes: number
}

export interface Batch {
  partition: number
  records: StoredRecord[]
  /** One past the newest durable offset when the batch was read: end - last offset - 1 is the lag. */
  end: number
}

export interface ReadOptions {
  partition: number
  /** The first offset wanted. Below `first`: the stream fails with BUS_OFFSET_GONE, naming `first`. */
  from: number
  /** Bounds of one batch; at least one record is always given. */
  recordsMax?: number
  bytesMax?: number
  /** Ends at the end seen when the read began instead of waiting for more. */
  untilEnd?: boolean
  signal?: AbortSignal
}

/**
 * Errors are `VardeError`s: BUS_UNKNOWN_TOPIC, BUS_OFFSET_GONE, BUS_FULL (disk or quota: nothing was appended, try later),
 * BUS_RECORD_TOO_LARGE, BUS_CLOSED, BUS_LOCKED (another process has the data folder).
 */
export interface Bus {
  /** Idempotent; more partitions than before are added, fewer are refused with BUS_TOPIC_SETTINGS. */
  ensureTopic(name: string, settings: TopicSettings): Promise<TopicInfo>
  topics(): Promise<TopicInfo[]>
  partition(topic: string, partition: number): Promise<PartitionInfo>
  /**
   * Appends in order and resolves when all of it is durable (fsync, or acks=all), with the offset of each record.
   * Waits while too much is in flight: callers must await.
   */
  append(topic: string, partition: number, records: BusRecord[]): Promise<{ offsets: number[] }>
  /** Durable records only, in offset order, waiting for new ones until the signal aborts. */
  read(topic: string, options: ReadOptions): AsyncIterable<Batch>
  /** Drops whole segments below the offset that the owner no longer needs; keeps what retention asks for. */
  trim(topic: string, partition: number, below: number): Promise<void>
  /** Only where several processes can be at the same topics: see `sharePartitions`. */
  share?(topic: string, options: ShareOptions): Share
  close(): Promise<void>
}

/** What a process has of a partition while it is its turn. */
export interface Turn {
  /** Aborts when the partition goes to somebody else, or the process stops. */
  signal: AbortSignal
  /** What was last committed by the group; undefined where nothing was. */
  committed(): Promise<number | undefined>
  /** One past the last record that is done with: for displays of lag, and for those who keep no position of their own. */
  commit(next: number): Promise<void>
}

export interface ShareOptions {
  /** Processes that name the same group share the partitions among them. */
  group: string
  /** Called for each partition that becomes ours. It is handed over when this resolves, which must be soon after the abort. */
  follow(partition: number, turn: Turn): Promise<void>
}

export interface Share {
  /** Those that are ours now. */
  partitions(): number[]
  /** How often they were dealt anew. */
  facts(): { rebalances: number; generation: number }
  /** Drains, and leaves the group. */
  stop(): Promise<void>
}

/** Follows the partitions of a topic together with other processes where the bus knows of any; all of them otherwise. */
export async function sharePartitions(bus: Bus, topic: string, options: ShareOptions): Promise<Share> {
  if (bus.share !== undefined) return bus.share(topic, options)
  const stopping = new AbortController()
  const found = (await bus.topics()).find(({ name }) => name === topic)
  const all = Array.from({ length: found?.partitions ?? 0 }, (_, partition) => partition)
  const turn: Turn = { signal: stopping.signal, committed: async () => undefined, commit: async () => undefined }
  const running = Promise.all(all.map((partition) => options.follow(partition, turn)))
  running.catch(() => undefined)
  return {
    partitions: () => all,
    facts: () => ({ rebalances: 1, generation: 0 }),
    async stop() {
      stopping.abort()
      await running
    },
  }
}

/** FNV-1a over the key's UTF-8, the same in every process: where records of one key go. */
export function partitionOf(key: string, partitions: number): number {
  let hash = hashBegin
  for (let at = 0; at < key.length; at += 1) {
    const unit = key.charCodeAt(at)
    // Nearly all keys are ASCII, whose bytes need not be made first.
    if (unit > 0x7f) return (Buffer.from(key).reduce(hashNext, hashBegin) >>> 0) % partitions
    hash = hashNext(hash, unit)
  }
  return (hash >>> 0) % partitions
}

const hashBegin = 0x811c9dc5

function hashNext(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01000193)
}
