// Looks at every byte of the store's files, names what is wrong, and makes derived files anew.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { rename, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { StoreFinding } from '../port.ts'
import { walKind } from './chapter.ts'
import type { CheckStep } from './core.ts'
import { documentIndexPath, openDocumentIndex } from './document-index.ts'
import { entriesOf, type OpenedDocuments } from './documents.ts'
import type { Engine } from './duckdb.ts'
import { type FrameKind, readFrames } from './frame-log.ts'
import { journalFiles, journalFolder, journalKind } from './journal.ts'
import { manifestKind, manifestPath, type SegmentInfo } from './manifest.ts'
import { blockRows, digestOf, indexPath, segmentPath } from './segment.ts'
import { coverSegments, rememberSource } from './sender-truth.ts'
import { type Senders, sendersPath } from './senders.ts'
import { literal } from './sql.ts'
import type { TextIndexes } from './text-index.ts'
import { textIndexOf } from './text-of-segment.ts'
import type { Tier } from './tier.ts'
import { tombstoneKind, tombstonesPath } from './tombstones.ts'

export interface CheckedStore {
  dir: string
  engine: Engine
  tier: Tier
  documents: Omit<OpenedDocuments, 'documents'>
  senders: Senders
  texts: TextIndexes
}

export async function* checkStore(store: CheckedStore): AsyncIterable<CheckStep> {
  const { dir, tier } = store
  const findings: StoreFinding[] = []
  const steps: (() => Promise<StoreFinding[]> | StoreFinding[])[] = [
    () => frames(dir, manifestPath(dir), manifestKind),
    ...tier.chapters().map((chapter) => () => frames(dir, chapter.walPath, walKind)),
    ...tier.segments().map((segment) => () => segmentFindings(store, segment)),
    () => (existsSync(tombstonesPath(dir)) ? frames(dir, tombstonesPath(dir), tombstoneKind) : []),
    () => damagedFiles(dir),
    () => senderFindings(store),
    ...journalFiles(dir).map((file) => () => frames(dir, join(journalFolder(dir), file), journalKind)),
    () => documentFindings(store),
  ]
  for (const [done, step] of steps.entries()) {
    yield { done, total: steps.length }
    findings.push(...(await step()))
  }
  yield { done: steps.length, total: steps.length }
  yield { findings }
}

function frames(dir: string, path: string, kind: FrameKind): StoreFinding[] {
  const findings: StoreFinding[] = []
  const file = relative(dir, path)
  // A log may have become a segment since the check began; the segment was checked, or will be next time.
  if (!existsSync(path)) return kind === walKind ? [] : [{ file, problem: 'the file is missing', rebuilt: false }]
  for (const read of readFrames(path, kind)) {
    if ('frame' in read || read.broken.tail) continue
    const { at, end, problem } = read.broken
    findings.push({ file, at: `bytes ${at}-${end - 1}`, problem, rebuilt: false })
  }
  return findings
}

async function segmentFindings(store: CheckedStore, segment: SegmentInfo): Promise<StoreFinding[]> {
  const { dir } = store
  const path = segmentPath(dir, segment.name)
  const file = relative(dir, path)
  if (!existsSync(path)) return [{ file, problem: 'the file is missing', rebuilt: false }]
  if ((await digestOf(path)) === segment.digest) return textFindings(store, segment)
  const blocks: number[] = []
  for (let block = 0; block * blockRows < segment.rows; block += 1) {
    const readable = await store.engine
      .rows(
        `SELECT CAST(count(COLUMNS(*)) AS DOUBLE) FROM read_parquet(${literal(path)}, file_row_number = true) ` +
          `WHERE file_row_number BETWEEN ${block * blockRows} AND ${(block + 1) * blockRows - 1}`,
      )
      .catch(() => undefined)
    if (readable === undefined) blocks.push(block)
  }
  const at = blocks.length === 0 ? {} : { at: `row group ${blocks.join(', ')}` }
  return [
    { file, ...at, problem: `not the file that was sealed (SHA-256 should be ${segment.digest})`, rebuilt: false },
  ]
}

/** Derived from the segment, whose own digest holds. */
async function textFindings(store: CheckedStore, segment: SegmentInfo): Promise<StoreFinding[]> {
  const path = indexPath(store.dir, segment.name)
  if (existsSync(path) && (await digestOf(path)) === segment.indexDigest) return []
  const file = relative(store.dir, path)
  const bytes = await textIndexOf(store.engine, segmentPath(store.dir, segment.name), segment.rows)
  if (createHash('sha256').update(bytes).digest('hex') !== segment.indexDigest) {
    return [
      { file, problem: 'the text index is damaged, and the one built anew is not the one recorded', rebuilt: false },
    ]
  }
  await writeFile(`${path}.tmp`, bytes, { flush: true })
  await rename(`${path}.tmp`, path)
  store.texts.forget(segment.name)
  return [{ file, problem: 'the text index was damaged', rebuilt: true }]
}

function damagedFiles(dir: string): StoreFinding[] {
  return readdirSync(join(dir, 'events', 'damaged')).map((name) => {
    const path = join(dir, 'events', 'damaged', name)
    const broken = [...readFrames(path, walKind)].flatMap((read) => ('broken' in read ? [read.broken] : []))
    const at = broken.map((stretch) => `bytes ${stretch.at}-${stretch.end - 1}`).join(', ')
    const problem = `part of this log could not be read when it was sealed (its ${statSync(path).size} bytes are kept here)`
    return { file: relative(dir, path), at, problem, rebuilt: false }
  })
}

async function senderFindings(store: CheckedStore): Promise<StoreFinding[]> {
  const { dir, engine, senders, tier } = store
  let wrong = 0
  const isWhole = senders.isWhole()
  if (!isWhole) {
    senders.clear()
    await coverSegments(engine, senders, tier)
  }
  const snapshot = tier.snapshot()
  try {
    for (const source of snapshot.sources) {
      // A segment that can't be read has a finding of its own.
      wrong += await rememberSource(engine, senders, tier, source).catch(() => 0)
    }
  } finally {
    snapshot.release()
  }
  if (isWhole && wrong === 0) return []
  return [
    {
      file: relative(dir, sendersPath(dir)),
      problem: 'the index of sender identities disagreed with the events',
      rebuilt: true,
    },
  ]
}

async function documentFindings(store: CheckedStore): Promise<StoreFinding[]> {
  const { dir, documents } = store
  const [file] = journalFiles(dir).slice(-1)
  // On a full disk the index may be behind for a while. Its writers wait for it, so that nobody is misled.
  if (file === undefined || documents.isBehind()) return []
  const isWhole = documents.index().isWhole()
  if (isWhole && agree(store, file)) return []
  // With a damaged journal the index knows more than it: it must not be thrown away.
  if (isWhole && frames(dir, join(journalFolder(dir), file), journalKind).length > 0) return []
  await documents.rebuildIndex()
  return [
    {
      file: relative(dir, documentIndexPath(dir)),
      problem: 'the index of documents disagreed with the journal',
      rebuilt: true,
    },
  ]
}

/** Row by row against an index made anew from the journal. */
function agree(store: CheckedStore, file: string): boolean {
  const fresh = openDocumentIndex(':memory:', [])
  try {
    for (const entries of entriesOf(store.dir, file)) fresh.apply(entries, undefined)
    const there = store.documents.index().all()
    for (const expected of fresh.all()) {
      const found = there.next()
      if (found.done === true || JSON.stringify(found.value) !== JSON.stringify(expected)) return false
    }
    return there.next().done === true
  } catch {
    return false
  } finally {
    fresh.close()
  }
}
