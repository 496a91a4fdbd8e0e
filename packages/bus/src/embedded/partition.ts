// One partition of a topic: its segment files, and the one writer that appends to the last of them.
import { type FileHandle, open, rm } from 'node:fs/promises'
import { type Clock, limits, VardeError } from '@varde/runtime'
import type { PartitionInfo, TopicSettings } from '../port.ts'
import { encodePayload, frameHeaderBytes, writeFrame } from './frame.ts'
import type { Payload } from './records.ts'
import { createSegment, noteFrame, type Segment, segmentHeaderBytes, segmentName, syncFolder } from './segment.ts'

/** What all partitions of a bus share. */
export interface BusState {
  clock: Clock
  segmentBytes: number
  compression: 'zstd' | 'none'
  /** Of all segments of the bus; undefined for no limit but the disk. */
  quotaBytes: number | undefined
  bytes: number
  inFlightBytes: number
  closed: boolean
  counts: {
    appendedRecords: number
    commits: number
    plainBytes: number
    storedBytes: number
    full: number
    droppedSegments: number
  }
}

export interface Partition {
  topic: string
  partition: number
  segments: readonly Segment[]
  info(): PartitionInfo
  /** Appends what was encoded; the offset of the first record, when all of it is durable. */
  append(payloads: Payload[]): Promise<number>
  /** Resolves when there is more to read, or the bus closes, or the signal aborts. */
  grown(signal: AbortSignal | undefined): Promise<void>
  /** Drops whole segments that end at or below an offset. */
  trim(below: number): Promise<void>
  /** Drops what the settings no longer ask for. */
  retain(): Promise<void>
  setRetention(settings: TopicSettings): void
  close(): Promise<void>
}

interface Waiting {
  payloads: Payload[]
  count: number
  bytes: number
  resolve(base: number): void
  reject(error: unknown): void
}

/** A group is what one fsync makes durable: larger ones only make the first of them wait. */
const groupBytesMax = 8 * 1024 * 1024

export interface Opened {
  segments: Segment[]
  file: FileHandle
  /** One past the last offset. */
  end: number
  /** UTC milliseconds of the newest record in the last segment, 0 for none. */
  appendedAt: number
}

