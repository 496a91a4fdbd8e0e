// The ZIP of a bundle: one way to write it, and a reader that takes no other (BUNDLE.md, *The ZIP*).
import { crc32 } from 'node:zlib'

/** Where a bundle is written: a file, whose bytes may be put at any place. */
export interface BundleSink {
  write(bytes: Uint8Array, at: number): Promise<void>
}

/** Where a bundle is read. */
export interface BundleSource {
  size: number
  /** Fewer bytes only at the end. */
  read(at: number, length: number): Promise<Uint8Array>
}

export interface ZipEntry {
  path: string
  crc: number
  bytes: number
  /** Of its local head, and of its first byte. */
  headAt: number
  at: number
}

/** ZIP64 would begin here; a case that large is exported in parts. */
export const bundleBytesMax = 0xffff_ffff
export const bundleFilesMax = 0xffff
const localBytes = 30
const centralBytes = 46
const endBytes = 22
const pathLengthMax = 200
/** 1980-01-01, the first day that a ZIP knows. */
const firstDay = 0x21

/** Relative, without `..`, of letters that no file system takes amiss: unpacking writes nowhere else. */
export function isBundlePath(path: string): boolean {
  return (
    path.length > 0 &&
    path.length <= pathLengthMax &&
    /^[A-Za-z0-9._/-]+$/.test(path) &&
    path.split('/').every((part) => part !== '' && part !== '.' && part !== '..')
  )
}

const last = ['manifest.json', 'SHA256SUMS', 'SHA256SUMS.sig']

/** The order of the files: by byte value, but for the three that speak of the others. */
export function bundleOrder(a: string, b: string): number {
  const [x, y] = [last.indexOf(a), last.indexOf(b)]
  if (x >= 0 || y >= 0) return x - y
  return a < b ? -1 : a > b ? 1 : 0
}

export function localHead({ path, crc, bytes }: ZipEntry): Buffer {
  const head = Buffer.alloc(localBytes + path.length)
  head.writeUInt32LE(0x04034b50, 0)
  head.writeUInt16LE(20, 4)
  head.writeUInt16LE(firstDay, 12)
  writeSizes(head, 14, crc, bytes)
  head.writeUInt16LE(path.length, 26)
  head.write(path, localBytes, 'latin1')
  return head
}

export function centralDirectory(entries: readonly ZipEntry[], at: number): Buffer {
  const parts = entries.map(({ path, crc, bytes, headAt }) => {
    const head = Buffer.alloc(centralBytes + path.length)
    head.writeUInt32LE(0x02014b50, 0)
    head.writeUInt16LE(0x0314, 4)
    head.writeUInt16LE(20, 6)
    head.writeUInt16LE(firstDay, 14)
    writeSizes(head, 16, crc, bytes)
    head.writeUInt16LE(path.length, 28)
    head.writeUInt32LE(0x81a40000, 38)
    head.writeUInt32LE(headAt, 42)
    head.write(path, centralBytes, 'latin1')
    return head
  })
  const bytes = parts.reduce((sum, part) => sum + part.length, 0)
  const end = Buffer.alloc(endBytes)
  end.writeUInt32LE(0x06054b50, 0)
  end.writeUInt16LE(entries.length, 8)
  end.writeUInt16LE(entries.length, 10)
  end.writeUInt32LE(bytes, 12)
  end.writeUInt32LE(at, 16)
  return Buffer.concat([...parts, end])
}

function writeSizes(head: Buffer, at: number, crc: number, bytes: number): void {
  head.writeUInt32LE(crc, at)
  head.writeUInt32LE(bytes, at + 4)
  head.writeUInt32LE(bytes, at + 8)
}

export interface ZipProblem {
  at: string
  problem: string
}

/** The entries in their order; the first deviation ends the walk and is named by the file where it stands. */
export async function readZip(source: BundleSource): Promise<{ entries: ZipEntry[]; problem?: ZipProblem }> {
  const entries: ZipEntry[] = []
  let at = 0
  let path = 'zip'
  const wrong = (problem: string) => ({ entries, problem: { at: path, problem } })
  for (;;) {
    const fixed = Buffer.from(await source.read(at, localBytes))
    if (fixed.length < 4) return wrong(`the bundle is cut off at byte ${at + fixed.length}`)
    if (fixed.readUInt32LE(0) === 0x02014b50 || fixed.readUInt32LE(0) === 0x06054b50) break
    if (fixed.readUInt32LE(0) !== 0x04034b50) return wrong(`behind it, at byte ${at}, no file begins`)
    if (fixed.length < localBytes) return wrong(`the bundle is cut off at byte ${at + fixed.length}`)
    const name = Buffer.from(await source.read(at + localBytes, Math.min(fixed.readUInt16LE(26), pathLengthMax)))
    const before = path
    path = name.toString('latin1')
    const entry: ZipEntry = {
      path,
      crc: fixed.readUInt32LE(14),
      bytes: fixed.readUInt32LE(18),
      headAt: at,
      at: at + localBytes + path.length,
    }
    if (!isBundlePath(path)) {
      path = before
      return wrong(`the file behind it, at byte ${at}, has no name that a bundle may have`)
    }
    if (!Buffer.concat([fixed, name]).equals(localHead(entry)))
      return wrong('its head in the ZIP is not as a bundle has it')
    const previous = entries.at(-1)
    if (previous !== undefined && bundleOrder(previous.path, path) >= 0)
      return wrong(`it stands behind ${previous.path}: out of order, or twice`)
    at = entry.at + entry.bytes
    if (at > source.size) return wrong('the bundle is cut off inside it')
    entries.push(entry)
  }
  path = 'zip'
  const expected = centralDirectory(entries, at)
  if (source.size !== at + expected.length)
    return wrong(`the bundle has ${source.size} bytes, its files make ${at + expected.length}`)
  const found = Buffer.from(await source.read(at, expected.length))
  return found.equals(expected) ? { entries } : wrong('its directory does not list its files as they are')
}

export { crc32 }
