// The syslog envelope: RFC 3164 as devices really write it, RFC 5424, or none. One pass, no regex.
import { type ReadTime, readTime } from '../normalise/time.ts'

export interface Syslog {
  format: 'none' | 'rfc3164' | 'rfc5424'
  /** The number between `<` and `>`: facility × 8 + severity (RFC 3164 §4.1.1). */
  priority?: number
  /** UTC milliseconds that the header claims. */
  time?: number
  /** False where the claimed time carried no zone and the source's was taken. */
  zoned?: boolean
  host?: string
  app?: string
  pid?: string
  messageId?: string
  /** RFC 5424 §6.3: element id → parameters. */
  data?: Record<string, Record<string, string>>
  /** Cisco's counter before the time. */
  sequence?: number
  bodyAt: number
  messageAt: number
}

const SPACE = 0x20
const COLON = 0x3a

export function readSyslog(text: string, arrival: number, zone: string | undefined): Syslog {
  const syslog: Syslog = { format: 'none', bodyAt: 0, messageAt: 0 }
  let at = skipSpace(text, 0)
  // A UTF-8 BOM may stand before the priority (seen from Windows agents) or before the message (RFC 5424 §6.4).
  if (text.charCodeAt(at) === 0xfeff) at = skipSpace(text, at + 1)
  at = skipOctetCount(text, at)
  const afterPriority = readPriority(text, at, syslog)
  if (afterPriority > at) {
    syslog.format = 'rfc3164'
    if (text.charCodeAt(afterPriority) === 0x31 && text.charCodeAt(afterPriority + 1) === SPACE) {
      const end = readRfc5424(text, afterPriority + 2, syslog, arrival, zone)
      if (end >= 0) return syslog
    }
    at = skipSpace(text, afterPriority)
  } else if (text.charCodeAt(at) === 0x31 && text.charCodeAt(at + 1) === SPACE && isDigit(text.charCodeAt(at + 2))) {
    // RFC 5424 whose priority was taken off by a relay or an agent.
    const end = readRfc5424(text, at + 2, syslog, arrival, zone)
    if (end >= 0) return syslog
  }
  return readRfc3164(text, at, syslog, arrival, zone)
}

/** `230 <14>1 …`: a frame whose length (RFC 6587 §3.4.1) came through with it. */
function skipOctetCount(text: string, at: number): number {
  let end = at
  while (end < at + 7 && isDigit(text.charCodeAt(end))) end++
  return end > at && text.charCodeAt(end) === SPACE && text.charCodeAt(end + 1) === 0x3c ? end + 1 : at
}

function readPriority(text: string, at: number, syslog: Syslog): number {
  if (text.charCodeAt(at) !== 0x3c) return at
  let value = 0
  let end = at + 1
  while (end < at + 4 && isDigit(text.charCodeAt(end))) value = value * 10 + text.charCodeAt(end++) - 48
  if (end === at + 1 || text.charCodeAt(end) !== 0x3e || value > 191) return at
  syslog.priority = value
  return end + 1
}

function readRfc3164(text: string, from: number, syslog: Syslog, arrival: number, zone: string | undefined): Syslog {
  let at = readCounter(text, from, syslog)
  // Cisco marks an unsynchronised clock with `*` and a lost one with `.`.
  const mark = text.charCodeAt(at)
  const timeAt = mark === 0x2a || mark === 0x2e ? at + 1 : at
  const time = readTime(text, timeAt, arrival, zone)
  if (time === undefined || !(endsHeaderTime(text, time.end) || isGluedHost(text, timeAt, time, syslog))) {
    if (syslog.priority === undefined) return syslog
    const behind = readNameFirst(text, from, syslog, arrival, zone) ?? readEpochFirst(text, from, syslog)
    if (behind !== undefined) {
      syslog.format = 'rfc3164'
      syslog.bodyAt = behind
      syslog.messageAt = readTag(text, behind, syslog)
      return syslog
    }
    // Without a time there is no host: what may follow is a tag.
    syslog.bodyAt = at
    syslog.messageAt = readTag(text, at, syslog)
    // But ScreenOS names itself so: `<133>fw1: NetScreen device_id=fw1 …`.
    if (syslog.app !== undefined && text.startsWith('NetScreen ', syslog.messageAt)) {
      syslog.host = syslog.app
      delete syslog.app
    }
    return syslog
  }
  syslog.format = 'rfc3164'
  setTime(syslog, time)
  at = time.end
  if (text.charCodeAt(at) === COLON) {
    // `Apr 15 2013 09:36:50: %ASA-…`: a device that names no host.
    at = skipSpace(text, at + 1)
  } else {
    at = readHost(text, skipSpace(text, at), syslog)
    at = readInner(text, at, syslog, arrival, zone)
  }
  syslog.bodyAt = at
  syslog.messageAt = readTag(text, at, syslog)
  return syslog
}

