// Lines of a program's own file that a forwarder (rsyslog's imfile, syslog-ng's file()) wrapped in a syslog header: the file's line is the record.
import { type LogRecord, openRecord } from './log-record.ts'
import { type EventDocument, put, putDefault, read } from './normalise/document.ts'
import { putSyslogHeader, putSyslogPriority } from './normalise/syslog-fields.ts'
import { isoTime, readTime } from './normalise/time.ts'

/** The record inside the envelope; undefined where the message does not begin with a time of its own. */
export function forwardedOf(record: LogRecord): LogRecord | undefined {
  const { text, messageAt, syslog } = record
  if (messageAt === 0 || syslog.app === undefined || !mayBeginTime(text.charCodeAt(messageAt))) return undefined
  const time = readTime(text, messageAt, record.arrival, record.zone)
  if (time === undefined || time.end >= text.length) return undefined
  return openRecord(record.message, record.arrival, record.zone, record.meta, record.hint)
}

/** A digit, or the capital of a day or a month. */
function mayBeginTime(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 87)
}

/** This near to the forwarder's clock, the line's own time is in the zone that it was read in. */
const agreeMsMax = 300_000
/** Further from it than this, the file was read late: the line's own time is the event's. Between the two its zone is another. */
const apartMsMax = 86_400_000

/** What the envelope adds to the parsed line: host, header, and its time where only it knows its zone. */
export function putEnvelope(document: EventDocument, record: LogRecord): void {
  const { syslog } = record
  putSyslogPriority(document, record)
  putSyslogHeader(document, record)
  putDefault(document, 'host.name', syslog.host)
  putDefault(document, 'host.hostname', syslog.host)
  putDefault(document, 'process.name', syslog.app)
  const own = read(document, '@timestamp')
  const ownMs = typeof own === 'string' ? Date.parse(own) : Number.NaN
  const isZoned = readTime(record.text, record.messageAt, record.arrival, record.zone)?.zoned === true
  const apartMs = syslog.time === undefined ? 0 : Math.abs(ownMs - syslog.time)
  const isOtherZone = apartMs > agreeMsMax && apartMs <= apartMsMax
  if (Number.isNaN(ownMs) || (isOtherZone && syslog.zoned === true && !isZoned))
    put(document, '@timestamp', isoTime(syslog.time))
  for (const range of document.unexplained) {
    range.from += record.messageAt
    range.to += record.messageAt
  }
}
