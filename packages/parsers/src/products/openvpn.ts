// OpenVPN: the server's log (its own file, or syslog), its management interface, and its status file.
// Sentences: openvpn 2.5 and 2.6 (src/openvpn/ssl.c, ssl_verify.c, multi.c, forward.c); management: doc/management-notes.txt.
import { sentence } from '../formats/sentence.ts'
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, leave, put, putDefault, putUnder, read } from '../normalise/document.ts'
import { countOf, isIp, portOf } from '../normalise/endpoint.ts'
import { putSyslogPriority, putSyslogProcess } from '../normalise/syslog-fields.ts'
import { epochMs, isoTime, readTime } from '../normalise/time.ts'
import type { Product } from '../product.ts'

interface Meaning {
  action: string
  category: readonly string[]
  type: readonly string[]
  outcome?: 'success' | 'failure'
}

const authentication = ['authentication']
const session = ['network', 'session']
const info: Meaning = { action: '', category: ['network'], type: ['info'] }
const authenticated: Meaning = {
  action: 'vpn-authentication',
  category: authentication,
  type: ['start'],
  outcome: 'success',
}
const refused: Meaning = { action: 'vpn-authentication', category: authentication, type: ['start'], outcome: 'failure' }
const connected: Meaning = {
  action: 'vpn-connected',
  category: session,
  type: ['connection', 'start'],
  outcome: 'success',
}
const disconnected: Meaning = {
  action: 'vpn-disconnected',
  category: session,
  type: ['connection', 'end'],
  outcome: 'success',
}
const badCertificate: Meaning = {
  action: 'certificate-rejected',
  category: authentication,
  type: ['start', 'denied'],
  outcome: 'failure',
}
const handshakeFailed: Meaning = {
  action: 'tls-handshake-failed',
  category: ['network'],
  type: ['connection', 'denied'],
  outcome: 'failure',
}
const packetRefused: Meaning = {
  action: 'control-packet-rejected',
  category: ['network'],
  type: ['connection', 'denied'],
  outcome: 'failure',
}
/** What the server tells a client that it lets go: follows the error that says why. */
const sessionRefused: Meaning = {
  action: 'vpn-session-refused',
  category: session,
  type: ['connection', 'denied'],
  outcome: 'failure',
}
const silent: Meaning = { action: 'vpn-inactivity-timeout', category: session, type: ['connection', 'info'] }
const replaced: Meaning = {
  action: 'vpn-session-replaced',
  category: session,
  type: ['connection', 'end'],
  outcome: 'success',
}
const instanceEnded: Meaning = { action: 'client-instance-ended', category: ['network'], type: ['connection', 'end'] }
const configured: Meaning = {
  action: 'management-command',
  category: ['configuration'],
  type: ['access'],
  outcome: 'success',
}
const server: Meaning = { action: 'service-started', category: ['process'], type: ['start'], outcome: 'success' }
const serverEnds: Meaning = { action: 'service-ended', category: ['process'], type: ['end'], outcome: 'success' }

const serverRestarts: Meaning = {
  action: 'service-restarted',
  category: ['process'],
  type: ['change'],
  outcome: 'success',
}

type Take = (document: EventDocument, values: readonly string[]) => void

const user: Take = (document, [name]) => putName(document, name)
const reason: Take = (document, [text]) => put(document, 'event.reason', text)
const peer: Take = (document, [text]) => putPeer(document, text ?? '')

