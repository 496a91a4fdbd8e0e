// Sophos UTM (SG): `2026:11-18-09:12:44 host ulogd[4711]: id="2001" severity="info" sys="SecureNet" sub="packetfilter" …`.
// "Sophos UTM log file IDs" (KB 000034235).
import { fieldTable } from '../formats/field-table.ts'
import { readKeyValues } from '../formats/key-value.ts'
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, leave, put } from '../normalise/document.ts'
import { macOf } from '../normalise/endpoint.ts'
import { putCommunityId } from '../normalise/network.ts'
import { isoTime, readTime } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { isNothing, putKind, putObserver, putPairs } from './kv-product.ts'

const table = fieldTable({
  id: 'event.id',
  severity: 'log.level',
  sub: 'event.provider',
  name: 'event.action',
  srcip: 'source:address',
  dstip: 'destination:address',
  srcport: 'source.port:port',
  dstport: 'destination.port:port',
  proto: 'network:transport',
  srcmac: 'source.mac:mac',
  dstmac: 'destination.mac:mac',
  initf: 'observer.ingress.interface.name',
  outitf: 'observer.egress.interface.name',
  fwrule: 'rule.id',
  user: 'user.name',
  group: 'group.name',
  ad_domain: 'user.domain',
  method: 'http.request.method',
  statuscode: 'http.response.status_code:count',
  url: 'url:url',
  referer: 'http.request.referrer',
  ua: 'user_agent.original',
  size: 'http.response.bytes:count',
  request: 'http.request.id',
  categoryname: 'rule.category',
  'content-type': 'http.response.mime_type',
  device: 'device.id',
  length: 'network.bytes:count',
  caller: 'process.name',
  engine: 'sophos.utm.engine',
  reason: 'event.reason',
  message: 'message',
})

interface Header {
  time: number
  host: string
  app: string
  pid: string
  textAt: number
}

function readHeader(record: LogRecord): Header | undefined {
  const found = /(\d{4}):(\d\d):(\d\d)-(\d\d:\d\d:\d\d) (\S{1,128}) ([\w/.-]{1,64})(?:\[(\d{1,10})\])?: /.exec(
    record.text.slice(0, 320),
  )
  if (found === null || found.index > 120) return undefined
  const time = readTime(
    `${found[1] ?? ''}-${found[2] ?? ''}-${found[3] ?? ''}T${found[4] ?? ''}`,
    0,
    record.arrival,
    record.zone,
  )
  return time === undefined
    ? undefined
    : {
        time: time.ms,
        host: found[5] ?? '',
        app: found[6] ?? '',
        pid: found[7] ?? '',
        textAt: found.index + found[0].length,
      }
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const header = readHeader(record)
  if (header === undefined) return false
  document.dataset = 'sophos.utm'
  putObserver(document, { vendor: 'Sophos', product: 'UTM', type: 'firewall' })
  const text = record.text.slice(header.textAt).trimEnd()
  const pairs = readKeyValues(text)
  if (pairs.has('sys')) putPairs(record, document, pairs, table, 'sophos.utm', new Set(['sys', 'action']))
  else putSentence(record, document, header, text)
  put(document, '@timestamp', isoTime(header.time))
  put(document, 'host.name', header.host)
  put(document, 'host.hostname', header.host)
  put(document, 'process.name', header.app)
  if (header.pid !== '') put(document, 'process.pid', Number(header.pid))
  const action = pairs.get('action')
  const sub = pairs.get('sub')
  if (sub === 'packetfilter') {
    const denied = action === 'drop' || action === 'reject'
    putKind(document, action, ['network'], ['connection', denied ? 'denied' : 'allowed'])
  } else if (sub === 'http') {
    put(document, 'event.category', ['web'])
    put(document, 'event.type', ['info', ...(action === 'block' ? ['denied'] : action === 'pass' ? ['allowed'] : [])])
    if (!isNothing(action)) put(document, 'event.action', action)
  } else if (sub === 'auth' || /auth/i.test(pairs.get('name') ?? '')) {
    const failed = /fail/i.test(pairs.get('name') ?? '')
    putKind(
      document,
      pairs.get('name')?.toLowerCase().replaceAll(' ', '-'),
      ['authentication'],
      ['start'],
      failed ? 'failure' : 'success',
    )
  }
  putCommunityId(document)
  return true
}

function putSentence(record: LogRecord, document: EventDocument, header: Header, text: string): void {
  put(document, 'message', text)
  if (header.app.startsWith('dhcpd')) {
    put(document, 'event.provider', 'dhcp')
    // `DHCPREQUEST for …`: the message of the protocol (RFC 2131 §3.1).
    put(document, 'event.action', /^(?:DHCP[A-Z]{3,8}|BOOTREQUEST)\b/.exec(text)?.[0]?.toLowerCase())
    put(document, 'event.category', ['network'])
    put(document, 'event.type', ['info', 'connection', 'protocol'])
    put(document, 'network.protocol', 'dhcp')
    put(document, 'network.transport', 'udp')
    put(document, 'client.mac', macOf(/\b(?:[\da-f]{2}:){5}[\da-f]{2}\b/i.exec(text)?.[0]))
    put(document, 'observer.ingress.interface.name', / via (\w{1,16})/.exec(text)?.[1])
  }
  leave(document, header.textAt, record.text.length)
}

export const sophosUtm: Product = {
  name: 'sophos_utm',
  datasets: ['sophos.utm'],
  detect: (record) => (readHeader(record) === undefined ? 0 : 0.9),
  parse,
}
