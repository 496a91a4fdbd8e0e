import { randomBytes } from 'node:crypto'
import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { linesOf, readBody } from './body.ts'

async function* stream(bytes: Uint8Array, size = 1_000) {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

const bounds = { bodyBytesMax: 10_000_000, inflateRatioMax: 200 }
const text = Buffer.from('{"a":1}\n'.repeat(1_000))

describe('body', () => {
  test.each([
    { name: 'identity', encoding: undefined, bytes: text },
    { name: 'gzip', encoding: 'gzip', bytes: gzipSync(text) },
    { name: 'deflate', encoding: 'deflate', bytes: deflateSync(text) },
    { name: 'br', encoding: 'br', bytes: brotliCompressSync(text) },
    { name: 'zstd', encoding: 'ZSTD', bytes: zstdCompressSync(text) },
  ])('$name is read whole', async ({ encoding, bytes }) => {
    const read = await readBody(stream(bytes), encoding, bounds)
    expect(read.ok && read.body.equals(text)).toBe(true)
  })

  test.each([
    {
      name: 'a zip bomb',
      encoding: 'gzip',
      bytes: gzipSync(Buffer.alloc(8_000_000)),
      want: { status: 413, limit: 'inflate-ratio' },
    },
    {
      name: 'a body over the limit',
      encoding: undefined,
      bytes: randomBytes(10_000_001),
      want: { status: 413, limit: 'body-bytes' },
    },
    {
      name: 'a compressed body over the limit',
      encoding: 'gzip',
      bytes: gzipSync(randomBytes(10_000_001)),
      want: { status: 413, limit: 'body-bytes' },
    },
    { name: 'what is no gzip', encoding: 'gzip', bytes: Buffer.from('hello'), want: { status: 400 } },
    {
      name: 'a gzip that breaks off',
      encoding: 'gzip',
      bytes: gzipSync(randomBytes(5_000)).subarray(0, 3_000),
      want: { status: 400 },
    },
    { name: 'an unknown encoding', encoding: 'lzma', bytes: text, want: { status: 415 } },
  ])('$name is refused', async ({ encoding, bytes, want }) => {
    expect(await readBody(stream(bytes, 64 * 1024), encoding, bounds)).toMatchObject({ ok: false, ...want })
  })

  test('when too much is held already, the sender should come again', async () => {
    expect(await readBody(stream(text), undefined, { ...bounds, reserve: () => false })).toMatchObject({
      ok: false,
      status: 429,
    })
  })

  test.each([
    { body: 'a\nb\n', lines: ['a', 'b'] },
    { body: 'a\r\nb', lines: ['a', 'b'] },
    { body: '\n\na', lines: ['', '', 'a'] },
    { body: '', lines: [] },
  ])('lines of $body', ({ body, lines }) => {
    expect([...linesOf(Buffer.from(body))].map(String)).toEqual(lines)
  })
})
