// Makes a bundle: one pass over the pins in the order of their seals, one over the timeline, then everything into one ZIP.
import { closeSync, mkdirSync, openSync, readFileSync, renameSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { type BundleFile, bundleOrder, createBundleWriter, type EntryStreams, evidenceFiles } from '@varde/evidence'
import type { Case, CustodyEntry, Language } from '@varde/schema'
import type { CaseCompleteness } from '../cases/completeness.ts'
import type { Evidence } from '../cases/evidence.ts'
import type { PinnedAlert } from '../cases/pinned-alert.ts'
import { timelineContext } from '../cases/timeline.ts'
import { openPart, type Part, readPart } from './parts.ts'
import { plainFiles } from './plain-files.ts'
import { type RecordParts, sealGroups, writeGroup } from './record-pass.ts'
import { createForeignWords, type ForeignWords, type Recipient, shownTo } from './redact.ts'
import { caseEntries, type Signing, type StreamEnds, signedEvidence } from './signing.ts'
import { timelinePass } from './timeline-pass.ts'

/** What a bundle of a revision quotes; the same each time the revision is exported. */
export interface BundlePlan {
  case: Case
  alerts: PinnedAlert[]
  custody: CustodyEntry[]
  completeness: CaseCompleteness
  ends: StreamEnds
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

const partNames = ['records', 'events', 'raw', 'proofs', 'rows'] as const

interface Checkpoint {
  /** Seal groups that are written, and what they came to. */
  groups: number
  records: number
  withheld: number
  imported: number
  seals: number[]
  bytes: Record<(typeof partNames)[number], number>
}

const checkpointMs = 1_000

/** Throws the signal's reason when it is stopped; called again with the same folder it goes on at the last checkpoint. */
export async function composeBundle(input: ComposeInput): Promise<Composed> {
  const { plan, folder, evidence, tenant, signing, tell, signal } = input
  mkdirSync(folder, { recursive: true })
  const chunks = await evidence.chunks(plan.case)
  const groups = sealGroups(chunks)
  const words = createForeignWords(tenant)
  const { tenants, breach } = plan.case
  words.noteNames([
    ...tenants,
    ...(breach?.controllers ?? []).flatMap(({ tenant: id, name }) => (id === tenant ? [] : [id, name])),
  ])
  const own = new Set<string>()
  const context = timelineContext(plan.case, plan.alerts)
  const done = await recordPass({ input, groups, words, own, context })
  const isPending = (name: string) => name === 'pending'
  const pending = chunks.filter(({ state }) => isPending(state)).reduce((sum, { offsets }) => sum + offsets.length, 0)
  signal.throwIfAborted()
  const { case: of, alerts, custody, completeness } = plan
  const shown = shownTo(
    { ...(tenant === undefined ? {} : { tenant }), pseudonymise: input.pseudonymise },
    { case: of, alerts, custody, completeness },
    words,
    own,
  )
  tell({ step: 'timeline', done: 0, total: done.records, bytes: 0 })
  const timeline = await timelinePass({ folder, shown, signal, total: done.records, tell })
  tell({ step: 'signatures', done: 0, total: done.seals.length, bytes: 0 })
  const seals = done.seals.flatMap((n) => groups[n]?.seal ?? [])
  const hide = tenant !== undefined || input.pseudonymise
  const entries = await caseEntries(input.entries, of.id, plan.ends, hide)
  const signed = await signedEvidence(signing, seals, entries)
  const parts = new Map(
    Object.entries({
      'events.jsonl': 'events',
      'proofs.jsonl': 'proofs',
      'raw.log': 'raw',
      'records.jsonl': 'records',
    }),
  )
  const proving = evidenceFiles({ ...signed, records: () => seals.map((seal) => ({ seal, hashes: [], records: [] })) })
  const counts = { records: done.records, withheld: done.withheld, imported: done.imported, pending }
  const files: BundleFile[] = [
    ...proving.map((file) => {
      const part = parts.get(file.path)
      return part === undefined ? file : { path: file.path, content: readPart(folder, part) }
    }),
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

async function recordPass(work: {
  input: ComposeInput
  groups: ReturnType<typeof sealGroups>
  words: ForeignWords
  own: Set<string>
  context: ReturnType<typeof timelineContext>
}): Promise<Checkpoint> {
  const { input, groups, words, own, context } = work
  const { folder, tenant, evidence, tell, signal } = input
  const path = join(folder, 'checkpoint.json')
  const state = readCheckpoint(path)
  const parts = openParts(folder, state)
  const total = groups.reduce(
    (sum, { chunks }) => sum + chunks.reduce((all, { offsets }) => all + offsets.length, 0),
    0,
  )
  let seen = 0
  let last = Date.now()
  const save = () => {
    for (const part of Object.values(parts)) part.flush()
    for (const name of partNames) state.bytes[name] = parts[name].bytes()
    writeFileSync(`${path}.tmp`, JSON.stringify(state))
    renameSync(`${path}.tmp`, path)
  }
  try {
    for (const [n, group] of groups.entries()) {
      if (signal.aborted) {
        save()
        throw signal.reason
      }
      const isWritten = n < state.groups
      // A bundle for one customer needs the others' words, to keep them out of what people wrote: read again.
      const events = isWritten && tenant === undefined ? [] : await eventsOf(evidence, group.chunks)
      if (isWritten) for (const event of events) words.note(event)
      if (tenant !== undefined) for (const event of events) if (event.tenant === tenant) own.add(event.id)
      const counts = isWritten ? undefined : await writeGroup(group, events, parts, { tenant, context, words })
      if (counts !== undefined) {
        state.records += counts.records
        state.withheld += counts.withheld
        state.imported += counts.imported
        state.seals.push(n)
      }
      state.groups = Math.max(state.groups, n + 1)
      seen += group.chunks.reduce((sum, { offsets }) => sum + offsets.length, 0)
      if (Date.now() - last < checkpointMs) continue
      save()
      last = Date.now()
      tell({ step: 'records', done: seen, total, bytes: partNames.reduce((sum, name) => sum + parts[name].bytes(), 0) })
    }
    save()
  } finally {
    for (const part of Object.values(parts)) part.close()
  }
  return state
}

/** Of one seal, ascending by offset, each once. */
async function eventsOf(evidence: Evidence, chunks: Parameters<Evidence['copies']>[0][]) {
  const [only, ...more] = chunks
  if (only !== undefined && more.length === 0) return evidence.copies(only)
  const byOffset = new Map<number, Awaited<ReturnType<Evidence['copies']>>[number]>()
  for (const chunk of chunks) for (const event of await evidence.copies(chunk)) byOffset.set(event.home.offset, event)
  return [...byOffset.values()].sort((a, b) => a.home.offset - b.home.offset)
}

function readCheckpoint(path: string): Checkpoint {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    const bytes = { records: 0, events: 0, raw: 0, proofs: 0, rows: 0 }
    return { groups: 0, records: 0, withheld: 0, imported: 0, seals: [], bytes }
  }
}

function openParts(folder: string, { bytes }: Checkpoint): RecordParts {
  const open = (name: (typeof partNames)[number]): Part => openPart(folder, name, bytes[name])
  return {
    records: open('records'),
    events: open('events'),
    raw: open('raw'),
    proofs: open('proofs'),
    rows: open('rows'),
  }
}

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
        while (done < bytes.length) done += writeSync(fd, bytes, done, bytes.length - done, at + done)
        written = Math.max(written, at + bytes.length)
        tell({ step: 'zip', done: written, total: 0, bytes: written })
        await new Promise((resolve) => setImmediate(resolve))
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
