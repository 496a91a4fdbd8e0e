// Cisco ASA, its forebears PIX and FWSM, and Secure Firewall Threat Defense (FTD): `%ASA-6-302013: sentence`.
import { type SentencePattern, sentence } from '../formats/sentence.ts'
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, leave, put, putDefault, putUnder, read } from '../normalise/document.ts'
import { isIp, putAddress } from '../normalise/endpoint.ts'
import { putCommunityId } from '../normalise/network.ts'
import { putSyslogPriority, putSyslogProcess } from '../normalise/syslog-fields.ts'
import { isoTime, readTime } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { type AsaMessage, putDuration, setters } from './cisco-asa/fields.ts'
import { putMeaning } from './cisco-asa/meanings.ts'
import { type Meaning, messages } from './cisco-asa/messages.ts'
import { parseSecurityEvent } from './cisco-asa/security-event.ts'

interface Sentence {
  match: SentencePattern['match']
  set: readonly ((message: AsaMessage, value: string) => void)[]
}

interface MessageType {
  meaning: Meaning
  sentences: readonly Sentence[]
}

const types = new Map<string, MessageType>()
for (const [ids, meaning, ...patterns] of messages) {
  const sentences = patterns.map((pattern): Sentence => {
    const { match, names } = sentence(pattern)
    return { match, set: names.map(setterOf) }
  })
  for (const id of ids.split(' ')) types.set(id, { meaning, sentences })
}

function setterOf(name: string): (message: AsaMessage, value: string) => void {
  const setter = setters[name]
  if (setter === undefined) throw new TypeError(`no field for the hole {${name}}`)
  return setter
}

/** ASA "Messages Listed by Severity Level": 0 to 7. */
const levels = ['emergency', 'alert', 'critical', 'error', 'warning', 'notification', 'informational', 'debug'] as const

interface Header {
  severity: string
  id: string
  /** `session` in `%ASA-session-5-106100`. */
  suffix: string
  ftd: boolean
  /** Where `%` stands and where the sentence begins, in the record's text. */
  at: number
  end: number
}

const markers = ['%ASA-', '%FTD-', '%PIX-', '%FWSM-', '%FDT-'] as const

function markerAt(text: string, at: number): string | undefined {
  for (const marker of markers) if (text.startsWith(marker, at)) return marker
  return undefined
}

function isDigits(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    if (code < 48 || code > 57) return false
  }
  return to > from
}

function readHeader(record: LogRecord): Header | undefined {
  const { text } = record
  let at = record.messageAt
  if (text.charCodeAt(at) !== 0x25) {
    at = text.indexOf('%', record.bodyAt)
    // A host, a tag or a time may stand before it, no more.
    if (at < 0 || at - record.bodyAt > 160) return undefined
  }
  const marker = markerAt(text, at)
  if (marker === undefined) return undefined
  const from = at + marker.length
  let end = from
  let last = -1
  let before = -1
  while (end < text.length && end - at < 64) {
    const code = text.charCodeAt(end)
    if (code === 0x3a || code === 0x20) break
    if (code === 0x2d) {
      before = last
      last = end
    }
    end++
  }
  // `[session-]5-106100`: the number's digits, behind the severity's one.
  const digits = end - last - 1
  if (last < from || digits < 5 || digits > 7) return undefined
  const severityAt = last - 1
  if ((before < 0 ? from : before + 1) !== severityAt || !isDigits(text, severityAt, last)) return undefined
  if (!isDigits(text, last + 1, end)) return undefined
  const id = text.slice(last + 1, end)
  const severity = text.slice(severityAt, last)
  const suffix = before < 0 ? '' : text.slice(from, before)
  if (text.charCodeAt(end) === 0x3a) end++
  while (text.charCodeAt(end) === 0x20) end++
  return { severity, id, suffix, ftd: marker === '%FTD-' || marker === '%FDT-', at, end }
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const header = readHeader(record)
  if (header === undefined) {
    if (record.hint === undefined) return false
    return parseManagementAudit(record, document) || parseSecurityEvent(record, document, record.messageAt, undefined)
  }
  const ftd = record.hint === undefined ? header.ftd : record.hint.startsWith('cisco_ftd')
  document.dataset = ftd ? 'cisco_ftd.log' : 'cisco_asa.log'
  const endMs = putEnvelope(record, document, header, ftd)
  put(document, 'event.code', header.id)
  put(document, 'event.severity', Number(header.severity))
  put(document, 'log.level', levels[Number(header.severity)])
  if (header.id.startsWith('4300')) return parseSecurityEvent(record, document, header.end, header.id)
  const message: AsaMessage = { document, vendor: ftd ? 'cisco.ftd' : 'cisco.asa', outbound: false }
  putUnder(document, message.vendor, 'suffix', header.suffix)
  putSentence(message, header, record)
  putDuration(document, endMs, message.durationSeconds)
  if (message.icmpType === undefined || read(document, 'network.transport') === undefined) putCommunityId(document)
  else putCommunityId(document, message.icmpType, message.icmpCode)
  return true
}

