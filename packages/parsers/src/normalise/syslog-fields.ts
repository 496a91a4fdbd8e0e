// What the syslog envelope says, in ECS: log.syslog.*, host, process. Each product chooses which of them it takes.
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, put } from './document.ts'
import { isoTime } from './time.ts'

/** RFC 5424 §6.2.1, table 1, as ECS spells them. */
const facilityNames = [
  'kernel',
  'user-level',
  'mail',
  'system',
  'security/authorization',
  'syslogd',
  'line-printer',
  'network-news',
  'uucp',
  'clock',
  'security/authorization',
  'ftp',
  'ntp',
  'log-audit',
  'log-alert',
  'clock',
  'local0',
  'local1',
  'local2',
  'local3',
  'local4',
  'local5',
  'local6',
  'local7',
] as const

/** RFC 5424 §6.2.1, table 2. */
const severityNames = [
  'Emergency',
  'Alert',
  'Critical',
  'Error',
  'Warning',
  'Notice',
  'Informational',
  'Debug',
] as const

/** `@timestamp` from the envelope; false where it claims none. */
export function putSyslogTime(document: EventDocument, record: LogRecord): boolean {
  const time = isoTime(record.syslog.time)
  put(document, '@timestamp', time)
  return time !== undefined
}

/** `log.syslog.priority` with facility and severity, codes and names. */
export function putSyslogPriority(document: EventDocument, record: LogRecord): void {
  const { priority } = record.syslog
  if (priority === undefined) return
  const facility = { code: priority >> 3, name: facilityNames[priority >> 3] ?? '' }
  const severity = { code: priority & 7, name: severityNames[priority & 7] ?? '' }
  const { log } = document.root
  // Mostly the first that is known of the log: one object, made at once.
  if (log === undefined) document.root['log'] = { syslog: { priority, facility, severity } }
  else {
    put(document, 'log.syslog.priority', priority)
    put(document, 'log.syslog.facility', facility)
    put(document, 'log.syslog.severity', severity)
  }
}

/** The rest of the envelope under `log.syslog`: host, application, process, message id, structured data. */
export function putSyslogHeader(document: EventDocument, record: LogRecord): void {
  const { syslog } = record
  put(document, 'log.syslog.hostname', syslog.host)
  put(document, 'log.syslog.appname', syslog.app)
  put(document, 'log.syslog.procid', syslog.pid)
  put(document, 'log.syslog.msgid', syslog.messageId)
  if (syslog.format === 'rfc5424') put(document, 'log.syslog.version', '1')
  if (syslog.data !== undefined) put(document, 'log.syslog.structured_data', syslog.data)
}

/** host.name and host.hostname: the machine that wrote the line is the one it is about. */
export function putSyslogHost(document: EventDocument, record: LogRecord): void {
  put(document, 'host.name', record.syslog.host)
  put(document, 'host.hostname', record.syslog.host)
}

/** process.name and process.pid of the tag. */
export function putSyslogProcess(document: EventDocument, record: LogRecord): void {
  put(document, 'process.name', record.syslog.app)
  const { pid } = record.syslog
  if (pid !== undefined && /^\d{1,15}$/.test(pid)) put(document, 'process.pid', Number(pid))
}
