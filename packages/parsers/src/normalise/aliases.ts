// What makes an event of an unknown product findable: its own names read by the dictionary, each value only where it fits.
import type { Json, JsonObject } from '@varde/schema'
import { ipOf, splitAddress } from './address.ts'
import { type Alias, type AliasKind, aliasOf } from './dictionary.ts'
import { add, type EventDocument, put, putDefault, read } from './document.ts'
import { countOf, macOf, portOf } from './endpoint.ts'
import { protocolName, protocolNumber, putTransport } from './network.ts'
import { epochMs, isoTime, timeOf } from './time.ts'
import { putUrl } from './url.ts'
import { directionWord, outcomeOf } from './words.ts'

/** A value under the name that its vendor gave it; `depth` is how far below the record's top it stood. */
interface Candidate {
  alias: Alias
  text: string
  order: number
}

export interface AliasContext {
  arrival: number
  zone: string | undefined
}

/** Nested facts of these kinds are about something else than the event: deeper than this they are not taken. */
const shallowKinds = new Set<AliasKind>(['action', 'outcome', 'code', 'severity', 'host'])
const shallowDepthMax = 3
const leavesMax = 2_000
const depthMax = 8

/** Puts every value whose name is known under its ECS field, the surest name first, where nothing stands yet. */
export function putAliases(
  document: EventDocument,
  pairs: Iterable<readonly [string, string]>,
  context: AliasContext,
): void {
  const found: Candidate[] = []
  let date = ''
  let clock = ''
  let lone = ''
  for (const [name, text] of pairs) {
    if (name === 'ip' || name === 'IP') lone = text
    const alias = aliasOf(name)
    if (alias !== undefined && !isNothing(text)) found.push({ alias, text, order: alias.rank })
    if (name === 'date' || name === 'Date') date = text
    else if (name === 'time' || name === 'Time') clock = text
  }
  // A day and a clock in two fields, as firewalls write them.
  if (date !== '' && clock !== '')
    put(document, '@timestamp', isoTime(timeOf(`${date} ${clock}`, context.arrival, context.zone)))
  putCandidates(document, found, context)
  // `ip=` beside no other end is who came.
  if (lone !== '' && read(document, 'destination.ip') === undefined) putEnd(document, 'source', lone)
}

/** The same for a JSON object, whatever its nesting: `client.ipAddress` is asked whole, then by its end. */
export function putJsonAliases(document: EventDocument, json: JsonObject, context: AliasContext): void {
  const found: Candidate[] = []
  collect(json, [], found)
  putCandidates(document, found, context)
}

function collect(value: Json, path: string[], found: Candidate[]): void {
  if (found.length > leavesMax || path.length > depthMax || value === null || value === undefined) return
  if (Array.isArray(value)) {
    // A list of one is that one; of several nobody knows which is meant.
    if (value.length === 1) collect(value[0] ?? null, path, found)
    else if (value.length > 1 && value.every((item) => typeof item === 'string')) take(path, value[0] ?? '', found)
    return
  }
  if (typeof value === 'object') {
    for (const key in value) collect(value[key] ?? null, [...path, key], found)
    return
  }
  take(path, value, found)
}

function take(path: string[], value: Json, found: Candidate[]): void {
  const text = String(value)
  if (isNothing(text)) return
  for (let from = Math.max(0, path.length - 3); from < path.length; from++) {
    const alias = aliasOf(path.slice(from).join('.'))
    if (alias === undefined) continue
    if (path.length > shallowDepthMax && shallowKinds.has(alias.kind)) return
    found.push({ alias, text, order: alias.rank + 50 * (path.length - 1) })
    return
  }
}

function isNothing(text: string): boolean {
  if (text.length > 6) return false
  return (
    text === '' ||
    text === '-' ||
    text === '--' ||
    text === 'N/A' ||
    text === 'n/a' ||
    text === 'null' ||
    text === 'NULL' ||
    text === '<nil>' ||
    text === '(null)' ||
    text === 'None' ||
    text === 'none'
  )
}

function putCandidates(document: EventDocument, found: Candidate[], context: AliasContext): void {
  found.sort((a, b) => a.order - b.order)
  putNearAndFar(document, found)
  putEventTime(document, found, context)
  for (const { alias, text } of found) {
    if (alias.kind === 'local' || alias.kind === 'remote' || alias.field === '@timestamp') continue
    if (alias.field.includes('.') && read(document, alias.field) !== undefined) continue
    putValue(document, alias, text, context)
  }
}

