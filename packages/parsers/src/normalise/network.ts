// What a flow is: its transport, its Community ID, and the network the two ends are in.
import { hash } from 'node:crypto'
import { type EventDocument, put, read } from './document.ts'
import { isIpv4, isPrivate } from './endpoint.ts'

/** IANA protocol numbers that devices log, by ECS's lower-case keyword (iana.org/assignments/protocol-numbers). */
const protocolNumbers: Readonly<Record<string, number | undefined>> = {
  hopopt: 0,
  icmp: 1,
  igmp: 2,
  ggp: 3,
  ipip: 4,
  'ip-in-ip': 4,
  tcp: 6,
  egp: 8,
  igp: 9,
  igrp: 9,
  udp: 17,
  rdp: 27,
  dccp: 33,
  ipv6: 41,
  'ipv6-route': 43,
  'ipv6-frag': 44,
  rsvp: 46,
  gre: 47,
  esp: 50,
  ah: 51,
  'ipv6-icmp': 58,
  icmpv6: 58,
  icmp6: 58,
  'ipv6-nonxt': 59,
  'ipv6-opts': 60,
  eigrp: 88,
  ospf: 89,
  ospfigp: 89,
  pim: 103,
  ipcomp: 108,
  vrrp: 112,
  carp: 112,
  l2tp: 115,
  sctp: 132,
  udplite: 136,
}
const protocolNames: Readonly<Record<number, string | undefined>> = {
  0: 'hopopt',
  1: 'icmp',
  2: 'igmp',
  4: 'ipip',
  6: 'tcp',
  8: 'egp',
  9: 'igp',
  17: 'udp',
  27: 'rdp',
  33: 'dccp',
  41: 'ipv6',
  43: 'ipv6-route',
  44: 'ipv6-frag',
  46: 'rsvp',
  47: 'gre',
  50: 'esp',
  51: 'ah',
  58: 'ipv6-icmp',
  59: 'ipv6-nonxt',
  60: 'ipv6-opts',
  88: 'eigrp',
  89: 'ospf',
  103: 'pim',
  108: 'ipcomp',
  112: 'vrrp',
  115: 'l2tp',
  132: 'sctp',
  136: 'udplite',
}

export function protocolNumber(name: string): number | undefined {
  return protocolNumbers[name]
}

export function protocolName(number: number): string | undefined {
  return protocolNames[number]
}

/** `network.transport` and `network.iana_number` from a name or a number as text. */
export function putTransport(document: EventDocument, text: string | undefined): void {
  if (text === undefined || text === '') return
  const code = text.charCodeAt(0)
  if (code >= 48 && code <= 57) {
    const number = Number(text)
    if (!Number.isInteger(number) || number > 255) return
    put(document, 'network.iana_number', String(number))
    put(document, 'network.transport', protocolNames[number])
    return
  }
  const name = text.toLowerCase()
  put(document, 'network.transport', name)
  const number = protocolNumbers[name]
  if (number !== undefined) put(document, 'network.iana_number', String(number))
}

/** `ipv4` or `ipv6`, after the source's address. */
export function putNetworkType(document: EventDocument): void {
  const ip = read(document, 'source.ip') ?? read(document, 'destination.ip')
  if (typeof ip === 'string') put(document, 'network.type', ip.includes(':') ? 'ipv6' : 'ipv4')
}

/** Seen from the private networks: inbound, outbound, internal or external. */
export function directionOf(source: string, destination: string): 'inbound' | 'outbound' | 'internal' | 'external' {
  if (isPrivate(source)) return isPrivate(destination) ? 'internal' : 'outbound'
  return isPrivate(destination) ? 'inbound' : 'external'
}

export function putDirectionByAddress(document: EventDocument): void {
  const source = read(document, 'source.ip')
  const destination = read(document, 'destination.ip')
  if (typeof source === 'string' && typeof destination === 'string')
    put(document, 'network.direction', directionOf(source, destination))
}

/** ICMP types that are answered by another type, so both directions get one id (Community ID specification 1.0, ICMP). */
const icmpAnswers: Readonly<Record<number, number | undefined>> = {
  0: 8,
  8: 0,
  9: 10,
  10: 9,
  13: 14,
  14: 13,
  15: 16,
  16: 15,
  17: 18,
  18: 17,
}
const icmp6Answers: Readonly<Record<number, number | undefined>> = {
  128: 129,
  129: 128,
  130: 131,
  131: 130,
  133: 134,
  134: 133,
  135: 136,
  136: 135,
  139: 140,
  140: 139,
  144: 145,
  145: 144,
}

