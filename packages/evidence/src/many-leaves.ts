// One proof for many leaves of a tree: the hashes that, with them, lead to the root (BUNDLE.md, `hashes`).
import type { Digest } from '@varde/schema'
import { isDigest } from './digest.ts'
import { joinNodes, merkleRoot } from './merkle.ts'

/** RFC 6962 §2.1: the left part holds the largest power of two below the number of leaves. */
function split(from: number, to: number): number {
  let left = 1
  while (left * 2 < to - from) left *= 2
  return from + left
}

/** The first of the sorted numbers that is at least `at`. */
function firstFrom(sorted: readonly number[], at: number): number {
  let low = 0
  let high = sorted.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((sorted[middle] ?? 0) < at) low = middle + 1
    else high = middle
  }
  return low
}

/** Walks the tree as a verifier will; `hash` is asked for each part that holds none of the wanted leaves. */
function parts(count: number, wanted: readonly number[], hash: (from: number, to: number) => Digest): Digest[] {
  const hashes: Digest[] = []
  const walk = (from: number, to: number) => {
    const next = wanted[firstFrom(wanted, from)]
    if (next === undefined || next >= to) {
      hashes.push(hash(from, to))
      return
    }
    if (to - from === 1) return
    const middle = split(from, to)
    walk(from, middle)
    walk(middle, to)
  }
  walk(0, count)
  return hashes
}

/** From all leaves of the tree. `wanted`: numbers of the leaves to prove, ascending, at least one. */
export function proveLeaves(leaves: readonly Digest[], wanted: readonly number[]): Digest[] {
  return parts(leaves.length, wanted, (from, to) => merkleRoot(leaves.slice(from, to)))
}

/**
 * Proofs of different leaves of one tree as one proof of them all. What the joint proof needs is always in one of them: beside it
 * stands a leaf that one of them proves.
 */
export function joinProofs(
  count: number,
  proofs: readonly { wanted: readonly number[]; hashes: readonly Digest[] }[],
): Digest[] {
  const known = new Map<string, Digest>()
  for (const { wanted, hashes } of proofs) {
    let next = 0
    parts(count, wanted, (from, to) => {
      const hash = hashes[next++] ?? ''
      known.set(`${from}-${to}`, hash)
      return hash
    })
    if (next !== hashes.length) throw new RangeError(`a proof of ${wanted.length} leaves has ${hashes.length} hashes`)
  }
  const all = [...new Set(proofs.flatMap(({ wanted }) => wanted))].sort((a, b) => a - b)
  return parts(count, all, (from, to) => known.get(`${from}-${to}`) ?? '')
}

/** The root that the leaves (ascending by index) and the hashes lead to; undefined where these do not fit. */
export function rootOfLeaves(
  count: number,
  leaves: readonly { index: number; leaf: Digest }[],
  hashes: readonly Digest[],
): Digest | undefined {
  const fits = leaves.every(
    ({ index, leaf }, n) =>
      Number.isInteger(index) &&
      index < count &&
      index > (n === 0 ? -1 : (leaves[n - 1]?.index ?? -1)) &&
      isDigest(leaf),
  )
  if (!fits || leaves.length === 0 || !hashes.every(isDigest)) return undefined
  let nextLeaf = 0
  let nextHash = 0
  const prove = (from: number, to: number): Digest | undefined => {
    const leaf = leaves[nextLeaf]
    if (leaf === undefined || leaf.index >= to) return hashes[nextHash++]
    if (to - from === 1) {
      nextLeaf += 1
      return leaf.leaf
    }
    const middle = split(from, to)
    const left = prove(from, middle)
    const right = prove(middle, to)
    return left === undefined || right === undefined ? undefined : joinNodes(left, right)
  }
  const root = prove(0, count)
  return nextLeaf === leaves.length && nextHash === hashes.length ? root : undefined
}
