// The log files of Windows' Network Policy Server (RADIUS), in its XML ("DTS compliant") and its comma-separated ("IAS legacy database") form.
// "Interpret NPS Database Format Log Files" and "NPS reason codes" (learn.microsoft.com/windows-server/networking/technologies/nps).
import { readCsv } from '../formats/csv.ts'
import { childOf, readXml } from '../formats/xml.ts'
import type { LogRecord } from '../log-record.ts'
import { ipOf } from '../normalise/address.ts'
import { add, type EventDocument, put, putDefault } from '../normalise/document.ts'
import { countOf, macOf } from '../normalise/endpoint.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { putKind } from './kv-product.ts'

type Attributes = ReadonlyMap<string, string>

/** The columns of the comma-separated form, in Microsoft's order. */
const columns =
  'Computer-Name|Service-Name|Record-Date|Record-Time|Packet-Type|User-Name|Fully-Qualified-User-Name|Called-Station-Id|Calling-Station-Id|Callback-Number|Framed-IP-Address|NAS-Identifier|NAS-IP-Address|NAS-Port|Client-Vendor|Client-IP-Address|Client-Friendly-Name|Event-Timestamp|Port-Limit|NAS-Port-Type|Connect-Info|Framed-Protocol|Service-Type|Authentication-Type|NP-Policy-Name|Reason-Code|Class|Session-Timeout|Idle-Timeout|Termination-Action|EAP-Friendly-Name|Acct-Status-Type|Acct-Delay-Time|Acct-Input-Octets|Acct-Output-Octets|Acct-Session-Id|Acct-Authentic|Acct-Session-Time|Acct-Input-Packets|Acct-Output-Packets|Acct-Terminate-Cause'.split(
    '|',
  )

function attributesOf(record: LogRecord): Attributes | undefined {
  const text = record.body.trim()
  if (text.startsWith('<Event><Timestamp')) {
    const event = readXml(text)
    if (event === undefined || childOf(event, 'Packet-Type') === undefined) return undefined
    return new Map(event.children.map((child) => [child.name, child.text]))
  }
  if (!isTable(text)) return undefined
  const values = readCsv(text)
  return new Map(columns.map((name, index) => [name, values[index] ?? '']))
}

/** `"NPS1","IAS",11/18/2026,09:12:44,` */
function isTable(text: string): boolean {
  if (text.charCodeAt(0) !== 0x22) return false
  const service = text.indexOf('","IAS",')
  return service > 0 && service < 64
}

/** RFC 2865's packet types and RFC 2866's accounting states. */
const packets: Readonly<Record<string, readonly [action: string, outcome?: 'success' | 'failure'] | undefined>> = {
  '1': ['radius-requested'],
  '2': ['logged-in', 'success'],
  '3': ['logon-failed', 'failure'],
  '11': ['radius-challenged'],
}
const accounting: Readonly<Record<string, readonly [action: string, step: 'start' | 'end' | 'info'] | undefined>> = {
  '1': ['session-started', 'start'],
  '2': ['session-ended', 'end'],
  '3': ['session-running', 'info'],
}

