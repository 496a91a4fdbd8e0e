// The verifier: walks every chain of seals, recomputes each root from what is stored, and names the first wrong item of each seal.
import { type DeadLetter, type Digest, eventId, type Home, type Seal, type StoredEvent, sealId } from '@varde/schema'
import { hashDeadLetter, hashEvent, hashOther, type Leaf } from './leaf.ts'
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
}

export interface SealFinding {
  seal: string
  /** The first wrong item, where it can be told. */
  at?: string
  problem: string
}

export type VerifyStep =
  | { kind: 'finding'; finding: SealFinding }
  | { kind: 'progress'; seals: number; records: number }

/** Holds the leaves of one seal at a time. A seal whose numbers are wrong is not looked into further. */
export async function* verifyFolderSeals(sources: VerifySources): AsyncGenerator<VerifyStep> {
  let previous: Seal | undefined
  let seals = 0
  let records = 0
  for await (const seal of sources.seals) {
    const follows = previous !== undefined && sameChain(previous, seal) ? previous : undefined
    for (const finding of await findingsOf(seal, follows, sources)) yield { kind: 'finding', finding }
    previous = seal
    seals += 1
    records += seal.count
    yield { kind: 'progress', seals, records }
  }
}

function sameChain(a: Chain, b: Chain): boolean {
  return a.stream === b.stream && a.generation === b.generation && a.partition === b.partition
}

async function findingsOf(seal: Seal, previous: Seal | undefined, sources: VerifySources): Promise<SealFinding[]> {
  const id = sealId(seal)
  const problem = sealProblem(seal)
  if (problem !== undefined) return [{ seal: id, problem }]
  const link = verifyLink(previous, seal)
  const found: SealFinding[] = link.ok ? [] : [{ seal: id, problem: link.problem }]
  try {
    const wrong = await checkLeaves(seal, sources)
    if (wrong !== undefined) found.push({ seal: id, ...wrong })
  } catch (error) {
    // A stored record that can't even be hashed was changed: say where, and go on with the next seal.
    found.push({ seal: id, problem: error instanceof Error ? error.message : String(error) })
  }
  return found
}

async function checkLeaves(seal: Seal, sources: VerifySources): Promise<Omit<SealFinding, 'seal'> | undefined> {
  const leaves = await leavesOf(seal, sources)
  const chain: Chain = { stream: seal.stream, generation: seal.generation, partition: seal.partition }
  const missing = leaves.indexOf(undefined)
  if (missing >= 0)
    return { at: eventId({ ...chain, offset: seal.from + missing }), problem: 'a sealed record is missing' }
  const present = leaves.filter((leaf) => leaf !== undefined)
  const check = verifySeal(seal, present)
  if (check.ok) return undefined
  for (const [index, { leaf, hint }] of present.entries()) {
    const sealed = seal.hints.slice(index * 4, index * 4 + 4)
    // Of an erased event only the leaf is left, and of that only one byte is in the hint.
    const isWrong =
      hint === '' ? Buffer.from(sealed, 'base64')[2] !== Number.parseInt(leaf.slice(0, 2), 16) : hint !== sealed
    if (isWrong && hint === '')
      return {
        at: eventId({ ...chain, offset: seal.from + index }),
        problem: 'the order of its erasure names another leaf than was sealed',
      }
    if (isWrong)
      return {
        at: eventId({ ...chain, offset: seal.from + index }),
        problem: `${halfOf(sealed, hint)} is not what was sealed`,
      }
  }
  return { problem: check.problem }
}

/** The leaves of a seal from what is stored, in offset order; undefined where nothing is. An erased one has no hint. */
export async function leavesOf(seal: Seal, sources: Omit<VerifySources, 'seals'>): Promise<(Leaf | undefined)[]> {
  const chain: Chain = { stream: seal.stream, generation: seal.generation, partition: seal.partition }
  const leaves = new Array<Leaf | undefined>(seal.count).fill(undefined)
  const put = (offset: number, leaf: Leaf) => {
    leaves[offset - seal.from] = leaf
  }
  for (const other of seal.others) put(other.offset, hashOther(chain, other))
  for await (const batch of sources.events(chain, seal.from, seal.to))
    for (const event of batch) put(event.home.offset, hashEvent(event))
  const open = [...leaves.keys()].filter((index) => leaves[index] === undefined).map((index) => seal.from + index)
  for (const letter of open.length === 0 ? [] : await sources.deadLetters(chain, open))
    put(letter.home.offset, hashDeadLetter(letter))
  if (sources.erased !== undefined && leaves.includes(undefined)) {
    for (const [offset, leaf] of await sources.erased(chain, seal.from, seal.to))
      if (offset >= seal.from && offset < seal.to && leaves[offset - seal.from] === undefined)
        put(offset, { leaf, hint: '' })
  }
  return leaves
}

/** A hint holds a byte of the raw half, one of the second half, both mixed with the place, and one of the leaf. */
function halfOf(sealed: string, found: string): string {
  const [a, b] = [Buffer.from(sealed, 'base64'), Buffer.from(found, 'base64')]
  if (a[0] !== b[0] && a[1] === b[1]) return 'the raw record or its arrival'
  if (a[0] === b[0] && a[1] !== b[1]) return 'the event'
  return 'this record (its seed, tenant, source or lateness, or raw record and event both)'
}
