// The text of an event is its canonical JSON, whatever shape was remembered before it, and its values are found in it.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { createTextArena, type EventText, eventText } from './event-text.ts'
import { canonicalJson, type Json, type JsonObject } from './json.ts'

const decoder = new TextDecoder()

function textOf({ bytes, from, to }: EventText): string {
  return decoder.decode(bytes.subarray(from, to))
}

/** Path and spelling of each leaf, as the spans tell. */
function spansOf({ shape, bytes, from, ends, endsFrom }: EventText): [string, string][] {
  let start = from
  let said = 0
  return shape.leaves.map(({ keys }, leaf) => {
    start += (shape.saidEnds[leaf] ?? 0) - said
    said = shape.saidEnds[leaf] ?? 0
    const end = ends[endsFrom + leaf] ?? 0
    const span = decoder.decode(bytes.subarray(start, end))
    start = end
    return [keys.join('/'), span]
  })
}

/** The same from the event itself. */
function leavesOf(value: Json, keys: string[] = []): [string, string][] {
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    return [[keys.join('/'), canonicalJson(value)]]
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  // The braces of an empty object stand in what is said before it.
  if (members.length === 0) return keys.length === 0 ? [] : [[keys.join('/'), '']]
  return members.flatMap(([key, member]) => leavesOf(member, [...keys, key]))
}

function check(event: JsonObject): void {
  const text = eventText(event)
  expect(textOf(text)).toBe(canonicalJson(event))
  expect(spansOf(text)).toEqual(leavesOf(event))
}

describe('spelled as RFC 8785 says', () => {
  test.each<[string, JsonObject]>([
    ['nothing', {}],
    ['order', { b: 1, a: { d: 'x', c: true }, 'a!': null, '10': 1, '9': 2 }],
    [
      'numbers',
      { a: 0, b: -0, c: 999_999_999, d: 1e9, e: -5, f: 1.5, g: 1e21, h: Number.MAX_SAFE_INTEGER, i: 2 ** 60 },
    ],
    ['escapes', { a: 'C:\\dir "x"', b: '\u0000\b\t\n\f\r\u001f\u007f\u0080', c: `${'x'.repeat(60)}\\` }],
    ['letters', { å: 'é€😀', b: 'x'.repeat(60).concat('å€😀\ufffd'), c: '\u2028' }],
    ['lone surrogates', { a: '\ud800', b: `${'x'.repeat(60)}\udfffy`, '\ud800': 1 }],
    ['lists', { a: ['x', 'y"'], b: [1, 'x', true], c: [], d: [null], e: [{ b: 1, a: [2] }], f: [1.5, -0] }],
    ['empty objects', { a: {}, b: { c: {} } }],
    ['a member named __proto__', JSON.parse('{"__proto__":{"b":1,"a":2},"a":1}')],
  ])('%s', (_name, event) => {
    check(event)
  })

  test('members that are undefined are left out', () => {
    const event: unknown = { b: undefined, a: 1, c: { d: undefined } }
    const text: EventText = Reflect.apply(eventText, undefined, [event])
    expect(textOf(text)).toBe('{"a":1,"c":{}}')
  })

  test.each([Number.NaN, Number.POSITIVE_INFINITY])('refuses %d, also in a list', (value) => {
    expect(() => eventText({ a: value })).toThrow(TypeError)
    expect(() => eventText({ a: [value] })).toThrow(TypeError)
    check({ a: 1 })
  })

  test('nested deeper than shapes are remembered', () => {
    let event: JsonObject = { end: 1 }
    for (let depth = 0; depth < 500; depth += 1) event = { b: 1, a: event }
    expect(textOf(eventText(event))).toBe(canonicalJson(event))
  })
})

test('says whether a lone surrogate is in it', () => {
  expect(eventText({ a: 'x', b: '😀' }).wellFormed).toBe(true)
  expect(eventText({ a: 'x', b: `${'y'.repeat(60)}\ud800` }).wellFormed).toBe(false)
  expect(eventText({ a: '\udc00' }).wellFormed).toBe(false)
})

test('events alike have one shape; another kind of value makes another', () => {
  const shape = (event: JsonObject) => eventText(event).shape
  expect(shape({ a: 'x', b: { c: 1 } })).toBe(shape({ a: 'y', b: { c: 2 } }))
  expect(shape({ a: 'x', b: { c: 1 } })).not.toBe(shape({ a: 'y', b: { c: 1.5 } }))
})

test('texts stay as they were when others are made', () => {
  const events = Array.from({ length: 300 }, (_, n) => ({ n, text: 'x'.repeat(n * 40) }))
  const texts = events.map(eventText)
  expect(texts.map(textOf)).toEqual(events.map(canonicalJson))
})

test('an arena gives its room to the next batch', () => {
  const arena = createTextArena()
  const events = Array.from({ length: 300 }, (_, n) => ({ n, text: 'x'.repeat(n * 100) }))
  for (let round = 0; round < 3; round += 1) {
    const texts = events.map((event) => arena.textOf({ ...event, round }))
    expect(texts.map(textOf)).toEqual(events.map((event) => canonicalJson({ ...event, round })))
    arena.clear()
  }
  const [before, , ...rest] = [arena.textOf({ a: 1 }), arena.clear(), arena.textOf({ a: 2 })]
  expect(rest[0]?.bytes).toBe(before?.bytes)
  expect(arena.textOf({ text: 'y'.repeat(3_000_000) }).to).toBe(3_000_011)
})

test('more shapes than are remembered', () => {
  for (let n = 0; n < 60_000; n += 1) eventText({ [`key${n}`]: n, x: 1 })
  check({ key1: 1, x: 2 })
})

test('any JSON, in any order of its members, among others', () => {
  const anyObject = fc.dictionary(fc.string({ unit: 'binary', maxLength: 6 }), fc.jsonValue({ maxDepth: 4 }), {
    maxKeys: 8,
  })
  fc.assert(
    fc.property(fc.array(anyObject, { maxLength: 6 }), (objects) => {
      for (const object of objects) check(JSON.parse(JSON.stringify(object)))
    }),
    { numRuns: 500 },
  )
})
