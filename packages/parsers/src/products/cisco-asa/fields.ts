// What each hole of a message's sentence becomes in ECS.

import { add, type EventDocument, put, putDefault, putUnder, read } from '../../normalise/document.ts'
import { countOf, isIp, macOf, portOf, putAddress, putIp } from '../../normalise/endpoint.ts'
import { protocolNumber } from '../../normalise/network.ts'
import { isoTime } from '../../normalise/time.ts'
import { putUrl } from '../../normalise/url.ts'

/** What the fields of one message need to know of each other. */
export interface AsaMessage {
  document: EventDocument
  /** `cisco.asa` or `cisco.ftd`: the vendor's own fields. */
  vendor: string
  verdict?: string
  icmpType?: number | undefined
  icmpCode?: number | undefined
  durationSeconds?: number | undefined
  /** The translated address of an ICMP connection, which stands before the one it translates. */
  global?: string
  /** `outbound` connections are written destination first. */
  outbound: boolean
}

/** Names said once: a joined text would be hashed anew for each line. */
const sides = {
  source: {
    ip: 'source.ip',
    port: 'source.port',
    interface: 'source_interface',
    mappedIp: 'mapped_source_ip',
    mappedPort: 'mapped_source_port',
  },
  destination: {
    ip: 'destination.ip',
    port: 'destination.port',
    interface: 'destination_interface',
    mappedIp: 'mapped_destination_ip',
    mappedPort: 'mapped_destination_port',
  },
} as const

type Setter = (message: AsaMessage, value: string) => void

/** `LOCAL\anna`, `LOCAL\group\anna`, `LOCAL\anna, 123` (a security group tag), `17:SGT_name`. */
function putUser(message: AsaMessage, side: string, text: string, alsoUser: boolean): void {
  const comma = text.indexOf(',')
  const name = (comma < 0 ? text : text.slice(0, comma)).trim()
  if (name === '' || /^\d+(?::|$)/.test(name)) return
  const parts = name.split('\\').filter((part) => part !== '')
  // LOCAL is the device's own list of users, no domain.
  if (parts.length > 1 && parts[0] === 'LOCAL') parts.shift()
  const user = parts.at(-1) ?? ''
  const at = user.indexOf('@')
  const isMail = at > 0 && parts.length === 1
  putUnder(message.document, side, 'user.name', isMail ? user.slice(0, at) : user)
  if (isMail) {
    putUnder(message.document, side, 'user.domain', user.slice(at + 1))
    putUnder(message.document, side, 'user.email', user)
  } else if (parts.length > 1) putUnder(message.document, side, 'user.domain', parts[0])
  if (alsoUser) putDefault(message.document, 'user.name', isMail ? user.slice(0, at) : user)
}

/** `outside:192.0.2.1/443(LOCAL\anna)`, `192.0.2.1/443`, `outside:2001:db8::1`, `outside:192.0.2.1 (type 8, code 0)`. */
function putEnd(message: AsaMessage, side: 'source' | 'destination', text: string): void {
  let rest = text.trim()
  const open = rest.indexOf('(')
  if (open > 0) {
    const close = rest.lastIndexOf(')')
    putUser(message, side, rest.slice(open + 1, close < open ? rest.length : close), false)
    rest = rest.slice(0, open).trim()
  }
  const slash = rest.lastIndexOf('/')
  if (slash >= 0) {
    // `192.0.2.1/443 anna`: older releases put the user behind a blank.
    const blank = rest.indexOf(' ', slash)
    if (blank > 0) putUser(message, side, rest.slice(blank + 1), false)
    putUnder(message.document, side, 'port', portOf(rest.slice(slash + 1, blank < 0 ? undefined : blank)))
    rest = rest.slice(0, slash)
  }
  const at = rest.indexOf('@')
  if (at > 0) rest = rest.slice(at + 1)
  const colon = rest.indexOf(':')
  if (colon >= 0 && !isIp(rest)) {
    putInterface(message, side, rest.slice(0, colon))
    rest = rest.slice(colon + 1)
  }
  putAddress(message.document, side, rest)
}

/** `inside/192.0.2.1(57621)(LOCAL\anna)` of the access-list messages. */
function putSlashEnd(message: AsaMessage, side: 'source' | 'destination', text: string): void {
  const slash = text.indexOf('/')
  const open = text.indexOf('(', slash)
  const close = text.indexOf(')', open)
  if (slash > 0) putInterface(message, side, text.slice(0, slash))
  putAddress(message.document, side, text.slice(slash + 1, open < 0 ? text.length : open))
  if (open < 0) return
  putUnder(message.document, side, 'port', portOf(text.slice(open + 1, close < 0 ? text.length : close)))
  const user = text.indexOf('(', close)
  if (close > 0 && user > 0) putUser(message, side, text.slice(user + 1, -1), false)
}

