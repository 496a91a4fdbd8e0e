// Palo Alto Networks PAN-OS: CSV lines by log type, `1,receive time,serial,TRAFFIC,end,…`.

import { readCsv } from '../formats/csv.ts'
import { type FieldTable, fieldTable, putField, putUserName } from '../formats/field-table.ts'
import { trimEndOf } from '../formats/trim.ts'
import type { LogRecord } from '../log-record.ts'
import { add, type EventDocument, put, putDefault, putUnder, read } from '../normalise/document.ts'
import { countOf, isIp, portOf, putAddress, putIp } from '../normalise/endpoint.ts'
import { communityId, putCommunityId, putNetworkType } from '../normalise/network.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import { putUrl } from '../normalise/url.ts'
import type { Product } from '../product.ts'
import { columnsByType } from './paloalto/columns.ts'

const targets = new Set(
  [...columnsByType.values()].flat().flatMap(({ target }) => (target === undefined ? [] : [target])),
)
/** The targets themselves are the keys of the table. */
const table: FieldTable = fieldTable(Object.fromEntries([...targets].map((target) => [target, target])))

/** What the columns said, by the names after `=` in columns.ts. */
type Named = Map<string, string>

function parse(record: LogRecord, document: EventDocument): boolean {
  const from = csvStart(record)
  if (from < 0) return false
  const columns = readCsv(record.text, from)
  document.dataset = 'panw.panos'
  put(document, 'observer.vendor', 'Palo Alto Networks')
  put(document, 'observer.product', 'PAN-OS')
  put(document, 'observer.type', 'firewall')
  putSyslogPriority(document, record)
  put(document, 'host.name', record.syslog.host)
  put(document, 'observer.name', record.syslog.host)
  if (columns[2] === 'audit') return parseAudit(record, document, columns, from)
  const type = columns[3] === 'START' || columns[3] === 'END' ? 'TRAFFIC' : (columns[3] ?? '')
  const subtype = columns[4] ?? ''
  put(document, 'observer.serial_number', columns[2])
  put(document, 'message', record.text.slice(afterCommas(record.text, from, 7)).trimEnd())
  put(document, 'panw.panos.type', columns[3])
  put(document, 'panw.panos.sub_type', subtype === '0' ? '' : subtype)
  const named = putColumns(record, document, type, columns)
  putTimes(record, document, columns, named)
  putNat(document, named)
  putUsers(document, type, named)
  putFlags(document, named.get('flags'))
  put(document, 'event.kind', type === 'THREAT' || type === 'CORRELATION' ? 'alert' : 'event')
  meanings[type]?.(document, named, subtype, columns)
  if (read(document, 'event.category') === undefined) put(document, 'event.category', ['network'])
  put(document, 'event.severity', severities[String(read(document, 'log.level') ?? '')])
  if (type !== 'SYSTEM' && type !== 'CONFIG') putNetworkType(document)
  putCommunityIds(document)
  return true
}

/** Where `1,2024/…` or `serial,2024/…,audit` begins: after whatever envelope, at most 200 characters in. */
function csvStart(record: LogRecord): number {
  const { text } = record
  let comma = text.indexOf(',')
  for (let tries = 0; tries < 3 && comma >= 0 && comma < 200; tries++) {
    if (isStamp(text, comma + 1)) return text.lastIndexOf(' ', comma) + 1
    comma = text.indexOf(',', comma + 1)
  }
  return -1
}

/** `2024/04/11 20:06:15,`, `2024/04/11 20:06:15.385,` */
function isStamp(text: string, at: number): boolean {
  const following = text.charCodeAt(at + 19)
  return (
    text.charCodeAt(at + 4) === 0x2f &&
    text.charCodeAt(at + 7) === 0x2f &&
    (following === 0x2c || (following === 0x2e && text.charCodeAt(at + 13) === 0x3a))
  )
}

function afterCommas(text: string, from: number, count: number): number {
  let at = from
  for (let comma = 0; comma < count; comma++) {
    const next = text.indexOf(',', at)
    if (next < 0) return text.length
    at = next + 1
  }
  return at
}

