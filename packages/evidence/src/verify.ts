// The verifier: walks every chain of seals, recomputes each root from what is stored, and names the first wrong item of each seal.
import { type DeadLetter, type Digest, eventId, type Home, type Seal, type StoredEvent, sealId } from '@varde/schema'
import { hashDeadLetter, hashEvent, hashOther, type Leaf } from './leaf.ts'
import { type Run, runsHave } from './offsets.ts'
import { sealProblem, verifyLink, verifySeal } from './seal.ts'

export type Chain = Omit<Home, 'offset'>

/** Where the verifier reads. Nothing of it is trusted. */
export interface VerifySources {
  /** The seals of one chain after the other, each chain by its numbers from 0. */
  seals: AsyncIterable<Seal>
  events(chain: Chain, from: number, to: number): AsyncIterable<StoredEvent[]>
  /** The dead letters at these offsets, as far as there are any. */
  deadLetters(chain: Chain, offsets: number[]): Promise<DeadLetter[]>
  /** Leaves of erased events, by offset, as the sealed orders of erasure name them. */
  erased?(chain: Chain, from: number, to: number): Promise<Map<number, Digest>>
  /** Leaves of expired records that were kept because other records of their seal are still there. The root alone vouches for them. */
  kept?(chain: Chain, from: number, to: number): Promise<Map<number, Digest>>
  /** Offsets whose time was over, merged, as the sealed records of retention name them: these alone may be gone without their leaf. */
  expired?(chain: Chain): readonly Run[]
}

export interface SealFinding {
  seal: string
  /** The first wrong item, where it can be told. */
  at?: string
  problem: string
}

export type VerifyStep =
  | { kind: 'finding'; finding: SealFinding }
  | { kind: 'progress'; seals: number; records: number; expired: number }

/** Holds the leaves of one seal at a time. A seal whose numbers are wrong is not looked into further. */
export async function* verifyFolderSeals(sources: VerifySources): AsyncGenerator<VerifyStep> {
  let previous: Seal | undefined
  let seals = 0
  let records = 0
  let expired = 0
  for await (const seal of sources.seals) {
    const follows = previous !== undefined && sameChain(previous, seal) ? previous : undefined
    const checked = await checkSeal(seal, follows, sources)
    for (const finding of checked.findings) yield { kind: 'finding', finding }
    previous = seal
    seals += 1
    records += seal.count
    expired += checked.expired
    yield { kind: 'progress', seals, records, expired }
  }
}

function sameChain(a: Chain, b: Chain): boolean {
  return a.stream === b.stream && a.generation === b.generation && a.partition === b.partition
}

interface CheckedSeal {
  findings: SealFinding[]
  /** Records that are gone because their time was over. */
  expired: number
}

async function checkSeal(seal: Seal, previous: Seal | undefined, sources: VerifySources): Promise<CheckedSeal> {
  const id = sealId(seal)
  const problem = sealProblem(seal)
  if (problem !== undefined) return { findings: [{ seal: id, problem }], expired: 0 }
  const link = verifyLink(previous, seal)
  const findings: SealFinding[] = link.ok ? [] : [{ seal: id, problem: link.problem }]
  try {
    const { wrong, expired } = await checkLeaves(seal, sources)
    if (wrong !== undefined) findings.push({ seal: id, ...wrong })
    return { findings, expired }
  } catch (error) {
    // A stored record that can't even be hashed was changed: say where, and go on with the next seal.
    findings.push({ seal: id, problem: error instanceof Error ? error.message : String(error) })
    return { findings, expired: 0 }
  }
}

