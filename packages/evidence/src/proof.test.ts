// Proofs of single events: they hold as JSON, show or withhold each half, and fall with any changed byte.
import type { Json } from '@varde/schema'
import { describe, expect, test } from 'vitest'
import { type Batch, sealedBatch } from './fixture.ts'
import { type EventProof, type Half, provable, verifyEventProof } from './proof.ts'
import { sealHash } from './seal.ts'

const batch = sealedBatch(60, sealedBatch(13).seal)
const leavesOf = ({ leaves }: Batch) => leaves.map(({ leaf }) => leaf)
const sample = batch.events[7] ?? batch.events[0]
if (sample === undefined) throw new Error('the fixture has events')

const prove = (withhold: Half[] = []): EventProof =>
  JSON.parse(JSON.stringify(provable(sample, batch.seal, leavesOf(batch), { withhold })))

test('every event of a batch can be proven', () => {
  for (const stored of batch.events) {
    expect(verifyEventProof(provable(stored, batch.seal, leavesOf(batch)))).toMatchObject({
      ok: true,
      seal: 'main.0.2.1',
      sealHash: sealHash(batch.seal),
    })
  }
})

describe('withheld', () => {
  test.each<[Half[]]>([[[]], [['raw']], [['event']], [['raw', 'event']]])('%j', (withhold) => {
    const proof = prove(withhold)
    expect(verifyEventProof(proof)).toMatchObject({ ok: true })
    const text = JSON.stringify(proof)
    expect(text.includes(Buffer.from(sample.raw).toString('base64'))).toBe(!withhold.includes('raw'))
    expect(text.includes('"outcome"')).toBe(!withhold.includes('event'))
    expect(text).not.toContain(Buffer.from(sample.seed).toString('hex'))
  })
})

test('an event of another batch, or a changed one, is not provable', () => {
  const other = sealedBatch(13)
  expect(() => provable(sample, other.seal, leavesOf(other))).toThrow(/not under the seal/)
  expect(() => provable({ ...sample, arrival: 1 }, batch.seal, leavesOf(batch))).toThrow(/not under the seal/)
})

test('every changed value breaks a proof or changes the seal it leads to', () => {
  const hash = sealHash(batch.seal)
  let tried = 0
  for (const withhold of [[], ['raw'], ['event']] satisfies Half[][]) {
    const whole = prove(withhold)
    const walk = (value: Json, path: string[]) => {
      if (typeof value === 'object' && value !== null) {
        for (const [key, member] of Object.entries(value)) walk(member, [...path, key])
        return
      }
      const copy = structuredClone(whole)
      let at: object = copy
      for (const part of path.slice(0, -1)) at = Reflect.get(at, part)
      const changed =
        typeof value === 'number'
          ? value + 1
          : typeof value === 'string'
            ? `${value.startsWith('a') ? 'b' : 'a'}${value.slice(1)}`
            : !value
      Reflect.set(at, path.at(-1) ?? '', changed)
      const check = verifyEventProof(copy)
      tried += 1
      expect(check.ok && check.sealHash === hash, path.join('.')).toBe(false)
    }
    walk(JSON.parse(JSON.stringify(whole)), [])
  }
  expect(tried).toBeGreaterThan(90)
})

test.each<[string, (proof: EventProof) => unknown]>([
  ['a path that is no list of digests', (proof) => ({ ...proof, path: ['zz'] })],
  ['a salt that is no digest', (proof) => ({ ...proof, raw: { ...proof.raw, salt: '' } })],
  ['a withheld half that is no digest', (proof) => ({ ...proof, event: { withheld: 'abc' } })],
  ['an endless name', (proof) => ({ ...proof, place: { ...proof.place, source: 'x'.repeat(100_000) } })],
])('%s is a problem, not a crash', (_name, change) => {
  expect(Reflect.apply(verifyEventProof, undefined, [change(prove())])).toMatchObject({ ok: false })
})
