// Writes a bundle's files one after the other, then the manifest, the sums and the signature.
import { createHash } from 'node:crypto'
import { canonicalJson, type Digest, type JsonObject } from '@varde/schema'
import {
  type BundleSink,
  bundleBytesMax,
  bundleFilesMax,
  bundleOrder,
  centralDirectory,
  crc32,
  isBundlePath,
  localHead,
  type ZipEntry,
} from './zip.ts'

export type BundleContent = string | Uint8Array | AsyncIterable<string | Uint8Array> | Iterable<string | Uint8Array>

export interface BundleFile {
  path: string
  content: BundleContent
}

/** Who signs: `id` names the key record. Gives the 64 bytes of an Ed25519 signature. */
export interface BundleSigner {
  id: Digest
  sign(bytes: Uint8Array): Promise<Uint8Array>
}

export interface BundleFacts {
  case: string
  revision: number
  /** UTC milliseconds: of the revision, not of the export. */
  at: number
  tenants: string[]
  /** Lines of `records.jsonl`. */
  records: number
  /** Further members of the manifest. */
  more?: JsonObject
}

export interface BundleWriter {
  /** Files come in the order of `bundleOrder`. Throws a RangeError for another order, a bad path, or a bundle that grows beyond 4 GiB. */
  add(file: BundleFile): Promise<void>
  /** Manifest, sums and signature; then the bundle is whole. Its bytes and the digest of its sums. */
  finish(facts: BundleFacts, signer: BundleSigner): Promise<{ bytes: number; sums: Digest; files: number }>
}

const writeBytes = 1024 * 1024

/** Writes a ZIP to the sink, sums and signature last; BUNDLE.md has the bytes. */
export function createBundleWriter(sink: BundleSink): BundleWriter {
  const entries: ZipEntry[] = []
  const digests: string[] = []
  let end = 0

  const add = async ({ path, content }: BundleFile): Promise<void> => {
    if (!isBundlePath(path)) throw new RangeError(`a bundle can't hold a file called ${path}`)
    const previous = entries.at(-1)
    if (previous !== undefined && bundleOrder(previous.path, path) >= 0)
      throw new RangeError(`${path} stands before ${previous.path} in a bundle`)
    if (entries.length === bundleFilesMax) throw new RangeError(`a bundle has at most ${bundleFilesMax} files`)
    const headAt = end
    const at = headAt + localHead({ path, crc: 0, bytes: 0, headAt, at: 0 }).length
    const hash = createHash('sha256')
    let crc = 0
    let bytes = 0
    // One block is on its way to the disk while the next is read and hashed.
    let writing = Promise.resolve()
    try {
      for await (const part of blocks(content)) {
        hash.update(part)
        crc = crc32(part, crc)
        await writing
        if (at + bytes + part.length > bundleBytesMax)
          throw new RangeError(
            `a bundle has at most ${bundleBytesMax} bytes: ${path} does not fit; export the case in parts`,
          )
        writing = sink.write(part, at + bytes)
        // It is thrown where it is waited for.
        writing.catch(() => {})
        bytes += part.length
      }
      await writing
    } finally {
      // Whoever closes the file must not meet a write that still goes on.
      await writing.catch(() => {})
    }
    const entry = { path, crc, bytes, headAt, at }
    await sink.write(localHead(entry), headAt)
    entries.push(entry)
    digests.push(hash.digest('hex'))
    end = at + bytes
  }

  const finish = async (facts: BundleFacts, signer: BundleSigner) => {
    const { more = {}, ...known } = facts
    const manifest = {
      ...more,
      ...known,
      format: 'varde bundle',
      version: 1,
      key: signer.id,
      files: entries.map(({ path, bytes }) => ({ path, bytes })),
    }
    await add({ path: 'manifest.json', content: `${canonicalJson(manifest)}\n` })
    const sums = Buffer.from(entries.map(({ path }, n) => `${digests[n]}  ${path}\n`).join(''))
    await add({ path: 'SHA256SUMS', content: sums })
    await add({ path: 'SHA256SUMS.sig', content: await signer.sign(sums) })
    const directory = centralDirectory(entries, end)
    await sink.write(directory, end)
    return { bytes: end + directory.length, sums: digests[entries.length - 2] ?? '', files: entries.length }
  }

  return { add, finish }
}

/** Joins small parts, so that a line is not a write. */
async function* blocks(content: BundleContent): AsyncGenerator<Buffer> {
  if (typeof content === 'string' || content instanceof Uint8Array) {
    if (content.length > 0) yield Buffer.from(content)
    return
  }
  let parts: Buffer[] = []
  let bytes = 0
  for await (const part of content) {
    const buffer = typeof part === 'string' ? Buffer.from(part) : Buffer.from(part.buffer, part.byteOffset, part.length)
    parts.push(buffer)
    bytes += buffer.length
    if (bytes < writeBytes) continue
    yield parts.length === 1 ? buffer : Buffer.concat(parts)
    parts = []
    bytes = 0
  }
  if (bytes > 0) yield Buffer.concat(parts)
}
