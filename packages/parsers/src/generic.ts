// Records of no known product: JSON keeps all its members, pairs their names, syslog its header; whatever it is, it is searchable.
import type { JsonObject } from '@varde/schema'
import { readAnyPairs } from './formats/pairs.ts'
import { jsonOf, type LogRecord, parseObject } from './log-record.ts'
import { putAliases } from './normalise/aliases.ts'
import { add, type EventDocument, leave, merge, put, putDefault, putUnder, read } from './normalise/document.ts'
import { putMeaning } from './normalise/meaning.ts'
import { withOwnTime } from './normalise/own-time.ts'
import { putOnlyAddress, putSentenceFacts } from './normalise/sentence-facts.ts'
import {
  putSyslogHeader,
  putSyslogHost,
  putSyslogPriority,
  putSyslogProcess,
  putSyslogTime,
} from './normalise/syslog-fields.ts'
import { epochMs, isoTime } from './normalise/time.ts'
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
  const json = jsonOf(record) ?? embeddedJson(record)
  if (json !== undefined) {
    parseGenericJson(json, record, document)
    return
  }
  putSyslogProcess(document, record)
  put(document, 'message', record.message)
  if (record.syslog.data !== undefined) {
    for (const [id, parameters] of Object.entries(record.syslog.data)) {
      if (id.startsWith('fields@')) putForwarded(document, parameters)
      putAliases(document, Object.entries(parameters), record)
    }
  }
  if (putPairs(record, document)) return
  putSentenceFacts(document, record.message)
  putMeaning(document, record.message)
  const category = read(document, 'event.category')
  if (Array.isArray(category) && category.includes('authentication')) putOnlyAddress(document, record.message)
  leave(document, record.messageAt, record.text.length)
}

/** Splunk's forwarders send on with the event's own time and host as `[fields@274489 t="1795429697.461" h="web1" …]`. */
function putForwarded(document: EventDocument, { t, h }: Record<string, string>): void {
  put(document, '@timestamp', isoTime(epochMs(t)))
  put(document, 'host.name', h)
}

/** A message of pairs is kept pair by pair; the names that everybody uses become ECS. */
function putPairs(record: LogRecord, document: EventDocument): boolean {
  const pairs = readAnyPairs(record.message)
  if (pairs === undefined) return false
  const own = document.dataset === 'generic.syslog' ? 'generic' : document.dataset
  for (const [name, value] of pairs) putUnder(document, own, name, value)
  withOwnTime(document, record, () => putAliases(document, pairs, record))
  const message = messageOf(pairs)
  put(document, 'message', message)
  putMeaning(document, message)
  return true
}

/** The words for a person, where one of the pairs has them. */
function messageOf(pairs: ReadonlyMap<string, string>): string | undefined {
  return ['msg', 'message', 'description', 'Message', 'logdesc'].map((name) => pairs.get(name)).find((text) => text)
}

/** How far into a message an object may begin: behind a tag or a few words. */
const prefixMax = 200

/** `fenotify-744.warning: {…}`, `audit - {…}`, `[{…}]`: the object behind a few words, where it is all the rest. */
function embeddedJson(record: LogRecord): JsonObject | undefined {
  const { text } = record
  const open = text.indexOf('{', record.messageAt)
  if (open < 0 || open - record.messageAt > prefixMax) return undefined
  const close = text.lastIndexOf('}')
  if (close < open || text.length - close > 8) return undefined
  return parseObject(text.slice(open, close + 1))
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
