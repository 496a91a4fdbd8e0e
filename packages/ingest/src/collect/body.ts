// A request body as bytes: inflated within limits, read whole, and cut into lines without copying.
import { Readable } from 'node:stream'
import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib'
import { limits } from '@varde/runtime'

export type ByteStream = AsyncIterable<Uint8Array>

export type BodyResult =
  | { ok: true; body: Buffer }
  /** An HTTP status and a sentence for the sender. */
  | { ok: false; status: 400 | 413 | 415 | 429; reason: string; limit?: 'body-bytes' | 'inflate-ratio' }

export interface BodyLimits {
  bodyBytesMax: number
  inflateRatioMax: number
  /** Asked before more of a body is held in memory; false: all requests together hold too much already. */
  reserve?: (bytes: number) => boolean
}

export const bodyLimits: BodyLimits = { bodyBytesMax: limits.httpBodyBytesMax, inflateRatioMax: limits.inflateRatioMax }

// Small bodies of repeated lines may honestly shrink by more than the ratio: below this it does not matter.
const inflateAlwaysBytes = 1024 * 1024

function inflaterOf(encoding: string) {
  switch (encoding) {
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'deflate':
      return createInflate()
    case 'br':
      return createBrotliDecompress()
    case 'zstd':
      return createZstdDecompress()
    default:
      return undefined
  }
}

/** Reads a body to its end. `encoding` is the Content-Encoding header. */
export async function readBody(
  stream: ByteStream,
  encoding: string | undefined,
  bounds: BodyLimits = bodyLimits,
): Promise<BodyResult> {
  const name = (encoding ?? 'identity').trim().toLowerCase()
  if (name === 'identity' || name === '') return collect(stream, () => undefined, bounds)
  const inflater = inflaterOf(name)
  if (inflater === undefined) {
    return { ok: false, status: 415, reason: `Content-Encoding "${name}" is not known; use gzip, deflate, br or zstd` }
  }
  let compressed = 0
  const counted = Readable.from(count(stream, (bytes) => (compressed += bytes)))
  counted.on('error', (error) => inflater.destroy(error))
  counted.pipe(inflater)
  const tooDense = (size: number): BodyResult | undefined =>
    size > inflateAlwaysBytes && size > compressed * bounds.inflateRatioMax
      ? {
          ok: false,
          status: 413,
          reason: `the body grows by more than ${bounds.inflateRatioMax} times`,
          limit: 'inflate-ratio',
        }
      : undefined
  try {
    return await collect(inflater, tooDense, bounds)
  } catch (error) {
    return {
      ok: false,
      status: 400,
      reason: `the body is no valid ${name}: ${error instanceof Error ? error.message : error}`,
    }
  } finally {
    counted.destroy()
    inflater.destroy()
  }
}

async function* count(stream: ByteStream, add: (bytes: number) => void): AsyncGenerator<Uint8Array> {
  for await (const chunk of stream) {
    add(chunk.length)
    yield chunk
  }
}

async function collect(
  stream: ByteStream,
  refuse: (size: number) => BodyResult | undefined,
  bounds: BodyLimits,
): Promise<BodyResult> {
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of stream) {
    size += chunk.length
    if (size > bounds.bodyBytesMax) {
      return {
        ok: false,
        status: 413,
        reason: `the body is larger than ${bounds.bodyBytesMax} bytes`,
        limit: 'body-bytes',
      }
    }
    if (bounds.reserve?.(chunk.length) === false) return { ok: false, status: 429, reason: 'too many bodies at once' }
    const refused = refuse(size)
    if (refused !== undefined) return refused
    chunks.push(chunk)
  }
  return { ok: true, body: Buffer.concat(chunks, size) }
}

/** The lines of a body, without their LF or CRLF; the last needs none. Views, not copies. */
export function* linesOf(body: Buffer): Generator<Buffer> {
  let at = 0
  while (at < body.length) {
    const newline = body.indexOf(10, at)
    const end = newline === -1 ? body.length : newline
    yield body.subarray(at, end > at && body[end - 1] === 13 ? end - 1 : end)
    at = end + 1
  }
}