export function createPartition(
  state: BusState,
  opened: Opened,
  place: { folder: string; topic: string; partition: number; incarnation: string; settings: TopicSettings },
): Partition {
  const { segments } = opened
  let { file, end } = opened
  let { settings } = place
  let lastAppendAt = opened.appendedAt
  let committing: Promise<void> | undefined
  /** Bytes of a failed write may still lie behind the durable end: they go before the next one. */
  let unclean = false
  const queue: Waiting[] = []
  const readers = new Set<() => void>()
  // Commits, trims and retention change the list of files: one at a time.
  let turn: Promise<unknown> = Promise.resolve()

  const active = (): Segment => {
    const last = segments.at(-1)
    if (last === undefined) throw new VardeError('BUS_DAMAGED', `${place.folder} has no segment`, {})
    return last
  }

  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const result = turn.then(work)
    turn = result.catch(() => {})
    return result
  }

  async function roll(): Promise<void> {
    const { segment, file: next } = await createSegment(place.folder, {
      partition: place.partition,
      base: end,
      createdAt: state.clock.now(),
      incarnation: place.incarnation,
    }).catch(async (error: unknown) => {
      await rm(`${place.folder}/${segmentName(end)}`, { force: true })
      throw error
    })
    await file.close()
    file = next
    segments.push(segment)
    state.bytes += segment.bytes
  }

  /** Writes a group and makes it durable; nothing of it is there when it fails. */
  async function write(group: Waiting[]): Promise<void> {
    const frames = await Promise.all(
      fold(group).map(async ({ bytes, count }) => ({
        count,
        plainBytes: bytes.length,
        ...(await encodePayload(bytes, state.compression)),
      })),
    )
    const bytes = frames.reduce((sum, { stored }) => sum + frameHeaderBytes + stored.length, 0)
    if (state.quotaBytes !== undefined && state.bytes + bytes > state.quotaBytes) {
      throw fullError(`the bus may have ${state.quotaBytes} bytes and has ${state.bytes}`, undefined)
    }
    if (unclean) await file.truncate(active().bytes)
    unclean = false
    if (active().bytes > segmentHeaderBytes && active().bytes + bytes > state.segmentBytes) await roll()
    const segment = active()
    const appendedAt = Math.max(lastAppendAt, state.clock.now())
    const buffer = Buffer.allocUnsafe(bytes)
    const noted: { offset: number; position: number }[] = []
    let at = 0
    let base = end
    for (const { stored, encoding, count, plainBytes } of frames) {
      noted.push({ offset: base, position: segment.bytes + at })
      at = writeFrame(buffer, at, { base, count, appendedAt, durable: segment.bytes, encoding, plainBytes }, stored)
      base += count
    }
    try {
      await writeWhole(file, buffer, segment.bytes)
      await file.datasync()
    } catch (error) {
      unclean = true
      await file.truncate(segment.bytes).then(
        () => {
          unclean = false
        },
        () => {},
      )
      throw error
    }
    for (const { offset, position } of noted) noteFrame(segment, offset, position)
    segment.bytes += bytes
    state.bytes += bytes
    state.counts.storedBytes += bytes
    state.counts.plainBytes += frames.reduce((sum, { plainBytes }) => sum + plainBytes, 0)
    state.counts.commits += 1
    state.counts.appendedRecords += base - end
    lastAppendAt = appendedAt
    end = base
  }

  async function commit(): Promise<void> {
    while (queue.length > 0) {
      let bytes = 0
      let taken = 0
      while (taken < queue.length && (taken === 0 || bytes < groupBytesMax)) bytes += queue[taken++]?.bytes ?? 0
      const group = queue.splice(0, taken)
      let base = end
      try {
        await inTurn(() => write(group))
        for (const waiting of group) {
          waiting.resolve(base)
          base += waiting.count
        }
      } catch (cause) {
        const error = brokenAppend(cause, place)
        if (error.code === 'BUS_FULL') state.counts.full += 1
        for (const waiting of group) waiting.reject(error)
      }
      state.inFlightBytes -= bytes
      wake()
    }
    committing = undefined
  }

  const wake = () => {
    for (const reader of [...readers]) reader()
  }

  async function drop(count: number): Promise<void> {
    for (const segment of segments.splice(0, count)) {
      state.bytes -= segment.bytes
      state.counts.droppedSegments += 1
      await rm(segment.path, { force: true })
    }
    if (count > 0) await syncFolder(place.folder)
  }

  return {
    topic: place.topic,
    partition: place.partition,
    segments,
    info: () => ({ first: segments[0]?.base ?? end, end, bytes: segments.reduce((sum, { bytes }) => sum + bytes, 0) }),
    append(payloads) {
      const count = payloads.reduce((sum, payload) => sum + payload.count, 0)
      const bytes = payloads.reduce((sum, payload) => sum + payload.bytes.length, 0)
      state.inFlightBytes += bytes
      return new Promise((resolve, reject) => {
        queue.push({ payloads, count, bytes, resolve, reject })
        committing ??= Promise.resolve().then(commit)
      })
    },
    grown(signal) {
      if (state.closed || signal?.aborted) return Promise.resolve()
      return new Promise((resolve) => {
        const done = () => {
          readers.delete(done)
          signal?.removeEventListener('abort', done)
          resolve()
        }
        readers.add(done)
        signal?.addEventListener('abort', done)
      })
    },
    trim: (below) =>
      inTurn(async () => {
        // Where little comes, a file would take months to fill: what its reader has done with must not stay so long.
        const { bytes, createdAt } = active()
        if (bytes > segmentHeaderBytes && state.clock.now() - createdAt > limits.busSegmentAgeMs) await roll()
        let count = 0
        while (count < segments.length - 1 && (segments[count + 1]?.base ?? Number.POSITIVE_INFINITY) <= below)
          count += 1
        await drop(count)
      }),
    retain: () =>
      inTurn(async () => {
        const { retentionMs, retentionBytes } = settings
        if (retentionMs !== undefined) {
          const limit = state.clock.now() - retentionMs
          if (active().bytes > segmentHeaderBytes && lastAppendAt > 0 && lastAppendAt < limit) await roll()
          // The next segment was created after the last append to this one.
          let count = 0
          while (count < segments.length - 1 && (segments[count + 1]?.createdAt ?? limit) < limit) count += 1
          await drop(count)
        }
        if (retentionBytes !== undefined) {
          let kept = segments.reduce((sum, { bytes }) => sum + bytes, 0)
          let count = 0
          while (count < segments.length - 1 && kept > retentionBytes) kept -= segments[count++]?.bytes ?? 0
          await drop(count)
        }
      }),
    setRetention(next) {
      settings = next
    },
    async close() {
      wake()
      await committing
      await turn
      await file.close()
    },
  }
}

/** Many small appends become few frames; the order stays. */
function fold(group: Waiting[]): Payload[] {
  const frames: Payload[] = []
  let parts: Payload[] = []
  let bytes = 0
  const flush = () => {
    const [first] = parts
    if (first === undefined) return
    const count = parts.reduce((sum, part) => sum + part.count, 0)
    frames.push(parts.length === 1 ? first : { bytes: Buffer.concat(parts.map((part) => part.bytes)), count })
    parts = []
    bytes = 0
  }
  for (const payload of group.flatMap(({ payloads }) => payloads)) {
    if (bytes + payload.bytes.length > limits.busFrameBytesMax) flush()
    parts.push(payload)
    bytes += payload.bytes.length
  }
  flush()
  return frames
}

async function writeWhole(file: FileHandle, buffer: Buffer, position: number): Promise<void> {
  let done = 0
  // A full disk writes a part first, and says so only at the next call.
  while (done < buffer.length)
    done += (await file.write(buffer, done, buffer.length - done, position + done)).bytesWritten
}

function brokenAppend(cause: unknown, place: { topic: string; partition: number; folder: string }): VardeError {
  if (cause instanceof VardeError) return cause
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG')
    return fullError(`the disk under ${place.folder} has no room`, cause)
  return new VardeError('BUS_UNWRITABLE', `nothing can be written to ${place.folder}: ${code}`, {
    cause,
    facts: { topic: place.topic, partition: place.partition, folder: place.folder },
    hint: 'Look at the disk and its mount; nothing of the batch was appended, and every append tries anew.',
  })
}

function fullError(message: string, cause: unknown): VardeError {
  return new VardeError('BUS_FULL', `${message}: nothing of the batch was appended`, {
    ...(cause === undefined ? {} : { cause }),
    hint: 'Free some space or raise the quota; appends go on by themselves once there is room.',
  })
}

export async function openForAppend(path: string): Promise<FileHandle> {
  return open(path, 'r+')
}
