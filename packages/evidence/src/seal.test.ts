// Seals and chains: what is made holds, and whatever is changed in it is found and named.
import type { Json, Seal } from '@varde/schema'
import { describe, expect, test } from 'vitest'
import { digestOf, noDigest } from './digest.ts'
import { sealedBatch, sealFacts } from './fixture.ts'
import { sealGap, sealHash, sealHead, verifyChain, verifyLink, verifySeal } from './seal.ts'

const first = sealedBatch(40)
const second = sealedBatch(25, first.seal)
const third = sealedBatch(1, second.seal)
const seals = [first.seal, second.seal, third.seal]

test('seals follow each other, and hold over their leaves', () => {
  expect(seals.map(({ seq, from, to, count }) => [seq, from, to, count])).toEqual([
    [0, 0, 40, 40],
    [1, 40, 65, 25],
    [2, 65, 66, 1],
  ])
  expect(first.seal.previous).toBe(noDigest)
  expect(second.seal.previous).toBe(sealHash(first.seal))
  for (const { seal, leaves } of [first, second, third]) expect(verifySeal(seal, leaves)).toEqual({ ok: true })
  expect(verifyChain(seals)).toEqual({ ok: true, count: 3, last: sealHash(third.seal) })
  expect(verifyChain(seals.slice(1), first.seal)).toEqual({ ok: true, count: 2, last: sealHash(third.seal) })
  expect(verifyChain([])).toEqual({ ok: true, count: 0 })
})

test('heads stand for their seals in a chain', () => {
  expect(sealHash(sealHead(first.seal))).toBe(sealHash(first.seal))
  expect(verifyChain([sealHead(first.seal), second.seal, sealHead(third.seal)])).toMatchObject({ ok: true })
  expect(JSON.stringify(sealHead(first.seal))).not.toContain('dc01')
})

test('the hash of one recorded seal, for ever', () => {
  const seal: Omit<Seal, 'hash'> = {
    version: 1,
    ...sealFacts(),
    seq: 0,
    from: 0,
    to: 0,
    count: 0,
    root: digestOf(''),
    previous: noDigest,
    others: [],
    hints: '',
  }
  expect(sealHash(seal)).toBe('97a9d31a06b028b1726b6c999e0e4eead36e58801e5a6298ded428e608f9560c')
})

test('a gap is a seal of its own, and the chain goes on after it', () => {
  const gap = sealGap({ ...sealFacts(second.seal), to: 5_000, reason: 'retention of the bus' })
  expect(gap).toMatchObject({ seq: 2, from: 65, to: 5_000, count: 1 })
  const after = sealedBatch(10, gap)
  expect(verifyChain([first.seal, second.seal, gap, after.seal])).toMatchObject({ ok: true, count: 4 })
})

/** Changed by somebody who gave it a hash that fits. */
const forged = (seal: Seal): Seal => ({ ...seal, hash: sealHash(seal) })

describe('a chain with', () => {
  test.each<[string, Seal[], string, RegExp]>([
    ['its first seal missing', seals.slice(1), 'main.0.2.1', /missing/],
    ['one in the middle missing', [first.seal, third.seal], 'main.0.2.2', /seal 1 is missing/],
    ['two in the wrong order', [first.seal, third.seal, second.seal], 'main.0.2.2', /missing/],
    ['one twice', [first.seal, first.seal], 'main.0.2.0', /missing/],
    ['a hole in the offsets', [first.seal, forged({ ...second.seal, from: 41, to: 66 })], 'main.0.2.1', /offset 41/],
    ['another partition', [first.seal, forged({ ...second.seal, partition: 3 })], 'main.0.3.1', /another chain/],
    ['a newer version', [{ ...first.seal, ...JSON.parse('{"version":2}') }], 'main.0.2.0', /version 2/],
  ])('%s', (_name, given, at, problem) => {
    expect(verifyChain(given)).toEqual({ ok: false, at, problem: expect.stringMatching(problem) })
  })

  test('any field of any seal changed is found in that seal itself', () => {
    for (const [path, change] of everyScalar(second.seal)) {
      expect(verifyChain([first.seal, change()]), path).toMatchObject({ ok: false, at: expect.stringMatching(/\./) })
    }
  })

  test('and at the latest by the next one, if its own hash was made to fit', () => {
    for (const [path, change] of everyScalar(second.seal)) {
      const result = verifyChain([first.seal, forged(change()), third.seal])
      const inItself = verifySeal(forged(change()), second.leaves)
      expect(path === 'hash' || !result.ok || !inItself.ok, path).toBe(true)
    }
  })
})

test('verifySeal finds a changed, missing or moved leaf', () => {
  const { seal, leaves } = first
  const [a, b, ...rest] = leaves
  for (const wrong of [leaves.slice(1), [b, a, ...rest], [...leaves, a]]) {
    expect(
      verifySeal(
        seal,
        wrong.flatMap((leaf) => leaf ?? []),
      ),
    ).toMatchObject({ ok: false })
  }
  expect(verifyLink(first.seal, second.seal)).toEqual({ ok: true })
})

/** Every number, text and list entry in a document, each with a way to a copy in which only it differs. */
function* everyScalar(seal: Seal): Generator<[string, () => Seal]> {
  function* walk(value: Json, path: (string | number)[]): Generator<[string, () => Seal]> {
    if (typeof value === 'object' && value !== null) {
      for (const [key, member] of Object.entries(value))
        yield* walk(member, [...path, Array.isArray(value) ? Number(key) : key])
      return
    }
    yield [
      path.join('.'),
      () =>
        withChange(
          seal,
          path,
          typeof value === 'number'
            ? value + 1
            : `${String(value).slice(0, -1)}${String(value).endsWith('e') ? 'd' : 'e'}`,
        ),
    ]
  }
  yield* walk(JSON.parse(JSON.stringify(seal)), [])
}

function withChange(seal: Seal, path: (string | number)[], value: Json): Seal {
  const copy = structuredClone(seal)
  let at: object = copy
  for (const part of path.slice(0, -1)) at = Reflect.get(at, part)
  Reflect.set(at, path.at(-1) ?? '', value)
  return copy
}