/** In this order: the first that fits. */
const sentences = (
  [
    ["TLS: Username/Password authentication succeeded for username '{user}'", authenticated, user],
    ["TLS: Username/Password authentication deferred for username '{user}'", info, user],
    // pfSense's and OPNsense's script for their users.
    ["user '{user}' authenticated", authenticated, user],
    ["user '{user}' could not authenticate.", refused, user],
    ['TLS Auth Error: {reason}', refused, reason],
    ['TLS Error: Auth Username/Password was not provided by peer', refused, () => {}],
    ['AUTH: Received control message: {reason}', refused, reason],
    ['VERIFY ERROR: depth={depth}, error={reason}: {subject}, serial={serial}', badCertificate, putRejectedCertificate],
    ['VERIFY ERROR: depth={depth}, error={reason}: {subject}', badCertificate, putRejectedCertificate],
    [
      'VERIFY SCRIPT ERROR: depth={depth}, {reason}',
      badCertificate,
      (document, values) => put(document, 'event.reason', values[1]),
    ],
    [
      'VERIFY OK: depth={depth}, {subject}',
      info,
      (document, [depth, subject]) => putSubject(document, depth === '0' ? 'client' : 'issuer', subject ?? ''),
    ],
    ['TLS Error: TLS handshake failed', handshakeFailed, () => {}],
    [
      'TLS Error: TLS key negotiation failed to occur within {reason}',
      handshakeFailed,
      (document) => put(document, 'event.reason', 'TLS key negotiation timed out'),
    ],
    ['TLS Error: tls-crypt unwrapping failed from {peer}', packetRefused, peer],
    ['TLS Error: tls-crypt-v2 unwrapping failed from {peer}', packetRefused, peer],
    ['TLS Error: cannot locate HMAC in incoming packet from {peer}', packetRefused, peer],
    ['TLS Error: incoming packet authentication failed from {peer}', packetRefused, peer],
    ['tls-crypt unwrap error: {reason}', packetRefused, reason],
    ['Authenticate/Decrypt packet error: {reason}', packetRefused, reason],
    ['Bad encapsulated packet length from peer {reason}', packetRefused, reason],
    ['TLS Error: {reason}', info, reason],
    ['OpenSSL: error:{reason}', info, reason],
    ['Sent fatal SSL alert: {reason}', info, reason],
    ['MULTI_sva: pool returned IPv4={ip}, IPv6={ipv6}', info, (document, [ip]) => putVirtual(document, ip)],
    [
      'MULTI: primary virtual IP for {peer}: {ip}',
      connected,
      (document, [name, ip]) => {
        putPeer(document, name ?? '')
        putVirtual(document, ip)
      },
    ],
    [
      'MULTI: Learn: {ip} -> {peer}',
      info,
      (document, [ip, name]) => {
        putPeer(document, name ?? '')
        putVirtual(document, ip)
      },
    ],
    ["MULTI: new connection by client '{user}' will cause previous active sessions", replaced, user],
    ['Control Channel: {version}, cipher {cipher}, peer certificate: {size}', info, putTls],
    ['Control Channel: {version}, cipher {cipher}, {rest}', info, putTls],
    [
      "SENT CONTROL [{user}]: 'AUTH_FAILED{reason}'",
      sessionRefused,
      (document, [name, text]) => {
        putName(document, name)
        put(document, 'event.reason', text?.replace(/^,/, ''))
      },
    ],
    ['SENT CONTROL [{user}]: {rest}', info, user],
    ['PUSH: Received control message: {rest}', info, () => {}],
    ['MANAGEMENT: Client connected from {peer}', configured, peer],
    [
      "MANAGEMENT: CMD '{command}'",
      configured,
      (document, [command]) => put(document, 'process.command_line', command),
    ],
    ['MANAGEMENT: Client disconnected', configured, () => {}],
    ['Initialization Sequence Completed', server, () => {}],
    ['OpenVPN {version} ', server, (document, [version]) => put(document, 'observer.version', version)],
    [
      '[{user}] Inactivity timeout ({rest}',
      silent,
      (document, [name]) => {
        putName(document, name)
        put(document, 'event.reason', 'Inactivity timeout')
      },
    ],
    [
      '[{user}] Peer Connection Initiated with {peer}',
      info,
      (document, [name, from]) => {
        putName(document, name)
        putPeer(document, from ?? '')
      },
    ],
    ['Peer Connection Initiated with {peer}', info, peer],
    ['peer info: {info}', info, putPeerInfo],
    ['CC-EEN exit message received by peer', info, () => {}],
    [
      'Connection reset, restarting [{rest}',
      disconnected,
      (document) => put(document, 'event.reason', 'Connection reset'),
    ],
  ] satisfies readonly (readonly [string, Meaning, Take])[]
).map(([pattern, meaning, take]) => ({ match: sentence(pattern).match, meaning, take }))

function putName(document: EventDocument, name: string | undefined): void {
  if (name === undefined || name === '' || name === 'UNDEF') return
  put(document, 'user.name', name)
}

