// A seal: the commit of a batch of one raw partition, and a link of that partition's chain (DESIGN §3).
import type { EventId } from './home.ts'
import type { LedgerEntry } from './ledger.ts'

/** Raw bytes are hashed on the way in, so hex texts are what we keep: 64 lower-case digits of SHA-256. */
export type Digest = string

export interface Seal {
  version: 1
  stream: string
  generation: number
  partition: number
  /** 0 for the first of a chain, then previous + 1. */
  seq: number
  /** First offset covered: the previous seal's `to`. */
  from: number
  /** One past the last offset covered. */
  to: number
  /** Leaves under the root; equals to - from, or 1 for a gap. */
  count: number
  /** Merkle tree hash (RFC 6962) over the leaves in offset order. Leaf and hash formats: packages/evidence/FORMAT.md. */
  root: Digest
  /** `sealHash` of seq - 1; 64 zeros for the first. */
  previous: Digest
  /** The rule set that matched this batch. */
  ruleSet: Digest
  /** UTC milliseconds: no record that arrives later will be younger than this by its source's own allowance. */
  watermark: number
  /** Names the hits that count: those published under another attempt are void. */
  attempt: string
  /** SHA-256 of the last raw record, to know a replaced topic by. */
  lastRecord: Digest
  /** The leaves that are not events or dead letters, in offset order: nothing else is stored of them. */
  others: OtherLeaf[]
  /** Per source and minute of arrival, what this batch held. Sums of it over seals are the ledger. */
  ledger: LedgerEntry[]
  /**
   * Four base64 characters a leaf, in offset order: a byte each of its raw half, its second half and the leaf. The root
   * says that something was changed; these say what. Salted like the leaves, so they tell nothing else.
   */
  hints: string
  /** UTC milliseconds. */
  sealedAt: number
  /** `sealHash` of all the above: what the next seal names, and what tells of a change before there is a next one. */
  hash: Digest
}

export type OtherLeaf =
  | { kind: 'tick'; offset: number; collector: string; arrival: number; state: 'live' | 'leave' }
  | { kind: 'duplicate'; offset: number; of: EventId; arrival: number; record: Digest }
  | { kind: 'gap'; offset: number; to: number; reason: string }
  /** The record at this offset ordered that an event be erased: its tombstone keeps `leaf`, on whose authority is said. */
  | { kind: 'erasure'; offset: number; of: EventId; leaf: Digest; authority: string; arrival: number }

/** `<stream>.<generation>.<partition>.<seq>`: what a consumer asks for by realtime get. */
export function sealId(seal: Pick<Seal, 'stream' | 'generation' | 'partition' | 'seq'>): string {
  return `${seal.stream}.${seal.generation}.${seal.partition}.${seal.seq}`
}
