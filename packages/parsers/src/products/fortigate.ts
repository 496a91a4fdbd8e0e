// FortiGate (FortiOS): key=value lines of type traffic, utm and event, also through FortiAnalyzer.
// Fields: "FortiOS Log Message Reference" (docs.fortinet.com/document/fortigate/7.4.0/fortios-log-message-reference).
import { fieldTable, putField } from '../formats/field-table.ts'
import { readKeyValues } from '../formats/key-value.ts'
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, put, putDefault, putUnder, read } from '../normalise/document.ts'
import { countOf, isIp, portOf, putAddress } from '../normalise/endpoint.ts'
import { putCommunityId, putDirectionByAddress } from '../normalise/network.ts'
import { addRelated } from '../normalise/related.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { isoTime, readTime } from '../normalise/time.ts'
import { putDomainParts, putUrl } from '../normalise/url.ts'
import type { Product } from '../product.ts'
import { deviceOf } from './fortinet-device.ts'

export const fortinetTable = fieldTable({
  logid: 'event.code',
  log_id: 'event.id',
  level: 'log.level',
  pri: 'log.level',
  msg: 'message',
  srcip: 'source:address',
  dstip: 'destination:address',
  src: 'source:address',
  dst: 'destination:address',
  src_port: 'source.port:port',
  dst_port: 'destination.port:port',
  src_int: 'observer.ingress.interface.name',
  dst_int: 'observer.egress.interface.name',
  policy_id: 'rule.id',
  remote_ip: 'source:address',
  remote_port: 'source.port:port',
  srcport: 'source.port:port',
  dstport: 'destination.port:port',
  srcintf: 'observer.ingress.interface.name',
  dstintf: 'observer.egress.interface.name',
  interface: 'observer.ingress.interface.name',
  policyid: 'rule.id',
  proto: 'network:transport',
  service: 'network.protocol:lower',
  logdesc: 'rule.description',
  tz: 'event.timezone',
  devid: 'observer.serial_number',
  device_id: 'observer.serial_number',
  devname: 'observer.name',
  catdesc: 'rule.category',
  sentbyte: 'source.bytes:count',
  rcvdbyte: 'destination.bytes:count',
  sentpkt: 'source.packets:count',
  rcvdpkt: 'destination.packets:count',
  reason: 'event.reason',
  poluuid: 'rule.uuid',
  policyname: 'rule.name',
  app: 'network.application',
  transip: 'source.nat.ip:ip',
  transport: 'source.nat.port:port',
  tranip: 'destination.nat.ip:ip',
  tranport: 'destination.nat.port:port',
  user: 'source.user.name',
  unauthuser: 'source.user.name:default',
  group: 'source.user.group.name',
  dir: 'network.direction:lower',
  xid: 'dns.id',
  qtype: 'dns.question.type',
  qclass: 'dns.question.class',
  ipaddr: 'dns.resolved_ip:ips',
  scertcname: 'tls.server.x509.subject.common_name',
  scertissuer: 'tls.server.issuer tls.server.x509.issuer.common_name',
  certhash: 'tls.server.hash.sha1',
  sni: 'tls.client.server_name',
  cipher: 'tls.cipher',
  kxcurve: 'tls.curve',
  filename: 'file.name',
  filesize: 'file.size:count',
  filetype: 'file.extension:lower',
  ref: 'event.reference',
  agent: 'user_agent.original',
  dtype: 'vulnerability.category',
  httpmethod: 'http.request.method',
  referralurl: 'http.request.referrer',
  eventid: 'event.id',
  event_id: 'event.id',
  srcmac: 'source.mac:mac',
  dstmac: 'destination.mac:mac',
  srcthreatfeed: 'threat.feed.name',
  dstthreatfeed: 'threat.feed.name',
  from: 'email.from.address',
  to: 'email.to.address',
  sender: 'email.sender.address',
  recipient: 'email.to.address',
  subject: 'email.subject',
  comment: 'rule.description',
  srcname: 'host.name:lower',
  vulncat: 'vulnerability.category',
  error: 'error.message',
  crscore: 'event.risk_score:number',
  dstname: 'destination.domain',
  dst_host: 'destination.domain',
  srcdomain: 'source.domain',
})

