import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createLineSplitter, createXmlSplitter, isXmlExport } from './split.ts'

type Make = typeof createLineSplitter

function cut(make: Make, chunks: (string | Buffer)[], recordBytesMax = 1_000) {
  const records: [string, number, number][] = []
  const splitter = make(recordBytesMax, (raw, offset, cutBytes) =>
    records.push([raw.toString('latin1'), offset, cutBytes]),
  )
  for (const chunk of chunks) splitter.push(Buffer.from(chunk))
  splitter.end()
  return records
}

describe('lines of a file', () => {
  test.each([
    {
      name: 'LF, CRLF, none at the end',
      text: 'a\nbc\r\nd',
      want: [
        ['a', 0, 0],
        ['bc', 2, 0],
        ['d', 6, 0],
      ],
    },
    { name: 'empty lines are no records, but have a place', text: '\n\r\na\n\n', want: [['a', 3, 0]] },
    { name: 'an empty file', text: '', want: [] },
  ])('$name', ({ text, want }) => {
    expect(cut(createLineSplitter, [text])).toEqual(want)
    expect(cut(createLineSplitter, [...text])).toEqual(want)
  })

  test('a long line is cut and the rest counted', () => {
    expect(cut(createLineSplitter, ['0123456789abc\nx\n'], 10)).toEqual([
      ['0123456789', 0, 3],
      ['x', 14, 0],
    ])
  })

  test('offsets lead back to the lines, however the file is cut', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('a', '\n', '\r'), maxLength: 60 }),
        fc.array(fc.nat(60), { maxLength: 6 }),
        (text, places) => {
          const at = [0, ...places.map((place) => place % (text.length + 1)).sort((a, b) => a - b), text.length]
          const records = cut(
            createLineSplitter,
            at.slice(1).map((end, index) => text.slice(at[index], end)),
          )
          expect(records).toEqual(cut(createLineSplitter, [text]))
          for (const [raw, offset] of records) expect(text.slice(offset, offset + raw.length)).toBe(raw)
        },
      ),
    )
  })
})

describe('events of an XML export', () => {
  const one = "<Event xmlns='x'><System/></Event>"
  const text = `<?xml version="1.0"?>\r\n<Events>\n${one}\r\n  ${one}</Events>\n`
  const want = [
    [one, text.indexOf(one), 0],
    [one, text.lastIndexOf(one), 0],
  ]
  test('are the records, with their places', () => {
    expect(cut(createXmlSplitter, [text])).toEqual(want)
    expect(cut(createXmlSplitter, [...text])).toEqual(want)
  })

  test('one that never ends is kept', () => {
    expect(cut(createXmlSplitter, ['<Event>half'])).toEqual([['<Event>half', 0, 0]])
  })

  test('one that is too long is cut, and the next is whole', () => {
    const long = `<Event>${'x'.repeat(100)}</Event>`
    for (const chunks of [
      [long, '\n<Event>y</Event>'],
      [...long, '\n<Event>y</Event>'],
    ]) {
      expect(cut(createXmlSplitter, chunks, 20)).toEqual([
        [long.slice(0, 20), 0, long.length - 20],
        ['<Event>y</Event>', long.length + 1, 0],
      ])
    }
  })

  test.each([
    ['<Events><Event/>', true],
    ['\uFEFF<?xml version="1.0" encoding="utf-8"?>\n<Events>', true],
    ['<Event xmlns="x">', true],
    ['<34>Oct 11 22:14:15 host app: <Event>', false],
    ['{"a":1}', false],
  ])('%s', (head, isXml) => expect(isXmlExport(Buffer.from(head))).toBe(isXml))
})
