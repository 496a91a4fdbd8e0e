// Looks at every byte of the store's files, names what is wrong, and makes derived files anew.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { StoreFinding } from '../port.ts'
import { walKind } from './chapter.ts'
import type { CheckStep } from './core.ts'
import type { OpenedDocuments } from './documents.ts'
import type { Engine } from './duckdb.ts'
import { type FrameKind, readFrames } from './frame-log.ts'
import { journalFiles, journalFolder, journalKind } from './journal.ts'
import { manifestKind, manifestPath, type SegmentInfo } from './manifest.ts'
import { blockRows, digestOf, segmentPath } from './segment.ts'
import type { Senders } from './senders.ts'
import { literal } from './sql.ts'
import type { TextIndexes } from './text-index.ts'
import type { Tier } from './tier.ts'

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
    ...journalFiles(dir).map((file) => () => frames(dir, join(journalFolder(dir), file), journalKind)),
    () => damagedFiles(dir),
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
  if (!existsSync(path)) return [{ file: relative(dir, path), problem: 'the file is missing', rebuilt: false }]
  for (const read of readFrames(path, kind)) {
    if ('frame' in read || read.broken.tail) continue
    const { at, end, problem } = read.broken
    findings.push({ file: relative(dir, path), at: `bytes ${at}-${end - 1}`, problem, rebuilt: false })
  }
  return findings
}

async function segmentFindings(store: CheckedStore, segment: SegmentInfo): Promise<StoreFinding[]> {
  const { dir } = store
  const path = segmentPath(dir, segment.name)
  if (!existsSync(path)) return [{ file: relative(dir, path), problem: 'the file is missing', rebuilt: false }]
  if ((await digestOf(path)) === segment.digest) return []
  const blocks: string[] = []
  for (let block = 0; block * blockRows < segment.rows; block += 1) {
    const columns = await store.engine
      .rows(
        `SELECT CAST(count(COLUMNS(*)) AS DOUBLE) FROM read_parquet(${literal(path)}, file_row_number = true) ` +
          `WHERE file_row_number BETWEEN ${block * blockRows} AND ${(block + 1) * blockRows - 1}`,
      )
      .catch(() => undefined)
    if (columns === undefined) blocks.push(String(block))
  }
  const at = blocks.length === 0 ? {} : { at: `row group ${blocks.join(', ')}` }
  return [
    { file: relative(dir, path), ...at, problem: 'the file is not the one that was sealed (SHA-256)', rebuilt: false },
  ]
}

function damagedFiles(dir: string): StoreFinding[] {
  return readdirSync(join(dir, 'events', 'damaged')).map((file) => {
    const path = join(dir, 'events', 'damaged', file)
    const broken = [...readFrames(path, walKind)].flatMap((read) => ('broken' in read ? [read.broken] : []))
    const at = broken.map((stretch) => `bytes ${stretch.at}-${stretch.end - 1}`).join(', ')
    return {
      file: relative(dir, path),
      at,
      problem: `part of this log could not be read when it was sealed (${readFileSync(path).length} bytes are kept here)`,
      rebuilt: false,
    }
  })
}