/** Keys that are said elsewhere in ECS and not kept again under fortinet.firewall. */
const spoken = new Set([
  'date',
  'time',
  'eventtime',
  'logid',
  'level',
  'msg',
  'srcip',
  'dstip',
  'srcport',
  'dstport',
  'srcintf',
  'dstintf',
  'policyid',
  'proto',
  'tz',
  'devid',
  'devname',
  'sentbyte',
  'rcvdbyte',
  'sentpkt',
  'rcvdpkt',
  'logdesc',
  'service',
  'app',
  'duration',
  'hostname',
  'url',
  'policytype',
  'poluuid',
  'policyname',
  'filename',
  'filesize',
  'user',
  'timestamp',
  'itime',
])

function isNothing(value: string): boolean {
  const { length } = value
  // Compared only where the length fits: it runs on every value.
  return length === 0 || (length === 3 && (value === 'N/A' || value === 'n/a')) || value === 'undefined'
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const pairs = readPairs(record)
  const type = pairs.get('type') ?? (record.hint !== undefined && pairs.has('msg') ? 'event' : undefined)
  if (
    type === undefined ||
    (record.hint === undefined &&
      !pairs.has('logid') &&
      !pairs.has('log_id') &&
      !pairs.has('devid') &&
      !pairs.has('eventtime') &&
      !pairs.has('subtype'))
  )
    return false
  document.dataset = 'fortinet_fortigate.log'
  put(document, 'observer.vendor', 'Fortinet')
  put(document, 'observer.product', 'Fortigate')
  put(document, 'observer.type', 'firewall')
  putSyslogPriority(document, record)
  putFortinetTime(record, document, pairs)
  for (const [key, value] of pairs) {
    if (value === '') continue
    if (!isNothing(value)) putField(fortinetTable, document, key, value, record)
    if (spoken.has(key) || value === 'N/A') continue
    putUnder(document, 'fortinet.firewall', key, value)
  }
  putRest(document, pairs)
  categorise(document, type, pairs)
  return true
}

/** The pairs after the envelope; a host name before them is no pair. */
function readPairs(record: LogRecord): Map<string, string> {
  return readKeyValues(record.text, record.bodyAt)
}

/** `date` and `time` in the zone `tz` of the device; event.start is `eventtime`, an epoch in seconds to nanoseconds. */
export function putFortinetTime(record: LogRecord, document: EventDocument, pairs: ReadonlyMap<string, string>): void {
  const zone = pairs.get('tz') ?? record.zone
  const { arrival, syslog } = record
  const date = pairs.get('date')
  const claimed =
    date === undefined ? undefined : readTime(`${date}T${pairs.get('time') ?? '00:00:00'}`, 0, arrival, zone)?.ms
  const began = eventTime(pairs)
  put(document, '@timestamp', isoTime(claimed ?? began ?? syslog.time))
  put(document, 'event.timezone', zone)
  put(document, 'event.start', isoTime(began))
}

function eventTime(pairs: ReadonlyMap<string, string>): number | undefined {
  const digits = pairs.get('eventtime')
  if (digits === undefined || digits.length < 9 || digits.length > 19 || countOf(digits.slice(0, 13)) === undefined)
    return undefined
  // Seconds, milliseconds, microseconds or nanoseconds since 1970: the first ten digits are seconds.
  return digits.length > 10 ? Number(digits.slice(0, 13).padEnd(13, '0')) : Number(digits) * 1000
}

function putRest(document: EventDocument, pairs: ReadonlyMap<string, string>): void {
  const duration = countOf(pairs.get('duration'))
  if (duration !== undefined && duration < 9_000_000) put(document, 'event.duration', duration * 1_000_000_000)
  sum(document, 'network.bytes', 'source.bytes', 'destination.bytes')
  sum(document, 'network.packets', 'source.packets', 'destination.packets')
  const host = pairs.get('hostname')
  if (host !== undefined && !isNothing(host)) put(document, 'url.domain', host)
  const url = pairs.get('url')
  if (url !== undefined && !isNothing(url)) putUrl(document, url, { original: false })
  const question = pairs.get('qname')
  if (question !== undefined) {
    put(document, 'dns.question.name', question)
    putDomainParts(document, 'dns.question', question)
  }
  const profile = pairs.get('subtype') === 'system' ? undefined : pairs.get('profile')
  const ruleset =
    pairs.get('type') === 'traffic'
      ? (pairs.get('policytype') ?? pairs.get('applist'))
      : (profile ?? pairs.get('applist') ?? pairs.get('policytype'))
  if (ruleset !== undefined && !isNothing(ruleset)) put(document, 'rule.ruleset', ruleset)
  // `Web.Client` is one name, no path.
  put(document, 'rule.category', pairs.get('appcat')?.replaceAll('.', '-'))
  putTunnel(document, pairs)
  const virus = pairs.get('virus') ?? pairs.get('attack')
  if (virus !== undefined && !isNothing(virus)) putDefault(document, 'threat.software.name', virus)
  const direction = pairs.get('direction') ?? pairs.get('dir')
  if (direction === 'incoming' || direction === 'inbound') put(document, 'network.direction', 'inbound')
  else if (direction === 'outgoing' || direction === 'outbound') put(document, 'network.direction', 'outbound')
  else putDirectionByAddress(document)
  putCommunityId(document, icmpOf(pairs.get('icmptype')), icmpOf(pairs.get('icmpcode')))
}

