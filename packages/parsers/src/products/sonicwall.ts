// SonicWall SonicOS: `id=firewall sn=… time="…" fw=… m=98 msg="…" src=ip:port:interface dst=…`.
// Message ids: "SonicOS Log Events Reference Guide" (column Event ID); tags: its appendix "Index of Syslog Tag Field Descriptions".
import { fieldTable } from '../formats/field-table.ts'
import { readKeyValues } from '../formats/key-value.ts'
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, put, putUnder } from '../normalise/document.ts'
import { countOf, isIp, portOf, putAddress } from '../normalise/endpoint.ts'
import { putCommunityId, putTransport } from '../normalise/network.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { type Pairs, putKind, putObserver, putPairs, putTotals } from './kv-product.ts'

const table = fieldTable({
  id: 'observer.name',
  sn: 'observer.serial_number',
  fw: 'observer:host',
  m: 'event.code',
  msg: 'message',
  n: 'event.sequence:count',
  sent: 'source.bytes:count',
  rcvd: 'destination.bytes:count',
  usr: 'user.name',
  user: 'user.name',
  srcZone: 'observer.ingress.zone',
  dstZone: 'observer.egress.zone',
  spkt: 'source.packets:count',
  rpkt: 'destination.packets:count',
  srcMac: 'source.mac:mac',
  dstMac: 'destination.mac:mac',
  srcV6: 'source:address',
  dstV6: 'destination:address',
  op: 'http.request.method',
  result: 'http.response.status_code:count',
  app: 'network.application',
  appName: 'network.application',
  sess: 'sonicwall.firewall.sess',
  Category: 'rule.category',
  note: 'event.reason',
  fw_action: 'sonicwall.firewall.action',
  agent: 'user_agent.original',
})

const connection = ['connection', 'info']
/** By event id; a denial is the success of the rule, as Elastic's package has it. */
const meanings: Readonly<
  Record<string, readonly [action: string, category: string[], type: string[], outcome?: string] | undefined>
> = {
  '98': ['connection-start', ['network'], ['connection', 'start'], 'success'],
  '537': ['connection-end', ['network'], ['connection', 'end'], 'success'],
  '36': ['connection-denied', ['network'], ['connection', 'denied'], 'success'],
  '37': ['connection-denied', ['network'], ['connection', 'denied'], 'success'],
  '38': ['packet-dropped', ['network'], ['denied'], 'success'],
  '713': ['connection-denied', ['network'], ['connection', 'denied'], 'success'],
  '14': ['connection-denied', ['network'], ['connection', 'denied'], 'success'],
  '1197': ['connection-info', ['network'], connection, 'success'],
  '41': ['packet-dropped', ['network'], ['denied'], 'success'],
  '526': ['packet-management', [], []],
  '1235': ['packet-forwarded', [], []],
  '29': ['login-success', ['authentication'], ['start', 'info'], 'success'],
  '31': ['login-success', ['authentication'], ['start', 'info'], 'success'],
  '236': ['login-success', ['authentication'], ['start', 'info'], 'success'],
  '1080': ['login-success', ['authentication'], ['start', 'info'], 'success'],
  '30': ['login-failure', ['authentication'], ['start', 'info'], 'failure'],
  '32': ['login-failure', ['authentication'], ['start', 'info'], 'failure'],
  '33': ['login-failure', ['authentication'], ['start', 'info'], 'failure'],
  '329': ['login-failure', ['authentication'], ['start', 'info'], 'failure'],
  '583': ['login-failure', ['authentication'], ['start', 'info'], 'failure'],
  '199': ['logout', ['authentication'], ['end', 'info'], 'success'],
  '24': ['logout', ['authentication'], ['end', 'info'], 'success'],
  '261': ['logout', ['authentication'], ['end', 'info'], 'success'],
  '608': ['attack-detected', ['intrusion_detection'], ['info'], 'success'],
  '609': ['attack-blocked', ['intrusion_detection'], ['denied'], 'success'],
  '82': ['attack-detected', ['intrusion_detection'], ['info'], 'success'],
  '83': ['attack-detected', ['intrusion_detection'], ['info'], 'success'],
  '23': ['attack-detected', ['intrusion_detection'], ['info'], 'success'],
  '25': ['attack-detected', ['intrusion_detection'], ['info'], 'success'],
  '809': ['malware-blocked', ['malware'], ['denied'], 'success'],
  '1154': ['application-blocked', ['network'], ['denied'], 'success'],
}

