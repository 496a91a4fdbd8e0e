// Cisco IOS, IOS XE, IOS XR, NX-OS and Aironet: `%FACILITY-SEVERITY-MNEMONIC: text`, behind sequence numbers, hosts and times in any order.
// "System Message Guide" (cisco.com, IOS XE 17) and "Cisco NX-OS System Messages Reference".
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, leave, put, putDefault, read } from '../normalise/document.ts'
import { countOf, isIp, macOf, portOf, putAddress } from '../normalise/endpoint.ts'
import { putCommunityId, putNetworkType, putTransport } from '../normalise/network.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { isoTime, readTime } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { putKind } from './kv-product.ts'

interface Header {
  at: number
  facility: string
  severity: number
  mnemonic: string
  textAt: number
}

const notHere = new Set(['ASA', 'FTD', 'PIX', 'FWSM', 'FDT'])

/** The first `%FACILITY-…-SEVERITY-MNEMONIC` of capitals in the first 300 characters. */
function readHeader(text: string, from: number): Header | undefined {
  let at = text.indexOf('%', from)
  for (let tries = 0; tries < 4 && at >= 0 && at - from < 300; tries++) {
    let end = at + 1
    while (end < text.length && isName(text.charCodeAt(end))) end++
    const parts = text.slice(at + 1, end).split('-')
    const severity = parts.findLastIndex(
      (part, index) => index > 0 && index < parts.length - 1 && part.length === 1 && part >= '0' && part <= '7',
    )
    const facility = parts.slice(0, severity).join('-')
    if (severity > 0 && facility !== '' && !notHere.has(parts[0] ?? '')) {
      // `%IOSXE-6-PLATFORM: R0/0: cpp_cp: … %FW-6-DROP_PKT: …` hands on what a module of it wrote.
      const inner = facility.startsWith('IOSXE') ? readHeader(text, end) : undefined
      if (inner !== undefined) return { ...inner, at }
      let textAt = end
      while (text.charCodeAt(textAt) === 0x3a || text.charCodeAt(textAt) === 0x20) textAt++
      return { at, facility, severity: Number(parts[severity]), mnemonic: parts.slice(severity + 1).join('-'), textAt }
    }
    at = text.indexOf('%', at + 1)
  }
  return undefined
}

/** Capitals, digits, `_`, `-`; Aironet's module names have small letters. */
function isName(code: number): boolean {
  return (
    (code >= 65 && code <= 90) ||
    (code >= 48 && code <= 57) ||
    code === 0x5f ||
    code === 0x2d ||
    (code >= 97 && code <= 122)
  )
}

/** `last message repeated 4 time`: the only line without a mnemonic, behind the same envelope. */
function readRepeat(record: LogRecord): Header | undefined {
  const at = record.text.indexOf('last message repeated ')
  if (at < 0 || at > 200) return undefined
  return { at, facility: '', severity: (record.syslog.priority ?? 6) & 7, mnemonic: '', textAt: at }
}

/** `NTP Core (NOTICE): Clock synchronization lost.`: some modules write no mnemonic; the source says whose they are. */
function readBare(record: LogRecord): Header | undefined {
  const found = /^[A-Z][\w ]{1,32} \((NOTICE|INFO|WARNING|ERROR|DEBUG)\): /.exec(record.message)
  if (found === null) return undefined
  const at = record.messageAt
  return { at, facility: '', severity: (record.syslog.priority ?? 6) & 7, mnemonic: '', textAt: at }
}

/** NX-OS writes the year first (but for IOS XR's `RP/0/…:`); a wireless controller names its task before the time. */
function datasetOf(text: string, header: Header): string {
  const before = text.slice(0, header.at)
  if (/(?:^|[\s:>])\*\w{3,40}: [A-Z][a-z]{2} {1,2}\d{1,2} /.test(before)) return 'cisco_aironet.log'
  return /(?:^|[\s:>])20\d\d [A-Z][a-z]{2} {1,2}\d{1,2} /.test(before) ? 'cisco_nexus.log' : 'cisco_ios.log'
}

