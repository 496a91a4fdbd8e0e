// F5 BIG-IP: AFM, ASM and AVR events as JSON or key="value" (Telemetry Streaming, high-speed logging).
// "Configuring Remote High-Speed Network Firewall Event Logging" and "ASM storage filter fields" (techdocs.f5.com).
import { fieldTable, putField } from '../formats/field-table.ts'
import { readKeyValues } from '../formats/key-value.ts'
import { jsonOf, type LogRecord } from '../log-record.ts'
import { type EventDocument, put, putDefault, putUnder, read } from '../normalise/document.ts'
import { epochMs, isoTime, timeOf } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { isNothing, putObserver } from './kv-product.ts'

const table = fieldTable({
  hostname: 'host.name',
  unit_hostname: 'host.name',
  dest_ip: 'destination:address server.ip:ip',
  dest_port: 'destination.port:port server.port:port',
  source_ip: 'source:address client.ip:ip',
  source_port: 'source.port:port client.port:port',
  ip_client: 'source:address client.ip:ip',
  src_port: 'source.port:port client.port:port',
  ClientIP: 'source:address client.ip:ip',
  SourceIP: 'source:address client.ip:ip',
  ClientPort: 'source.port:port client.port:port',
  ServerIP: 'destination:address server.ip:ip',
  ServerPort: 'destination.port:port server.port:port',
  application: 'network.application',
  ApplicationName: 'network.application',
  app: 'network.application',
  method: 'http.request.method',
  Method: 'http.request.method',
  protocol: 'network.protocol:lower',
  username: 'user.name',
  User: 'user.name',
  source_user: 'source.user.name',
  source_user_group: 'source.user.group.name',
  source_fqdn: 'source.domain',
  dest_fqdn: 'destination.domain',
  ip_protocol: 'network:transport',
  action: 'event.action',
  acl_policy_name: 'rule.ruleset',
  acl_rule_name: 'rule.name',
  device_id: 'host.id',
  DeviceId: 'host.id',
  severity: 'log.level',
  response_code: 'http.response.status_code:count',
  ResponseCode: 'http.response.status_code:count',
  UserAgent: 'user_agent.original',
  uri: 'url:url',
  URL: 'url:url',
  attack_type: 'threat.technique.name',
  sub_violations: 'f5_bigip.log.sub_violations',
  policy_name: 'rule.ruleset',
  support_id: 'event.id',
  device_version: 'observer.version',
  src_zone: 'observer.ingress.zone',
  dst_zone: 'observer.egress.zone',
})

function pairsOf(record: LogRecord): Map<string, string> | undefined {
  const json = jsonOf(record)
  if (json !== undefined) {
    const pairs = new Map<string, string>()
    for (const [key, value] of Object.entries(json))
      if (typeof value === 'string' || typeof value === 'number') pairs.set(key, String(value))
    return pairs
  }
  const at = record.text.search(/(?:bigip_mgmt_ip|management_ip_address|manage_ip_addr|errdefs_msgno|support_id)=/)
  return at < 0 ? undefined : readKeyValues(record.text, record.bodyAt, record.text.includes('",') ? { pair: ',' } : {})
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const pairs = pairsOf(record)
  if (pairs === undefined || pairs.size < 3) return false
  document.dataset = 'f5_bigip.log'
  putObserver(document, { vendor: 'F5', product: pairs.get('device_product') ?? 'BIG-IP' })
  for (const [key, value] of pairs) {
    if (isNothing(value)) continue
    putField(table, document, key, value, record)
    putUnder(document, 'f5_bigip.log', key, value)
  }
  const end = pairs.get('EOCTimestamp') ?? pairs.get('epoch')
  put(
    document,
    '@timestamp',
    isoTime(timeOf(pairs.get('date_time'), record.arrival, record.zone) ?? epochMs(end) ?? record.syslog.time),
  )
  const management = pairs.get('bigip_mgmt_ip') ?? pairs.get('management_ip_address')
  put(document, 'observer.ip', management)
  put(document, 'event.category', ['network'])
  const denied = /reject|drop|block|deny/i.test(pairs.get('action') ?? pairs.get('request_status') ?? '')
  put(document, 'event.type', ['info', ...(denied && pairs.has('acl_rule_name') ? ['denied'] : [])])
  if (read(document, 'network.protocol') === 'http' || read(document, 'network.protocol') === 'https')
    putDefault(document, 'url.scheme', read(document, 'network.protocol'))
  return true
}

const marks = [
  '"bigip_mgmt_ip"',
  '"errdefs_msgno"',
  '"EOCTimestamp"',
  '"ip_addr_intelli"',
  '"management_ip_address"',
  'errdefs_msgno=',
  'bigip_mgmt_ip=',
]

export const f5Bigip: Product = {
  name: 'f5_bigip',
  datasets: ['f5_bigip.log'],
  detect: (record) => (marks.some((mark) => record.text.includes(mark)) ? 0.95 : 0),
  parse,
}
