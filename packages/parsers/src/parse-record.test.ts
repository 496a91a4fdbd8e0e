// The door's promises on any input: never throws, keeps the store's invariants, takes linear time, explains what it left.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Json } from '@varde/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Parsed, type ParseInput, parseRecord, type Unparsed } from './parse-record.ts'
import { datasets } from './products.ts'

const arrival = Date.UTC(2026, 10, 18, 12)
const folder = join(import.meta.dirname, 'products/fixtures')

/** Records of all products: what mutations begin with. */
const samples: Buffer[] = readdirSync(folder, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.log') || (name.endsWith('.json') && !name.endsWith('.expected.ndjson')))
  .flatMap((name) => {
    const text = readFileSync(join(folder, name), 'utf8')
    if (name.endsWith('.log')) return text.split('\n').filter((line) => line !== '')
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) ? list.map((item) => (typeof item === 'string' ? item : JSON.stringify(item))) : []
  })
  .map((text) => Buffer.from(text))

function faultOf(value: Json, depth = 0): string | undefined {
  if (depth > 60) return 'too deep'
  if (typeof value === 'string') return value.isWellFormed() ? undefined : 'lone surrogate'
  if (typeof value === 'number') return Number.isFinite(value) && !Object.is(value, -0) ? undefined : `number ${value}`
  if (value === undefined) return 'undefined'
  if (value === null || typeof value !== 'object') return undefined
  for (const [key, member] of Object.entries(value)) {
    if (
      !Array.isArray(value) &&
      (key === '' || key.startsWith('_') || key.includes('.') || key === 'outerWrapper' || !key.isWellFormed())
    )
      return `key ${key}`
    const inner = faultOf(member, depth + 1)
    if (inner !== undefined) return inner
  }
  return undefined
}

function check(input: ParseInput, parsed: Parsed | Unparsed): void {
  if (!parsed.ok) {
    expect(parsed.reason).not.toBe('parser-error')
    expect(parsed.detail).not.toBe('')
    return
  }
  expect(parsed.event['@timestamp']).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  expect(faultOf(parsed.event)).toBeUndefined()
  for (const range of parsed.unexplained) {
    expect(range.from).toBeGreaterThanOrEqual(0)
    expect(range.to).toBeLessThanOrEqual(input.raw.length)
    expect(range.from).toBeLessThan(range.to)
  }
}

const anyDataset = fc.option(fc.constantFrom(...datasets()), { nil: undefined })

function inputOf(raw: Uint8Array, dataset: string | undefined): ParseInput {
  return dataset === undefined ? { raw, arrival } : { raw, arrival, dataset }
}

describe('any input', () => {
  test('random bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 400 }), anyDataset, (raw, dataset) => {
        const input = inputOf(raw, dataset)
        check(input, parseRecord(input))
      }),
      { numRuns: 2_000 },
    )
  })

  test('random text with the marks that formats use', () => {
    const piece = fc.oneof(
      fc.string({ unit: 'binary', maxLength: 12 }),
      fc.constantFrom(
        '<134>',
        'Nov 18 09:12:44 ',
        '=',
        '"',
        '|',
        ',',
        'CEF:0|',
        '%ASA-6-302013: ',
        '{"',
        '":',
        '}',
        '<Event',
        '<System>',
        '[',
        ']',
        ': ',
        '\\',
        '\ud800',
        '__proto__',
        'a.b=1 ',
        '_id=2 ',
        '\n',
        '\t',
        '10.0.0.1',
        '/443',
      ),
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 40 }), anyDataset, (pieces, dataset) => {
        const input = inputOf(Buffer.from(pieces.join('')), dataset)
        check(input, parseRecord(input))
      }),
      { numRuns: 3_000 },
    )
  })

  test('samples with bytes changed, cut out, doubled', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(fc.tuple(fc.nat(), fc.nat(255), fc.nat(2)), { maxLength: 6 }),
        anyDataset,
        (sample, changes, dataset) => {
          let raw = Buffer.from(sample)
          for (const [place, byte, kind] of changes) {
            const at = place % Math.max(raw.length, 1)
            if (kind === 0) raw[at] = byte
            else if (kind === 1) raw = Buffer.concat([raw.subarray(0, at), raw.subarray(at + 1 + (byte % 16))])
            else raw = Buffer.concat([raw.subarray(0, at + 1), raw.subarray(Math.max(0, at - byte))])
          }
          const input = inputOf(raw, dataset)
          check(input, parseRecord(input))
        },
      ),
      { numRuns: 4_000 },
    )
  })

  test('JSON of any shape', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), anyDataset, (value, dataset) => {
        const input = inputOf(
          Buffer.from(
            JSON.stringify({
              EventID: 4624,
              Channel: 'Security',
              SourceName: 'x',
              message: value,
              event: value,
              winlog: value,
            }),
          ),
          dataset,
        )
        check(input, parseRecord(input))
      }),
      { numRuns: 1_000 },
    )
  })
})

