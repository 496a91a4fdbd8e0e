import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { BusRecord } from '../port.ts'
import { crc32c } from './crc32c.ts'
import { unlz4 } from './lz4.ts'
import { decodeBatches, encodeBatch, poisonHeader } from './record-batch.ts'
import { unsnappy } from './snappy.ts'
import { type Cursor, readVarint, readVarlong, varintBytes, writeVarint } from './wire.ts'

const origin = { producerId: 4_711, producerEpoch: 2, sequence: 99, time: 1_700_000_000_000 }
const texts = (...all: string[]): BusRecord[] => all.map((text) => ({ value: Buffer.from(text), headers: {} }))

async function batchAt(offset: number, records: BusRecord[], how: 'none' | 'gzip' | 'zstd' = 'none'): Promise<Buffer> {
  const batch = await encodeBatch(records, origin, how)
  batch.writeBigInt64BE(BigInt(offset), 0)
  return batch
}

const anyRecord: fc.Arbitrary<BusRecord> = fc.record(
  {
    value: fc.uint8Array({ maxLength: 500 }),
    key: fc.string({ unit: 'grapheme', maxLength: 20 }),
    headers: fc.dictionary(fc.string({ maxLength: 10 }), fc.string({ unit: 'grapheme', maxLength: 30 }), {
      maxKeys: 4,
      noNullPrototype: true,
    }),
  },
  { requiredKeys: ['value', 'headers'] },
)

describe('a record batch', () => {
  test.each(['none', 'gzip', 'zstd'] as const)('is read as it was written (%s)', async (how) => {
    await fc.assert(
      fc.asyncProperty(fc.array(anyRecord, { minLength: 1, maxLength: 20 }), async (records) => {
        const { records: read, next } = decodeBatches(await batchAt(1_000, records, how), 0)
        expect(next).toBe(1_000 + records.length)
        expect(
          read.map(({ value, key, headers }) => ({ value: Buffer.from(value).toString('hex'), key, headers })),
        ).toEqual(
          records.map(({ value, key, headers }) => ({ value: Buffer.from(value).toString('hex'), key, headers })),
        )
        expect(read.map(({ offset }) => offset)).toEqual(records.map((_, index) => 1_000 + index))
        expect(read.every(({ appendedAt }) => appendedAt === origin.time)).toBe(true)
      }),
      { numRuns: 50 },
    )
  })

  test('carries the checksum that brokers look at', async () => {
    expect(crc32c(Buffer.from('123456789'))).toBe(0xe3069283)
    const batch = await batchAt(0, texts('a', 'b'))
    expect(batch.readUInt32BE(17)).toBe(crc32c(batch, 21))
  })

  test('may be cut off at the end of a fetch; records before the wanted offset are left out', async () => {
    const two = Buffer.concat([await batchAt(10, texts('a', 'b', 'c')), await batchAt(13, texts('d', 'e'))])
    for (let bytes = 0; bytes < two.length; bytes += 1) {
      const { records, next } = decodeBatches(two.subarray(0, bytes), 11)
      const whole = bytes >= two.length - (await batchAt(13, texts('d', 'e'))).length
      expect({ texts: records.map(({ value }) => Buffer.from(value).toString()), next }).toEqual(
        whole ? { texts: ['b', 'c'], next: 13 } : { texts: [], next: 11 },
      )
    }
  })

  test('that nobody can read comes as records with its bytes, one for each of its offsets', async () => {
    const broken = await batchAt(5, texts('a', 'b', 'c'), 'zstd')
    broken.fill(0xee, 61)
    const { records, next } = decodeBatches(Buffer.concat([broken, await batchAt(8, texts('d'))]), 5)
    expect(next).toBe(9)
    expect(records.map(({ offset }) => offset)).toEqual([5, 6, 7, 8])
    expect(records.map(({ headers }) => poisonHeader in headers)).toEqual([true, true, true, false])
    expect(Buffer.compare(records[0]?.value ?? new Uint8Array(), broken)).toBe(0)
    expect(records.slice(1, 3).every(({ value }) => value.length === 0)).toBe(true)
  })
})

