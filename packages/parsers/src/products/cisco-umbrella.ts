// Cisco Umbrella's log files (S3): DNS, proxy, cloud firewall, intrusion, IP and admin audit lines, as CSV without a header.
// "Log Formats and Versioning" (docs.umbrella.com); the folder's name tells the kind, else the shape does.
import { readCsv } from '../formats/csv.ts'
import { fieldTable, putField } from '../formats/field-table.ts'
import { isObject, type LogRecord } from '../log-record.ts'
import { add, type EventDocument, put, putUnder, read } from '../normalise/document.ts'
import { isIp } from '../normalise/endpoint.ts'
import { putCommunityId } from '../normalise/network.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import { putDomainParts } from '../normalise/url.ts'
import type { Product } from '../product.ts'
import { putKind } from './kv-product.ts'

interface Kind {
  observer: string
  columns: readonly string[]
}

const kinds = {
  dns: {
    observer: 'dns',
    columns:
      'time identity identities source nat verdict query_type rcode domain categories policy_identity_type identity_types blocked_categories rule_id countries organization_id'.split(
        ' ',
      ),
  },
  proxy: {
    observer: 'proxy',
    columns:
      'time identity source nat destination content_type verdict url referrer agent status request_bytes response_bytes body_bytes sha256 categories av_detections puas amp_disposition amp_malware_name amp_score policy_identity_type blocked_categories identities identity_types method dlp_status certificate_errors file_name ruleset_id rule_id destination_lists_id isolate_action file_action warn_status'.split(
        ' ',
      ),
  },
  firewall: {
    observer: 'firewall',
    columns:
      'time origin_id identities identity_types direction transport packet_bytes source source_port destination destination_port datacenter rule_id verdict fqdns destination_lists_id'.split(
        ' ',
      ),
  },
  intrusion: {
    observer: 'idps',
    columns:
      'time identities identity_types gid sid message signature_list_id severity classification cves protocol session_id source source_port destination destination_port verdict'.split(
        ' ',
      ),
  },
  ip: {
    observer: 'firewall',
    columns: 'time identities source source_port destination destination_port categories identity_types'.split(' '),
  },
  audit: { observer: 'audit', columns: 'id time email user type action source before after'.split(' ') },
} as const satisfies Readonly<Record<string, Kind>>
type KindName = keyof typeof kinds

const table = fieldTable({
  source: 'source:address',
  source_port: 'source.port:port',
  destination: 'destination:address',
  destination_port: 'destination.port:port',
  nat: 'source.nat.ip:ip',
  transport: 'network:transport',
  protocol: 'network:transport',
  direction: 'network.direction:lower',
  packet_bytes: 'source.bytes:count',
  request_bytes: 'http.request.bytes:count',
  response_bytes: 'http.response.bytes:count',
  body_bytes: 'http.response.body.bytes:count',
  status: 'http.response.status_code:count',
  method: 'http.request.method',
  content_type: 'http.response.mime_type',
  referrer: 'http.request.referrer',
  agent: 'user_agent.original',
  url: 'url:url',
  sha256: 'file.hash.sha256',
  file_name: 'file.name',
  query_type: 'dns.question.type',
  rcode: 'dns.response_code',
  rule_id: 'rule.id',
  session_id: 'event.id',
  email: 'user.email',
  user: 'user.name',
})

/** Kept under the vendor's name besides: what identities are, and lists of words. */
const lists = new Set(['categories', 'blocked_categories', 'fqdns', 'identity_types'])

function kindOf(record: LogRecord, columns: readonly string[]): KindName | undefined {
  const { log } = record.meta
  const file = isObject(log) ? log['file'] : undefined
  const path = isObject(file) ? String(file['path'] ?? '') : ''
  const named = /(dns|proxy|firewall|intrusion|ip|audit)logs/.exec(path)?.[1]
  const found = Object.keys(kinds).find((name): name is KindName => name === named)
  if (found !== undefined) return found
  const at = (column: number): string => columns[column] ?? ''
  if (/^\d{1,5} \(\w{1,12}\)$/.test(at(6))) return 'dns'
  if (/^(?:ALLOWED|BLOCKED|PROXIED)?$/.test(at(6)) && at(7).includes('://')) return 'proxy'
  if (/^(?:INBOUND|OUTBOUND)$/i.test(at(4)) && isIp(at(7))) return 'firewall'
  if (/^(?:LOW|MEDIUM|HIGH|VERY LOW)$/i.test(at(7)) && isIp(at(12))) return 'intrusion'
  if (/^\S+@\S+$/.test(at(2)) && isTime(at(1))) return 'audit'
  return isIp(at(2)) && isIp(at(4)) ? 'ip' : undefined
}

function isTime(text: string): boolean {
  return /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d$/.test(text)
}

