// Sophos Firewall (SFOS, once XG): `device="SFW" date=… log_id=… log_type="Firewall" …`.
// Fields: "Sophos Firewall Syslog Guide" 18 to 20 (docs.sophos.com/nsg/sophos-firewall).
import { fieldTable } from '../formats/field-table.ts'
import { readKeyValues } from '../formats/key-value.ts'
import { isObject, type LogRecord } from '../log-record.ts'
import { type EventDocument, put, putDefault, read } from '../normalise/document.ts'
import { countOf } from '../normalise/endpoint.ts'
import { putCommunityId } from '../normalise/network.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import { putUrl } from '../normalise/url.ts'
import type { Product } from '../product.ts'
import { isNothing, type Pairs, putKind, putObserver, putPairs, putTotals } from './kv-product.ts'

const table = fieldTable({
  src_ip: 'source:address',
  dst_ip: 'destination:address',
  src_port: 'source.port:port',
  dst_port: 'destination.port:port',
  sourceip: 'source:address',
  destinationip: 'destination:address',
  host: 'source:address',
  localip: 'destination:address',
  remote_ip: 'source:address',
  protocol: 'network:transport',
  device_id: 'observer.serial_number',
  device_serial_id: 'observer.serial_number',
  severity: 'log.level:lower',
  priority: 'log.level:lower',
  src_zone_type: 'observer.ingress.zone',
  dst_zone_type: 'observer.egress.zone',
  src_zone: 'observer.ingress.zone',
  dst_zone: 'observer.egress.zone',
  srczone: 'observer.ingress.zone',
  dstzone: 'observer.egress.zone',
  in_interface: 'observer.ingress.interface.name',
  out_interface: 'observer.egress.interface.name',
  in_display_interface: 'observer.ingress.interface.name:default',
  out_display_interface: 'observer.egress.interface.name:default',
  bytes_sent: 'source.bytes:count',
  bytes_received: 'destination.bytes:count',
  sent_bytes: 'source.bytes:count',
  recv_bytes: 'destination.bytes:count',
  packets_sent: 'source.packets:count',
  packets_received: 'destination.packets:count',
  sent_pkts: 'source.packets:count',
  recv_pkts: 'destination.packets:count',
  fw_rule_id: 'rule.id',
  web_policy_id: 'rule.id:default',
  nat_rule_id: 'sophos.xg.nat_rule_id',
  domain: 'url.domain',
  domainname: 'url.domain',
  reason: 'event.reason',
  src_trans_ip: 'source.nat.ip:ip',
  dst_trans_ip: 'destination.nat.ip:ip',
  src_trans_port: 'source.nat.port:port',
  dst_trans_port: 'destination.nat.port:port',
  tran_src_ip: 'source.nat.ip:ip',
  tran_src_port: 'source.nat.port:port',
  tran_dst_ip: 'destination.nat.ip:ip',
  tran_dst_port: 'destination.nat.port:port',
  src_mac: 'source.mac:mac',
  dst_mac: 'destination.mac:mac',
  message: 'message',
  from_email_address: 'email.from.address source.user.email',
  to_email_address: 'email.to.address destination.user.email',
  src_domainname: 'source.domain',
  dst_domainname: 'destination.domain',
  policy_type: 'rule.ruleset',
  email_subject: 'email.subject',
  subject: 'email.subject',
  filename: 'file.name',
  file_name: 'file.name',
  filetype: 'file.mime_type',
  filesize: 'file.size:count',
  file_size: 'file.size:count',
  sha1sum: 'file.hash.sha1',
  source: 'url.domain destination.domain',
  usergroupname: 'source.user.group.name',
  user_group: 'source.user.group.name',
  user_gp: 'source.user.group.name',
  signature_id: 'rule.id',
  signature_msg: 'rule.name',
  classification: 'rule.category',
  user_agent: 'user_agent.original',
  useragent: 'user_agent.original',
  status_code: 'http.response.status_code:count',
  httpstatus: 'http.response.status_code:count',
  method: 'http.request.method',
  httpmethod: 'http.request.method',
  referer: 'http.request.referrer',
  content_type: 'http.response.mime_type',
  contenttype: 'http.response.mime_type',
  eventid: 'event.id',
  application: 'network.application',
  app_name: 'network.application',
  application_name: 'network.application',
  process_user: 'process.user.name',
  execution_path: 'process.executable',
  fw_rule_name: 'rule.name',
})

