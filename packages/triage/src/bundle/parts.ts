// The long files of a bundle while it is made: appended to in turn, and cut back to a checkpoint after a stop.
import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync, writeSync } from 'node:fs'
import { join } from 'node:path'

export interface Part {
  name: string
  /** Gives how many bytes these were. */
  write(text: string | Uint8Array): number
  flush(): void
  bytes(): number
  close(): void
}

const flushBytes = 1024 * 1024

/** `keep`: bytes of an earlier run that count; what is behind them goes. */
export function openPart(folder: string, name: string, keep = 0): Part {
  const path = join(folder, name)
  const fd = openSync(path, existsSync(path) ? 'r+' : 'w+')
  if (fstatSync(fd).size < keep) {
    closeSync(fd)
    throw new RangeError(`${name} is shorter than its checkpoint`)
  }
  ftruncateSync(fd, keep)
  let end = keep
  // One block for all of it: a buffer for each line costs more than the line.
  const waiting = Buffer.allocUnsafe(flushBytes)
  let size = 0
  const put = (bytes: Uint8Array) => {
    let done = 0
    while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done, end + done)
    end += bytes.length
  }
  const flush = () => {
    if (size === 0) return
    put(waiting.subarray(0, size))
    size = 0
  }
  return {
    name,
    flush,
    write(text) {
      // UTF-8 takes at most three bytes for a code unit of UTF-16.
      const bytesMax = typeof text === 'string' ? text.length * 3 : text.length
      if (size + bytesMax > flushBytes) flush()
      if (bytesMax > flushBytes) {
        const bytes = typeof text === 'string' ? Buffer.from(text) : text
        put(bytes)
        return bytes.length
      }
      const before = size
      if (typeof text === 'string') size += waiting.write(text, size)
      else {
        waiting.set(text, size)
        size += text.length
      }
      return size - before
    },
    bytes: () => end + size,
    close() {
      flush()
      closeSync(fd)
    },
  }
}

/** A part as it is read back into the bundle. */
export function* readPart(folder: string, name: string): Generator<Uint8Array> {
  const fd = openSync(join(folder, name), 'r')
  try {
    for (let at = 0; ; ) {
      const block = Buffer.allocUnsafe(flushBytes)
      const read = readSync(fd, block, 0, block.length, at)
      if (read === 0) return
      at += read
      yield block.subarray(0, read)
    }
  } finally {
    closeSync(fd)
  }
}

const blockBytes = 256 * 1024
const blocksMax = 128

/** Stretches of a part in any order; those that lie near each other are read together. */
export function openStretches(folder: string, name: string) {
  const fd = openSync(join(folder, name), 'r')
  const blocks = new Map<number, Buffer>()
  const block = (number: number): Buffer => {
    const known = blocks.get(number)
    if (known !== undefined) {
      blocks.delete(number)
      blocks.set(number, known)
      return known
    }
    const bytes = Buffer.allocUnsafe(blockBytes)
    const read = readSync(fd, bytes, 0, blockBytes, number * blockBytes)
    const [oldest] = blocks.keys()
    if (blocks.size >= blocksMax && oldest !== undefined) blocks.delete(oldest)
    const found = bytes.subarray(0, read)
    blocks.set(number, found)
    return found
  }
  function* pieces(at: number, length: number): Generator<Buffer> {
    for (let from = at; from < at + length; ) {
      const number = Math.floor(from / blockBytes)
      const begins = number * blockBytes
      const to = Math.min(at + length, begins + blockBytes)
      yield block(number).subarray(from - begins, to - begins)
      from = to
    }
  }
  return {
    copy(at: number, length: number, to: Part): void {
      for (const piece of pieces(at, length)) to.write(piece)
    },
    text: (at: number, length: number): string => Buffer.concat([...pieces(at, length)]).toString('utf8'),
    close: () => closeSync(fd),
  }
}