describe('hostile input', () => {
  test.each([
    [
      'a key that would reach the prototype',
      '{"__proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}},"a":{"__proto__":{"polluted":1}}}',
    ],
    ['keys that the store refuses', '{"_id":1,"_source":{"x":1},"outerWrapper":2,"a.b":{"_c":3},"":4}'],
    ['lone surrogates', '{"a":"\\ud800","\\udfff":"b"}'],
    ['a key that is a value and an object', '{"a":1,"a.b":2}'],
  ])('%s', (_name, text) => {
    const input = inputOf(Buffer.from(text), undefined)
    const parsed = parseRecord(input)
    expect(parsed.ok).toBe(true)
    check(input, parsed)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })

  test('nested too deep', () => {
    const raw = Buffer.from(`{"a":${'['.repeat(5_000)}${']'.repeat(5_000)}}`)
    expect(parseRecord({ raw, arrival })).toMatchObject({ ok: false, reason: 'nested-too-deep' })
  })

  test.each([
    ['a null', 'null', 45, true],
    ['a key that no store takes', '{"_id":1}', 45, true],
    ['too many levels', '"x"', 80, false],
  ])('%s below many levels is cleaned once, not once more a level', (_name, bottom, levels, ok) => {
    const raw = Buffer.from(`${'{"a":'.repeat(levels)}${bottom}${'}'.repeat(levels)}`)
    expect(parseRecord({ raw, arrival }).ok).toBe(ok)
  })

  test('too many fields', () => {
    const raw = Buffer.from(
      JSON.stringify(Object.fromEntries(Array.from({ length: 5_000 }, (_, index) => [`k${index}`, index]))),
    )
    expect(parseRecord({ raw, arrival })).toMatchObject({ ok: false, reason: 'too-many-fields' })
  })

  test('empty and oversized', () => {
    expect(parseRecord({ raw: Buffer.from(' \r\n'), arrival })).toMatchObject({ ok: false, reason: 'empty' })
    expect(parseRecord({ raw: Buffer.alloc(2 * 1024 * 1024, 97), arrival })).toMatchObject({
      ok: false,
      reason: 'oversized',
    })
  })

  test('bytes that are no UTF-8 become text', () => {
    const parsed = parseRecord({ raw: Buffer.from([0x3c, 0x31, 0x33, 0x3e, 0x4b, 0xf8, 0x62, 0x65, 0x6e]), arrival })
    expect(parsed).toMatchObject({ ok: true, event: { message: 'Køben' } })
  })
})

describe('the hint', () => {
  test('wins over the content', () => {
    const raw = Buffer.from('<134>Nov 18 09:12:44 fw1 %ASA-6-302013: Built')
    expect(parseRecord({ raw, arrival, dataset: 'acme.thing' })).toMatchObject({
      ok: true,
      dataset: 'acme.thing',
      confidence: 1,
    })
  })
})

describe('time is linear in the length', () => {
  // What a quadratic parser would choke on: each pattern repeated to 64 and 256 KiB must not take 4 x 3 times as long.
  test.each([
    'a=b ',
    '"',
    '\\',
    'a="',
    '<Event><System>',
    '&amp',
    '[a b="',
    '{"a":',
    ',',
    '|',
    '(',
    '%%4417 ',
    'for ',
    '10.0.0.1/',
    ' to ',
    '; ',
    '=',
    'x'.repeat(40),
    '\n',
    ': ',
  ])(
    '%j',
    (pattern) => {
      const run = (length: number, dataset: string | undefined): number => {
        const raw = Buffer.from(
          `<134>Nov 18 09:12:44 host app[1]: ${pattern.repeat(Math.ceil(length / pattern.length))}`,
        )
        const started = performance.now()
        parseRecord(inputOf(raw, dataset))
        return performance.now() - started
      }
      for (const dataset of [undefined, ...datasets()]) {
        run(8_192, dataset)
        let small = Number.POSITIVE_INFINITY
        let large = Number.POSITIVE_INFINITY
        // The best of some runs: a busy machine makes one slow, a quadratic step makes all slow (seconds for 256 KiB).
        for (let attempt = 0; attempt < 6; attempt++) {
          small = Math.min(small, run(65_536, dataset))
          large = Math.min(large, run(262_144, dataset))
          if (large < Math.max(small * 12, 120)) break
        }
        expect(large, `${dataset}: ${small} ms for 64 KiB, ${large} ms for 256 KiB`).toBeLessThan(
          Math.max(small * 12, 120),
        )
      }
    },
    60_000,
  )
})
