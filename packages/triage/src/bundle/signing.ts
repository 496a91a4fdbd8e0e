// What a bundle needs of whoever signs for the house: keys, and the way from a seal or an entry to a signed head.

import { createPublicKey } from 'node:crypto'
import type {
  BundleEvidence,
  EntryLink,
  EntrySignature,
  EntryStreams,
  KeyRecord,
  SealedEntry,
  SealHead,
  SignatureProof,
  Signer,
} from '@varde/evidence'
import { sealId } from '@varde/schema'
import { casesStream } from '../cases/cases.ts'
import { custodyStream } from '../cases/custody.ts'

export interface Signing {
  keys(): Promise<KeyRecord[]>
  current(): Promise<{ record: KeyRecord; signer: Signer }>
  /** Undefined while no head covers it. */
  ofSeal(seal: SealHead): Promise<SignatureProof | undefined>
  ofEntry(link: EntryLink): Promise<EntrySignature | undefined>
  /** Time stamps of a head: name of the authority, and its response (DER). */
  stamps(head: number): Promise<{ name: string; der: Uint8Array }[]>
  /** Signs what is sealed by now, so that a bundle is whole. Absent where this process can't. */
  signNow?(): Promise<void>
}

/** Where each stream of the case ends for a revision. */
export interface StreamEnds {
  custody: number
  cases: number
}

export async function streamEnds(entries: EntryStreams): Promise<StreamEnds> {
  const end = async (stream: string) => ((await entries.last(stream))?.link.seq ?? -1) + 1
  return { custody: await end(custodyStream), cases: await end(casesStream) }
}

/** The case's sealed entries below those ends; without what they say where names or other customers must not be told. */
export async function caseEntries(
  entries: EntryStreams,
  caseId: string,
  ends: StreamEnds,
  withhold: boolean,
): Promise<SealedEntry[]> {
  const found: SealedEntry[] = []
  for (const [stream, to] of [
    [casesStream, ends.cases],
    [custodyStream, ends.custody],
  ] as const)
    for await (const entry of entries.read(stream, { subject: caseId, to }))
      found.push(withhold ? { link: entry.link, hash: entry.hash } : entry)
  return found
}

export async function signedEvidence(
  signing: Signing,
  seals: readonly SealHead[],
  entries: readonly SealedEntry[],
): Promise<Omit<BundleEvidence, 'records' | 'seals'>> {
  const signatures: { seal: SealHead; proof: SignatureProof }[] = []
  const led = new Set<string>()
  for (const seal of seals) {
    // The links of the one before lead through this one to the same head.
    if (led.has(sealId(seal))) continue
    const proof = await signing.ofSeal(seal)
    if (proof === undefined) continue
    for (const link of proof.links) led.add(sealId(link))
    signatures.push({ seal, proof })
  }
  const entrySignatures: { link: EntryLink; proof: EntrySignature }[] = []
  for (const [n, { link }] of entries.entries()) {
    const next = entries[n + 1]?.link
    const proof = await signing.ofEntry(link)
    // Of a run, the last signed one leads the others to the head.
    const followed = next !== undefined && next.stream === link.stream && next.seq === link.seq + 1
    if (proof !== undefined && !(followed && (await signing.ofEntry(next)) !== undefined))
      entrySignatures.push({ link, proof })
  }
  const heads = new Set([...signatures, ...entrySignatures].map(({ proof }) => proof.head.number))
  const stamps: { head: number; name: string; der: Uint8Array }[] = []
  for (const head of [...heads].sort((a, b) => a - b))
    for (const { name, der } of await signing.stamps(head)) stamps.push({ head, name, der })
  const { record } = await signing.current()
  const key = createPublicKey({ key: Buffer.from(record.publicKey, 'base64'), format: 'der', type: 'spki' })
  return {
    signatures,
    entries,
    entrySignatures,
    keys: await signing.keys(),
    publicKeyPem: key.export({ type: 'spki', format: 'pem' }).toString(),
    stamps,
  }
}