const levels = ['emergency', 'alert', 'critical', 'error', 'warning', 'notification', 'informational', 'debug'] as const
const datasets: Readonly<Record<string, string | undefined>> = {
  cisco_nexus: 'cisco_nexus.log',
  cisco_aironet: 'cisco_aironet.log',
  cisco_ios: 'cisco_ios.log',
}
const productNames: Readonly<Record<string, string | undefined>> = {
  'cisco_nexus.log': 'Nexus',
  'cisco_aironet.log': 'Aironet',
  'cisco_ios.log': 'IOS',
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const header =
    readHeader(record.text, 0) ?? readRepeat(record) ?? (record.hint === undefined ? undefined : readBare(record))
  if (header === undefined) return false
  const dataset = datasets[record.hint?.split('.')[0] ?? ''] ?? datasetOf(record.text, header)
  document.dataset = dataset
  // `R0/0: fman_fp_image: ` names the module that wrote it.
  const module =
    /^(?:[A-Z]{1,4}\d(?:\/\d)?(?:\/CPU\d)?: )?(?:[a-z][a-z\d_]{2,40}: {1,2})?/.exec(
      record.text.slice(header.textAt, header.textAt + 64),
    )?.[0] ?? ''
  const text = record.text.slice(header.textAt + module.length).trimEnd()
  put(document, 'process.name', module.trim().split(': ').at(-1)?.replace(/:$/, ''))
  putEnvelope(record, document, header)
  put(document, 'observer.vendor', 'Cisco')
  put(document, 'observer.product', productNames[dataset])
  put(document, 'observer.type', dataset === 'cisco_nexus.log' ? 'switches' : 'firewall')
  if (dataset === 'cisco_aironet.log') {
    putWireless(record, document, header)
    return true
  }
  if (dataset === 'cisco_nexus.log') putSwitchName(document)
  // Unified Communications name their node in the message: `%[ NodeID=cucm1]`, `%[NodeID=cucm1]`.
  const node = /\[ ?Node ?ID ?= ?([\w.-]{1,128}) ?\]|\bDetail: At .{8,40} on node ([\w.-]{1,128}),/
    .exec(text)
    ?.slice(1)
    .find((name) => name !== undefined)
  if (node !== undefined) {
    put(document, 'host.name', node)
    put(document, 'observer.hostname', node)
  }
  put(document, 'event.severity', header.severity)
  put(document, 'log.level', levels[header.severity])
  put(document, 'event.code', header.mnemonic)
  put(document, 'event.provider', 'firewall')
  put(document, 'message', text)
  put(document, 'cisco.ios.facility', header.facility)
  putKind(document, undefined, ['network'], ['info'])
  if (!putAccessList(document, header, text) && !putLogin(document, header, text)) {
    putFirewall(document, text)
    leave(document, header.textAt, record.text.length)
  }
  // NX-OS's accounting ends with how the command went: `update:192.0.2.7@pts/0:anna:show version (SUCCESS)`.
  if (header.mnemonic === 'AAA_ACCOUNTING_MESSAGE') {
    const result = /\((SUCCESS|FAILURE)\)$/.exec(text)?.[1]
    putDefault(document, 'event.outcome', result?.toLowerCase())
  }
  putNetworkType(document)
  putCommunityId(document)
  return true
}

/** `00:01:01`, `1w2d`: how long the device has run, where it has no clock. */
const isUptime = /^(?:\d+:\d\d:\d\d|(?:\d+[ywdhms])+)$/

/** Before `%`: counters, a host and the device's own time, each ended by a colon. */
function putEnvelope(record: LogRecord, document: EventDocument, header: Header): void {
  putSyslogPriority(document, record)
  const before = record.text.slice(0, header.at)
  let time = record.syslog.time
  // An unknown zone after the time is no host.
  let host = /^[A-Z]{2,5}$|\]$/.test(record.syslog.host ?? '') ? undefined : record.syslog.host
  // SD-WAN: `%Viptela-vedge1-sysmgrd-6-INFO-1400002`.
  if (header.facility.startsWith('Viptela-')) host ??= header.facility.slice(8, header.facility.lastIndexOf('-'))
  let sequence = record.syslog.sequence
  for (const part of before.split(': ')) {
    const word = part
      .replace(/^<\d{1,3}>/, '')
      .replace(/^[:\s]+/, '')
      .replace(/:$/, '')
      .trim()
    if (word === '') continue
    const count = countOf(word)
    if (count !== undefined) {
      sequence = count
      continue
    }
    const start = word.charCodeAt(0) === 0x2a || word.charCodeAt(0) === 0x2e ? 1 : 0
    // Nexus writes the year first, and a relay's time and host before it.
    // IOS XR writes `[HOST ]RP/0/RP1/CPU0:` before it.
    const node = /^(?:(\S{1,64}) )?[A-Z]{1,4}\/\d{1,3}\/[\w/]{1,16}:(?=\S)/.exec(word)
    if (node !== null) host ??= node[1]
    const yearAt = word.search(/\b20\d\d [A-Z][a-z]{2} +\d/)
    if (yearAt > 0) host ??= word.slice(0, yearAt).trim().split(' ').at(-1)
    const claimed = readTime(word, Math.max(start, yearAt, node?.[0].length ?? 0), record.arrival, record.zone)
    if (claimed !== undefined) {
      // The device's own time wins over the relay's; behind a relay's time stand its host and the device's counter.
      time = claimed.ms
      const rest = word.slice(claimed.end).trim().split(' ')
      if (rest[0] !== undefined && rest[0] !== '' && !/^[A-Z]{2,5}$/.test(rest[0])) host ??= rest[0]
      sequence = countOf(rest.at(-1)) ?? sequence
    } else if (!word.includes(' ') && !word.endsWith(']') && !isUptime.test(word)) host ??= word
  }
  put(document, '@timestamp', isoTime(time))
  put(document, 'event.timezone', record.zone)
  put(document, 'event.sequence', sequence)
  put(document, 'log.syslog.hostname', host)
  put(document, 'host.name', host)
  put(document, 'observer.hostname', host)
}