/** `anna/192.0.2.1:1194`, `[AF_INET]192.0.2.1:1194`, `[AF_INET6]2001:db8::1:1194`, `tcp4-server:…`. */
function putPeer(document: EventDocument, text: string): void {
  const close = text.lastIndexOf(']')
  let rest = text.startsWith('[AF_') ? text.slice(close + 1) : text
  const slash = rest.lastIndexOf('/')
  if (slash > 0) {
    putName(document, rest.slice(0, slash))
    rest = rest.slice(slash + 1)
  }
  rest = rest.split(' ')[0] ?? ''
  const colon = rest.lastIndexOf(':')
  const host = colon > 0 ? rest.slice(0, colon) : rest
  const ip = isIp(host) ? host : isIp(rest) ? rest : undefined
  if (ip === undefined) return
  put(document, 'source.ip', ip)
  put(document, 'source.address', ip)
  if (ip === host && colon > 0) put(document, 'source.port', portOf(rest.slice(colon + 1)))
}

/** The address that the client has inside the tunnel. */
function putVirtual(document: EventDocument, text: string | undefined): void {
  const ip = text?.trim()
  if (ip !== undefined && isIp(ip)) put(document, 'source.nat.ip', ip)
}

function commonNameOf(subject: string): string | undefined {
  const at = subject.indexOf('CN=')
  if (at < 0) return undefined
  const end = subject.indexOf(',', at)
  return subject.slice(at + 3, end < 0 ? undefined : end)
}

function putSubject(document: EventDocument, whose: 'client' | 'issuer', subject: string): void {
  const name = commonNameOf(subject)
  if (whose === 'client') {
    put(document, 'tls.client.subject', subject)
    put(document, 'tls.client.x509.subject.common_name', name)
  } else put(document, 'tls.client.x509.issuer.common_name', name)
}

function putRejectedCertificate(document: EventDocument, [depth, why, subject, serial]: readonly string[]): void {
  put(document, 'event.reason', why)
  putSubject(document, depth === '0' ? 'client' : 'issuer', subject ?? '')
  if (depth === '0') putName(document, commonNameOf(subject ?? ''))
  put(document, 'tls.client.x509.serial_number', serial)
}

function putTls(document: EventDocument, [version, cipher]: readonly string[]): void {
  if (version?.startsWith('TLSv')) {
    put(document, 'tls.version_protocol', 'tls')
    put(document, 'tls.version', version.slice(4))
  }
  put(document, 'tls.cipher', cipher?.split(' ').at(-1))
}

/** `IV_PLAT=linux`, `IV_GUI_VER=…`, `IV_HWADDR=…`, `UV_…=…`. */
function putPeerInfo(document: EventDocument, [text]: readonly string[]): void {
  const equals = text?.indexOf('=') ?? -1
  if (text === undefined || equals < 0) return
  const key = text.slice(0, equals)
  const value = text.slice(equals + 1)
  putUnder(document, 'openvpn.peer_info', key.toLowerCase(), value)
  if (key === 'IV_PLAT') put(document, 'user_agent.os.name', value)
  else if (key === 'IV_VER') put(document, 'user_agent.version', value)
  else if (key === 'IV_GUI_VER') put(document, 'user_agent.original', value)
}

function putMeaning(document: EventDocument, meaning: Meaning): void {
  put(document, 'event.action', meaning.action)
  put(document, 'event.category', [...meaning.category])
  put(document, 'event.type', [...meaning.type])
  put(document, 'event.outcome', meaning.outcome)
}

/** The text after the time: an optional `[NAME/]ADDRESS:PORT `, then a sentence. Gives false where none of the table fits. */
function putText(document: EventDocument, text: string): boolean {
  const blank = text.indexOf(' ')
  const prefix = blank < 0 ? '' : text.slice(0, blank)
  const hasPeer = isPeer(prefix)
  if (hasPeer) putPeer(document, prefix)
  const rest = hasPeer ? text.slice(blank + 1) : text
  put(document, 'message', rest)
  for (const { match, meaning, take } of sentences) {
    const values = match(rest)
    if (values === undefined) continue
    putMeaning(document, meaning)
    take(document, values)
    return true
  }
  return putEnd(document, rest)
}