/**
 * A header within the header: a relay put its own before the device's. `relay Nov 18 09:12:44 gw1 …` is gw1's;
 * `gw1 4711: Nov 18 09:12:43.739 CET: …` is Cisco's clock, nearer to the event. Gives the place after it, or the same place.
 */
function readInner(text: string, from: number, syslog: Syslog, arrival: number, zone: string | undefined): number {
  let at = from
  while (at < from + 12 && isDigit(text.charCodeAt(at))) at++
  const isCounter = at > from && text.charCodeAt(at) === COLON && text.charCodeAt(at + 1) === SPACE
  at = isCounter ? at + 2 : from
  const mark = text.charCodeAt(at)
  if (mark === 0x2a || mark === 0x2e) at++
  const time = readTime(text, at, arrival, zone)
  // Words that name the month: a message that begins with a numeric time is its program's.
  if (time === undefined || !isMonthNamed(text, at)) return from
  if (text.charCodeAt(time.end) === COLON) {
    setTime(syslog, time)
    return skipSpace(text, time.end + 1)
  }
  if (isCounter || text.charCodeAt(time.end) !== SPACE) return from
  const inner: Syslog = { format: 'rfc3164', bodyAt: 0, messageAt: 0 }
  const bodyAt = readHost(text, skipSpace(text, time.end), inner)
  if (inner.host === undefined) return from
  syslog.host = inner.host
  setTime(syslog, time)
  return bodyAt
}

/** `Nov 18`, or `2026 Nov 18`. */
function isMonthNamed(text: string, at: number): boolean {
  const next = isDigit(text.charCodeAt(at)) ? at + 5 : at
  const code = text.charCodeAt(next) | 0x20
  return code >= 97 && code <= 122
}

/** Cisco with a host name: `20: gw1: 6340004: *Nov 18 09:12:44: %…`, `gw1: 2026 Nov 18 09:12:44 CET: %…`, `: 2026 Nov …`. */
function readNameFirst(
  text: string,
  from: number,
  syslog: Syslog,
  arrival: number,
  zone: string | undefined,
): number | undefined {
  let at = from
  let host: string | undefined
  for (let part = 0; part < 5; part++) {
    const colon = text.indexOf(': ', at)
    if (colon < 0 || colon - at > 64 || !isOneWord(text, at, colon)) return undefined
    const word = text.slice(at, colon)
    if (host === undefined && word !== '' && !isAllDigits(word) && word.charCodeAt(0) !== 0x2a) host = word
    at = skipSpace(text, colon + 2)
    const mark = text.charCodeAt(at)
    const time = readTime(text, mark === 0x2a || mark === 0x2e ? at + 1 : at, arrival, zone)
    if (time === undefined || text.charCodeAt(time.end) !== COLON) continue
    setTime(syslog, time)
    if (host !== undefined) syslog.host = host
    return skipSpace(text, time.end + 1)
  }
  return undefined
}

/** Meraki: `1795429696.570141000 mx1 events …`, with or without a `1 ` before it. */
function readEpochFirst(text: string, from: number, syslog: Syslog): number | undefined {
  const at = text.charCodeAt(from) === 0x31 && text.charCodeAt(from + 1) === SPACE ? from + 2 : from
  let end = at
  while (end < at + 10 && isDigit(text.charCodeAt(end))) end++
  if (end - at !== 10 || text.charCodeAt(end) !== 0x2e) return undefined
  end++
  const fractionAt = end
  while (end < fractionAt + 9 && isDigit(text.charCodeAt(end))) end++
  if (end === fractionAt || text.charCodeAt(end) !== SPACE) return undefined
  syslog.time = Math.floor(Number(text.slice(at, end)) * 1000)
  syslog.zoned = true
  return readHost(text, skipSpace(text, end), syslog)
}

