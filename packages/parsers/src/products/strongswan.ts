// strongSwan's charon, by its own file (`TIME THREAD[GROUP] <NAME|NUMBER> text`) or syslog (`charon: 14[IKE] <…> text`).
// Sentences: strongSwan 5.9 and 6.0 (src/libcharon). Where a line names no address, `transaction.id` (the IKE_SA) leads to the one that does.
import { sentence } from '../formats/sentence.ts'
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, leave, put, putUnder } from '../normalise/document.ts'
import { countOf, isIp, portOf } from '../normalise/endpoint.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { isoTime, readTime } from '../normalise/time.ts'
import type { Product } from '../product.ts'

interface Meaning {
  action: string
  category: readonly string[]
  type: readonly string[]
  outcome?: 'success' | 'failure'
}

const session = ['network', 'session']
const info: Meaning = { action: '', category: ['network'], type: ['info'] }
const started: Meaning = { action: 'ike-started', category: ['network'], type: ['connection', 'start'] }
const authenticated: Meaning = {
  action: 'vpn-authentication',
  category: ['authentication'],
  type: ['start'],
  outcome: 'success',
}
const refused: Meaning = {
  action: 'vpn-authentication',
  category: ['authentication'],
  type: ['start'],
  outcome: 'failure',
}
const unknownUser: Meaning = {
  action: 'vpn-user-unknown',
  category: ['authentication'],
  type: ['info'],
  outcome: 'failure',
}
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
const childCreated: Meaning = {
  action: 'sa-created',
  category: ['network'],
  type: ['connection', 'start'],
  outcome: 'success',
}
const childDeleted: Meaning = {
  action: 'sa-deleted',
  category: ['network'],
  type: ['connection', 'end'],
  outcome: 'success',
}
const lease: Meaning = { action: 'address-assigned', category: ['network'], type: ['info'], outcome: 'success' }
const leaseEnded: Meaning = { action: 'address-released', category: session, type: ['end'], outcome: 'success' }
const halfOpen: Meaning = {
  action: 'ike-half-open-timeout',
  category: ['network'],
  type: ['connection', 'denied'],
  outcome: 'failure',
}
const negotiationFailed: Meaning = {
  action: 'ike-negotiation-failed',
  category: ['network'],
  type: ['connection', 'denied'],
  outcome: 'failure',
}
const lost: Meaning = { action: 'vpn-peer-lost', category: session, type: ['connection', 'end'], outcome: 'failure' }
const replaced: Meaning = {
  action: 'vpn-session-replaced',
  category: session,
  type: ['connection', 'end'],
  outcome: 'success',
}

type Take = (document: EventDocument, values: readonly string[]) => void

const nothing: Take = () => {}
const user: Take = (document, [name]) => putName(document, name)
const reason: Take = (document, [text]) => put(document, 'event.reason', text)
const remote: Take = (document, [text]) => putEnd(document, 'source', text ?? '')

