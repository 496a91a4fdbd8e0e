// Barracuda Web Application Firewall: `TIME unit TYPE fields…`, fields parted by blanks, quoted where they hold some.
// "How to Configure Syslog and other Logs": default formats of Access (TR), Web Firewall (WF), Audit, Network Firewall (NF) and System (SYS) logs.
// CloudGen Firewall: JSON of its log streaming (threat and web filter), over lumberjack. (campus.barracuda.com)
import { readCsv } from '../formats/csv.ts'
import { fieldTable, putField } from '../formats/field-table.ts'
import { isObject, jsonOf, type LogRecord } from '../log-record.ts'
import { putAliases } from '../normalise/aliases.ts'
import { type EventDocument, put, putDefault, putUnder, read } from '../normalise/document.ts'
import { putCommunityId, putNetworkType } from '../normalise/network.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { epochMs, isoTime, readTime, timeOf } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { putKind } from './kv-product.ts'

const layouts: Readonly<Record<string, readonly string[] | undefined>> = {
  TR: 'service_ip service_port client_ip client_port login certificate_user method protocol host version status bytes_sent bytes_received cache_hit time_taken server_ip server_port server_time session_id response_type profile_matched protected wf_matched uri query referrer cookie user_agent proxy_ip proxy_port authenticated_user custom_header1 custom_header2 custom_header3 request_id'.split(
    ' ',
  ),
  WF: 'severity attack client_ip client_port rule_id rule_type action follow_up attack_details method uri protocol session_id user_agent proxy_ip proxy_port authenticated_user referrer attack_id attack_group request_id'.split(
    ' ',
  ),
  AUDIT:
    'admin client_type login_ip login_port transaction_type transaction_id command change_type object_type object_name variable old_value new_value additional'.split(
      ' ',
    ),
  NF: 'severity transport source_ip source_port destination_ip destination_port action acl details'.split(' '),
  SYS: 'module severity message_id message'.split(' '),
}

const table = fieldTable({
  service_ip: 'destination.ip:ip destination.address',
  service_port: 'destination.port:port',
  client_ip: 'source.ip:ip source.address client.ip:ip',
  client_port: 'source.port:port client.port:port',
  source_ip: 'source.ip:ip source.address client.ip:ip',
  source_port: 'source.port:port client.port:port',
  destination_ip: 'destination.ip:ip destination.address server.ip:ip',
  destination_port: 'destination.port:port server.port:port',
  server_ip: 'server.ip:ip',
  server_port: 'server.port:port',
  method: 'http.request.method',
  version: 'http.version',
  status: 'http.response.status_code:count',
  bytes_sent: 'http.response.bytes:count',
  bytes_received: 'http.request.bytes:count',
  referrer: 'http.request.referrer',
  user_agent: 'user_agent.original',
  proxy_ip: 'network.forwarded_ip:ip',
  login: 'user.name',
  authenticated_user: 'user.name',
  admin: 'user.name',
  login_ip: 'source.ip:ip source.address client.ip:ip',
  login_port: 'source.port:port client.port:port',
  rule_id: 'rule.id',
  rule_type: 'rule.category',
  acl: 'rule.name',
  attack: 'rule.name',
  action: 'event.action',
  request_id: 'http.request.id',
})

interface Head {
  time: number
  unit: string
  type: string
  rest: string
}

function readHead(record: LogRecord): Head | undefined {
  const { text } = record
  const open = text.charCodeAt(0) === 0x3c ? text.indexOf('>') + 1 : 0
  const time = readTime(text, open, record.arrival, record.zone)
  if (time === undefined) return undefined
  const found = /^ {1,4}(\S{1,128}) (TR|WF|AUDIT|NF|SYS) /.exec(text.slice(time.end, time.end + 160))
  if (found === null) return undefined
  const [whole, unit = '', type = ''] = found
  return { time: time.ms, unit, type, rest: text.slice(time.end + whole.length).trimEnd() }
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const head = readHead(record)
  if (head === undefined) return parseCloudgen(record, document)
  const layout = layouts[head.type] ?? []
  document.dataset = 'barracuda.waf'
  put(document, '@timestamp', isoTime(head.time))
  putSyslogPriority(document, record)
  put(document, 'observer.vendor', 'Barracuda')
  put(document, 'observer.product', 'Web')
  put(document, 'observer.type', 'WAF')
  put(document, 'observer.name', head.unit)
  put(document, 'barracuda.waf.unit_name', head.unit)
  put(document, 'barracuda.waf.log_type', head.type)
  const columns = readCsv(head.rest, 0, ' ')
  joinBrackets(columns)
  // A custom format may leave out the session or write it twice: what answered tells the place.
  const answered =
    head.type === 'TR' ? columns.findIndex((column, at) => at > 14 && /^(?:INTERNAL|SERVER)$/.test(column)) : -1
  if (answered > 19) columns.splice(19, answered - 19)
  const last = layout.length - 1
  for (const [at, name] of layout.entries()) {
    // The last field of the short layouts is a sentence.
    const value = at === last && head.type !== 'TR' && head.type !== 'WF' ? columns.slice(at).join(' ') : columns[at]
    if (value === undefined || value === '' || value === '-') continue
    if (!putField(table, document, name, value, record)) putUnder(document, 'barracuda.waf', name, value)
  }
  putWafMeaning(document, head.type)
  return true
}