function isOneWord(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (text.charCodeAt(at) <= SPACE || text.charCodeAt(at) === 0x25) return false
  return true
}

function isAllDigits(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (!isDigit(text.charCodeAt(at))) return false
  return true
}

/** A time is a header's only where white space, a colon or the end follows: `2020-01-01,foo` is a CSV. */
function endsHeaderTime(text: string, end: number): boolean {
  const code = text.charCodeAt(end)
  return end >= text.length || code === SPACE || code === COLON || code === 0x09
}

/** Solace writes no blank between the two: `<111>Nov 23 10:28:17broker1 event: …`. */
function isGluedHost(text: string, at: number, time: ReadTime, syslog: Syslog): boolean {
  return syslog.priority !== undefined && isMonthNamed(text, at) && isLetterOrDigit(text.charCodeAt(time.end))
}

function setTime(syslog: Syslog, time: ReadTime): void {
  syslog.time = time.ms
  syslog.zoned = time.zoned
}

/** `123: ` before the time, as Cisco's `service sequence-numbers` writes it; also `123: host: `. */
function readCounter(text: string, at: number, syslog: Syslog): number {
  let end = at
  let value = 0
  while (end < at + 12 && isDigit(text.charCodeAt(end))) value = value * 10 + text.charCodeAt(end++) - 48
  if (end === at || text.charCodeAt(end) !== COLON || text.charCodeAt(end + 1) !== SPACE) return at
  syslog.sequence = value
  return skipSpace(text, end + 1)
}

const levelWords = new Set(
  'TRACE DEBUG INFO NOTICE WARN WARNING ERROR ERR CRIT CRITICAL FATAL Debug Info Warning Error info warn error debug'.split(
    ' ',
  ),
)
const facilityAndLevel =
  /^(?:kern|user|mail|daemon|auth|authpriv|syslog|cron|ftp|local[0-7])\.(?:emerg|alert|crit|err|error|warning|warn|notice|info|debug)$/

function readHost(text: string, at: number, syslog: Syslog): number {
  let end = at
  // NetApp ONTAP: `[node1:secd.conn.auth.failure:notice]: …`; the node stands in front of its event's name.
  if (text.charCodeAt(at) === 0x5b) {
    const close = text.indexOf(']: ', at)
    const found =
      close > 0 && close - at < 160 ? /^\[([\w.-]{1,64}):[\w.]{3,80}:\w{4,16}$/.exec(text.slice(at, close)) : null
    if (found !== null) syslog.host = found[1] ?? ''
    return at
  }
  while (end < text.length && isHostCharacter(text.charCodeAt(end))) end++
  if (end === at) return at
  const next = text.charCodeAt(end)
  // Ubiquiti: `name,18e8294876c3,v4.0.66.10832 switch: …`
  if (next === 0x2c && text.startsWith(',v', end + 13)) {
    syslog.host = text.slice(at, end)
    return skipSpace(text, indexOfSpace(text, end))
  }
  // F5's iRules: `name,f5_irule=…,src_ip=…`: the host is the first of the pairs.
  if (next === 0x2c && isNameAndEquals(text, end + 1)) {
    syslog.host = text.slice(at, end)
    return end + 1
  }
  if (next !== SPACE && next !== 0x09) return at
  let last = end
  while (text.charCodeAt(last - 1) === COLON) last--
  if (last === at || !holdsLetterOrDigit(text, at, last)) return at
  const following = skipSpace(text, end)
  // `2026-11-18T09:12:44Z INFO text` of a program's own file: the level is no host.
  if (syslog.priority === undefined && end - at <= 8 && levelWords.has(text.slice(at, end))) return at
  // `2026-11-18T09:12:44Z 45 [Note] text`: a thread's or process's number is none either.
  if (syslog.priority === undefined && isAllDigits(text.slice(at, end))) return at
  // Cisco's meeting servers and others name facility and level before the host.
  if (end - at <= 16 && facilityAndLevel.test(text.slice(at, end))) return readHost(text, following, syslog)
  if (last < end) {
    // `name: …` is a tag, unless a Cisco message follows it.
    if (text.charCodeAt(following) !== 0x25) return at
    syslog.host = text.slice(at, last)
    return following
  }
  // F5's blades: `slot1/host`.
  const slash = text.startsWith('slot', at) ? text.indexOf('/', at) : -1
  syslog.host = text.slice(slash > 0 && slash < last - 1 ? slash + 1 : at, last)
  // `host : %ASA-…`
  if (text.charCodeAt(following) === COLON && text.charCodeAt(following + 1) === SPACE)
    return skipSpace(text, following + 1)
  return following
}

function indexOfSpace(text: string, from: number): number {
  const at = text.indexOf(' ', from)
  return at < 0 ? text.length : at
}

/** `f5_irule=`: a word and an equals sign. */
function isNameAndEquals(text: string, from: number): boolean {
  let at = from
  while (at - from < 32 && (isLetterOrDigit(text.charCodeAt(at)) || text.charCodeAt(at) === 0x5f)) at++
  return at > from && text.charCodeAt(at) === 0x3d
}

function holdsLetterOrDigit(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at)
    if (isLetterOrDigit(code) || code > 0x7f) return true
  }
  return false
}

