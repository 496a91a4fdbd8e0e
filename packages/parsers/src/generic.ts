// Records of no known product: JSON keeps all its members, syslog its header; whatever it is, it is searchable.
import type { JsonObject } from '@varde/schema'
import { readKeyValues } from './formats/key-value.ts'
import { jsonOf, type LogRecord } from './log-record.ts'
import { putAlias } from './normalise/aliases.ts'
import { add, type EventDocument, leave, merge, put, putDefault, putUnder } from './normalise/document.ts'
import {
  putSyslogHeader,
  putSyslogHost,
  putSyslogPriority,
  putSyslogProcess,
  putSyslogTime,
} from './normalise/syslog-fields.ts'
import { cef } from './products/cef.ts'
import { parseGenericJson } from './products/generic-json.ts'

/** Fills the document from the shape alone. */
export function parseGeneric(record: LogRecord, document: EventDocument): void {
  // A hint that no product answers to may still be CEF or LEEF.
  if (cef.detect(record) > 0 && cef.parse(record, document)) return
  putSyslogTime(document, record)
  putSyslogPriority(document, record)
  putSyslogHeader(document, record)
  putSyslogHost(document, record)
  const json = jsonOf(record)
  if (json !== undefined) {
    parseGenericJson(json, record, document)
    return
  }
  putSyslogProcess(document, record)
  put(document, 'message', record.message)
  if (!putPairs(record, document)) leave(document, record.messageAt, record.text.length)
}

/** Fewer pairs than this may stand in any sentence. */
const pairsMin = 4

/** A message of `key=value` is kept pair by pair; the names that everybody uses become ECS. */
function putPairs(record: LogRecord, document: EventDocument): boolean {
  if (!holdsPairs(record.message)) return false
  const pairs = readKeyValues(record.message)
  if (pairs.size < pairsMin) return false
  const own = document.dataset === 'generic.syslog' ? 'generic' : document.dataset
  for (const [name, value] of pairs) {
    // A name is a word: what else stands before an equals sign is text.
    if (!/^[A-Za-z][\w.-]{0,63}$/.test(name)) continue
    putUnder(document, own, name, value)
    putAlias(document, name, value)
  }
  return true
}

function holdsPairs(text: string): boolean {
  let count = 0
  for (let at = text.indexOf('='); at >= 0; at = text.indexOf('=', at + 1)) if (++count >= pairsMin) return true
  return false
}

/** What came with the record (a shipper's fields): fills what the parser left open. */
export function putMeta(document: EventDocument, record: LogRecord): void {
  // The zone that claimed times were read in, where the source is configured to have one.
  if (record.zone !== undefined) putDefault(document, 'event.timezone', record.zone)
  if (isEmpty(record.meta)) return
  const { tags, _conf, '@timestamp': _time, ...rest } = record.meta
  merge(document, '', rest)
  if (Array.isArray(tags)) add(document, 'tags', ...tags.filter((tag) => typeof tag === 'string'))
  else if (typeof tags === 'string') putDefault(document, 'tags', [tags])
}

function isEmpty(members: JsonObject): boolean {
  for (const _key in members) return false
  return true
}
