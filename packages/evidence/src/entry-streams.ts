// Appends to sealed streams and reads them, over whatever store its owner hands in (a structural part of the store's port).
import type { JsonObject } from '@varde/schema'
import { type EntryLink, entryId, isEntryStream, type SealedEntry, sealEntry } from './entry.ts'

/** The collection of entries: `collections.entries` of the store, indexed by link.stream, link.seq, link.at, body.subject and body.action. */
const collection = 'entries'
const page = 1_000

interface Found {
  id: string
  version: number
  doc: JsonObject
}

/** What is needed of the store's documents. */
export interface EntryDocuments {
  get(collection: string, id: string): Promise<Found | undefined>
  create(
    collection: string,
    id: string,
    doc: JsonObject,
  ): Promise<{ ok: true; version: number } | { ok: false; current: Found | undefined }>
  list(
    collection: string,
    query: {
      where?: Record<string, string | number | { gte?: number; lt?: number }>
      sort?: { by: string; order: 'asc' | 'desc' }
      limit: number
      cursor?: string
    },
  ): Promise<{ docs: Found[]; next?: string }>
}

export interface EntryStreams {
  /**
   * Appends to a stream such as `@custody`; the first append makes the stream. Durable and chained when it resolves, signed by the
   * next head. A body that has a `subject` (the id of a case, alert, user …) or an `action` can be listed by it.
   */
  append(stream: string, body: JsonObject): Promise<SealedEntry>
  /** All entries in their order; of one subject only, where it is given. */
  read(stream: string, options?: { subject?: string; from?: number; to?: number }): AsyncIterable<SealedEntry>
  get(stream: string, seq: number): Promise<SealedEntry | undefined>
  last(stream: string): Promise<SealedEntry | undefined>
  /** The streams that have entries. */
  names(): Promise<string[]>
}

/** An entry out of the documents: written here alone, so its shape is trusted here and checked by `varde verify`. */
function entryOf(doc: JsonObject): SealedEntry {
  return JSON.parse(JSON.stringify(doc))
}

function documentOf(entry: SealedEntry): JsonObject {
  return JSON.parse(JSON.stringify(entry))
}

/** Several processes may append to one stream: who loses the create of the next number links behind the entry that won. */
export function openEntryStreams(options: { documents: EntryDocuments; clock: { now(): number } }): EntryStreams {
  const { documents, clock } = options
  const tips = new Map<string, EntryLink | undefined>()
  const queues = new Map<string, Promise<unknown>>()

  const get = async (stream: string, seq: number): Promise<SealedEntry | undefined> => {
    const found = await documents.get(collection, entryId({ stream, seq }))
    return found === undefined ? undefined : entryOf(found.doc)
  }

  /** By realtime get of seq + 1; a list is only a hint of where to begin (as with seals). */
  const last = async (stream: string): Promise<SealedEntry | undefined> => {
    const hint = await documents.list(collection, {
      where: { 'link.stream': stream },
      sort: { by: 'link.seq', order: 'desc' },
      limit: 1,
    })
    const [first] = hint.docs
    let found = first === undefined ? undefined : entryOf(first.doc)
    for (;;) {
      const next = await get(stream, found === undefined ? 0 : found.link.seq + 1)
      if (next === undefined) return found
      found = next
    }
  }

  const appendNow = async (stream: string, body: JsonObject): Promise<SealedEntry> => {
    let previous = tips.has(stream) ? tips.get(stream) : (await last(stream))?.link
    for (;;) {
      const entry = sealEntry({ stream, body, at: clock.now(), ...(previous === undefined ? {} : { previous }) })
      const written = await documents.create(collection, entryId(entry.link), documentOf(entry))
      if (written.ok) {
        tips.set(stream, entry.link)
        return entry
      }
      // Another process was first: behind its entry, then.
      previous = (await last(stream))?.link
    }
  }

  return {
    append(stream, body) {
      if (!isEntryStream(stream)) throw new RangeError(`${stream} is no name of a stream of entries, such as @custody`)
      const mine = (queues.get(stream) ?? Promise.resolve()).then(() => appendNow(stream, body))
      queues.set(
        stream,
        mine.catch(() => tips.delete(stream)),
      )
      return mine
    },
    async *read(stream, { subject, from = 0, to } = {}) {
      let next = from
      for (;;) {
        const { docs } = await documents.list(collection, {
          where: {
            'link.stream': stream,
            'link.seq': { gte: next, ...(to === undefined ? {} : { lt: to }) },
            ...(subject === undefined ? {} : { 'body.subject': subject }),
          },
          sort: { by: 'link.seq', order: 'asc' },
          limit: page,
        })
        for (const { doc } of docs) {
          const entry = entryOf(doc)
          next = entry.link.seq + 1
          yield entry
        }
        if (docs.length < page) return
      }
    },
    get,
    last,
    async names() {
      const { docs } = await documents.list(collection, { where: { 'link.seq': 0 }, limit: page })
      return docs.map(({ doc }) => entryOf(doc).link.stream).sort()
    },
  }
}
