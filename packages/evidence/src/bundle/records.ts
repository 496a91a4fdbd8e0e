// The records of a bundle and what proves them: each is written into its files in one walk, as BUNDLE.md lays them down.
import {
  canonicalJson,
  type DeadLetter,
  type Digest,
  eventId,
  type Home,
  type StoredEvent,
  sealId,
} from '@varde/schema'
import { deadLetterText, hashDeadLetter, openEvent, saltOf } from '../leaf.ts'
import type { SealHead } from '../seal.ts'

/** A record to be exported, with all that its leaf is made of. */
export type BundleRecord =
  | {
      kind: 'event'
      home: Home
      tenant: string
      source: string
      lateness?: StoredEvent['lateness']
      arrival: number
      raw: Uint8Array
      s1: string
      s2: string
      leaf: Digest
      /** The canonical event, UTF-8. */
      text: Uint8Array
    }
  | {
      kind: 'dead-letter'
      home: Home
      tenant: string
      source: string
      arrival: number
      raw: Uint8Array
      s1: string
      s2: string
      leaf: Digest
      /** `deadLetterText`. */
      text: string
    }
  | { kind: 'withheld'; home: Home; leaf: Digest }

/** The files of records while they grow. */
export interface RecordFiles {
  events: { write(part: string | Uint8Array): void }
  proofs: { write(part: string | Uint8Array): void }
  raw: { write(part: string | Uint8Array): void }
  records: { write(part: string | Uint8Array): void }
}

/** `canonical`: as of `openEvent`. */
export function recordOfEvent(stored: StoredEvent, canonical?: Uint8Array): BundleRecord {
  const { home, tenant, source, lateness, arrival, raw } = stored
  const late = lateness === undefined ? {} : { lateness }
  return { kind: 'event', home, tenant, source, ...late, arrival, raw, ...openEvent(stored, canonical) }
}

/** The record with its raw bytes and what was wrong with it, and the salts that open both halves of its leaf. */
export function recordOfDeadLetter(letter: DeadLetter): BundleRecord {
  const { home, record, raw, seed } = letter
  const { tenant, source, arrival } = record
  const [s1, s2] = [saltOf(seed, 1), saltOf(seed, 2)]
  const { leaf } = hashDeadLetter(letter)
  return { kind: 'dead-letter', home, tenant, source, arrival, raw, s1, s2, leaf, text: deadLetterText(letter) }
}

/** For another customer: the event stays out whole, and what else is proven still is. */
export function withholdRecord({ home, leaf }: BundleRecord): BundleRecord {
  return { kind: 'withheld', home, leaf }
}

/** Records come in the order of their homes. */
export function writeRecord(record: BundleRecord, to: RecordFiles): void {
  to.records.write(recordLine(record))
  if (record.kind === 'withheld') return
  to.raw.write(record.raw)
  to.raw.write('\n')
  if (record.kind === 'dead-letter') return
  to.events.write(record.text)
  to.events.write('\n')
}

/** Behind the records of each seal: the hashes that lead from their leaves to its root. */
export function writeProof(seal: SealHead, hashes: Digest[], to: Pick<RecordFiles, 'proofs'>): void {
  to.proofs.write(`${canonicalJson({ seal: sealId(seal), hashes })}\n`)
}

/** Canonical JSON, spelled here: of an object it would cost five times as much. */
function recordLine(record: BundleRecord): string {
  const id = JSON.stringify(eventId(record.home))
  if (record.kind === 'withheld') return `{"id":${id},"kind":"withheld","leaf":"${record.leaf}"}\n`
  const { kind, arrival, raw, leaf, s1, s2 } = record
  const late = kind === 'event' && record.lateness !== undefined ? `,"lateness":"${record.lateness}"` : ''
  const text = kind === 'dead-letter' ? `,"text":${JSON.stringify(record.text)}` : ''
  const [source, tenant] = [JSON.stringify(record.source), JSON.stringify(record.tenant)]
  return `{"arrival":${arrival},"bytes":${raw.length},"id":${id},"kind":"${kind}"${late},"leaf":"${leaf}","s1":"${s1}","s2":"${s2}","source":${source},"tenant":${tenant}${text}}\n`
}