function putColumns(record: LogRecord, document: EventDocument, type: string, columns: readonly string[]): Named {
  const named: Named = new Map()
  const map = columnsByType.get(type)
  if (map === undefined) return named
  for (let index = 0; index < map.length; index++) {
    const value = columns[index + 7]
    const column = map[index]
    if (value === undefined || value === '' || column === undefined) continue
    if (column.target !== undefined) putField(table, document, column.target, value, record)
    else if (column.own !== undefined) {
      named.set(column.own, value)
      if (!unkept.has(column.own)) putUnder(document, 'panw.panos', column.own, value)
    }
  }
  return named
}

/** Worst first. */
const severities: Readonly<Record<string, number | undefined>> = {
  critical: 1,
  high: 2,
  medium: 3,
  low: 4,
  informational: 5,
}

/** Columns that ECS fields say already. */
const unkept = new Set([
  'time',
  'start',
  'elapsed',
  'misc',
  'source.user',
  'destination.user',
  'source.nat.ip',
  'destination.nat.ip',
  'source.nat.port',
  'destination.nat.port',
  'flags',
  'description',
])

const managementTypes = new Set(['SYSTEM', 'CONFIG', 'HIPMATCH'])

function putTimes(record: LogRecord, document: EventDocument, columns: readonly string[], named: Named): void {
  const { arrival, zone } = record
  const received = timeOf(columns[1], arrival, zone)
  // What the management plane writes is made where it is received; the dataplane's logs travel, and have a time of their own.
  const generated = managementTypes.has(columns[3] ?? '') ? received : timeOf(columns[6], arrival, zone)
  const precise =
    named.get('time') ??
    (columns[3] === 'CONFIG'
      ? columns.findLast((column) => column.length > 22 && column.charCodeAt(10) === 0x54)
      : undefined)
  // Devices that do not fill the precise time write the epoch there.
  const time = precise === undefined || precise.startsWith('1970-') ? undefined : timeOf(precise, arrival, zone)
  put(document, '@timestamp', isoTime(time ?? generated ?? record.syslog.time))
  put(document, 'event.created', isoTime(received))
  putZone(document, zone)
  const start = timeOf(named.get('start'), arrival, zone)
  const seconds = countOf(named.get('elapsed'))
  if (start === undefined) return
  put(document, 'event.start', isoTime(start))
  if (seconds === undefined || seconds > 2_000_000_000) return
  if (seconds < 9_000_000) put(document, 'event.duration', seconds * 1_000_000_000)
  put(document, 'event.end', isoTime(start + seconds * 1000))
}

function putZone(document: EventDocument, zone: string | undefined): void {
  if (zone?.toLowerCase() !== 'local') put(document, 'event.timezone', zone)
}

/** 0.0.0.0 and port 0 stand for no translation. */
function putNat(document: EventDocument, named: Named): void {
  for (const side of ['source', 'destination']) {
    const ip = named.get(`${side}.nat.ip`)
    const port = portOf(named.get(`${side}.nat.port`))
    if ((ip === '0.0.0.0' || ip === '::') && port === 0) continue
    putIp(document, `${side}.nat.ip`, ip)
    putUnder(document, side, 'nat.port', port)
  }
}

function putUsers(document: EventDocument, type: string, named: Named): void {
  const source = named.get('source.user')
  const destination = named.get('destination.user')
  if (source !== undefined) {
    putUserName(document, 'source.user', source)
    putUserName(document, 'user', source)
  }
  if (destination !== undefined) putUserName(document, 'destination.user', destination)
  const machine = named.get('machine_name')
  if (machine !== undefined)
    put(document, 'host.name', type === 'HIPMATCH' || type === 'GLOBALPROTECT' ? machine.toLowerCase() : machine)
}