/** The buffer is reused: two IPv6 addresses, seed, protocol, padding and ports are 40 bytes at most. */
const scratch = Buffer.alloc(40)
/** By length: what of the buffer is hashed. */
const scratchParts = Array.from({ length: 41 }, (_, length) => scratch.subarray(0, length))

/**
 * Community ID 1.0 with seed 0 (github.com/corelight/community-id-spec); undefined where the addresses are of two families.
 * For ICMP the two ports are type and code.
 */
export function communityId(
  source: string,
  destination: string,
  protocol: number,
  sourcePort: number,
  destinationPort: number,
): string | undefined {
  const width = isIpv4(source) ? 4 : 16
  if ((isIpv4(destination) ? 4 : 16) !== width) return undefined
  const hasPorts = protocol === 6 || protocol === 17 || protocol === 132 || protocol === 1 || protocol === 58
  let [first, second] = [sourcePort, destinationPort]
  let oneWay = false
  if (protocol === 1 || protocol === 58) {
    const answer = (protocol === 1 ? icmpAnswers : icmp6Answers)[first]
    if (answer === undefined) oneWay = true
    else second = answer
  }
  writeIp(source, 2)
  writeIp(destination, 2 + width)
  const order = scratch.compare(scratch, 2 + width, 2 + 2 * width, 2, 2 + width)
  if (!oneWay && (order > 0 || (order === 0 && first > second))) {
    writeIp(destination, 2)
    writeIp(source, 2 + width)
    ;[first, second] = [second, first]
  }
  let end = 2 + 2 * width
  scratch[0] = 0
  scratch[1] = 0
  scratch[end++] = protocol
  scratch[end++] = 0
  if (hasPorts) {
    scratch[end++] = (first >> 8) & 0xff
    scratch[end++] = first & 0xff
    scratch[end++] = (second >> 8) & 0xff
    scratch[end++] = second & 0xff
  }
  return `1:${hash('sha1', scratchParts[end] ?? scratch, 'base64')}`
}

/** `network.community_id` of the flow in the document, where it has all that the id needs. */
export function putCommunityId(document: EventDocument, icmpType?: number, icmpCode?: number): void {
  const source = read(document, 'source.ip')
  const destination = read(document, 'destination.ip')
  const protocol = Number(read(document, 'network.iana_number'))
  if (typeof source !== 'string' || typeof destination !== 'string' || !Number.isInteger(protocol)) return
  if (protocol === 6 || protocol === 17 || protocol === 132) {
    const from = read(document, 'source.port')
    const to = read(document, 'destination.port')
    if (typeof from !== 'number' || typeof to !== 'number' || from > 65_535 || to > 65_535) return
    put(document, 'network.community_id', communityId(source, destination, protocol, from, to))
  } else if (protocol === 1 || protocol === 58) {
    if (icmpType === undefined) return
    put(document, 'network.community_id', communityId(source, destination, protocol, icmpType, icmpCode ?? 0))
  } else if (protocol > 0) put(document, 'network.community_id', communityId(source, destination, protocol, 0, 0))
}

function writeIp(ip: string, at: number): void {
  if (!ip.includes(':')) {
    let value = 0
    let place = at
    for (let index = 0; index < ip.length; index++) {
      const code = ip.charCodeAt(index)
      if (code === 0x2e) {
        scratch[place++] = value
        value = 0
      } else value = value * 10 + code - 48
    }
    scratch[place] = value
    return
  }
  scratch.fill(0, at, at + 16)
  const gap = ip.indexOf('::')
  const head = groupsOf(gap < 0 ? ip : ip.slice(0, gap))
  const tail = gap < 0 ? [] : groupsOf(ip.slice(gap + 2))
  for (const [index, group] of head.entries()) scratch.writeUInt16BE(group, at + 2 * index)
  for (const [index, group] of tail.entries()) scratch.writeUInt16BE(group, at + 16 - 2 * (tail.length - index))
}

function groupsOf(text: string): number[] {
  if (text === '') return []
  const groups: number[] = []
  for (const part of text.split(':')) {
    if (part.includes('.')) {
      const [a = 0, b = 0, c = 0, d = 0] = part.split('.').map(Number)
      groups.push((a << 8) | b, (c << 8) | d)
    } else groups.push(Number.parseInt(part, 16) & 0xffff)
  }
  return groups.slice(0, 8)
}