/** `[SS]apf_ms.c:8798 text`: the file and line of the controller's source, then the words. */
function putWireless(record: LogRecord, document: EventDocument, header: Header): void {
  const text = record.text.slice(header.textAt).trimEnd()
  const source = /^(?:\[\w{2}\])?[\w-]{1,64}\.c{1,2}p{0,2}:\d{1,8} /.exec(text)?.[0] ?? ''
  const message = text.slice(source.length)
  put(document, 'event.severity', header.severity)
  put(document, 'log.level', levels[header.severity])
  put(document, 'message', message)
  put(document, 'cisco.wlc.facility', header.facility)
  put(document, 'cisco.wlc.source', source.trim())
  const entry = /^Username entry \((\S{1,128}?)\)/.exec(message)?.[1]
  const admin = /admin user '([^']{1,128})'(?: on ([\d.]{7,15}))?/.exec(message)
  put(document, 'user.name', entry ?? admin?.[1])
  putAddress(document, 'source', admin?.[2])
  const station = /\b((?:[\da-f]{2}[:.-]){5}[\da-f]{2})\b/i.exec(message)?.[1]
  put(document, 'client.mac', macOf(station))
  const isLogin = /authentication (?:succeeded|failed)|login/i.test(message)
  const failed = /fail|reject|denied|invalid/i.test(message)
  if (isLogin) putKind(document, header.mnemonic, ['authentication'], ['start'], failed ? 'failure' : 'success')
  else putKind(document, header.mnemonic, ['network'], ['info'])
  leave(document, header.textAt, record.text.length)
}

/** Nexus: the name before the time is the switch's own. */
function putSwitchName(document: EventDocument): void {
  const name = read(document, 'host.name')
  if (typeof name === 'string') put(document, isIp(name) ? 'observer.ip' : 'observer.name', name)
}

