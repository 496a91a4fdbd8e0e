// Which segments make up the store: a chained log of what was added, replaced and taken away, with every file's digest.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { VardeError } from '@varde/runtime'
import type { Partition } from './batch.ts'
import type { PackedField } from './field-catalogue.ts'
import { type FrameKind, type FrameLog, openFrameLog, readFrames } from './frame-log.ts'

export const manifestKind: FrameKind = { letters: 'MANI', version: 1, chained: true }

/** A row group's worth of a segment: the unit that time and text index prune. */
export interface Block {
  rows: number
  /** Oldest and newest event in it, UTC milliseconds, both included. */
  from: number
  to: number
}

export interface SegmentInfo {
  /** `<retention>-<chapter>`: names its files and the log file that it replaced. */
  name: string
  retention: string
  chapter: number
  rows: number
  bytes: number
  /** SHA-256 of the Parquet file and of the text index, 64 hex digits. */
  digest: string
  indexDigest: string
  indexBytes: number
  /** Oldest and newest event, UTC milliseconds, both included. */
  from: number
  to: number
  blocks: Block[]
  partitions: (Partition & { from: number; to: number })[]
  fields: PackedField[]
  /** Of `columns.ts`. */
  layout: 1
}

export type ManifestEntry =
  | { kind: 'add'; at: string; segment: SegmentInfo }
  /** The text index of a segment was built anew, in another format. */
  /** Erased or expired rows were taken out of a segment: another stands for it, or none where nothing was left. */
  | { kind: 'replace'; at: string; name: string; segment?: SegmentInfo }
  | { kind: 'reindex'; at: string; name: string; indexDigest: string; indexBytes: number }

export interface Manifest {
  segments(): SegmentInfo[]
  /** Names of segments that another has replaced: their files may still be there after a crash. */
  replaced(): ReadonlySet<string>
  /** The highest chapter of a class that ever was a segment. */
  highestChapter(retention: string): number
  append(entry: ManifestEntry): Promise<void>
  close(): Promise<void>
}

export function manifestPath(dir: string): string {
  return join(dir, 'events', 'manifest')
}

export async function openManifest(dir: string): Promise<Manifest> {
  const path = manifestPath(dir)
  const segments = new Map<string, SegmentInfo>()
  const replaced = new Set<string>()
  const chapters = new Map<string, number>()
  const add = (segment: SegmentInfo) => {
    segments.set(segment.name, segment)
    chapters.set(segment.retention, Math.max(segment.chapter, chapters.get(segment.retention) ?? 0))
  }
  const apply = (entry: ManifestEntry) => {
    if (entry.kind === 'add') add(entry.segment)
    else if (entry.kind === 'replace') {
      segments.delete(entry.name)
      replaced.add(entry.name)
      if (entry.segment !== undefined) add(entry.segment)
    } else {
      const segment = segments.get(entry.name)
      if (segment !== undefined) {
        segments.set(entry.name, { ...segment, indexDigest: entry.indexDigest, indexBytes: entry.indexBytes })
      }
    }
  }
  const log = existsSync(path) ? await reopen(path, apply) : await openFrameLog(path, manifestKind)
  return {
    segments: () => [...segments.values()],
    replaced: () => replaced,
    highestChapter: (retention) => chapters.get(retention) ?? 0,
    async append(entry) {
      await log.append([Buffer.from(JSON.stringify(entry))])
      apply(entry)
    },
    close: () => log.close(),
  }
}

async function reopen(path: string, apply: (entry: ManifestEntry) => void): Promise<FrameLog> {
  let end = 0
  let link: Buffer | undefined
  for (const read of readFrames(path, manifestKind)) {
    if ('broken' in read) {
      // A torn tail is an entry whose segment was never switched to: its log file is still there.
      if (read.broken.tail) continue
      throw new VardeError('STORE_DAMAGED', `${path} is damaged at byte ${read.broken.at}: ${read.broken.problem}`, {
        hint: 'Restore the manifest from a copy; the segments beside it are whole.',
        facts: { path, at: read.broken.at },
      })
    }
    const entry: ManifestEntry = JSON.parse(read.frame.payload.toString('utf8'))
    apply(entry)
    end = read.frame.end
    link = read.frame.link
  }
  return openFrameLog(path, manifestKind, end, link)
}
