// The leaf format: fixed vectors that must never change, written by the words of FORMAT.md, and what each byte decides.
import { createHash } from 'node:crypto'
import { canonicalJson, eventText, type OtherLeaf } from '@varde/schema'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { drawSeeds } from './digest.ts'
import {
  contentDigest,
  hashDeadLetter,
  hashEvent,
  hashOther,
  leafOf,
  rawHalfOf,
  type SealedDeadLetter,
  type SealedEvent,
  saltOf,
  textHalfOf,
} from './leaf.ts'

const event: SealedEvent = {
  home: { stream: 'main', generation: 1, partition: 3, offset: 2 ** 32 + 5 },
  tenant: 'house',
  source: 'dc01 å',
  arrival: 1_795_564_800_123,
  raw: Buffer.from('<34>Oct 11 22:14:15 mymachine su: failed'),
  seed: Uint8Array.from({ length: 16 }, (_, n) => n),
  event: { '@timestamp': '2026-11-24T00:00:00.123Z', user: { name: 'Åse' }, event: { code: '4625' } },
}

const letter: SealedDeadLetter = {
  home: event.home,
  raw: event.raw,
  seed: event.seed,
  reason: 'unreadable',
  detail: 'no time at byte 4',
  failedAt: 1_795_564_800_500,
  record: {
    arrival: event.arrival,
    tenant: 'house',
    source: 'dc01 å',
    retention: 'standard',
    collector: 'c1',
    transport: 'tcp',
  },
}

