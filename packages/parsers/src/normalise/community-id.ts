// Community ID v1: one name for a flow whichever way it is seen (github.com/corelight/community-id-spec).
import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import { type EventDocument, put, read } from './document.ts'

/** IANA protocol numbers of the transports that carry ports. */
const numberOf: Record<string, number | undefined> = {
  icmp: 1,
  tcp: 6,
  udp: 17,
  'ipv6-icmp': 58,
  icmpv6: 58,
  sctp: 132,
}

/** Fills network.community_id where addresses, ports and transport are known. */
export function putCommunityId(document: EventDocument): void {
  const source = read(document, 'source.ip')
  const destination = read(document, 'destination.ip')
  const sourcePort = read(document, 'source.port')
  const destinationPort = read(document, 'destination.port')
  const transport = read(document, 'network.transport')
  if (typeof source !== 'string' || typeof destination !== 'string' || typeof transport !== 'string') return
  if (typeof sourcePort !== 'number' || typeof destinationPort !== 'number') return
  put(document, 'network.community_id', communityId(source, sourcePort, destination, destinationPort, transport))
}

/** Undefined for transports without ports; ICMP takes type and code through `icmpPorts`. */
export function communityId(
  source: string,
  sourcePort: number,
  destination: string,
  destinationPort: number,
  transport: string,
): string | undefined {
  const protocol = numberOf[transport.toLowerCase()]
  const a = addressBytes(source)
  const b = addressBytes(destination)
  if (protocol === undefined || a === undefined || b === undefined || a.length !== b.length) return undefined
  const order = Buffer.compare(a, b)
  const swap = order > 0 || (order === 0 && sourcePort > destinationPort)
  const bytes = Buffer.alloc(2 + a.length * 2 + 2 + 4)
  let at = 2
  ;(swap ? b : a).copy(bytes, at)
  at += a.length
  ;(swap ? a : b).copy(bytes, at)
  at += a.length
  bytes[at] = protocol
  bytes.writeUInt16BE(swap ? destinationPort : sourcePort, at + 2)
  bytes.writeUInt16BE(swap ? sourcePort : destinationPort, at + 4)
  return `1:${createHash('sha1').update(bytes).digest('base64')}`
}

function addressBytes(text: string): Buffer | undefined {
  const version = isIP(text)
  if (version === 4) return Buffer.from(text.split('.').map(Number))
  if (version !== 6) return undefined
  const bytes = Buffer.alloc(16)
  let address = text
  const dot = address.lastIndexOf(':')
  if (address.includes('.')) {
    const [a = 0, b = 0, c = 0, d = 0] = address
      .slice(dot + 1)
      .split('.')
      .map(Number)
    address = `${address.slice(0, dot + 1)}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`
  }
  const [head = '', tail] = address.split('::')
  const heads = head === '' ? [] : head.split(':')
  const tails = tail === undefined || tail === '' ? [] : tail.split(':')
  for (const [index, group] of heads.entries())
    if (index < 8) bytes.writeUInt16BE(Number.parseInt(group, 16) & 0xffff, index * 2)
  for (const [index, group] of tails.entries()) {
    const place = 8 - tails.length + index
    if (place >= 0 && place < 8) bytes.writeUInt16BE(Number.parseInt(group, 16) & 0xffff, place * 2)
  }
  return bytes
}