const sentences = (
  [
    ['received packet: from {source} to {destination} ({bytes} bytes)', info, (d, v) => putPacket(d, v, 'inbound')],
    ['sending packet: from {source} to {destination} ({bytes} bytes)', info, (d, v) => putPacket(d, v, 'outbound')],
    ['{source} is initiating an IKE_SA', started, remote],
    ['{source} is initiating a Main Mode IKE_SA', started, remote],
    ['{source} is initiating a Aggressive Mode IKE_SA', started, remote],
    ["received EAP identity '{user}'", info, user],
    ["authentication of '{name}' (myself) with", info, nothing],
    ["authentication of '{user}' with {method} successful", authenticated, user],
    ["XAuth authentication of '{user}' successful", authenticated, user],
    ["authentication of '{user}' with {method} failed", refused, user],
    ["XAuth authentication of '{user}' failed", refused, user],
    [
      'EAP-MS-CHAPv2 verification failed, {retry}',
      refused,
      (d) => put(d, 'event.reason', 'EAP-MS-CHAPv2 verification failed'),
    ],
    ["no EAP key found for hosts '{gateway}' - '{user}'", unknownUser, (d, v) => putName(d, v[1])],
    ['EAP method {method} failed for peer {user}', refused, (d, v) => putName(d, v[1])],
    ["RADIUS authentication of '{user}' failed", refused, user],
    ["RADIUS authentication of '{user}' successful", authenticated, user],
    ["no trusted RSA public key found for '{user}'", refused, user],
    ["no trusted {kind} public key found for '{user}'", refused, (d, v) => putName(d, v[1])],
    ['looking for peer configs matching {local}...{remote}', info, (d, v) => putBetween(d, v)],
    ["assigning virtual IP {ip} to peer '{user}'", lease, (d, v) => putLease(d, v)],
    ["lease {ip} by '{user}' went offline", leaseEnded, (d, v) => putLease(d, v)],
    ["assigning new lease to '{user}'", info, user],
    ["reassigning offline lease to '{user}'", info, user],
    ['IKE_SA {name} established between {local}...{remote}', connected, (d, v) => putBetween(d, v.slice(1))],
    ['deleting IKE_SA {name} between {local}...{remote}', disconnected, (d, v) => putBetween(d, v.slice(1))],
    ['deleting half open IKE_SA with {source} after timeout', halfOpen, remote],
    [
      "destroying duplicate IKE_SA for peer '{user}', {reason}",
      replaced,
      (d, v) => {
        putName(d, v[0])
        put(d, 'event.reason', v[1])
      },
    ],
    [
      'CHILD_SA {name} established with SPIs {spis} and TS {local} === {remote}',
      childCreated,
      (d, v) => putTunnel(d, v),
    ],
    ['closing CHILD_SA {name} with SPIs {spis} and TS {local} === {remote}', childDeleted, (d, v) => putTunnel(d, v)],
    ['received proposals unacceptable', negotiationFailed, (d) => put(d, 'event.reason', 'no common proposal')],
    ['no matching peer config found', negotiationFailed, (d) => put(d, 'event.reason', 'no matching peer config')],
    ['no IKE config found for {local}...{remote}, sending', negotiationFailed, (d, v) => putBetween(d, v)],
    [
      'received unsupported IKE version {version} from {source}, sending',
      negotiationFailed,
      (d, v) => {
        putEnd(d, 'source', v[1] ?? '')
        put(d, 'event.reason', 'unsupported IKE version')
      },
    ],
    ['no message rules specified for this message type', info, reason],
    ['received AUTHENTICATION_FAILED notify error', refused, reason],
    [
      'received NO_PROPOSAL_CHOSEN notify error',
      negotiationFailed,
      (d) => put(d, 'event.reason', 'no common proposal'),
    ],
    ['giving up after {count} retransmits', lost, (d, v) => put(d, 'event.reason', `no answer to ${v[0]} retransmits`)],
    ['peer not responding, {reason}', lost, reason],
  ] satisfies readonly (readonly [string, Meaning, Take])[]
).map(([pattern, meaning, take]) => ({ match: sentence(pattern).match, meaning, take }))

/** `anna`, `anna@example.org`, `CN=anna, O=Example`. */
function putName(document: EventDocument, text: string | undefined): void {
  if (text === undefined || text === '%any') return
  const common = text.indexOf('CN=')
  const end = text.indexOf(',', common)
  put(document, 'user.name', common < 0 ? text : text.slice(common + 3, end < 0 ? undefined : end))
}

/** `192.0.2.1[4500]`, `192.0.2.1[anna]`, `192.0.2.1`: gives what stands in the brackets. */
function putEnd(document: EventDocument, side: 'source' | 'destination', text: string): string | undefined {
  const open = text.indexOf('[')
  const ip = (open < 0 ? text : text.slice(0, open)).trim()
  if (!isIp(ip)) return undefined
  putUnder(document, side, 'ip', ip)
  putUnder(document, side, 'address', ip)
  const close = text.lastIndexOf(']')
  if (open < 0 || close < open) return undefined
  const inside = text.slice(open + 1, close)
  const port = portOf(inside)
  if (port === undefined) return inside
  putUnder(document, side, 'port', port)
  return undefined
}

function putPacket(document: EventDocument, [from, to, bytes]: readonly string[], direction: string): void {
  putEnd(document, 'source', from ?? '')
  putEnd(document, 'destination', to ?? '')
  put(document, 'network.bytes', countOf(bytes))
  put(document, 'network.direction', direction)
}

/** Gateway and client: the client is who it is about. */
function putBetween(document: EventDocument, [local, remoteEnd]: readonly string[]): void {
  putEnd(document, 'destination', local ?? '')
  putName(document, putEnd(document, 'source', remoteEnd ?? ''))
}

