// Reading a partition: stored frames from the files as they are, and batches of records from those frames.
import { type FileHandle, open } from 'node:fs/promises'
import { limits, VardeError } from '@varde/runtime'
import type { Batch, ReadOptions, StoredRecord } from '../port.ts'
import { frameHeaderBytes, frameHolds, frameRecords, readFrameHeader } from './frame.ts'
import type { BusState, Partition } from './partition.ts'
import { recordBytes } from './records.ts'
import { damagedError, placeBefore, type Segment, walkFrames } from './segment.ts'

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
        here = { segment, file, position: await positionOf(segment, file, offset, partition) }
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

/** The frame that holds an offset; behind known damage, the one that begins there. */
async function positionOf(segment: Segment, file: FileHandle, offset: number, partition: Partition): Promise<number> {
  const from = placeBefore(segment, offset)
  let reached = segment.base
  for await (const step of walkFrames(file, from, segment.bytes, false)) {
    if (step.kind === 'frame') {
      reached = step.header.base + step.header.count
      if (reached > offset) return step.header.base <= offset ? step.at : fail(step.at, reached, step.header.base)
    } else if (step.next === undefined || step.next.base > offset) return fail(step.at, reached, step.next?.base)
  }
  return fail(segment.bytes, reached, undefined)

  function fail(at: number, lost: number, next: number | undefined): never {
    const following = partition.segments.find(({ base }) => base > offset)
    const goesOn = next ?? following?.base
    throw damagedError(
      segment.path,
      { at, until: segment.bytes, from: Math.min(lost, offset), ...(goesOn === undefined ? {} : { next: goesOn }) },
      partition,
    )
  }
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
  if (first === undefined || first.base > offset || position + first.bytes > segment.bytes)
    return await lost(position, offset, first?.base)
  if (first.bytes > buffer.length) buffer = await readBytes(file, position, first.bytes)
  let at = 0
  let next = first.base
  for (let header = readFrameHeader(buffer, at); header !== undefined; header = readFrameHeader(buffer, at)) {
    if (at + header.bytes > buffer.length || header.base !== next) break
    at += header.bytes
    next += header.count
  }
  return { bytes: buffer.subarray(0, at), path: segment.path, position, base: first.base, end, next }

  async function lost(from: number, lostFrom: number, next: number | undefined): Promise<never> {
    let goesOn = next
    for await (const step of walkFrames(file, from, segment.bytes, true)) {
      if (step.kind === 'frame') goesOn ??= step.header.base
      if (step.kind === 'broken') goesOn ??= step.next?.base
      break
    }
    goesOn ??= partition.segments.find(({ base }) => base > offset)?.base
    const damage = { at: from, until: segment.bytes, from: lostFrom }
    throw damagedError(segment.path, goesOn === undefined ? damage : { ...damage, next: goesOn }, partition)
  }
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

/** Batches within the bounds that were asked for; checks each frame, so that no damaged record is ever given out. */
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
    if (header === undefined || !frameHolds(buffer, at, header)) {
      // The length of a broken frame may be wrong too, but the next chunk was found by it: headers lead on.
      const next = header === undefined ? {} : { next: header.base + header.count }
      throw damagedError(
        chunk.path,
        { at: chunk.position + at, until: chunk.position + buffer.length, from: header?.base ?? chunk.base, ...next },
        place,
      )
    }
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
