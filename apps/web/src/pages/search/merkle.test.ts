import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { pathHolds } from './merkle.ts'

const sha = (...parts: Buffer[]) => createHash('sha256').update(Buffer.concat(parts)).digest()
const leaves = ['a', 'b', 'c'].map((text) => sha(Buffer.from([0]), Buffer.from(text)))
const [a = Buffer.alloc(0), b = Buffer.alloc(0), c = Buffer.alloc(0)] = leaves
const ab = sha(Buffer.from([1]), a, b)
const root = sha(Buffer.from([1]), ab, c).toString('hex')
const hex = (bytes: Buffer) => bytes.toString('hex')

describe('pathHolds', () => {
  test.each([
    {
      name: 'first leaf',
      leaf: a,
      path: [
        { side: 'right' as const, digest: hex(b) },
        { side: 'right' as const, digest: hex(c) },
      ],
      holds: true,
    },
    { name: 'last leaf of an odd tree', leaf: c, path: [{ side: 'left' as const, digest: hex(ab) }], holds: true },
    {
      name: 'another leaf',
      leaf: b,
      path: [
        { side: 'right' as const, digest: hex(b) },
        { side: 'right' as const, digest: hex(c) },
      ],
      holds: false,
    },
    { name: 'wrong side', leaf: c, path: [{ side: 'right' as const, digest: hex(ab) }], holds: false },
    { name: 'no hex', leaf: c, path: [{ side: 'left' as const, digest: 'zz' }], holds: false },
  ])('$name', async ({ leaf, path, holds }) => {
    expect(await pathHolds(hex(leaf), path, root)).toBe(holds)
  })
})
