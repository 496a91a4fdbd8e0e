// ClamAV: what clamd, clamdscan and clamscan found, and whether freshclam keeps the signatures fresh.
import type { LogRecord } from '../log-record.ts'
import { ipOf } from '../normalise/address.ts'
import { type EventDocument, leave, put } from '../normalise/document.ts'
import { putFile } from '../normalise/path.ts'
import { putSyslogHeader, putSyslogHost, putSyslogPriority, putSyslogProcess } from '../normalise/syslog-fields.ts'
import { isoTime, readTime } from '../normalise/time.ts'
import type { Product } from '../product.ts'

const programs = new Set(['clamd', 'freshclam', 'clamscan', 'clamdscan', 'clamonacc', 'clamav-milter'])

export const clamav: Product = {
  name: 'clamav',
  datasets: ['clamav.log'],
  ownFiles: true,
  detect({ text, syslog }) {
    if (programs.has(syslog.app ?? '')) return 0.95
    const arrow = text.indexOf(' -> ')
    if (arrow === 24 && syslog.time !== undefined) return 0.9
    return text.endsWith(' FOUND') && text.includes(': ') && !text.includes('\n') ? 0.6 : 0
  },
  parse(record, document) {
    const { text } = record
    const time = text.startsWith(' -> ', 24) ? readTime(text, 0, record.arrival, record.zone) : undefined
    put(document, '@timestamp', isoTime(time?.ms ?? record.syslog.time))
    if (time === undefined && record.syslog.app !== undefined) {
      putSyslogPriority(document, record)
      putSyslogHeader(document, record)
      putSyslogHost(document, record)
      putSyslogProcess(document, record)
    }
    const message = (
      time === undefined ? (record.syslog.app === undefined ? text : record.message) : text.slice(28)
    ).trimEnd()
    put(document, 'message', message)
    put(document, 'event.provider', 'clamav')
    put(document, 'observer.vendor', 'ClamAV')
    put(document, 'observer.type', 'antivirus')
    if (!parseFinding(message, document)) parseState(message, record, document)
    return true
  },
}

/** `/srv/x/invoice.pdf.exe: Eicar-Test-Signature(44d8…:68) FOUND`, `instream(192.0.2.7@40122): … FOUND`. */
function parseFinding(message: string, document: EventDocument): boolean {
  if (!message.endsWith(' FOUND')) return false
  const colon = message.lastIndexOf(': ')
  if (colon <= 0) return false
  const path = message.slice(0, colon)
  const name = message.slice(colon + 2, -6)
  const paren = name.indexOf('(')
  put(document, 'event.kind', 'alert')
  put(document, 'event.action', 'malware-detected')
  put(document, 'event.category', ['malware'])
  put(document, 'event.type', ['info'])
  put(document, 'rule.name', paren < 0 ? name : name.slice(0, paren))
  const hash = paren < 0 ? '' : name.slice(paren + 1, name.indexOf(':', paren))
  if (/^[0-9a-f]{32}$/.test(hash)) put(document, 'file.hash.md5', hash)
  else if (/^[0-9a-f]{64}$/.test(hash)) put(document, 'file.hash.sha256', hash)
  if (path.startsWith('instream(')) put(document, 'source.ip', ipOf(path.slice(9, Math.max(9, path.indexOf('@')))))
  else putFile(document, 'file', path)
  return true
}

type State = readonly [
  start: string,
  action: string,
  category: string,
  type: string,
  outcome: 'success' | 'failure' | undefined,
]

const states: readonly State[] = [
  ['+++ Started', 'antivirus-started', 'process', 'start', 'success'],
  ['--- Stopped', 'antivirus-stopped', 'process', 'end', undefined],
  ['ClamAV update process started', 'signature-update-started', 'package', 'start', undefined],
  ['Database correctly reloaded', 'signatures-reloaded', 'package', 'change', 'success'],
  ['Update failed', 'signature-update-failed', 'package', 'change', 'failure'],
  ['WARNING: ', 'antivirus-warning', 'process', 'info', undefined],
]

function parseState(message: string, record: LogRecord, document: EventDocument): void {
  const known = states.find(([start]) => message.startsWith(start))
  if (known !== undefined) {
    putState(document, known)
  } else if (message.startsWith('ERROR: ')) {
    const isUpdate =
      record.syslog.app === 'freshclam' || /download|mirror|update|cvd|remote/i.test(message.slice(0, 512))
    putState(document, [
      '',
      isUpdate ? 'signature-update-failed' : 'antivirus-error',
      isUpdate ? 'package' : 'process',
      isUpdate ? 'change' : 'error',
      'failure',
    ])
    put(document, 'event.reason', message.slice(7))
  } else if (message.includes(' updated (version: ')) {
    putState(document, ['', 'signature-updated', 'package', 'change', 'success'])
    putDatabase(message, document)
  } else if (message.includes('database is up-to-date') || message.includes('is up to date (version: ')) {
    putState(document, ['', 'signature-up-to-date', 'package', 'info', 'success'])
    putDatabase(message, document)
  } else if (message.includes(': moved to ') || message.includes(': Removed.')) {
    putState(document, ['', 'malware-action-taken', 'malware', 'change', 'success'])
    putFile(document, 'file', message.slice(0, message.lastIndexOf(': ')))
  } else leave(document, record.text.length - message.length, record.text.length)
}

function putState(document: EventDocument, [, action, category, type, outcome]: State): void {
  put(document, 'event.action', action)
  put(document, 'event.category', [category])
  put(document, 'event.type', [type])
  put(document, 'event.outcome', outcome)
}

/** `daily.cvd updated (version: 27830, sigs: 2077350, …)` */
function putDatabase(message: string, document: EventDocument): void {
  put(document, 'package.name', message.slice(0, message.indexOf(' ')))
  const at = message.indexOf('version: ')
  const end = message.indexOf(',', at)
  if (at > 0 && end > at) put(document, 'package.version', message.slice(at + 9, end))
}
