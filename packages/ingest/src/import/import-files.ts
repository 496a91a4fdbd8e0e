// History out of files: each record named by (file digest, byte offset), so that a second run makes no doubles.
import { type Bus, type BusRecord, partitionOf } from '@varde/bus'
import { type Clock, limits, monotonic, systemClock } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'
import { encodeRecord, type Origin, rawTopic } from '../raw-topic.ts'
import { fileDigest, openFile } from './open-file.ts'
import { createLineSplitter, createXmlSplitter, isXmlExport } from './split.ts'

export interface ImportProgress {
  file: string
  /** Of the file as it lies there, compressed or not. */
  bytesRead: number
  bytesTotal: number
  records: number
  recordsPerSecond: number
  /** Undefined until there is something to judge by. */
  secondsLeft: number | undefined
  done: boolean
}

export interface ImportedFile {
  file: string
  digest: string
  /** Written by this run. */
  records: number
  /** Written by runs before, and passed over now. */
  skippedBytes: number
  /** Longer than a record may be: kept as dead letters. */
  cutRecords: number
}

export interface ImportOptions {
  bus: Bus
  /** Remembers how far each file came. Without it a restart reads all again; the store knows the doubles. */
  documents?: DocumentStore
  stream: string
  source: string
  tenant?: string
  dataset?: string
  timeZone?: string
  retention?: string
  /** False for a live replay into the stream: then records are matched as they come. */
  imported?: boolean
  /** Records that the ingest has not stored yet: reading waits while it is far behind. */
  lagRecords?: () => number
  onProgress?: (progress: ImportProgress) => void
  clock?: Clock
  signal?: AbortSignal
}

const batchRecordsMax = 2_000
const batchBytesMax = 4 * 1024 * 1024
// Enough to keep an ingest busy, little enough that a stop is quick and the topic stays small.
const lagRecordsMax = 100_000
const rememberEveryMs = 1_000
const appendsInFlightMax = 4

interface Batch {
  records: BusRecord[]
  bytes: number
  /** Where the file goes on after it. */
  until: number
}

/** Resolves when all of it is durable in the raw topic. Rejects with IMPORT_UNREADABLE, BUS_FULL, or the signal's reason. */
export async function importFiles(files: readonly string[], options: ImportOptions): Promise<ImportedFile[]> {
  const done: ImportedFile[] = []
  for (const file of files) done.push(await importFile(file, options))
  return done
}

