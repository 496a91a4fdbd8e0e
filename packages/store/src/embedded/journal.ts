// The truth of the documents: an append-only file of every write, chained and checksummed, rewritten when mostly stale.
import { existsSync, mkdirSync, readdirSync } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { JsonObject } from '@varde/schema'
import { type BrokenStretch, type FrameKind, type FrameLog, openFrameLog, readFrames, syncFolder } from './frame-log.ts'

export const journalKind: FrameKind = { letters: 'JRNL', version: 1, chained: true }

/** One write; without a document it is a deletion. */
export interface JournalEntry {
  collection: string
  id: string
  version: number
  doc?: JsonObject
}

/** Where a reader of the journal stands. */
export interface JournalPlace {
  file: string
  end: number
  link: string
}

export interface Journal {
  place(): JournalPlace
  append(entries: JournalEntry[]): Promise<JournalPlace>
  /** Writes what is given into a new file, which replaces this one once it is durable. */
  rewrite(entries: Iterable<JournalEntry>): Promise<JournalPlace>
  close(): Promise<void>
}

export function journalFolder(dir: string): string {
  return join(dir, 'documents')
}

/** The newest journal; older ones are left-overs of a rewrite that ended in a crash. */
export function journalFiles(dir: string): string[] {
  const folder = journalFolder(dir)
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => /^\d{8}\.journal$/.test(name))
    .sort()
}

export interface OpenedJournal {
  journal: Journal
  broken: BrokenStretch[]
}

/** `apply` gets every entry behind `known`, or all where that place is not in the file. */
export async function openJournal(
  dir: string,
  known: JournalPlace | undefined,
  apply: (entries: JournalEntry[], fromStart: boolean) => void,
): Promise<OpenedJournal> {
  const folder = journalFolder(dir)
  mkdirSync(folder, { recursive: true })
  const files = journalFiles(dir)
  const newest = files.at(-1)
  for (const old of files.slice(0, -1)) await rm(join(folder, old), { force: true })
  let file = newest ?? '00000001.journal'
  const broken: BrokenStretch[] = []
  let log: FrameLog
  if (newest === undefined) {
    apply([], true)
    log = await openFrameLog(join(folder, file), journalKind)
  } else log = await readOn(join(folder, file), file, known, apply, broken)

  const place = (): JournalPlace => ({ file, end: log.end, link: log.link.toString('hex') })
  const journal: Journal = {
    place,
    async append(entries) {
      await log.append([Buffer.from(JSON.stringify(entries))])
      return place()
    },
    async rewrite(entries) {
      const next = `${String(Number(file.slice(0, 8)) + 1).padStart(8, '0')}.journal`
      const path = join(folder, `${next}.tmp`)
      const fresh = await openFrameLog(path, journalKind)
      try {
        let group: JournalEntry[] = []
        for (const entry of entries) {
          group.push(entry)
          if (group.length < 500) continue
          await fresh.append([Buffer.from(JSON.stringify(group))])
          group = []
        }
        if (group.length > 0) await fresh.append([Buffer.from(JSON.stringify(group))])
        await rename(path, join(folder, next))
      } catch (error) {
        await fresh.close()
        await rm(path, { force: true })
        throw error
      }
      // An opening reads the newest journal: from here on no other may be written.
      const old = log
      log = fresh
      const oldFile = file
      file = next
      await syncFolder(folder)
      await old.close()
      await rm(join(folder, oldFile), { force: true })
      return place()
    },
    close: () => log.close(),
  }
  return { journal, broken }
}

async function readOn(
  path: string,
  file: string,
  known: JournalPlace | undefined,
  apply: (entries: JournalEntry[], fromStart: boolean) => void,
  broken: BrokenStretch[],
): Promise<FrameLog> {
  const isKnown = known !== undefined && known.file === file && endsFrame(path, known)
  const start = isKnown ? { from: known.end, link: Buffer.from(known.link, 'hex') } : undefined
  let end = start?.from ?? 0
  let link: Buffer | undefined = start?.link
  if (start === undefined) apply([], true)
  for (const read of readFrames(path, journalKind, start)) {
    if ('broken' in read) {
      broken.push(read.broken)
      if (!read.broken.tail) end = read.broken.end
      continue
    }
    const entries: JournalEntry[] = JSON.parse(read.frame.payload.toString('utf8'))
    apply(entries, false)
    end = read.frame.end
    link = read.frame.link
  }
  return openFrameLog(path, journalKind, end, link)
}

/** Whether the index was made from this very journal: the frames up to its place end in the same link. */
function endsFrame(path: string, known: JournalPlace): boolean {
  for (const read of readFrames(path, journalKind)) {
    if ('broken' in read) {
      if (read.broken.at >= known.end) return false
      continue
    }
    if (read.frame.end === known.end) return read.frame.link.toString('hex') === known.link
    if (read.frame.end > known.end) return false
  }
  return false
}