/** The flow as it came in, and as it went out where it was translated. */
function putCommunityIds(document: EventDocument): void {
  putCommunityId(document)
  const { ip, port, number } = {
    ip: textAt(document, 'source.nat.ip'),
    port: read(document, 'source.nat.port'),
    number: Number(read(document, 'network.iana_number')),
  }
  const other = textAt(document, 'destination.nat.ip')
  const otherPort = read(document, 'destination.nat.port')
  if (ip === undefined || other === undefined || typeof port !== 'number' || typeof otherPort !== 'number') return
  if (number === 6 || number === 17)
    add(document, 'network.community_id', communityId(ip, other, number, port, otherPort))
}

function textAt(document: EventDocument, path: string): string | undefined {
  const value = read(document, path)
  return typeof value === 'string' ? value : undefined
}

/** The bits of the flags column ("Flags" in the field descriptions of traffic and threat logs). */
const flagBits: readonly (readonly [bit: number, label: string])[] = [
  [0x80000000, 'pcap_included'],
  [0x02000000, 'ipv6_session'],
  [0x01000000, 'ssl_decrypted'],
  [0x00800000, 'url_filter_denied'],
  [0x00400000, 'nat_translated'],
  [0x00200000, 'captive_portal'],
  [0x00100000, 'non_standard_port_usage'],
  [0x00080000, 'x_forwarded_for'],
  [0x00040000, 'http_proxy'],
  [0x00008000, 'container_page'],
  [0x00002000, 'temporary_match'],
  [0x00000800, 'symmetric_return'],
]

function putFlags(document: EventDocument, text: string | undefined): void {
  if (text === undefined || !text.startsWith('0x') || text.length > 18) return
  const bits = Number(`0x${text.slice(2).slice(-8)}`)
  if (!Number.isFinite(bits)) return
  for (const [bit, label] of flagBits) if ((bits & bit) !== 0) putUnder(document, 'labels', label, true)
}

type Mean = (document: EventDocument, named: Named, subtype: string, columns: readonly string[]) => void

function outcome(document: EventDocument, isSuccess: boolean): void {
  put(document, 'event.outcome', isSuccess ? 'success' : 'failure')
}

const threatActions: Readonly<Record<string, string | undefined>> = {
  url: 'url_filtering',
  spyware: 'spyware_detected',
  virus: 'virus_detected',
  vulnerability: 'exploit_detected',
  scan: 'scan_detected',
  flood: 'flood_detected',
  wildfire: 'wildfire_verdict',
  'wildfire-virus': 'virus_detected',
  'ml-virus': 'virus_detected',
  file: 'file_match',
  data: 'data_match',
  packet: 'packet_detected',
  dns: 'spyware_detected',
  dlp: 'data_match',
}

