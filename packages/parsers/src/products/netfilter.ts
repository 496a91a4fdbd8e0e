// Linux netfilter: the LOG lines of iptables and nftables from the kernel or ulogd, with UFW's, Ubiquiti's, firewalld's and Shorewall's prefixes;
// ulogd's JSON; and its flow records (`[DESTROY] ORIG: … REPLY: …`).
// Fields: net/ipv4/netfilter/nf_log_syslog.c of the kernel; ulogd2's util/printpkt.c, util/printflow.c and output/ulogd_output_JSON.c.

import type { JsonObject } from '@varde/schema'
import { keyOf, nextHash } from '../formats/key-value.ts'
import { trimEndOf } from '../formats/trim.ts'
import { jsonOf, type LogRecord } from '../log-record.ts'
import { type EventDocument, put, putUnder, read } from '../normalise/document.ts'
import { countOf, isIp, macOf, portOf } from '../normalise/endpoint.ts'
import { protocolName, putCommunityId, putNetworkType, putTransport } from '../normalise/network.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import type { Product } from '../product.ts'

type Verdict = 'allowed' | 'denied'

/** `KEY=value` words and bare flags, one pass; the packet that an ICMP error quotes, in brackets, is left out. */
interface Packet {
  values: Map<string, string>
  flags: string[]
}

const tcpFlags = new Set(['SYN', 'ACK', 'FIN', 'RST', 'PSH', 'URG', 'CWR', 'ECE'])

function readPacket(text: string, from: number): Packet {
  const values = new Map<string, string>()
  const flags: string[] = []
  const quoted = text.indexOf('[', from)
  const length = quoted < 0 ? text.length : quoted
  let at = from
  while (at < length) {
    let end = at
    let equals = -1
    let hash = 0
    for (; end < length; end++) {
      const code = text.charCodeAt(end)
      if (code === 0x20) break
      if (equals >= 0) continue
      if (code === 0x3d) equals = end
      else hash = nextHash(hash, code)
    }
    if (equals >= 0) {
      const key = keyOf(text, at, equals, hash)
      // LEN and ID come again for UDP and ICMP: those are the inner ones.
      values.set(values.has(key) ? `${key}2` : key, text.slice(equals + 1, end))
    } else if (end > at) flags.push(text.slice(at, end))
    at = end + 1
  }
  return { values, flags }
}

function parse(record: LogRecord, document: EventDocument): boolean {
  document.dataset = 'iptables.log'
  const json = jsonOf(record)
  if (json !== undefined) return parseJson(json, record, document)
  const { text } = record
  const at = packetStart(record)
  if (at < 0) return parseFlow(record, document)
  putEnvelope(record, document)
  const packet = readPacket(text, at)
  if (!packet.values.has('SRC') && !packet.values.has('PROTO')) return false
  putPacket(document, packet)
  const prefix = prefixOf(record, at)
  putPrefix(document, prefix)
  return true
}

/** Where `IN=` begins. */
function packetStart(record: LogRecord): number {
  const { text, bodyAt } = record
  let at = text.indexOf('IN=', bodyAt)
  // `PHYSIN=` of a bridge comes later; a prefix may end in letters.
  while (at > 0 && !isPacketStart(text, at)) at = text.indexOf('IN=', at + 3)
  return at
}

function isPacketStart(text: string, at: number): boolean {
  const out = text.indexOf(' OUT=', at)
  return out > 0 && out - at < 64
}

function putEnvelope(record: LogRecord, document: EventDocument): void {
  const { syslog, text } = record
  put(document, '@timestamp', isoTime(syslog.time))
  putSyslogPriority(document, record)
  put(document, 'observer.name', syslog.host)
  put(document, 'host.name', syslog.host)
  put(document, 'event.category', ['network'])
  const hostAt = syslog.host === undefined ? record.bodyAt : text.lastIndexOf(syslog.host, record.bodyAt)
  put(document, 'message', text.slice(hostAt < 0 ? record.bodyAt : hostAt))
}

const own: readonly (readonly [key: string, name: string, kind: 'count' | 'text' | 'hex'])[] = [
  ['LEN', 'length', 'count'],
  ['TOS', 'tos', 'hex'],
  ['PREC', 'precedence_bits', 'hex'],
  ['TTL', 'ttl', 'count'],
  ['HOPLIMIT', 'ttl', 'count'],
  ['TC', 'tos', 'count'],
  ['ID', 'id', 'count'],
  ['FLOWLBL', 'flow_label', 'count'],
  ['TYPE', 'icmp.type', 'count'],
  ['CODE', 'icmp.code', 'count'],
  ['WINDOW', 'tcp.window', 'count'],
  ['RES', 'tcp.reserved_bits', 'hex'],
  ['MARK', 'mark', 'text'],
  ['PHYSIN', 'physical_input_device', 'text'],
  ['PHYSOUT', 'physical_output_device', 'text'],
  ['UID', 'uid', 'text'],
  ['GID', 'gid', 'text'],
  ['SPI', 'spi', 'text'],
]

