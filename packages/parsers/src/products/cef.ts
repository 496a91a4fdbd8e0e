// Any device that speaks CEF or LEEF: the dictionaries of the two formats as ECS, whatever the vendor.
// Keys: "ArcSight Common Event Format (CEF) Implementation Standard", revision 25, tables 1 and 2; "Predefined LEEF event attributes" (IBM QRadar DSM guide).
import { type Cef, readCef, readLeef } from '../formats/cef.ts'
import { fieldTable, putField, putUserName } from '../formats/field-table.ts'
import type { LogRecord } from '../log-record.ts'
import { putAliases } from '../normalise/aliases.ts'
import { type EventDocument, put, putDefault, read } from '../normalise/document.ts'
import { isIp } from '../normalise/endpoint.ts'
import { putMeaning } from '../normalise/meaning.ts'
import { putCommunityId, putNetworkType } from '../normalise/network.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { epochMs, isoTime, readTime, timeOf } from '../normalise/time.ts'
import type { Product } from '../product.ts'

const cefTable = fieldTable({
  act: 'event.action',
  app: 'network.application',
  proto: 'network:transport',
  src: 'source:address',
  dst: 'destination:address',
  shost: 'source.domain',
  dhost: 'destination.domain',
  spt: 'source.port:port',
  dpt: 'destination.port:port',
  smac: 'source.mac:mac',
  dmac: 'destination.mac:mac',
  suser: 'source.user.name',
  duser: 'destination.user.name',
  suid: 'source.user.id',
  duid: 'destination.user.id',
  spriv: 'source.user.group.name',
  dpriv: 'destination.user.group.name',
  sntdom: 'source.registered_domain',
  dntdom: 'destination.registered_domain',
  sourceTranslatedAddress: 'source.nat.ip:ip',
  destinationTranslatedAddress: 'destination.nat.ip:ip',
  sourceTranslatedPort: 'source.nat.port:port',
  destinationTranslatedPort: 'destination.nat.port:port',
  in: 'source.bytes:count',
  out: 'destination.bytes:count',
  deviceInboundInterface: 'observer.ingress.interface.name',
  deviceOutboundInterface: 'observer.egress.interface.name',
  deviceDirection: 'network.direction',
  dvc: 'observer.ip:ip',
  dvchost: 'observer.hostname',
  deviceHostName: 'observer.hostname',
  dvcmac: 'observer.mac:mac',
  ahost: 'observer.hostname:default',
  agt: 'observer.ip:ip',
  deviceProcessName: 'process.name',
  dvcpid: 'process.pid:count',
  sproc: 'process.name',
  spid: 'process.pid:count',
  dproc: 'process.name:default',
  dpid: 'process.pid:count',
  externalId: 'event.id',
  eventId: 'event.id',
  fname: 'file.name',
  filePath: 'file.path',
  fsize: 'file.size:count',
  fileType: 'file.type',
  fileId: 'file.inode',
  filePermission: 'file.mode',
  fileCreateTime: 'file.created:iso',
  fileModificationTime: 'file.mtime:iso',
  msg: 'message',
  message: 'message',
  reason: 'event.reason',
  request: 'url:url',
  requestMethod: 'http.request.method',
  requestContext: 'http.request.referrer',
  requestClientApplication: 'user_agent.original',
  sourceServiceName: 'source.service.name',
  destinationServiceName: 'destination.service.name',
  destinationDnsDomain: 'destination.registered_domain',
  sourceDnsDomain: 'source.registered_domain',
  deviceDnsDomain: 'observer.domain',
  dtz: 'event.timezone',
  deviceExternalId: 'observer.name:default',
  c6a2: 'source.ip:ip',
  c6a3: 'destination.ip:ip',
  requestCookies: 'http.request.cookies',
})

