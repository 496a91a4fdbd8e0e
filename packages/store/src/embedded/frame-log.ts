// Append-only files of checksummed frames: the shape of the write-ahead log, the manifest and the journal of documents.
import { createHash } from 'node:crypto'
import { closeSync, existsSync, fstatSync, openSync, readSync } from 'node:fs'
import { type FileHandle, open } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { VardeError } from '@varde/runtime'

export interface FrameKind {
  /** Four letters that stand in the file's head. */
  letters: string
  version: number
  /** Each frame carries SHA-256(previous link ‖ payload): none can be taken out, swapped or changed unseen. */
  chained: boolean
}

export interface Frame {
  /** Of the frame's first byte in the file. */
  at: number
  /** One past its last byte. */
  end: number
  payload: Buffer
  link: Buffer
}

/** A stretch of a file that is no valid frame. */
export interface BrokenStretch {
  at: number
  end: number
  /** True for the end of a write that never finished: nobody was told that it had. */
  tail: boolean
  problem: string
}

const headBytes = 16
const frameMagic = 0x31465256 // "VRF1"
const frameHeadBytes = 16
const linkBytes = 32
const noLink: Buffer = Buffer.alloc(linkBytes)
/** A frame is one group of writes; anything longer is a damaged length. */
const payloadBytesMax = 256 * 1024 * 1024

function fileHead(kind: FrameKind): Buffer {
  const head = Buffer.alloc(headBytes)
  head.write(`VARDE\0${kind.letters}`, 0, 'latin1')
  head.writeUInt16LE(kind.version, 10)
  head.writeUInt32LE(crc32(head.subarray(0, 12)), 12)
  return head
}

function frameHead(kind: FrameKind, payload: Uint8Array[], previous: Buffer): { head: Buffer; link: Buffer } {
  const head = Buffer.alloc(frameHeadBytes + (kind.chained ? linkBytes : 0))
  let length = 0
  let check = 0
  const hash = kind.chained ? createHash('sha256').update(previous) : undefined
  for (const part of payload) {
    length += part.length
    check = crc32(part, check)
    hash?.update(part)
  }
  const link = hash?.digest() ?? noLink
  head.writeUInt32LE(frameMagic, 0)
  head.writeUInt32LE(length, 4)
  head.writeUInt32LE(check, 8)
  if (kind.chained) link.copy(head, frameHeadBytes)
  head.writeUInt32LE(headCheck(head), 12)
  return { head, link }
}

/** Over the head without its own four bytes. */
function headCheck(head: Buffer): number {
  return crc32(head.subarray(frameHeadBytes), crc32(head.subarray(0, 12)))
}

/** Reads the frames in order, and gives what is broken between them. `from`: a frame's boundary, with the link before it. */
export function* readFrames(
  path: string,
  kind: FrameKind,
  start: { from: number; link: Buffer } = { from: 0, link: noLink },
): Generator<{ frame: Frame } | { broken: BrokenStretch }> {
  const file = openSync(path, 'r')
  try {
    const size = fstatSync(file).size
    let at = start.from
    let link = start.link
    if (at === 0) {
      const problem = wrongFileHead(file, size, kind, path)
      if (problem !== undefined)
        yield { broken: { at: 0, end: Math.min(size, headBytes), tail: size <= headBytes, problem } }
      at = Math.min(size, headBytes)
    }
    while (at < size) {
      const frame = readFrame(file, size, at, kind)
      if (frame === undefined) {
        const torn = isTorn(file, size, at, kind)
        const next = torn ? undefined : nextFrame(file, size, at + 1, kind)
        const end = next ?? size
        yield { broken: { at, end, tail: torn, problem: torn ? 'an unfinished write at the end' : 'a damaged frame' } }
        link = unknownLink
        at = end
        continue
      }
      if (kind.chained) {
        const expected = createHash('sha256').update(link).update(frame.payload).digest()
        if (!expected.equals(frame.link) && link !== unknownLink) {
          yield { broken: { at, end: frame.end, tail: false, problem: 'the frame does not follow the one before it' } }
        }
        link = frame.link
      }
      yield { frame }
      at = frame.end
    }
  } finally {
    closeSync(file)
  }
}

