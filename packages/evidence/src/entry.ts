// Sealed streams of documents: custody, audit, alerts, keys. Each entry is a link of its stream's chain, signed with all others by the heads.
import { canonicalJson, type Digest, type JsonObject } from '@varde/schema'
import { digestOf, drawSeeds, isDigest, noDigest } from './digest.ts'
import { type ChainTip, type Head, tipRoot, verifyHeadAlone } from './head.ts'
import type { KeyRecord } from './key.ts'
import type { Check } from './seal.ts'

/** What the chain hashes of an entry. It tells nothing of the body, so it can be shown where the body is withheld. */
export interface EntryLink {
  version: 1
  /** `@` and a name, such as `@custody`: no raw stream has an `@`. */
  stream: string
  /** 0 for the first of a stream, then previous + 1. */
  seq: number
  /** UTC milliseconds; never before the entry's predecessor. */
  at: number
  /** `entryHash` of seq - 1; 64 zeros for the first. */
  previous: Digest
  /** SHA-256(salt ‖ canonical JSON of the body). */
  content: Digest
}

/** As it is stored, and as it stands in bundles. */
export interface SealedEntry {
  link: EntryLink
  hash: Digest
  /** 16 random bytes, hex. Gone with the body where the entry is withheld or erased. */
  salt?: string
  body?: JsonObject
}

const streamName = /^@[a-z0-9_-]{1,63}$/

/** `@custody`, `@audit` …: the sign keeps them apart from streams of events. */
export function isEntryStream(text: string): boolean {
  return streamName.test(text)
}

/** SHA-256 over the link's canonical JSON: what the next entry and the heads name. */
export function entryHash(link: EntryLink): Digest {
  return digestOf(canonicalJson({ ...link }))
}

function contentOf(salt: string, body: JsonObject): Digest {
  return digestOf(Buffer.concat([Buffer.from(salt, 'hex'), Buffer.from(canonicalJson(body))]))
}

/** The next entry of a stream. A clock that went back does not make time go back in the chain. */
export function sealEntry(input: {
  stream: string
  previous?: EntryLink
  at: number
  body: JsonObject
  /** 16 random bytes; drawn without them. */
  seed?: Uint8Array
}): SealedEntry {
  const { stream, previous, body } = input
  if (!isEntryStream(stream)) throw new RangeError(`${stream} is no name of a stream of entries, such as @custody`)
  const [seed] = input.seed === undefined ? drawSeeds(1) : [input.seed]
  const salt = Buffer.from(seed ?? '').toString('hex')
  const link: EntryLink = {
    version: 1,
    stream,
    seq: previous === undefined ? 0 : previous.seq + 1,
    at: Math.max(input.at, previous?.at ?? 0),
    previous: previous === undefined ? noDigest : entryHash(previous),
    content: contentOf(salt, body),
  }
  return { link, hash: entryHash(link), salt, body }
}

/** The entry without what it says: still a link that verifies. */
export function withholdEntry({ link, hash }: SealedEntry): SealedEntry {
  return { link, hash }
}

/** The stream as a chain of a head: generation and partition are 0. */
export function tipOfEntry(link: EntryLink): ChainTip {
  return { stream: link.stream, generation: 0, partition: 0, seq: link.seq, hash: entryHash(link) }
}

/** `<stream>.<seq>`: the id of the entry's document, and its name in findings. */
export function entryId({ stream, seq }: Pick<EntryLink, 'stream' | 'seq'>): string {
  return `${stream}.${seq}`
}

/** Whether an entry is what it says and follows the one before it, where that is given. */
export function verifyEntry(entry: SealedEntry, previous: EntryLink | undefined): Check {
  const problem = entryProblem(entry, previous)
  return problem === undefined ? { ok: true } : { ok: false, problem: `${entryId(entry.link)}: ${problem}` }
}

function entryProblem({ link, hash, salt, body }: SealedEntry, previous: EntryLink | undefined): string | undefined {
  if (link.version !== 1) return `version ${link.version} is not known to this verifier`
  if (!isEntryStream(link.stream)) return 'its stream has no name of a stream of entries'
  if (!Number.isSafeInteger(link.seq) || link.seq < 0 || !Number.isSafeInteger(link.at))
    return 'its number or time is none'
  if (!isDigest(link.previous) || !isDigest(link.content)) return 'its previous or its content is no SHA-256 digest'
  if (hash !== entryHash(link)) return `it does not have the hash ${hash} that it says it has`
  if ((salt === undefined) !== (body === undefined)) return 'salt and body go together'
  if (salt !== undefined && body !== undefined) {
    if (!/^[0-9a-f]{32}$/.test(salt)) return 'its salt is not 16 bytes'
    if (contentOf(salt, body) !== link.content) return 'what it says is not what was sealed'
  }
  if (previous === undefined)
    return link.seq === 0 && link.previous !== noDigest ? 'the first of a stream names a previous one' : undefined
  if (link.stream !== previous.stream) return `it is of another stream than ${entryId(previous)}`
  if (link.seq !== previous.seq + 1) return `entry ${previous.seq + 1} is missing before it`
  if (link.previous !== entryHash(previous)) return `it names another entry as the one before it`
  return link.at < previous.at ? 'it is older than the one before it' : undefined
}

export type EntriesCheck = { ok: true; count: number; last?: EntryLink } | { ok: false; at: string; problem: string }

/** Checks consecutive entries of one stream from its first (or from behind `after`), and names the first wrong one. */
export function verifyEntries(entries: Iterable<SealedEntry>, after?: EntryLink): EntriesCheck {
  let previous = after
  let count = 0
  for (const entry of entries) {
    if (previous === undefined && entry.link.seq !== 0)
      return { ok: false, at: entryId(entry.link), problem: 'the entries before it are missing' }
    const problem = entryProblem(entry, previous)
    if (problem !== undefined) return { ok: false, at: entryId(entry.link), problem }
    previous = entry.link
    count += 1
  }
  return { ok: true, count, ...(previous === undefined ? {} : { last: previous }) }
}

/** What leads from an entry to a signature: the links after it up to its stream's tip, and the tip's place in the head. */
export interface EntrySignature {
  links: EntryLink[]
  index: number
  path: Digest[]
  head: Head
  signature: string
}

/** Whether an entry is covered by a signature. */
export function verifyEntrySignature(proof: EntrySignature, link: EntryLink, keys: readonly KeyRecord[]): Check {
  const { links, index, path, head, signature } = proof
  let previous = link
  for (const next of links) {
    const problem = entryProblem({ link: next, hash: entryHash(next) }, previous)
    if (problem !== undefined) return { ok: false, problem: `${entryId(next)}: ${problem}` }
    previous = next
  }
  if (tipRoot(tipOfEntry(previous), index, head.chains, path) !== head.root)
    return { ok: false, problem: `the entry ${entryId(link)} does not lead to head ${head.number}` }
  return verifyHeadAlone(head, signature, keys)
}