/** `name[pid]: ` or `name: `; gives the place after it, or the same place. Names with blanks have a pid: `Google Chrome[85]: `. */
function readTag(text: string, at: number, syslog: Syslog): number {
  let end = at
  while (end < text.length && end - at < 64 && isTagCharacter(text.charCodeAt(end))) end++
  if (end === at) return at
  if (text.charCodeAt(end) === SPACE) return readBlankTag(text, at, end, syslog)
  let pid: string | undefined
  let nameEnd = end
  if (text.charCodeAt(end) === 0x5b) {
    const close = text.indexOf(']', end)
    if (close < 0 || close - end > 32) return at
    pid = text.slice(end + 1, close)
    end = close + 1
    // launchd: `com.apple.xpc.launchd[1] (com.apple.quicklook[21498]): `
    if (text.startsWith(' (', end)) {
      const closing = text.indexOf('): ', end)
      if (closing > 0 && closing - end < 128) {
        end = closing + 1
        nameEnd = end
        pid = undefined
      }
    }
  }
  return endTag(text, at, nameEnd, end, pid, syslog)
}

/** `Slack Helper[55199]: `: up to three more words, and a number in brackets must follow. */
function readBlankTag(text: string, at: number, from: number, syslog: Syslog): number {
  let end = from
  let words = 0
  while (end < text.length && end - at < 64 && words < 4) {
    const code = text.charCodeAt(end)
    if (code === SPACE) words++
    else if (!isTagCharacter(code)) break
    end++
  }
  if (text.charCodeAt(end) !== 0x5b) return at
  const close = text.indexOf(']', end)
  if (close < 0 || close - end > 12 || close === end + 1) return at
  for (let digit = end + 1; digit < close; digit++) if (!isDigit(text.charCodeAt(digit))) return at
  return endTag(text, at, end, close + 1, text.slice(end + 1, close), syslog)
}

function endTag(
  text: string,
  at: number,
  nameEnd: number,
  end: number,
  pid: string | undefined,
  syslog: Syslog,
): number {
  if (text.charCodeAt(end) !== COLON) return at
  const after = end + 1
  if (after < text.length && text.charCodeAt(after) !== SPACE && text.charCodeAt(after) !== 0x09) return at
  syslog.app = text.slice(at, nameEnd)
  if (pid !== undefined && pid !== '') syslog.pid = pid
  return skipSpace(text, after)
}

