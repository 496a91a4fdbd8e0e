// Merkle trees as RFC 6962 §2.1 defines them: root, audit path, and checking one. Leaves come hashed already.
import type { Digest } from '@varde/schema'
import { digestBytes, digestOf, isDigest } from './digest.ts'

/** MTH of the leaf hashes; SHA-256 of nothing for none. */
export function merkleRoot(leaves: readonly Digest[]): Digest {
  if (leaves.length === 0) return digestOf('')
  const level = levelOf(leaves)
  let count = leaves.length
  while (count > 1) count = climb(level, count)
  return level.toString('hex', 0, 32)
}

/** PATH(m, D[n]): the hashes to join a leaf with, from the bottom up. */
export function merklePath(leaves: readonly Digest[], index: number): Digest[] {
  if (!Number.isInteger(index) || index < 0 || index >= leaves.length)
    throw new RangeError(`no leaf ${index} among ${leaves.length}`)
  const path: Digest[] = []
  const level = levelOf(leaves)
  let count = leaves.length
  for (let at = index; count > 1; at >>= 1) {
    const sibling = at ^ 1
    // The last node of an odd level has no sibling: it rises as it is (RFC 6962 splits at the largest power of two).
    if (sibling < count) path.push(level.toString('hex', sibling * 32, sibling * 32 + 32))
    count = climb(level, count)
  }
  return path
}

/** The root that a leaf and its path lead to, or undefined where the path has the wrong length (RFC 9162 §2.1.3.2). */
export function rootOfPath(leaf: Digest, index: number, count: number, path: readonly Digest[]): Digest | undefined {
  if (!Number.isInteger(index) || index < 0 || index >= count || ![leaf, ...path].every(isDigest)) return undefined
  let at = index
  let last = count - 1
  let hash = leaf
  for (const sibling of path) {
    if (last === 0) return undefined
    if (at % 2 === 1 || at === last) {
      hash = joinNodes(sibling, hash)
      while (at % 2 === 0 && at !== 0) {
        at = Math.floor(at / 2)
        last = Math.floor(last / 2)
      }
    } else hash = joinNodes(hash, sibling)
    at = Math.floor(at / 2)
    last = Math.floor(last / 2)
  }
  return last === 0 ? hash : undefined
}

const pair = Buffer.alloc(65)
pair[0] = 1

/** SHA-256(0x01 ‖ left ‖ right): an inner node. */
export function joinNodes(left: Digest, right: Digest): Digest {
  pair.write(left, 1, 'hex')
  pair.write(right, 33, 'hex')
  return digestOf(pair)
}

function levelOf(leaves: readonly Digest[]): Buffer {
  const level = Buffer.alloc(leaves.length * 32)
  for (let n = 0; n < leaves.length; n += 1) {
    if (level.write(leaves[n] ?? '', n * 32, 32, 'hex') !== 32) throw new RangeError(`leaf ${n} is no SHA-256 digest`)
  }
  return level
}

/** Replaces a level of `count` nodes by the one above it, in place; how many that has. */
function climb(level: Buffer, count: number): number {
  const above = Math.ceil(count / 2)
  for (let n = 0; n < above; n += 1) {
    const left = n * 64
    if (2 * n + 1 === count) level.copyWithin(n * 32, left, left + 32)
    else {
      level.copy(pair, 1, left, left + 64)
      level.write(digestBytes(pair), n * 32, 'latin1')
    }
  }
  return above
}
