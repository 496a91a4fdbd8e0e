// From the seals and entries of a bundle to its signed heads: which are signed, by which head, and what is wrong.
import { canonicalJson, type Digest, sealId } from '@varde/schema'
import { type EntryLink, entryId, type SealedEntry, verifyEntry } from '../entry.ts'
import { type ChainTip, type Head, headHash, headProblemAlone, parseHeadText, revokedSince, tipRoot } from '../head.ts'
import { signatureHoldsBytes } from '../key.ts'
import { type SealHead, sealHash, verifyLink } from '../seal.ts'
import { headName } from './contents.ts'
import type { BundleFinding, OpenBundle } from './open.ts'
import { parseLine, readFile, readWhole } from './read-lines.ts'

type Find = (finding: BundleFinding) => void

export interface CheckedHeads {
  heads: Head[]
  /** Hash of a seal or entry → number of the head that signs it. */
  tips: Map<Digest, number>
}

export async function verifyTips(bundle: OpenBundle, find: Find): Promise<CheckedHeads> {
  const heads = new Map<number, Head | undefined>()
  const tips = new Map<Digest, number>()
  const reader = readFile(bundle.source, bundle.files.get('tips.jsonl'))
  let before: { head: number; index: number } | undefined
  for (let line = await reader.line(); line !== undefined; line = await reader.line()) {
    const at = `tips.jsonl:${reader.number()}`
    const tip: { head: number; index: number; path: Digest[]; tip: ChainTip } = parseLine(line, () => at)
    if (before !== undefined && (tip.head - before.head || tip.index - before.index) <= 0)
      find({ at, problem: 'it is out of order, or twice' })
    before = tip
    if (!heads.has(tip.head)) heads.set(tip.head, await verifyHeadFiles(bundle, tip.head, at, find))
    const head = heads.get(tip.head)
    if (head === undefined) continue
    if (tipRoot(tip.tip, tip.index, head.chains, tip.path) !== head.root)
      find({ at, problem: `it does not lead to the root of head ${tip.head}` })
    else tips.set(tip.tip.hash, tip.head)
  }
  for (const path of bundle.files.keys()) {
    if (!path.startsWith('heads/')) continue
    const number = /^heads\/(\d{8,})\.(txt|sig|[a-z0-9-]+\.tsr)$/.exec(path)?.[1]
    if (number === undefined || headName(Number(number)) !== number || !heads.has(Number(number)))
      find({ at: path, problem: 'no line of tips.jsonl names its head' })
  }
  const known = [...heads.values()].filter((head) => head !== undefined).sort((a, b) => a.number - b.number)
  for (const [n, head] of known.entries()) {
    const next = known[n + 1]
    const at = `heads/${headName(next?.number ?? 0)}.txt`
    if (next !== undefined && next.number === head.number + 1 && next.previous !== headHash(head))
      find({ at, problem: 'it names another head as the one before it' })
    if (next !== undefined && next.at < head.at) find({ at, problem: 'it is older than the one before it' })
  }
  return { heads: known, tips }
}

async function verifyHeadFiles(
  bundle: OpenBundle,
  number: number,
  line: string,
  find: Find,
): Promise<Head | undefined> {
  const path = `heads/${headName(number)}`
  const [text, signature] = [bundle.files.get(`${path}.txt`), bundle.files.get(`${path}.sig`)]
  if (text === undefined || signature === undefined) {
    find({ at: `${path}.${text === undefined ? 'txt' : 'sig'}`, problem: `it is missing, and named by ${line}` })
    return undefined
  }
  const bytes = await readWhole(bundle.source, text)
  const head = parseHeadText(bytes)
  if (head === undefined || head.number !== number) {
    find({ at: text.path, problem: 'it is not the text of that head' })
    return undefined
  }
  const since = revokedSince(head, bundle.keys)
  const problem =
    headProblemAlone(head, bundle.keys) ??
    (since === undefined ? undefined : `its key is revoked from ${new Date(since).toISOString()} on`)
  if (problem !== undefined) {
    find({ at: text.path, problem })
    return undefined
  }
  const key = bundle.keys.find(({ id }) => id === head.key)
  if (key === undefined || !signatureHoldsBytes(key.publicKey, bytes, await readWhole(bundle.source, signature))) {
    const at = bundle.damaged.has(text.path) ? text.path : signature.path
    find({ at, problem: `${signature.path} is no signature of ${text.path} by the head's key` })
    return undefined
  }
  return head
}

