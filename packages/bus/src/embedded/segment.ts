// A segment file: its header, and where in it which offset lies.
import { type FileHandle, open } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { crc32 } from 'node:zlib'
import { VardeError } from '@varde/runtime'
import { type FrameHeader, findFrame, frameHeaderBytes, frameHolds, readFrameHeader } from './frame.ts'

const magic = Buffer.from('VARDEBUS')
export const segmentHeaderBytes = 64
export const segmentVersion = 1
/** One entry in the index for this much of the file: 64 MB segments have a thousand. */
const indexEveryBytes = 64 * 1024
const scanBytes = 1024 * 1024

/** Where the bytes of a segment are not what was written: nothing between `at` and `until` can be read. */
export interface Damage {
  at: number
  until: number
  /** The first offset that is lost, and the first that can be read again where that is known. */
  from: number
  next?: number
}

export interface Segment {
  path: string
  base: number
  createdAt: number
  /** Durable bytes of the file. */
  bytes: number
  /** Some frames in order: what is between them is found by walking. */
  index: { offset: number; position: number }[]
  damages: Damage[]
}

export function segmentName(base: number): string {
  return `${String(base).padStart(16, '0')}.seg`
}

export function baseOfName(name: string): number | undefined {
  const match = /^(\d{16})\.seg$/.exec(basename(name))
  return match === null ? undefined : Number(match[1])
}

export interface SegmentHeader {
  partition: number
  base: number
  createdAt: number
  incarnation: string
}

export function encodeSegmentHeader(header: SegmentHeader): Buffer {
  const bytes = Buffer.alloc(segmentHeaderBytes)
  magic.copy(bytes)
  bytes.writeUInt16BE(segmentVersion, 8)
  bytes.writeUInt32BE(header.partition, 12)
  bytes.writeBigUInt64BE(BigInt(header.base), 16)
  bytes.writeBigUInt64BE(BigInt(header.createdAt), 24)
  bytes.write(header.incarnation.replaceAll('-', ''), 32, 16, 'hex')
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 60)), 60)
  return bytes
}

/** The header, or in words what is wrong with it. */
export function decodeSegmentHeader(bytes: Buffer): SegmentHeader | string {
  if (bytes.length < segmentHeaderBytes) return `the header is cut off after ${bytes.length} bytes`
  if (bytes.compare(magic, 0, 8, 0, 8) !== 0) return 'it does not begin like a segment file'
  const version = bytes.readUInt16BE(8)
  if (bytes.readUInt32BE(60) !== crc32(bytes.subarray(0, 60))) return 'the checksum of the header is wrong'
  if (version !== segmentVersion) return `it has version ${version}, this Varde reads ${segmentVersion}`
  const id = bytes.toString('hex', 32, 48)
  return {
    partition: bytes.readUInt32BE(12),
    base: Number(bytes.readBigUInt64BE(16)),
    createdAt: Number(bytes.readBigUInt64BE(24)),
    incarnation: [id.slice(0, 8), id.slice(8, 12), id.slice(12, 16), id.slice(16, 20), id.slice(20)].join('-'),
  }
}

/** Creates the file with its header; durable, directory entry included, when it resolves. */
export async function createSegment(
  folder: string,
  header: SegmentHeader,
): Promise<{ segment: Segment; file: FileHandle }> {
  const path = join(folder, segmentName(header.base))
  const file = await open(path, 'wx+')
  try {
    await file.write(encodeSegmentHeader(header), 0, segmentHeaderBytes, 0)
    await file.datasync()
    await syncFolder(folder)
  } catch (error) {
    await file.close()
    throw error
  }
  return {
    segment: {
      path,
      base: header.base,
      createdAt: header.createdAt,
      bytes: segmentHeaderBytes,
      index: [],
      damages: [],
    },
    file,
  }
}

