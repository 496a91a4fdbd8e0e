// Seals: how one is made from leaves, what its hash covers, and whether it and its chain hold.
import { canonicalJson, type Digest, type LedgerEntry, type OtherLeaf, type Seal, sealId } from '@varde/schema'
import { digestOf, isDigest, noDigest } from './digest.ts'
import { hashOther, type Leaf } from './leaf.ts'
import { merkleRoot } from './merkle.ts'

/**
 * A seal with its three long members replaced by their digests. It has the seal's hash, so that a proof can show it
 * without telling how much other customers sent.
 */
export interface SealHead extends Omit<Seal, 'others' | 'ledger' | 'hints' | 'hash'> {
  others: Digest
  ledger: Digest
  hints: Digest
}

/** The seal as a proof shows it. */
export function sealHead(seal: Omit<Seal, 'hash'>): SealHead {
  const others = digestOf(canonicalJson(seal.others))
  const ledger = digestOf(canonicalJson(seal.ledger.map((entry) => ({ ...entry }))))
  const head: SealHead & { hash?: Digest } = { ...seal, others, ledger, hints: digestOf(seal.hints) }
  delete head.hash
  return head
}

/** SHA-256 of the canonical JSON of the seal's head: what the next seal and the signed heads name it by. */
export function sealHash(seal: Omit<Seal, 'hash'> | SealHead): Digest {
  const head = isWhole(seal) ? sealHead(seal) : seal
  return digestOf(canonicalJson({ ...head }))
}

function isWhole<T extends { others: unknown }>(seal: T | SealHead): seal is T {
  return typeof seal.others !== 'string'
}

function withHash(seal: Omit<Seal, 'hash'>): Seal {
  return { ...seal, hash: sealHash(seal) }
}

interface SealFacts {
  ruleSet: Digest
  watermark: number
  attempt: string
  lastRecord: Digest
  sealedAt: number
  ledger: LedgerEntry[]
}

export interface SealInput extends SealFacts {
  stream: string
  generation: number
  partition: number
  /** The chain's last seal; left out for the first. */
  previous?: Seal
  /** Of every offset from the previous seal's `to` on, in order. */
  leaves: Leaf[]
  others: OtherLeaf[]
}

/** The next seal of a chain. Its leaves are the offsets from the previous `to` on, without a hole. */
export function sealBatch({ previous, leaves, ...facts }: SealInput): Seal {
  const from = previous?.to ?? 0
  return withHash({
    version: 1,
    ...facts,
    ...linkTo(previous),
    from,
    to: from + leaves.length,
    count: leaves.length,
    root: merkleRoot(leaves.map(({ leaf }) => leaf)),
    hints: leaves.map(({ hint }) => hint).join(''),
  })
}

export interface GapInput extends SealFacts {
  stream: string
  generation: number
  partition: number
  previous?: Seal
  /** The first offset that is there again. */
  to: number
  reason: string
}

/** A seal that says: the records from the previous `to` up to here are gone, and why. One leaf. */
export function sealGap({ previous, to, reason, ...facts }: GapInput): Seal {
  const from = previous?.to ?? 0
  const gap: OtherLeaf = { kind: 'gap', offset: from, to, reason }
  const { leaf, hint } = hashOther(facts, gap)
  return withHash({
    version: 1,
    ...facts,
    ...linkTo(previous),
    from,
    to,
    count: 1,
    root: merkleRoot([leaf]),
    hints: hint,
    others: [gap],
  })
}

function linkTo(previous: Seal | undefined): { seq: number; previous: Digest } {
  return previous === undefined
    ? { seq: 0, previous: noDigest }
    : { seq: previous.seq + 1, previous: sealHash(previous) }
}

export type Check = { ok: true } | { ok: false; problem: string }
const holds: Check = { ok: true }
const wrong = (problem: string): Check => ({ ok: false, problem })