/** A seal is created moments after its `sealedAt`, and heads are signed meanwhile; anything older than this must be under the last one. */
const unsignedMsMax = 60_000

/** Ids of the seals that no head of the bundle signs. */
export function verifySealChains(
  seals: ReadonlyMap<string, { seal: SealHead; line: number }>,
  { heads, tips }: CheckedHeads,
  find: Find,
): string[] {
  const oldest = (heads.at(-1)?.at ?? Number.NEGATIVE_INFINITY) - unsignedMsMax
  const unsigned: string[] = []
  const signed = new Set<string>()
  // From the end of each chain backwards: a seal is signed if the one behind it is.
  for (const { seal, line } of [...seals.values()].reverse()) {
    const id = sealId(seal)
    const next = seals.get(sealId({ ...seal, seq: seal.seq + 1 }))
    let isSigned = tips.has(sealHash(seal))
    if (next !== undefined) {
      const link = verifyLink(seal, next.seal)
      if (!link.ok) find({ at: `seals.jsonl:${next.line} (${sealId(next.seal)})`, problem: link.problem })
      else if (signed.has(sealId(next.seal))) isSigned = true
    }
    if (seal.seq === 0) {
      const first = verifyLink(undefined, seal)
      if (!first.ok) find({ at: `seals.jsonl:${line} (${id})`, problem: first.problem })
    }
    if (isSigned) {
      signed.add(id)
      continue
    }
    unsigned.push(id)
    if (seal.sealedAt < oldest) find({ at: `seals.jsonl:${line} (${id})`, problem: leftOut })
  }
  return unsigned.reverse()
}

const leftOut = 'it is older than the last head, and nothing leads from it to a head'

export async function verifyEntryRuns(bundle: OpenBundle, { heads, tips }: CheckedHeads, find: Find) {
  const oldest = (heads.at(-1)?.at ?? Number.NEGATIVE_INFINITY) - unsignedMsMax
  const reader = readFile(bundle.source, bundle.files.get('entries.jsonl'))
  const entries: { entry: SealedEntry; line: number }[] = []
  let previous: EntryLink | undefined
  for (let line = await reader.line(); line !== undefined; line = await reader.line()) {
    const at = `entries.jsonl:${reader.number()}`
    const entry: SealedEntry = parseLine(line, () => at)
    const { link } = entry
    const follows = previous !== undefined && previous.stream === link.stream && previous.seq + 1 === link.seq
    const check = verifyEntry(entry, follows ? previous : undefined)
    if (!check.ok) find({ at, problem: check.problem })
    if (canonicalJson(JSON.parse(line.toString())) !== line.toString())
      find({ at, problem: 'it is not canonical JSON' })
    if (previous !== undefined && !follows && !isBehind(previous, link))
      find({ at, problem: 'it is out of order, or twice' })
    previous = link
    entries.push({ entry, line: reader.number() })
  }
  const unsigned: string[] = []
  let next: { link: EntryLink; isSigned: boolean } | undefined
  for (const { entry, line } of entries.reverse()) {
    const { link, hash } = entry
    const follows = next !== undefined && next.link.stream === link.stream && next.link.seq === link.seq + 1
    const isSigned = tips.has(hash) || (follows && next?.isSigned === true)
    if (!isSigned) unsigned.push(entryId(link))
    if (!isSigned && link.at < oldest) find({ at: `entries.jsonl:${line}`, problem: leftOut })
    next = { link, isSigned }
  }
  return {
    unsigned: unsigned.reverse(),
    count: entries.length,
    shown: entries.filter(({ entry }) => entry.body !== undefined).length,
  }
}

function isBehind(previous: EntryLink, link: EntryLink): boolean {
  return previous.stream === link.stream ? previous.seq < link.seq : previous.stream < link.stream
}
