// WireGuard: what its Linux module writes with dynamic debug on (`wireguard: wg0: Receiving handshake initiation from peer 12 (192.0.2.7:51820)`),
// and wireguard-go and the Windows tunnel service (`peer(AbCd…EfGh) - Received handshake initiation`).
// The sentences are those of drivers/net/wireguard and of wireguard-go's device package; neither names a user: a peer is a key.
import type { LogRecord } from '../log-record.ts'
import { ipOf, portOf, splitAddress } from '../normalise/address.ts'
import { type EventDocument, leave, put } from '../normalise/document.ts'
import {
  putSyslogHeader,
  putSyslogHost,
  putSyslogPriority,
  putSyslogProcess,
  putSyslogTime,
} from '../normalise/syslog-fields.ts'
import type { Product } from '../product.ts'
import { putKind } from './kv-product.ts'

interface Line {
  device: string | undefined
  said: string
  at: number
}

function readLine(record: LogRecord): Line | undefined {
  const { message, messageAt, syslog } = record
  const mark = message.indexOf('wireguard: ')
  if (mark >= 0 && mark < 40) {
    const colon = message.indexOf(': ', mark + 11)
    if (colon < 0 || colon - mark > 40) return undefined
    return {
      device: message.slice(mark + 11, colon),
      said: message.slice(colon + 2).trimEnd(),
      at: messageAt + colon + 2,
    }
  }
  const peer = message.indexOf('peer(')
  const isOurs = syslog.app !== undefined && /^(?:wireguard|wg-quick|wireguard-go|boringtun)/i.test(syslog.app)
  if (isOurs || (peer >= 0 && peer < 80 && message.includes(') - ', peer)))
    return { device: undefined, said: message.trimEnd(), at: messageAt }
  return undefined
}

type Meaning = readonly [words: RegExp, action: string, type: readonly string[], outcome?: 'success' | 'failure']

const meanings: readonly Meaning[] = [
  [/^Keypair \d{1,20} created/, 'vpn-session-key-created', ['connection', 'start'], 'success'],
  [/^Keypair \d{1,20} destroyed/, 'vpn-session-key-destroyed', ['connection', 'end']],
  [/did not complete/, 'vpn-handshake-failed', ['connection', 'end'], 'failure'],
  [
    /^Invalid (?:handshake|MAC|packet)|Failed to (?:validate|decrypt)|[Rr]eceived invalid/,
    'vpn-handshake-refused',
    ['connection', 'denied'],
    'failure',
  ],
  [/unallowed src IP|disallowed source address/, 'vpn-packet-refused', ['connection', 'denied'], 'failure'],
  [/invalid nonce|replay/i, 'vpn-packet-replayed', ['connection', 'denied'], 'failure'],
  [/[Rr]eceiv(?:ing|ed) handshake initiation/, 'vpn-handshake-started', ['connection', 'start']],
  [/[Ss]en(?:ding|t) handshake initiation/, 'vpn-handshake-started', ['connection', 'start']],
  [/handshake response/, 'vpn-handshake-answered', ['connection', 'start']],
  [/stopped hearing back/, 'vpn-peer-silent', ['connection', 'info'], 'failure'],
  [/keepalive packet/, 'vpn-keepalive', ['connection', 'info']],
  [/^Peer \d{1,20} created/, 'vpn-peer-added', ['info']],
  [/^Peer \d{1,20} destroyed/, 'vpn-peer-removed', ['info']],
  [/^Interface (?:created|up)|Interface state was Down, requested Up/i, 'vpn-interface-up', ['info']],
  [/^Interface (?:destroyed|down)|Interface state was Up, requested Down/i, 'vpn-interface-down', ['info']],
]

function parse(record: LogRecord, document: EventDocument): boolean {
  const line = readLine(record)
  if (line === undefined) return false
  putSyslogTime(document, record)
  putSyslogPriority(document, record)
  putSyslogHeader(document, record)
  putSyslogHost(document, record)
  putSyslogProcess(document, record)
  put(document, 'observer.vendor', 'WireGuard')
  put(document, 'observer.product', 'WireGuard')
  put(document, 'observer.type', 'vpn')
  put(document, 'observer.ingress.interface.name', line.device)
  put(document, 'network.protocol', 'wireguard')
  put(document, 'message', line.said)
  const meaning = meanings.find(([words]) => words.test(line.said))
  putKind(document, meaning?.[1], ['network'], meaning?.[2] ?? ['info'], meaning?.[3])
  putPeer(document, line.said)
  if (meaning === undefined) leave(document, line.at, record.text.length)
  return true
}

/** `peer 12 (192.0.2.7:51820)`, `from 192.0.2.7:51820`, `peer(AbCd…EfGh)`: who is at the other end; it begins unless we send. */
function putPeer(document: EventDocument, said: string): void {
  const named = /\bpeer (\d{1,20})\b(?: \(([^)]{3,64})\))?/i.exec(said)
  const key = /\bpeer\(([\w+/=…]{4,64})\)/.exec(said)?.[1]
  put(document, 'wireguard.peer', named?.[1] ?? key)
  const text = named?.[2] ?? / from (\S{3,60})$/.exec(said)?.[1]
  // `… unallowed src IP (10.9.0.7) from peer 12 (192.0.2.7:51820)`: the outer end is the last.
  const end = splitAddress(text ?? '')
  const ip = ipOf(end.address)
  if (ip === undefined) return
  const side = /^Sending|^Retrying|^Handshake for peer/.test(said) ? 'destination' : 'source'
  put(document, `${side}.address`, ip)
  put(document, `${side}.ip`, ip)
  put(document, `${side}.port`, portOf(end.port))
}

export const wireguard: Product = {
  name: 'wireguard',
  datasets: ['wireguard.log'],
  detect: (record) => (readLine(record) === undefined ? 0 : 0.95),
  parse,
}