async function importFile(path: string, options: ImportOptions): Promise<ImportedFile> {
  const { signal } = options
  const clock = monotonic(options.clock ?? systemClock)
  const topic = rawTopic(options.stream)
  const partitions = (await options.bus.topics()).find((info) => info.name === topic)?.partitions ?? 0
  if (partitions === 0) await options.bus.ensureTopic(topic, { partitions: 1 })
  const digest = await fileDigest(path, signal)
  const memory = openMemory(options.documents, digest)
  const skip = await memory.read()
  const result: ImportedFile = { file: path, digest, records: 0, skippedBytes: skip, cutRecords: 0 }
  const origin = originOf(options)
  const file = await openFile(path)
  const started = performance.now()
  const progress = (finished: boolean) => {
    if (options.onProgress === undefined) return
    const seconds = (performance.now() - started) / 1_000
    const bytesRead = finished ? file.bytesTotal : Math.min(file.bytesRead(), file.bytesTotal)
    const rate = seconds > 0 ? bytesRead / seconds : 0
    options.onProgress({
      file: path,
      bytesRead,
      bytesTotal: file.bytesTotal,
      records: result.records,
      recordsPerSecond: seconds > 0 ? result.records / seconds : 0,
      secondsLeft: seconds > 0.5 && rate > 0 ? (file.bytesTotal - bytesRead) / rate : undefined,
      done: finished,
    })
  }

  let batch: Batch = { records: [], bytes: 0, until: skip }
  const full: Batch[] = []
  let durableUntil = skip
  const take = (raw: Buffer, offset: number, cutBytes: number) => {
    if (offset < skip) return
    const sender = { producer: digest, sequence: offset }
    batch.records.push(encodeRecord({ origin, raw, sender, ...(cutBytes > 0 && { cutBytes }) }, clock.now()))
    batch.bytes += raw.length
    batch.until = offset + raw.length + cutBytes
    if (cutBytes > 0) result.cutRecords += 1
    if (batch.records.length < batchRecordsMax && batch.bytes < batchBytesMax) return
    full.push(batch)
    batch = { records: [], bytes: 0, until: batch.until }
  }

  const writer = createWriter(options, topic, partitionOf(digest, Math.max(1, partitions)), async (until, records) => {
    result.records += records
    durableUntil = until
    await memory.write(until)
    progress(false)
  })
  try {
    let splitter: ReturnType<typeof createLineSplitter> | undefined
    for await (const chunk of file.chunks) {
      signal?.throwIfAborted()
      splitter ??= isXmlExport(chunk.subarray(0, 4_096))
        ? createXmlSplitter(limits.recordBytesMax, take)
        : createLineSplitter(limits.recordBytesMax, take)
      splitter.push(chunk)
      for (const ready of full.splice(0)) await writer.write(ready)
    }
    splitter?.end()
    if (batch.records.length > 0) full.push(batch)
    for (const ready of full.splice(0)) await writer.write(ready)
    await writer.end()
    await memory.write(Number.MAX_SAFE_INTEGER, true)
    progress(true)
    return result
  } catch (error) {
    // What is under way still lands; then the next run begins behind it.
    await writer.end().catch(() => undefined)
    await memory.write(durableUntil, true).catch(() => undefined)
    throw error
  } finally {
    file.close()
  }
}

function originOf(options: ImportOptions): Origin {
  return {
    tenant: options.tenant ?? 'house',
    source: options.source,
    retention: options.retention ?? 'standard',
    collector: 'import',
    transport: 'file',
    ...(options.dataset !== undefined && { dataset: options.dataset }),
    ...(options.timeZone !== undefined && { timeZone: options.timeZone }),
    ...((options.imported ?? true) && { imported: true }),
  }
}

/** A file goes to one partition, in order: then the store knows new records by their place alone. Some appends are in flight. */
function createWriter(
  options: ImportOptions,
  topic: string,
  partition: number,
  onDurable: (until: number, records: number) => Promise<void>,
) {
  const flying: { done: Promise<void>; batch: Batch }[] = []
  const land = async () => {
    const oldest = flying.shift()
    if (oldest === undefined) return
    await oldest.done
    await onDurable(oldest.batch.until, oldest.batch.records.length)
  }
  return {
    async write(batch: Batch) {
      options.signal?.throwIfAborted()
      while ((options.lagRecords?.() ?? 0) > lagRecordsMax) {
        options.signal?.throwIfAborted()
        await new Promise((resolve) => setTimeout(resolve, 50))
      }
      if (flying.length >= appendsInFlightMax) await land()
      const done = options.bus.append(topic, partition, batch.records).then(() => undefined)
      done.catch(() => undefined)
      flying.push({ done, batch })
    },
    async end() {
      while (flying.length > 0) await land()
    },
  }
}

/** How far a file came, by its digest. */
function openMemory(documents: DocumentStore | undefined, digest: string) {
  const id = `import.${digest}`
  let version: number | undefined
  let writtenAt = 0
  return {
    async read(): Promise<number> {
      const found = await documents?.get<JsonObject>(collections.state.name, id)
      version = found?.version
      const until = found?.doc['until']
      return typeof until === 'number' ? until : 0
    },
    async write(until: number, now = false) {
      if (documents === undefined || (!now && performance.now() - writtenAt < rememberEveryMs)) return
      writtenAt = performance.now()
      const doc: JsonObject = { until }
      const written =
        version === undefined
          ? await documents.create(collections.state.name, id, doc)
          : await documents.update(collections.state.name, id, doc, version)
      // Another import of the same file: the store knows its records, so either memory will do.
      version = written.ok ? written.version : written.current?.version
    },
  }
}
