// Which of two times is the event's: the envelope's, or one that the message itself claims.
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, put, read, remove } from './document.ts'
import { isoTime } from './time.ts'

/** Further from its envelope than this, a message's time is of something else: a file, a licence, a first sight. */
const apartMsMax = 86_400_000

/**
 * Runs what may put `@timestamp` from the message. It wins over an envelope that claims no zone, and where there is no envelope:
 * RFC 3164's has no year, no zone and the time of the last relay. An envelope with a zone (RFC 5424) is taken at its word.
 */
export function withOwnTime(document: EventDocument, record: LogRecord, fill: () => void): void {
  const { time, zoned } = record.syslog
  const standing = read(document, '@timestamp')
  remove(document, '@timestamp')
  fill()
  const own = read(document, '@timestamp')
  if (time === undefined) {
    if (own === undefined && standing !== undefined) put(document, '@timestamp', standing)
    return
  }
  const isNear = typeof own === 'string' && Math.abs(Date.parse(own) - time) <= apartMsMax
  if (!isNear || zoned === true) put(document, '@timestamp', isoTime(time))
}
