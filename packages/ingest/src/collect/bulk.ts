// Elasticsearch's `_bulk`, as Winlogbeat, Filebeat, Fluent Bit and Vector speak it: an append-only target with `_id` as sender key.
// Shapes: https://www.elastic.co/guide/en/elasticsearch/reference/8.17/docs-bulk.html
import { createHash } from 'node:crypto'
import type { Incoming } from '../raw-topic.ts'
import { type ByteStream, linesOf, readBody } from './body.ts'
import { elasticHeaders } from './handshake.ts'
import { bounded, type HttpContext, type HttpDeps, type HttpReply, originOf, refusalOf } from './http.ts'

interface Action {
  /** `update` and `delete` are answered and change nothing: what came in stays. */
  kind: 'create' | 'index' | 'update' | 'delete'
  index: string
  id: string | undefined
}

interface Item {
  action: Action
  raw: Buffer | undefined
}

type Parsed = { ok: true; items: Item[] } | { ok: false; reason: string }

/** Keys that this collector has written lately: a resend is answered without being written again. */
export interface RecentKeys {
  has(source: string, key: string, payload: string): boolean
  add(source: string, key: string, payload: string): void
}

export function createRecentKeys(keysMax = 200_000): RecentKeys {
  let young = new Map<string, string>()
  let old = new Map<string, string>()
  const name = (source: string, key: string) => `${source}\n${key}`
  return {
    has: (source, key, payload) => (young.get(name(source, key)) ?? old.get(name(source, key))) === payload,
    add(source, key, payload) {
      young.set(name(source, key), payload)
      if (young.size < keysMax / 2) return
      old = young
      young = new Map()
    },
  }
}

/** 200 with an item a line, as Elasticsearch answers; 400, 413, 415, 429 and 503 as it refuses: then nothing was kept. */
export async function acceptBulk(
  stream: ByteStream,
  context: HttpContext,
  deps: HttpDeps & { recentKeys: RecentKeys },
): Promise<HttpReply> {
  const { counters } = deps
  const started = performance.now()
  counters.requests += 1
  const read = await readBody(stream, context.contentEncoding, deps.bodyLimits)
  if (!read.ok) {
    counters.refusedRequests += 1
    if (read.limit !== undefined) counters.bombs += 1
    return failure(read.status, 'illegal_argument_exception', read.reason)
  }
  const parsed = parseBulk(read.body, context.index)
  if (!parsed.ok) {
    counters.refusedRequests += 1
    return failure(400, 'illegal_argument_exception', parsed.reason)
  }
  const records: Incoming[] = []
  const written: { source: string; key: string; payload: string }[] = []
  const replies: string[] = []
  let errors = false
  for (const item of parsed.items) {
    const outcome = take(item, context, deps, records, written)
    errors ||= outcome.failed
    replies.push(outcome.text)
  }
  try {
    await deps.appender.append(records)
  } catch (error) {
    counters.refusedRequests += 1
    const { status, reason } = refusalOf(error)
    return failure(status, status === 429 ? 'es_rejected_execution_exception' : 'cluster_block_exception', reason)
  }
  for (const { source, key, payload } of written) deps.recentKeys.add(source, key, payload)
  counters.receivedRecords += records.length
  counters.receivedBytes += read.body.length
  const took = Math.round(performance.now() - started)
  return {
    status: 200,
    headers: elasticHeaders,
    body: `{"took":${took},"errors":${errors},"items":[${replies.join(',')}]}`,
  }
}

