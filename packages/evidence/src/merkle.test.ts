// Merkle trees against the vectors of the Certificate Transparency reference code and RFC 6962's recursive definition.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { digestOf } from './digest.ts'
import { merklePath, merkleRoot, rootOfPath } from './merkle.ts'

const entries = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f']
const reference = entries.map((hex) => digestOf(Buffer.from(`00${hex}`, 'hex')))

test.each([
  [0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'],
  [1, '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d'],
  [2, 'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125'],
  [3, 'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77'],
  [4, 'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7'],
  [5, '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4'],
  [6, '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef'],
  [7, 'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c'],
  [8, '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328'],
])('the reference root of %i entries', (count, root) => {
  expect(merkleRoot(reference.slice(0, count))).toBe(root)
})

test('the reference paths', () => {
  const [a, b, c, d, e] = reference
  const join = (left = '', right = '') => digestOf(Buffer.from(`01${left}${right}`, 'hex'))
  // RFC 6962 §2.1.3's tree of seven, read off its picture.
  const seven = reference.slice(0, 7)
  expect(merklePath(seven, 0)).toEqual([b, join(c, d), join(join(e, seven[5]), seven[6])])
  expect(merklePath(seven, 3)).toEqual([c, join(a, b), join(join(e, seven[5]), seven[6])])
  expect(merklePath(seven, 4)).toEqual([seven[5], seven[6], join(join(a, b), join(c, d))])
  expect(merklePath(seven, 6)).toEqual([join(e, seven[5]), join(join(a, b), join(c, d))])
})

function rootByDefinition(leaves: string[]): string {
  if (leaves.length <= 1) return leaves[0] ?? digestOf('')
  let split = 1
  while (split * 2 < leaves.length) split *= 2
  return digestOf(
    Buffer.from(`01${rootByDefinition(leaves.slice(0, split))}${rootByDefinition(leaves.slice(split))}`, 'hex'),
  )
}

const many = Array.from({ length: 300 }, (_, n) => digestOf(`leaf ${n}`))

test('every size from 0 to 300 has the root of the definition', () => {
  for (let count = 0; count <= 300; count += 1)
    expect(merkleRoot(many.slice(0, count))).toBe(rootByDefinition(many.slice(0, count)))
})

describe('paths', () => {
  test('every leaf of every size leads to the root, and to none as another leaf, index or size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 300 }), fc.nat(), fc.nat(), (count, pick, other) => {
        const leaves = many.slice(0, count)
        const index = pick % count
        const root = merkleRoot(leaves)
        const path = merklePath(leaves, index)
        const leaf = leaves[index] ?? ''
        expect(rootOfPath(leaf, index, count, path)).toBe(root)
        expect(path.length).toBeLessThanOrEqual(Math.ceil(Math.log2(count)))
        const wrongIndex = other % count
        if (wrongIndex !== index) expect(rootOfPath(leaf, wrongIndex, count, path)).not.toBe(root)
        expect(rootOfPath(digestOf(leaf), index, count, path)).not.toBe(root)
        expect(rootOfPath(leaf, index, count, [...path, leaf])).not.toBe(root)
        if (path.length > 0) expect(rootOfPath(leaf, index, count, path.slice(1))).not.toBe(root)
      }),
      { numRuns: 400 },
    )
  })

  test.each([-1, 3, 1.5, Number.NaN])('no path for leaf %d of three', (index) => {
    expect(() => merklePath(many.slice(0, 3), index)).toThrow(RangeError)
    expect(rootOfPath(many[0] ?? '', index, 3, [])).toBeUndefined()
  })

  test('what is no digest proves nothing', () => {
    expect(() => merkleRoot(['abc'])).toThrow(RangeError)
    expect(rootOfPath(many[0] ?? '', 0, 2, ['zz'])).toBeUndefined()
  })
})
