// OpenTelemetry's logs over HTTP as JSON (OTLP 1.7): each log record becomes one record, with its resource and scope beside it.
// https://opentelemetry.io/docs/specs/otlp/#otlphttp
import type { Incoming } from '../raw-topic.ts'
import { type ByteStream, readBody } from './body.ts'
import { bounded, type HttpContext, type HttpDeps, type HttpReply, originOf, refusalOf } from './http.ts'

const headers = { 'content-type': 'application/json' }

/** A google.rpc.Status, as OTLP wants its refusals: 3 invalid argument, 8 exhausted, 14 unavailable. */
export function otlpRefusal(status: number, code: number, message: string): HttpReply {
  const retry: Record<string, string> = status === 429 || status === 503 ? { 'retry-after': '1' } : {}
  return { status, headers: { ...headers, ...retry }, body: JSON.stringify({ code, message }) }
}

/** 200 when all of it is durable; otherwise nothing of the body was kept. */
export async function acceptOtlp(stream: ByteStream, context: HttpContext, deps: HttpDeps): Promise<HttpReply> {
  const { counters } = deps
  counters.requests += 1
  const refuse = (status: number, code: number, message: string) => {
    counters.refusedRequests += 1
    return otlpRefusal(status, code, message)
  }
  if (!/^application\/json\b/i.test(context.contentType ?? ''))
    return refuse(415, 3, 'only JSON is taken: set the exporter to http/json (encoding: json)')
  const read = await readBody(stream, context.contentEncoding, deps.bodyLimits)
  if (!read.ok) {
    if (read.limit !== undefined) counters.bombs += 1
    return refuse(read.status, read.status === 429 ? 8 : 3, read.reason)
  }
  let raws: Buffer[]
  try {
    raws = recordsOf(JSON.parse(read.body.toString('utf8')))
  } catch (error) {
    return refuse(400, 3, `this is no ExportLogsServiceRequest: ${error instanceof Error ? error.message : error}`)
  }
  const origin = originOf(deps, context, 'http', context.dataset)
  const records = raws.map((raw, number): Incoming => {
    const { idempotencyKey } = context
    const sender = idempotencyKey === undefined ? {} : { sender: { key: `${idempotencyKey}/${number}` } }
    return bounded({ origin, raw, ...sender }, deps)
  })
  try {
    if (records.length > 0) await deps.appender.append(records)
  } catch (error) {
    const { status, reason } = refusalOf(error)
    return refuse(status, status === 429 ? 8 : 14, reason)
  }
  counters.receivedRecords += records.length
  counters.receivedBytes += read.body.length
  return { status: 200, headers, body: '{"partialSuccess":{}}' }
}

function recordsOf(request: unknown): Buffer[] {
  const found: Buffer[] = []
  for (const { resource, scopeLogs } of listAt(request, 'resourceLogs'))
    for (const { scope, logRecords } of listOf(scopeLogs, 'scopeLogs'))
      for (const logRecord of listOf(logRecords, 'logRecords'))
        found.push(Buffer.from(JSON.stringify({ resource: resource ?? {}, scope, logRecord })))
  return found
}

function listAt(value: unknown, name: string): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new RangeError('an object was expected')
  return listOf(Object.entries(value).find(([key]) => key === name)?.[1], name)
}

function listOf(list: unknown, name: string): Record<string, unknown>[] {
  if (list === undefined) return []
  if (!Array.isArray(list)) throw new RangeError(`${name} is no list`)
  return list.map((one: unknown) => {
    if (typeof one !== 'object' || one === null || Array.isArray(one))
      throw new RangeError(`${name} holds something that is no object`)
    return Object.fromEntries(Object.entries(one))
  })
}
