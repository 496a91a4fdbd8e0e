// A line is JSON that says all of its event: read back it is the event, and each value lies where a query looks for it.
import {
  canonicalJson,
  type EcsEvent,
  eventId,
  eventText,
  type Json,
  type JsonObject,
  type StoredEvent,
} from '@varde/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { lineOf, unpackBatch, writeBatch } from './batch.ts'
import { createLineWriter } from './event-line.ts'
import { seen } from './field-catalogue.ts'
import { readRow, rowOfLine } from './stored-row.ts'

const home = { stream: 'main', generation: 2, partition: 3, offset: 7_000_000_001 }
const base: StoredEvent = {
  id: eventId(home),
  home,
  tenant: 'house "one"',
  source: 'fw å',
  retention: 'standard',
  arrival: 1_795_564_800_123,
  raw: Buffer.from('<13>x "quoted" \\ å\ttab'),
  seed: Uint8Array.from({ length: 16 }, (_, n) => n * 16 + 1),
  event: { '@timestamp': '2026-11-24T00:00:00.123Z' },
  ingested: 1_795_564_801_000,
}
const timestamp = base.event['@timestamp']

function stored(members: JsonObject, more: Partial<StoredEvent> = {}): StoredEvent {
  return { ...base, ...more, event: { ...members, '@timestamp': timestamp } }
}

const writer = createLineWriter()

function written(...events: StoredEvent[]) {
  const { bytes, refused, positions } = writeBatch(events, [...events.keys()], writer)
  const batch = unpackBatch(bytes)
  return { batch, refused, positions, lines: positions.map((_, row) => lineOf(batch, row)) }
}

function lineAsJson(event: StoredEvent): JsonObject {
  const { lines, refused } = written(event)
  expect(refused).toEqual([])
  return JSON.parse(lines[0] ?? '')
}

describe('where values lie', () => {
  test.each<[string, JsonObject, JsonObject]>([
    ['a column', { user: { name: 'anna' }, process: { pid: 4 } }, { 'user.name': 'anna', 'process.pid': 4 }],
    ['a list of texts', { event: { category: ['a', 'b"'] } }, { 'event.category': ['a', 'b"'] }],
    ['no column', { own: { x: 1.5, y: true, z: ['a'] } }, { _x: { 'own.x': 1.5, 'own.y': true, 'own.z': ['a'] } }],
    [
      'another kind than the column',
      { user: { name: 4 }, process: { pid: '4' } },
      { _x: { 'user.name': 4, 'process.pid': '4' } },
    ],
    ['a list of many kinds', { own: [1, 'x', false] }, { _x: { own: [1, 'x', false] } }],
    ['null, and nothing', { a: null, b: {}, c: [] }, { _odd: '{"a":null,"b":{},"c":[]}' }],
    [
      'objects in a list',
      { a: [{ b: 1, c: 'x' }, { b: 2 }, null] },
      { _x: { 'a.b': [1, 2], 'a.c': ['x'] }, _odd: '{"a":[{"b":1,"c":"x"},{"b":2},null]}' },
    ],
  ])('%s', (_name, members, expected) => {
    const line = lineAsJson(stored(members))
    expect(Object.fromEntries(Object.entries(line).filter(([key]) => !/^_(?!x$|odd$)/.test(key)))).toEqual(expected)
  })

  test('the frame', () => {
    expect(lineAsJson(stored({}, { lateness: 'late', sender: { key: 'k"1' } }))).toEqual({
      _t: Date.parse(timestamp),
      _stream: 'main',
      _generation: 2,
      _partition: 3,
      _offset: 7_000_000_001,
      _tenant: 'house "one"',
      _source: 'fw å',
      _arrival: base.arrival,
      _ingested: base.ingested,
      _seed: '01112131415161718191a1b1c1d1e1f1',
      _lateness: 'late',
      _key: 'k"1',
      _raw: '<13>x "quoted" \\ å\ttab',
    })
    expect(lineAsJson(stored({}, { sender: { producer: 'p', sequence: 9 } }))).toMatchObject({
      _producer: 'p',
      _sequence: 9,
    })
    expect(lineAsJson({ ...base, event: { '@timestamp': '1969-12-31T23:59:59.999Z' } })['_t']).toBe(-1)
  })

  test('bytes that are no UTF-8 stand beside what a reader sees', () => {
    const raw = Uint8Array.from([0x61, 0xff, 0x22])
    expect(lineAsJson(stored({}, { raw }))).toMatchObject({
      _raw: 'a\ufffd"',
      _bytes: Buffer.from(raw).toString('base64'),
    })
  })

  test('the raw text is found in the batch', () => {
    const { batch } = written(stored({ a: 'x' }), stored({ b: null, user: { name: 'y' } }))
    for (const row of [0, 1]) {
      const raw = Buffer.from(batch.lines.slice(batch.rawStart[row], (batch.lineEnd[row] ?? 0) - 2)).toString()
      expect(JSON.parse(raw)).toBe(Buffer.from(base.raw).toString())
    }
  })
})

