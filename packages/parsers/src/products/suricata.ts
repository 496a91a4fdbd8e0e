// Suricata's EVE JSON: one event a line, `event_type` names the kind.
// "Eve JSON Format", docs.suricata.io/en/latest/output/eve/eve-json-format.html.
import type { Json, JsonObject } from '@varde/schema'
import { jsonOf, type LogRecord } from '../log-record.ts'
import { add, type EventDocument, put } from '../normalise/document.ts'
import { macOf, portOf, putAddress } from '../normalise/endpoint.ts'
import { putCommunityId, putTransport } from '../normalise/network.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import { putDomainParts, putUrl } from '../normalise/url.ts'
import type { Product } from '../product.ts'
import { putKind, putTotals } from './kv-product.ts'

function objectAt(json: JsonObject, key: string): JsonObject {
  const value = json[key]
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : {}
}
function textAt(json: JsonObject, key: string): string | undefined {
  const value = json[key]
  return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : undefined
}
function numberAt(json: JsonObject, key: string): number | undefined {
  const value = json[key]
  return typeof value === 'number' ? value : undefined
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const json = jsonOf(record)
  const kind = json === undefined ? undefined : textAt(json, 'event_type')
  if (json === undefined || kind === undefined) return false
  document.dataset = 'suricata.eve'
  put(document, '@timestamp', isoTime(timeOf(textAt(json, 'timestamp'), record.arrival, record.zone)))
  put(document, 'observer.vendor', 'OISF')
  put(document, 'observer.product', 'Suricata')
  put(document, 'observer.type', 'ids')
  put(document, 'host.name', record.syslog.host ?? textAt(json, 'host'))
  put(document, 'suricata.eve.event_type', kind)
  put(document, 'suricata.eve.flow_id', textAt(json, 'flow_id'))
  put(document, 'suricata.eve.in_iface', textAt(json, 'in_iface'))
  put(document, 'suricata.eve.tx_id', numberAt(json, 'tx_id'))
  putAddress(document, 'source', textAt(json, 'src_ip'))
  put(document, 'source.port', portOf(textAt(json, 'src_port')))
  putAddress(document, 'destination', textAt(json, 'dest_ip'))
  put(document, 'destination.port', portOf(textAt(json, 'dest_port')))
  putTransport(document, textAt(json, 'proto'))
  put(document, 'network.protocol', textAt(json, 'app_proto'))
  put(document, 'event.category', ['network'])
  const ether = objectAt(json, 'ether')
  put(document, 'source.mac', macOf(textAt(ether, 'src_mac')))
  put(document, 'destination.mac', macOf(textAt(ether, 'dest_mac')))
  putFlow(record, document, objectAt(json, 'flow'), kind)
  putHttp(document, objectAt(json, 'http'))
  putTls(record, document, objectAt(json, 'tls'))
  putFile(document, json)
  putDns(document, objectAt(json, 'dns'), kind)
  put(document, 'network.community_id', textAt(json, 'community_id'))
  kinds[kind]?.(document, json)
  putTotals(document)
  if (json['community_id'] === undefined)
    putCommunityId(document, numberAt(json, 'icmp_type'), numberAt(json, 'icmp_code'))
  return true
}

const kinds: Readonly<Record<string, ((document: EventDocument, json: JsonObject) => void) | undefined>> = {
  alert: putAlert,
  http: (document) => {
    put(document, 'network.protocol', 'http')
    putKind(document, undefined, ['network', 'web'], ['access', 'protocol'])
  },
  dns: (document) => {
    put(document, 'network.protocol', 'dns')
    put(document, 'event.type', ['protocol'])
  },
  tls: (document) => {
    put(document, 'network.protocol', 'tls')
    put(document, 'event.type', ['protocol'])
  },
  ssh: (document, json) => {
    put(document, 'network.protocol', 'ssh')
    put(document, 'event.type', ['protocol'])
    put(document, 'suricata.eve.ssh', objectAt(json, 'ssh'))
  },
  flow: (document, json) => {
    put(document, 'event.type', [
      'connection',
      ...(textAt(objectAt(json, 'flow'), 'state') === 'new' ? ['start'] : ['end']),
    ])
  },
  drop: (document) => putKind(document, 'drop', ['network'], ['denied', 'connection'], 'failure'),
  stats: (document, json) => {
    put(document, 'event.kind', 'metric')
    put(document, 'suricata.eve.stats', objectAt(json, 'stats'))
  },
}

function putAlert(document: EventDocument, json: JsonObject): void {
  const alert = objectAt(json, 'alert')
  put(document, 'event.kind', 'alert')
  const action = textAt(alert, 'action')
  putKind(document, undefined, ['network', 'intrusion_detection'], [action === 'blocked' ? 'denied' : 'allowed'])
  put(document, 'event.severity', numberAt(alert, 'severity'))
  put(document, 'rule.id', textAt(alert, 'signature_id'))
  put(document, 'rule.name', textAt(alert, 'signature'))
  put(document, 'rule.category', textAt(alert, 'category'))
  put(document, 'message', textAt(alert, 'category'))
  put(document, 'suricata.eve.alert', alert)
}

