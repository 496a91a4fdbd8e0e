// The security events of Secure Firewall (430001 to 430005: intrusion, connection start and end, file, malware): `SrcIP: …, DstIP: …`.
// Fields: "Security Event Syslog Messages" in Cisco's Threat Defense syslog guide.
import type { LogRecord } from '../../log-record.ts'
import { add, type EventDocument, put, putDefault, putUnder, read } from '../../normalise/document.ts'
import { countOf, portOf, putAddress } from '../../normalise/endpoint.ts'
import { putCommunityId, putTransport } from '../../normalise/network.ts'
import { isoTime, timeOf } from '../../normalise/time.ts'
import { putDomainParts, putUrl } from '../../normalise/url.ts'

const kinds: Readonly<Record<string, { action: string; category: string[]; type: string[] } | undefined>> = {
  '430001': { action: 'intrusion-detected', category: ['intrusion_detection'], type: ['info'] },
  '430002': { action: 'connection-started', category: ['network'], type: ['connection', 'start'] },
  '430003': { action: 'connection-finished', category: ['network'], type: ['connection', 'end'] },
  '430004': { action: 'file-detected', category: ['file'], type: ['info'] },
  '430005': { action: 'malware-detected', category: ['malware', 'file'], type: ['info'] },
}

type Setter = (document: EventDocument, value: string, record: LogRecord) => void

function field(path: string): Setter {
  return (document, value) => put(document, path, value)
}
function lower(path: string): Setter {
  return (document, value) => put(document, path, value.toLowerCase())
}
function count(path: string): Setter {
  return (document, value) => put(document, path, countOf(value))
}

const setters: Readonly<Record<string, Setter | undefined>> = {
  WebApplication: (document, value) => add(document, 'network.application', value.toLowerCase()),
  SrcIP: (document, value) => putAddress(document, 'source', value),
  DstIP: (document, value) => putAddress(document, 'destination', value),
  SrcPort: (document, value) => put(document, 'source.port', portOf(value)),
  DstPort: (document, value) => put(document, 'destination.port', portOf(value)),
  NAT_InitiatorIP: field('source.nat.ip'),
  NAT_ResponderIP: field('destination.nat.ip'),
  NAT_InitiatorPort: count('source.nat.port'),
  NAT_ResponderPort: count('destination.nat.port'),
  Protocol: putTransport,
  IngressInterface: field('observer.ingress.interface.name'),
  EgressInterface: field('observer.egress.interface.name'),
  IngressZone: field('observer.ingress.zone'),
  EgressZone: field('observer.egress.zone'),
  InitiatorBytes: count('source.bytes'),
  ResponderBytes: count('destination.bytes'),
  InitiatorPackets: count('source.packets'),
  ResponderPackets: count('destination.packets'),
  ApplicationProtocol: lower('network.protocol'),
  Client: (document, value) => add(document, 'network.application', value.toLowerCase()),
  AccessControlRuleName: field('rule.name'),
  ACPolicy: field('rule.ruleset'),
  FilePolicy: field('rule.ruleset'),
  AccessControlRuleAction: (document, value) => {
    if (/^(?:Allow|Trust|Monitor|Fastpath)/.test(value)) put(document, 'event.outcome', 'success')
    else if (value.startsWith('Block')) {
      put(document, 'event.outcome', 'failure')
      add(document, 'event.type', 'denied')
    }
  },
  AccessControlRuleReason: field('event.reason'),
  FirstPacketSecond: (document, value, record) => {
    const time = isoTime(timeOf(value, record.arrival, record.zone))
    put(document, 'event.start', time)
    put(document, '@timestamp', time)
  },
  ConnectionDuration: (document, value) => {
    const seconds = countOf(value)
    if (seconds === undefined) return
    put(document, 'event.duration', seconds * 1_000_000_000)
  },
  SID: field('rule.id'),
  Revision: field('rule.version'),
  GID: field('service.id'),
  Message: (document, value) => add(document, 'message', value.trimEnd()),
  Classification: field('rule.category'),
  FileName: field('file.name'),
  FileSHA256: field('file.hash.sha256'),
  FileSize: count('file.size'),
  URI: (document, value) => putUrl(document, value),
  URL: (document, value) => putUrl(document, value),
  ReferencedHost: (document, value) => putDefault(document, 'url.domain', value),
  HTTPReferer: field('http.request.referrer'),
  HTTPResponse: count('http.response.status_code'),
  UserAgent: field('user_agent.original'),
  DNSQuery: (document, value) => {
    put(document, 'dns.question.name', value)
    putDomainParts(document, 'dns.question', value)
  },
  DNSRecordType: (document, value) => put(document, 'dns.question.type', value.split(' ')[0]),
  DNSResponseType: (document, value) => put(document, 'dns.response_code', value.toUpperCase().replaceAll(' ', '')),
  SSLVersion: (document, value) => {
    const version = value.toLowerCase().replace('tlsv', '')
    put(document, 'tls.version_protocol', value.toLowerCase().startsWith('tls') ? 'tls' : undefined)
    put(document, 'tls.version', version)
  },
  SSLCipherSuite: field('tls.cipher'),
  SSLServerName: field('tls.client.server_name'),
  User: (document, value) => {
    if (value === 'No Authentication Required' || value === 'Unknown' || value === '') return
    put(document, 'user.id', value)
    const slash = value.lastIndexOf('\\')
    put(document, 'user.name', value.slice(slash + 1))
    if (slash > 0) put(document, 'user.domain', value.slice(0, slash))
  },
  'Endpoint Profile': putEndpointProfile,
  EndpointProfile: putEndpointProfile,
}