function putPacket(document: EventDocument, { values, flags }: Packet): void {
  putSide(document, 'source', values.get('SRC'), values.get('SPT'))
  putSide(document, 'destination', values.get('DST'), values.get('DPT'))
  putMacs(document, values.get('MAC'))
  putProtocol(document, values.get('PROTO'))
  put(document, 'observer.ingress.interface.name', values.get('IN'))
  put(document, 'observer.egress.interface.name', values.get('OUT'))
  put(document, 'iptables.input_device', values.get('IN'))
  put(document, 'iptables.output_device', values.get('OUT'))
  for (const [key, name, kind] of own) {
    const value = values.get(key)
    if (value === undefined || value === '') continue
    putUnder(
      document,
      'iptables',
      name,
      kind === 'text' ? value : kind === 'count' ? countOf(value) : Number.parseInt(value, 16),
    )
  }
  put(document, values.has('TYPE') ? 'iptables.icmp.seq' : 'iptables.tcp.seq', countOf(values.get('SEQ')))
  const udpLength = values.get('LEN2')
  if (udpLength !== undefined) put(document, 'iptables.udp.length', countOf(udpLength))
  put(document, 'iptables.icmp.id', countOf(values.get('ID2')))
  put(
    document,
    'iptables.tcp.flags',
    flags.filter((flag) => tcpFlags.has(flag)),
  )
  put(
    document,
    'iptables.fragment_flags',
    flags.filter((flag) => flag === 'DF' || flag === 'MF' || flag === 'CE'),
  )
  putNetworkType(document)
  putCommunityId(document, countOf(values.get('TYPE')), countOf(values.get('CODE')))
}

function putSide(
  document: EventDocument,
  side: 'source' | 'destination',
  ip: string | undefined,
  port: string | undefined,
): void {
  if (ip !== undefined && isIp(ip)) {
    putUnder(document, side, 'ip', ip)
    putUnder(document, side, 'address', ip)
  }
  putUnder(document, side, 'port', portOf(port))
}

/** Destination, source, type of the Ethernet header, and sometimes the packet's first bytes. */
function putMacs(document: EventDocument, text: string | undefined): void {
  if (text === undefined || text.length < 35) return
  put(document, 'destination.mac', macOf(text.slice(0, 17)))
  put(document, 'source.mac', macOf(text.slice(18, 35)))
  if (text.length >= 41) {
    const type = Number.parseInt(text.slice(36, 41).replace(':', ''), 16)
    put(document, 'iptables.ether_type', type)
  }
}

function putProtocol(document: EventDocument, text: string | undefined): void {
  if (text === undefined) return
  putTransport(document, text.toLowerCase() === 'icmpv6' ? 'ipv6-icmp' : text)
}

/** What the rule's author let the kernel write before the packet, without host, tag and uptime. */
function prefixOf(record: LogRecord, at: number): string {
  let from = Math.max(
    record.bodyAt,
    record.text.lastIndexOf('kernel:', at) + (record.text.lastIndexOf('kernel:', at) < 0 ? 1 : 7),
  )
  if (record.syslog.app === 'kernel') from = record.messageAt
  const text = record.text.slice(from, at).trim()
  // `[16571.459614]` is the uptime.
  if (text.startsWith('[')) {
    const close = text.indexOf(']')
    const inside = text.slice(1, close).trim()
    if (close > 0 && /^\d+\.\d+$/.test(inside)) return text.slice(close + 1).trim()
  }
  return text
}

const verdictWords: readonly (readonly [word: string, verdict: Verdict, action: string])[] = [
  ['drop', 'denied', 'drop'],
  ['deny', 'denied', 'deny'],
  ['denied', 'denied', 'deny'],
  ['reject', 'denied', 'reject'],
  ['block', 'denied', 'block'],
  ['invalid', 'denied', 'drop'],
  ['ban', 'denied', 'ban'],
  ['accept', 'allowed', 'accept'],
  ['allow', 'allowed', 'allow'],
  ['permit', 'allowed', 'permit'],
  ['pass', 'allowed', 'pass'],
]
/** The last letter of Ubiquiti's prefixes (EdgeOS and UniFi: `[zone-rule-D]`). */
const ubiquitiVerdicts: Readonly<Record<string, readonly [Verdict, string] | undefined>> = {
  D: ['denied', 'drop'],
  R: ['denied', 'reject'],
  A: ['allowed', 'accept'],
}

