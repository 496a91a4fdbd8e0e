// Zscaler Internet Access (NSS feeds: JSON, tab-parted pairs, alerts) and Private Access (LSS: JSON of app, browser, user, connector and audit logs).
// "NSS Feed Output Format" for web, firewall, DNS, tunnel, endpoint DLP and audit logs; "Understanding … Log Fields" of LSS (help.zscaler.com).
import type { JsonObject } from '@varde/schema'
import { fieldTable, putField } from '../formats/field-table.ts'
import { readKeyValues } from '../formats/key-value.ts'
import { isObject, jsonOf, type LogRecord } from '../log-record.ts'
import { add, type EventDocument, put, putDefault, putUnder, read } from '../normalise/document.ts'
import { isIp } from '../normalise/endpoint.ts'
import { putCommunityId } from '../normalise/network.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { epochMs, isoTime, timeOf } from '../normalise/time.ts'
import { putUrl } from '../normalise/url.ts'
import { permissionOf, wordsOf } from '../normalise/words.ts'
import type { Product } from '../product.ts'
import { putKind, putObserver } from './kv-product.ts'

/** Keys of all feeds in small letters: where two feeds share a key, it means the same. */
const nss = fieldTable({
  recordid: 'event.id',
  event_id: 'event.id',
  action: 'event.action:lower',
  actiontaken: 'event.action:lower',
  reason: 'event.reason',
  cltip: 'source.ip:ip source.address',
  clientip: 'source.ip:ip source.address',
  clt_sip: 'source.ip:ip source.address',
  sourceip: 'source.ip:ip source.address',
  csip: 'source.ip:append',
  ssip: 'source.ip:append',
  cdip: 'destination.ip:append',
  sdip: 'destination.ip:append',
  csport: 'source.port:port',
  cdport: 'destination.port:port',
  cltpubip: 'source.nat.ip:ip',
  clientpublicip: 'source.nat.ip:ip',
  cltsourceport: 'source.port:port',
  clt_sport: 'source.port:port',
  sourceport: 'source.port:port',
  serverip: 'destination.ip:ip destination.address',
  srv_dip: 'destination.ip:ip destination.address',
  destinationip: 'destination.ip:ip destination.address',
  srv_dport: 'destination.port:port',
  destinationport: 'destination.port:port',
  host: 'destination.domain',
  cltdomain: 'destination.domain',
  hostname: 'destination.domain',
  inbytes: 'destination.bytes:count',
  outbytes: 'source.bytes:count',
  rxbytes: 'destination.bytes:count',
  txbytes: 'source.bytes:count',
  reqsize: 'http.request.bytes:count',
  requestsize: 'http.request.bytes:count',
  respsize: 'http.response.bytes:count',
  responsesize: 'http.response.bytes:count',
  reqmethod: 'http.request.method',
  requestmethod: 'http.request.method',
  respcode: 'http.response.status_code:count',
  status: 'http.response.status_code:count',
  reqversion: 'http.version',
  ereferer: 'http.request.referrer',
  refererurl: 'http.request.referrer',
  contenttype: 'http.response.mime_type',
  useragent: 'user_agent.original',
  ua: 'user_agent.original',
  rulelabel: 'rule.name:append',
  apprulelabel: 'rule.name:append',
  dlprulename: 'rule.name:append',
  ipsrulelabel: 'rule.name:append',
  dnatrulelabel: 'rule.name:append',
  rdr_rulename: 'rule.name:append',
  rule: 'rule.name:append',
  reqrulelabel: 'rule.name:append',
  resrulelabel: 'rule.name:append',
  rulename: 'rule.name:append',
  resource: 'rule.name',
  subcategory: 'rule.category',
  devicehostname: 'host.name:lower',
  devicename: 'host.hostname',
  deviceosversion: 'host.os.version',
  deviceostype: 'host.os.family',
  devicetype: 'host.type',
  filename: 'file.name:append',
  upload_filename: 'file.name:append',
  filesubtype: 'file.extension',
  sha256: 'file.hash.sha256',
  filesha: 'file.hash.sha256',
  bamd5: 'file.hash.md5',
  filemd5: 'file.hash.md5',
  filedstpath: 'file.path',
  threatname: 'threat.indicator.name',
  malwarename: 'threat.indicator.name',
  cltsslcipher: 'tls.cipher',
  clttlsversion: 'tls.version',
  dns_req: 'dns.question.name',
  dns_reqtype: 'dns.question.type',
  error: 'dns.response_code',
  nwapp: 'network.application:lower',
  dnsapp: 'network.application:lower',
  nwsvc: 'network.protocol:lower',
  company: 'organization.name',
  cloudname: 'cloud.provider',
  errorcode: 'error.code',
  durationms: 'event.duration:milliseconds',
  tz: 'event.timezone',
  result: 'event.outcome:lower',
})