/** `[type="sql" token="or"]` is one field. */
function joinBrackets(columns: string[]): void {
  const open = columns.findIndex((column) => column.startsWith('['))
  if (open < 0) return
  const close = columns.findIndex((column, at) => at >= open && column.endsWith(']'))
  if (close > open) columns.splice(open, close - open + 1, columns.slice(open, close + 1).join(' '))
}

function putWafMeaning(document: EventDocument, type: string): void {
  const at = (name: string): string => String(read(document, `barracuda.waf.${name}`) ?? '')
  const host = at('host')
  if (host !== '')
    putDefault(
      document,
      /^[\d.]{7,15}$/.test(host) ? 'host.ip' : 'host.name',
      /^[\d.]{7,15}$/.test(host) ? [host] : host,
    )
  put(document, 'url.path', at('uri') || undefined)
  put(document, 'url.query', at('query') || undefined)
  put(document, 'network.protocol', at('protocol') || undefined)
  const action = String(read(document, 'event.action') ?? '')
  if (type === 'TR') putKind(document, undefined, ['network'], ['access', 'connection'])
  else if (type === 'NF') {
    put(document, 'event.kind', 'alert')
    put(document, 'network.transport', at('transport').toLowerCase() || undefined)
    putKind(document, undefined, ['network'], ['connection', ...(action === 'DENY' ? ['denied'] : ['allowed'])])
  } else if (type === 'WF') {
    put(document, 'event.kind', 'alert')
    putKind(
      document,
      undefined,
      ['network', 'intrusion_detection'],
      ['info', /DENY|BLOCK/i.test(action) ? 'denied' : 'allowed'],
    )
  } else if (type === 'AUDIT') {
    const what = at('transaction_type')
    const isSession = /^LOG/i.test(what)
    putKind(
      document,
      what || undefined,
      [isSession ? 'authentication' : 'configuration'],
      [isSession ? (/OUT/i.test(what) ? 'end' : 'start') : 'change'],
      /UNSUCC|FAIL/i.test(what) ? 'failure' : isSession ? 'success' : undefined,
    )
  } else {
    put(document, 'message', at('message') || undefined)
    put(document, 'event.kind', 'event')
    putKind(document, undefined, ['configuration'], ['info'])
  }
}

/** `lumberjack.type` (`ngfw-threat`, `ngfw-wf`, `ngfw-act`) and `.sn`, `.hn` came with the record. */
function parseCloudgen(record: LogRecord, document: EventDocument): boolean {
  const json = jsonOf(record)
  if (json === undefined) return false
  document.dataset = 'barracuda_cloudgen_firewall.log'
  put(document, 'observer.vendor', 'Barracuda')
  put(document, 'observer.product', 'ngfw')
  put(document, 'observer.type', 'firewall')
  const { lumberjack } = record.meta
  if (isObject(lumberjack)) {
    put(document, 'observer.serial_number', lumberjack['sn'])
    put(document, 'observer.hostname', lumberjack['hn'] ?? lumberjack['host'])
  }
  const own = 'barracuda_cloudgen_firewall.log'
  const pairs: [string, string][] = []
  for (const [name, value] of Object.entries(json)) {
    if (typeof value === 'string' || typeof value === 'number') pairs.push([name, String(value)])
    if (!consumed.has(name)) putUnder(document, own, name, value)
  }
  const values = new Map(pairs)
  const stamp = values.get('timestamp')
  const isEpoch = stamp !== undefined && /^\d{9,19}$/.test(stamp)
  put(document, '@timestamp', isoTime(isEpoch ? epochMs(stamp) : timeOf(stamp, record.arrival, record.zone)))
  const operation = values.get('operation')?.toLowerCase() ?? actionsOfWeb[values.get('action') ?? '']
  put(document, 'destination.port', Number(values.get('port')) || undefined)
  put(document, 'rule.description', values.get('description'))
  put(document, 'rule.ruleset', values.get('type'))
  put(document, 'rule.name', values.get('fw_rule'))
  put(document, 'url.original', values.get('name'))
  put(document, 'log.level', values.get('severity'))
  put(document, 'event.severity', Number(values.get('threat_severity')) || undefined)
  const named = pairs.filter(([name]) => !consumed.has(name) && name !== 'user')
  putAliases(document, [...named, ['transport', values.get('trans_proto') ?? '']], record)
  // A web filter without a login writes the address for the person.
  const user = values.get('user')
  if (user !== undefined && user !== values.get('source_ip')) put(document, 'user.name', user)
  const denied = operation !== undefined && /block|deny|drop/.test(operation)
  putKind(document, operation, ['network'], [denied ? 'denied' : 'allowed'])
  putNetworkType(document)
  putCommunityId(document)
  return true
}

/** Names that have a place of their own. */
const consumed = new Set(
  'timestamp date time timezone operation action port description type fw_rule name severity threat_severity trans_proto'.split(
    ' ',
  ),
)
const actionsOfWeb: Readonly<Record<string, string | undefined>> = {
  '0': 'allow',
  '1': 'block',
  '2': 'warn',
  '3': 'alert',
}

export const barracuda: Product = {
  name: 'barracuda',
  datasets: ['barracuda.waf', 'barracuda_cloudgen_firewall.log'],
  detect(record) {
    const { text } = record
    if (/ (?:TR|WF|AUDIT|NF|SYS) /.test(text.slice(0, 200)) && readHead(record) !== undefined) return 0.95
    const { lumberjack } = record.meta
    return isObject(lumberjack) && String(lumberjack['type'] ?? '').startsWith('ngfw-') ? 0.95 : 0
  },
  parse,
}
