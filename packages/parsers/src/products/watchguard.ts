// WatchGuard Firebox (Fireware): `HOST SERIAL (TIME) process[pid]: msg_id="3000-0148" text`.
// "Fireware Log Message Catalog" 12: the first two digits of a message id name the area.
import { trimEndOf } from '../formats/trim.ts'
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, leave, put, putDefault } from '../normalise/document.ts'
import { countOf, isIp, portOf, putAddress } from '../normalise/endpoint.ts'
import { putCommunityId, putTransport } from '../normalise/network.ts'
import { putSyslogHeader, putSyslogPriority } from '../normalise/syslog-fields.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { putKind } from './kv-product.ts'

interface Header {
  host: string
  serial: string
  time: string
  process: string
  pid: string
  id: string
  textAt: number
}

const shape =
  /^(\S{1,128}) (\S{1,32}) \((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\) ([\w-]{1,64})(?:\[(\d{1,8})\])?: (?:msg_id="([\dA-F]{4}-[\dA-F]{4})" ?)?/

/** Serial number and time are boxes that an administrator may leave unticked: then the message's id shows whose line it is. */
const shortShape =
  /^(\S{1,128}) (?:([\dA-Z]{4,32}) )?(?:\((\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)\) )?([\w-]{1,64})(?:\[(\d{1,8})\])?: msg_id="([\dA-F]{4}-[\dA-F]{4})" ?/

function readHeader(record: LogRecord): Header | undefined {
  const { text } = record
  const open = text.indexOf(' (', record.bodyAt)
  const id = text.indexOf('msg_id="', record.bodyAt)
  if ((open < 0 || open - record.bodyAt > 180) && (id < 0 || id - record.bodyAt > 180)) return undefined
  // The host stands before what the envelope calls the body.
  const host = record.syslog.host
  const at = host === undefined ? record.bodyAt : Math.max(0, text.lastIndexOf(host, record.bodyAt))
  const head = text.slice(at, at + 420)
  const found = shape.exec(head) ?? (id < 0 ? null : shortShape.exec(head))
  if (found === null) return undefined
  return {
    host: found[1] ?? '',
    serial: found[2] ?? '',
    time: found[3] ?? '',
    process: found[4] ?? '',
    pid: found[5] ?? '',
    id: found[6] ?? '',
    textAt: at + found[0].length,
  }
}

/** By area of the message id, the first two digits or all four, as the catalog's chapters are numbered. */
const areas: Readonly<Record<string, string | undefined>> = {
  '01': 'configuration',
  '0200': 'configuration',
  '0201': 'configuration',
  '02': 'network',
  '09': 'network',
  '0F00': 'configuration',
  '0F01': 'threat',
  '11': 'authentication',
  '15': 'configuration',
  '16': 'network',
  '1F': 'process',
  '23': 'process',
  '25': 'authentication',
  '2E00': 'process',
  '2E': 'package',
  '3001': 'intrusion_detection',
  '30': 'network',
  '31': 'network',
  '38': 'configuration',
  '39': 'configuration',
  '3A': 'configuration',
  '3B': 'configuration',
  '3D': 'configuration',
  '3E': 'authentication',
  '40': 'configuration',
  '41': 'configuration',
  '50': 'authentication',
  '5501': 'configuration',
  '55': 'configuration',
  '58': 'configuration',
  '5A': 'network',
  '5B': 'authentication',
  '70': 'configuration',
  '7001': 'configuration',
  '7002': 'authentication',
  '78': 'authentication',
}

const failure =
  /fail(?!ed[ -]?over|over)|cannot|unable|could not|not be (?!added)|error|invalid|denied|rejected|expired\b(?! address)|crash|insufficient|timed? ?out|not (?:valid|found|respond|enough|available|installed|applied|received|imported|allowed|activated yet|complete)|no (?:free|response)|overlaps|refused|dropped|\bloss of|unacceptable|expecting|mismatch|exceed(?!s? the)|abort|reached\b|spoofing,|deactivated as|does not exist|interfering|will be reset|was removed from cluster|is revoked|another instance|\blink is down|interface eth\d+ link|factory-default/i

/** What the firewall did although a word of the sentence sounds like a failure. */
const noFailure =
  /will not be added|was initiated|initiated failover|failed[ -]over to member|failed over from|did not change|idle timeout (?:has|from)|percent of|has expired\.$|does not support the feature|will expire|disqualified|full \(|has been reached \(1/i

function parse(record: LogRecord, document: EventDocument): boolean {
  const header = readHeader(record)
  if (header === undefined) return false
  document.dataset = 'watchguard_firebox.log'
  const text = record.text.slice(header.textAt).trimEnd()
  put(document, '@timestamp', isoTime(timeOf(header.time, record.arrival, 'UTC') ?? record.syslog.time))
  putSyslogPriority(document, record)
  putSyslogHeader(document, record)
  put(document, 'log.syslog.hostname', header.host)
  put(document, 'log.syslog.appname', header.process)
  put(document, 'log.syslog.procid', header.pid)
  put(document, 'observer.vendor', 'WatchGuard')
  put(document, 'observer.product', 'Firebox')
  put(document, 'observer.type', 'firewall')
  put(document, 'observer.hostname', header.host)
  put(document, 'observer.serial_number', header.serial)
  put(document, 'host.name', header.host)
  put(document, 'event.timezone', record.zone ?? 'UTC')
  put(document, 'watchguard_firebox.log.msg_id', header.id)
  put(document, 'message', text)
  if (!putTraffic(document, text)) putSentence(document, header, text)
  leave(document, header.textAt, record.text.length)
  putCommunityId(document)
  return true
}

/** `Deny 0-External 1-Trusted 40 tcp 20 115 198.51.100.7 10.0.1.2 41982 3389 … (Policy-00)`. */
function putTraffic(document: EventDocument, text: string): boolean {
  if (!text.startsWith('Deny ') && !text.startsWith('Allow ')) return false
  const words = text.split(' ')
  const source = words.findIndex((word, index) => index > 2 && isIp(word) && isIp(words[index + 1] ?? ''))
  if (source < 0) return false
  putAddress(document, 'source', words[source])
  putAddress(document, 'destination', words[source + 1])
  put(document, 'source.port', portOf(words[source + 2]))
  put(document, 'destination.port', portOf(words[source + 3]))
  put(document, 'observer.ingress.interface.alias', words[1])
  put(document, 'observer.egress.interface.alias', words[2])
  putTransport(
    document,
    words.slice(3, source).find((word) => /^(?:tcp|udp|icmp|esp|gre|igmp)$/i.test(word)),
  )
  const bytes = (key: string) => countOf(new RegExp(`${key}="(\\d{1,15})"`).exec(text)?.[1])
  put(document, 'source.bytes', bytes('sent_bytes'))
  put(document, 'destination.bytes', bytes('rcvd_bytes'))
  const policy = text.lastIndexOf(' (')
  if (policy > 0) put(document, 'rule.name', text.slice(policy + 2, text.indexOf(')', policy)))
  const denied = text.startsWith('Deny')
  putKind(
    document,
    denied ? 'deny' : 'allow',
    ['network'],
    ['connection', denied ? 'denied' : 'allowed'],
    denied ? 'failure' : 'success',
  )
  return true
}

/** What the sentence is about, where it says more than the chapter that it stands in. */
function subjectOf(id: string, text: string): string[] {
  const area = areas[id.slice(0, 4)] ?? areas[id.slice(0, 2)] ?? 'network'
  if (/spoofing attack|flood attack|scan attack|attack detected/i.test(text)) return ['intrusion_detection']
  if (
    /^(?:\w+ )?log ?(?:in|out)\b|logged (?:in|out|off)|log in attempt|authentication failed$|session for user/i.test(
      text,
    )
  )
    return area === 'network' && /modem/i.test(text) ? ['network'] : ['authentication']
  if (area === 'authentication' && /settings?\b|timeout from|disclaimer|configuration/i.test(text))
    return ['configuration']
  if (area === 'authentication' && /daemon/i.test(text)) return ['process']
  if (/^mobile device \S+ is (?:dis)?connected/i.test(text)) return ['network']
  if (
    id.startsWith('5501') &&
    /^(?:system (?!time|periodic|diag)|system time|shutdown|device auto restore from \S+ drive succ|usb auto restore image succ)/i.test(
      text,
    ) &&
    !/drive failed|snapshot/i.test(text)
  )
    return ['host']
  if (/ starts at | daemon (?:started|stopped)/.test(text)) return ['process']
  if (area === 'network' && isSetting.test(text)) return ['configuration']
  if (area === 'network' && id.startsWith('02') && isTunnel.test(text) && !isRefused.test(text))
    return ['network', 'session']
  if (/license/i.test(text)) return ['configuration']
  return [area]
}

const isSetting =
  /settings? updated|fix up|processing a configuration|updating .{1,64} settings?|settings? changed|set ip address|address operation|feature (?:key|has)|role (?:successfully )?changed|rules for cluster|(?:de)?activating external|wireless ap (?:service|detection)|is expired or was disabled|\bFeature\b/i

const isTunnel = /phase-[12] negotiation|tunnel route|remote gateway '|ike message|'Invalid Exchange/i

/** The first phase of a tunnel that failed, or a second try beside the first: there is no session. */
const isRefused = /^IKE phase-1 negotiation from .{1,128} failed|^Dropped a simultaneous/

function typeOf(text: string, category: readonly string[], failed: boolean): string[] {
  if (category.includes('session')) {
    if (/deleted all|presumed dead|rejected muvpn/i.test(text)) return ['end', 'info']
    return /phase-[12] negotiation|message from .{1,128} for '/i.test(text) ? ['start', 'info'] : ['info']
  }
  if (category[0] === 'configuration' && !failed) {
    if (/\badded\b/i.test(text)) return ['creation']
    if (/\bremoved feature/i.test(text)) return ['deletion']
    const changed =
      / updated$|^updating|^updated|updated successfully|successfully updated|modified|were reset|^moved|^deleted|changed from|successfully changed|^(?:\[[^\]]{1,64}\] )?(?:de)?activating|starting wireless|restart the|fix up|update arp|setting has been|processing a configuration|state changed|imported$|format operation|upload of|was enabled|was disabled|set ip address/i
    return changed.test(text) ? (/ updated$/.test(text) ? ['change', 'info'] : ['change']) : ['info']
  }
  if (category[0] === 'threat') return ['indicator']
  if (category[0] === 'package') return [/update for version/i.test(text) ? 'change' : 'info']
  if (/time changed from/i.test(text)) return ['change']
  if (/interface shutting down|already logged in/i.test(text)) return ['info']
  if (/firewall is starting/i.test(text)) return ['start', 'info']
  if (/firewall is shutting|idle timeout has occurred/i.test(text)) return ['end', 'info']
  if (/load balance server/i.test(text)) return ['info', 'connection']
  if (
    /logged off|logged out|shutting down|disconnected|^stopp(?:ed|ing)|capture stopped|shutdown requested|interface is deactivated\./i.test(
      text,
    )
  )
    return ['end']
  const begins =
    /user \S{1,128} logged in| started$|started successfully|starts at|is established|^initiating|^starting|boot up|connecting to|is connected\.|interface (?:is activated|initializing)|stage \d started/i
  return [begins.test(text) && !failed ? 'start' : 'info']
}

/** An interface by Fireware's own name. */
const hardware = /\b(?:eth|vlan|bond|tbr)\d{1,4}\b/

function putSentence(document: EventDocument, header: Header, text: string): void {
  const category = subjectOf(header.id, text)
  const failed = failure.test(text) && !noFailure.test(text)
  putKind(document, undefined, category, typeOf(text, category, failed), failed ? 'failure' : 'success')
  putEnds(document, header.id, text)
  const bracket = /^\[(\w{2,16}) \(([^)]{1,64})\)\]/.exec(text)
  put(document, 'observer.ingress.interface.name', bracket?.[1] ?? hardware.exec(text)?.[0])
  put(document, 'observer.ingress.interface.alias', bracket?.[2])
  put(document, 'event.reason', /Reason=(.{1,512}?)\.?$/.exec(text)?.[1])
  putPerson(document, text)
}

/** The address after a word, as `192.0.2.1:500` or alone. */
function putWordEnd(document: EventDocument, side: 'source' | 'destination', text: string, word: string): void {
  const at = text.indexOf(word)
  if (at < 0) return
  const from = at + word.length
  const blank = text.indexOf(' ', from)
  putEnd(document, side, text.slice(from, blank < 0 ? undefined : blank))
}

/** `… from 192.0.2.1:500 to 198.51.100.7:500 …` */
const namesFarEnd = / to [\d[]/

/** Chapters of the gateway's own tunnels: who is named there is the far end. */
const isGateway = (id: string): boolean => /^02(?:0[3-7]|1A)/.test(id)

function putEnds(document: EventDocument, id: string, text: string): void {
  const real = /Real IP address is ([\d.:a-f]{3,45}?)\.?(?:\s|$)/i.exec(text)?.[1]
  const virtual = /Virtual IP address (?:is |')([\d.:a-f]{3,45})/i.exec(text)?.[1]
  const local = /\blocal-?gw:(\S{3,45})/.exec(text)?.[1]
  const remote =
    /\bremote-?gw:(\S{3,45})/.exec(text)?.[1] ?? /^Remote gateway '[^']{0,128}' with IP (\S{3,45})/.exec(text)?.[1]
  const isMove = /fail[eo]d?.{0,8}over|address changed|Resolved domain/i.test(text)
  if (!isMove) {
    putWordEnd(document, isGateway(id) && !namesFarEnd.test(text) ? 'destination' : 'source', text, 'from ')
    putWordEnd(document, 'destination', text, ' to ')
    putWordEnd(document, 'destination', text, ' peer ')
    for (const word of [
      'acquired IP address ',
      'PPPoE IP address ',
      'DHCP IP address ',
      ' agent at ',
      'Log Server at ',
      'blocking host ',
      'oldest entry ',
      'blocked site ',
      ', ip=',
      'Server ',
    ])
      putWordEnd(document, 'source', text, word)
  }
  putWordEnd(document, 'source', text, 'Source IP: ')
  putWordEnd(document, 'destination', text, 'Destination IP: ')
  put(document, 'source.port', portOf(/Source Port: (\d{1,5})/.exec(text)?.[1]))
  put(document, 'destination.port', portOf(/Destination Port: (\d{1,5})/.exec(text)?.[1]))
  if (real !== undefined) putEnd(document, 'source', real)
  if (local !== undefined) putEnd(document, 'source', local)
  if (remote !== undefined) putEnd(document, 'destination', remote)
  if (virtual !== undefined) putEnd(document, 'destination', virtual)
  put(document, 'rule.name', /Policy Name: (\S{1,128})/.exec(text)?.[1] ?? /for policy "([^"]{1,128})"/.exec(text)?.[1])
  const link = /\binterface:? ((?:eth|vlan|bridge|tbr)?\w{1,31})(?: (?:is|link)\b|\.?$)/i.exec(text)?.[1]
  putDefault(document, 'observer.ingress.interface.alias', link)
}

/** `192.0.2.1:500`, `192.0.2.1.`; the port of a key exchange is IKE's own and says nothing. */
function putEnd(document: EventDocument, side: 'source' | 'destination', word: string): void {
  const value = trimEndOf(word, ".,;'")
  const colon = value.lastIndexOf(':')
  const ip = isIp(value) ? value : value.slice(0, Math.max(colon, 0))
  if (isIp(ip)) putAddress(document, side, ip)
}

/** `user [anna@Firebox-DB] from 192.0.2.1`, `Management user anna@Firebox-DB from …`, `user 'Firebox-DB\anna'`, `user anna logged in`. */
function putPerson(document: EventDocument, text: string): void {
  const found =
    /user \[([^\]]{1,128})\]/i.exec(text)?.[1] ??
    /user '([^']{1,128})'/i.exec(text)?.[1] ??
    /\bclient \[([^\]]{1,128})\]/i.exec(text)?.[1] ??
    /^(\S{1,128}) (?:added|removed) feature key/.exec(text)?.[1] ??
    /user (\S{1,128}) (?:logged (?:in|off|out)|has already|from|used|failed|met|is|on) ?/i.exec(text)?.[1]
  if (found === undefined || /^(?:login|session)$/i.test(found)) return
  const at = found.indexOf('@')
  const back = found.indexOf('\\')
  put(document, 'user.name', at > 0 ? found.slice(0, at) : found.slice(back + 1))
  put(document, 'user.domain', at > 0 ? found.slice(at + 1) : back > 0 ? found.slice(0, back) : undefined)
}

export const watchguard: Product = {
  name: 'watchguard_firebox',
  datasets: ['watchguard_firebox.log'],
  detect: (record) => (readHeader(record) === undefined ? 0 : 0.95),
  parse,
}
