// Blue Coat / Symantec / Broadcom ProxySG and Edge SWG access logs: the formats main, bcreportermain_v1 and bcreporterssl_v1, and `name=value` ones.
// "Default Access Log Formats" and "ELFF field reference" (techdocs.broadcom.com, Edge SWG).
import { readCsv } from '../formats/csv.ts'
import { fieldTable, putField } from '../formats/field-table.ts'
import { readKeyValues } from '../formats/key-value.ts'
import { isObject, type LogRecord } from '../log-record.ts'
import { type EventDocument, put, putDefault, putUnder } from '../normalise/document.ts'
import { isIp } from '../normalise/endpoint.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import { putDomainParts } from '../normalise/url.ts'
import type { Product } from '../product.ts'
import { putKind, putObserver } from './kv-product.ts'

const main =
  'date time time-taken c-ip sc-status s-action sc-bytes cs-bytes cs-method cs-uri-scheme cs-host cs-uri-port cs-uri-path cs-uri-query cs-username cs-auth-group s-supplier-name rs(Content-Type) cs(Referer) cs(User-Agent) sc-filter-result cs-categories x-virus-id s-ip'
const reporter =
  'date time time-taken c-ip cs-username cs-auth-group s-supplier-name s-supplier-ip s-supplier-country s-supplier-failures x-exception-id sc-filter-result cs-categories cs(Referer) sc-status s-action cs-method rs(Content-Type) cs-uri-scheme cs-host cs-uri-port cs-uri-path cs-uri-query cs-uri-extension cs(User-Agent) s-ip sc-bytes cs-bytes x-virus-id x-bluecoat-application-name x-bluecoat-application-operation cs-threat-risk'
const oldReporter =
  'date time time-taken c-ip cs-username cs-auth-group x-exception-id sc-filter-result cs-categories cs(Referer) sc-status s-action cs-method rs(Content-Type) cs-uri-scheme cs-host cs-uri-port cs-uri-path cs-uri-query cs-uri-extension cs(User-Agent) s-ip sc-bytes cs-bytes x-virus-id x-bluecoat-application-name x-bluecoat-application-operation'
const ssl =
  'date time time-taken c-ip s-action x-rs-certificate-validate-status x-rs-certificate-observed-errors cs-host s-supplier-name x-rs-connection-negotiated-ssl-version x-rs-connection-negotiated-cipher x-rs-connection-negotiated-cipher-size x-rs-certificate-hostname x-rs-certificate-hostname-category x-cs-connection-negotiated-ssl-version x-cs-connection-negotiated-cipher x-cs-connection-negotiated-cipher-size x-cs-certificate-subject s-ip s-sitename'
const layouts: Readonly<Record<string, readonly string[]>> = {
  main: main.split(' '),
  bcreportermain_v1: reporter.split(' '),
  oldreporter: oldReporter.split(' '),
  bcreporterssl_v1: ssl.split(' '),
}

const table = fieldTable({
  'c-ip': 'client.ip:ip source.ip:ip source.address',
  'c-port': 'client.port:port source.port:port',
  's-ip': 'server.ip:ip',
  'r-ip': 'destination.ip:ip destination.address',
  's-supplier-ip': 'destination.ip:ip destination.address',
  'cs-username': 'client.user.name user.name',
  'cs-bytes': 'client.bytes:count source.bytes:count',
  'sc-bytes': 'server.bytes:count destination.bytes:count',
  'cs-method': 'http.request.method',
  'sc-status': 'http.response.status_code:count',
  'rs(Content-Type)': 'http.response.mime_type',
  'cs(Referer)': 'http.request.referrer',
  'cs-Referer': 'http.request.referrer',
  'cs(User-Agent)': 'user_agent.original',
  'cs-User-Agent': 'user_agent.original',
  'cs-uri-scheme': 'url.scheme',
  'cs-host': 'url.domain',
  'cs-uri-port': 'url.port:count',
  'cs-uri-path': 'url.path',
  'cs-uri-query': 'url.query',
  'cs-uri-extension': 'url.extension',
  'cs-categories': 'rule.category',
  's-action': 'event.action',
  'x-virus-id': 'threat.indicator.name',
  'x-exception-id': 'event.reason',
  'time-taken': 'event.duration:milliseconds',
  'x-cs-connection-negotiated-ssl-version': 'tls.version',
  'x-cs-connection-negotiated-cipher': 'tls.cipher',
})

