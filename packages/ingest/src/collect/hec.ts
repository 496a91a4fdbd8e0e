// Splunk's HTTP Event Collector, as its forwarders, Fluent Bit, Vector, Docker and Kubernetes' shippers speak it.
// Shapes and codes: https://docs.splunk.com/Documentation/Splunk/9.4.0/Data/TroubleshootHTTPEventCollector
import type { Incoming } from '../raw-topic.ts'
import { type ByteStream, linesOf, readBody } from './body.ts'
import { bounded, type HttpContext, type HttpDeps, type HttpReply, originOf, refusalOf } from './http.ts'
import { splitObjects } from './json-objects.ts'

const texts = {
  0: 'Success',
  2: 'Token is required',
  4: 'Invalid token',
  5: 'No data',
  6: 'Invalid data format',
  9: 'Server is busy',
  12: 'Event field is required',
  13: 'Event field cannot be blank',
  14: 'ACK is disabled',
  17: 'HEC is healthy',
} as const
type Code = keyof typeof texts

export function hecReply(status: number, code: Code, more: Record<string, string | number> = {}): HttpReply {
  const retry: Record<string, string> = status === 503 || status === 429 ? { 'retry-after': '1' } : {}
  return {
    status,
    headers: { 'content-type': 'application/json', ...retry },
    body: JSON.stringify({ text: texts[code], code, ...more }),
  }
}

interface Refused {
  status: number
  code: Code
  number?: number
}

/**
 * `event`: envelopes one behind the other, each kept whole as a record; `raw`: lines. 200 when all of it is durable; otherwise nothing of
 * the body was kept.
 */
export async function acceptHec(
  stream: ByteStream,
  context: HttpContext,
  deps: HttpDeps,
  kind: 'event' | 'raw',
): Promise<HttpReply> {
  const { counters } = deps
  counters.requests += 1
  const refuse = (status: number, code: Code, more: Record<string, string | number> = {}) => {
    counters.refusedRequests += 1
    return hecReply(status, code, more)
  }
  const read = await readBody(stream, context.contentEncoding, deps.bodyLimits)
  if (!read.ok) {
    if (read.limit !== undefined) counters.bombs += 1
    return refuse(read.status, read.status === 429 ? 9 : 6, { reason: read.reason })
  }
  const found = kind === 'event' ? eventsOf(read.body) : [...linesOf(read.body)].filter((raw) => raw.length > 0)
  if (!Array.isArray(found))
    return refuse(found.status, found.code, found.number === undefined ? {} : { 'invalid-event-number': found.number })
  if (found.length === 0) return refuse(400, 5)
  const origin = originOf(deps, context, 'http', context.dataset)
  const records = found.map((raw, number): Incoming => {
    const { idempotencyKey } = context
    const sender = idempotencyKey === undefined ? {} : { sender: { key: `${idempotencyKey}/${number}` } }
    return bounded({ origin, raw, ...sender }, deps)
  })
  try {
    await deps.appender.append(records)
  } catch (error) {
    return refuse(503, 9, { reason: refusalOf(error).reason })
  }
  counters.receivedRecords += records.length
  counters.receivedBytes += read.body.length
  return hecReply(200, 0)
}

function eventsOf(body: Buffer): Buffer[] | Refused {
  const split = splitObjects(body)
  if (!split.ok) return { status: 400, code: 6, number: split.number }
  for (const [number, object] of split.objects.entries()) {
    const code = wrongWith(object)
    if (code !== undefined) return { status: 400, code, number }
  }
  return split.objects
}

function wrongWith(object: Buffer): Code | undefined {
  try {
    const { event }: { event?: unknown } = JSON.parse(object.toString('utf8'))
    if (event === undefined || event === null) return 12
    return event === '' ? 13 : undefined
  } catch {
    return 6
  }
}
