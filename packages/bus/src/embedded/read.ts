// Reading a partition: stored frames from the files as they are, and batches of records from those frames.
import { type FileHandle, open } from 'node:fs/promises'
import { limits, VardeError } from '@varde/runtime'
import type { Batch, ReadOptions, StoredRecord } from '../port.ts'
import { frameHeaderBytes, frameHolds, frameRecords, readFrameHeader } from './frame.ts'
import type { BusState, Partition } from './partition.ts'
import { recordBytes } from './records.ts'
import { damagedError, noteFrame, placeBefore, type Segment, walkFrames } from './segment.ts'

/** Whole frames as they lie in a file: another thread can check, unpack and decode them. */
export interface Chunk {
  bytes: Uint8Array
  path: string
  /** Where in the file they begin. */
  position: number
  /** Offset of the first record. */
  base: number
  /** One past the last durable offset of the partition. */
  end: number
}

/** What one read of a file fetches at least; logs compress to a tenth, so a batch is about that. */
const chunkBytes = 256 * 1024

type ChunkOptions = Pick<ReadOptions, 'from' | 'untilEnd' | 'signal'>

/** Chunks from the one that holds `from` on. Waits at the end; ends when the signal aborts, or at the end with `untilEnd`. */
export async function* readChunks(state: BusState, partition: Partition, options: ChunkOptions): AsyncGenerator<Chunk> {
  const { signal } = options
  const limit = options.untilEnd === true ? partition.info().end : Number.POSITIVE_INFINITY
  let offset = options.from
  let here: { segment: Segment; file: FileHandle; position: number } | undefined
  try {
    while (offset < limit && !signal?.aborted) {
      if (state.closed) throw closedError()
      const { first, end } = partition.info()
      if (offset < first) throw goneError(partition, offset, first)
      if (offset >= end) {
        await partition.grown(signal)
        continue
      }
      const segment = segmentOf(partition.segments, offset)
      if (here?.segment !== segment) {
        await here?.file.close()
        here = undefined
        const file = await open(segment.path, 'r').catch((error: unknown) => missing(error, partition, offset))
        if (file === undefined) continue
        here = { segment, file, position: 0 }
        here.position = await positionOf(segment, file, offset, partition)
      }
      const chunk = await readChunk(here.file, segment, here.position, offset, end, partition)
      here.position += chunk.bytes.length
      offset = chunk.next
      yield chunk
    }
  } finally {
    await here?.file.close()
  }
}

function segmentOf(segments: readonly Segment[], offset: number): Segment {
  let found = segments[0]
  for (const segment of segments) {
    if (segment.base > offset) break
    found = segment
  }
  if (found === undefined) throw new VardeError('BUS_DAMAGED', 'a partition has no segment')
  return found
}

/** Retention may have dropped the file since the list was read: then the next round says that the offset is gone. */
function missing(error: unknown, partition: Partition, offset: number): undefined {
  if (offset < partition.info().first) return undefined
  throw new VardeError('BUS_DAMAGED', `a segment of ${partition.topic}/${partition.partition} is gone`, {
    cause: error,
    facts: { topic: partition.topic, partition: partition.partition, from: offset },
  })
}

/** Where the frame begins that holds an offset. */
async function positionOf(segment: Segment, file: FileHandle, offset: number, partition: Partition): Promise<number> {
  let lost = { at: segment.bytes, from: segment.base }
  let expected: number | undefined
  for await (const step of walkFrames(file, placeBefore(segment, offset), segment.bytes, false)) {
    const header = step.kind === 'frame' ? step.header : step.next
    if (step.kind === 'frame' && step.header.base <= offset && step.header.base + step.header.count > offset)
      return step.at
    if (step.kind === 'broken') lost = { ...lost, at: step.at }
    if (header !== undefined && header.base > offset) break
    // The next reader of this file starts nearer. The index only grows at its end, so the writer's entries stay in order;
    // a header whose checksum was not taken is believed only where it follows the one before.
    if (step.kind === 'frame' && step.header.base === expected) noteFrame(segment, step.header.base, step.at)
    expected = header === undefined ? undefined : header.base + header.count
    if (step.kind === 'frame') lost = { at: step.at + step.header.bytes, from: step.header.base + step.header.count }
  }
  return await damaged(file, segment, lost.at, { from: Math.min(lost.from, offset), above: offset }, partition)
}

