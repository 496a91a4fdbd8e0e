// HTTP lines: one record a line, NDJSON or plain text. The reply is sent when all of it is durable.
import type { Incoming } from '../raw-topic.ts'
import { type ByteStream, linesOf, readBody } from './body.ts'
import { bounded, type HttpContext, type HttpDeps, type HttpReply, originOf, refusalOf } from './http.ts'

function reply(status: number, body: Record<string, string | number>, headers: Record<string, string> = {}): HttpReply {
  return { status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) }
}

/**
 * 200 `{accepted, empty}` after the append; 400, 413, 415 for a body that can't be read (nothing of it is kept), 429 and
 * 503 with Retry-After when the sender should come again (nothing of it is kept either).
 */
export async function acceptNdjson(stream: ByteStream, context: HttpContext, deps: HttpDeps): Promise<HttpReply> {
  const { counters } = deps
  counters.requests += 1
  const read = await readBody(stream, context.contentEncoding, deps.bodyLimits)
  if (!read.ok) {
    counters.refusedRequests += 1
    if (read.limit !== undefined) counters.bombs += 1
    return reply(read.status, { error: read.reason })
  }
  const origin = originOf(deps, context, 'http', context.dataset)
  const records: Incoming[] = []
  let line = 0
  let empty = 0
  for (const raw of linesOf(read.body)) {
    line += 1
    if (raw.length === 0) empty += 1
    else {
      records.push(
        bounded(
          {
            origin,
            raw,
            ...(context.idempotencyKey !== undefined && { sender: { key: `${context.idempotencyKey}/${line}` } }),
          },
          deps,
        ),
      )
    }
  }
  try {
    await deps.appender.append(records)
  } catch (error) {
    counters.refusedRequests += 1
    const { status, reason } = refusalOf(error)
    return reply(status, { error: reason }, { 'retry-after': status === 429 ? '1' : '5' })
  }
  counters.empty += empty
  counters.receivedRecords += records.length
  counters.receivedBytes += read.body.length
  return reply(200, { accepted: records.length, empty })
}