/** The feeds by the end of `sourcetype`, or by what only they have. */
type Feed = 'web' | 'fw' | 'dns' | 'tunnel' | 'audit' | 'edlp' | 'casb'

function feedOf(sourcetype: string, values: ReadonlyMap<string, string>): Feed {
  const named = /-(web|fw|dns|tunnel|audit|edlp|casb)\b/.exec(sourcetype)?.[1]
  switch (named) {
    case 'web':
    case 'fw':
    case 'dns':
    case 'tunnel':
    case 'audit':
    case 'edlp':
    case 'casb':
      return named
    default:
  }
  if (values.has('tunneltype') || values.has('recordtype')) return 'tunnel'
  if (values.has('dns_req')) return 'dns'
  if (values.has('auditlogtype')) return 'audit'
  return values.has('cdip') || values.has('csip') ? 'fw' : 'web'
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const json = jsonOf(record)
  if (json === undefined) return parseAlert(record, document) || parsePairs(record, document)
  const { event, sourcetype } = json
  if (isObject(event)) {
    putNss(record, document, String(sourcetype ?? ''), valuesOf(event))
    return true
  }
  return parseLss(record, document, json)
}

function valuesOf(json: JsonObject): Map<string, string> {
  const values = new Map<string, string>()
  for (const [name, value] of Object.entries(json)) {
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
      values.set(name.toLowerCase(), percentDecoded(String(value)))
  }
  return values
}