describe('numbers', () => {
  test('of any size cross as they are', () => {
    fc.assert(
      fc.property(fc.integer(), (value) => {
        const cursor: Cursor = { buffer: Buffer.alloc(10), at: 0 }
        writeVarint(cursor, value)
        expect(cursor.at).toBe(varintBytes(value))
        cursor.at = 0
        expect(readVarint(cursor)).toBe(value)
        cursor.at = 0
        expect(readVarlong(cursor)).toBe(value)
      }),
    )
  })

  test('beyond 32 bits are read', () => {
    // Zigzag of 2^40 is 2^41: five groups of nothing, then 2^6.
    expect(readVarlong({ buffer: Buffer.from([0x80, 0x80, 0x80, 0x80, 0x80, 0x40]), at: 0 })).toBe(2 ** 40)
  })
})

describe('what other producers compress with', () => {
  // The vectors are written by hand after the formats' descriptions; real clients' bytes are read in test/engines.
  test.each([
    { name: 'a literal', bytes: [3, 0x08, 97, 98, 99], text: 'abc' },
    { name: 'a copy that repeats itself', bytes: [10, 0x00, 97, 0x15, 0x01], text: 'aaaaaaaaaa' },
    { name: 'a copy with two bytes of distance', bytes: [6, 0x08, 97, 98, 99, 0x0a, 3, 0], text: 'abcabc' },
  ])('snappy: $name', ({ bytes, text }) => {
    expect(unsnappy(Buffer.from(bytes), 1_000).toString()).toBe(text)
    const block = Buffer.from(bytes)
    const size = Buffer.alloc(4)
    size.writeUInt32BE(block.length)
    const magic = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0, 0, 0, 0, 1, 0, 0, 0, 1])
    expect(unsnappy(Buffer.concat([magic, size, block, size, block]), 1_000).toString()).toBe(text + text)
  })

  const frame = (...blocks: number[][]) =>
    Buffer.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0x82, ...blocks.flat(), 0, 0, 0, 0])
  test.each([
    { name: 'a stored block', blocks: [[3, 0, 0, 0x80, 97, 98, 99]], text: 'abc' },
    { name: 'a match that repeats itself', blocks: [[5, 0, 0, 0, 0x15, 97, 1, 0, 0x00]], text: 'aaaaaaaaaa' },
    {
      name: 'two blocks',
      blocks: [
        [2, 0, 0, 0x80, 97, 98],
        [1, 0, 0, 0x80, 99],
      ],
      text: 'abc',
    },
  ])('LZ4: $name', ({ blocks, text }) => {
    expect(unlz4(frame(...blocks), 1_000).toString()).toBe(text)
  })

  test.each([
    { name: 'snappy beyond its bound', run: () => unsnappy(Buffer.from([0xff, 0xff, 0xff, 0xff, 0x0f, 0]), 1_000) },
    {
      name: 'snappy that copies from before its begin',
      run: () => unsnappy(Buffer.from([8, 0x00, 97, 0x11, 0x05]), 1_000),
    },
    { name: 'LZ4 without an end', run: () => unlz4(frame([9, 0, 0, 0x80, 97]), 1_000) },
    { name: 'LZ4 beyond its bound', run: () => unlz4(frame([5, 0, 0, 0, 0x15, 97, 1, 0, 0]), 5) },
    { name: 'LZ4 of something else', run: () => unlz4(Buffer.from('not a frame at all'), 1_000) },
  ])('broken: $name', ({ run }) => {
    expect(run).toThrow(expect.objectContaining({ code: 'BUS_DAMAGED' }))
  })

  test('no bytes make them throw anything else, or run on', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const unpack of [unsnappy, unlz4]) {
          try {
            expect(unpack(Buffer.from(bytes), 10_000).length).toBeLessThanOrEqual(10_000)
          } catch (error) {
            expect(error).toSatisfy(
              (thrown) => thrown instanceof RangeError || (thrown instanceof Error && 'code' in thrown),
            )
          }
        }
      }),
      { numRuns: 300 },
    )
  })
})