/** The management center's audit: `page.cgi: host: user@address, menu, action` (Firewall Management Center, "Stream audit logs to syslog"). */
function parseManagementAudit(record: LogRecord, document: EventDocument): boolean {
  const { message } = record
  const colon = message.indexOf(': ')
  const at = message.indexOf('@')
  const comma = message.indexOf(', ')
  if (colon <= 0 || at < colon || comma < at || message.lastIndexOf(' ', colon - 1) >= 0) return false
  document.dataset = 'cisco_ftd.log'
  const host = message.slice(0, colon)
  put(document, '@timestamp', isoTime(record.syslog.time))
  put(document, 'event.timezone', record.zone ?? 'UTC')
  putSyslogPriority(document, record)
  putSyslogProcess(document, record)
  put(document, 'event.severity', 7)
  put(document, 'log.level', 'debug')
  put(document, 'host.name', host)
  put(document, 'observer.vendor', 'Cisco')
  put(document, 'observer.product', 'ftd')
  put(document, 'observer.type', 'idps')
  put(document, 'user.name', message.slice(colon + 2, at))
  const from = message.slice(at + 1, comma)
  if (isIp(from)) putAddress(document, 'source', from)
  put(document, 'message', message.slice(comma + 2).replace(/x0ax00$/, ''))
  return true
}

/** Time, device and process; gives the event's time. */
function putEnvelope(record: LogRecord, document: EventDocument, header: Header, ftd: boolean): number {
  let time = record.syslog.time
  let host = record.syslog.host
  if (header.at > record.messageAt) {
    // What stands before `%`: a host (`fw1 %FTD-…`), or a time that the envelope's reader did not take (`:Feb 26 11:26:52 UTC: `).
    const before = record.text.slice(record.messageAt, header.at).replaceAll(':', ' ').trim()
    const colon = record.text.charCodeAt(record.messageAt) === 0x3a ? record.messageAt + 1 : record.messageAt
    const claimed = readTime(record.text, colon, record.arrival, record.zone)
    if (claimed !== undefined) time ??= claimed.ms
    else if (before !== '' && !before.includes(' ')) host ??= before
  }
  put(document, '@timestamp', isoTime(time))
  put(document, 'event.timezone', record.zone ?? 'UTC')
  putSyslogPriority(document, record)
  put(document, 'host.name', host)
  put(document, 'host.hostname', host)
  put(document, 'observer.hostname', host)
  put(document, 'observer.vendor', 'Cisco')
  put(document, 'observer.product', ftd ? 'ftd' : 'asa')
  put(document, 'observer.type', ftd ? 'idps' : 'firewall')
  if (record.syslog.host !== undefined || record.syslog.app !== undefined) putSyslogProcess(document, record)
  return time ?? record.arrival
}

function putSentence(message: AsaMessage, header: Header, record: LogRecord): void {
  let text = record.text.slice(header.end).trimEnd()
  // The documented sentences have single blanks; devices write two in places.
  while (text.includes('  ')) text = text.replaceAll('  ', ' ')
  const type = types.get(header.id)
  const vpn = putVpnPrefix(message, text, header.id)
  let known = false
  if (type !== undefined) {
    known = type.sentences.length === 0
    for (const { match, set } of type.sentences) {
      const values = match(text, vpn)
      if (values === undefined) continue
      message.outbound = false
      for (let hole = 0; hole < set.length; hole++) set[hole]?.(message, values[hole] ?? '')
      known = true
      break
    }
  }
  if (!known) putAnyEnds(message, text, vpn, record, header)
  putMeaning(message.document, type?.meaning ?? 'info', message.verdict, message.vendor === 'cisco.ftd')
  if (header.id === '713049' && message.vendor === 'cisco.asa') dropPeerName(message.document)
  if (header.id === '303002') put(message.document, 'network.protocol', 'ftp')
  if (header.id === '419002')
    put(message.document, 'event.reason', 'Duplicate TCP SYN with different initial sequence number')
}

/** A LAN-to-LAN peer's "user" is its address. */
function dropPeerName(document: EventDocument): void {
  const name = read(document, 'user.name')
  if (typeof name === 'string' && isIp(name)) putDefault(document, 'source.address', name)
}

/** Ids whose `IP =` is the far end of a session that this device ends: the destination. */
const destinationIds = new Set(['113019'])
/** IKE messages name the user of the tunnel, remote-access ones the client's. */
function isIke(id: string): boolean {
  return id.startsWith('713') || id.startsWith('714') || id.startsWith('715')
}

/**
 * `Group <g> User <u> IP <i> `, `Group g User u IP i `, `Group = g, Username = u, IP = i, ` before the sentence. Gives where the
 * sentence begins.
 */
