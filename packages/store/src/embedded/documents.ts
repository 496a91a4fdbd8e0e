// Small documents: each write is decided against what is there, journaled durably, then shown, then answered.
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { VardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import type { Collection, DocumentQuery, DocumentStore, Versioned, WriteOutcome } from '../port.ts'
import {
  type DocumentIndex,
  type DocumentTexts,
  documentIndexPath,
  openDocumentIndex,
  removeDocumentIndex,
} from './document-index.ts'
import { type BrokenStretch, readFrames } from './frame-log.ts'
import { type JournalEntry, type JournalPlace, journalFolder, journalKind, openJournal } from './journal.ts'

export interface Documents extends Omit<DocumentStore, 'get' | 'create' | 'update' | 'list'> {
  get(collection: string, id: string): Promise<Versioned<JsonObject> | undefined>
  create(collection: string, id: string, doc: JsonObject): Promise<WriteOutcome<JsonObject>>
  update(collection: string, id: string, doc: JsonObject, ifVersion: number): Promise<WriteOutcome<JsonObject>>
  list(collection: string, query: DocumentQuery): Promise<DocumentTexts>
}

export interface OpenedDocuments {
  documents: Documents
  index(): DocumentIndex
  /** Replaces the derived index by a new one made from the journal. */
  rebuildIndex(): Promise<void>
  /** Whether the journal holds writes that the index could not take yet. */
  isBehind(): boolean
  broken: BrokenStretch[]
  close(): Promise<void>
}

interface Write {
  collection: string
  id: string
  doc?: JsonObject
  /** Undefined: only where the id is free. */
  ifVersion: number | undefined
  resolve(outcome: WriteOutcome<JsonObject>): void
  reject(error: unknown): void
}

/** A journal is rewritten when it is larger than this and than four times its live documents. */
const rewriteBytesMin = 32 * 1024 * 1024
const documentBytesMax = 16 * 1024 * 1024
const groupMax = 2_000
/** How often an index that could not take what is in the journal is asked again. */
const showAgainMs = 250

export async function openDocuments(dir: string, collections: readonly Collection[]): Promise<OpenedDocuments> {
  let index = openDocumentIndex(documentIndexPath(dir), collections)
  const { journal, broken } = await openJournal(dir, index.place(), (entries, fromStart) => {
    if (fromStart) index.clear()
    if (entries.length > 0) index.apply(entries, undefined)
  })
  // A store must open on a full disk too, to be read: nothing is written where nothing is new.
  if (JSON.stringify(index.place()) !== JSON.stringify(journal.place())) index.apply([], journal.place())
  let version = index.highestVersion()
  let nextLookBytes = rewriteBytesMin
  const waiting: Write[] = []
  let running: Promise<void> | undefined
  let behind = false
  let closed = false

  const run = async () => {
    while (waiting.length > 0) {
      const group = waiting.splice(0, groupMax)
      await commit(group)
      await rewriteIfStale()
    }
    running = undefined
  }

  const rewriteIfStale = async () => {
    const { end } = journal.place()
    if (end < nextLookBytes) return
    // Without room for a second journal this one grows on until there is.
    const place = end > 4 * index.bytes() ? await journal.rewrite(index.all()).catch(() => undefined) : undefined
    if (place !== undefined) await show([], place)
    nextLookBytes = Math.max(rewriteBytesMin, 2 * journal.place().end)
  }

  const commit = async (group: Write[]) => {
    const overlay = new Map<string, Versioned<JsonObject> | undefined>()
    const entries: JournalEntry[] = []
    const answers: (() => void)[] = []
    let place: JournalPlace
    try {
      for (const write of group) decide(write, overlay, entries, answers)
      place = entries.length > 0 ? await journal.append(entries) : journal.place()
    } catch (error) {
      for (const { reject } of group) reject(error)
      return
    }
    if (entries.length > 0) await show(entries, place)
    for (const answer of answers) answer()
  }

  /**
   * What is in the journal has happened, so its writers are never told that it failed: where the index has no room for
   * it they wait until there is, and whoever comes after them is refused with nothing written. A close doesn't wait:
   * the next opening reads the journal on from where the index stands.
   */
  const show = async (entries: JournalEntry[], place: JournalPlace) => {
    while (true) {
      try {
        index.apply(entries, place)
        behind = false
        return
      } catch (error) {
        behind = true
        for (const { reject } of waiting.splice(0)) reject(error)
        if (closed) return
        await pause(showAgainMs)
      }
    }
  }

  const decide = (
    write: Write,
    overlay: Map<string, Versioned<JsonObject> | undefined>,
    entries: JournalEntry[],
    answers: (() => void)[],
  ) => {
    const { collection, id, doc, ifVersion } = write
    const key = JSON.stringify([collection, id])
    const current = overlay.has(key) ? overlay.get(key) : index.get(collection, id)
    if (current?.version !== ifVersion) {
      answers.push(() => write.resolve({ ok: false, current }))
      return
    }
    version += 1
    const mine = version
    entries.push(doc === undefined ? { collection, id, version: mine } : { collection, id, version: mine, doc })
    overlay.set(key, doc === undefined ? undefined : { id, version: mine, doc })
    answers.push(() => write.resolve({ ok: true, version: mine }))
  }

  const put = (write: Omit<Write, 'resolve' | 'reject'>): Promise<WriteOutcome<JsonObject>> =>
    new Promise((resolve, reject) => {
      if (closed) throw new VardeError('STORE_CLOSED', 'the store is closed')
      if (write.doc !== undefined && JSON.stringify(write.doc).length > documentBytesMax) {
        throw new VardeError('STORE_LIMIT', `a document may have ${documentBytesMax} bytes at most`, {
          facts: { collection: write.collection, id: write.id },
        })
      }
      waiting.push({ ...write, resolve, reject })
      running ??= Promise.resolve().then(run)
    })

  const open = <T>(work: () => T): Promise<T> =>
    new Promise((resolve) => {
      if (closed) throw new VardeError('STORE_CLOSED', 'the store is closed')
      resolve(work())
    })

  return {
    documents: {
      get: (collection, id) => open(() => index.get(collection, id)),
      create: (collection, id, doc) => put({ collection, id, doc, ifVersion: undefined }),
      update: (collection, id, doc, ifVersion) => put({ collection, id, doc, ifVersion }),
      delete: (collection, id, ifVersion) => put({ collection, id, ifVersion }),
      list: (collection, query) => open(() => index.list(collection, query)),
      countBy: (collection, path, where) => open(() => index.countBy(collection, path, where)),
      count: (collection, where) => open(() => index.count(collection, where)),
    },
    index: () => index,
    isBehind: () => behind,
    async rebuildIndex() {
      await running
      const { file } = journal.place()
      index.close()
      removeDocumentIndex(documentIndexPath(dir))
      index = openDocumentIndex(documentIndexPath(dir), collections)
      for (const entries of entriesOf(dir, file)) index.apply(entries, undefined)
      index.apply([], journal.place())
    },
    broken,
    async close() {
      closed = true
      await running
      await journal.close()
      index.close()
    },
  }
}

/** What the whole frames of a journal say, in order. */
export function* entriesOf(dir: string, file: string): Generator<JournalEntry[]> {
  for (const read of readFrames(join(journalFolder(dir), file), journalKind)) {
    if ('broken' in read) continue
    const entries: JournalEntry[] = JSON.parse(read.frame.payload.toString('utf8'))
    yield entries
  }
}
