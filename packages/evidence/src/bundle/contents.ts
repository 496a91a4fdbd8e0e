// What proves the records of a bundle: seals, heads and entries, and the files that they stand in, as BUNDLE.md lays them down.
import { canonicalJson, type Digest, type Home, sealId } from '@varde/schema'
import { type EntryLink, type EntrySignature, entryHash, type SealedEntry } from '../entry.ts'
import { type ChainTip, type Head, headText, type SignatureProof, tipOf } from '../head.ts'
import type { KeyRecord } from '../key.ts'
import type { SealHead } from '../seal.ts'
import type { RecordFiles } from './records.ts'
import type { BundleContent, BundleFile } from './write.ts'

export interface BundleEvidence {
  /** Those of the records, in their order. */
  seals: readonly SealHead[]
  /** What `writeRecord` and `writeProof` wrote, seal by seal. */
  records: Record<keyof RecordFiles, BundleContent>
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
  const { records } = evidence
  const files: BundleFile[] = [
    { path: 'entries.jsonl', content: lines(signed.entries) },
    { path: 'events.jsonl', content: records.events },
    { path: 'key.pem', content: evidence.publicKeyPem },
    { path: 'keys.jsonl', content: lines([...evidence.keys]) },
    { path: 'proofs.jsonl', content: records.proofs },
    { path: 'raw.log', content: records.raw },
    { path: 'records.jsonl', content: records.records },
    { path: 'seals.jsonl', content: sealLines(evidence.seals, signed.links) },
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

function sealLines(seals: readonly SealHead[], links: Map<string, SealHead>): Iterable<string> {
  const all = new Map(links)
  for (const seal of seals) all.set(sealId(seal), seal)
  return lines([...all.values()].sort(bySeal))
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