/** `192.0.2.1:443:WAN:host`, `[2001:db8::1]:443:WAN`, `192.0.2.1::X1`. */
function putSide(document: EventDocument, side: 'source' | 'destination', text: string | undefined): void {
  if (text === undefined) return
  let rest = text
  if (rest.startsWith('[')) rest = rest.slice(1).replace(']', '')
  const parts = isIp(rest) ? [rest] : rest.split(':')
  const [ip, port, zone, name] = parts
  if (ip !== undefined && isIp(ip)) putAddress(document, side, ip)
  putUnder(document, side, 'port', portOf(port))
  put(document, side === 'source' ? 'observer.ingress.interface.name' : 'observer.egress.interface.name', zone)
  putUnder(document, side, 'domain', name)
}

/** `tcp/https`, `udp/53`, `icmp`. */
function putProtocol(document: EventDocument, text: string | undefined): void {
  if (text === undefined) return
  const slash = text.indexOf('/')
  putTransport(document, slash < 0 ? text : text.slice(0, slash))
  const service = slash < 0 ? '' : text.slice(slash + 1)
  if (service !== '' && portOf(service) === undefined) put(document, 'network.protocol', service.toLowerCase())
}

const levels = ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'info', 'debug'] as const
const skip = new Set(['src', 'dst', 'proto', 'time', 'pri', 'rule', 'dstname', 'arg', 'natSrc', 'natDst'])

function parse(record: LogRecord, document: EventDocument): boolean {
  const at = record.text.indexOf('id=', record.bodyAt)
  if (at < 0) return false
  const pairs = readKeyValues(record.text, at)
  if (!pairs.has('sn') && !pairs.has('m')) return false
  document.dataset = 'sonicwall_firewall.log'
  putObserver(document, { vendor: 'SonicWall', product: 'SonicOS', type: 'firewall' })
  putPairs(record, document, pairs, table, 'sonicwall.firewall', skip)
  putTime(record, document, pairs.get('time'))
  const host = record.syslog.host
  if (host !== undefined) put(document, isIp(host) ? 'host.ip' : 'host.name', host)
  put(document, 'log.level', levels[Number(pairs.get('pri') ?? 8)])
  put(document, 'event.severity', countOf(pairs.get('pri')))
  putSide(document, 'source', pairs.get('src'))
  putSide(document, 'destination', pairs.get('dst'))
  putProtocol(document, pairs.get('proto'))
  put(document, 'rule.id', pairs.get('rule'))
  putTranslated(document, 'source', pairs.get('natSrc'))
  putTranslated(document, 'destination', pairs.get('natDst'))
  putSite(document, pairs)
  putMessage(document, pairs)
  putTotals(document)
  const meaning = meanings[pairs.get('m') ?? '']
  if (meaning !== undefined) putKind(document, ...meaning)
  putCommunityId(document)
  return true
}

/** `2007-01-03 14:48:07`, with ` UTC` where the device is told to. */
function putTime(record: LogRecord, document: EventDocument, text: string | undefined): void {
  const isUtc = text?.endsWith(' UTC') === true
  put(
    document,
    '@timestamp',
    isoTime(
      timeOf(isUtc ? text?.slice(0, -4) : text, record.arrival, isUtc ? 'UTC' : record.zone) ?? record.syslog.time,
    ),
  )
  put(document, 'event.timezone', record.zone ?? (isUtc ? 'UTC' : undefined))
}

/** `192.0.2.1:50122` */
function putTranslated(document: EventDocument, side: string, text: string | undefined): void {
  const [ip, port] = text?.split(':') ?? []
  if (ip === undefined || !isIp(ip)) return
  putUnder(document, side, 'nat.ip', ip)
  putUnder(document, side, 'nat.port', portOf(port))
}

/** What the note adds belongs to the sentence. */
function putMessage(document: EventDocument, pairs: Pairs): void {
  const note = pairs.get('note')
  if (note !== undefined && note !== '') put(document, 'message', `${pairs.get('msg') ?? ''} (${note})`)
}

function putSite(document: EventDocument, pairs: Pairs): void {
  const site = pairs.get('dstname')
  if (site === undefined) return
  put(document, 'url.domain', site)
  put(document, 'url.path', pairs.get('arg'))
}

function detect(record: LogRecord): number {
  const { text, bodyAt } = record
  const at = text.indexOf('id=', bodyAt)
  if (at < 0 || at - bodyAt > 120) return 0
  return text.indexOf(' sn=', at) > 0 && text.indexOf(' fw=', at) > 0 && text.indexOf(' m=', at) > 0 ? 0.95 : 0
}

export const sonicwall: Product = { name: 'sonicwall_firewall', datasets: ['sonicwall_firewall.log'], detect, parse }