function putInterface(message: AsaMessage, side: 'source' | 'destination', name: string): void {
  put(message.document, side === 'source' ? 'observer.ingress.interface.name' : 'observer.egress.interface.name', name)
  putUnder(message.document, message.vendor, sides[side].interface, name)
}

/** The translated address after an end: `192.0.2.1/443`, `192.0.2.1/443)(LOCAL\anna, 12`. */
function putMapped(message: AsaMessage, side: 'source' | 'destination', text: string): void {
  const close = text.indexOf(')')
  if (close >= 0) {
    const open = text.indexOf('(', close)
    if (open > 0) putUser(message, side, text.slice(open + 1), false)
  }
  const pair = close < 0 ? text : text.slice(0, close)
  const slash = pair.lastIndexOf('/')
  const host = slash < 0 ? pair : pair.slice(0, slash)
  putTranslated(message, side, host)
  const port = slash < 0 ? undefined : portOf(pair.slice(slash + 1))
  if (port !== read(message.document, sides[side].port)) putUnder(message.document, side, 'nat.port', port)
  putUnder(message.document, message.vendor, sides[side].mappedPort, port)
}

/** `side`.nat.ip where the translation changed the address. */
function putTranslated(message: AsaMessage, side: 'source' | 'destination', host: string): void {
  if (!isIp(host)) return
  putUnder(message.document, message.vendor, sides[side].mappedIp, host)
  if (host !== read(message.document, sides[side].ip)) putUnder(message.document, side, 'nat.ip', host)
}

