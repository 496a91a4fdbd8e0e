// The index of a collection: the document as it is, never looked into, and beside it what it can be asked by.
import { createHash } from 'node:crypto'
import { canonicalJson, type Json, type JsonObject } from '@varde/schema'
import type { Collection } from '../port.ts'
import type { DocumentSource, DocumentsDeps } from './documents.ts'
import { snapshotHits } from './event-search.ts'
import { createIndex, plainSettings } from './templates.ts'
import { numberText, readNumber } from './tokens.ts'

/** Where a path's key stands: a slash for the dot, so that `rule` and `rule.id` are two fields. */
export function keyField(path: string): string {
  return `keys.${keyName(path)}`
}

function keyName(path: string): string {
  return path.replaceAll('.', '/')
}

const keyLengthMax = 4_000

/** One term a value that sorts by kind and then by value; undefined for what counts as missing. */
export function keyText(value: Json | undefined): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'boolean') return `b${value}`
  if (typeof value === 'number') return `n${numberText(value)}`
  const text = typeof value === 'string' ? `s${value}` : `j${canonicalJson(value)}`
  if (text.length <= keyLengthMax) return text
  // Compared and sorted by its beginning, equal by its hash.
  return `${text.slice(0, keyLengthMax)}\u0000${createHash('sha256').update(text).digest('hex')}`
}

export function readKey(key: string): Json {
  const text = key.slice(1)
  if (key.startsWith('n')) return readNumber(text)
  if (key.startsWith('b')) return text === 'true'
  return key.startsWith('j') ? JSON.parse(text) : text
}

export function keysOf(doc: JsonObject, paths: readonly string[]): Record<string, string> {
  const keys: Record<string, string> = {}
  for (const path of paths) {
    const parts = path.split('.')
    let value: Json | undefined = doc
    for (const part of parts) {
      value = typeof value === 'object' && value !== null && !Array.isArray(value) ? value[part] : undefined
    }
    const key = keyText(value)
    if (key !== undefined) keys[keyName(path)] = key
  }
  return keys
}

function mappingOf(paths: readonly string[]): Record<string, unknown> {
  return {
    dynamic: false,
    _meta: { indexed: [...paths].sort() },
    properties: {
      doc: { type: 'object', enabled: false },
      id: { type: 'keyword' },
      keys: {
        type: 'object',
        properties: Object.fromEntries(paths.map((path) => [keyName(path), { type: 'keyword' }])),
      },
    },
  }
}

interface MappingAnswer {
  [index: string]: { mappings: { _meta?: { indexed?: string[] } } }
}

/** Makes the index, or teaches an older one the paths that were added since. */
export async function ensureCollection(deps: DocumentsDeps, { name, indexed }: Collection): Promise<void> {
  const { connection, names, layout } = deps
  const index = names.collection(name)
  const mappings = mappingOf(indexed)
  await createIndex(connection, index, { settings: plainSettings(layout), mappings })
  const { body } = await connection.ask<MappingAnswer>('GET', `/${index}/_mapping`)
  const known = new Set(Object.values(body)[0]?.mappings._meta?.indexed ?? [])
  if (indexed.every((path) => known.has(path))) return
  const { properties } = mappings
  await connection.ask('PUT', `/${index}/_mapping`, { body: { properties } })
  await rewriteKeys(deps, index, indexed)
  // Said last: a crash before it only means doing this again.
  await connection.ask('PUT', `/${index}/_mapping`, {
    body: { _meta: { indexed: [...new Set([...known, ...indexed])].sort() } },
  })
}

async function rewriteKeys({ connection }: DocumentsDeps, index: string, paths: readonly string[]): Promise<void> {
  await connection.ask('POST', `/${index}/_refresh`)
  const body = { query: { match_all: {} }, sort: [{ id: 'asc' }], seq_no_primary_term: true }
  for await (const hits of snapshotHits<DocumentSource>({ connection }, index, body, { batch: 500 })) {
    for (const { _id: id, _source: source, _seq_no: seq = 0, _primary_term: term = 0 } of hits) {
      await connection.ask('PUT', `/${index}/_doc/${encodeURIComponent(id)}`, {
        body: { ...source, keys: keysOf(source.doc, paths) },
        query: { if_seq_no: seq, if_primary_term: term },
        // Somebody wrote it meanwhile: with the new keys.
        accept: [409],
      })
    }
  }
}