const meanings: Readonly<Record<string, Mean | undefined>> = {
  TRAFFIC: (document, named, subtype) => {
    const action = named.get('action') ?? ''
    const types = action === 'allow' ? ['allowed'] : []
    if (subtype === 'start') types.push('start')
    else if (subtype === 'end') types.push('end')
    else if (subtype === 'drop' || subtype === 'deny') types.push('denied')
    const step = { start: 'flow_started', end: 'flow_terminated', drop: 'flow_dropped', deny: 'flow_denied' }[subtype]
    if (step !== undefined) types.push('connection')
    put(document, 'event.action', step)
    put(document, 'event.category', ['network'])
    put(document, 'event.type', types)
    outcome(document, action === 'allow')
  },
  THREAT: (document, named, subtype) => {
    const action = named.get('action') ?? ''
    const isAllowed =
      action === 'alert' ||
      action === 'allow' ||
      action === 'continue' ||
      action === 'override' ||
      action === 'syncookie-sent'
    put(document, 'event.action', threatActions[subtype])
    put(document, 'event.category', ['intrusion_detection', 'threat', 'network'])
    if (isAllowed) put(document, 'event.type', ['allowed'])
    else if (action !== 'drop-packet') put(document, 'event.type', ['denied'])
    outcome(document, isAllowed)
    const direction = named.get('direction')
    if (direction?.startsWith('client')) put(document, 'network.direction', 'inbound')
    else if (direction?.startsWith('server')) put(document, 'network.direction', 'outbound')
    putThreatSubject(document, named, subtype)
  },
  DECRYPTION: (document, named) => {
    const action = named.get('action') ?? ''
    put(document, 'event.type', [action === 'allow' ? 'allowed' : 'denied'])
    outcome(document, action === 'allow' && !named.has('error'))
    put(document, 'tls.client.not_before', isoTime(timeOf(named.get('cert.not_before'), 0)))
    put(document, 'tls.client.not_after', isoTime(timeOf(named.get('cert.not_after'), 0)))
    const version = named.get('tls.version')
    if (version !== undefined) {
      const digits = version.search(/\d/)
      put(document, 'tls.version_protocol', version.slice(0, digits < 0 ? undefined : digits).toLowerCase())
      if (digits >= 0) put(document, 'tls.version', version.slice(digits))
    }
  },
  SYSTEM: putSystem,
  CONFIG: (document, _named, _subtype, columns) => putConfig(document, columns),
  GLOBALPROTECT: (document, named) => {
    putAddress(
      document,
      'source',
      [named.get('public_ip'), named.get('public_ipv6')].find(
        (ip) => ip !== undefined && ip !== '0.0.0.0' && ip !== '::',
      ),
    )
    putIp(
      document,
      'source.nat.ip',
      [named.get('private_ip')].find((ip) => ip !== '0.0.0.0'),
    )
    const stage = named.get('stage') ?? ''
    put(document, 'event.action', named.get('event_id'))
    put(document, 'event.category', stage === 'login' ? ['authentication', 'session'] : ['network', 'session'])
    put(document, 'event.type', [
      stage === 'logout' ? 'end' : stage === 'connected' || stage === 'tunnel' || stage === 'login' ? 'start' : 'info',
    ])
    outcome(document, named.get('status') === 'success')
    put(document, 'message', named.get('description'))
  },
  USERID: (document, _named, subtype) => {
    put(document, 'event.category', ['authentication'])
    put(document, 'event.action', subtype === 'login' ? 'logged_in' : subtype === 'logout' ? 'logged_out' : subtype)
    put(document, 'event.type', [subtype === 'logout' ? 'end' : 'start'])
    put(document, 'event.outcome', 'success')
  },
  AUTHENTICATION: (document, named) => {
    const event = named.get('event_type') ?? ''
    put(document, 'event.category', ['authentication'])
    put(document, 'event.action', 'authentication')
    put(document, 'event.type', ['start'])
    outcome(document, /success|auth-success/i.test(event))
    put(document, 'event.reason', named.get('description'))
  },
  IPTAG: (document, named) => put(document, 'event.code', named.get('event_id')),
  CORRELATION: (document) => put(document, 'event.category', ['intrusion_detection', 'threat', 'network']),
}

/** The misc column: a URL, or a file's name. */
function putThreatSubject(document: EventDocument, named: Named, subtype: string): void {
  const misc = named.get('misc')
  if (subtype === 'url') {
    if (misc !== undefined) putUrl(document, misc, { hostLeads: true })
    const domain = read(document, 'url.domain')
    if (domain !== undefined) putDefault(document, 'destination.domain', domain)
  } else if (misc !== undefined) {
    put(document, 'file.name', misc)
  }
  const hash = named.get('file.hash')
  if (hash?.length === 64) put(document, 'file.hash.sha256', hash)
  else if (hash?.length === 32) put(document, 'file.hash.md5', hash)
  const id = named.get('threat.id_text') ?? ''
  const open = id.lastIndexOf('(')
  if (open >= 0) {
    put(document, 'panw.panos.threat.id', id.slice(open + 1, id.endsWith(')') ? -1 : undefined))
    if (open > 0) put(document, 'panw.panos.threat.name', id.slice(0, open))
  }
}