const leefTable = fieldTable({
  src: 'source:address',
  dst: 'destination:address',
  srcPort: 'source.port:port',
  dstPort: 'destination.port:port',
  proto: 'network:transport',
  usrName: 'user.name source.user.name',
  accountName: 'user.name:default',
  srcMAC: 'source.mac:mac',
  dstMAC: 'destination.mac:mac',
  srcPostNAT: 'source.nat.ip:ip',
  dstPostNAT: 'destination.nat.ip:ip',
  srcPostNATPort: 'source.nat.port:port',
  dstPostNATPort: 'destination.nat.port:port',
  srcBytes: 'source.bytes:count',
  dstBytes: 'destination.bytes:count',
  srcPackets: 'source.packets:count',
  dstPackets: 'destination.packets:count',
  totalPackets: 'network.packets:count',
  totalBytes: 'network.bytes:count',
  url: 'url:hosturl',
  domain: 'user.domain',
  identHostName: 'host.name',
  identSrc: 'host.ip:ips',
  identMAC: 'host.mac:mac',
  policy: 'rule.name',
  action: 'event.action',
  act: 'event.action',
  msg: 'message',
  reason: 'event.reason',
  resource: 'destination.domain',
  devName: 'observer.name',
  fileName: 'file.name',
  filePath: 'file.path',
  fileHash: 'file.hash.sha256',
  method: 'http.request.method',
  userAgent: 'user_agent.original',
  cat: 'rule.category',
  role: 'user.roles',
  groupID: 'user.group.id',
  app: 'network.application',
})

/** Where `CEF:` or `LEEF:` begins: at the message, or behind whatever a relay put before it. */
export function cefStart(record: LogRecord): { at: number; leef: boolean } | undefined {
  const { text, messageAt } = record
  if (text.startsWith('CEF:', messageAt)) return { at: messageAt, leef: false }
  if (text.startsWith('LEEF:', messageAt)) return { at: messageAt, leef: true }
  const cef = text.indexOf('CEF:')
  if (cef >= 0 && cef < 400 && text.charCodeAt(cef + 5) === 0x7c) return { at: cef, leef: false }
  const leef = text.indexOf('LEEF:')
  return leef >= 0 && leef < 400 && text.includes('|', leef) ? { at: leef, leef: true } : undefined
}

export function readAnyCef(record: LogRecord): { cef: Cef; leef: boolean } | undefined {
  const start = cefStart(record)
  if (start === undefined) return undefined
  const cef = start.leef ? readLeef(record.text, start.at) : readCef(record.text, start.at)
  return cef === undefined ? undefined : { cef, leef: start.leef }
}

/** All that CEF itself says; a product's own parser goes on from it. */
export function putCef(record: LogRecord, document: EventDocument, cef: Cef, leef: boolean): void {
  const { extensions } = cef
  put(document, 'observer.vendor', cef.vendor)
  put(document, 'observer.product', cef.product)
  put(document, 'observer.version', cef.version)
  put(document, 'event.code', cef.id)
  putSyslogPriority(document, record)
  const envelope = envelopeOf(record)
  put(document, 'host.name', envelope.host)
  putCefTimes(record, document, extensions)
  const severity = Number(cef.severity)
  if (cef.severity !== '' && Number.isFinite(severity)) put(document, 'event.severity', severity)
  else put(document, 'event.severity', severityWords[cef.severity.toLowerCase()])
  const table = leef ? leefTable : cefTable
  const own = leef ? 'leef' : 'cef.extensions'
  for (const [key, value] of extensions) {
    if (value === '' || value === 'N/A') continue
    putField(table, document, key, value, record)
    put(document, `${own}.${key}`, value)
  }
  putLabelled(document, extensions)
  putOutcome(document, extensions)
  putDefault(document, 'message', cef.name)
  put(document, 'cef.name', cef.name)
  const user = read(document, 'source.user.name') ?? read(document, 'destination.user.name')
  // One person, whichever way her name is written.
  if (typeof user === 'string' && read(document, 'user.name') === undefined) putUserName(document, 'user', user)
  putNetworkType(document)
  putCommunityId(document)
}

/** Time and host before `CEF:`; `<111>1 2026-11-18T09:12:44Z host CEF:…` is no RFC 5424, but has both. */
function envelopeOf(record: LogRecord): { time: number | undefined; host: string | undefined } {
  const { syslog, text } = record
  const start = cefStart(record)
  const isHost = syslog.host !== undefined && !syslog.host.includes(':0|') && !/^(?:CEF|LEEF):/.test(syslog.host)
  if (start === undefined || (syslog.time !== undefined && isHost)) return { time: syslog.time, host: syslog.host }
  const before = text
    .slice(0, start.at)
    .replace(/^\s*<\d{1,3}>\s*/, '')
    .replace(/^1 /, '')
    .trim()
  const claimed = readTime(before, 0, record.arrival, record.zone)
  const rest = (claimed === undefined ? before : before.slice(claimed.end)).trim().split(' ')
  const host = rest[0] === '' || rest[0] === '-' ? undefined : rest[0]
  return { time: syslog.time ?? claimed?.ms, host: isHost ? syslog.host : host }
}