/** The surest name whose value is a time: `eventTime` before `createdAt`, which is often the record's own. */
function putEventTime(document: EventDocument, found: readonly Candidate[], context: AliasContext): void {
  for (const { alias, text } of found) {
    if (alias.field !== '@timestamp') continue
    const time = isoTime(timeIn(text, context))
    if (time === undefined) continue
    put(document, '@timestamp', time)
    return
  }
}

/** `local…` and `remote…`: the direction says which of them began; a remote end alone is who came. */
function putNearAndFar(document: EventDocument, found: readonly Candidate[]): void {
  const direction = found.find(({ alias }) => alias.kind === 'direction')
  const isInbound = direction !== undefined && directionWord(direction.text) === 'inbound'
  const hasLocal = found.some(({ alias }) => alias.kind === 'local')
  for (const { alias, text } of found) {
    if (alias.kind !== 'local' && alias.kind !== 'remote') continue
    const isSource = alias.kind === 'local' ? !isInbound : isInbound || !hasLocal
    const side = isSource ? 'source' : 'destination'
    if (alias.field.endsWith('.port')) putDefault(document, `${side}.port`, portIn(text))
    else putEnd(document, side, text)
  }
}

function putValue(document: EventDocument, { field, kind }: Alias, text: string, context: AliasContext): void {
  writers[kind](document, field, text, context)
}

type Writer = (document: EventDocument, field: string, text: string, context: AliasContext) => void

/** A text of at most so many characters, as it is or changed. */
const upTo =
  (lengthMax: number, change: (text: string) => string = (text) => text): Writer =>
  (document, field, text) => {
    if (text.length <= lengthMax) put(document, field, change(text))
  }

const writers: Readonly<Record<AliasKind, Writer>> = {
  address: (document, field, text) => putEnd(document, field, text),
  local: (document, field, text) => putEnd(document, field, text),
  remote: (document, field, text) => putEnd(document, field, text),
  ip: (document, field, text) => put(document, field, ipOf(text)),
  port: (document, field, text) => put(document, field, portIn(text)),
  mac: (document, field, text) => put(document, field, macOf(text)),
  user: (document, field, text) => putUser(document, field, text),
  userid: (document, field, text) => {
    if (text.includes('@') || text.includes('\\')) putUser(document, 'user', text)
    else if (text.length <= 256 && text !== '0') put(document, field, text)
  },
  /** A number or a security identifier: `uid` is the key of an object or a connection elsewhere (Zeek, Kubernetes). */
  accountnumber: (document, field, text) => {
    if (/^(?:[1-9]\d{0,9}|S-1-[\d-]{1,180})$/.test(text)) put(document, field, text)
  },
  mails: (document, field, text) => {
    if (text.includes('@') && text.length <= 4_096) add(document, field, ...mailsIn(text))
  },
  email: (document, field, text) => {
    if (/^[^\s@]{1,128}@[^\s@]{1,128}$/.test(text)) put(document, field, text)
  },
  text: upTo(1_024),
  lower: upTo(256, (text) => text.toLowerCase()),
  upper: upTo(32, (text) => text.toUpperCase()),
  count: (document, field, text) => put(document, field, countOf(text)),
  time: (document, field, text, context) => put(document, field, isoTime(timeIn(text, context))),
  status: (document, field, text) => {
    if (/^[1-5]\d\d$/.test(text)) put(document, field, Number(text))
  },
  transport: (document, _field, text) => putProtocol(document, text, true),
  protocol: (document, _field, text) => putProtocol(document, text, false),
  /** Of a network, never the name of somebody's application. */
  service: (document, _field, text) => {
    if (networkServices.has(text.toLowerCase())) putProtocol(document, text, false)
  },
  direction: (document, field, text) => put(document, field, directionWord(text)),
  action: (document, field, text) => {
    if (text.length <= 128 && !/^\d+$/.test(text)) put(document, field, actionOf(text))
  },
  outcome: (document, field, text) => put(document, field, outcomeOf(text)),
  severity: (document, _field, text) => putSeverity(document, text),
  code: (document, field, text) => {
    if (text.length <= 10 || /^[A-Z][\w-]{0,31}$/.test(text)) put(document, field, text)
    else if (text.length <= 128) putDefault(document, 'event.id', text)
  },
  url: (document, _field, text) => {
    if (text.includes('/') && text.length <= 8_192 && !text.includes(' ')) putUrl(document, text, { hostLeads: true })
  },
  path: (document, _field, text) => putPath(document, text),
  image: (document, field, text) => putImage(document, field, text),
  hash: (document, field, text) => putHash(document, field, text),
  host: (document, field, text) => putHost(document, field, text),
  /** A site's, with a dot; a single word is a directory's or a tenant's. */
  domain: (document, field, text) => {
    if (text.includes('.')) putHost(document, field, text)
  },
}

