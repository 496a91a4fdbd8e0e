// The bus on local files: topics in a folder, one process, an append acknowledged after fsync.
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { MessagePort } from 'node:worker_threads'
import {
  type Clock,
  createConnections,
  limits,
  lockFolder,
  systemClock,
  transferring,
  VardeError,
} from '@varde/runtime'
import type { Bus, TopicInfo } from '../port.ts'
import { type BusFinding, checkBusFolder } from './check.ts'
import { type CleanEnds, cleanCloseProblem, readCleanClose, removeCleanClose, writeCleanClose } from './clean-close.ts'
import { type BusHost, busOf, connectEmbeddedBus } from './connect.ts'
import { type BusState, createPartition, type Partition } from './partition.ts'
import { closedError, readChunks } from './read.ts'
import type { Payload } from './records.ts'
import { recoverPartition } from './recover.ts'
import {
  assertTopicSettings,
  newIncarnation,
  partitionFolder,
  readTopics,
  settingsError,
  type Topic,
  writeTopic,
} from './topic-folder.ts'

export { type BusFinding, checkBusFolder, connectEmbeddedBus }

export interface EmbeddedBusOptions {
  /** The folder, made where it is missing. */
  dir: string
  segmentBytes?: number
  /** Upper bound of all segment files; appends beyond it fail with BUS_FULL. */
  quotaBytes?: number
  inFlightBytesMax?: number
  compression?: 'zstd' | 'none'
  /** How often retention by age is looked at, milliseconds. */
  retainEveryMs?: number
  clock?: Clock
}

export interface EmbeddedBusFacts {
  /** Found at the start: ends cut off because a crash came before their fsync, and their bytes. */
  tornTails: number
  tornBytes: number
  /** Found at the start: places whose bytes are not what was written. Reading them fails with BUS_DAMAGED. */
  damages: number
  bytes: number
  segments: number
  inFlightBytes: number
  /** Since the start: records, fsyncs, payload bytes before and file bytes after compression, appends refused as full. */
  appendedRecords: number
  commits: number
  plainBytes: number
  storedBytes: number
  full: number
  droppedSegments: number
}

export interface EmbeddedBus extends Bus {
  /** For another thread, which calls `connectEmbeddedBus` on it. */
  connectionPort(): MessagePort
  facts(): EmbeddedBusFacts
  /** Reads every segment and names what does not hold. */
  check(progress?: (doneBytes: number, totalBytes: number) => void): Promise<BusFinding[]>
}

interface OpenTopic extends Topic {
  parts: Partition[]
}