export async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Called for each frame in order of position, so that later walks can start near. */
export function noteFrame(segment: Segment, offset: number, position: number): void {
  const last = segment.index.at(-1)
  if (last === undefined || position - last.position >= indexEveryBytes) segment.index.push({ offset, position })
}

/** The indexed place at or before an offset. */
export function placeBefore(segment: Segment, offset: number): number {
  let low = 0
  let high = segment.index.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((segment.index[middle]?.offset ?? 0) <= offset) low = middle + 1
    else high = middle
  }
  return segment.index[low - 1]?.position ?? segmentHeaderBytes
}

export type Walked =
  | { kind: 'frame'; at: number; header: FrameHeader; buffer: Buffer; bufferAt: number }
  /** No frame here: bytes up to `until` are skipped, where the next whole frame begins or the file ends. */
  | { kind: 'broken'; at: number; until: number; next?: FrameHeader }

/**
 * Walks the frames of a file from a place on. With `whole`, every frame is read and its checksum counts; without, only
 * headers are believed, which is enough to find an offset.
 */
export async function* walkFrames(
  file: FileHandle,
  from: number,
  until: number,
  whole: boolean,
): AsyncGenerator<Walked> {
  let buffer: Buffer = Buffer.alloc(0)
  let start = from
  let at = from
  const fill = async (bytes: number) => {
    const wanted = Math.min(Math.max(bytes, scanBytes), until - at)
    buffer = Buffer.allocUnsafe(wanted)
    start = at
    const { bytesRead } = await file.read(buffer, 0, wanted, at)
    buffer = buffer.subarray(0, bytesRead)
  }
  const headerHere = async () => {
    if (at - start + frameHeaderBytes > buffer.length) await fill(frameHeaderBytes)
    const header = readFrameHeader(buffer, at - start)
    if (header === undefined || at + header.bytes > until) return undefined
    if (whole && at - start + header.bytes > buffer.length) await fill(header.bytes)
    return !whole || frameHolds(buffer, at - start, header) ? header : undefined
  }
  while (at < until) {
    const header = await headerHere()
    if (header !== undefined) {
      yield { kind: 'frame', at, header, buffer, bufferAt: at - start }
      at += header.bytes
      continue
    }
    const broken = at
    const next = await findNext()
    yield next === undefined ? { kind: 'broken', at: broken, until } : { kind: 'broken', at: broken, until: at, next }
    if (next === undefined) return
  }

  /** Moves `at` to the next frame whose checksum is right; headers alone are not believed behind damage. */
  async function findNext(): Promise<FrameHeader | undefined> {
    at += 1
    while (at < until) {
      if (at < start || at - start + frameHeaderBytes > buffer.length) await fill(frameHeaderBytes)
      const found = findFrame(buffer, at - start)
      if (found === -1) {
        if (start + buffer.length >= until) return undefined
        // The magic may lie across the end of what was read.
        at = Math.max(at + 1, start + buffer.length - 3)
        continue
      }
      at = start + found
      if (found + frameHeaderBytes > buffer.length) {
        if (until - at < frameHeaderBytes) return undefined
        await fill(frameHeaderBytes)
      }
      const header = readFrameHeader(buffer, at - start)
      if (header !== undefined && at + header.bytes <= until) {
        if (at - start + header.bytes > buffer.length) await fill(header.bytes)
        if (frameHolds(buffer, at - start, header)) return header
      }
      at += 1
    }
    return undefined
  }
}

export function damagedError(path: string, damage: Damage, place: { topic: string; partition: number }): VardeError {
  const next = damage.next === undefined ? {} : { next: damage.next }
  return new VardeError(
    'BUS_DAMAGED',
    `${path} is damaged at byte ${damage.at}: the records from offset ${damage.from} on can't be read`,
    {
      facts: { ...place, file: path, at: damage.at, from: damage.from, ...next },
      hint:
        damage.next === undefined
          ? 'Nothing behind it in this file can be read.'
          : `Reading can go on at offset ${damage.next}.`,
    },
  )
}
