// F5 BIG-IP: AFM, ASM and AVR events as JSON or key="value" (Telemetry Streaming, high-speed logging), and the lines of its own daemons
// (`apmd[123]: 01490500:5: /Common/vpn:Common:e03c2ca8: New session from client IP …`).
// "Configuring Remote High-Speed Network Firewall Event Logging" and "ASM storage filter fields" (techdocs.f5.com).
import { fieldTable, putField } from '../formats/field-table.ts'
import { readKeyValues } from '../formats/key-value.ts'
import { jsonOf, type LogRecord } from '../log-record.ts'
import { type EventDocument, leave, put, putDefault, putUnder, read } from '../normalise/document.ts'
import { isIp, putAddress } from '../normalise/endpoint.ts'
import { putSyslogPriority, putSyslogProcess } from '../normalise/syslog-fields.ts'
import { epochMs, isoTime, timeOf } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { isNothing, putKind, putObserver } from './kv-product.ts'

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

/** The module that wrote an event, by what only it writes. */
function productOf(pairs: ReadonlyMap<string, string>): string {
  if (pairs.has('EOCTimestamp') || pairs.has('Entity')) return 'Application Visibility and Reporting'
  if (pairs.has('support_id') || pairs.has('violations')) return 'Application Security Module'
  return pairs.has('acl_policy_name') ? 'Advanced Firewall Module' : (pairs.get('device_product') ?? 'BIG-IP')
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const pairs = pairsOf(record)
  if (pairs === undefined || pairs.size < 3) return parseDaemon(record, document)
  document.dataset = 'f5_bigip.log'
  putObserver(document, { vendor: 'F5', product: productOf(pairs) })
  put(document, 'host.name', record.syslog.host)
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

/** `01490500:5: ` is the message's number and its severity ("BIG-IP log messages", my.f5.com). */
const daemonLine = /^([\da-f]{8}):([0-7]): /

/** What the Access Policy Manager's and the system's numbers say happened. */
const daemonMeanings: Readonly<
  Record<string, readonly [action: string, category: string, type: string, outcome?: string] | undefined>
> = {
  '01490500': ['session-started', 'session', 'start'],
  '01490501': ['session-deleted', 'session', 'end'],
  '01490502': ['session-deleted', 'session', 'end'],
  '01490521': ['session-statistics', 'session', 'info'],
  '01490549': ['vpn-connected', 'session', 'start', 'success'],
  '01490505': ['vpn-connected', 'session', 'start', 'success'],
  '01490107': ['logon-failed', 'authentication', 'start', 'failure'],
  '01490106': ['logon-failed', 'authentication', 'start', 'failure'],
  '01490010': ['user-named', 'session', 'info'],
  '01070417': ['command', 'configuration', 'change', 'success'],
}

function parseDaemon(record: LogRecord, document: EventDocument): boolean {
  const { message, syslog } = record
  const line = daemonLine.exec(message)
  if (line === null) return false
  const text = message.slice(line[0].length).trimEnd()
  document.dataset = 'f5_bigip.log'
  putObserver(document, { vendor: 'F5', product: 'BIG-IP' })
  put(document, '@timestamp', isoTime(syslog.time))
  putSyslogPriority(document, record)
  putSyslogProcess(document, record)
  put(document, 'host.name', syslog.host)
  put(document, 'observer.hostname', syslog.host)
  put(document, 'event.timezone', record.zone)
  put(document, 'event.code', line[1])
  put(document, 'event.severity', Number(line[2]))
  put(document, 'message', text)
  const [action, category = 'network', type = 'info', outcome] = daemonMeanings[line[1] ?? ''] ?? []
  putKind(document, action, [category], [type], outcome)
  const user = /\b[Uu]sername '([^']{1,128})'|\buser=([\w.@\\-]{1,128})/.exec(text)
  put(document, 'user.name', user?.[1] ?? user?.[2])
  const client = /\b[Cc]lient IP:? ([\d.]{7,15}|[\da-f:]{3,39})/.exec(text)?.[1]
  if (client !== undefined && isIp(client)) putAddress(document, 'source', client)
  const server = /\bVIP ([\d.]{7,15}|[\da-f:]{3,39})/.exec(text)?.[1]
  if (server !== undefined && isIp(server)) putAddress(document, 'destination', server)
  put(document, 'f5_bigip.log.session', /^\/\S{1,128}:([\da-f]{8}): /.exec(text)?.[1])
  if (user === null && client === undefined) leave(document, record.messageAt + line[0].length, record.text.length)
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
  detect: (record) =>
    marks.some((mark) => record.text.includes(mark)) ? 0.95 : daemonLine.test(record.message) ? 0.9 : 0,
  parse,
}
