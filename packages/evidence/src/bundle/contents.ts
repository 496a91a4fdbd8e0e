// What proves the records of a bundle: their lines, proofs, seals, heads and entries, as BUNDLE.md lays them down.
import {
  canonicalJson,
  type DeadLetter,
  type Digest,
  eventId,
  type Home,
  type StoredEvent,
  sealId,
} from '@varde/schema'
import { type EntryLink, type EntrySignature, entryHash, type SealedEntry } from '../entry.ts'
import { type ChainTip, type Head, headText, type SignatureProof, tipOf } from '../head.ts'
import type { KeyRecord } from '../key.ts'
import { deadLetterText, hashEvent, leafOf, rawHalfOf, saltOf, textHalfOf } from '../leaf.ts'
import { joinPaths, proveLeaves } from '../many-leaves.ts'
import type { EventProof } from '../proof.ts'
import type { SealHead } from '../seal.ts'
import type { BundleFile } from './write.ts'

/** A record to be exported, with all that its leaf is made of. `text`: canonical event, or `deadLetterText`. */
export type BundleRecord =
  | {
      kind: 'event' | 'dead-letter'
      home: Home
      tenant: string
      source: string
      lateness?: StoredEvent['lateness']
      arrival: number
      raw: Uint8Array
      readonly s1: string
      readonly s2: string
      readonly text: string
      /** Where it is known already: it is hashed again otherwise. */
      leaf?: Digest
      /** The shorter way from the stored event to its leaf, where there is one. */
      hashed?: () => Digest
    }
  | { kind: 'withheld'; home: Home; leaf: Digest }

/** The records of one seal, ascending by offset, and the hashes that lead from their leaves to its root. */
export interface SealedRecords {
  seal: SealHead
  hashes: Digest[]
  records: BundleRecord[]
}

export function recordOfEvent(stored: StoredEvent): BundleRecord {
  const { home, tenant, source, lateness, arrival, raw, seed, event } = stored
  // A bundle is written in four walks over its records; each computes only what it writes, and that once.
  let [first, second, whole]: (string | undefined)[] = []
  return {
    kind: 'event',
    home,
    tenant,
    source,
    ...(lateness === undefined ? {} : { lateness }),
    arrival,
    raw,
    get s1() {
      first ??= saltOf(seed, 1)
      return first
    },
    get s2() {
      second ??= saltOf(seed, 2)
      return second
    },
    get text() {
      whole ??= canonicalJson(event)
      return whole
    },
    hashed: () => hashEvent(stored).leaf,
  }
}

export function recordOfDeadLetter(letter: DeadLetter): BundleRecord {
  const { home, record, raw, seed } = letter
  const { tenant, source, arrival } = record
  const [s1, s2] = [saltOf(seed, 1), saltOf(seed, 2)]
  return { kind: 'dead-letter', home, tenant, source, arrival, raw, s1, s2, text: deadLetterText(letter) }
}

/** A pin's own proof, when the store has long forgotten the event. A proof with a withheld half is withheld whole. */
export function recordOfProof({ place, raw, event }: EventProof): BundleRecord {
  if ('withheld' in raw || 'withheld' in event) {
    const first = 'withheld' in raw ? raw.withheld : rawHalfOf(raw.salt, Buffer.from(raw.base64, 'base64'), raw.arrival)
    const second = 'withheld' in event ? event.withheld : textHalfOf(event.salt, canonicalJson(event.event))
    return { kind: 'withheld', home: place.home, leaf: leafOf('event', place, first, second).leaf }
  }
  const bytes = Buffer.from(raw.base64, 'base64')
  const [s1, s2, text] = [raw.salt, event.salt, canonicalJson(event.event)]
  return { kind: 'event', ...place, arrival: raw.arrival, raw: bytes, s1, s2, text }
}

export function leafOfRecord(record: BundleRecord): Digest {
  if (record.kind === 'withheld') return record.leaf
  if (record.hashed !== undefined) return record.hashed()
  const { kind, arrival, raw, s1, s2, text } = record
  return leafOf(kind, record, rawHalfOf(s1, raw, arrival), textHalfOf(s2, text)).leaf
}