function putFlow(record: LogRecord, document: EventDocument, flow: JsonObject, kind: string): void {
  put(document, 'source.bytes', numberAt(flow, 'bytes_toserver'))
  put(document, 'destination.bytes', numberAt(flow, 'bytes_toclient'))
  put(document, 'source.packets', numberAt(flow, 'pkts_toserver'))
  put(document, 'destination.packets', numberAt(flow, 'pkts_toclient'))
  const start = timeOf(textAt(flow, 'start'), record.arrival, record.zone)
  const end = timeOf(textAt(flow, 'end'), record.arrival, record.zone)
  put(document, 'event.start', isoTime(start))
  if (kind !== 'flow' || start === undefined || end === undefined) return
  put(document, 'event.end', isoTime(end))
  put(document, 'event.duration', Math.max(0, end - start) * 1_000_000)
}

function putHttp(document: EventDocument, http: JsonObject): void {
  const host = textAt(http, 'hostname')
  put(document, 'url.domain', host)
  put(document, 'destination.domain', host)
  put(document, 'http.request.method', textAt(http, 'http_method'))
  put(document, 'http.request.referrer', textAt(http, 'http_refer'))
  const status = numberAt(http, 'status')
  put(document, 'http.response.status_code', status)
  put(document, 'http.response.body.bytes', numberAt(http, 'length'))
  put(document, 'user_agent.original', textAt(http, 'http_user_agent'))
  putUrl(document, textAt(http, 'url'))
  if (host !== undefined) put(document, 'url.domain', host)
}

function putTls(record: LogRecord, document: EventDocument, tls: JsonObject): void {
  const version = textAt(tls, 'version')
  if (version !== undefined) {
    const parts = /^(TLS|SSL)v?\s?v?([\d.]+)/i.exec(version)
    put(document, 'tls.version_protocol', parts?.[1]?.toLowerCase())
    put(document, 'tls.version', parts?.[2])
  }
  const sni = textAt(tls, 'sni')
  put(document, 'tls.client.server_name', sni)
  put(document, 'destination.domain', sni)
  put(document, 'tls.client.ja3', textAt(objectAt(tls, 'ja3'), 'hash'))
  put(document, 'tls.server.ja3s', textAt(objectAt(tls, 'ja3s'), 'hash'))
  put(document, 'tls.server.subject', textAt(tls, 'subject'))
  put(document, 'tls.server.issuer', textAt(tls, 'issuerdn'))
  put(document, 'tls.server.x509.serial_number', textAt(tls, 'serial')?.replaceAll(':', ''))
  put(document, 'tls.server.hash.sha1', textAt(tls, 'fingerprint')?.replaceAll(':', '').toUpperCase())
  put(document, 'tls.server.not_before', isoTime(timeOf(textAt(tls, 'notbefore'), record.arrival, 'UTC')))
  put(document, 'tls.server.not_after', isoTime(timeOf(textAt(tls, 'notafter'), record.arrival, 'UTC')))
  const resumed = tls['session_resumed']
  if (typeof resumed === 'boolean') put(document, 'tls.resumed', resumed)
}

function putFile(document: EventDocument, json: JsonObject): void {
  const file = objectAt(json, 'fileinfo')
  put(document, 'file.path', textAt(file, 'filename'))
  put(document, 'file.size', numberAt(file, 'size'))
  put(document, 'file.hash.sha256', textAt(file, 'sha256'))
  put(document, 'file.hash.md5', textAt(file, 'md5'))
}

function putDns(document: EventDocument, dns: JsonObject, kind: string): void {
  if (kind !== 'dns') return
  put(document, 'dns.type', textAt(dns, 'type'))
  put(document, 'dns.id', textAt(dns, 'id'))
  put(document, 'dns.response_code', textAt(dns, 'rcode'))
  const name = textAt(dns, 'rrname')
  put(document, 'dns.question.name', name)
  put(document, 'dns.question.type', textAt(dns, 'rrtype'))
  putDomainParts(document, 'dns.question', name)
  const data = textAt(dns, 'rdata')
  if (data !== undefined) {
    put(document, 'dns.answers', [
      {
        data,
        name: name ?? '',
        type: textAt(dns, 'rrtype') ?? '',
        ...(numberAt(dns, 'ttl') === undefined ? {} : { ttl: numberAt(dns, 'ttl') ?? 0 }),
      },
    ])
    if (textAt(dns, 'rrtype') === 'A' || textAt(dns, 'rrtype') === 'AAAA') add(document, 'dns.resolved_ip', data)
  }
  const answers: Json | undefined = dns['answers']
  if (Array.isArray(answers)) put(document, 'dns.answers', answers)
}

function detect(record: LogRecord): number {
  const { text } = record
  if (text.charCodeAt(record.messageAt) !== 0x7b) return 0
  return text.includes('"event_type"') &&
    (text.includes('"flow_id"') || text.includes('"stats"')) &&
    text.includes('"timestamp"')
    ? 0.96
    : 0
}

export const suricata: Product = { name: 'suricata', datasets: ['suricata.eve'], detect, parse }