/** `list 177 denied udp 192.0.2.1(137) (Gi0/0 02.…) -> 192.0.2.2(137), 1 packet`. */
function putAccessList(document: EventDocument, header: Header, text: string): boolean {
  if (!header.mnemonic.includes('ACCESSLOG') && !header.mnemonic.includes('ACLLOG')) return false
  const found =
    /list (\S{1,64}) (permitted|denied) (\S{1,16}) (?:(\S{2,45}?)(?:\((\d{1,5})\))?) (?:\(?[^()]{0,64}\)? ?)?-> (\S{2,45}?)(?:\((\d{1,5})\))?(?:,| \(|$)/.exec(
      text,
    )
  const single =
    found === null ? /list (\S{1,64}) (permitted|denied) (\S{2,45})(?: (\d{1,9}) packet)?/.exec(text) : null
  const match = found ?? single
  if (match === null) return false
  const isDenied = match[2] === 'denied'
  put(document, 'cisco.ios.access_list', match[1])
  putKind(document, isDenied ? 'deny' : 'allow', ['network'], ['info', isDenied ? 'denied' : 'allowed'])
  if (found === null) {
    if (isIp(match[3] ?? '')) putAddress(document, 'source', match[3])
    return true
  }
  putTransport(document, found[3])
  if (isIp(found[4] ?? '')) putAddress(document, 'source', found[4])
  put(document, 'source.port', portOf(found[5]))
  if (isIp(found[6] ?? '')) putAddress(document, 'destination', found[6])
  put(document, 'destination.port', portOf(found[7]))
  put(document, 'source.packets', countOf(/, (\d{1,9}) packet/.exec(text)?.[1]))
  return true
}

/** SEC_LOGIN, SYS-5-CONFIG_I, SSH, AUTHMGR: who came in, and from where. */
function putLogin(document: EventDocument, header: Header, text: string): boolean {
  const user =
    /\[user: ?([^\]]{0,128})\]/.exec(text)?.[1] ??
    /(?:by|user) '?([\w.@\\-]{1,128})'? (?:on|from)/i.exec(text)?.[1] ??
    /user '([^']{1,128})'/i.exec(text)?.[1] ??
    // NX-OS hands on what its Linux says: `Login failed for user anna - sshd[811]`, `… ruser= rhost= user=anna`.
    / (?:for user |user=)([\w.@\\-]{1,128})(?: |$)/i.exec(text)?.[1] ??
    // Arista: `user anna failed to login [from: 192.0.2.7] [service: sshd]`.
    /^user ([\w.@\\-]{1,128}) (?:failed to login|logged (?:in|out)|login|log)/i.exec(text)?.[1]
  const from =
    /\[(?:Source|from): ?([\d.:a-fA-F]{2,45})\]/.exec(text)?.[1] ??
    /\(([\d.]{7,15})\)/.exec(text)?.[1] ??
    /from ([\d.]{7,15})(?:\s|$|[,(])/.exec(text)?.[1]
  const { mnemonic } = header
  const isLogin =
    /^LOGIN$|LOGIN_(?:SUCCESS|FAILED)|AUTHPASS|AUTHFAIL|SSH2?_(?:USERAUTH|SESSION|CLOSE)|LOGOUT/.test(mnemonic) ||
    /authentication fail|login (?:success|fail)/i.test(text)
  const isConfig = mnemonic === 'CONFIG_I' || mnemonic === 'CFGLOG_LOGGEDCMD' || mnemonic.startsWith('VSHD_SYSLOG')
  if (!isLogin && !isConfig) return false
  put(document, 'user.name', user)
  put(document, 'source.user.name', user)
  const named = / on \S{1,16} \(([\w.:-]{1,128})\)/.exec(text)?.[1]
  if (from !== undefined && isIp(from)) putAddress(document, 'source', from)
  else putAddress(document, 'source', named)
  put(document, 'event.reason', /\[[Rr]eason: ?([^\]]{1,256})\]/.exec(text)?.[1])
  put(document, 'destination.port', portOf(/\[localport: ?(\d{1,5})\]/.exec(text)?.[1]))
  if (isConfig) {
    putKind(document, 'configuration', ['configuration'], ['change'], 'success')
    return true
  }
  const failed = /FAIL/.test(mnemonic) || /fail/i.test(text)
  const ends = /LOGOUT|CLOSE/.test(mnemonic)
  putKind(
    document,
    ends ? 'logged-out' : failed ? 'logon-failed' : 'logged-in',
    ['authentication'],
    [ends ? 'end' : 'start'],
    failed ? 'failure' : 'success',
  )
  return true
}

/** Zone-based firewall: sessions and drops. */
function putFirewall(document: EventDocument, text: string): void {
  const audit =
    /initiator \(([^():]{2,45}):(\d{1,5})\) sent (\d{1,15}) bytes -- responder \(([^():]{2,45}):(\d{1,5})\) sent (\d{1,15}) bytes/.exec(
      text,
    )
  if (audit !== null) {
    putAddress(document, 'source', audit[1])
    put(document, 'source.port', portOf(audit[2]))
    put(document, 'source.bytes', countOf(audit[3]))
    putAddress(document, 'destination', audit[4])
    put(document, 'destination.port', portOf(audit[5]))
    put(document, 'destination.bytes', countOf(audit[6]))
    put(document, 'network.bytes', (countOf(audit[3]) ?? 0) + (countOf(audit[6]) ?? 0))
    return
  }
  const drop =
    /(?:Dropping|drop) (\w{2,8}) (?:pkt|session|packet)(?: from)? (?:\S{1,32} )?([\d.]{7,15}):(\d{1,5}) (?:=>|to|->) ?([\d.]{7,15}):(\d{1,5})/i.exec(
      text,
    )
  if (drop !== null) {
    putTransport(document, drop[1])
    putAddress(document, 'source', drop[2])
    put(document, 'source.port', portOf(drop[3]))
    putAddress(document, 'destination', drop[4])
    put(document, 'destination.port', portOf(drop[5]))
    put(document, 'event.type', ['info', 'denied'])
    return
  }
  const mac = /\b([\da-f]{4}\.[\da-f]{4}\.[\da-f]{4})\b/i.exec(text)?.[1]
  if (mac !== undefined) putDefault(document, 'client.mac', macOf(mac))
}

export const ciscoIos: Product = {
  name: 'cisco_ios',
  datasets: ['cisco_ios.log', 'cisco_nexus.log', 'cisco_aironet.log'],
  detect: (record) => {
    const header = readHeader(record.text, 0)
    if (header !== undefined) return 0.85
    const repeat = readRepeat(record)
    return repeat !== undefined && datasetOf(record.text, repeat) === 'cisco_nexus.log' ? 0.6 : 0
  },
  parse,
}