function columnsOf(record: LogRecord): string[] {
  // Some exports write a blank behind the comma, which hides the quote from a reader of RFC 4180.
  return readCsv(record.text.replaceAll(', "', ',"')).map((column) => column.trim())
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const columns = columnsOf(record)
  const name = kindOf(record, columns)
  if (name === undefined) return false
  const kind: Kind = kinds[name]
  document.dataset = 'cisco_umbrella.log'
  put(document, 'observer.vendor', 'Cisco')
  put(document, 'observer.product', 'Umbrella')
  put(document, 'observer.type', kind.observer)
  const values = new Map<string, string>()
  for (const [at, column] of kind.columns.entries()) {
    const value = columns[at]
    if (value === undefined || value === '' || value === '-') continue
    values.set(column, value)
    if (column === 'time') put(document, '@timestamp', isoTime(timeOf(value, record.arrival, record.zone ?? 'UTC')))
    else if (column !== 'identities' && (!putField(table, document, column, value, record) || column === 'rcode')) {
      if (lists.has(column)) add(document, `cisco.umbrella.${column}`, ...value.split(','))
      else putUnder(document, 'cisco.umbrella', column, value)
    }
  }
  // Without an inner address the outer one is who asked.
  if (read(document, 'source.ip') === undefined) putField(table, document, 'source', values.get('nat') ?? '', record)
  putIdentities(document, values)
  putMeaning(document, name, values)
  putCommunityId(document)
  return true
}

/** `anna,pc7` of kinds `AD Users,Roaming Computers`: a person with her address, a machine, the networks that they are in. */
function putIdentities(document: EventDocument, values: ReadonlyMap<string, string>): void {
  const first = values.get('identity')
  const all = values.get('identities') ?? first ?? ''
  // The first name may hold commas itself.
  const rest =
    first !== undefined && all.startsWith(first) ? all.slice(first.length).split(',').slice(1) : all.split(',')
  const identities = first !== undefined && all.startsWith(first) ? [first, ...rest] : rest
  const types = (values.get('identity_types') ?? '').split(',')
  add(document, 'cisco.umbrella.identities', ...identities)
  for (const [at, identity] of identities.entries()) {
    const type = types[at] ?? ''
    if (/user/i.test(type)) putPerson(document, identity)
    else if (/roaming|anyconnect|mobile|computer/i.test(type)) {
      const person = /\([^()\s]{1,128}@[^()\s]{1,128}\)$/.test(identity)
      if (person) putPerson(document, identity)
      else put(document, 'host.name', identity.toLowerCase())
    } else if (/network|site|tunnel/i.test(type)) add(document, 'network.name', identity)
  }
}

/** `Surname, Name (anna@example.org)` */
function putPerson(document: EventDocument, identity: string): void {
  const open = identity.lastIndexOf(' (')
  const mail = open > 0 && identity.endsWith(')') ? identity.slice(open + 2, -1) : identity
  const at = mail.indexOf('@')
  if (at <= 0) return
  put(document, 'user.name', mail.slice(0, at))
  put(document, 'user.domain', mail.slice(at + 1))
  put(document, 'user.email', mail)
  put(document, 'user.id', mail)
  if (open > 0) put(document, 'user.full_name', identity.slice(0, open))
}

function putMeaning(document: EventDocument, name: KindName, values: ReadonlyMap<string, string>): void {
  const verdict = values.get('verdict') ?? ''
  const denied = /block|drop|deny/i.test(verdict) && !/would/i.test(verdict)
  const permission = denied ? 'denied' : 'allowed'
  if (name === 'audit') {
    putKind(document, values.get('action'), ['configuration'], ['change'], 'success')
    return
  }
  const action = {
    dns: `dns-request-${verdict}`,
    proxy: `proxy-request-${values.get('method') ?? verdict}`,
    firewall: `fw-connection-${verdict}`,
    intrusion: `ips-${verdict.replaceAll(' ', '-')}`,
    ip: 'ip-connection',
  }[name]
  if (name === 'intrusion') {
    put(document, 'event.kind', 'alert')
    put(document, 'event.severity', { LOW: 1, MEDIUM: 2, HIGH: 3 }[values.get('severity') ?? ''])
    putKind(document, action, ['network', 'intrusion_detection'], [permission, 'connection', 'info'])
    return
  }
  putKind(document, action, ['network'], [permission, 'connection'])
  if (name !== 'dns') return
  const domain = (values.get('domain') ?? '').replace(/\.$/, '')
  put(document, 'dns.type', 'query')
  put(document, 'dns.question.name', domain)
  putDomainParts(document, 'dns.question', domain)
}

export const ciscoUmbrella: Product = {
  name: 'cisco_umbrella',
  datasets: ['cisco_umbrella.log'],
  detect(record) {
    const { text } = record
    const at = text.charCodeAt(0) === 0x22 ? 1 : 0
    if (!isTime(text.slice(at, at + 19)) || text.charCodeAt(at + 19 + at) !== 0x2c) return 0
    return kindOf(record, columnsOf(record)) === undefined ? 0 : 0.9
  },
  parse,
}