/** After a damaged frame nobody knows the link that the next one was chained to. */
const unknownLink = Buffer.alloc(linkBytes, 255)

function wrongFileHead(file: number, size: number, kind: FrameKind, path: string): string | undefined {
  const head = Buffer.alloc(headBytes)
  if (size < headBytes || readSync(file, head, 0, headBytes, 0) < headBytes) return 'the file ends within its head'
  const good = head.readUInt32LE(12) === crc32(head.subarray(0, 12))
  if (good && head.toString('latin1', 0, 10) === `VARDE\0${kind.letters}` && head.readUInt16LE(10) > kind.version) {
    throw new VardeError(
      'STORE_NEWER_FORMAT',
      `${path} was written by a newer Varde (format ${head.readUInt16LE(10)})`,
      {
        hint: 'Start the newer version again; an older one cannot read its files.',
        facts: { path, version: head.readUInt16LE(10) },
      },
    )
  }
  return good && head.equals(fileHead(kind)) ? undefined : "the file's head is damaged"
}

function readFrame(file: number, size: number, at: number, kind: FrameKind): Frame | undefined {
  const fullHead = frameHeadBytes + (kind.chained ? linkBytes : 0)
  if (at + fullHead > size) return undefined
  const head = Buffer.alloc(fullHead)
  if (readSync(file, head, 0, fullHead, at) < fullHead) return undefined
  if (head.readUInt32LE(0) !== frameMagic || head.readUInt32LE(12) !== headCheck(head)) return undefined
  const length = head.readUInt32LE(4)
  const end = at + fullHead + length
  if (length > payloadBytesMax || end > size) return undefined
  const payload = Buffer.allocUnsafeSlow(length)
  if (readSync(file, payload, 0, length, at + fullHead) < length) return undefined
  if (crc32(payload) !== head.readUInt32LE(8)) return undefined
  return { at, end, payload, link: kind.chained ? Buffer.from(head.subarray(frameHeadBytes)) : noLink }
}

/** A write that a crash cut short is too short, or (after a power loss) zeros; anything else was whole once. */
function isTorn(file: number, size: number, at: number, kind: FrameKind): boolean {
  const fullHead = frameHeadBytes + (kind.chained ? linkBytes : 0)
  if (at + fullHead > size) return true
  const head = Buffer.alloc(fullHead)
  readSync(file, head, 0, fullHead, at)
  if (head.readUInt32LE(0) === frameMagic && head.readUInt32LE(12) === headCheck(head)) {
    return at + fullHead + head.readUInt32LE(4) > size
  }
  return isZero(file, size, at)
}

function isZero(file: number, size: number, from: number): boolean {
  const part = Buffer.alloc(65_536)
  for (let at = from; at < size; at += part.length) {
    const length = readSync(file, part, 0, part.length, at)
    if (part.subarray(0, length).some((byte) => byte !== 0)) return false
  }
  return true
}

/** The first place from `at` on where a whole valid frame begins. */
function nextFrame(file: number, size: number, from: number, kind: FrameKind): number | undefined {
  const magic = Buffer.alloc(4)
  magic.writeUInt32LE(frameMagic, 0)
  const windowBytes = 1024 * 1024
  const window = Buffer.alloc(windowBytes + 3)
  for (let at = from; at < size; at += windowBytes) {
    const length = readSync(file, window, 0, window.length, at)
    const read = window.subarray(0, length)
    for (let found = read.indexOf(magic); found !== -1; found = read.indexOf(magic, found + 1)) {
      if (readFrame(file, size, at + found, kind) !== undefined) return at + found
    }
  }
  return undefined
}

export interface FrameLog {
  readonly path: string
  /** One past the last durable byte, and the link there. */
  readonly end: number
  readonly link: Buffer
  /** Writes the frame with whatever else waits, in one fdatasync; resolves with its place when it is durable. */
  append(payload: Uint8Array[]): Promise<{ at: number; end: number }>
  close(): Promise<void>
}

interface Waiting {
  payload: Uint8Array[]
  resolve(place: { at: number; end: number }): void
  reject(error: unknown): void
}

