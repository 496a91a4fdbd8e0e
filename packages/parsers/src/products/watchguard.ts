// WatchGuard Firebox (Fireware): `HOST SERIAL (TIME) process[pid]: msg_id="3000-0148" text`.
// "Fireware Log Message Catalog" 12: the first two digits of a message id name the area.
import { trimEndOf } from '../formats/trim.ts'
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, leave, put } from '../normalise/document.ts'
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

function readHeader(record: LogRecord): Header | undefined {
  const { text } = record
  const open = text.indexOf(' (', record.bodyAt)
  if (open < 0 || open - record.bodyAt > 180) return undefined
  // The host stands before what the envelope calls the body.
  const host = record.syslog.host
  const at = host === undefined ? record.bodyAt : Math.max(0, text.lastIndexOf(host, record.bodyAt))
  const found = shape.exec(text.slice(at, at + 420))
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

/** By area of the message id. */
const areas: Readonly<Record<string, string | undefined>> = {
  '02': 'network',
  '09': 'network',
  '11': 'authentication',
  '16': 'network',
  '1F': 'process',
  '23': 'process',
  '25': 'authentication',
  '2E': 'package',
  '30': 'network',
  '31': 'network',
  '38': 'configuration',
  '39': 'configuration',
  '3A': 'configuration',
  '3D': 'configuration',
  '40': 'configuration',
  '41': 'configuration',
  '55': 'configuration',
  '58': 'configuration',
  '5A': 'network',
  '70': 'configuration',
}

const failure =
  /fail|cannot|unable|could not|not be |error|invalid|denied|rejected|expired|crash|insufficient|timed? ?out|not (?:valid|found|respond|enough|support)|no free|overlaps|refused|dropped|lost|unacceptable|expecting|mismatch|exceed|abort|disconnected|attack|detected/i

function parse(record: LogRecord, document: EventDocument): boolean {
  const header = readHeader(record)
  if (header === undefined) return false
  document.dataset = 'watchguard_firebox.log'
  const text = record.text.slice(header.textAt).trimEnd()
  put(document, '@timestamp', isoTime(timeOf(header.time, record.arrival, 'UTC')))
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

function putSentence(document: EventDocument, header: Header, text: string): void {
  const area = areas[header.id.slice(0, 2)] ?? 'network'
  const isSetting = /settings? updated|feature key|configuration|feature has|license/i.test(text)
  const failed = failure.test(text)
  const isNegotiation = area === 'network' && /IKE phase-[12] negotiation|tunnel route/i.test(text)
  const types = /logged in| started$|is up\b/i.test(text)
    ? ['start']
    : /logged off|logged out|shutting down|is down\b/i.test(text)
      ? ['end']
      : isNegotiation
        ? ['start', 'info']
        : ['info']
  putKind(
    document,
    undefined,
    isNegotiation ? ['network', 'session'] : [isSetting && area === 'network' ? 'configuration' : area],
    isSetting && / updated$/.test(text) ? ['change', 'info'] : types,
    failed ? 'failure' : 'success',
  )
  putWordEnd(document, 'source', text, 'from ')
  putWordEnd(document, 'destination', text, ' to ')
  putWordEnd(document, 'destination', text, ' peer ')
  const bracket = /^\[(\w{2,16}) \(([^)]{1,64})\)\]/.exec(text)
  put(document, 'observer.ingress.interface.name', bracket?.[1])
  put(document, 'observer.ingress.interface.alias', bracket?.[2])
  const real = /Real IP address is ([\d.:a-f]+?)\.?(?:\s|$)/i.exec(text)?.[1]
  if (real !== undefined) putAddress(document, 'source', real.replace(/\.$/, ''))
  const virtual = /Virtual IP address is ([\d.:a-f]+)/i.exec(text)?.[1]?.replace(/\.$/, '')
  if (virtual !== undefined && isIp(virtual)) putAddress(document, 'destination', virtual)
  put(document, 'event.reason', /Reason=(.{1,512}?)\.?$/.exec(text)?.[1])
  putPerson(document, text)
}

/** The address after a word, as `192.0.2.1:500` or alone. */
function putWordEnd(document: EventDocument, side: 'source' | 'destination', text: string, word: string): void {
  const at = text.indexOf(word)
  if (at < 0) return
  const from = at + word.length
  const blank = text.indexOf(' ', from)
  const value = trimEndOf(text.slice(from, blank < 0 ? undefined : blank), '.,;')
  const colon = value.lastIndexOf(':')
  const ip = isIp(value) ? value : value.slice(0, Math.max(colon, 0))
  if (isIp(ip)) putAddress(document, side, ip)
}

/** `user [anna@Firebox-DB] from 192.0.2.1`, `user anna logged in`. */
function putPerson(document: EventDocument, text: string): void {
  const named = /user \[([^@\]]{1,128})@?([^\]]{0,128})\](?: from ([\d.:a-f]+))?/i.exec(text)
  if (named !== null) {
    put(document, 'user.name', named[1])
    put(document, 'user.domain', named[2])
    if (named[3] !== undefined && isIp(named[3])) putAddress(document, 'source', named[3])
    return
  }
  const plain = /user (\S{1,128}) (?:logged (?:in|off|out)|from ([\d.]+))/i.exec(text)
  if (plain === null) return
  put(document, 'user.name', plain[1])
  if (plain[2] !== undefined && isIp(plain[2])) putAddress(document, 'source', plain[2])
}

export const watchguard: Product = {
  name: 'watchguard_firebox',
  datasets: ['watchguard_firebox.log'],
  detect: (record) => (readHeader(record) === undefined ? 0 : 0.95),
  parse,
}
