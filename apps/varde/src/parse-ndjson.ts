// `varde parse --ndjson`: NDJSON {id, dataset?, raw, meta?} in, NDJSON {id, event} out, by the production parsers.
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { pathToFileURL } from 'node:url'
import { type ParseInput, parseRecord } from '@varde/parsers'
import type { Json, JsonObject } from '@varde/schema'

/** Streams with back-pressure; a line that is no such object answers with an `error`. */
export async function parseNdjson(input: Readable, output: Writable): Promise<void> {
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue
    if (!output.write(`${JSON.stringify(answer(line))}\n`)) await once(output, 'drain')
  }
}

function answer(line: string): JsonObject {
  let asked: unknown
  try {
    asked = JSON.parse(line)
  } catch {
    return { id: null, event: null, error: 'not a line of JSON' }
  }
  if (!isObject(asked)) return { id: null, event: null, error: 'not a JSON object' }
  const { id = null, dataset, raw, meta } = asked
  const parsed = parseRecord(inputOf(dataset, raw, isObject(meta) ? meta : {}))
  // An event of nothing is one to drop; what is unreadable says why.
  if (parsed.ok) return { id, event: parsed.event }
  return { id, event: parsed.reason === 'empty' ? null : { error: { message: `${parsed.reason}: ${parsed.detail}` } } }
}

function inputOf(dataset: Json | undefined, raw: Json | undefined, meta: JsonObject): ParseInput {
  const received = typeof meta['@timestamp'] === 'string' ? Date.parse(meta['@timestamp']) : Number.NaN
  const text = typeof raw === 'string' ? raw : JSON.stringify(raw ?? '')
  const input: ParseInput = { raw: Buffer.from(text), arrival: Number.isNaN(received) ? Date.now() : received, meta }
  if (typeof dataset === 'string') input.dataset = dataset
  const configured = isObject(meta['_conf']) ? meta['_conf']['tz_offset'] : undefined
  const temporary = isObject(meta['_tmp']) ? meta['_tmp'] : {}
  const event = isObject(meta['event']) ? meta['event'] : {}
  const zone =
    configured ?? meta['_tmp.tz_offset'] ?? temporary['tz_offset'] ?? meta['event.timezone'] ?? event['timezone']
  if (typeof zone === 'string') input.timeZone = zone
  return input
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await parseNdjson(process.stdin, process.stdout)
}
