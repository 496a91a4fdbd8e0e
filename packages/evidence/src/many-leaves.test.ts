// One proof for many leaves: from all leaves or from parts of them the same, leading to the root and to no other.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { digestOf } from './digest.ts'
import { joinProofs, proveLeaves, rootOfLeaves } from './many-leaves.ts'
import { merkleRoot } from './merkle.ts'

const tree = fc
  .integer({ min: 1, max: 70 })
  .chain((count) => fc.tuple(fc.constant(count), fc.uniqueArray(fc.nat(count - 1), { minLength: 1 })))
  .map(([count, picked]) => ({
    leaves: Array.from({ length: count }, (_, n) => digestOf(`leaf ${n}`)),
    wanted: picked.sort((a, b) => a - b),
  }))

test('any selection of any tree leads to the root; anything else does not', () => {
  fc.assert(
    fc.property(tree, fc.nat(1_000), ({ leaves, wanted }, pick) => {
      const count = leaves.length
      const hashes = proveLeaves(leaves, wanted)
      const given = wanted.map((index) => ({ index, leaf: leaves[index] ?? '' }))
      const root = merkleRoot(leaves)
      expect(rootOfLeaves(count, given, hashes)).toBe(root)
      const parted = [0, 1, 2]
        .map((part) => wanted.filter((index) => (index * 7 + pick) % 3 === part))
        .filter((part) => part.length > 0)
        .map((part) => ({ wanted: part, hashes: proveLeaves(leaves, part) }))
      expect(joinProofs(count, parted)).toEqual(hashes)
      const at = pick % given.length
      const other = { index: given[at]?.index ?? 0, leaf: digestOf('other') }
      expect(rootOfLeaves(count, given.with(at, other), hashes)).not.toBe(root)
      expect(rootOfLeaves(count, given, [...hashes, digestOf('more')])).toBeUndefined()
      if (hashes.length > 0) {
        expect(rootOfLeaves(count, given, hashes.slice(1))).not.toBe(root)
        expect(rootOfLeaves(count, given, hashes.with(pick % hashes.length, digestOf('x')))).not.toBe(root)
      }
      if (given.length > 1) expect(rootOfLeaves(count, given.toSpliced(at, 1), hashes)).not.toBe(root)
    }),
    { numRuns: 400, seed: 6962 },
  )
})
