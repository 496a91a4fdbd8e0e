// What every HTTP collector shares: who sends, how a refusal reads, and the counters.
import { isVardeError } from '@varde/runtime'
import type { Transport } from '@varde/schema'
import type { Incoming, Origin } from '../raw-topic.ts'
import type { Appender } from './appender.ts'
import type { BodyLimits } from './body.ts'
import type { ApiKeySource, Sources } from './sources.ts'

/** What the API room knows of a request when it hands the body over. */
export interface HttpContext {
  /** Who the sender has proved to be. */
  key: ApiKeySource
  peer?: string
  /** The Content-Encoding header. */
  contentEncoding?: string
  /** The Content-Type header: `text/plain` lines and NDJSON are the same to us. */
  contentType?: string
  /** The sender's own name of this request (Idempotency-Key header): a resend of it makes no doubles. */
  idempotencyKey?: string
  /** From the URL: `/:index/_bulk`, or a dataset the sender names. */
  index?: string
  dataset?: string
}

export interface HttpReply {
  status: number
  headers: Record<string, string>
  body: string
}

export interface HttpCounters {
  requests: number
  receivedRecords: number
  receivedBytes: number
  /** Known by their key as already written: answered, not written again. */
  duplicates: number
  empty: number
  cutRecords: number
  refusedRequests: number
  /** Bodies that grew beyond the limits. */
  bombs: number
  /** Connections closed because the head or the body of a request never ended. */
  stalled: number
}

export interface HttpDeps {
  appender: Appender
  sources: Sources
  counters: HttpCounters
  recordBytesMax: number
  bodyLimits: BodyLimits
}

export function emptyHttpCounters(): HttpCounters {
  return {
    requests: 0,
    receivedRecords: 0,
    receivedBytes: 0,
    duplicates: 0,
    empty: 0,
    cutRecords: 0,
    refusedRequests: 0,
    bombs: 0,
    stalled: 0,
  }
}

export function originOf(
  deps: HttpDeps,
  context: HttpContext,
  transport: Transport,
  dataset: string | undefined,
): Origin {
  return deps.sources.ofApiKey(context.key, {
    listener: transport,
    transport,
    ...(context.peer !== undefined && { peer: context.peer }),
    ...(dataset !== undefined && { dataset }),
  })
}

/** Cuts what is over the limit, so that the ingest makes a dead letter of it. */
export function bounded(incoming: Incoming, deps: HttpDeps): Incoming {
  const over = incoming.raw.length - deps.recordBytesMax
  if (over <= 0) return incoming
  deps.counters.cutRecords += 1
  return { ...incoming, raw: incoming.raw.subarray(0, deps.recordBytesMax), cutBytes: over }
}

/** Why an append failed, as HTTP says it: 503 for a full disk, 429 for too much at once. */
export function refusalOf(error: unknown): { status: 429 | 503; reason: string } {
  if (isVardeError(error, 'INGEST_BUSY')) return { status: 429, reason: error.message }
  return { status: 503, reason: error instanceof Error ? error.message : String(error) }
}