function putPrefix(document: EventDocument, prefix: string): void {
  if (prefix === '') {
    put(document, 'event.type', ['connection'])
    return
  }
  if (putUbiquiti(document, prefix)) return
  const bare = trimEndOf(prefix, ': \t')
  const opened = bare.startsWith('[') ? bare.slice(1) : bare
  const label = opened.endsWith(']') ? opened.slice(0, -1) : opened
  const blank = label.lastIndexOf(' ')
  const last = (blank < 0 ? label : label.slice(blank + 1)).toLowerCase()
  const lower = label.toLowerCase()
  for (const [word, verdict, action] of verdictWords) {
    if (!hasWord(lower, word)) continue
    // `DROP_INPUT` says more than `drop`; `FW-DROP-IN` is a rule's name.
    put(document, 'event.action', last.startsWith(word) ? last : action)
    if (!last.startsWith(word)) put(document, 'rule.name', label)
    putVerdict(document, verdict)
    return
  }
  put(document, 'rule.name', label)
  put(document, 'event.type', ['connection'])
}

/** The word between anything that is no letter, or in a longer one such as `net2fw_DROP`. */
function hasWord(text: string, word: string): boolean {
  const at = text.indexOf(word)
  if (at < 0) return false
  const before = text.charCodeAt(at - 1)
  return at === 0 || before < 97 || before > 122
}

function putVerdict(document: EventDocument, verdict: Verdict): void {
  put(document, 'event.type', [verdict, 'connection'])
}

/** `[wan-lan-default-D]`, `[WAN_OUT-2000-A]`; a message with a second prefix such as `DESCR="…"` too. */
function putUbiquiti(document: EventDocument, prefix: string): boolean {
  const close = prefix.indexOf(']')
  if (!prefix.startsWith('[') || close < 4) return false
  const parts = prefix.slice(1, close).split('-')
  const verdict = ubiquitiVerdicts[parts.at(-1) ?? '']
  const rule = parts.at(-2)
  if (verdict === undefined || rule === undefined || parts.length < 3) return false
  const set = parts.slice(0, -2)
  put(document, 'event.action', verdict[1])
  putVerdict(document, verdict[0])
  put(document, 'rule.id', rule)
  put(document, 'rule.name', set.join('-'))
  put(document, 'iptables.ubiquiti.rule_set', set.join('-'))
  put(document, 'iptables.ubiquiti.rule_number', rule)
  if (set.length === 2) {
    put(document, 'observer.ingress.zone', set[0])
    put(document, 'observer.egress.zone', set[1])
    put(document, 'iptables.ubiquiti.input_zone', set[0])
    put(document, 'iptables.ubiquiti.output_zone', set[1])
  }
  return true
}

/** `[DESTROY] ORIG: SRC=… PKTS=… BYTES=… , REPLY: SRC=…`: what connection tracking saw of a whole flow. */
function parseFlow(record: LogRecord, document: EventDocument): boolean {
  const { text } = record
  const origin = text.indexOf('] ORIG: ', record.bodyAt)
  const open = text.lastIndexOf('[', origin)
  const reply = text.indexOf(', REPLY: ', origin)
  if (origin < 0 || open < 0 || reply < 0) return false
  putEnvelope(record, document)
  const { values } = readPacket(text.slice(0, reply), origin + 8)
  const { values: back } = readPacket(text, reply + 9)
  putSide(document, 'source', values.get('SRC'), values.get('SPT'))
  putSide(document, 'destination', values.get('DST'), values.get('DPT'))
  putProtocol(document, values.get('PROTO'))
  put(document, 'source.packets', countOf(values.get('PKTS')))
  put(document, 'source.bytes', countOf(values.get('BYTES')))
  put(document, 'destination.packets', countOf(back.get('PKTS')))
  put(document, 'destination.bytes', countOf(back.get('BYTES')))
  // Where the answer does not mirror the question, the flow was translated.
  putTranslation(document, 'destination', values.get('DST'), back.get('SRC'), values.get('DPT'), back.get('SPT'))
  putTranslation(document, 'source', values.get('SRC'), back.get('DST'), values.get('SPT'), back.get('DPT'))
  putTotals(document)
  const step = text.slice(open + 1, origin)
  put(
    document,
    'event.action',
    { NEW: 'flow-created', UPDATE: 'flow-updated', DESTROY: 'flow-ended' }[step] ?? step.toLowerCase(),
  )
  put(document, 'event.type', ['connection', step === 'NEW' ? 'start' : step === 'DESTROY' ? 'end' : 'info'])
  put(document, 'event.outcome', 'success')
  putNetworkType(document)
  putCommunityId(document, countOf(values.get('TYPE')), countOf(values.get('CODE')))
  return true
}