/** Names of IANA's registry of services that devices and sensors write, and their usual short forms. */
const networkServices = new Set(
  (
    'bgp dcerpc dce_rpc dhcp dhcpv6 dns domain ftp ftp-data gre gtp http http2 https icmp ike imap imaps ipsec irc isakmp kerberos krb krb_tcp l2tp ldap ldaps ' +
    'modbus mqtt mssql mysql nbns netbios netbios-dgm netbios-ns netbios-ssn nfs nntp ntlm ntp ospf ping pop3 pop3s postgres postgresql pptp quic radius rdp rfb ' +
    'rpc rtp rtsp sip smb smtp smtps snmp socks ssdp ssh ssl stun sunrpc syslog tacacs telnet tftp tls vnc winrm wsman xmpp'
  ).split(' '),
)

/** A date, or seconds and finer since 1970. */
export function timeIn(text: string, { arrival, zone }: AliasContext): number | undefined {
  if (/^\d{10}(?:\d{3}|\d{6}|\d{9})?(?:\.\d{1,9})?$/.test(text)) return epochMs(text)
  return timeOf(text, arrival, zone)
}

/** One word in capitals is no name: `DENY` is written as ECS's examples write actions. Names of several words stay. */
function actionOf(text: string): string {
  return /^[A-Z][a-z]*$|^[^a-z]+$/.test(text) ? text.toLowerCase() : text
}

/** `192.0.2.1`, `192.0.2.1:443`, `[2001:db8::1]:443`, the first of a list, or a host's name. */
function putEnd(document: EventDocument, side: string, text: string): void {
  if (read(document, `${side}.ip`) !== undefined) return
  const comma = text.indexOf(',')
  const first = (comma < 0 ? text : text.slice(0, comma)).trim()
  const whole = ipOf(first)
  const split = whole === undefined ? (threeParts(first) ?? splitAddress(first)) : undefined
  const ip = whole ?? ipOf(split?.address)
  if (ip !== undefined) {
    put(document, `${side}.address`, ip)
    put(document, `${side}.ip`, ip)
    putDefault(document, `${side}.port`, portIn(split?.port ?? ''))
  } else if (isHostName(first)) {
    putDefault(document, `${side}.address`, first)
    putDefault(document, `${side}.domain`, first)
  }
}

/** SonicWall and others: `192.0.2.1:50122:X1`, the interface last. */
function threeParts(text: string): { address: string; port: string } | undefined {
  const parts = text.split(':', 4)
  const [address = '', port = '', name] = parts
  return name !== undefined && parts.length === 3 && address.includes('.') ? { address, port } : undefined
}