/** IPsec names both gateways; SSL VPN only the client that comes in. */
function putTunnel(document: EventDocument, pairs: ReadonlyMap<string, string>): void {
  const local = pairs.get('locip')
  const remote = pairs.get('remip')
  if (remote === undefined || isNothing(remote)) return
  putAddress(document, local === undefined ? 'source' : 'destination', remote)
  put(document, local === undefined ? 'source.port' : 'destination.port', portOf(pairs.get('remport')))
  putAddress(document, 'source', local)
  if (local !== undefined) put(document, 'source.port', portOf(pairs.get('locport')))
}

function icmpOf(text: string | undefined): number | undefined {
  const number = text === undefined ? Number.NaN : Number(text)
  return Number.isInteger(number) ? number : undefined
}

export function sum(document: EventDocument, total: string, one: string, other: string): void {
  const first = read(document, one)
  const second = read(document, other)
  if (typeof first === 'number' && typeof second === 'number') put(document, total, first + second)
}

const deniedActions = new Set([
  'deny',
  'denied',
  'block',
  'blocked',
  'dropped',
  'drop',
  'reset',
  'reset_client',
  'reset_server',
  'quarantined',
  'clear_session',
  'server-rst-blocked',
  'ip-conn-blocked',
])
const allowedActions = new Set([
  'accept',
  'pass',
  'passthrough',
  'allow',
  'allowed',
  'permit',
  'detected',
  'monitored',
  'monitor',
])

function categorise(document: EventDocument, type: string, pairs: ReadonlyMap<string, string>): void {
  const subtype = pairs.get('subtype') ?? ''
  const action = pairs.get('action') ?? ''
  if (type === 'traffic') categoriseTraffic(document, action, pairs)
  else if (type === 'utm' || type === 'ips' || type === 'virus' || type === 'webfilter' || type === 'app-ctrl') {
    put(document, 'event.category', ['network'])
    put(document, 'event.action', pairs.get('eventtype') ?? subtype)
    if (action !== '') put(document, 'event.outcome', 'success')
    const types = subtype === 'dns' ? ['info'] : []
    if (deniedActions.has(action)) types.push('denied')
    else if (allowedActions.has(action)) types.push('allowed')
    put(document, 'event.type', types)
  } else categoriseEvent(document, subtype, action, pairs)
}

function categoriseTraffic(document: EventDocument, action: string, pairs: ReadonlyMap<string, string>): void {
  put(document, 'event.category', ['network'])
  put(document, 'event.action', action)
  put(document, 'event.outcome', 'success')
  const types = ['connection', action === 'start' ? 'start' : 'end']
  if (pairs.has('app')) types.push('protocol')
  const verdict = pairs.get('utmaction')
  if (action === 'deny' || verdict === 'block' || verdict === 'reset' || verdict === 'drop') types.push('denied')
  else if (verdict === undefined) types.push('allowed')
  put(document, 'event.type', types)
}

