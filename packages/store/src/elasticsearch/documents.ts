// Small documents: one plain index a collection, single writers by sequence number, lists that see every write before them.
import { randomUUID } from 'node:crypto'
import { VardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { packCursor, unpackCursor } from '../cursor.ts'
import type { Collection, Condition, DocumentQuery, DocumentStore, Versioned, WriteOutcome } from '../port.ts'
import type { Connection } from './connection.ts'
import { ensureCollection, keyField, keysOf, readKey } from './document-index.ts'
import { checkIndexed, whereClause } from './document-query.ts'
import { type Found, wholeAnswer } from './event-search.ts'
import type { Names } from './names.ts'
import { readPatienceMs, repeated } from './repeat.ts'
import type { IndexLayout } from './templates.ts'

export interface DocumentSource {
  doc: JsonObject
  id: string
  /** Of the write: tells our own, when an answer was lost, from somebody else's. */
  write: string
}

interface Got {
  found: boolean
  _seq_no: number
  _primary_term: number
  _source: DocumentSource
}

interface Written {
  _seq_no: number
  _primary_term: number
}

const documentBytesMax = 16 * 1024 * 1024
const listMax = 10_000
const countByMax = 10_000
/** How long a write is sent again before it fails. One whose answer was lost finds itself: it carries its own name. */
const patienceMs = 20_000

/** Sequence numbers go up within a term, and the term with every new primary: one number that goes up with each write. */
const termFactor = 2 ** 40

function versionOf({ _seq_no: seq, _primary_term: term }: { _seq_no: number; _primary_term: number }): number {
  return term * termFactor + seq
}

export interface DocumentsDeps {
  connection: Connection
  names: Names
  layout: IndexLayout
  collections: readonly Collection[]
}

export function createDocuments(deps: DocumentsDeps): DocumentStore {
  const { connection, names } = deps
  const indexed = new Map(deps.collections.map(({ name, indexed: paths }) => [name, paths]))
  const ready = new Map<string, Promise<void>>()

  const indexOf = async (collection: string): Promise<string> => {
    let made = ready.get(collection)
    if (made === undefined) {
      made = ensureCollection(deps, { name: collection, indexed: indexed.get(collection) ?? [] })
      made.catch(() => ready.delete(collection))
      ready.set(collection, made)
    }
    await made
    return names.collection(collection)
  }
  const pathOf = (index: string, id: string, door: '_doc' | '_create') =>
    `/${index}/${door}/${encodeURIComponent(checkedId(id))}`
  const pathsOf = (collection: string) => indexed.get(collection) ?? []

  const get = async (
    collection: string,
    id: string,
  ): Promise<(Versioned<JsonObject> & { write: string }) | undefined> => {
    const index = await indexOf(collection)
    const { body } = await connection.ask<Partial<Got>>('GET', pathOf(index, id, '_doc'), { accept: [404] })
    if (body.found !== true || body._source === undefined) return undefined
    const version = versionOf({ _seq_no: body._seq_no ?? 0, _primary_term: body._primary_term ?? 0 })
    return { id, version, doc: body._source.doc, write: body._source.write }
  }

  const put = async (
    collection: string,
    id: string,
    doc: JsonObject,
    ifVersion: number | undefined,
  ): Promise<WriteOutcome<JsonObject>> => {
    const index = await indexOf(collection)
    const write = randomUUID()
    const body = { doc, id, write, keys: keysOf(doc, pathsOf(collection)) }
    const text = JSON.stringify(body)
    if (text.length > documentBytesMax) {
      throw new VardeError('STORE_LIMIT', `a document may have ${documentBytesMax} bytes at most`, {
        facts: { collection, id },
      })
    }
    const conflict = async (): Promise<WriteOutcome<JsonObject>> => {
      const current = await get(collection, id)
      if (current?.write === write) return { ok: true, version: current.version }
      return { ok: false, current: plain(current) }
    }
    const door = ifVersion === undefined ? '_create' : '_doc'
    const query = ifVersion === undefined ? {} : ifVersionQuery(ifVersion)
    return repeated(async () => {
      const answer = await connection.ask<Written>('PUT', pathOf(index, id, door), { body, query, accept: [409] })
      return answer.status === 409 ? conflict() : { ok: true, version: versionOf(answer.body) }
    }, patienceMs)
  }

  /** Lists see every write that was answered before them, whoever made it. */
  const fresh = async <A>(collection: string, body: Record<string, unknown>): Promise<Found<A, DocumentHit>> => {
    const index = await indexOf(collection)
    return repeated(async () => {
      await connection.ask('POST', `/${index}/_refresh`)
      const { body: found } = await connection.ask<Found<A, DocumentHit>>('POST', `/${index}/_search`, { body })
      return wholeAnswer(found)
    }, readPatienceMs)
  }
  const clauseOf = (collection: string, where: Record<string, Condition> | undefined) =>
    whereClause(collection, pathsOf(collection), where)

  const count = async (collection: string, where?: Record<string, Condition>): Promise<number> => {
    const found = await fresh(collection, { size: 0, track_total_hits: true, query: clauseOf(collection, where) })
    return found.hits.total?.value ?? 0
  }

  const list = async (
    collection: string,
    query: DocumentQuery,
  ): Promise<{ docs: Versioned<JsonObject>[]; next?: string }> => {
    if (!Number.isInteger(query.limit) || query.limit < 1 || query.limit > listMax) {
      throw new VardeError('STORE_LIMIT', `a page has between 1 and ${listMax} documents, not ${query.limit}`)
    }
    const sort = sortOf(collection, pathsOf(collection), query)
    const after = query.cursor === undefined ? undefined : unpackCursor('documents', query.cursor, sort.length)
    const found = await fresh(collection, {
      size: query.limit,
      seq_no_primary_term: true,
      track_total_hits: false,
      query: clauseOf(collection, query.where),
      sort,
      ...(after === undefined ? {} : { search_after: after }),
    })
    const docs = found.hits.hits.map((hit) => ({ id: hit._id, version: versionOf(hit), doc: hit._source.doc }))
    const last = found.hits.hits.at(-1)?.sort
    // A full page may be the last one: then the next is empty and has no next.
    if (docs.length < query.limit || last === undefined) return { docs }
    return { docs, next: packCursor('documents', last) }
  }

  const countBy = async (collection: string, path: string, where?: Record<string, Condition>) => {
    checkIndexed(collection, pathsOf(collection), path)
    const body = {
      size: 0,
      track_total_hits: false,
      query: clauseOf(collection, where),
      aggs: { by: { terms: { field: keyField(path), size: countByMax } } },
    }
    const found = await fresh<{ by: { sum_other_doc_count: number; buckets: { key: string; doc_count: number }[] } }>(
      collection,
      body,
    )
    const by = found.aggregations?.by
    if (by !== undefined && by.sum_other_doc_count > 0) {
      throw new VardeError('STORE_LIMIT', `${collection} has more than ${countByMax} values of ${path}`)
    }
    return (by?.buckets ?? [])
      .map((bucket) => ({ value: readKey(bucket.key), count: bucket.doc_count }))
      .sort((a, b) => b.count - a.count || (JSON.stringify(a.value) < JSON.stringify(b.value) ? -1 : 1))
  }

  return typed({
    async get(collection, id) {
      return plain(await get(collection, id))
    },
    create: (collection, id, doc) => put(collection, id, doc, undefined),
    update: (collection, id, doc, ifVersion) => put(collection, id, doc, ifVersion),
    async delete(collection, id, ifVersion) {
      const index = await indexOf(collection)
      return repeated(async () => {
        const answer = await connection.ask<Written>('DELETE', pathOf(index, id, '_doc'), {
          query: ifVersionQuery(ifVersion),
          accept: [404, 409],
        })
        if (answer.status === 200) return { ok: true, version: versionOf(answer.body) }
        return { ok: false, current: plain(await get(collection, id)) }
      }, patienceMs)
    },
    list,
    countBy,
    count,
  })
}

interface DocumentHit {
  _id: string
  _seq_no: number
  _primary_term: number
  _source: DocumentSource
  sort?: (string | number | null)[]
}

function plain(found: (Versioned<JsonObject> & { write: string }) | undefined): Versioned<JsonObject> | undefined {
  return found === undefined ? undefined : { id: found.id, version: found.version, doc: found.doc }
}

function ifVersionQuery(version: number): { if_seq_no: number; if_primary_term: number } {
  const known = Number.isSafeInteger(version) && version >= termFactor
  // No document has it: the answer is a conflict, as for any other stale version.
  if (!known) return { if_seq_no: Number.MAX_SAFE_INTEGER, if_primary_term: 1 }
  return { if_seq_no: version % termFactor, if_primary_term: Math.floor(version / termFactor) }
}

/** Elasticsearch's bound on ids. */
function checkedId(id: string): string {
  if (Buffer.byteLength(id) <= 512 && id !== '') return id
  throw new VardeError('STORE_LIMIT', 'an id of a document has between 1 and 512 bytes', {
    facts: { id: id.slice(0, 100) },
  })
}

function sortOf(collection: string, paths: readonly string[], query: DocumentQuery): Record<string, unknown>[] {
  const order = query.sort?.order ?? 'asc'
  if (query.sort === undefined) return [{ id: { order } }]
  checkIndexed(collection, paths, query.sort.by)
  const missing = order === 'asc' ? '_first' : '_last'
  return [{ [keyField(query.sort.by)]: { order, missing } }, { id: { order } }]
}

/**
 * What a collection holds is what its owner wrote into it: the port trusts the caller's type (its casts stand here,
 * and owners parse with zod where a document may come from an older version).
 */
function typed(documents: UntypedDocuments): DocumentStore {
  return {
    ...documents,
    get: (collection, id) => documents.get(collection, id) as Promise<never>,
    create: (collection, id, doc) => documents.create(collection, id, doc) as Promise<WriteOutcome<never>>,
    update: (collection, id, doc, ifVersion) =>
      documents.update(collection, id, doc, ifVersion) as Promise<WriteOutcome<never>>,
    list: (collection, query) =>
      documents.list(collection, query) as Promise<{ docs: Versioned<never>[]; next?: string }>,
  }
}

interface UntypedDocuments extends Omit<DocumentStore, 'get' | 'create' | 'update' | 'list'> {
  get(collection: string, id: string): Promise<Versioned<JsonObject> | undefined>
  create(collection: string, id: string, doc: JsonObject): Promise<WriteOutcome<JsonObject>>
  update(collection: string, id: string, doc: JsonObject, ifVersion: number): Promise<WriteOutcome<JsonObject>>
  list(collection: string, query: DocumentQuery): Promise<{ docs: Versioned<JsonObject>[]; next?: string }>
}