/** For another customer: the event stays out whole, and what else is proven still is. */
export function withholdRecord(record: BundleRecord): BundleRecord {
  return { kind: 'withheld', home: record.home, leaf: leafOfRecord(record) }
}

/** Of events whose seal still can be read whole: `leaves` are all of its leaves, `records` ascending by offset. */
export function sealedRecords(seal: SealHead, leaves: readonly Digest[], records: BundleRecord[]): SealedRecords {
  const wanted = records.map(({ home }) => home.offset - seal.from)
  for (const [n, record] of records.entries()) record.leaf ??= leaves[wanted[n] ?? -1] ?? ''
  return { seal, hashes: proveLeaves(leaves, wanted), records }
}

/** Of pins: sorted, and joined seal by seal. `withhold` says which of them the recipient must not see. */
export function recordsOfProofs(
  proofs: readonly EventProof[],
  withhold: (proof: EventProof) => boolean = () => false,
): SealedRecords[] {
  const seals = new Map<string, { seal: SealHead; proofs: Map<number, EventProof> }>()
  for (const proof of proofs) {
    const id = sealId(proof.seal)
    const group = seals.get(id) ?? { seal: proof.seal, proofs: new Map() }
    group.proofs.set(proof.place.home.offset, proof)
    seals.set(id, group)
  }
  const groups = [...seals.values()].sort((a, b) => bySeal(a.seal, b.seal))
  return groups.map(({ seal, proofs: pinned }) => {
    const sorted = [...pinned].sort(([a], [b]) => a - b).map(([, proof]) => proof)
    const records = sorted.map(recordOfProof)
    const paths = records.map((record, n) => ({
      index: record.home.offset - seal.from,
      leaf: record.leaf ?? leafOfRecord(record),
      path: sorted[n]?.path ?? [],
    }))
    return {
      seal,
      hashes: joinPaths(seal.count, paths),
      records: records.map((record, n) => {
        const proof = sorted[n]
        return proof !== undefined && withhold(proof) ? withholdRecord(record) : record
      }),
    }
  })
}

export interface BundleEvidence {
  /** In the order of their seals; asked for four times, and the same each time. */
  records(): AsyncIterable<SealedRecords> | Iterable<SealedRecords>
  /** For each seal that is signed. */
  signatures: readonly { seal: SealHead; proof: SignatureProof }[]
  /** Of this case; and for each of them, or only for the last of a run, its way to a head. */
  entries: readonly SealedEntry[]
  entrySignatures: readonly { link: EntryLink; proof: EntrySignature }[]
  keys: readonly KeyRecord[]
  /** The signing key's. */
  publicKeyPem: string
  /** Responses (DER) by the head that they stamp; `name`: lower case letters, digits and dashes. */
  stamps: readonly { head: number; name: string; der: Uint8Array }[]
}

/** The evidence files, to be merged with the other files of the bundle by `bundleOrder`. */
export function evidenceFiles(evidence: BundleEvidence): BundleFile[] {
  const signed = signedParts(evidence)
  const files: BundleFile[] = [
    { path: 'entries.jsonl', content: lines(signed.entries) },
    { path: 'events.jsonl', content: eventLines(evidence) },
    { path: 'key.pem', content: evidence.publicKeyPem },
    { path: 'keys.jsonl', content: lines([...evidence.keys]) },
    { path: 'proofs.jsonl', content: proofLines(evidence) },
    { path: 'raw.log', content: rawLines(evidence) },
    { path: 'records.jsonl', content: recordLines(evidence) },
    { path: 'seals.jsonl', content: sealLines(evidence, signed.links) },
    { path: 'tips.jsonl', content: lines(signed.tips) },
  ]
  for (const { head, signature } of signed.heads) {
    files.push({ path: `heads/${headName(head.number)}.txt`, content: headText(head) })
    files.push({ path: `heads/${headName(head.number)}.sig`, content: Buffer.from(signature, 'base64') })
  }
  const named = new Set(signed.heads.map(({ head }) => head.number))
  for (const { head, name, der } of evidence.stamps)
    if (named.has(head)) files.push({ path: `heads/${headName(head)}.${name}.tsr`, content: der })
  return files
}

export function headName(number: number): string {
  return String(number).padStart(8, '0')
}

