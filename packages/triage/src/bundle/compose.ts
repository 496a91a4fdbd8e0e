// Makes a bundle: one pass over the pins in the order of their seals, one over the timeline, then everything into one ZIP.
import { closeSync, mkdirSync, openSync, renameSync, rmSync, write } from 'node:fs'
import { promisify } from 'node:util'
import { type BundleFile, bundleOrder, createBundleWriter, type EntryStreams, evidenceFiles } from '@varde/evidence'
import type { Case, CustodyEntry, Language } from '@varde/schema'
import type { CaseCompleteness } from '../cases/completeness.ts'
import type { Evidence } from '../cases/evidence.ts'
import { chainName, type PinChunk } from '../cases/pin-chunk.ts'
import type { PinnedAlert } from '../cases/pinned-alert.ts'
import { timelineContext } from '../cases/timeline.ts'
import { readPart } from './parts.ts'
import { plainFiles } from './plain-files.ts'
import { sealGroups } from './record-pass.ts'
import { createForeignWords, type Recipient, shownTo } from './redact.ts'
import { caseEntries, type Signing, type StreamEnds, signedEvidence } from './signing.ts'
import { spoolRecords } from './spool-records.ts'
import { timelinePass } from './timeline-pass.ts'

/** What a bundle of a revision quotes; the same each time the revision is exported. */
export interface BundlePlan {
  case: Case
  alerts: PinnedAlert[]
  custody: CustodyEntry[]
  completeness: CaseCompleteness
  ends: StreamEnds
  /** Had no proof at the first export of the revision: proven since, they belong to later revisions. */
  unproven: { chain: string; offsets: number[] }[]
  /** UTC milliseconds of the revision. */
  at: number
}

export interface Progress {
  step: 'records' | 'timeline' | 'signatures' | 'zip'
  done: number
  total: number
  bytes: number
}

export interface ComposeInput extends Recipient {
  plan: BundlePlan
  language: Language
  house: string
  /** A folder of its own for parts and checkpoints. */
  folder: string
  /** The bundle appears here when it is whole. */
  target: string
  evidence: Evidence
  entries: EntryStreams
  signing: Signing
  tell(progress: Progress): void
  signal: AbortSignal
}

export interface Composed {
  bytes: number
  /** SHA-256 of `SHA256SUMS`. */
  sums: string
  records: number
  withheld: number
  imported: number
  pending: number
}

/** What of the case has no proof now: an event is in a case once, so its place is enough to know it again. */
export function unprovenOf(chunks: readonly PinChunk[]): BundlePlan['unproven'] {
  return chunks
    .filter(({ seal }) => seal === undefined)
    .map((chunk) => ({ chain: chainName(chunk), offsets: chunk.offsets }))
}

/** A chunk is proven whole, as one or more: its parts hold nothing else. */
function laterProven({ unproven }: BundlePlan, chunks: readonly PinChunk[]): Set<PinChunk> {
  const places = new Set(unproven.flatMap(({ chain, offsets }) => offsets.map((offset) => `${chain}.${offset}`)))
  return new Set(
    chunks.filter((chunk) => chunk.seal !== undefined && places.has(`${chainName(chunk)}.${chunk.offsets[0]}`)),
  )
}

/** Throws the signal's reason when it is stopped; called again with the same folder it goes on at the last checkpoint. */
export async function composeBundle(input: ComposeInput): Promise<Composed> {
  const { plan, folder, evidence, tenant, signing, tell, signal } = input
  mkdirSync(folder, { recursive: true })
  const chunks = await evidence.chunks(plan.case)
  const later = laterProven(plan, chunks)
  const groups = sealGroups(chunks.filter((chunk) => !later.has(chunk)))
  const words = createForeignWords(tenant)
  const { tenants, breach } = plan.case
  words.noteNames([
    ...tenants,
    ...(breach?.controllers ?? []).flatMap(({ tenant: id, name }) => (id === tenant ? [] : [id, name])),
  ])
  const own = new Set<string>()
  const context = timelineContext(plan.case, plan.alerts)
  const { case: of, alerts, custody, completeness } = plan
  const recipient = tenant === undefined ? {} : { tenant }
  const done = await spoolRecords({ ...recipient, folder, of, groups, evidence, context, words, own, tell, signal })
  const unproven = chunks.filter((chunk) => chunk.seal === undefined || later.has(chunk))
  const pending = unproven.reduce((sum, { offsets }) => sum + offsets.length, 0)
  signal.throwIfAborted()
  const shown = shownTo(
    { ...recipient, pseudonymise: input.pseudonymise },
    { case: of, alerts, custody, completeness },
    words,
    own,
  )
  const rows = done.records - done.withheld
  tell({ step: 'timeline', done: 0, total: rows, bytes: 0 })
  const timeline = await timelinePass({ folder, shown, signal, rows, tell })
  tell({ step: 'signatures', done: 0, total: done.seals.length, bytes: 0 })
  const seals = done.seals.flatMap((n) => groups[n]?.seal ?? [])
  const hide = tenant !== undefined || input.pseudonymise
  const entries = await caseEntries(input.entries, of.id, plan.ends, hide)
  const signed = await signedEvidence(signing, seals, entries)
  const proving = evidenceFiles({
    ...signed,
    seals,
    records: {
      events: readPart(folder, 'events'),
      proofs: readPart(folder, 'proofs'),
      raw: readPart(folder, 'raw'),
      records: readPart(folder, 'records'),
    },
  })
  const counts = { records: done.records, withheld: done.withheld, imported: done.imported, pending }
  const files: BundleFile[] = [
    ...proving,
    ...plainFiles({ input, shown, timeline, counts, signed }),
    { path: 'timeline.csv', content: readPart(folder, 'timeline.csv') },
    { path: 'timesketch.jsonl', content: readPart(folder, 'timesketch.jsonl') },
  ]
  signal.throwIfAborted()
  const zipped = await zip(
    input,
    files.sort((a, b) => bundleOrder(a.path, b.path)),
    counts,
    shown.case.tenants,
  )
  rmSync(folder, { recursive: true, force: true })
  return { ...zipped, ...counts }
}

const writeAt = promisify(write)

async function zip(
  input: ComposeInput,
  files: BundleFile[],
  counts: { records: number; withheld: number; pending: number },
  tenants: string[],
): Promise<{ bytes: number; sums: string }> {
  const { target, plan, tell, signal, signing } = input
  const unfinished = `${target}.part`
  const fd = openSync(unfinished, 'w')
  try {
    let written = 0
    const writer = createBundleWriter({
      async write(bytes, at) {
        signal.throwIfAborted()
        let done = 0
        while (done < bytes.length)
          done += (await writeAt(fd, bytes, done, bytes.length - done, at + done)).bytesWritten
        written = Math.max(written, at + bytes.length)
        tell({ step: 'zip', done: written, total: 0, bytes: written })
      },
    })
    for (const file of files) await writer.add(file)
    const { record, signer } = await signing.current()
    const facts = { case: plan.case.id, revision: plan.case.revision, at: plan.at, tenants, records: counts.records }
    const more = { withheld: counts.withheld, pending: counts.pending, language: input.language, house: input.house }
    const { bytes, sums } = await writer.finish(
      { ...facts, more },
      { id: record.id, sign: (text) => signer.sign(text) },
    )
    closeSync(fd)
    renameSync(unfinished, target)
    return { bytes, sums }
  } catch (error) {
    try {
      closeSync(fd)
    } catch {
      // Closed before the rename failed.
    }
    throw error
  }
}