/** The number of a port, in decimal: `443`, `443/tcp`, `443 (https)`. */
function portIn(text: string): number | undefined {
  let end = 0
  while (end < 6 && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++
  const port = end === 0 || /^[\w.]/.test(text.slice(end)) ? undefined : portOf(text.slice(0, end))
  return port !== undefined && port <= 65_535 ? port : undefined
}

function isHostName(text: string): boolean {
  return text.length <= 253 && /[a-z]/i.test(text) && /^[\w-]+(?:\.[\w-]+)*\.?$/.test(text)
}

function putHost(document: EventDocument, field: string, text: string): void {
  const colon = text.indexOf(':')
  const name = colon > 0 && /^\d+$/.test(text.slice(colon + 1)) ? text.slice(0, colon) : text
  const ip = ipOf(name)
  if (ip !== undefined) {
    const side = field.slice(0, field.lastIndexOf('.'))
    if (side === 'source' || side === 'destination') putEnd(document, side, ip)
    else if (side === 'host') {
      putDefault(document, 'host.ip', [ip])
      putDefault(document, 'host.name', ip)
    } else put(document, field, ip)
  } else if (isHostName(name)) put(document, field, name)
}

/** `admin: true` and `user: unknown` name nobody. */
const noUser = /^(?:unknown|true|false|yes|no)$/i

/** `DOMAIN\anna`, `anna@example.org`, `anna`. */
function putUser(document: EventDocument, path: string, text: string): void {
  if (read(document, `${path}.name`) !== undefined) return
  if (text.length > 256 || text.includes('\n') || noUser.test(text)) return
  const back = text.lastIndexOf('\\')
  const at = text.indexOf('@')
  const isMail = at > 0 && at === text.lastIndexOf('@') && at < text.length - 1
  if (back >= 0) {
    put(document, `${path}.name`, text.slice(back + 1))
    putDefault(document, `${path}.domain`, text.slice(0, back).replace(/^[^\w]+|\\+$/g, ''))
  } else if (isMail) {
    put(document, `${path}.name`, text.slice(0, at))
    putDefault(document, `${path}.domain`, text.slice(at + 1))
    putDefault(document, `${path}.email`, text)
  } else put(document, `${path}.name`, text)
}

/** `Anna <anna@example.org>; bo@example.org` */
function mailsIn(text: string): string[] {
  const mails: string[] = []
  for (const part of text.split(/[,;]/)) {
    const open = part.indexOf('<')
    const close = part.indexOf('>', open)
    const mail = (open >= 0 && close > open ? part.slice(open + 1, close) : part).trim()
    if (mail.includes('@') && mail.length <= 320) mails.push(mail)
  }
  return mails
}

/** A name of layer 4 is the transport, `tcp/443` that and the port, any other word the protocol above it. */
function putProtocol(document: EventDocument, text: string, isTransport: boolean): void {
  const slash = text.indexOf('/')
  const name = (slash > 0 ? text.slice(0, slash) : text).trim().toLowerCase()
  const isNumber = /^\d{1,3}$/.test(name)
  // A number of 0 is a field that was not filled in.
  if (
    isNumber
      ? isTransport && Number(name) !== 0 && protocolName(Number(name)) !== undefined
      : protocolNumber(name) !== undefined
  ) {
    if (read(document, 'network.transport') === undefined) putTransport(document, name)
    if (slash > 0) putDefault(document, 'destination.port', portIn(text.slice(slash + 1)))
  } else if (!isNumber && /^[a-z][\w.+-]{1,31}$/i.test(name)) putDefault(document, 'network.protocol', name)
}

function putSeverity(document: EventDocument, text: string): void {
  const number = Number(text)
  if (/^\d{1,5}$/.test(text)) putDefault(document, 'event.severity', number)
  else if (/^[a-z][a-z -]{1,31}$/i.test(text)) putDefault(document, 'log.level', text.toLowerCase())
}

function baseOf(path: string): string {
  return path.slice(Math.max(path.lastIndexOf('/'), path.lastIndexOf('\\')) + 1)
}

function putPath(document: EventDocument, text: string): void {
  if (text.length > 4_096) return
  const name = baseOf(text)
  if (name !== text) putDefault(document, 'file.path', text)
  if (name === '') return
  putDefault(document, 'file.name', name)
  const dot = name.lastIndexOf('.')
  if (dot > 0 && dot < name.length - 1 && name.length - dot <= 12)
    putDefault(document, 'file.extension', name.slice(dot + 1))
}

/** The program of `process` or `process.parent`: a path gives both its fields. */
function putImage(document: EventDocument, field: string, text: string): void {
  if (text.length > 4_096) return
  const path = field.slice(0, field.lastIndexOf('.'))
  const name = baseOf(text)
  if (name !== text) putDefault(document, `${path}.executable`, text)
  if (name !== '') putDefault(document, `${path}.name`, name)
}

const hashNames: Readonly<Record<number, string | undefined>> = { 32: 'md5', 40: 'sha1', 64: 'sha256', 128: 'sha512' }

function putHash(document: EventDocument, field: string, text: string): void {
  const name = hashNames[text.length]
  if (name !== undefined && /^[\da-f]+$/i.test(text)) putDefault(document, `${field}.${name}`, text)
}
