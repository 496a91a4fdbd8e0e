// Chunks of pins: what goes in comes out, also of those that an older Varde wrote.
import { zstdCompressSync } from 'node:zlib'
import { canonicalJson } from '@varde/schema'
import { expect, test } from 'vitest'
import { eventsTo, start } from '../testing/case-fixture.ts'
import { leavesOfCopies, makeChunk, unpack } from './pin-chunk.ts'

const events = eventsTo(6).map((event, n) => ({
  ...event,
  raw: Buffer.from([0, 10, 255, n]),
  seed: Buffer.from(event.seed),
  event: { ...event.event, message: `line\nfeed "${n}" æ 🏔` },
  ...(n === 2 ? { lateness: 'imported' as const } : {}),
}))
const pinned = () =>
  makeChunk({
    case: 'case-1',
    batch: 'pin-1',
    events,
    leaves: leavesOfCopies(events),
    seal: undefined,
    hashes: [],
    pinnedAt: start,
  })

test('copies come out of a chunk as they went in, with their canonical text', () => {
  const { chunk, copies } = pinned()
  const texts = events.map(({ event }) => canonicalJson(event))
  const found = unpack(chunk, JSON.parse(JSON.stringify(copies)))
  expect(found.map(({ canonical }) => String(canonical))).toEqual(texts)
  expect(found.map(({ canonical: _, ...event }) => event)).toEqual(events)
})

test('a chunk that was cut off is told', () => {
  const { chunk } = pinned()
  const packed = zstdCompressSync(Buffer.from('[0]\n{"a":')).toString('base64')
  expect(() => unpack(chunk, { form: 2, packed })).toThrow('cut off')
})

test('chunks of one line an event are still read', () => {
  const { chunk } = pinned()
  const lines = events.map(({ home, tenant, source, retention, arrival, raw, seed, event, ingested, ...more }) => {
    const { lateness = null } = 'lateness' in more ? more : {}
    const [base64, hex] = [raw.toString('base64'), seed.toString('hex')]
    return JSON.stringify([home.offset, tenant, source, retention, arrival, base64, hex, event, ingested, lateness])
  })
  const packed = zstdCompressSync(Buffer.from(lines.join('\n'))).toString('base64')
  expect(unpack(chunk, { packed })).toEqual(events)
})