const reasons: Readonly<Record<string, string | undefined>> = {
  '7': 'the domain does not exist',
  '8': 'the user account does not exist',
  '16': 'unknown user name or bad password',
  '21': 'an extension of the server refused it',
  '22': 'the EAP type is not available',
  '23': 'an error in EAP',
  '34': 'the account is disabled',
  '35': 'the account has expired',
  '36': 'the account is locked out',
  '37': 'outside of the permitted hours',
  '48': 'no network policy matches',
  '49': 'no connection request policy matches',
  '65': 'dial-in is denied for the account',
  '66': 'the authentication method is not enabled',
  '262': 'an incomplete message or a wrong signature',
  '265': 'the certificate is of an untrusted authority',
  '300': 'no credentials in the security package',
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const attributes = attributesOf(record)
  if (attributes === undefined) return false
  document.dataset = 'nps.log'
  const get = (name: string): string | undefined => attributes.get(name)?.trim() || undefined
  const stamp =
    get('Timestamp') ?? (get('Record-Date') === undefined ? undefined : `${get('Record-Date')} ${get('Record-Time')}`)
  put(document, '@timestamp', isoTime(timeOf(stamp, record.arrival, record.zone) ?? record.syslog.time))
  put(document, 'event.provider', 'nps')
  put(document, 'network.protocol', 'radius')
  put(document, 'host.name', get('Computer-Name') ?? record.syslog.host)
  putPerson(document, get('Fully-Qualified-User-Name') ?? get('SAM-Account-Name') ?? get('User-Name'))
  const caller = get('Calling-Station-Id')
  const mac = macOf(caller?.slice(0, 17))
  if (ipOf(caller) !== undefined) {
    put(document, 'source.address', caller)
    put(document, 'source.ip', ipOf(caller))
  } else if (mac !== undefined) put(document, 'source.mac', mac)
  // The VPN gateway or access point that asks.
  put(document, 'observer.ip', ipOf(get('NAS-IP-Address') ?? get('Client-IP-Address')))
  putDefault(document, 'observer.name', get('Client-Friendly-Name') ?? get('NAS-Identifier'))
  put(document, 'observer.type', 'radius-client')
  put(document, 'rule.name', get('NP-Policy-Name') ?? get('Policy-Name'))
  const framed = ipOf(get('Framed-IP-Address'))
  put(document, 'source.nat.ip', framed)
  add(document, 'related.ip', framed)
  putMeaning(document, get)
  for (const [name, value] of attributes)
    if (value !== '') put(document, `nps.${name.toLowerCase().replaceAll('-', '_')}`, value)
  return true
}

function putMeaning(document: EventDocument, get: (name: string) => string | undefined): void {
  const type = get('Packet-Type') ?? ''
  const code = get('Reason-Code')
  if (type === '4') {
    const [action = 'radius-accounting', step = 'info'] = accounting[get('Acct-Status-Type') ?? ''] ?? []
    putKind(document, action, ['session'], [step])
    put(document, 'source.bytes', countOf(get('Acct-Input-Octets')))
    put(document, 'destination.bytes', countOf(get('Acct-Output-Octets')))
    const seconds = countOf(get('Acct-Session-Time'))
    if (seconds !== undefined && seconds < 9_000_000) put(document, 'event.duration', seconds * 1_000_000_000)
  } else {
    const [action, outcome] = packets[type] ?? []
    putKind(document, action, ['authentication'], outcome === undefined ? ['info'] : ['start'], outcome)
    if (outcome === 'failure') put(document, 'event.reason', reasons[code ?? ''])
  }
  if (code !== undefined && code !== '0') put(document, 'event.code', code)
}

/** `EXAMPLE\anna`, `example.org/Users/Anna Holm`, `anna@example.org`. */
function putPerson(document: EventDocument, text: string | undefined): void {
  if (text === undefined || text.length > 256) return
  const back = text.indexOf('\\')
  const slash = text.lastIndexOf('/')
  const at = text.indexOf('@')
  if (back > 0) {
    put(document, 'user.name', text.slice(back + 1))
    put(document, 'user.domain', text.slice(0, back))
  } else if (slash > 0) {
    put(document, 'user.name', text.slice(slash + 1))
    put(document, 'user.domain', text.slice(0, text.indexOf('/')))
  } else if (at > 0) {
    put(document, 'user.name', text.slice(0, at))
    put(document, 'user.domain', text.slice(at + 1))
  } else put(document, 'user.name', text)
}

export const nps: Product = {
  name: 'nps',
  datasets: ['nps.log'],
  detect({ body }) {
    if (body.startsWith('<Event><Timestamp')) return body.includes('<Packet-Type') ? 0.97 : 0
    return isTable(body) ? 0.97 : 0
  },
  parse,
}