function putTranslation(
  document: EventDocument,
  side: string,
  address: string | undefined,
  translated: string | undefined,
  port: string | undefined,
  translatedPort: string | undefined,
): void {
  if (translated === undefined || !isIp(translated) || (translated === address && translatedPort === port)) return
  putUnder(document, side, 'nat.ip', translated)
  putUnder(document, side, 'nat.port', portOf(translatedPort))
}

function putTotals(document: EventDocument): void {
  for (const what of ['bytes', 'packets']) {
    const sent = read(document, `source.${what}`)
    const received = read(document, `destination.${what}`)
    if (typeof sent === 'number' && typeof received === 'number') putUnder(document, 'network', what, sent + received)
  }
}

function textOf(json: JsonObject, key: string): string | undefined {
  const value = json[key]
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
}

/** ulogd's JSON: packets have `oob.*`, flows `orig.*` and `reply.*`. */
function parseJson(json: JsonObject, record: LogRecord, document: EventDocument): boolean {
  const isFlow = json['orig.ip.saddr.str'] !== undefined || json['orig.ip.protocol'] !== undefined
  if (!isFlow && json['oob.prefix'] === undefined && json['oob.family'] === undefined) return false
  put(
    document,
    '@timestamp',
    isoTime(timeOf(textOf(json, 'timestamp'), record.arrival, record.zone) ?? record.syslog.time),
  )
  put(document, 'observer.name', textOf(json, 'dvc') ?? record.syslog.host)
  put(document, 'host.name', textOf(json, 'dvc') ?? record.syslog.host)
  put(document, 'event.category', ['network'])
  const side = isFlow ? 'orig.' : ''
  putSide(
    document,
    'source',
    textOf(json, 'src_ip') ?? textOf(json, `${side}ip.saddr.str`),
    textOf(json, 'src_port') ?? textOf(json, 'orig.l4.sport'),
  )
  putSide(
    document,
    'destination',
    textOf(json, 'dest_ip') ?? textOf(json, `${side}ip.daddr.str`),
    textOf(json, 'dest_port') ?? textOf(json, 'orig.l4.dport'),
  )
  const protocol = Number(textOf(json, `${side}ip.protocol`) ?? Number.NaN)
  putProtocol(document, Number.isInteger(protocol) ? (protocolName(protocol) ?? String(protocol)) : undefined)
  put(document, 'source.mac', macOf(textOf(json, 'mac.saddr.str')))
  put(document, 'destination.mac', macOf(textOf(json, 'mac.daddr.str')))
  put(document, 'observer.ingress.interface.name', textOf(json, 'oob.in'))
  put(document, 'observer.egress.interface.name', textOf(json, 'oob.out'))
  put(document, 'iptables.length', countOf(textOf(json, 'ip.totlen')))
  put(document, 'iptables.ttl', countOf(textOf(json, 'ip.ttl')))
  put(document, 'iptables.id', countOf(textOf(json, 'ip.id')))
  put(
    document,
    'iptables.tcp.flags',
    ['syn', 'ack', 'fin', 'rst', 'psh', 'urg']
      .filter((flag) => json[`tcp.${flag}`] === 1)
      .map((flag) => flag.toUpperCase()),
  )
  put(document, 'iptables.icmp.type', countOf(textOf(json, 'icmp.type')))
  put(document, 'iptables.icmp.code', countOf(textOf(json, 'icmp.code')))
  putPrefix(document, (textOf(json, 'oob.prefix') ?? '').trim())
  // ulogd's own verdict follows its plugin's configuration; a prefix that names one wins.
  const action = textOf(json, 'action')
  const types = read(document, 'event.type')
  const isJudged = Array.isArray(types) && types.some((type) => type === 'allowed' || type === 'denied')
  if (!isJudged && (action === 'allowed' || action === 'blocked')) {
    put(document, 'event.action', action)
    putVerdict(document, action === 'allowed' ? 'allowed' : 'denied')
  }
  putNetworkType(document)
  putCommunityId(document, countOf(textOf(json, 'icmp.type')), countOf(textOf(json, 'icmp.code')))
  return true
}

function detect(record: LogRecord): number {
  const { text, bodyAt } = record
  const src = text.indexOf(' SRC=', bodyAt)
  if (src >= 0) {
    if (packetStart(record) >= 0 && text.indexOf(' DST=', src) > 0) return 0.96
    return text.indexOf('] ORIG: ', bodyAt) >= 0 ? 0.96 : 0
  }
  if (text.charCodeAt(record.messageAt) === 0x7b && text.includes('"oob.'))
    return jsonOf(record)?.['oob.family'] === undefined ? 0.5 : 0.97
  return 0
}

export const netfilter: Product = {
  name: 'iptables',
  datasets: ['iptables.log', 'nftables.log', 'netfilter.log'],
  detect,
  parse,
}
