// FortiEDR (enSilo): `Name: value;Name: value` security, system and audit events over syslog.
// "FortiEDR Installation and Administration Guide", chapter Syslog (docs.fortinet.com).
import { fieldTable, putField } from '../formats/field-table.ts'
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, put, putUnder } from '../normalise/document.ts'
import { putSyslogHeader, putSyslogPriority } from '../normalise/syslog-fields.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { putKind, putObserver } from './kv-product.ts'

const table = fieldTable({
  'Event ID': 'event.id',
  'Device Name': 'host.hostname host.name',
  'Operating System': 'host.os.full',
  'MAC Address': 'host.mac:append',
  'Source IP': 'source.ip:ip source.address',
  'Process Name': 'process.name',
  'Process Path': 'process.executable',
  'Process Hash': 'process.hash.sha1',
  Script: 'file.name',
  'Script Path': 'file.path',
  'Rules List': 'rule.name',
  'User Name': 'user.name',
  Description: 'message',
})

function partsOf(text: string): ReadonlyMap<string, string> {
  const parts = new Map<string, string>()
  for (const part of text.split(';')) {
    const colon = part.indexOf(':')
    if (colon > 0 && colon < 48 && parts.size < 200)
      parts.set(part.slice(0, colon).trim(), part.slice(colon + 1).trim())
  }
  return parts
}

/** `18-Nov-2026, 09:12:44` */
function timeIn(text: string | undefined, record: LogRecord): string | undefined {
  return isoTime(timeOf(text?.replace(',', ''), record.arrival, record.zone))
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const parts = partsOf(record.message.trimEnd())
  if (!parts.has('Organization') && !parts.has('Message Type')) return false
  document.dataset = 'fortinet_fortiedr.log'
  put(document, '@timestamp', isoTime(record.syslog.time))
  putSyslogPriority(document, record)
  putSyslogHeader(document, record)
  putObserver(document, { vendor: 'Fortinet', product: 'FortiEDR', type: 'edr' })
  for (const [name, value] of parts) {
    if (value === '') continue
    putUnder(document, 'fortinet.edr', name.toLowerCase().replaceAll(/[^a-z\d]+/g, '_'), value)
    if (value !== 'N/A') putField(table, document, name, value, record)
  }
  const users = parts.get('Users')
  if (users !== undefined && users !== 'N/A') {
    const back = users.indexOf('\\')
    put(document, 'user.id', users)
    if (!users.includes(',')) {
      put(document, 'user.name', users.slice(back + 1))
      put(document, 'user.domain', back > 0 ? users.slice(0, back) : undefined)
    }
  }
  put(document, 'event.start', timeIn(parts.get('First Seen'), record))
  put(document, 'event.end', timeIn(parts.get('Last Seen'), record))
  const action = parts.get('Action')?.toLowerCase()
  if (parts.has('Classification')) putKind(document, action, ['malware'], action === 'blocked' ? ['denied'] : ['info'])
  else putKind(document, action, ['host'], ['info'])
  return true
}

export const fortiedr: Product = {
  name: 'fortinet_fortiedr',
  datasets: ['fortinet_fortiedr.log'],
  detect: ({ syslog: { app }, message }) =>
    app === 'enSilo' || app === 'FortiEDR'
      ? 0.97
      : message.startsWith('Organization: ') && message.includes(';Event ID: ')
        ? 0.95
        : 0,
  parse,
}