interface TipLine {
  head: number
  index: number
  path: Digest[]
  tip: ChainTip
}

function signedParts({ signatures, entries, entrySignatures }: BundleEvidence) {
  const tips = new Map<string, TipLine>()
  const heads = new Map<number, { head: Head; signature: string }>()
  const links = new Map<string, SealHead>()
  const known = new Map<string, SealedEntry>()
  const note = (proof: SignatureProof | EntrySignature, tip: ChainTip) => {
    tips.set(`${proof.head.number}/${proof.index}`, {
      head: proof.head.number,
      index: proof.index,
      path: proof.path,
      tip,
    })
    heads.set(proof.head.number, { head: proof.head, signature: proof.signature })
  }
  for (const { seal, proof } of signatures) {
    for (const link of proof.links) links.set(sealId(link), link)
    note(proof, tipOf(proof.links.at(-1) ?? seal))
  }
  for (const { link, proof } of entrySignatures) {
    for (const each of proof.links) known.set(`${each.stream}.${each.seq}`, { link: each, hash: entryHash(each) })
    const { stream, seq } = proof.links.at(-1) ?? link
    note(proof, { stream, generation: 0, partition: 0, seq, hash: entryHash(proof.links.at(-1) ?? link) })
  }
  for (const entry of entries) known.set(`${entry.link.stream}.${entry.link.seq}`, entry)
  return {
    links,
    tips: [...tips.values()].sort((a, b) => a.head - b.head || a.index - b.index),
    heads: [...heads.values()].sort((a, b) => a.head.number - b.head.number),
    entries: [...known.values()].sort(({ link: a }, { link: b }) =>
      a.stream === b.stream ? a.seq - b.seq : a.stream < b.stream ? -1 : 1,
    ),
  }
}

function* lines(values: readonly object[]): Generator<string> {
  for (const value of values) yield `${canonicalJson({ ...value })}\n`
}

async function* eventLines({ records }: BundleEvidence): AsyncGenerator<string> {
  for await (const group of records())
    for (const record of group.records) if (record.kind === 'event') yield `${record.text}\n`
}

async function* rawLines({ records }: BundleEvidence): AsyncGenerator<string | Uint8Array> {
  for await (const group of records()) {
    for (const record of group.records) {
      if (record.kind === 'withheld') continue
      yield record.raw
      yield '\n'
    }
  }
}

async function* proofLines({ records }: BundleEvidence): AsyncGenerator<string> {
  for await (const { seal, hashes } of records()) yield `${canonicalJson({ seal: sealId(seal), hashes })}\n`
}

async function* recordLines({ records }: BundleEvidence): AsyncGenerator<string> {
  for await (const group of records())
    for (const record of group.records) yield `${canonicalJson(recordLine(record))}\n`
}

/** Its line of `records.jsonl`, its members in the order of canonical JSON: so its text costs least. */
export function recordLine(record: BundleRecord) {
  const id = eventId(record.home)
  if (record.kind === 'withheld') return { id, kind: record.kind, leaf: record.leaf }
  const { kind, tenant, source, lateness, arrival, raw, s1, s2 } = record
  return {
    arrival,
    bytes: raw.length,
    id,
    kind,
    ...(lateness === undefined ? {} : { lateness }),
    leaf: leafOfRecord(record),
    s1,
    s2,
    source,
    tenant,
    ...(kind === 'dead-letter' ? { text: record.text } : {}),
  }
}

async function* sealLines({ records }: BundleEvidence, links: Map<string, SealHead>): AsyncGenerator<string> {
  const seals = new Map(links)
  for await (const { seal } of records()) seals.set(sealId(seal), seal)
  yield* lines([...seals.values()].sort(bySeal))
}

export function bySeal(a: SealHead, b: SealHead): number {
  if (a.stream !== b.stream) return a.stream < b.stream ? -1 : 1
  return a.generation - b.generation || a.partition - b.partition || a.seq - b.seq
}

/** The order of `records.jsonl`. */
export function byHome(a: Home, b: Home): number {
  if (a.stream !== b.stream) return a.stream < b.stream ? -1 : 1
  return a.generation - b.generation || a.partition - b.partition || a.offset - b.offset
}