/** Opens for appending at `end` (0: a new file), cutting off what lies behind it. */
export async function openFrameLog(path: string, kind: FrameKind, end = 0, link = noLink): Promise<FrameLog> {
  const isNew = end === 0
  const file = await writing(path, () => open(path, isNew ? 'w' : 'r+'))
  let durableEnd = end
  let durableLink: Buffer = link
  try {
    if (isNew) {
      await writing(path, () => writeAll(file, [fileHead(kind)], 0))
      durableEnd = headBytes
    } else await file.truncate(end)
    await writing(path, () => file.datasync())
    if (isNew) await syncFolder(dirname(path))
  } catch (error) {
    await file.close()
    throw error
  }
  let waiting: Waiting[] = []
  let running: Promise<void> | undefined
  let broken: unknown

  const commit = async (group: Waiting[]) => {
    const parts: Uint8Array[] = []
    const places: { at: number; end: number }[] = []
    let at = durableEnd
    let last = durableLink
    for (const { payload } of group) {
      const framed = frameHead(kind, payload, last)
      last = framed.link
      let length = framed.head.length
      for (const part of payload) length += part.length
      parts.push(framed.head, ...payload)
      places.push({ at, end: at + length })
      at += length
    }
    await writeAll(file, parts, durableEnd)
    await file.datasync()
    durableEnd = at
    durableLink = last
    for (const [index, { resolve }] of group.entries()) resolve(places[index] ?? { at, end: at })
  }

  const run = async () => {
    while (waiting.length > 0) {
      const group = waiting
      waiting = []
      try {
        if (broken !== undefined) throw broken
        await commit(group)
      } catch (cause) {
        const error = writeError(path, cause)
        if (broken === undefined) await takeBack(error)
        for (const { reject } of group) reject(error)
      }
    }
    running = undefined
  }

  /** Nothing half-written may stay; a file that can't even be cut takes no more writes until it is opened again. */
  const takeBack = async (error: VardeError) => {
    try {
      await file.truncate(durableEnd)
      if (error.code !== 'STORE_FULL') broken = error
    } catch {
      broken = error
    }
  }

  return {
    path,
    get end() {
      return durableEnd
    },
    get link() {
      return durableLink
    },
    append(payload) {
      return new Promise((resolve, reject) => {
        waiting.push({ payload, resolve, reject })
        running ??= Promise.resolve().then(run)
      })
    },
    async close() {
      await running
      await file.close()
    },
  }
}

async function writeAll(file: FileHandle, parts: Uint8Array[], from: number): Promise<void> {
  let at = from
  // IOV_MAX is 1,024 on Linux.
  for (let first = 0; first < parts.length; first += 512) {
    let rest = parts.slice(first, first + 512)
    while (rest.length > 0) {
      const { bytesWritten } = await file.writev(rest, at)
      at += bytesWritten
      rest = afterBytes(rest, bytesWritten)
    }
  }
}

function afterBytes(parts: Uint8Array[], bytes: number): Uint8Array[] {
  let left = bytes
  const rest: Uint8Array[] = []
  for (const part of parts) {
    if (left >= part.length) left -= part.length
    else {
      rest.push(left === 0 ? part : part.subarray(left))
      left = 0
    }
  }
  return rest
}

/** Makes a new or renamed name durable. */
export async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32' || !existsSync(path)) return
  const folder = await open(path, 'r')
  try {
    await folder.sync()
  } finally {
    await folder.close()
  }
}

async function writing<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw writeError(path, cause)
  }
}

/** What a failed write means to the caller: full is worth another try, anything else needs a person. */
export function writeError(path: string, cause: unknown): VardeError {
  if (cause instanceof VardeError) return cause
  const message = cause instanceof Error ? cause.message : String(cause)
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
  if (code === 'ENOSPC' || code === 'EDQUOT' || /no space left|disk quota|database or disk is full/i.test(message)) {
    return new VardeError('STORE_FULL', `no space left to write ${path}`, {
      cause,
      hint: 'Free space on the disk of the data folder; the store goes on by itself.',
      facts: { path },
    })
  }
  return new VardeError('STORE_UNAVAILABLE', `writing ${path} failed: ${message}`, { cause, facts: { path } })
}
