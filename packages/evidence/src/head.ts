// Signed heads: one signature over the last seal of every chain and over the head before, so that none can be left out.
import { canonicalJson, type Digest, type Seal, sealId } from '@varde/schema'
import { digestOf, isDigest, noDigest } from './digest.ts'
import { type KeyRecord, type SigningKey, signatureHolds, signText } from './key.ts'
import { merklePath, merkleRoot, rootOfPath } from './merkle.ts'
import { type Check, type SealHead, sealHash, verifyChain } from './seal.ts'

/** The last seal of a chain. */
export interface ChainTip {
  stream: string
  generation: number
  partition: number
  seq: number
  hash: Digest
}

export interface Head {
  version: 1
  /** 0 for the first, then previous + 1. */
  number: number
  /** UTC milliseconds. */
  at: number
  /** `headHash` of the one before; 64 zeros for the first. */
  previous: Digest
  /** How many chains there are. */
  chains: number
  /** Merkle tree hash over the tips, by stream, generation and partition. */
  root: Digest
  key: Digest
}

export interface SignedHead {
  head: Head
  tips: ChainTip[]
  /** Base64, Ed25519 over `varde head 1`, a line feed, and the head's canonical JSON. */
  signature: string
}

/** The chain as far as this seal, as a head names it. */
export function tipOf(seal: Seal | SealHead): ChainTip {
  const { stream, generation, partition, seq } = seal
  return { stream, generation, partition, seq, hash: sealHash(seal) }
}

/** SHA-256 over the head's canonical JSON, without tips and signature: what the next head names. */
export function headHash(head: Head): Digest {
  return digestOf(canonicalJson({ ...head }))
}

/** The next head over these tips, to be signed by the key of that id: `headText` is what is signed. */
export function composeHead(input: {
  tips: readonly ChainTip[]
  previous?: Head
  at: number
  key: Digest
}): Omit<SignedHead, 'signature'> {
  const { previous, at, key } = input
  const tips = [...input.tips].sort(byChain)
  const head: Head = {
    version: 1,
    number: previous === undefined ? 0 : previous.number + 1,
    at: Math.max(at, previous?.at ?? 0),
    previous: previous === undefined ? noDigest : headHash(previous),
    chains: tips.length,
    root: merkleRoot(tips.map(tipLeaf)),
    key,
  }
  return { head, tips }
}

/** `composeHead`, signed with a key that is at hand. `at` in UTC milliseconds; never before the head before. */
export function signHead(input: {
  tips: readonly ChainTip[]
  previous?: SignedHead
  at: number
  key: SigningKey
}): SignedHead {
  const { tips, at, key, previous } = input
  const made = composeHead({
    tips,
    at,
    key: key.record.id,
    ...(previous === undefined ? {} : { previous: previous.head }),
  })
  return { ...made, signature: signText(key.privateKey, headText(made.head)) }
}

/** Whether the head was signed by one of these keys, in its time, over these tips. */
export function verifyHead({ head, tips, signature }: SignedHead, keys: readonly KeyRecord[]): Check {
  const signed = verifySignature(head, signature, keys)
  if (!signed.ok) return signed
  if (tips.length !== head.chains || tips.some((tip, n) => n > 0 && byChain(tips[n - 1] ?? tip, tip) >= 0)) {
    return {
      ok: false,
      problem: `head ${head.number}: its tips are not the ${head.chains} chains, each once, in order`,
    }
  }
  const root = merkleRoot(tips.map(tipLeaf))
  return root === head.root ? { ok: true } : { ok: false, problem: `head ${head.number}: its tips have another root` }
}

export type HeadsCheck = { ok: true; last?: Digest } | { ok: false; at: number; problem: string }

/**
 * Checks consecutive heads, and that no chain ever disappears or becomes shorter. Names the first wrong one. `outside` is
 * a copy of a head hash kept elsewhere: it must be among them.
 */
export function verifyHeads(heads: readonly SignedHead[], keys: readonly KeyRecord[], outside?: Digest): HeadsCheck {
  let previous: SignedHead | undefined
  let seen = outside === undefined
  for (const signed of heads) {
    const { head } = signed
    const problem = headProblem(signed, previous, keys)
    if (problem !== undefined) return { ok: false, at: head.number, problem }
    seen ||= headHash(head) === outside
    previous = signed
  }
  const since = previous === undefined ? undefined : revokedSince(previous.head, keys)
  if (previous !== undefined && since !== undefined)
    return {
      ok: false,
      at: previous.head.number,
      problem: `its key is revoked from ${new Date(since).toISOString()} on, and no head of another key follows`,
    }
  if (!seen)
    return {
      ok: false,
      at: previous?.head.number ?? 0,
      problem: `the head ${outside} that was kept elsewhere is not among them`,
    }
  return previous === undefined ? { ok: true } : { ok: true, last: headHash(previous.head) }
}

function headProblem(
  signed: SignedHead,
  previous: SignedHead | undefined,
  keys: readonly KeyRecord[],
): string | undefined {
  const check = verifyHead(signed, keys)
  if (!check.ok) return check.problem
  const { head, tips } = signed
  if (previous === undefined)
    return head.number === 0 && head.previous !== noDigest ? 'the first head names a previous one' : undefined
  if (head.number !== previous.head.number + 1) return `head ${previous.head.number + 1} is missing before it`
  if (head.previous !== headHash(previous.head)) return 'it names another head as the one before it'
  if (head.at < previous.head.at) return 'it is older than the one before it'
  const now = new Map(tips.map((tip) => [chainName(tip), tip]))
  for (const tip of previous.tips) {
    const found = now.get(chainName(tip))
    if (found === undefined) return `the chain ${chainName(tip)} has disappeared`
    if (found.seq < tip.seq || (found.seq === tip.seq && found.hash !== tip.hash))
      return `the chain ${chainName(tip)} was cut back or changed at seal ${found.seq}`
  }
  return undefined
}

