import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createFraming } from './framing.ts'

function cut(chunks: (string | Buffer)[], recordBytesMax = 1_000) {
  const records: string[] = []
  const cuts: number[] = []
  const oddities: string[] = []
  const framing = createFraming({
    recordBytesMax,
    onRecord(raw, cutBytes) {
      records.push(raw.toString('latin1'))
      if (cutBytes > 0) cuts.push(cutBytes)
    },
    onOddity: (what) => oddities.push(what),
  })
  for (const chunk of chunks) framing.push(Buffer.from(chunk))
  const open = framing.open()
  framing.end()
  return { records, cuts, oddities, open }
}

const cases = [
  { name: 'LF', chunks: ['<1>a\n<1>b\n'], records: ['<1>a', '<1>b'] },
  { name: 'CRLF', chunks: ['<1>a\r\n<1>b\r\n'], records: ['<1>a', '<1>b'] },
  { name: 'NUL', chunks: ['<1>a\0<1>b\0'], records: ['<1>a', '<1>b'] },
  { name: 'NUL and LF mixed', chunks: ['<1>a\0<1>b\n<1>c\0'], records: ['<1>a', '<1>b', '<1>c'] },
  { name: 'octet-counted', chunks: ['4 <1>a5 <1>b\n'], records: ['<1>a', '<1>b'] },
  { name: 'octet-counted with a newline inside', chunks: ['6 <1>a\nb6 <1>c\nd'], records: ['<1>a\nb', '<1>c\nd'] },
  { name: 'octet-counted with a newline after each frame', chunks: ['4 <1>a\n4 <1>b\n'], records: ['<1>a', '<1>b'] },
  {
    name: 'mixed senders on one connection',
    chunks: ['<1>a\n4 <1>b<1>c\r\n4 <1>d'],
    records: ['<1>a', '<1>b', '<1>c', '<1>d'],
  },
  {
    name: 'lines that begin with digits are lines',
    chunks: ['2026-01-01 x\n12 monkeys\n3\n'],
    records: ['2026-01-01 x', '12 monkeys', '3'],
  },
  {
    name: 'a count cut by the chunk',
    chunks: ['1', '0 ', '<1>abc', 'defg4 <', '1>z'],
    records: ['<1>abcdefg', '<1>z'],
  },
  { name: 'the last line needs no end', chunks: ['<1>a\n<1>b'], records: ['<1>a', '<1>b'] },
  {
    name: 'bytes that are no UTF-8 pass',
    chunks: [Buffer.from([0x3c, 0x31, 0x3e, 0xff, 0xfe, 0x0a])],
    records: ['<1>\xff\xfe'],
  },
  { name: 'digits at the end of the stream', chunks: ['123'], records: ['123'] },
]

describe('framing', () => {
  test.each(cases)('$name', ({ chunks, records }) => {
    expect(cut(chunks)).toMatchObject({ records, cuts: [], open: expect.any(Boolean) })
  })

  test.each(cases)('$name, byte by byte', ({ chunks, records }) => {
    const bytes = Buffer.concat(chunks.map((chunk) => Buffer.from(chunk)))
    expect(cut([...bytes].map((byte) => Buffer.from([byte]))).records).toEqual(records)
  })

  test.each([
    {
      name: 'a long line is cut, the rest skipped, the next one whole',
      chunks: [`${'x'.repeat(25)}\n<1>next\n`],
      records: ['x'.repeat(10), '<1>next'],
      cuts: [15],
    },
    {
      name: 'a long line over many chunks',
      chunks: [...'abcdefghijklmnop', '\n<1>next\n'],
      records: ['abcdefghij', '<1>next'],
      cuts: [6],
    },
    {
      name: 'a long octet-counted frame',
      chunks: ['28 <1>', 'y'.repeat(25), '4 <1>z'],
      records: ['<1>yyyyyyy', '<1>z'],
      cuts: [18],
    },
    { name: 'a long line without an end', chunks: ['z'.repeat(30)], records: ['z'.repeat(10)], cuts: [20] },
  ])('$name', ({ chunks, records, cuts }) => {
    expect(cut(chunks, 10)).toMatchObject({ records, cuts })
  })

  test('a frame that ends before its count is kept and counted', () => {
    expect(cut(['20 <1>half'])).toEqual({ records: ['<1>half'], cuts: [], oddities: ['truncated'], open: true })
  })

  test('however the stream is cut, the records are the same', () => {
    const record = fc
      .string({ minLength: 1, maxLength: 40, unit: fc.constantFrom('a', 'b', ' ', '<', '1', '9') })
      .map((text) => `<3>${text}`)
    const frame = fc.tuple(record, fc.constantFrom('\n', '\r\n', '\0', 'count'))
    fc.assert(
      fc.property(fc.array(frame, { maxLength: 20 }), fc.array(fc.nat(200), { maxLength: 20 }), (frames, places) => {
        const stream = Buffer.from(
          frames.map(([text, end]) => (end === 'count' ? `${text.length} ${text}` : `${text}${end}`)).join(''),
        )
        const at = [0, ...places.map((place) => place % (stream.length + 1)).sort((a, b) => a - b), stream.length]
        const chunks = at.slice(1).map((end, index) => stream.subarray(at[index], end))
        expect(cut(chunks).records).toEqual(frames.map(([text]) => text))
      }),
    )
  })
})
