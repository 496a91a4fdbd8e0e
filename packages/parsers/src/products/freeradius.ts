// FreeRADIUS 3: radius.log's sign-ins, and the records of the detail files (accounting of VPN and Wi-Fi sessions).
import type { LogRecord } from '../log-record.ts'
import { ipOf } from '../normalise/address.ts'
import { add, type EventDocument, leave, put } from '../normalise/document.ts'
import { putSyslogHeader, putSyslogHost, putSyslogPriority, putSyslogProcess } from '../normalise/syslog-fields.ts'
import { isoTime, readTime } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { macOf } from './windows/security.ts'

export const freeradius: Product = {
  name: 'freeradius',
  datasets: ['freeradius.log', 'freeradius.detail'],
  ownFiles: true,
  detect({ text, syslog, message }) {
    if (syslog.app === 'radiusd' || syslog.app === 'freeradius') return 0.95
    const mark = text.indexOf(' : ')
    if (mark > 0 && mark < 40 && /^ : (?:Auth|Info|Error|Warning|Proxy|Acct|Debug): /.test(text.slice(mark, mark + 12)))
      return 0.95
    const line = message.indexOf('\n\t')
    return line > 0 &&
      line < 40 &&
      text.includes(' = ') &&
      /\n\t(?:User-Name|Acct-|NAS-|Packet-Type)/.test(text.slice(0, 2_000))
      ? 0.95
      : 0
  },
  parse(record, document) {
    const time = readTime(record.text, 0, record.arrival, record.zone)
    put(document, '@timestamp', isoTime(time?.ms ?? record.syslog.time))
    put(document, 'event.provider', 'freeradius')
    put(document, 'network.protocol', 'radius')
    if (time !== undefined && record.text.includes('\n\t')) {
      parseDetail(record.text, time.end, document)
      return true
    }
    if (time === undefined || record.syslog.app !== undefined) {
      putSyslogPriority(document, record)
      putSyslogHeader(document, record)
      putSyslogHost(document, record)
      putSyslogProcess(document, record)
    }
    parseLine(record, document)
    return true
  },
}

function parseLine(record: LogRecord, document: EventDocument): void {
  const { text } = record
  const mark = text.indexOf(' : ')
  const hasLevel = mark > 0 && mark < 40
  const body = hasLevel ? text.slice(mark + 3) : record.message
  const colon = body.indexOf(': ')
  const level = hasLevel && colon > 0 ? body.slice(0, colon) : undefined
  let message = level === undefined ? body : body.slice(colon + 2)
  put(document, 'log.level', level?.toLowerCase())
  // `(12) ` numbers the request.
  if (message.charCodeAt(0) === 0x28) {
    const close = message.indexOf(') ')
    if (close > 0 && close < 12) message = message.slice(close + 2)
  }
  put(document, 'message', message.trimEnd())
  const ok = message.startsWith('Login OK')
  if (ok || message.startsWith('Login incorrect') || message.startsWith('Invalid user'))
    parseLogin(message, ok, document)
  else leave(document, text.length - message.length, text.length)
}

/** `Login incorrect (reason): [anna/<via Auth-Type = pap>] (from client vpn1 port 1194 cli 203.0.113.21) …` */
function parseLogin(message: string, ok: boolean, document: EventDocument): void {
  const open = message.indexOf(': [')
  const client = message.lastIndexOf('] (from client ')
  if (open < 0 || client < open) return
  put(document, 'event.action', ok ? 'logged-in' : 'logon-failed')
  put(document, 'event.category', ['authentication'])
  put(document, 'event.type', ['start'])
  put(document, 'event.outcome', ok ? 'success' : 'failure')
  const paren = message.indexOf(' (')
  if (!ok && paren > 0 && paren < open) put(document, 'event.reason', message.slice(paren + 2, open - 1))
  // With `auth_goodpass` the password follows a slash: never kept.
  const who = message.slice(open + 3, client)
  const slash = who.indexOf('/')
  putUser(document, slash < 0 ? who : who.slice(0, slash))
  const words = message.slice(client + 15).split(/[ )]/)
  put(document, 'observer.name', words[0])
  put(document, 'observer.type', 'radius-client')
  const at = words.indexOf('cli')
  putCaller(document, at < 0 ? undefined : words[at + 1])
}

/** `EXAMPLE\anna`, `anna@example.org`: name and realm. */
function putUser(document: EventDocument, person: string): void {
  const back = person.indexOf('\\')
  const at = person.lastIndexOf('@')
  if (back > 0) {
    put(document, 'user.name', person.slice(back + 1))
    put(document, 'user.domain', person.slice(0, back))
  } else if (at > 0) {
    put(document, 'user.name', person.slice(0, at))
    put(document, 'user.domain', person.slice(at + 1))
  } else put(document, 'user.name', person)
  add(document, 'related.user', person)
}

/** Calling-Station-Id is the caller's address for a VPN, the MAC for Wi-Fi. */
function putCaller(document: EventDocument, caller: string | undefined): void {
  const ip = ipOf(caller)
  put(document, 'source.ip', ip)
  if (ip === undefined) put(document, 'source.mac', macOf(caller))
  put(document, 'source.address', caller)
}

const accounting: Record<string, readonly [action: string, type: string] | undefined> = {
  Start: ['session-started', 'start'],
  Stop: ['session-ended', 'end'],
  'Interim-Update': ['session-updated', 'info'],
}

/** `\tName = value` lines after the time; texts in quotes. */
function parseDetail(text: string, from: number, document: EventDocument): void {
  const values = new Map<string, string>()
  for (const line of text.slice(from).split('\n')) {
    const equals = line.indexOf(' = ')
    if (equals < 0) continue
    const value = line.slice(equals + 3).trim()
    values.set(
      line.slice(0, equals).trim(),
      value.startsWith('"') && value.endsWith('"') && value.length > 1 ? value.slice(1, -1) : value,
    )
  }
  for (const [name, value] of values)
    if (!name.includes('Password')) put(document, `freeradius.${name.replaceAll('-', '_').toLowerCase()}`, value)
  const status = values.get('Acct-Status-Type')
  const [action, type] = accounting[status ?? ''] ?? ['access-requested', 'info']
  document.dataset = 'freeradius.detail'
  put(document, 'event.action', action)
  put(document, 'event.category', status === undefined ? ['authentication'] : ['session', 'network'])
  put(document, 'event.type', [type])
  put(document, 'event.reason', values.get('Acct-Terminate-Cause'))
  const user = values.get('User-Name')
  if (user !== undefined) putUser(document, user)
  putCaller(document, values.get('Calling-Station-Id'))
  put(document, 'source.nat.ip', ipOf(values.get('Framed-IP-Address')))
  put(document, 'observer.ip', ipOf(values.get('NAS-IP-Address')))
  put(document, 'observer.name', values.get('NAS-Identifier'))
  const seconds = Number(values.get('Acct-Session-Time'))
  if (Number.isFinite(seconds) && values.has('Acct-Session-Time')) put(document, 'event.duration', seconds * 1e9)
  const received = Number(values.get('Acct-Input-Octets') ?? Number.NaN)
  const sent = Number(values.get('Acct-Output-Octets') ?? Number.NaN)
  if (Number.isFinite(received)) put(document, 'source.bytes', received)
  if (Number.isFinite(sent)) put(document, 'destination.bytes', sent)
}