const skip = new Set([
  'date',
  'time',
  'timezone',
  'log_id',
  'url',
  'user_name',
  'user',
  'name',
  'duration',
  'timestamp',
])

function parse(record: LogRecord, document: EventDocument): boolean {
  const pairs = readKeyValues(record.text, record.bodyAt)
  const type = pairs.get('log_type')
  if (type === undefined) return false
  document.dataset = 'sophos.xg'
  putObserver(document, { vendor: 'Sophos', product: 'XG', type: 'firewall' })
  putPairs(record, document, pairs, table, 'sophos.xg', skip)
  putTime(record, document, pairs)
  const host = pairs.get('device_name')
  put(document, 'host.name', configuredHost(record, pairs) ?? record.syslog.host ?? host)
  put(document, 'observer.hostname', record.syslog.host)
  put(document, 'event.severity', severities[(pairs.get('severity') ?? pairs.get('priority') ?? '').toLowerCase()])
  const id = pairs.get('log_id') ?? pairs.get('messageid')
  put(document, 'event.code', id !== undefined && id.length > 5 ? id.slice(-5) : id)
  const user = [pairs.get('user_name'), pairs.get('user'), pairs.get('name')].find(
    (name) => name !== undefined && name !== '' && name !== '-',
  )
  if (user !== undefined) {
    put(document, 'source.user.name', user)
    put(document, 'user.name', user)
  }
  const url = pairs.get('url')
  if (url !== undefined && url !== '') {
    putUrl(document, url)
    put(document, 'url.full', url)
  }
  putTotals(document)
  putDirectionByZone(document)
  putMeaning(document, type, pairs)
  const component = pairs.get('log_component')?.toLowerCase()
  if (component !== undefined && services.has(component)) put(document, 'network.protocol', component)
  putCommunityId(document, countOf(pairs.get('icmp_type')), countOf(pairs.get('icmp_code')))
  return true
}

/** The name that an Elastic Agent's policy gives a device, by its serial number; it comes with the record. */
function configuredHost(record: LogRecord, pairs: Pairs): string | undefined {
  const policy = record.meta['_conf']
  if (!isObject(policy)) return undefined
  const serial = pairs.get('device_id') ?? pairs.get('device_serial_id')
  const { mappings, default: fallback } = policy
  for (const mapping of Array.isArray(mappings) ? mappings : []) {
    if (isObject(mapping) && mapping['serial_number'] === serial && typeof mapping['hostname'] === 'string')
      return mapping['hostname']
  }
  return typeof fallback === 'string' ? fallback : undefined
}

const severities: Readonly<Record<string, number | undefined>> = {
  emergency: 0,
  alert: 1,
  critical: 2,
  error: 3,
  warning: 4,
  notification: 5,
  notice: 5,
  information: 6,
  informational: 6,
  debug: 7,
}

const services = new Set(['http', 'https', 'smtp', 'smtps', 'pop3', 'pop3s', 'imap', 'imaps', 'ftp'])

function putTime(record: LogRecord, document: EventDocument, pairs: Pairs): void {
  const { arrival } = record
  const zone = pairs.get('timezone')
  const date = pairs.get('date')
  const claimed =
    date === undefined
      ? timeOf(pairs.get('timestamp'), arrival, record.zone)
      : timeOf(`${date} ${pairs.get('time') ?? ''}${zone === undefined ? '' : ` ${zone}`}`, arrival, record.zone)
  const time = claimed ?? record.syslog.time
  put(document, '@timestamp', isoTime(time))
  const offset = /([+-]\d\d):?(\d\d)$/.exec(pairs.get('timestamp') ?? '')
  put(document, 'event.timezone', offset === null ? record.zone : `${offset[1]}:${offset[2]}`)
  const seconds = countOf(pairs.get('duration'))
  if (seconds === undefined || time === undefined || seconds > 9_000_000) return
  put(document, 'event.duration', seconds * 1_000_000_000)
  put(document, 'event.start', isoTime(time))
  put(document, 'event.end', isoTime(time + seconds * 1000))
}

