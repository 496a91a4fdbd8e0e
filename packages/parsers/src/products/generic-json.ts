// Any JSON object: an ECS document as it is, another below its dataset's name, with the usual names read as ECS.
import type { Json, JsonObject } from '@varde/schema'
import type { LogRecord } from '../log-record.ts'
import { putJsonAliases } from '../normalise/aliases.ts'
import { type EventDocument, merge, put } from '../normalise/document.ts'
import { putMeaning } from '../normalise/meaning.ts'
import { withOwnTime } from '../normalise/own-time.ts'
import { putSentenceFacts } from '../normalise/sentence-facts.ts'
import { epochMs, isoTime, timeOf } from '../normalise/time.ts'

const messageKeys = ['message', 'msg', 'log', 'MESSAGE', 'text', 'description']
/** Deeper, a `text` or a `description` may be of anything. */
const messageKeysBelow = ['message', 'msg']

export function parseGenericJson(json: JsonObject, record: LogRecord, document: EventDocument): void {
  if (isEcs(json)) {
    const { '@timestamp': time, ...rest } = json
    put(document, '@timestamp', isoTime(jsonTime(time, record)))
    merge(document, '', rest)
    return
  }
  const message = firstText(json, messageKeys) ?? messageBelow(json)
  put(document, 'message', message)
  put(document, document.dataset === 'generic.json' ? 'json' : document.dataset, json)
  withOwnTime(document, record, () => putJsonAliases(document, json, record))
  if (message !== undefined) putSentenceFacts(document, message)
  putMeaning(document, message)
}

/** Cloud services put what happened below a member of their own: `{"time":…,"properties":{"msg":"TCP request from 192.0.2.7:50122 to …"}}`. */
function messageBelow(json: JsonObject): string | undefined {
  for (const name in json) {
    const member = json[name]
    if (typeof member !== 'object' || member === null || Array.isArray(member)) continue
    const found = firstText(member, messageKeysBelow)
    if (found !== undefined) return found
  }
  return undefined
}

function firstText(json: JsonObject, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = json[key]
    if (typeof value === 'string' && value !== '') return value
  }
  return undefined
}

/** A shipper that speaks ECS says so by its version, or by `@timestamp` beside an `event` object. */
function isEcs(json: JsonObject): boolean {
  if (json['ecs.version'] !== undefined) return true
  const { ecs, event } = json
  if (typeof ecs === 'object' && ecs !== null) return true
  return json['@timestamp'] !== undefined && typeof event === 'object' && event !== null
}

/** A JSON value that is a time: text or a number since 1970. */
export function jsonTime(value: Json | undefined, record: LogRecord): number | undefined {
  if (typeof value === 'number') return epochMs(value)
  if (typeof value !== 'string') return undefined
  return (
    timeOf(value, record.arrival, record.zone) ?? (/^\d{9,19}(?:\.\d{1,9})?$/.test(value) ? epochMs(value) : undefined)
  )
}