/** A second verifier, from FORMAT.md alone. */
const sha = (...parts: Uint8Array[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
const uint = (value: number, bytes: number) => {
  const buffer = Buffer.alloc(8)
  buffer.writeBigUInt64BE(BigInt(value))
  return buffer.subarray(8 - bytes)
}
const name = (text: string) => Buffer.concat([uint(Buffer.byteLength(text), 2), Buffer.from(text)])
const salt = (half: number) => sha(event.seed, Buffer.from([half]))
const place = (kind: number, tenant: string, source: string, lateness: number) =>
  Buffer.concat([
    Buffer.from([0, 1, kind]),
    name('main'),
    uint(1, 4),
    uint(3, 4),
    uint(2 ** 32 + 5, 8),
    name(tenant),
    name(source),
    Buffer.from([lateness]),
  ])
/** FNV-1a of 32 bits, its upper half xored onto its lower. */
function checksum(bytes: Uint8Array): number {
  let sum = 2_166_136_261n
  for (const byte of bytes) sum = ((sum ^ BigInt(byte)) * 16_777_619n) & 0xffff_ffffn
  return Number((sum ^ (sum >> 16n)) & 0xffffn)
}
const rawHalf = sha(salt(1), event.raw, uint(event.arrival, 8))

describe('the bytes of FORMAT.md', () => {
  test.each([
    [undefined, 0],
    ['late', 1],
    ['future', 2],
    ['imported', 3],
  ] as const)('an event, lateness %s', (lateness, byte) => {
    const canonical = '{"@timestamp":"2026-11-24T00:00:00.123Z","event":{"code":"4625"},"user":{"name":"Åse"}}'
    const textHalf = sha(salt(2), Buffer.from(canonical))
    const leaf = sha(place(1, 'house', 'dc01 å', byte), rawHalf, textHalf)
    const sum = checksum(place(1, 'house', 'dc01 å', byte).subarray(3))
    const hint = Buffer.from([(rawHalf[0] ?? 0) ^ (sum & 255), (textHalf[0] ?? 0) ^ (sum >> 8), leaf[0] ?? 0]).toString(
      'base64',
    )
    const hashed = hashEvent(lateness === undefined ? event : { ...event, lateness })
    expect(hashed).toEqual({ leaf: leaf.toString('hex'), hint })
    expect(contentDigest(event.event)).toBe(sha(Buffer.from(canonical)).toString('hex'))
  })

  test('a dead letter', () => {
    const canonical =
      '{"detail":"no time at byte 4","failedAt":1795564800500,"reason":"unreadable","record":{"arrival":1795564800123,"collector":"c1","retention":"standard","source":"dc01 å","tenant":"house","transport":"tcp"}}'
    expect(hashDeadLetter(letter).leaf).toBe(
      sha(place(2, 'house', 'dc01 å', 0), rawHalf, sha(salt(2), Buffer.from(canonical))).toString('hex'),
    )
  })

  test.each<[OtherLeaf, number]>([
    [{ kind: 'duplicate', offset: 2 ** 32 + 5, of: 'main.1.3.4', arrival: 7, record: 'ab'.repeat(32) }, 3],
    [{ kind: 'gap', offset: 2 ** 32 + 5, to: 2 ** 32 + 9, reason: 'retention' }, 4],
    [{ kind: 'tick', offset: 2 ** 32 + 5, collector: 'c1', arrival: 7, state: 'live' }, 5],
    [
      {
        kind: 'erasure',
        offset: 2 ** 32 + 5,
        of: 'main.1.3.4',
        leaf: 'cd'.repeat(32),
        authority: 'DPO 2026-17',
        arrival: 7,
      },
      6,
    ],
  ])('%j', (other, kind) => {
    const leaf = sha(place(kind, '', '', 0), sha(Buffer.from(canonicalJson(other))))
    expect(hashOther({ stream: 'main', generation: 1, partition: 3 }, other).leaf).toBe(leaf.toString('hex'))
  })

  test('the leaf of one recorded event, for ever', () => {
    expect(hashEvent(event).leaf).toBe('eb64db59a3356662a9190f6fc888c7e4c7bfd2abe09c0d247abb6ec0e0394324')
    expect(hashDeadLetter(letter).leaf).toBe('e3cb91a95ddc2652ff0b5b533aa81ad29f61db7448af9bae7f94c012e84917aa')
  })
})

describe('what a leaf depends on', () => {
  const changes: [string, Partial<SealedEvent>][] = [
    ['stream', { home: { ...event.home, stream: 'mail' } }],
    ['generation', { home: { ...event.home, generation: 2 } }],
    ['partition', { home: { ...event.home, partition: 2 } }],
    ['offset', { home: { ...event.home, offset: 5 } }],
    ['tenant', { tenant: 'acme' }],
    ['source', { source: 'dc02' }],
    ['where one name ends and the next begins', { tenant: 'housed', source: 'c01 å' }],
    ['lateness', { lateness: 'late' }],
    ['arrival', { arrival: event.arrival + 1 }],
    ['raw', { raw: Buffer.from('<34>Oct 11 22:14:15 mymachine su: Failed') }],
    ['seed', { seed: new Uint8Array(16) }],
    ['event', { event: { '@timestamp': '2026-11-24T00:00:00.124Z' } }],
  ]
  test.each(changes)('%s', (_name, change) => {
    expect(hashEvent({ ...event, ...change }).leaf).not.toBe(hashEvent(event).leaf)
  })

  test('a kind: an event is no dead letter with the same halves', () => {
    const halves = [saltOf(event.seed, 1), saltOf(event.seed, 2)] as const
    expect(leafOf('event', event, ...halves).leaf).not.toBe(leafOf('dead-letter', event, ...halves).leaf)
  })

  test('not the order of members, nor what was hashed before it', () => {
    const turned = {
      ...event,
      event: { user: { name: 'Åse' }, event: { code: '4625' }, '@timestamp': '2026-11-24T00:00:00.123Z' },
    }
    hashEvent({
      ...event,
      raw: new Uint8Array(900_000).fill(1),
      event: { '@timestamp': 'x', text: 'é'.repeat(400_000) },
    })
    expect(hashEvent(turned)).toEqual(hashEvent(event))
  })

  test('any event: the leaf is that of its halves', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 3_000 }), fc.string({ unit: 'grapheme', maxLength: 500 }), (raw, text) => {
        const stored = { ...event, raw, event: { ...event.event, text } }
        const { leaf } = hashEvent(stored)
        expect(hashEvent({ ...stored, text: eventText(stored.event) }).leaf).toBe(leaf)
        const first = rawHalfOf(saltOf(stored.seed, 1), raw, stored.arrival)
        const second = textHalfOf(saltOf(stored.seed, 2), canonicalJson(stored.event))
        expect(leafOf('event', stored, first, second).leaf).toBe(leaf)
      }),
    )
  })
})

test.each([
  ['a seed of another size', { seed: new Uint8Array(15) }],
  ['an arrival that is no whole number', { arrival: 1.5 }],
  ['an offset below zero', { home: { ...event.home, offset: -1 } }],
  ['a name without end', { source: 'x'.repeat(1_001) }],
])('refused: %s', (_name, change) => {
  expect(() => hashEvent({ ...event, ...change })).toThrow(RangeError)
})

test('seeds are sixteen bytes, and no two are the same', () => {
  const seeds = drawSeeds(1_000)
  expect(new Set(seeds.map((seed) => Buffer.from(seed).toString('hex'))).size).toBe(1_000)
  expect(seeds.every((seed) => seed.length === 16)).toBe(true)
})
