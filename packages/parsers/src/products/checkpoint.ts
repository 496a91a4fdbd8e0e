// Check Point (Log Exporter): `[action:"Accept"; src:"…"; …]` in RFC 5424, or `key="value"`.
// Fields: "Log fields description", sk144192 (support.checkpoint.com).
import { fieldTable } from '../formats/field-table.ts'
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, put, putDefault, read } from '../normalise/document.ts'
import { countOf, isIp, putAddress } from '../normalise/endpoint.ts'
import { putCommunityId } from '../normalise/network.ts'
import { epochMs, isoTime, timeOf } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { type Pairs, putKind, putPairs, putTotals } from './kv-product.ts'

const table = fieldTable({
  src: 'source:address',
  dst: 'destination:address',
  s_port: 'source.port:port',
  service: 'destination.port:port',
  proto: 'network:transport',
  xlatesrc: 'source.nat.ip:ip',
  xlatedst: 'destination.nat.ip:ip',
  xlatesport: 'source.nat.port:port',
  xlatedport: 'destination.nat.port:port',
  client_ip: 'source:address',
  origin: 'observer.name',
  loguid: 'event.id',
  sequencenum: 'event.sequence:count',
  inzone: 'observer.ingress.zone',
  outzone: 'observer.egress.zone',
  ifdir: 'network.direction',
  service_id: 'network.application',
  rule_name: 'rule.name',
  rule_uid: 'rule.uuid',
  layer_name: 'rule.ruleset',
  subject: 'message',
  description: 'message:default',
  operation_number: 'event.code',
  product: 'observer.product',
  appi_name: 'network.application',
  matched_category: 'rule.category',
  app_risk: 'event.risk_score:number',
  malware_action: 'rule.description',
  protection_name: 'threat.indicator.name',
  protection_id: 'rule.id',
  file_name: 'file.name',
  file_md5: 'file.hash.md5',
  file_sha1: 'file.hash.sha1',
  file_sha256: 'file.hash.sha256',
  file_size: 'file.size:count',
  file_type: 'file.type',
  resource: 'url:url',
  method: 'http.request.method',
  referrer: 'http.request.referrer',
  web_client_type: 'user_agent.name',
  user_agent: 'user_agent.original',
  from: 'email.from.address',
  to: 'email.to.address',
  client_inbound_bytes: 'source.bytes:count',
  server_inbound_bytes: 'destination.bytes:count',
  client_inbound_packets: 'source.packets:count',
  server_inbound_packets: 'destination.packets:count',
  bytes: 'network.bytes:count',
  packets: 'network.packets:count',
  src_machine_name: 'source.domain',
  dst_machine_name: 'destination.domain',
  mac_source_address: 'source.mac:mac',
  mac_destination_address: 'destination.mac:mac',
  reason: 'event.reason',
  host_ip: 'source:address',
  http_host: 'url.domain',
  dns_query: 'dns.question.name',
  machine: 'source.domain',
  layer_uuid: 'checkpoint.layer_uuid',
  objectname: 'checkpoint.objectname',
  uid: 'user.id source.user.id',
  endpoint_ip: 'source:address',
  segment_time: 'event.start:epoch',
  creation_time: 'event.created:epoch',
  icmp_type: 'checkpoint.icmp_type:count',
})

/** `key:"value"; key:"value"]`: values may hold `;` and `\"`. */
function readPairs(text: string, from: number): Map<string, string> {
  const pairs = new Map<string, string>()
  let at = from
  while (at < text.length) {
    const quote = text.indexOf('"', at)
    if (quote < 0) break
    let keyAt = quote - 1
    if (text.charCodeAt(keyAt) !== 0x3a && text.charCodeAt(keyAt) !== 0x3d) {
      at = quote + 1
      continue
    }
    const keyEnd = keyAt
    while (keyAt > at && /[\w-]/.test(text.charAt(keyAt - 1))) keyAt--
    let end = quote + 1
    while (end < text.length && (text.charCodeAt(end) !== 0x22 || text.charCodeAt(end - 1) === 0x5c)) end++
    pairs.set(
      text.slice(keyAt, keyEnd),
      text
        .slice(quote + 1, end)
        .replaceAll('\\"', '"')
        .replaceAll('\\]', ']'),
    )
    at = end + 1
  }
  return pairs
}

/** Log Exporter's Splunk format: `time=1795083164|hostname=cp1|product=Firewall|…`. */
function pipedStart(record: LogRecord): number {
  const at = record.text.indexOf('time=', record.bodyAt)
  return at >= 0 &&
    at - record.bodyAt < 40 &&
    record.text.charCodeAt(at + 15) === 0x7c &&
    (record.text.includes('|loguid=', at) ||
      record.text.includes('|sequencenum=', at) ||
      record.text.includes('|originsicname=', at))
    ? at
    : -1
}

