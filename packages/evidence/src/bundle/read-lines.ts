// Reads a file of a bundle from its start: lines, or a number of bytes at a time, without holding it whole.
import type { BundleSource, ZipEntry } from './zip.ts'

export interface FileReader {
  /** The next line without its LF; undefined at the end; `unended` where the last line has no LF. */
  line(): Buffer | undefined | Promise<Buffer | undefined>
  /** The next bytes; undefined where there are not so many. */
  take(bytes: number): Buffer | undefined | Promise<Buffer | undefined>
  /** Of the line that was read last, from 1. */
  number(): number
  isAtEnd(): boolean
}

const blockBytes = 1024 * 1024
/** A line holds at most one event and its record line one dead letter's text; both stay far below. */
const lineBytesMax = 64 * 1024 * 1024

export function readFile(source: BundleSource, entry: ZipEntry | undefined): FileReader {
  let buffer = Buffer.alloc(0)
  let at = 0
  let next = entry?.at ?? 0
  const end = entry === undefined ? 0 : entry.at + entry.bytes
  let number = 0

  /** Appends the next block to what is left; false at the end. */
  const fill = async (bytesMin: number): Promise<boolean> => {
    if (next >= end) return false
    const length = Math.min(Math.max(blockBytes, bytesMin), end - next)
    const block = Buffer.from(await source.read(next, length))
    if (block.length === 0) return false
    next += block.length
    buffer = at === buffer.length ? block : Buffer.concat([buffer.subarray(at), block])
    at = 0
    return true
  }

  const lineHere = (): Buffer | undefined => {
    const found = buffer.indexOf(10, at)
    if (found < 0) return undefined
    const line = buffer.subarray(at, found)
    at = found + 1
    number += 1
    return line
  }

  const lineLater = async (): Promise<Buffer | undefined> => {
    for (;;) {
      const line = lineHere()
      if (line !== undefined) return line
      if (buffer.length - at > lineBytesMax) throw new RangeError(`line ${number + 1} has no end`)
      if (await fill(0)) continue
      if (at < buffer.length) throw new RangeError(`line ${number + 1} has no line feed`)
      return undefined
    }
  }

  const takeLater = async (bytes: number): Promise<Buffer | undefined> => {
    while (buffer.length - at < bytes) if (!(await fill(bytes - (buffer.length - at)))) return undefined
    const taken = buffer.subarray(at, at + bytes)
    at += bytes
    return taken
  }

  return {
    line: () => lineHere() ?? lineLater(),
    take(bytes) {
      if (buffer.length - at < bytes) return takeLater(bytes)
      const taken = buffer.subarray(at, at + bytes)
      at += bytes
      return taken
    },
    number: () => number,
    isAtEnd: () => at === buffer.length && next >= end,
  }
}

/** What a line holds can't be read: `at` says where it stands. */
export class BundleLineError extends Error {
  readonly at: string
  constructor(at: string, cause: unknown) {
    super(cause instanceof Error ? cause.message : String(cause), { cause })
    this.at = at
  }
}

/** A line's shape is checked as far as its digests do not: what it says wrong leads to no root. */
export function parseLine<T>(line: Buffer, at: () => string): T {
  try {
    const text = line.toString('utf8')
    if (!Buffer.from(text).equals(line)) throw new RangeError('it is no UTF-8')
    const value: T = JSON.parse(text)
    return value
  } catch (error) {
    throw new BundleLineError(at(), error)
  }
}

/** A small file whole. */
export async function readWhole(source: BundleSource, entry: ZipEntry): Promise<Buffer> {
  return Buffer.from(await source.read(entry.at, entry.bytes))
}