/** `SIGTERM[soft,delayed-exit] received, client-instance exiting`: the end of a session, or of a client that never had one. */
function putEnd(document: EventDocument, text: string): boolean {
  if (!text.startsWith('SIG')) {
    putMeaning(document, info)
    return false
  }
  const open = text.indexOf('[')
  const close = text.indexOf(']', open)
  put(document, 'event.reason', close > open ? text.slice(open + 1, close).replace(/^(?:soft|hard),/, '') : undefined)
  if (!text.includes('client-instance')) putMeaning(document, text.includes('restarting') ? serverRestarts : serverEnds)
  else if (read(document, 'user.name') === undefined) putMeaning(document, instanceEnded)
  else putMeaning(document, disconnected)
  return true
}

/** `192.0.2.1:1194`, `anna/192.0.2.1:1194`. */
function isPeer(word: string): boolean {
  const colon = word.lastIndexOf(':')
  if (colon <= 0 || portOf(word.slice(colon + 1)) === undefined) return false
  return isIp(word.slice(word.lastIndexOf('/') + 1, colon))
}

function putObserver(document: EventDocument): void {
  document.dataset = 'openvpn.log'
  put(document, 'observer.vendor', 'OpenVPN')
  put(document, 'observer.product', 'OpenVPN')
  put(document, 'observer.type', 'vpn')
}

const management = [
  '>LOG:',
  '>CLIENT:',
  '>STATE:',
  '>BYTECOUNT',
  '>INFO:',
  '>HOLD:',
  '>PASSWORD:',
  '>FATAL:',
  '>ECHO:',
] as const
const answers = ['SUCCESS: ', 'ERROR: ']
const status = [
  'CLIENT_LIST\t',
  'ROUTING_TABLE\t',
  'GLOBAL_STATS\t',
  'HEADER\t',
  'TITLE\tOpenVPN',
  'TIME\t',
  'CLIENT_LIST,',
  'ROUTING_TABLE,',
  'TITLE,OpenVPN',
] as const

function parse(record: LogRecord, document: EventDocument): boolean {
  const { text } = record
  putObserver(document)
  if (management.some((mark) => text.startsWith(mark)) || answers.some((mark) => text.startsWith(mark)))
    return parseManagement(record, document)
  if (status.some((mark) => text.startsWith(mark))) return parseStatus(record, document)
  const isSyslog = isOurTag(record)
  let from = record.messageAt
  if (isSyslog) {
    put(document, '@timestamp', isoTime(record.syslog.time))
    putSyslogPriority(document, record)
    putSyslogProcess(document, record)
    put(document, 'host.name', record.syslog.host)
    put(document, 'observer.name', record.syslog.host)
  } else {
    const time = readTime(text, 0, record.arrival, record.zone)
    if (time === undefined) return false
    put(document, '@timestamp', isoTime(time.ms))
    from = time.end
  }
  while (text.charCodeAt(from) === 0x20) from++
  if (!putText(document, text.slice(from).trimEnd())) leave(document, from, text.length)
  return true
}

function isOurTag(record: LogRecord): boolean {
  const app = record.syslog.app?.toLowerCase()
  return app !== undefined && (app.includes('openvpn') || app.includes('ovpn'))
}

/** `>LOG:unixtime,flags,text`, `>CLIENT:ENV,name=value`, `>BYTECOUNT_CLI:client,received,sent`, `>STATE:unixtime,name,…`. */
function parseManagement(record: LogRecord, document: EventDocument): boolean {
  const text = record.text.trimEnd()
  const colon = text.indexOf(':')
  const kind = text.slice(text.startsWith('>') ? 1 : 0, colon)
  const fields = text.slice(colon + 1).split(',')
  put(document, 'openvpn.management.kind', kind.toLowerCase())
  if (kind === 'LOG') {
    put(document, '@timestamp', isoTime(epochMs(fields[0])))
    put(
      document,
      'log.level',
      { D: 'debug', I: 'info', W: 'warning', N: 'error', F: 'fatal' }[fields[1]?.charAt(0) ?? ''],
    )
    putText(document, fields.slice(2).join(','))
    return true
  }
  putMeaning(document, info)
  put(document, 'message', text.slice(colon + 1).trimStart())
  if (kind === 'BYTECOUNT_CLI') {
    put(document, 'openvpn.client_id', fields[0])
    put(document, 'source.bytes', countOf(fields[1]))
    put(document, 'destination.bytes', countOf(fields[2]))
  } else if (kind === 'STATE') {
    put(document, '@timestamp', isoTime(epochMs(fields[0])))
    put(document, 'event.action', fields[1]?.toLowerCase())
  } else if (kind === 'CLIENT') putClient(document, fields)
  return true
}