function putSystem(document: EventDocument, named: Named, subtype: string): void {
  const text = named.get('description') ?? ''
  const event = named.get('event_id') ?? ''
  put(document, 'event.code', event)
  put(document, 'panw.panos.description', text)
  if (subtype !== 'auth' && subtype !== 'globalprotect' && !/^auth-(?:success|fail)$/.test(event)) {
    put(document, 'event.category', ['configuration'])
    return
  }
  put(document, 'event.category', ['authentication'])
  put(document, 'event.action', event)
  const failed = /fail|denied|reject|invalid/i.test(`${event} ${text.slice(0, 80)}`)
  outcome(document, !failed)
  put(document, 'event.type', [failed ? 'info' : 'start'])
  // `failed authentication for user 'anna'. Reason: …. From: 192.0.2.1.`
  const user = between(text, "user '", "'") ?? between(text, 'User name: ', ',') ?? between(text, 'user: ', ' ')
  if (user !== undefined) {
    putUserName(document, 'source.user', user)
    putUserName(document, 'user', user)
  }
  const from = between(`${text} `, 'From: ', ' ') ?? between(`${text} `, 'Login from: ', ',')
  const ip = from === undefined ? undefined : trimEndOf(from, '.,')
  if (ip !== undefined && isIp(ip)) putAddress(document, 'source', ip)
  put(document, 'event.reason', between(`${text} `, 'Reason: ', '. ')?.trim())
}

function between(text: string, before: string, after: string): string | undefined {
  const at = text.indexOf(before)
  if (at < 0) return undefined
  const from = at + before.length
  const end = text.indexOf(after, from)
  return end <= from ? undefined : text.slice(from, end)
}

/** CONFIG: host, vsys, command, administrator, client, result, path, then before and after where the release sends them. */
function putConfig(document: EventDocument, columns: readonly string[]): void {
  const [host, , command, administrator, client, result, path] = columns.slice(7)
  put(document, 'event.category', ['configuration'])
  if (host !== undefined && isIp(host)) put(document, 'host.ip', host)
  if (command !== undefined && command !== '') put(document, 'event.action', `cmd-${command}`)
  put(
    document,
    'event.outcome',
    { Succeeded: 'success', Failed: 'failure', Unauthorized: 'failure' }[result ?? ''] ?? 'unknown',
  )
  put(document, 'user.name', administrator)
  put(document, 'panw.panos.client', client)
  put(document, 'panw.panos.configuration.path', path?.trim())
  put(document, 'observer.hostname', configDevice(columns))
}

/** After the two detail columns and their numbers; before PAN-OS 7 there is none. */
function configDevice(columns: readonly string[]): string | undefined {
  const name = columns[columns[14] !== undefined && countOf(columns[14]) !== undefined ? 21 : 23]
  return name !== undefined && countOf(name) === undefined && !name.startsWith('0x') ? name : undefined
}

/** `serial,time,audit,2561,gui-op,user,"command",success`: what an administrator did in the web interface or the shell. */
function parseAudit(record: LogRecord, document: EventDocument, columns: readonly string[], from: number): boolean {
  put(document, '@timestamp', isoTime(timeOf(columns[1], record.arrival, record.zone)))
  putZone(document, record.zone)
  put(document, 'observer.serial_number', columns[0])
  put(document, 'observer.hostname', record.syslog.host)
  put(document, 'message', record.text.slice(afterCommas(record.text, from, 3)).trimEnd())
  put(document, 'event.category', ['configuration'])
  put(document, 'panw.panos.type', 'AUDIT')
  put(document, 'panw.panos.event_id', columns[4])
  put(document, 'user.name', columns[5])
  put(document, 'panw.panos.cmd', columns[6])
  const result = columns.at(-1)?.trim().toLowerCase()
  put(document, 'event.outcome', result === 'success' ? 'success' : 'failure')
  return true
}

function detect(record: LogRecord): number {
  const from = csvStart(record)
  if (from < 0) return 0
  const { text } = record
  const type = text.slice(afterCommas(text, from, 3), afterCommas(text, from, 4) - 1)
  if (columnsByType.has(type) || type === 'CONFIG' || type === 'START' || type === 'END') return 0.97
  return text.slice(afterCommas(text, from, 2), afterCommas(text, from, 3) - 1) === 'audit' ? 0.97 : 0
}

export const paloAlto: Product = { name: 'panw', datasets: ['panw.panos'], detect, parse }