function readPiped(text: string, from: number): Map<string, string> {
  const pairs = new Map<string, string>()
  for (const part of text.slice(from).trimEnd().split('|')) {
    const equals = part.indexOf('=')
    if (equals > 0) pairs.set(part.slice(0, equals), part.slice(equals + 1))
  }
  return pairs
}

const allowed = new Set(['Accept', 'Allow', 'Bypass', 'Detect', 'Decrypt', 'Encrypt', 'Inspect', 'Monitor'])
const denied = new Set(['Drop', 'Reject', 'Block', 'Prevent', 'Quarantine', 'Redirect', 'Deny'])

function parse(record: LogRecord, document: EventDocument): boolean {
  const open = record.text.indexOf('[', record.text.indexOf('CheckPoint'))
  const piped = pipedStart(record)
  const pairs = piped >= 0 ? readPiped(record.text, piped) : readPairs(record.text, open < 0 ? record.bodyAt : open)
  if (pairs.size < 3) return false
  document.dataset = 'checkpoint.firewall'
  putPairs(record, document, pairs, table, 'checkpoint', new Set(['time', 'action', 'user', 'administrator']))
  put(
    document,
    '@timestamp',
    isoTime(epochMs(pairs.get('time')) ?? timeOf(pairs.get('time'), record.arrival, record.zone) ?? record.syslog.time),
  )
  put(document, 'observer.vendor', 'Checkpoint')
  put(document, 'observer.type', 'firewall')
  put(document, 'host.name', record.syslog.host ?? pairs.get('hostname'))
  put(document, 'event.timezone', record.zone ?? 'UTC')
  put(document, 'event.category', ['network'])
  put(document, 'checkpoint.action', pairs.get('action'))
  putUser(document, pairs)
  putMeaning(document, pairs)
  const interfaceName = pairs.get('ifname')
  put(
    document,
    read(document, 'network.direction') === 'outbound'
      ? 'observer.egress.interface.name'
      : 'observer.ingress.interface.name',
    interfaceName,
  )
  putTotals(document)
  putCommunityId(document, countOf(pairs.get('icmp_type')), countOf(pairs.get('icmp_code')))
  return true
}

/** `anna (anna)`, `Anna Example (anna)`, or the name alone. */
function putUser(document: EventDocument, pairs: Pairs): void {
  const text = pairs.get('administrator') ?? pairs.get('user') ?? pairs.get('src_user_name')
  if (text === undefined || text === '') return
  put(document, 'source.user.name', text)
  put(document, 'user.name', text.toLowerCase())
  const ip = pairs.get('client_ip')
  if (ip !== undefined && isIp(ip)) putAddress(document, 'source', ip)
}

function putMeaning(document: EventDocument, pairs: Pairs): void {
  const operation = pairs.get('operation') ?? ''
  const action = pairs.get('action') ?? ''
  const login =
    /^log ?(in|out)$/i.exec(operation)?.[1]?.toLowerCase() ??
    /^(?:Mobile Access )?Log ?(In|Out)$/i.exec(action)?.[1]?.toLowerCase()
  if (login !== undefined || action === 'Failed Log In') {
    const failed = action === 'Failed Log In' || /fail/i.test(pairs.get('status') ?? pairs.get('audit_status') ?? '')
    putKind(
      document,
      login === 'out' ? 'logged-out' : failed ? 'logon-failed' : 'logged-in',
      ['authentication'],
      [login === 'out' ? 'end' : 'start'],
      failed ? 'failure' : 'success',
    )
    return
  }
  if (pairs.has('operation') && pairs.has('administrator')) {
    putKind(document, operation.toLowerCase().replaceAll(' ', '-'), ['configuration'], ['change'], 'success')
    return
  }
  const isThreat = pairs.has('protection_name') || pairs.has('malware_action')
  if (isThreat) {
    put(document, 'event.kind', 'alert')
    put(document, 'event.category', ['network', 'intrusion_detection'])
  }
  if (allowed.has(action))
    putKind(
      document,
      action,
      isThreat ? ['network', 'intrusion_detection'] : ['network'],
      ['allowed', 'connection'],
      'success',
    )
  else if (denied.has(action))
    putKind(
      document,
      action,
      isThreat ? ['network', 'intrusion_detection'] : ['network'],
      ['connection', 'denied'],
      'success',
    )
  else putDefault(document, 'event.action', action)
}

function detect(record: LogRecord): number {
  const { text } = record
  if (text.includes(' CheckPoint ') && text.includes('[')) return text.includes(':"') ? 0.96 : 0
  if (pipedStart(record) >= 0) return 0.95
  return text.includes('loguid') && text.includes('originsicname') ? 0.95 : 0
}

export const checkpoint: Product = { name: 'checkpoint', datasets: ['checkpoint.firewall'], detect, parse }