test('fields are counted once an event, with what they hold', () => {
  writer.takeFields()
  const { batch } = written(
    stored({ user: { name: 'a' }, own: { x: 1 } }),
    stored({ user: { name: 'b' }, own: { x: 'z' } }),
    stored({ user: { name: 3 }, own: [{ x: 1 }, { x: true }], l: [1, 'y'] }),
  )
  expect(batch.fields.toSorted(([a], [b]) => (a < b ? -1 : 1))).toEqual([
    ['l', seen.inExtraArray | seen.whole | seen.text, 1],
    ['own.x', seen.inExtra | seen.whole | seen.text | seen.inExtraArray | seen.boolean, 3],
    ['user.name', seen.inColumn | seen.text | seen.inExtra | seen.whole, 3],
  ])
  expect(written(stored({ user: { name: 'c' } })).batch.fields).toEqual([['user.name', seen.inColumn | seen.text, 1]])
})

describe('refused, and nothing of it is written', () => {
  let deep: JsonObject = {}
  for (let depth = 0; depth < 300; depth += 1) deep = { a: deep }
  test.each<[string, StoredEvent, RegExp]>([
    ['a key with a dot', stored({ 'a.b': 1 }), /holds a dot/],
    ['one inside of a list', stored({ a: [{ _b: 1 }] }), /begins with "_"/],
    ['a lone surrogate', stored({ a: '\ud800' }), /lone surrogate/],
    ['one inside of a list', stored({ a: ['x', 1, '\ud800'] }), /lone surrogate/],
    ['one inside of an object in a list', stored({ a: [{ b: '\ud800' }] }), /lone surrogate/],
    ['one in a key', stored({ '\ud800': 1 }), /lone surrogate/],
    ['nested too deep', stored(deep), /nested deeper than 200/],
    ['no number', stored({ a: Number.NaN }), /no JSON form/],
    ['another time', { ...base, event: { '@timestamp': '2026-11-24T00:00:00Z' } }, /@timestamp/],
    ['an id that is not its home', { ...base, id: 'main.2.3.8' }, /does not name its home/],
    ['larger than a line', stored({}, { raw: Buffer.alloc(16 * 1024 * 1024, 'x') }), /larger than a line/],
  ])('%s', (_name, event, reason) => {
    const { batch, refused, positions } = written(event, stored({ a: 1 }))
    expect(refused).toEqual([{ position: 0, reason: expect.stringMatching(reason) }])
    expect(positions).toEqual([1])
    expect(JSON.parse(lineOf(batch, 0))).toMatchObject({ _x: { a: 1 } })
  })
})

const key = fc.oneof(
  fc.constantFrom('event', 'user', 'name', 'category', 'process', 'pid', 'source', 'ip'),
  fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 5 })
    .filter((text) => !/^_|\./.test(text) && text !== '__proto__'),
)
const { members } = fc.letrec<{ members: JsonObject; value: Json }>((tie) => ({
  members: fc.dictionary(key, tie('value'), { maxKeys: 5 }),
  value: fc.oneof(
    { maxDepth: 4 },
    fc.string({ unit: 'grapheme' }),
    fc.string({ unit: 'grapheme', minLength: 50, maxLength: 90 }),
    fc.integer(),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0),
    fc.boolean(),
    fc.constant(null),
    fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 3 }),
    fc.array(tie('value'), { maxLength: 3 }),
    tie('members'),
  ),
}))

test('any event reads back as itself, with its text made before or not', () => {
  fc.assert(
    fc.property(members, fc.uint8Array({ maxLength: 80 }), fc.boolean(), (object, raw, made) => {
      const event: EcsEvent = { ...object, '@timestamp': timestamp }
      const given: StoredEvent = { ...base, raw, event, ...(made ? { text: eventText(event) } : {}) }
      const { lines } = written(given)
      const back = readRow(rowOfLine(lines[0] ?? '', 'standard'))
      expect(canonicalJson(back.event)).toBe(canonicalJson(event))
      expect({ ...back, event: 0 }).toEqual({ ...base, raw: new Uint8Array(raw), event: 0 })
    }),
    { numRuns: 1_000 },
  )
})