/** Whether a seal is well-formed in itself: counts, ranges and the order of what it lists. Null where it is. */
export function sealProblem(seal: Seal): string | undefined {
  if (seal.version !== 1) return `version ${seal.version} is not known to this verifier`
  for (const name of ['generation', 'partition', 'seq', 'from', 'to', 'count'] as const) {
    if (!Number.isSafeInteger(seal[name]) || seal[name] < 0)
      return `${name} is ${seal[name]}, no whole number from 0 on`
  }
  for (const name of ['root', 'previous', 'ruleSet', 'lastRecord'] as const) {
    if (!isDigest(seal[name])) return `${name} is no SHA-256 digest`
  }
  if (seal.hash !== sealHash(seal))
    return `it does not have the hash ${seal.hash} that it says it has: something in it was changed`
  if (seal.hints.length !== seal.count * 4) return `${seal.hints.length / 4} hints for ${seal.count} leaves`
  const gap = seal.others.find((other) => other.kind === 'gap')
  if (gap?.kind === 'gap') {
    const alone =
      seal.count === 1 &&
      seal.others.length === 1 &&
      gap.offset === seal.from &&
      gap.to === seal.to &&
      gap.to > gap.offset
    return alone ? undefined : 'a gap stands alone in its seal and covers its whole range'
  }
  if (seal.count !== seal.to - seal.from) return `count ${seal.count} differs from the range ${seal.from} to ${seal.to}`
  let before = seal.from - 1
  for (const other of seal.others) {
    if (other.offset <= before || other.offset >= seal.to)
      return `others: offset ${other.offset} is out of order or outside the range`
    before = other.offset
  }
  return undefined
}

/** Whether these leaves, of all offsets in order, are what was sealed. */
export function verifySeal(seal: Seal, leaves: readonly { leaf: Digest }[]): Check {
  const problem = sealProblem(seal)
  if (problem !== undefined) return wrong(problem)
  if (leaves.length !== seal.count) return wrong(`${leaves.length} leaves for a count of ${seal.count}`)
  const root = merkleRoot(leaves.map(({ leaf }) => leaf))
  return root === seal.root ? holds : wrong(`the leaves have the root ${root}, the seal says ${seal.root}`)
}

/** Whether a seal follows another: same chain, next number, next offset, and the hash of the one before. */
export function verifyLink(previous: Seal | SealHead | undefined, seal: Seal | SealHead): Check {
  if (previous === undefined) {
    if (seal.seq !== 0) return wrong(`the chain begins with seal ${seal.seq}: the seals before it are missing`)
    if (seal.previous !== noDigest) return wrong('the first seal of a chain names a previous one')
    return seal.from === 0 ? holds : wrong(`the first seal of a chain begins at offset ${seal.from}`)
  }
  if (
    previous.stream !== seal.stream ||
    previous.generation !== seal.generation ||
    previous.partition !== seal.partition
  ) {
    return wrong(`it is of another chain than ${sealId(previous)}`)
  }
  if (seal.seq !== previous.seq + 1) return wrong(`seal ${previous.seq + 1} is missing before it`)
  if (seal.from !== previous.to)
    return wrong(`it begins at offset ${seal.from}, the one before ended at ${previous.to}`)
  const hash = sealHash(previous)
  return hash === seal.previous
    ? holds
    : wrong(`it names ${seal.previous} as the hash of ${sealId(previous)}, which has ${hash}`)
}

export type ChainCheck = { ok: true; count: number; last?: Digest } | { ok: false; at: string; problem: string }

/** Checks consecutive seals of one chain, and names the first wrong one. `after` is the seal before the first given. */
export function verifyChain(seals: Iterable<Seal | SealHead>, after?: Seal | SealHead): ChainCheck {
  let previous = after
  let count = 0
  for (const seal of seals) {
    const problem = isWhole(seal) ? sealProblem(seal) : undefined
    const check = problem === undefined ? verifyLink(previous, seal) : wrong(problem)
    if (!check.ok) return { ok: false, at: sealId(seal), problem: check.problem }
    previous = seal
    count += 1
  }
  return previous === undefined ? { ok: true, count } : { ok: true, count, last: sealHash(previous) }
}