/** `Workstation:Microsoft-Workstation:Windows10-Workstation`: class, maker, model, release. */
function putEndpointProfile(document: EventDocument, value: string): void {
  const parts = value.split(':').map((part) =>
    part
      .replace(/-(?:Workstation|Device)$/, '')
      .replaceAll('_', ' ')
      .replaceAll('-', ' '),
  )
  const isWorkstation = parts[0] === 'Workstation'
  const maker = isWorkstation ? parts[1] : parts[0]
  put(document, 'device.manufacturer', maker)
  put(document, 'host.type', isWorkstation ? (maker === 'Macintosh' ? 'Mac' : maker) : parts[1])
  put(document, 'device.model.name', parts[2])
  put(document, 'host.os.full', parts[3])
}

/** `Key: value, Key: value`; a value runs to the comma before the next `Key:`. */
export function readPairs(text: string, from: number): [key: string, value: string][] {
  const pairs: [string, string][] = []
  let keyAt = from
  let colon = text.indexOf(':', from)
  while (colon >= 0 && pairs.length < 256) {
    const key = text.slice(keyAt, colon).trim()
    let nextColon = colon + 1
    let comma = -1
    // The comma that a key and a colon follow ends the value.
    for (;;) {
      nextColon = text.indexOf(':', nextColon)
      if (nextColon < 0) break
      // A key is short: looking no further back keeps this linear.
      const lookFrom = Math.max(from, nextColon - 48)
      const found = text.slice(lookFrom, nextColon).lastIndexOf(',')
      const candidate = found < 0 ? -1 : lookFrom + found
      if (candidate > colon && isKey(text, candidate + 1, nextColon)) {
        comma = candidate
        break
      }
      nextColon++
    }
    pairs.push([key, text.slice(colon + 1, comma < 0 ? text.length : comma).trim()])
    if (comma < 0) break
    keyAt = comma + 1
    colon = nextColon
  }
  return pairs
}

/** Up to 40 letters, digits, `_`, `-` and blanks, beginning with a capital. */
function isKey(text: string, from: number, to: number): boolean {
  let at = from
  while (at < to && text.charCodeAt(at) === 0x20) at++
  if (at === to || to - at > 40) return false
  const first = text.charCodeAt(at)
  if (first < 65 || first > 90) return false
  for (; at < to; at++) {
    const code = text.charCodeAt(at)
    const isWord = (code >= 65 && code <= 90) || (code >= 97 && code <= 122) || (code >= 48 && code <= 57)
    if (!isWord && code !== 0x20 && code !== 0x5f && code !== 0x2d) return false
  }
  return true
}

const kindKeys: readonly (readonly [key: string, id: string])[] = [
  ['FileSHA256', '430005'],
  ['ThreatName', '430005'],
  ['FileName', '430004'],
  ['Classification', '430001'],
  ['Priority', '430001'],
  ['ConnectionDuration', '430003'],
  ['FileCount', '430002'],
  ['AccessControlRuleName', '430002'],
]

/** Some releases leave the id out: the fields tell the kind. */
function kindOf(keys: ReadonlySet<string>): string | undefined {
  for (const [key, id] of kindKeys) if (keys.has(key)) return id
  return keys.has('Message') || keys.has('SrcIP') ? '430001' : undefined
}

export function parseSecurityEvent(
  record: LogRecord,
  document: EventDocument,
  from: number,
  id: string | undefined,
): boolean {
  const pairs = readPairs(record.text, from)
  const kind = id ?? kindOf(new Set(pairs.map(([key]) => key)))
  if (kind === undefined) return false
  if (id === undefined) putHeaderless(record, document, kind)
  const known = kinds[kind]
  if (known !== undefined) {
    put(document, 'event.action', known.action)
    put(document, 'event.category', known.category)
    put(document, 'event.type', known.type)
  }
  if (kind === '430001') put(document, 'event.kind', 'alert')
  for (const [key, value] of pairs) {
    if (value === '') continue
    setters[key]?.(document, value, record)
    putUnder(document, 'cisco.ftd.security_event', snake(key), value)
  }
  putTotals(document, record)
  return true
}

function putHeaderless(record: LogRecord, document: EventDocument, kind: string): void {
  put(document, '@timestamp', isoTime(record.syslog.time))
  put(document, 'event.timezone', record.zone ?? 'UTC')
  put(document, 'event.code', kind)
  // Without a severity of its own: the least, as Elastic's package takes it.
  put(document, 'event.severity', 7)
  put(document, 'log.level', 'debug')
  put(document, 'host.name', record.syslog.host)
  put(document, 'host.hostname', record.syslog.host)
  put(document, 'observer.hostname', record.syslog.host)
  put(document, 'process.name', record.syslog.app)
  put(document, 'process.pid', countOf(record.syslog.pid))
  put(document, 'observer.vendor', 'Cisco')
  put(document, 'observer.product', 'ftd')
  put(document, 'observer.type', 'idps')
}

function putTotals(document: EventDocument, record: LogRecord): void {
  const sent = read(document, 'source.bytes')
  const received = read(document, 'destination.bytes')
  if (typeof sent === 'number' && typeof received === 'number') put(document, 'network.bytes', sent + received)
  const duration = read(document, 'event.duration')
  const start = read(document, 'event.start')
  if (typeof duration === 'number' && typeof start === 'string') {
    const startMs = timeOf(start, record.arrival)
    if (startMs !== undefined) put(document, 'event.end', isoTime(startMs + duration / 1_000_000))
  }
  putCommunityId(document)
}

/** `AccessControlRuleName` → `access_control_rule_name`; `SrcIP` → `src_ip`. */
export function snake(key: string): string {
  return key
    .replaceAll(' ', '_')
    .replaceAll(/([a-z\d])([A-Z])/g, '$1_$2')
    .replaceAll(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase()
}