const mailActions = /^(?:Anti-|Sandbox)/
const bad = /Denied|Drop|Virus|Spam|Malicious|Dos|DLP|Reject|Blocked|PUA/i

/** What is refused because it is forged or comes from an infected endpoint, not because of a rule ("Log ID and meaning", components of the firewall's log). */
const attacks = /^(?:DoS|IP Spoof|Source Routed|Heartbeat)/i

function putMeaning(document: EventDocument, type: string, pairs: Pairs): void {
  const subtype = pairs.get('log_subtype') ?? ''
  // What came for the firewall itself and was turned away: newer versions write it as an event.
  const isOwnTraffic = pairs.get('log_component') === 'Appliance Access'
  if ((type === 'Event' && !isOwnTraffic) || type === 'System Health') {
    putEvent(document, pairs)
    return
  }
  // The web application firewall writes why it refused, and `-` where it did not.
  const isWaf = type === 'WAF'
  const denied = isWaf ? !isNothing(pairs.get('reason')) : bad.test(subtype) || pairs.get('action') === 'Deny'
  const component = pairs.get('log_component') ?? ''
  const isThreat = type.startsWith('Anti-') || type === 'Sandbox'
  const category =
    type === 'IDP' || type === 'ATP' || subtype === 'Dos' || (type === 'Firewall' && attacks.test(component))
      ? ['intrusion_detection', 'network']
      : isThreat && denied
        ? ['malware', 'network']
        : ['network']
  const types = isThreat && denied && type.startsWith('Anti-') ? ['info', 'denied'] : [denied ? 'denied' : 'allowed']
  const step = { Start: 'start', Stop: 'end' }[pairs.get('con_event') ?? pairs.get('connevent') ?? '']
  if (subtype === 'Pending') types[0] = 'start'
  if (step !== undefined) types.unshift(step)
  put(document, 'event.kind', denied && category.length > 1 ? 'alert' : 'event')
  putKind(
    document,
    mailActions.test(type) ? subtype : isWaf ? (denied ? 'denied' : 'allowed') : subtype.toLowerCase(),
    category,
    [...types, 'connection'],
    'success',
  )
}

function putDirectionByZone(document: EventDocument): void {
  const from = read(document, 'observer.ingress.zone')
  const to = read(document, 'observer.egress.zone')
  if (from === 'LAN' && to === 'WAN') put(document, 'network.direction', 'outbound')
  else if (from === 'WAN' && to === 'LAN') put(document, 'network.direction', 'inbound')
}

/** Logins of people, administrators and VPN clients; what the device itself does. */
function putEvent(document: EventDocument, pairs: Pairs): void {
  const component = pairs.get('log_component') ?? ''
  const status = pairs.get('status') ?? ''
  if (!/Authentication|Login|Admin|VPN|GUI|CLI|Portal/i.test(`${component} ${pairs.get('log_subtype') ?? ''}`)) return
  const failed = /fail|invalid|reject/i.test(status)
  if (/Authentication|Admin/i.test(`${component} ${pairs.get('log_subtype') ?? ''}`) && /success|fail/i.test(status)) {
    putKind(document, undefined, ['authentication'], ['start'], failed ? 'failure' : 'success')
    const user = read(document, 'source.user.name')
    putDefault(document, 'user.name', user)
  }
}

function detect(record: LogRecord): number {
  const { text, bodyAt } = record
  const at = text.indexOf('device', bodyAt)
  if (at < 0 || at - bodyAt > 120) return 0
  return text.includes(' log_type=', at) && text.includes(' log_component=', at) ? 0.96 : 0
}

export const sophosXg: Product = { name: 'sophos_xg', datasets: ['sophos.xg'], detect, parse }