/** Some feeds write values as in a URL: `jdoe%40example.org`. */
function percentDecoded(text: string): string {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

function isNone(value: string): boolean {
  return (
    value === '' ||
    value === 'None' ||
    value === 'N/A' ||
    value === 'NA' ||
    value === 'Unknown' ||
    value === 'NotAvailable'
  )
}

function putNss(record: LogRecord, document: EventDocument, sourcetype: string, values: Map<string, string>): void {
  const feed = feedOf(sourcetype, values)
  document.dataset =
    feed === 'fw' ? 'zscaler_zia.firewall' : feed === 'edlp' ? 'zscaler_zia.endpoint_dlp' : `zscaler_zia.${feed}`
  putSyslogPriority(document, record)
  const stamp = values.get('datetime') ?? values.get('time')
  const zone = values.get('tz') ?? values.get('timezone')
  put(
    document,
    '@timestamp',
    isoTime(
      timeOf(stamp?.replaceAll(/ {2,}/g, ' '), record.arrival, zone ?? 'UTC') ??
        record.syslog.time ??
        epochMs(values.get('epochtime')),
    ),
  )
  if (feed === 'fw') putObserver(document, { vendor: 'Zscaler', product: 'ZIA', type: 'firewall' })
  const own = document.dataset
  for (const [name, value] of values) {
    if (isNone(value) || name === 'datetime') continue
    if (feed === 'audit' && name === 'category') put(document, 'rule.ruleset', value)
    else if (!putField(nss, document, name, value, record)) putUnder(document, own, name, value)
  }
  const hides = (name: string): string | undefined => {
    const value = values.get(name)
    return value === undefined || isNone(value) ? undefined : value
  }
  putPerson(document, hides('user') ?? hides('login') ?? hides('adminid'))
  const url = hides('url') ?? hides('eurl') ?? decoded(hides('b64url'))
  if (url !== undefined) putUrl(document, url.includes('://') ? url : `http://${url}`)
  putDefault(document, 'http.request.referrer', decoded(hides('b64referer')))
  putMeaning(document, feed, values)
}

function decoded(text: string | undefined): string | undefined {
  return text === undefined ? undefined : Buffer.from(text, 'base64').toString('utf8')
}

/** The whole mail address is the login; the part before it is the name. */
function putPerson(document: EventDocument, text: string | undefined): void {
  if (text === undefined || isIp(text)) return
  const at = text.indexOf('@')
  put(document, 'user.name', at > 0 ? text.slice(0, at) : text)
  if (at <= 0) return
  put(document, 'user.domain', text.slice(at + 1))
  put(document, 'user.email', text)
}

function putMeaning(document: EventDocument, feed: Feed, values: ReadonlyMap<string, string>): void {
  const action = values.get('action') ?? values.get('actiontaken') ?? ''
  const permission = permissionOf(wordsOf(action))
  const transport = (values.get('proto') ?? values.get('protocol') ?? '').toLowerCase()
  switch (feed) {
    case 'audit':
      putKind(document, undefined, ['configuration'], [typeOfChange(action)])
      return
    case 'dns':
      put(document, 'network.protocol', 'dns')
      if (transport === 'tcp' || transport === 'udp') put(document, 'network.transport', transport)
      add(document, 'dns.resolved_ip', ...[values.get('dns_resp')].filter((ip) => ip !== undefined && isIp(ip)))
      putKind(document, undefined, ['network'], ['info'])
      return
    case 'tunnel':
      put(document, 'network.transport', /^gre/i.test(values.get('tunneltype') ?? '') ? 'gre' : undefined)
      if (read(document, 'network.transport') === 'gre') put(document, 'network.iana_number', '47')
      putCommunityId(document)
      putKind(document, values.get('event')?.toLowerCase().replaceAll(' ', '-'), ['network'], ['info'])
      return
    case 'fw':
      put(document, 'network.transport', /^(?:tcp|udp|icmp|gre|esp)$/.test(transport) ? transport : undefined)
      putKind(document, undefined, ['network'], [permission ?? 'connection'])
      return
    case 'edlp':
      put(document, 'event.kind', 'alert')
      putKind(document, undefined, ['intrusion_detection'], [permission ?? 'info'])
      return
    default:
      put(document, 'network.protocol', transport === '' ? undefined : transport)
      putKind(document, undefined, ['web'], permission === 'denied' ? ['denied'] : ['info'])
      return
  }
}

function typeOfChange(action: string): string {
  if (/create|add|import/i.test(action)) return 'creation'
  return /delete|remove/i.test(action) ? 'deletion' : /sign|log ?in|log ?out/i.test(action) ? 'info' : 'change'
}

/** `[192.0.2.1] ZscalerNSS: SIEM Feed connection "DNS" to 192.0.2.9:9012 lost …` */
function parseAlert(record: LogRecord, document: EventDocument): boolean {
  const found = /^\[([^\]]{1,64})\] (.{1,4096})$/s.exec(record.body.trimEnd())
  if (found === null) return false
  document.dataset = 'zscaler_zia.alerts'
  put(document, '@timestamp', isoTime(record.syslog.time))
  putSyslogPriority(document, record)
  const [, sender = '', text = ''] = found
  put(document, 'message', text)
  put(document, 'host.name', record.syslog.host ?? sender)
  const end = / to {1,2}([\d.]{7,15}):(\d{1,5})/.exec(text)
  const ip = end?.[1] ?? sender
  if (isIp(ip)) {
    put(document, 'destination.ip', ip)
    put(document, 'destination.address', ip)
  }
  put(document, 'destination.port', Number(end?.[2]) || undefined)
  return true
}

/** `2026-11-18 09:12:44<TAB>reason=Allowed<TAB>…`, as the feeds for Splunk are written. */
function parsePairs(record: LogRecord, document: EventDocument): boolean {
  const pairs = readKeyValues(record.text, 0, { pair: '\t' })
  if (pairs.size < 5) return false
  const values = new Map([...pairs].map(([name, value]) => [name.toLowerCase(), percentDecoded(value)] as const))
  putNss(record, document, '', values)
  putDefault(document, '@timestamp', isoTime(record.syslog.time))
  return true
}

const lss = fieldTable({
  ClientPublicIP: 'client.ip:ip source.ip:ip source.address',
  ClientPublicIp: 'client.ip:ip source.ip:ip source.address',
  ClientPublicPort: 'client.port:port',
  PublicIP: 'client.ip:ip',
  ServerIP: 'server.ip:ip destination.ip:ip destination.address',
  ServerPort: 'server.port:port',
  ApplicationPort: 'server.port:port',
  Username: 'user.name',
  NameID: 'user.name',
  User: 'user.name',
  Hostname: 'host.hostname host.name',
  Platform: 'host.os.platform',
  Customer: 'organization.name',
  CustomerID: 'organization.id',
  Method: 'http.request.method',
  StatusCode: 'http.response.status_code:count',
  RequestSize: 'http.request.body.bytes:count',
  ResponseSize: 'http.response.body.bytes:count',
  UserAgent: 'user_agent.original',
  RequestID: 'event.id',
  ConnectionReason: 'event.reason',
})