/** RFC 5424 §6: fields by single spaces, `-` for none. Gives the place of the message, or -1. */
function readRfc5424(text: string, from: number, syslog: Syslog, arrival: number, zone: string | undefined): number {
  // Some write the time with a blank inside (SONiC), which the standard does not.
  const time = text.charCodeAt(from) === 0x2d ? undefined : readTime(text, from, arrival, zone)
  let at = time === undefined ? from + 1 : time.end
  if (text.charCodeAt(at) !== SPACE || (time === undefined && text.charCodeAt(from) !== 0x2d)) return -1
  at++
  const fields: string[] = []
  for (let field = 0; field < 4; field++) {
    const end = text.indexOf(' ', at)
    const word = text.slice(at, end < 0 ? undefined : end)
    // ESXi and others: this header's version and time before the older one's `tag[pid]: text`.
    if (field === 1 && (word.endsWith(':') || /^[\w./-]{1,48}\[\d{1,10}\]:?$/.test(word))) {
      if (time !== undefined) setTime(syslog, time)
      if (fields[0] !== '-' && fields[0] !== undefined) syslog.host = fields[0]
      syslog.format = 'rfc3164'
      syslog.bodyAt = at
      syslog.messageAt = readTag(text, at, syslog)
      return at
    }
    if (end < 0 || end - at > 256) return -1
    fields.push(word)
    at = end + 1
  }
  const [host = '', app = '', pid = '', messageId = ''] = fields
  if (time !== undefined) setTime(syslog, time)
  syslog.format = 'rfc5424'
  if (host !== '-' && host !== '') syslog.host = host
  if (app !== '-' && app !== '') syslog.app = app
  if (pid !== '-' && pid !== '') syslog.pid = pid
  if (messageId !== '-' && messageId !== '') syslog.messageId = messageId
  at = readStructuredData(text, at, syslog)
  at = skipSpace(text, at)
  if (text.charCodeAt(at) === 0xfeff) at++
  syslog.bodyAt = at
  syslog.messageAt = at
  return at
}

function readStructuredData(text: string, from: number, syslog: Syslog): number {
  if (text.charCodeAt(from) === 0x2d) return from + 1
  let at = from
  const data: Record<string, Record<string, string>> = {}
  while (text.charCodeAt(at) === 0x5b) {
    const element = readElement(text, at + 1)
    if (element === undefined) break
    data[element.id] = element.parameters
    at = element.end
  }
  if (at > from) syslog.data = data
  return at
}

function readElement(
  text: string,
  from: number,
): { id: string; parameters: Record<string, string>; end: number } | undefined {
  let at = from
  while (at < text.length && !isElementEnd(text.charCodeAt(at))) at++
  // Without a parameter, `[word]` is part of the message of a sender that left out the `-`.
  const id = text.slice(from, at)
  if (id === '' || id === '__proto__' || at - from > 64) return undefined
  const parameters: Record<string, string> = {}
  while (text.charCodeAt(at) === SPACE) {
    at = skipSpace(text, at)
    const equals = text.indexOf('=', at)
    if (equals < 0 || equals - at > 64 || text.charCodeAt(equals + 1) !== 0x22) return undefined
    const name = text.slice(at, equals)
    let end = equals + 2
    let value = ''
    let chunk = end
    while (end < text.length && text.charCodeAt(end) !== 0x22) {
      if (text.charCodeAt(end) === 0x5c && isEscaped(text.charCodeAt(end + 1))) {
        value += text.slice(chunk, end)
        chunk = end + 1
        end++
      }
      end++
    }
    if (end >= text.length) return undefined
    if (name !== '__proto__') parameters[name] = value + text.slice(chunk, end)
    at = end + 1
  }
  return text.charCodeAt(at) === 0x5d ? { id, parameters, end: at + 1 } : undefined
}

function isElementEnd(code: number): boolean {
  return code === SPACE || code === 0x5d || code === 0x3d || code === 0x22
}

function isEscaped(code: number): boolean {
  return code === 0x22 || code === 0x5c || code === 0x5d
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57
}

export function isLetterOrDigit(code: number): boolean {
  return (code >= 48 && code <= 57) || (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
}

function isHostCharacter(code: number): boolean {
  // . - _ : / and letters beyond ASCII
  return (
    isLetterOrDigit(code) ||
    code === 0x2e ||
    code === 0x2d ||
    code === 0x5f ||
    code === COLON ||
    code === 0x2f ||
    code > 0x7f
  )
}

function isTagCharacter(code: number): boolean {
  // . - _ / @ ( )
  return (
    isLetterOrDigit(code) ||
    code === 0x2e ||
    code === 0x2d ||
    code === 0x5f ||
    code === 0x2f ||
    code === 0x40 ||
    code === 0x28 ||
    code === 0x29
  )
}

export function skipSpace(text: string, at: number): number {
  let next = at
  while (next < text.length) {
    const code = text.charCodeAt(next)
    if (code !== SPACE && (code < 0x09 || code > 0x0d) && code !== 0) break
    next++
  }
  return next
}