/** The configured format, or the one whose fixed places hold what they must. */
function layoutOf(record: LogRecord, columns: readonly string[]): readonly string[] | undefined {
  const { _temp_: configured } = record.meta
  const named = isObject(configured) ? layouts[String(configured['_conf'] ?? '')] : undefined
  if (named !== undefined) return named
  const isStatus = (at: number): boolean => /^[0-5]\d{0,2}$/.test(columns[at] ?? '')
  const isAction = (at: number): boolean =>
    /^[A-Z]+_[A-Z_]+$|^(?:ALLOWED|DENIED|FAILED|TUNNELED)$/.test(columns[at] ?? '')
  const fits = (name: string): boolean => {
    const layout = layouts[name] ?? []
    const status = layout.indexOf('sc-status')
    return (
      columns.length >= layout.length - 6 && isAction(layout.indexOf('s-action')) && (status < 0 || isStatus(status))
    )
  }
  return layouts[['main', 'bcreportermain_v1', 'oldreporter', 'bcreporterssl_v1'].find(fits) ?? '']
}

function valuesOf(record: LogRecord): ReadonlyMap<string, string> | undefined {
  const { text } = record
  const pairsAt = text.indexOf(' c-ip=')
  if (pairsAt >= 0 && text.includes(' cs-')) return readKeyValues(text, pairsAt)
  const start = /\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \d{1,9} /.exec(text.slice(0, 160))
  if (start === null) return undefined
  const columns = readCsv(text.trimEnd(), start.index, ' ')
  const layout = isIp(columns[3] ?? '') ? layoutOf(record, columns) : undefined
  if (layout === undefined) return undefined
  return new Map(layout.map((name, at) => [name, columns[at] ?? '']))
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const values = valuesOf(record)
  if (values === undefined) return false
  document.dataset = 'proxysg.log'
  putSyslogPriority(document, record)
  putObserver(document, { vendor: 'Broadcom', product: 'ProxySG' })
  const claimed = timeOf(`${values.get('date') ?? ''} ${values.get('time') ?? ''}`, record.arrival, 'UTC')
  put(document, '@timestamp', isoTime(claimed ?? record.syslog.time))
  put(document, 'observer.hostname', record.syslog.priority === undefined ? undefined : record.syslog.host)
  for (const [name, value] of values) {
    if (value === '' || value === '-' || name === 'date' || name === 'time') continue
    const word = name === 'cs-uri-query' && value.startsWith('?') ? value.slice(1) : value
    if (!putField(table, document, name, word, record)) putUnder(document, 'proxysg', name, value)
  }
  const host = values.get('cs-host')
  putDefault(document, 'destination.domain', host === '-' ? undefined : host)
  putDomainParts(document, 'url', host)
  const verdict = `${values.get('s-action') ?? ''} ${values.get('sc-filter-result') ?? ''}`
  const denied = /DENIED|POLICY_REDIRECT|BLOCK/.test(verdict)
  putKind(document, undefined, ['web', 'network'], ['access', denied ? 'denied' : 'allowed'])
  return true
}

export const proxysg: Product = {
  name: 'proxysg',
  datasets: ['proxysg.log'],
  detect: (record) => {
    const { text } = record
    const hasMark = text.includes(' c-ip=') || / (?:TCP_[A-Z]|OBSERVED|PROXIED|DENIED)/.test(text.slice(0, 2_000))
    return hasMark && valuesOf(record) !== undefined ? 0.96 : 0
  },
  parse,
}