/** `192.0.2.1/8`: what follows the slash is no port. */
function hostOf(text: string): string {
  const trimmed = text.trim()
  const end = trimmed.search(/[/( ]/)
  return end < 0 ? trimmed : trimmed.slice(0, end)
}

function putProtocol(message: AsaMessage, text: string): void {
  const name = text.trim().toLowerCase()
  // `protocol 47`: a number, no name.
  if (name.startsWith('protocol ')) put(message.document, 'network.iana_number', name.slice(9))
  if (name.includes(' ') || name === '' || name === 'ip') return
  put(message.document, 'network.transport', name)
  const number = protocolNumber(name)
  if (number !== undefined) put(message.document, 'network.iana_number', String(number))
}

function secondsOf(text: string): number | undefined {
  let total = 0
  for (const part of text.split(':')) {
    const value = Number.parseInt(part, 10)
    if (!Number.isFinite(value)) return undefined
    total = total * 60 + value
  }
  return total
}

/** `(LOCAL\\dave, 12) (anna)` after the last end: the user of that end, where it stands at once. */
function putTrailingUser(message: AsaMessage, text: string): void {
  const close = text.indexOf(')')
  if (text.startsWith('(') && close > 0)
    putUser(message, message.outbound ? 'source' : 'destination', text.slice(1, close), true)
}

/** `TLSv1.2`, `TLS`, `DTLSv1`. */
function putTls(message: AsaMessage, text: string): void {
  const name = text.toLowerCase()
  const version = name.indexOf('v')
  put(message.document, 'tls.version_protocol', version < 0 ? name : name.slice(0, version))
  if (version >= 0) put(message.document, 'tls.version', name.slice(version + 1))
}

function withoutQuotes(text: string): string {
  return text.length > 1 && text.startsWith('"') ? text.slice(1, text.endsWith('"') ? -1 : undefined) : text
}

function withoutStop(text: string): string {
  return text.endsWith('.') ? text.slice(0, -1) : text
}

function field(path: string): Setter {
  return (message, value) => put(message.document, path, value.trim())
}

function own(name: string): Setter {
  return (message, value) => putUnder(message.document, message.vendor, name, value.trim())
}

function count(path: string): Setter {
  return (message, value) => put(message.document, path, countOf(value.trim()))
}

export const setters: Readonly<Record<string, Setter | undefined>> = {
  _: () => {},
  src: (message, value) => putEnd(message, message.outbound ? 'destination' : 'source', value),
  dst: (message, value) => putEnd(message, message.outbound ? 'source' : 'destination', value),
  srcmapped: (message, value) => putMapped(message, message.outbound ? 'destination' : 'source', value),
  dstmapped: (message, value) => putMapped(message, message.outbound ? 'source' : 'destination', value),
  stubmapped: () => {},
  dstuser: putTrailingUser,
  slashsrc: (message, value) => putSlashEnd(message, 'source', value),
  slashdst: (message, value) => putSlashEnd(message, 'destination', value),
  inner: (message, value) => putInner(message, 'source', value),
  innerdst: (message, value) => putInner(message, 'destination', value),
  srcif: (message, value) => putInterface(message, 'source', withoutStop(value.trim().split(/[ ,]/)[0] ?? '')),
  srcmac: (message, value) => put(message.document, 'source.mac', macOf(value)),
  sport: (message, value) => put(message.document, 'source.port', portOf(value)),
  dport: (message, value) => put(message.document, 'destination.port', portOf(value)),
  faddr: (message, value) => {
    putAddress(message.document, 'destination', hostOf(value))
    const open = value.indexOf('(')
    if (open > 0 && value.endsWith(')')) putUser(message, 'destination', value.slice(open + 1, -1), true)
  },
  laddr: (message, value) => {
    putAddress(message.document, 'source', hostOf(value))
    if (message.global !== undefined) putTranslated(message, 'source', message.global)
  },
  gaddr: (message, value) => {
    message.global = hostOf(value)
  },
  peer: () => {},
  direction: (message, value) => {
    const direction = value.toLowerCase()
    put(message.document, 'network.direction', direction)
    // On FTD a connection's ends stand in the order of the sentence, as in Elastic's package: its teardown names no direction.
    message.outbound = direction === 'outbound' && message.vendor !== 'cisco.ftd'
  },
  transport: putProtocol,
  protocol: putProtocol,
  ipproto: () => {},
  icmp: (message, value) => {
    putProtocol(message, value.toLowerCase() === 'ipv6-icmp' ? 'ipv6-icmp' : 'icmp')
  },
  icmpnet: (message, value) => put(message.document, 'network.type', value.toLowerCase()),
  icmptype: (message, value) => {
    message.icmpType = countOf(value.trim())
    putUnder(message.document, message.vendor, 'icmp_type', message.icmpType)
  },
  icmpcode: (message, value) => {
    message.icmpCode = countOf(/^\d+/.exec(value.trim())?.[0])
    putUnder(message.document, message.vendor, 'icmp_code', message.icmpCode)
  },
  connection: own('connection_id'),
  sadirection: (message, value) => {
    put(message.document, 'network.direction', value.toLowerCase())
    put(message.document, 'network.type', 'ipsec')
  },
  duration: (message, value) => {
    message.durationSeconds = secondsOf(value.trim().split(' ')[0] ?? '')
  },
  hms: (message, value) => {
    message.durationSeconds = hoursMinutesSeconds(value)
  },
  bytes: (message, value) => {
    const blank = value.indexOf(' ')
    put(message.document, 'network.bytes', countOf(blank < 0 ? value : value.slice(0, blank)))
    if (blank < 0) return
    // After the bytes: why it ended, who reset it (`from outside`), and the user in brackets.
    const rest = value.slice(blank + 1)
    const open = rest.indexOf('(')
    const reason = (open < 0 ? rest : rest.slice(0, open)).trim()
    const from = reason.startsWith('TCP ') ? reason.indexOf(' from ') : -1
    put(message.document, 'event.reason', from > 0 ? reason.slice(0, from) : reason)
  },
  verdict: (message, value) => {
    message.verdict = value === 'est-allowed' || value === 'permitted' || value === 'requested' ? 'permitted' : 'denied'
  },
  acl: own('rule_name'),
  reason: (message, value) =>
    put(
      message.document,
      'event.reason',
      value.startsWith('IP options') || value.startsWith('IPv4 address: ') || value.includes('SVC connection')
        ? value
        : withoutStop(value.trim()),
    ),
  assignedreason: (message, value) => {
    put(message.document, 'event.reason', value)
    const address = /^IPv4 Address <([^<>]*)>/.exec(value)?.[1]
    putIp(message.document, `${message.vendor}.assigned_ip`, address)
  },
  assigned: own('assigned_ip'),
  ikereason: (message, value) => put(message.document, 'event.reason', value.replace('ERROR: ', '')),
  dns: (message, value) => {
    if (value.startsWith('DNS ')) put(message.document, 'network.protocol', 'dns')
  },
  eventid: field('event.id'),
  user: field('user.name'),
  sourceuser: (message, value) => putUser(message, 'source', value.trim(), true),
  serveruser: (message, value) => {
    put(message.document, 'server.user.name', value.trim())
    putDefault(message.document, 'user.name', value.trim())
  },
  clientuser: field('client.user.name'),
  group: (message, value) => put(message.document, 'source.user.group.name', value.trim()),
  tunnelgroup: own('tunnel_group'),
  policy: own('group_policy'),
  aaa: own('aaa_type'),
  rejection: own('rejection_reason'),
  sessiontype: (message, value) =>
    putUnder(message.document, message.vendor, 'session_type', withoutStop(value.trim())),
  aaaprotocol: (message, value) => put(message.document, 'network.protocol', value.toLowerCase()),
  servicedst: (message, value) => {
    const slash = value.lastIndexOf('/')
    const service = value.slice(slash + 1)
    if (portOf(service) === undefined) {
      put(message.document, 'network.protocol', service.toLowerCase())
      putEnd(message, 'destination', slash < 0 ? value : value.slice(0, slash))
    } else putEnd(message, 'destination', value)
  },
  localaddr: (message, value) => putColonPort(message, 'source', value),
  remoteaddr: (message, value) => putColonPort(message, 'destination', value),
  resumed: (message, value) => {
    const ip = withoutStop(value.trim()).replaceAll(/[<>]/g, '')
    const before = message.document.root['source']
    // The session's own address is where it was before: the client has moved.
    if (typeof before === 'object' && before !== null && !Array.isArray(before) && typeof before['ip'] === 'string')
      putAddress(message.document, 'destination', before['ip'])
    putAddress(message.document, 'source', ip)
  },
  xmt: count('source.bytes'),
  rcv: count('destination.bytes'),
  url: (message, value) => putUrl(message.document, value),
  urldst: (message, value) => putAddress(message.document, 'destination', value.slice(value.indexOf('@') + 1)),
  quotedurl: (message, value) => putUrl(message.document, withoutQuotes(value)),
  file: field('file.path'),
  command: own('command_line_arguments'),
  privold: own('privilege.old'),
  privnew: own('privilege.new'),
  interface: own('interface_name'),
  redundant: own('redundant_interface_name'),
  device: own('device_type'),
  session: own('session_id'),
  pool: own('pool_name'),
  pooladdress: own('pool_address'),
  trustpoint: own('trustpoint'),
  peertype: own('peer_type'),
  tunneltype: own('tunnel_type'),
  tls: putTls,
  useragent: field('user_agent.original'),
  inuse: (message, value) => putUnder(message.document, message.vendor, 'connections_in_use', countOf(value)),
  mostused: (message, value) =>
    putUnder(message.document, message.vendor, 'connections_most_used', countOf(value.split(' ')[0])),
  list: own('rule_name'),
  side: () => {},
  listed: (message, value) => {
    const name = value.trim()
    if (!name.includes('/') && !isIp(name)) {
      put(message.document, 'destination.domain', name)
      put(message.document, 'server.domain', name)
    }
  },
  threatlevel: own('threat_level'),
  threatcategory: own('threat_category'),
  sipvia: (message, value) => {
    const blank = value.lastIndexOf(' ')
    putUnder(message.document, message.vendor, 'connection_type', value)
    putProtocol(message, value.slice(blank + 1))
  },
  sipmessage: own('message'),
  burstobject: own('burst.object'),
  burstid: own('burst.id'),
  burstnow: own('burst.current_rate'),
  burstmax: own('burst.configured_rate'),
  burstavg: own('burst.avg_rate'),
  burstavgmax: own('burst.configured_avg_rate'),
  bursttotal: own('burst.cumulative_count'),
  scanobject: (message, value) => {
    const ip = withoutStop(value.trim().split(' ').at(-1) ?? '')
    putIp(message.document, 'source.ip', ip)
    add(message.document, 'related.ip', isIp(ip) ? ip : undefined)
  },
}

/** The packet that the ICMP error is about: its ends carry the ports. */
function putInner(message: AsaMessage, side: 'source' | 'destination', text: string): void {
  const slash = text.lastIndexOf('/')
  const end = text.indexOf(' ')
  const pair = end < 0 ? text : text.slice(0, end)
  putAddress(message.document, side, slash < 0 ? withoutStop(pair) : pair.slice(0, slash))
  if (slash > 0) putUnder(message.document, side, 'port', portOf(withoutStop(pair.slice(slash + 1))))
}

/** `192.0.2.1:500`, `[2001:db8::1]:500`. */
function putColonPort(message: AsaMessage, side: 'source' | 'destination', text: string): void {
  const colon = text.lastIndexOf(':')
  const host = colon < 0 ? text : text.slice(0, colon)
  putAddress(message.document, side, host.startsWith('[') ? host.slice(1, -1) : host)
  if (colon > 0) putUnder(message.document, side, 'port', portOf(text.slice(colon + 1).trim()))
}

/** `1d 2h:3m:4s` and `2h:3m:4s`. */
function hoursMinutesSeconds(text: string): number | undefined {
  let total = 0
  let number = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code >= 48 && code <= 57) number = number * 10 + code - 48
    else {
      if (code === 0x64) total += number * 86_400
      else if (code === 0x68) total += number * 3_600
      else if (code === 0x6d) total += number * 60
      else if (code === 0x73) total += number
      number = 0
    }
  }
  return Number.isSafeInteger(total) ? total : undefined
}

/** event.duration in nanoseconds, and the start that follows from the end. */
export function putDuration(document: EventDocument, endMs: number, seconds: number | undefined): void {
  if (seconds === undefined || seconds > 9_000_000) return
  put(document, 'event.duration', seconds * 1_000_000_000)
  put(document, 'event.start', isoTime(endMs - seconds * 1000))
  put(document, 'event.end', isoTime(endMs))
}