function take(
  { action, raw }: Item,
  context: HttpContext,
  deps: HttpDeps & { recentKeys: RecentKeys },
  records: Incoming[],
  written: { source: string; key: string; payload: string }[],
): { text: string; failed: boolean } {
  if (raw === undefined || action.kind === 'update' || action.kind === 'delete') {
    return itemError(
      action,
      400,
      'illegal_argument_exception',
      'this is an append-only log store: only create and index are taken',
    )
  }
  const origin = originOf(deps, context, 'bulk', context.dataset ?? datasetOf(action.index))
  if (action.id === undefined) {
    records.push(bounded({ origin, raw }, deps))
    return itemDone(action, 201, 'created')
  }
  const payload = createHash('sha256').update(raw).digest('base64')
  const source = `${origin.tenant}/${origin.source}`
  if (deps.recentKeys.has(source, action.id, payload)) {
    deps.counters.duplicates += 1
    if (action.kind === 'create') {
      return itemError(
        action,
        409,
        'version_conflict_engine_exception',
        `[${action.id}]: version conflict, document already exists (current version [1])`,
      )
    }
    return itemDone(action, 200, 'noop')
  }
  records.push(bounded({ origin, raw, sender: { key: action.id } }, deps))
  written.push({ source, key: action.id, payload })
  return itemDone(action, 201, 'created')
}

/** `logs-cisco_asa.log-default` is a data stream's name: type, dataset, namespace. */
function datasetOf(index: string): string | undefined {
  return /^logs-([a-z0-9_.]+)-[a-z0-9_.]+$/.exec(index)?.[1]
}

const kinds: readonly Action['kind'][] = ['create', 'index', 'update', 'delete']

function parseAction(line: Buffer, index: string | undefined): Action | undefined {
  let value: unknown
  try {
    value = JSON.parse(line.toString('utf8'))
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null) return undefined
  const [first, ...others] = Object.entries(value)
  const kind = kinds.find((name) => name === first?.[0])
  if (first === undefined || others.length > 0 || kind === undefined) return undefined
  const facts: unknown = first[1]
  const read = (name: string): string | undefined => {
    if (typeof facts !== 'object' || facts === null) return undefined
    const found = Object.entries(facts).find(([key]) => key === name)?.[1]
    return typeof found === 'string' || typeof found === 'number' ? String(found) : undefined
  }
  return { kind, index: read('_index') ?? index ?? 'logs', id: read('_id') }
}

/** All of a body or nothing: a malformed action line refuses the request, as Elasticsearch does. */
export function parseBulk(body: Buffer, index: string | undefined): Parsed {
  const items: Item[] = []
  let action: Action | undefined
  let line = 0
  for (const raw of linesOf(body)) {
    line += 1
    if (action !== undefined) {
      items.push({ action, raw })
      action = undefined
      continue
    }
    if (raw.length === 0) continue
    const next = parseAction(raw, index)
    if (next === undefined) {
      return {
        ok: false,
        reason: `Malformed action/metadata line [${line}], expected one of [create, delete, index, update]`,
      }
    }
    if (next.kind === 'delete') items.push({ action: next, raw: undefined })
    else action = next
  }
  if (action !== undefined)
    return { ok: false, reason: `The bulk request ends after the action in line [${line}]: its document is missing` }
  if (items.length === 0) return { ok: false, reason: 'Validation Failed: 1: no requests added;' }
  return { ok: true, items }
}

let made = 0

function itemDone(action: Action, status: number, result: string): { text: string; failed: boolean } {
  made += 1
  const id = action.id ?? `varde-${made.toString(36)}`
  const text = `{"${action.kind}":{"_index":${JSON.stringify(action.index)},"_id":${JSON.stringify(id)},"_version":1,"result":"${result}","_shards":{"total":1,"successful":1,"failed":0},"_seq_no":${made},"_primary_term":1,"status":${status}}}`
  return { text, failed: false }
}

function itemError(action: Action, status: number, type: string, reason: string): { text: string; failed: boolean } {
  const body = {
    [action.kind]: {
      _index: action.index,
      _id: action.id ?? null,
      status,
      error: { type, reason, index: action.index },
    },
  }
  return { text: JSON.stringify(body), failed: true }
}

function failure(status: number, type: string, reason: string): HttpReply {
  const headers =
    status === 429 || status === 503 ? { ...elasticHeaders, 'retry-after': status === 429 ? '1' : '5' } : elasticHeaders
  return { status, headers, body: JSON.stringify({ error: { root_cause: [{ type, reason }], type, reason }, status }) }
}