async function readChunk(
  file: FileHandle,
  segment: Segment,
  position: number,
  offset: number,
  end: number,
  partition: Partition,
): Promise<Chunk & { next: number }> {
  let buffer = await readBytes(file, position, Math.min(chunkBytes, segment.bytes - position))
  const first = readFrameHeader(buffer, 0)
  if (first !== undefined && first.bytes > buffer.length && position + first.bytes <= segment.bytes) {
    buffer = await readBytes(file, position, first.bytes)
  }
  let at = 0
  let next = first?.base ?? offset
  for (let header = first; header !== undefined; header = readFrameHeader(buffer, at)) {
    // The checksum is taken here, once: what leaves this file is what was written.
    if (header.base !== next || !frameHolds(buffer, at, header)) break
    at += header.bytes
    next += header.count
  }
  if (at === 0 || first === undefined || first.base > offset) {
    return await damaged(file, segment, position, { from: offset, above: offset }, partition)
  }
  return { bytes: buffer.subarray(0, at), path: segment.path, position, base: first.base, end, next }
}

/** Fails with where the damage is, and with the offset above it at which the next whole frame begins. */
async function damaged(
  file: FileHandle,
  segment: Segment,
  at: number,
  lost: { from: number; above: number },
  partition: Partition,
): Promise<never> {
  let next: number | undefined
  for await (const step of walkFrames(file, at, segment.bytes, true)) {
    const header = step.kind === 'frame' ? step.header : step.next
    if (header === undefined || header.base <= lost.above) continue
    next = header.base
    break
  }
  next ??= partition.segments.find(({ base }) => base > lost.above)?.base
  next ??= segment.damages.find((damage) => (damage.next ?? 0) > lost.above)?.next
  const damage = { at, until: segment.bytes, from: lost.from }
  throw damagedError(segment.path, next === undefined ? damage : { ...damage, next }, partition)
}

async function readBytes(file: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.allocUnsafeSlow(length)
  let done = 0
  while (done < length) {
    const { bytesRead } = await file.read(buffer, done, length - done, position + done)
    if (bytesRead === 0) break
    done += bytesRead
  }
  return buffer.subarray(0, done)
}

/** Batches within the bounds that were asked for. */
export async function* batchesOf(
  chunks: AsyncIterable<Chunk>,
  topic: string,
  options: ReadOptions,
  until: number,
): AsyncGenerator<Batch> {
  const recordsMax = options.recordsMax ?? limits.busBatchRecordsMax
  const bytesMax = options.bytesMax ?? limits.busBatchBytesMax
  for await (const chunk of chunks) {
    let records: StoredRecord[] = []
    let bytes = 0
    for (const record of recordsOf(chunk, { topic, partition: options.partition })) {
      if (record.offset < options.from) continue
      if (record.offset >= until) break
      const size = recordBytes(record)
      if (records.length > 0 && (records.length >= recordsMax || bytes + size > bytesMax)) {
        yield { partition: options.partition, records, end: chunk.end }
        if (options.signal?.aborted) return
        records = []
        bytes = 0
      }
      records.push(record)
      bytes += size
    }
    if (records.length > 0) yield { partition: options.partition, records, end: chunk.end }
    if (options.signal?.aborted) return
  }
}

function* recordsOf(chunk: Chunk, place: { topic: string; partition: number }): Generator<StoredRecord> {
  const buffer = Buffer.from(chunk.bytes.buffer, chunk.bytes.byteOffset, chunk.bytes.length)
  let at = 0
  while (at + frameHeaderBytes <= buffer.length) {
    const header = readFrameHeader(buffer, at)
    if (header === undefined)
      throw damagedError(
        chunk.path,
        { at: chunk.position + at, until: chunk.position + buffer.length, from: chunk.base },
        place,
      )
    yield* frameRecords(buffer, at, header)
    at += header.bytes
  }
}

export function closedError(): VardeError {
  return new VardeError('BUS_CLOSED', 'the bus is closed', { hint: 'Open it again.' })
}

function goneError({ topic, partition }: Partition, offset: number, first: number): VardeError {
  return new VardeError(
    'BUS_OFFSET_GONE',
    `${topic}/${partition} begins at offset ${first}: ${offset} was dropped by retention`,
    {
      facts: { topic, partition, from: offset, first },
      hint: `Go on from offset ${first}, and record that the ones before it are missing.`,
    },
  )
}