/** "Very-High" and the like of ArcSight's own connectors, on CEF's scale of ten. */
const severityWords: Readonly<Record<string, number | undefined>> = {
  unknown: 0,
  low: 0,
  medium: 4,
  high: 7,
  'very-high': 9,
}

function putCefTimes(record: LogRecord, document: EventDocument, extensions: ReadonlyMap<string, string>): void {
  const read = (key: string) => cefTime(extensions.get(key), record)
  // When it began or ended is of the activity that it tells of, which may be days old: before those the envelope.
  const time = read('rt') ?? read('devTime') ?? envelopeOf(record).time
  put(document, '@timestamp', isoTime(time ?? read('end') ?? read('start') ?? read('deviceCustomDate1')))
  put(document, 'event.start', isoTime(read('start')))
  put(document, 'event.end', isoTime(read('end')))
}

/** Milliseconds since 1970, or a date in one of the spellings of CEF's appendix. */
export function cefTime(text: string | undefined, record: LogRecord): number | undefined {
  if (text === undefined || text === '') return undefined
  return /^\d{9,14}(?:\.\d+)?$/.test(text) ? epochMs(text) : timeOf(text, record.arrival, record.zone)
}

/** `cs1Label=RuleID cs1=…`: what some labels mean is beyond doubt. */
const labelTargets: Readonly<Record<string, string | undefined>> = {
  ruleid: 'rule.id',
  rulename: 'rule.name',
  rule: 'rule.name',
  policy: 'rule.ruleset',
  'policy name': 'rule.ruleset',
  policyname: 'rule.ruleset',
  threatname: 'threat.indicator.name',
  sha256: 'file.hash.sha256',
  md5: 'file.hash.md5',
}

function putLabelled(document: EventDocument, extensions: ReadonlyMap<string, string>): void {
  for (const [key, label] of extensions) {
    if (!key.endsWith('Label')) continue
    const value = extensions.get(key.slice(0, -5))
    const target = labelTargets[label.toLowerCase()]
    if (value !== undefined && target !== undefined) putDefault(document, target, value)
  }
  const hash = extensions.get('fileHash')
  if (hash?.length === 64) put(document, 'file.hash.sha256', hash)
  else if (hash?.length === 40) put(document, 'file.hash.sha1', hash)
  else if (hash?.length === 32) put(document, 'file.hash.md5', hash)
  const direction = extensions.get('deviceDirection')
  if (direction === '0') put(document, 'network.direction', 'inbound')
  else if (direction === '1') put(document, 'network.direction', 'outbound')
}

/** `cs1Label=Source Zone cs1=LAN` is a field of that name. */
function* labelled(extensions: ReadonlyMap<string, string>): Generator<readonly [string, string]> {
  for (const [key, label] of extensions) {
    if (!key.endsWith('Label')) continue
    const value = extensions.get(key.slice(0, -5))
    if (value !== undefined) yield [label, value]
  }
}

function putOutcome(document: EventDocument, extensions: ReadonlyMap<string, string>): void {
  const outcome = (extensions.get('outcome') ?? extensions.get('categoryOutcome') ?? '').toLowerCase()
  if (outcome.includes('success')) put(document, 'event.outcome', 'success')
  else if (outcome.includes('fail')) put(document, 'event.outcome', 'failure')
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const found = readAnyCef(record)
  if (found === undefined) return false
  document.dataset = record.hint ?? (found.leef ? 'leef.log' : 'cef.log')
  putCef(record, document, found.cef, found.leef)
  // Keys of the vendor's own, what its labels call the custom fields, and what happened, by the words of its name.
  const { extensions } = found.cef
  putAliases(document, [...labelled(extensions)], record)
  putMeaning(document, found.cef.name, found.cef.id, extensions.get('cat') ?? extensions.get('categoryBehavior'))
  const { host } = envelopeOf(record)
  // `localhost` of a relay says nothing.
  if (host !== undefined && !isIp(host)) putDefault(document, 'observer.hostname', host)
  return true
}

export const cef: Product = {
  name: 'cef',
  datasets: [
    'cef.log',
    'leef.log',
    'trendmicro.deep_security',
    'imperva.securesphere',
    'cyberark_pta.events',
    'thycotic_ss.logs',
    'infoblox_nios.cef',
  ],
  detect: (record) => (cefStart(record) === undefined ? 0 : 0.7),
  parse,
}
