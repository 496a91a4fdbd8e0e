// Sets of offsets against plain sets.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { countOfRuns, mergeRuns, offsetsOf, packRuns, runsHave, runsOf, runsWithin, unpackRuns } from './offsets.ts'

const sets = fc
  .uniqueArray(
    fc.oneof(
      fc.nat(60),
      fc.nat(100_000),
      fc.maxSafeNat().map((n) => Math.floor(n / 8)),
    ),
    { maxLength: 80 },
  )
  .map((offsets) => offsets.sort((a, b) => a - b))

test('offsets come back from runs and from their packed form', () => {
  fc.assert(
    fc.property(sets, (offsets) => {
      const runs = runsOf(offsets)
      expect([...offsetsOf(runs)]).toEqual(offsets)
      expect(countOfRuns(runs)).toBe(offsets.length)
      expect(unpackRuns(packRuns(runs))).toEqual(runs)
      for (const offset of offsets) expect(runsHave(runs, offset)).toBe(true)
      for (const offset of offsets.map((one) => one + 1)) expect(runsHave(runs, offset)).toBe(offsets.includes(offset))
    }),
  )
})

test('merging and cutting are what they are of sets', () => {
  const small = fc.uniqueArray(fc.nat(60)).map((offsets) => offsets.sort((a, b) => a - b))
  fc.assert(
    fc.property(small, small, fc.nat(60), fc.nat(60), (a, b, from, to) => {
      const both = [...new Set([...a, ...b])].sort((x, y) => x - y)
      const merged = mergeRuns([...runsOf(a), ...runsOf(b)])
      expect([...offsetsOf(merged)]).toEqual(both)
      expect([...offsetsOf(runsWithin(merged, from, to))]).toEqual(both.filter((one) => one >= from && one < to))
    }),
  )
})

test('a text that is cut off is no set', () => {
  const packed = packRuns([{ from: 300, to: 9_000 }])
  expect(() => unpackRuns(Buffer.from(packed, 'base64').subarray(0, 3).toString('base64'))).toThrow(RangeError)
})