function putClient(document: EventDocument, fields: readonly string[]): void {
  const [step = '', second = ''] = fields
  if (step !== 'ENV') {
    put(document, 'openvpn.client_id', second)
    if (step === 'ESTABLISHED') putMeaning(document, connected)
    else if (step === 'DISCONNECT') putMeaning(document, disconnected)
    else put(document, 'event.action', step.toLowerCase())
    return
  }
  const pair = fields.slice(1).join(',')
  const equals = pair.indexOf('=')
  if (equals < 0) return
  const value = pair.slice(equals + 1)
  switch (pair.slice(0, equals)) {
    case 'username':
      putName(document, value)
      break
    case 'common_name':
      put(document, 'tls.client.x509.subject.common_name', value)
      break
    case 'trusted_ip':
    case 'untrusted_ip':
      putPeer(document, value)
      break
    case 'trusted_port':
    case 'untrusted_port':
      put(document, 'source.port', portOf(value))
      break
    case 'ifconfig_pool_remote_ip':
      putVirtual(document, value)
      break
    case 'time_unix':
      put(document, '@timestamp', isoTime(epochMs(value)))
      break
    default:
  }
}

/** `status` file, versions 2 and 3: who is connected now. */
function parseStatus(record: LogRecord, document: EventDocument): boolean {
  const separator = record.text.includes('\t') ? '\t' : ','
  const columns = record.text.trimEnd().split(separator)
  putMeaning(document, info)
  put(document, 'message', record.text.trimEnd())
  if (columns[0] === 'CLIENT_LIST') {
    const [, name, from, virtual, , received, sent, , since, username] = columns
    put(document, 'event.action', 'client-listed')
    put(document, 'tls.client.x509.subject.common_name', name)
    putPeer(document, from ?? '')
    putVirtual(document, virtual)
    putName(document, username)
    putDefault(document, 'user.name', name)
    put(document, 'source.bytes', countOf(received))
    put(document, 'destination.bytes', countOf(sent))
    put(document, 'event.start', isoTime(epochMs(since)))
  }
  return true
}

/** Words that begin an OpenVPN sentence or stand in it, and hardly another program's. */
const marks = [
  'read UDP',
  'read TCP',
  'event_wait',
  'write UDP',
  'VERIFY ',
  'TLS: ',
  'TLS Error',
  'TLS Auth',
  'TLS_ERROR',
  'MULTI',
  'peer info: ',
  'Peer Connection',
  'tls-crypt',
  '[AF_INET',
  'Data Channel',
  'Control Channel',
  'MANAGEMENT:',
  'client-instance',
  'OpenVPN',
  'UDPv4',
  'ping-restart',
  'PUSH:',
  'SIGTERM[',
  'SIGUSR1[',
  'SENT CONTROL',
]

function detect(record: LogRecord): number {
  const { text } = record
  const first = text.charCodeAt(0)
  if (first === 0x3e) return management.some((mark) => text.startsWith(mark)) ? 0.96 : 0
  if (isOurTag(record)) return 0.96
  if (status.some((mark) => text.startsWith(mark))) return 0.95
  if (text.startsWith('SUCCESS: ')) return 0.5
  // Its own file: `2026-11-23 10:43:19 …` or `Mon Nov 23 10:43:19 2026 …`, no priority.
  if (record.syslog.priority !== undefined || record.syslog.time === undefined || text.length > 1024) return 0
  const time = readTime(text, 0, record.arrival, record.zone)
  if (time === undefined) return 0
  const from = time.end + 1
  const blank = text.indexOf(' ', from)
  if (blank > from && isPeer(text.slice(from, blank))) return 0.9
  return marks.some((mark) => text.startsWith(mark, from)) || text.includes('[AF_INET') ? 0.8 : 0
}

export const openvpn: Product = { name: 'openvpn', datasets: ['openvpn.log'], ownFiles: true, detect, parse }