/** What leads from a seal to a signature: the seals after it up to its chain's tip, and the tip's place in the head. */
export interface SignatureProof {
  links: SealHead[]
  index: number
  path: Digest[]
  head: Head
  signature: string
}

/** `links` are the heads of the seals after the proven one, up to the tip that the signed head names. */
export function signatureProof(signed: SignedHead, seal: Seal | SealHead, links: SealHead[]): SignatureProof {
  const index = signed.tips.findIndex((tip) => chainName(tip) === chainName(seal))
  const tip = signed.tips[index]
  const last = links.at(-1) ?? seal
  if (tip === undefined || tip.seq !== last.seq)
    throw new RangeError(`head ${signed.head.number} does not end its chain at the seal ${sealId(last)}`)
  return { links, ...signedPlace(signed, tip) }
}

/** Where a tip stands under its head. Throws a RangeError where it does not. */
export function signedPlace(signed: SignedHead, tip: ChainTip): Omit<SignatureProof, 'links'> {
  const index = signed.tips.findIndex((one) => chainName(one) === chainName(tip))
  const path = merklePath(signed.tips.map(tipLeaf), index)
  return { index, path, head: signed.head, signature: signed.signature }
}

/** Whether a seal is covered by a signature. Together with `verifyEventProof` it proves an event to whoever has the keys. */
export function verifySignatureProof(proof: SignatureProof, seal: Seal | SealHead, keys: readonly KeyRecord[]): Check {
  const { links, index, path, head, signature } = proof
  const chain = verifyChain(links, seal)
  if (!chain.ok) return { ok: false, problem: `${chain.at}: ${chain.problem}` }
  const root = rootOfPath(tipLeaf(tipOf(links.at(-1) ?? seal)), index, head.chains, path)
  if (root !== head.root) return { ok: false, problem: `the seal ${sealId(seal)} does not lead to head ${head.number}` }
  return verifyHeadAlone(head, signature, keys)
}

/** A head with no later one beside it: what a revoked key has signed proves nothing here. */
export function verifyHeadAlone(head: Head, signature: string, keys: readonly KeyRecord[]): Check {
  const since = revokedSince(head, keys)
  return since === undefined
    ? verifySignature(head, signature, keys)
    : { ok: false, problem: `head ${head.number}: its key is revoked from ${new Date(since).toISOString()} on` }
}

function verifySignature(head: Head, signature: string, keys: readonly KeyRecord[]): Check {
  const wrong = (problem: string): Check => ({ ok: false, problem: `head ${head.number}: ${problem}` })
  const problem = headProblemAlone(head, keys)
  if (problem !== undefined) return wrong(problem)
  const key = keys.find(({ id }) => id === head.key)
  return key !== undefined && signatureHolds(key.publicKey, headText(head), signature)
    ? { ok: true }
    : wrong('its signature is wrong')
}

/** What is wrong with a head whatever its signature: its shape, and whether its key was in use at its time. */
export function headProblemAlone(head: Head, keys: readonly KeyRecord[]): string | undefined {
  if (head.version !== 1) return `version ${head.version} is not known to this verifier`
  if (!isDigest(head.root) || !isDigest(head.previous)) return 'its root or previous head is no SHA-256 digest'
  const key = keys.find(({ id }) => id === head.key)
  if (key === undefined) return `its key ${head.key} is not among the known ones`
  const successor = keys.find(({ replaces }) => replaces === key.id)
  if (head.at < key.from || (successor !== undefined && head.at > successor.from))
    return 'its key was not in use at its time'
  return undefined
}

/** Since when the head's key is revoked, where that is before the head: it proves nothing by itself then. */
export function revokedSince(head: Head, keys: readonly KeyRecord[]): number | undefined {
  const since = keys.find(({ replaces }) => replaces === head.key)?.revokedFrom
  return since !== undefined && head.at >= since ? since : undefined
}

/** The text that is signed, published and stamped. */
export function headText(head: Head): string {
  return `varde head 1\n${canonicalJson({ ...head })}`
}

/** The head that a signed text speaks of; undefined where the text is not exactly that of a head. */
export function parseHeadText(text: Uint8Array): Head | undefined {
  try {
    const head: Head = JSON.parse(
      Buffer.from(text)
        .toString('utf8')
        .replace(/^varde head 1\n/, ''),
    )
    return Buffer.from(headText(head)).equals(text) ? head : undefined
  } catch {
    return undefined
  }
}

/** The root of a head whose tip number `index` of `chains` this is. */
export function tipRoot(tip: ChainTip, index: number, chains: number, path: readonly Digest[]): Digest | undefined {
  return rootOfPath(tipLeaf(tip), index, chains, path)
}

/** Begins with a zero byte, as every leaf of a Merkle tree here: it can't be taken for an inner node. */
export function tipLeaf(tip: ChainTip): Digest {
  return digestOf(`\0${canonicalJson({ ...tip })}`)
}

type ChainName = Pick<ChainTip, 'stream' | 'generation' | 'partition'>

/** `<stream>.<generation>.<partition>`: as findings and records of retention name a chain. */
export function chainName({ stream, generation, partition }: ChainName): string {
  return `${stream}.${generation}.${partition}`
}

function byChain(a: ChainName, b: ChainName): number {
  if (a.stream !== b.stream) return a.stream < b.stream ? -1 : 1
  return a.generation - b.generation || a.partition - b.partition
}