/** What each log of Private Access has that the others have not. */
function lssKindOf(json: JsonObject): string | undefined {
  if (json['AuditOperationType'] !== undefined) return 'audit'
  if (json['LogTimestamp'] === undefined) return undefined
  if (json['Exporter'] !== undefined) return 'browser_access'
  if (json['ConnectionStatus'] !== undefined) return 'user_activity'
  if (json['Connector'] !== undefined) return 'app_connector_status'
  return json['SessionStatus'] !== undefined || json['ZEN'] !== undefined ? 'user_status' : undefined
}

function parseLss(record: LogRecord, document: EventDocument, json: JsonObject): boolean {
  const kind = lssKindOf(json)
  if (kind === undefined) return false
  document.dataset = `zscaler_zpa.${kind}`
  const stamp = String(json['LogTimestamp'] ?? json['CreationTime'] ?? json['ModifiedTime'] ?? '')
  put(
    document,
    '@timestamp',
    isoTime(timeOf(stamp.replaceAll(/ {2,}/g, ' '), record.arrival, 'UTC') ?? record.syslog.time),
  )
  for (const [name, value] of Object.entries(json)) {
    if (value === null || value === '' || name === 'LogTimestamp') continue
    const isScalar = typeof value === 'string' || typeof value === 'number'
    if (!isScalar || !putField(lss, document, name, String(value), record))
      putUnder(document, document.dataset, name, value)
  }
  putLssMeaning(document, kind, json)
  return true
}

function putLssMeaning(document: EventDocument, kind: string, json: JsonObject): void {
  const status = String(json['SessionStatus'] ?? '')
  switch (kind) {
    case 'audit': {
      const operation = String(json['AuditOperationType'] ?? '')
      const isSession = /^sign|^client session/i.test(operation)
      putKind(
        document,
        undefined,
        [isSession ? 'authentication' : 'iam'],
        [isSession ? (/out/i.test(operation) ? 'end' : 'start') : typeOfChange(operation)],
      )
      return
    }
    case 'browser_access': {
      const host = String(json['Host'] ?? '')
      put(document, 'server.address', host)
      putUrl(document, `${String(json['Protocol'] ?? 'https').toLowerCase()}://${host}${String(json['URL'] ?? '')}`)
      putKind(document, undefined, ['network', 'session'], ['connection'])
      return
    }
    case 'app_connector_status':
      put(document, 'observer.type', 'forwarder')
      put(document, 'observer.version', json['Version'])
      put(document, 'observer.os.platform', json['Platform'])
      if (isIp(String(json['PublicIP'] ?? ''))) put(document, 'observer.ip', [String(json['PublicIP'])])
      putKind(document, undefined, ['package'], ['info'])
      return
    default:
      if (status !== '') put(document, 'zscaler_zpa.user_status.authenticated', status.endsWith('_AUTHENTICATED'))
      putKind(document, undefined, ['iam'], ['info', 'user'])
      return
  }
}

const marks = ['"zscalernss-', '"sourcetype"', 'vendor=Zscaler', 'ZscalerNSS', '"LogTimestamp"', '"AuditOperationType"']

export const zscaler: Product = {
  name: 'zscaler_zia',
  datasets: [
    'zscaler_zia.web',
    'zscaler_zia.firewall',
    'zscaler_zia.dns',
    'zscaler_zia.tunnel',
    'zscaler_zia.audit',
    'zscaler_zia.alerts',
    'zscaler_zia.endpoint_dlp',
    'zscaler_zia.casb',
    'zscaler_zpa.user_activity',
    'zscaler_zpa.user_status',
    'zscaler_zpa.browser_access',
    'zscaler_zpa.app_connector_status',
    'zscaler_zpa.audit',
  ],
  detect(record) {
    const { text } = record
    if (!marks.some((mark) => text.includes(mark))) return 0
    if (text.includes('vendor=Zscaler') && text.includes('\t')) return 0.97
    if (record.body.startsWith('[') && text.includes('ZscalerNSS')) return 0.97
    const json = jsonOf(record)
    if (json === undefined) return 0
    return String(json['sourcetype'] ?? '').startsWith('zscalernss') ? 0.97 : lssKindOf(json) === undefined ? 0 : 0.95
  },
  parse,
}