async function checkLeaves(
  seal: Seal,
  sources: VerifySources,
): Promise<{ wrong?: Omit<SealFinding, 'seal'>; expired: number }> {
  const { leaves, stored } = await storedLeaves(seal, sources)
  const chain: Chain = { stream: seal.stream, generation: seal.generation, partition: seal.partition }
  const at = (index: number) => eventId({ ...chain, offset: seal.from + index })
  const gone = leaves.flatMap((leaf, index) => (leaf === undefined ? [index] : []))
  if (gone.length > 0) {
    const expired = sources.expired?.(chain) ?? []
    const missing = gone.find((index) => !runsHave(expired, seal.from + index))
    if (missing !== undefined) return { wrong: { at: at(missing), problem: 'a sealed record is missing' }, expired: 0 }
    // With nothing left that the root could vouch for, the chain itself and the sealed record of retention say all there is.
    if (stored === 0) return { expired: gone.length }
    const kept = (await sources.kept?.(chain, seal.from, seal.to)) ?? new Map<number, Digest>()
    for (const index of gone) {
      const leaf = kept.get(seal.from + index)
      if (leaf === undefined)
        return { wrong: { at: at(index), problem: 'the leaf of an expired record was not kept' }, expired: 0 }
      leaves[index] = { leaf, hint: '' }
    }
  }
  const present = leaves.filter((leaf) => leaf !== undefined)
  const check = verifySeal(seal, present)
  if (check.ok) return { expired: gone.length }
  return { wrong: firstWrong(seal, present, at, new Set(gone)) ?? { problem: check.problem }, expired: gone.length }
}

function firstWrong(
  seal: Seal,
  leaves: readonly Leaf[],
  at: (index: number) => string,
  expired: ReadonlySet<number>,
): Omit<SealFinding, 'seal'> | undefined {
  for (const [index, { leaf, hint }] of leaves.entries()) {
    const sealed = seal.hints.slice(index * 4, index * 4 + 4)
    // Of an erased or expired event only the leaf is left, and of that only one byte is in the hint.
    if (hint === '') {
      if (Buffer.from(sealed, 'base64')[2] === Number.parseInt(leaf.slice(0, 2), 16)) continue
      const problem = expired.has(index)
        ? 'the leaf that was kept of this expired record is another than was sealed'
        : 'the order of its erasure names another leaf than was sealed'
      return { at: at(index), problem }
    }
    if (hint !== sealed) return { at: at(index), problem: `${halfOf(sealed, hint)} is not what was sealed` }
  }
  return undefined
}

/** The leaves of a seal from what is stored or kept, in offset order; undefined where nothing is. One without its record has no hint. */
export async function leavesOf(seal: Seal, sources: Omit<VerifySources, 'seals'>): Promise<(Leaf | undefined)[]> {
  const { leaves } = await storedLeaves(seal, sources)
  if (sources.kept === undefined || !leaves.includes(undefined)) return leaves
  const chain: Chain = { stream: seal.stream, generation: seal.generation, partition: seal.partition }
  const kept = await sources.kept(chain, seal.from, seal.to)
  return leaves.map((known, index) => {
    const leaf = known === undefined ? kept.get(seal.from + index) : undefined
    return leaf === undefined ? known : { leaf, hint: '' }
  })
}

async function storedLeaves(
  seal: Seal,
  sources: Omit<VerifySources, 'seals'>,
): Promise<{ leaves: (Leaf | undefined)[]; stored: number }> {
  const chain: Chain = { stream: seal.stream, generation: seal.generation, partition: seal.partition }
  const leaves = new Array<Leaf | undefined>(seal.count).fill(undefined)
  let stored = 0
  const put = (offset: number, leaf: Leaf) => {
    leaves[offset - seal.from] = leaf
  }
  for (const other of seal.others) put(other.offset, hashOther(chain, other))
  for await (const batch of sources.events(chain, seal.from, seal.to)) {
    for (const event of batch) put(event.home.offset, hashEvent(event))
    stored += batch.length
  }
  const open = [...leaves.keys()].filter((index) => leaves[index] === undefined).map((index) => seal.from + index)
  for (const letter of open.length === 0 ? [] : await sources.deadLetters(chain, open)) {
    put(letter.home.offset, hashDeadLetter(letter))
    stored += 1
  }
  if (sources.erased !== undefined && leaves.includes(undefined)) {
    for (const [offset, leaf] of await sources.erased(chain, seal.from, seal.to))
      if (offset >= seal.from && offset < seal.to && leaves[offset - seal.from] === undefined)
        put(offset, { leaf, hint: '' })
  }
  return { leaves, stored }
}

/** A hint holds a byte of the raw half, one of the second half, both mixed with the place, and one of the leaf. */
function halfOf(sealed: string, found: string): string {
  const [a, b] = [Buffer.from(sealed, 'base64'), Buffer.from(found, 'base64')]
  if (a[0] !== b[0] && a[1] === b[1]) return 'the raw record or its arrival'
  if (a[0] === b[0] && a[1] !== b[1]) return 'the event'
  return 'this record (its seed, tenant, source or lateness, or raw record and event both)'
}