function categoriseEvent(
  document: EventDocument,
  subtype: string,
  action: string,
  pairs: ReadonlyMap<string, string>,
): void {
  const status = pairs.get('status') ?? ''
  const text = pairs.get('logdesc') ?? pairs.get('desc') ?? ''
  if (subtype === 'system' && (action === 'login' || action === 'logout' || isLogin(text))) {
    put(document, 'event.category', ['authentication'])
    put(document, 'event.action', action === '' ? 'login' : action)
    put(document, 'source.user.roles', pairs.get('adminprof') ?? 'Administrator')
    put(document, 'user.roles', pairs.get('adminprof') ?? 'Administrator')
    putUserAsActor(document, pairs)
    if (status === '') put(document, 'event.outcome', /fail|denied/i.test(text) ? 'failure' : 'success')
  } else if (subtype === 'user' || action === 'authentication' || action.startsWith('auth-')) {
    put(document, 'event.category', ['authentication'])
    putUserAsActor(document, pairs)
    if (/log-?o(?:n|ut|ff)$/i.test(action)) {
      put(document, 'event.type', [action.toLowerCase().endsWith('logon') ? 'start' : 'end'])
      put(document, 'event.outcome', 'success')
    }
  } else if (subtype === 'vpn') {
    put(document, 'event.category', ['network'])
    put(document, 'event.type', ['connection'])
    putVpn(document, action)
    putUserAsActor(document, pairs)
    if (/fail|error/.test(action)) put(document, 'event.outcome', 'failure')
  } else if (pairs.has('cfgpath') || pairs.has('cfgtid')) {
    put(document, 'event.action', 'configuration')
    put(document, 'event.category', ['configuration'])
    put(document, 'event.type', [changes[action.toLowerCase()] ?? 'change'])
    put(document, 'event.outcome', 'success')
    putUserAsActor(document, pairs)
  } else if (action === 'perf-stats') {
    put(document, 'event.category', ['host'])
    put(document, 'event.type', ['info'])
  }
  if (pairs.has('eventtype')) put(document, 'event.action', pairs.get('eventtype'))
  if (status === 'success') put(document, 'event.outcome', 'success')
  else if (/fail|error|denied/.test(status)) put(document, 'event.outcome', 'failure')
  for (const key of ['ip', 'tunnelip', 'assignip', 'remote_ip', 'addr']) {
    const ip = pairs.get(key)
    if (ip !== undefined && isIp(ip)) addRelated(document, 'related.ip', ip)
  }
}

/** What an administrator does to an object of the configuration (logids 0100044544 to 0100044548); all else changes it. */
const changes: Readonly<Record<string, string | undefined>> = { add: 'creation', delete: 'deletion' }

/** SSL VPN and dial-up clients: refused logins, and tunnels that come and go. */
function putVpn(document: EventDocument, action: string): void {
  if (action === 'ssl-login-fail') {
    put(document, 'event.action', action)
    put(document, 'event.category', ['authentication', 'network'])
    put(document, 'event.type', ['connection', 'start'])
  } else if (action === 'tunnel-up' || action === 'tunnel-down') {
    put(document, 'event.action', action)
    put(document, 'event.category', ['network', 'session'])
    put(document, 'event.type', ['connection', action === 'tunnel-up' ? 'start' : 'end'])
    put(document, 'event.outcome', 'success')
  }
}

function isLogin(text: string): boolean {
  return /(?:^|\W)log(?:in|out)(?:\W|$)/i.test(text)
}

function putUserAsActor(document: EventDocument, pairs: ReadonlyMap<string, string>): void {
  const user = pairs.get('user')
  if (user !== undefined && !isNothing(user)) put(document, 'user.name', user)
  const from = pairs.get('ui')
  const open = from?.indexOf('(') ?? -1
  const ip = open > 0 ? from?.slice(open + 1, -1) : undefined
  if (ip !== undefined && isIp(ip) && read(document, 'source.ip') === undefined) put(document, 'source.ip', ip)
}

/** FortiManager, FortiAnalyzer, FortiMail and FortiProxy write lines of the same shape. */
function isOtherProduct(record: LogRecord): boolean {
  const device = deviceOf(record)
  return device !== '' && !device.startsWith('FG') && otherModels.test(device)
}

const otherModels = /^F(?:MG|AZ|ML|PX|PR|E[V\dA-Z])/

function detect(record: LogRecord): number {
  const { text, bodyAt } = record
  const at = text.indexOf('logid=', bodyAt)
  if (at >= 0 && at - bodyAt < 400 && text.indexOf('type=', bodyAt) >= 0) {
    if (isOtherProduct(record)) return 0
    return text.includes('devid="FG') ||
      text.includes('eventtime=') ||
      text.includes(' vd=') ||
      text.includes('subtype=')
      ? 0.95
      : 0.6
  }
  return 0
}

export const fortigate: Product = { name: 'fortinet_fortigate', datasets: ['fortinet_fortigate.log'], detect, parse }
