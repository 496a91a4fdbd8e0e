// Forcepoint: Web Security's export (CSV) and its SIEM pairs, the old Websense ones among them. NGFW speaks CEF or LEEF, which cef.ts reads.
// "Integrating Forcepoint Web Security with SIEM solutions" and "Exporting data to a third-party SIEM tool" (websense.com/content/support/library).
import { readCsv } from '../formats/csv.ts'
import { fieldTable, putField } from '../formats/field-table.ts'
import { readAnyPairs } from '../formats/pairs.ts'
import type { LogRecord } from '../log-record.ts'
import { putAliases } from '../normalise/aliases.ts'
import { add, type EventDocument, put, putUnder } from '../normalise/document.ts'
import { isIp } from '../normalise/endpoint.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import { putDomainParts, putUrl } from '../normalise/url.ts'
import { permissionOf, wordsOf } from '../normalise/words.ts'
import type { Product } from '../product.ts'
import { putKind, putObserver } from './kv-product.ts'

/** The columns of the cloud service's default SIEM export. */
const columnNames =
  'date time user workstation category action risk_class policy_name url connection_ip destination_ip source_ip threat_type filter_reason user_agent status method'.split(
    ' ',
  )

const table = fieldTable({
  policy_name: 'rule.name',
  connection_ip: 'source.nat.ip:ip',
  destination_ip: 'destination.ip:ip',
  source_ip: 'source.ip:ip source.address',
  user_agent: 'user_agent.original',
  status: 'http.response.status_code:count',
  method: 'http.request.method',
  workstation: 'host.name',
})

function isNone(value: string): boolean {
  return value === '' || value === 'None' || value === 'Not available'
}

function columnsOf(record: LogRecord): string[] | undefined {
  if (!/^"\d\d\/\d\d\/\d{4}","\d\d:\d\d:\d\d","/.test(record.text)) return undefined
  const columns = readCsv(record.text.trimEnd())
  return columns.length >= 11 && isIp(columns[9] ?? '') ? columns : undefined
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const columns = columnsOf(record)
  return columns === undefined ? parsePairs(record, document) : parseColumns(record, document, columns)
}

function parseColumns(record: LogRecord, document: EventDocument, columns: readonly string[]): boolean {
  document.dataset = 'forcepoint_web.logs'
  for (const [at, name] of columnNames.entries()) {
    const value = columns[at] ?? ''
    if (isNone(value)) continue
    putUnder(document, 'forcepoint_web', name, value)
    putField(table, document, name, name === 'method' ? value.toUpperCase() : value, record)
  }
  const [day = '', month = '', year = ''] = (columns[0] ?? '').split('/')
  put(
    document,
    '@timestamp',
    isoTime(timeOf(`${year}-${month}-${day} ${columns[1] ?? ''}`, record.arrival, record.zone)),
  )
  const user = columns[2] ?? ''
  if (!isNone(user)) {
    put(document, 'user.name', user)
    put(document, 'user.id', user)
  }
  const url = columns[8] ?? ''
  if (!isNone(url)) {
    const whole = url.includes('://') ? url : `${/:443\b/.test(url) ? 'https' : 'http'}://${url}`
    putUrl(document, whole)
    putDomainParts(document, 'url', /^\w{2,8}:\/\/([^/:]{1,253})/.exec(whole)?.[1])
  }
  const action = (columns[5] ?? '').toLowerCase()
  putKind(document, action, ['web'], permissionOf(wordsOf(action)) === 'denied' ? ['denied'] : ['info'])
  return true
}

/** `vendor=Websense product=Security … action=permitted … user=LDAP://192.0.2.5 OU=…/anna src_host=…` */
function parsePairs(record: LogRecord, document: EventDocument): boolean {
  if (!isOurs(record.text)) return false
  const pairs = readAnyPairs(record.message)
  if (pairs === undefined) return false
  document.dataset = 'forcepoint_web.logs'
  put(document, '@timestamp', isoTime(record.syslog.time))
  putSyslogPriority(document, record)
  putObserver(document, { vendor: 'Forcepoint', product: 'Web Security', type: 'proxy' })
  put(document, 'host.name', record.syslog.host)
  for (const [name, value] of pairs) putUnder(document, 'forcepoint_web', name, value)
  // `user=LDAP://192.0.2.5 OU=Staff,DC=example/anna src_host=…`: the name ends what looks like more pairs.
  const user = /\/([^/=]{1,128}) src_host=/.exec(record.message)?.[1] ?? pairs.get('user') ?? ''
  const named = [...pairs].filter(([name]) => name !== 'user' && name !== 'vendor' && name !== 'product')
  putAliases(document, [...named, ['user', user.slice(user.lastIndexOf('/') + 1).replaceAll('\\', '')]], record)
  const src = pairs.get('src_host') ?? ''
  if (isIp(src)) add(document, 'related.ip', src)
  const action = pairs.get('action') ?? ''
  putKind(document, action.split(':')[0], ['web'], ['access', permissionOf(wordsOf(action)) ?? 'info'])
  return true
}

function isOurs(text: string): boolean {
  return text.includes('vendor=Websense') || text.includes('vendor=Forcepoint')
}

export const forcepoint: Product = {
  name: 'forcepoint_web',
  datasets: ['forcepoint_web.logs'],
  detect: (record) => (isOurs(record.text) ? 0.95 : columnsOf(record) === undefined ? 0 : 0.9),
  parse,
}