function putLease(document: EventDocument, [ip, name]: readonly string[]): void {
  if (ip !== undefined && isIp(ip)) put(document, 'source.nat.ip', ip)
  putName(document, name)
}

function putTunnel(document: EventDocument, [name, spis, local, remoteNet]: readonly string[]): void {
  put(document, 'strongswan.child_sa', name)
  put(document, 'strongswan.spis', spis)
  put(document, 'strongswan.local_networks', local)
  const single = remoteNet?.endsWith('/32') ? remoteNet.slice(0, -3) : undefined
  if (single !== undefined && isIp(single)) put(document, 'source.nat.ip', single)
  else put(document, 'strongswan.remote_networks', remoteNet)
}

interface Header {
  /** Where `14[IKE]` begins. */
  at: number
  group: string
  textAt: number
  sa: string | undefined
}

/** `14[IKE] <people|1> `. */
function readHeader(text: string, from: number): Header | undefined {
  let at = from
  while (text.charCodeAt(at) === 0x20) at++
  let digits = at
  while (text.charCodeAt(digits) >= 48 && text.charCodeAt(digits) <= 57 && digits - at < 4) digits++
  if (digits === at || text.charCodeAt(digits) !== 0x5b || text.charCodeAt(digits + 4) !== 0x5d) return undefined
  const group = text.slice(digits + 1, digits + 4)
  if (!groups.has(group)) return undefined
  let textAt = digits + 6
  let sa: string | undefined
  if (text.charCodeAt(textAt) === 0x3c) {
    const close = text.indexOf('> ', textAt)
    if (close > 0 && close - textAt < 128) {
      sa = text.slice(textAt + 1, close)
      textAt = close + 2
    }
  }
  return { at, group, textAt, sa }
}

/** Debug groups (src/libstrongswan/utils/debug.c). */
const groups = new Set([
  'DMN',
  'MGR',
  'IKE',
  'CHD',
  'JOB',
  'CFG',
  'KNL',
  'NET',
  'ASN',
  'ENC',
  'TNC',
  'IMC',
  'IMV',
  'PTS',
  'TLS',
  'APP',
  'ESP',
  'LIB',
])

function findHeader(record: LogRecord): Header | undefined {
  const inSyslog = readHeader(record.text, record.messageAt)
  if (inSyslog !== undefined) return inSyslog
  const time = readTime(record.text, 0, record.arrival, record.zone)
  return time === undefined ? undefined : readHeader(record.text, time.end)
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const header = findHeader(record)
  if (header === undefined) return false
  document.dataset = 'strongswan.log'
  put(document, '@timestamp', isoTime(record.syslog.time))
  put(document, 'observer.vendor', 'strongSwan')
  put(document, 'observer.product', 'strongSwan')
  put(document, 'observer.type', 'vpn')
  if (record.syslog.app !== undefined) {
    putSyslogPriority(document, record)
    put(document, 'host.name', record.syslog.host)
    put(document, 'observer.name', record.syslog.host)
  }
  put(document, 'process.name', record.syslog.app ?? 'charon')
  put(document, 'log.logger', header.group)
  put(document, 'transaction.id', header.sa)
  const text = record.text.slice(header.textAt).trimEnd()
  put(document, 'message', text)
  if (!putText(document, text)) leave(document, header.textAt, record.text.length)
  return true
}

function putText(document: EventDocument, text: string): boolean {
  for (const { match, meaning, take } of sentences) {
    const values = match(text)
    if (values === undefined) continue
    put(document, 'event.action', meaning.action)
    put(document, 'event.category', [...meaning.category])
    put(document, 'event.type', [...meaning.type])
    put(document, 'event.outcome', meaning.outcome)
    take(document, values)
    return true
  }
  put(document, 'event.category', [...info.category])
  put(document, 'event.type', [...info.type])
  return false
}

function detect(record: LogRecord): number {
  // `charon` in syslog, or its own file: a bracket soon after the digits of the thread.
  const bracket = record.text.indexOf('[', record.messageAt)
  if (bracket < 0 || bracket - record.messageAt > 40) return 0
  return findHeader(record) === undefined ? 0 : 0.95
}

export const strongswan: Product = { name: 'strongswan', datasets: ['strongswan.log'], ownFiles: true, detect, parse }
