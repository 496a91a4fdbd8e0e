// The debug log of Windows' DNS server: `11/18/2026 9:12:44 AM 0A24 PACKET  000001E3D2C0F6F0 UDP Rcv 192.0.2.7  0002   Q [0001   D   NOERROR] A      (3)www(7)example(3)org(0)`.
// The columns are those that the file itself lists in its head ("Message logging key").
import type { LogRecord } from '../log-record.ts'
import { ipOf } from '../normalise/address.ts'
import { type EventDocument, put } from '../normalise/document.ts'
import { isoTime, readTime } from '../normalise/time.ts'
import { putDomainParts } from '../normalise/url.ts'
import type { Product } from '../product.ts'
import { putKind } from './kv-product.ts'

const shape =
  /^ {0,4}[\dA-F]{3,5} PACKET {1,4}[\dA-F]{8,16} (UDP|TCP) (Rcv|Snd) (\S{2,45}) {1,16}([\da-f]{4}) ([R ]) ([QNU?]) \[([\da-f]{4}) ([ATDR ]{1,8}) {0,8}(\w{1,16})\] (\S{1,10}) {1,8}(\S{1,400})/i

interface Packet {
  ms: number
  found: RegExpExecArray
}

function readPacket(record: LogRecord): Packet | undefined {
  // A forwarder's header may stand before the line.
  const text = record.message.includes(' PACKET ') ? record.message : record.text
  const mark = text.indexOf(' PACKET ')
  if (mark < 0 || mark > 80) return undefined
  const time = readTime(text, 0, record.arrival, record.zone)
  if (time === undefined) return undefined
  const found = shape.exec(text.slice(time.end + 1, time.end + 640))
  return found === null ? undefined : { ms: time.ms, found }
}

/** `(3)www(7)example(3)org(0)` */
function nameOf(text: string): string {
  return text
    .split(/\(\d{1,3}\)/)
    .filter((label) => label !== '')
    .join('.')
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const packet = readPacket(record)
  if (packet === undefined) return false
  const [, transport = '', way = '', remote, id, answer, opcode, , flags = '', code = '', type, name = ''] =
    packet.found
  document.dataset = 'microsoft_dns.debug'
  put(document, '@timestamp', isoTime(packet.ms))
  put(document, 'event.provider', 'dns-server')
  // Without a forwarder's header what follows the time is the thread's number.
  if (record.syslog.priority !== undefined) put(document, 'host.name', record.syslog.host)
  const isAnswer = answer === 'R'
  const isReceived = way.toLowerCase() === 'rcv'
  const failed = isAnswer && !/^NOERROR$/i.test(code)
  putKind(
    document,
    opcode === 'U' ? 'dns-update' : isAnswer ? 'dns-answer' : 'dns-query',
    ['network'],
    ['connection', 'protocol'],
    isAnswer ? (failed ? 'failure' : 'success') : undefined,
  )
  put(document, 'network.protocol', 'dns')
  put(document, 'network.transport', transport.toLowerCase())
  // A query that comes in and the answer that goes out are the client's; the other two are a server's above.
  const side = isReceived !== isAnswer ? 'source' : 'destination'
  put(document, `${side}.address`, ipOf(remote))
  put(document, `${side}.ip`, ipOf(remote))
  put(document, 'dns.id', id)
  put(document, 'dns.type', isAnswer ? 'answer' : 'query')
  put(document, 'dns.response_code', isAnswer ? code.toUpperCase() : undefined)
  put(document, 'dns.question.type', type)
  const question = nameOf(name)
  put(document, 'dns.question.name', question)
  putDomainParts(document, 'dns.question', question)
  put(document, 'microsoft_dns.flags', flags.trim())
  return true
}

export const microsoftDns: Product = {
  name: 'microsoft_dns',
  datasets: ['microsoft_dns.debug'],
  detect: (record) => (readPacket(record) === undefined ? 0 : 0.96),
  parse,
}
