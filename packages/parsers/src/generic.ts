// Records of no known product: JSON keeps all its members, syslog its header; whatever it is, it is searchable.
import type { JsonObject } from '@varde/schema'
import { jsonOf, type LogRecord } from './log-record.ts'
import { add, type EventDocument, leave, merge, put, putDefault } from './normalise/document.ts'
import {
  putSyslogHeader,
  putSyslogHost,
  putSyslogPriority,
  putSyslogProcess,
  putSyslogTime,
} from './normalise/syslog-fields.ts'
import { parseGenericJson } from './products/generic-json.ts'

/** Fills the document from the shape alone. */
export function parseGeneric(record: LogRecord, document: EventDocument): void {
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
  leave(document, record.messageAt, record.text.length)
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
