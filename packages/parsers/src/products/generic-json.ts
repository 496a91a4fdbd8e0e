// Any JSON object: an ECS document as it is, another below its dataset's name, with the usual names read as ECS.
import type { Json, JsonObject } from '@varde/schema'
import type { LogRecord } from '../log-record.ts'
import { putAlias } from '../normalise/aliases.ts'
import { type EventDocument, merge, put, putDefault } from '../normalise/document.ts'
import { epochMs, isoTime, timeOf } from '../normalise/time.ts'

/** Names under which programs write the time of an event. */
const timeKeys = [
  '@timestamp',
  'timestamp',
  'time',
  'ts',
  'eventTime',
  'event_time',
  'datetime',
  'date',
  'createdAt',
  'created_at',
  'CreationTime',
  'createdDateTime',
  'published',
  'LogTimestamp',
]
const messageKeys = ['message', 'msg', 'log', 'MESSAGE', 'text', 'description']

export function parseGenericJson(json: JsonObject, record: LogRecord, document: EventDocument): void {
  const time = firstTime(json, record)
  if (time !== undefined) put(document, '@timestamp', isoTime(time))
  if (isEcs(json)) {
    const { '@timestamp': _time, ...rest } = json
    merge(document, '', rest)
    return
  }
  for (const key of messageKeys) {
    const value = json[key]
    if (typeof value === 'string') {
      putDefault(document, 'message', value)
      break
    }
  }
  put(document, document.dataset === 'generic.json' ? 'json' : document.dataset, json)
  for (const [key, value] of Object.entries(json)) {
    if (typeof value === 'string' || typeof value === 'number') putAlias(document, key, value)
  }
}

/** A shipper that speaks ECS says so by its version, or by `@timestamp` beside an `event` object. */
function isEcs(json: JsonObject): boolean {
  if (json['ecs.version'] !== undefined) return true
  const { ecs, event } = json
  if (typeof ecs === 'object' && ecs !== null) return true
  return json['@timestamp'] !== undefined && typeof event === 'object' && event !== null
}

function firstTime(json: JsonObject, record: LogRecord): number | undefined {
  for (const key of timeKeys) {
    const time = jsonTime(json[key], record)
    if (time !== undefined) return time
  }
  return undefined
}

/** A JSON value that is a time: text or a number since 1970. */
export function jsonTime(value: Json | undefined, record: LogRecord): number | undefined {
  if (typeof value === 'number') return epochMs(value)
  if (typeof value !== 'string') return undefined
  return (
    timeOf(value, record.arrival, record.zone) ?? (/^\d{9,19}(?:\.\d{1,9})?$/.test(value) ? epochMs(value) : undefined)
  )
}