function putVpnPrefix(message: AsaMessage, text: string, id: string): number {
  let at = 0
  let group = ''
  let user = ''
  let ip = ''
  if (text.startsWith('Group = ') || text.startsWith('IP = ') || text.startsWith('Username = ')) {
    for (;;) {
      const equals = text.indexOf(' = ', at)
      const comma = text.indexOf(', ', at)
      if (equals < 0 || comma < equals) break
      const key = text.slice(at, equals)
      const value = text.slice(equals + 3, comma)
      if (key === 'Group') group = value
      else if (key === 'Username') user = value
      else if (key === 'IP') ip = value
      else break
      at = comma + 2
    }
  } else if (text.startsWith('Group ') || text.startsWith('TunnelGroup <')) {
    const [nextGroup, afterGroup] = readName(text, text.indexOf(' ') + 1, ' User ')
    const policy = text.startsWith(' GroupPolicy ', afterGroup) ? readName(text, afterGroup + 13, ' User ') : undefined
    const userAt = policy?.[1] ?? afterGroup
    if (text.startsWith(' User ', userAt)) {
      // An empty user is left out by some releases: `User IP <…>`.
      const [nextUser, afterUser] = text.startsWith(' User IP ', userAt)
        ? ['', userAt + 5]
        : readName(text, userAt + 6, ' IP ')
      group = nextGroup
      user = nextUser
      at = afterUser
      if (text.startsWith(' IP ', afterUser)) [ip, at] = readName(text, afterUser + 4, ' ')
      if (text.charCodeAt(at) === 0x20) at++
    }
  }
  if (at === 0) return 0
  putVpnFields(message, id, group, user, ip)
  return at
}

function putVpnFields(message: AsaMessage, id: string, group: string, user: string, ip: string): void {
  const { document } = message
  if (isIke(id)) {
    put(document, 'user.name', user)
  } else {
    if (user !== '') setters['sourceuser']?.(message, user)
    if (id.startsWith('716') && id !== '716038' && id !== '716039')
      putUnder(document, message.vendor, 'webvpn.group_name', group)
    else put(document, 'source.user.group.name', group)
  }
  putAddress(document, destinationIds.has(id) ? 'destination' : 'source', ip)
}

/** `<name>` or a name up to the next word that is known to follow. */
function readName(text: string, from: number, next: string): [name: string, end: number] {
  if (text.charCodeAt(from) === 0x3c) {
    const close = text.indexOf('>', from)
    if (close > 0) return [text.slice(from + 1, close), close + 1]
  }
  const end = text.indexOf(next, from)
  return end < 0 ? [text.slice(from), text.length] : [text.slice(from, end), end]
}

const words: readonly (readonly [before: string, hole: string])[] = [
  [' src ', 'src'],
  [' from ', 'src'],
  [' dst ', 'dst'],
  [' dest ', 'dst'],
  [' to ', 'dst'],
  [' on interface ', 'srcif'],
  [' user ', 'sourceuser'],
  ['user = ', 'sourceuser'],
  ['Username = ', 'sourceuser'],
  ['User ', 'sourceuser'],
  ['Uname: ', 'serveruser'],
]

/** An id or a sentence that is not in the table: takes the ends, the interface and the user that stand after their usual words. */
function putAnyEnds(message: AsaMessage, text: string, from: number, record: LogRecord, header: Header): void {
  for (const [word, hole] of words) {
    const at = text.indexOf(word, from)
    if (at < 0) continue
    const value = wordAt(text, at + word.length)
    if (value === '') continue
    if ((hole === 'src' || hole === 'dst') && !holdsIp(value)) continue
    if (hole === 'sourceuser' && (read(message.document, 'source.user.name') !== undefined || isCommonWord(value)))
      continue
    if (hole === 'src' && read(message.document, 'source.address') !== undefined) continue
    if (hole === 'dst' && read(message.document, 'destination.address') !== undefined) continue
    setters[hole]?.(message, value)
  }
  putDefault(message.document, 'message', text)
  leave(message.document, header.end, record.text.length)
}

/** The next word without quotes, brackets and what ends a sentence. */
function wordAt(text: string, from: number): string {
  let end = text.indexOf(' ', from)
  if (end < 0) end = text.length
  let at = from
  while (at < end && '\'"<(['.includes(text.charAt(at))) at++
  while (end > at && '\'">]).,:;'.includes(text.charAt(end - 1))) end--
  return text.slice(at, end)
}

function holdsIp(value: string): boolean {
  const slash = value.indexOf('/')
  const host = slash < 0 ? value : value.slice(0, slash)
  return isIp(host) || isIp(host.slice(host.indexOf(':') + 1))
}

/** `User authentication …`, `user identity …`: a word of the sentence, no name. */
function isCommonWord(value: string): boolean {
  return /^(?:authentication|identity|ip|from|to|with|for|is|has|was|the|and|group|session|must|logged|name|acl|database|not|did)$/i.test(
    value,
  )
}

function detect(record: LogRecord): number {
  const header = readHeader(record)
  return header === undefined ? 0 : 0.98
}

export const ciscoAsa: Product = {
  name: 'cisco_asa',
  datasets: ['cisco_asa.log', 'cisco_ftd.log'],
  detect,
  parse,
}

export const ciscoFtd: Product = {
  name: 'cisco_ftd',
  datasets: ['cisco_ftd.log'],
  // `ciscoAsa` knows both by the same mark.
  detect: () => 0,
  parse,
}