export async function openEmbeddedBus(options: EmbeddedBusOptions): Promise<EmbeddedBus> {
  const { dir } = options
  const topicsFolder = join(dir, 'topics')
  await mkdir(topicsFolder, { recursive: true })
  const lock = lockFolder(dir, { code: 'BUS_LOCKED', what: 'the bus' })
  const state: BusState = {
    clock: options.clock ?? systemClock,
    segmentBytes: options.segmentBytes ?? limits.busSegmentBytesMax,
    compression: options.compression ?? 'zstd',
    quotaBytes: options.quotaBytes,
    bytes: 0,
    inFlightBytes: 0,
    closed: false,
    counts: { appendedRecords: 0, commits: 0, plainBytes: 0, storedBytes: 0, full: 0, droppedSegments: 0 },
  }
  const found = { tornTails: 0, tornBytes: 0, damages: 0 }
  const topics = new Map<string, OpenTopic>()

  async function openPartition(topic: Topic, partition: number, clean: CleanEnds | undefined): Promise<Partition> {
    const place = {
      folder: partitionFolder(topicsFolder, topic.name, partition),
      topic: topic.name,
      partition,
      incarnation: topic.incarnation,
    }
    const recovered = await recoverPartition(place, state.clock.now(), clean?.[`${topic.name}/${partition}`])
    found.tornTails += recovered.tornTails
    found.tornBytes += recovered.tornBytes
    for (const segment of recovered.segments) {
      found.damages += segment.damages.length
      state.bytes += segment.bytes
    }
    return createPartition(state, recovered, { ...place, settings: topic.settings })
  }

  let noteProblem: string | undefined
  try {
    noteProblem = await cleanCloseProblem(dir)
    const clean = await readCleanClose(dir)
    for (const topic of await readTopics(topicsFolder)) {
      const parts: Partition[] = []
      for (let n = 0; n < topic.partitions; n += 1) parts.push(await openPartition(topic, n, clean))
      topics.set(topic.name, { ...topic, parts })
    }
    await removeCleanClose(dir)
  } catch (error) {
    lock.release()
    throw error
  }

  const allParts = () => [...topics.values()].flatMap(({ parts }) => parts)
  const sweep = () => Promise.all(allParts().map((part) => part.retain()))
  // A sweep that fails (a disk gone read-only) is tried again at the next; appends report the disk's state.
  const timer = setInterval(() => void sweep().catch(() => {}), options.retainEveryMs ?? 60_000).unref()

  function partOf(topic: string, partition: number): Partition {
    if (state.closed) throw closedError()
    const part = topics.get(topic)?.parts[partition]
    if (part !== undefined) return part
    throw new VardeError('BUS_UNKNOWN_TOPIC', `there is no partition ${partition} of a topic ${topic}`, {
      facts: { topic, partition },
      hint: `Topics: ${[...topics.keys()].join(', ') || 'none yet'}.`,
    })
  }

  // Topics change one at a time.
  let turn: Promise<unknown> = Promise.resolve()

  async function ensure(name: string, settings: Parameters<Bus['ensureTopic']>[1]): Promise<TopicInfo> {
    if (state.closed) throw closedError()
    assertTopicSettings(name, settings)
    const known = topics.get(name)
    if (known !== undefined && settings.partitions < known.partitions) {
      throw settingsError(
        name,
        `it has ${known.partitions} partitions, and can't have fewer (${settings.partitions}): their records would be lost`,
      )
    }
    const incarnation = known?.incarnation ?? newIncarnation()
    const topic: OpenTopic = { name, incarnation, partitions: settings.partitions, settings, parts: known?.parts ?? [] }
    if (known === undefined || JSON.stringify(known.settings) !== JSON.stringify(settings))
      await writeTopic(topicsFolder, topic)
    while (topic.parts.length < settings.partitions)
      topic.parts.push(await openPartition(topic, topic.parts.length, undefined))
    for (const part of topic.parts) part.setRetention(settings)
    topics.set(name, topic)
    await Promise.all(topic.parts.map((part) => part.retain()))
    return { name, incarnation, partitions: topic.partitions }
  }

  const inFlightMax = options.inFlightBytesMax ?? limits.busInFlightBytesMax
  const waiting: (() => void)[] = []

  async function start(part: Partition, payloads: Payload[]): Promise<number> {
    try {
      return await part.append(payloads)
    } finally {
      while (waiting.length > 0 && state.inFlightBytes < inFlightMax) waiting.shift()?.()
    }
  }

  /** First come, first served: who waits for room is not overtaken. */
  function queueUp(part: Partition, payloads: Payload[]): Promise<number> {
    return new Promise((resolve, reject) => {
      waiting.push(() => {
        if (state.closed) reject(closedError())
        else start(part, payloads).then(resolve, reject)
      })
    })
  }

  const host: BusHost = {
    ensureTopic(name, settings) {
      const result = turn.then(() => ensure(name, settings))
      turn = result.catch(() => {})
      return result
    },
    topics: async () =>
      [...topics.values()].map(({ name, incarnation, partitions }) => ({ name, incarnation, partitions })),
    partition: async (topic, partition) => partOf(topic, partition).info(),
    async appendPayloads(topic, partition, payloads) {
      const part = partOf(topic, partition)
      if (payloads.length === 0) return part.info().end
      if (state.inFlightBytes >= inFlightMax || waiting.length > 0) return queueUp(part, payloads)
      return start(part, payloads)
    },
    async *chunks(topic, read) {
      for await (const chunk of readChunks(state, partOf(topic, read.partition), read)) {
        const { buffer } = chunk.bytes
        yield buffer instanceof ArrayBuffer ? transferring(chunk, [buffer]) : chunk
      }
    },
    trim: async (topic, partition, below) => partOf(topic, partition).trim(below),
  }
  const connections = createConnections(host)

  async function close(): Promise<void> {
    if (state.closed) return
    state.closed = true
    clearInterval(timer)
    for (const proceed of waiting.splice(0)) proceed()
    await turn
    const ends: CleanEnds = {}
    for (const part of allParts()) {
      await part.close()
      const last = part.segments.at(-1)
      if (last !== undefined)
        ends[`${part.topic}/${part.partition}`] = { base: last.base, bytes: last.bytes, end: part.info().end }
    }
    connections.close()
    await writeCleanClose(dir, ends)
    lock.release()
  }

  return {
    ...busOf(host, close),
    connectionPort: () => connections.connectionPort(),
    facts: () => ({
      ...found,
      ...state.counts,
      bytes: state.bytes,
      segments: allParts().reduce((sum, { segments }) => sum + segments.length, 0),
      inFlightBytes: state.inFlightBytes,
    }),
    async check(progress) {
      const ends: CleanEnds = {}
      for (const part of allParts()) {
        const last = part.segments.at(-1)
        if (last !== undefined)
          ends[`${part.topic}/${part.partition}`] = { base: last.base, bytes: last.bytes, end: part.info().end }
      }
      const findings = await checkBusFolder(dir, { ends, ...(progress === undefined ? {} : { progress }) })
      if (noteProblem === undefined) return findings
      // The start was that after a crash, which needs no note; the next close writes a new one.
      const problem = `${noteProblem}: the start was that after a crash, and a new note comes with the next close`
      return [{ file: 'closed.json', problem, rebuilt: true }, ...findings]
    },
  }
}
