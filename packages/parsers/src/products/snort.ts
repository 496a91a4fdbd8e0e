// Snort 2 and 3: alert_fast and alert_full lines, CSV, and alert_json; also pfSense's and others' over syslog.
// "Output plugins", Snort manual 2.9 §2.6; Snort 3 reference, alert_csv and alert_json.
import { readCsv } from '../formats/csv.ts'
import { jsonOf, type LogRecord } from '../log-record.ts'
import { type EventDocument, put, putUnder } from '../normalise/document.ts'
import { countOf, isIp, macOf, portOf, putAddress } from '../normalise/endpoint.ts'
import { putCommunityId, putDirectionByAddress, putNetworkType, putTransport } from '../normalise/network.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { isoTime } from '../normalise/time.ts'
import { zoneOffsetMs } from '../normalise/zone.ts'
import type { Product } from '../product.ts'

/** `09/04-21:45:37.536335`, `23/09/04-21:45:37.5`: no zone; the year is the newest that is not in the future. */
function snortTime(text: string, arrival: number, zone: string | undefined): string | undefined {
  const found = /(?:(\d\d|\d{4})\/)?(\d\d)\/(\d\d)-(\d\d):(\d\d):(\d\d)\.(\d{3})/.exec(text)
  if (found === null) return undefined
  const [, year, month, day, hour, minute, second, ms] = found
  const at = (of: number) =>
    zoned(Date.UTC(of, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second), Number(ms)), zone)
  if (year !== undefined) return isoTime(at(year.length === 2 ? 2000 + Number(year) : Number(year)))
  const now = new Date(arrival).getUTCFullYear()
  const thisYear = at(now)
  return isoTime(thisYear > arrival + 86_400_000 ? at(now - 1) : thisYear)
}

function zoned(localMs: number, zone: string | undefined): number {
  return localMs - zoneOffsetMs(zone, localMs)
}

function parse(record: LogRecord, document: EventDocument): boolean {
  document.dataset = 'snort.log'
  put(document, 'observer.vendor', 'snort')
  put(document, 'observer.product', 'ids')
  put(document, 'observer.type', 'ids')
  put(document, 'event.kind', 'alert')
  put(document, 'event.category', ['network'])
  put(document, 'event.timezone', record.zone)
  putSyslogPriority(document, record)
  put(document, '@timestamp', isoTime(record.syslog.time))
  put(document, 'observer.name', record.syslog.host)
  put(document, 'host.name', record.syslog.host)
  const json = jsonOf(record)
  if (json !== undefined) return parseJson(record, document)
  const isAlert = record.text.includes('[**]') || /\[\d{1,6}:\d{1,9}:\d{1,6}\]/.test(record.message.slice(0, 200))
  const ok = isAlert ? parseAlert(record, document) : parseCsv(record, document)
  putNetworkType(document)
  putDirectionByAddress(document)
  return ok
}

/** `[**] [1:1000005:0] UDP Connection [**] [Classification: …] [Priority: 1] {UDP} 192.0.2.1:53 -> 192.0.2.2:1029`. */
function parseAlert(record: LogRecord, document: EventDocument): boolean {
  const { text } = record
  const time = snortTime(text.slice(0, 400), record.arrival, record.zone)
  if (time !== undefined) put(document, '@timestamp', time)
  const id = /\[(\d{1,6}):(\d{1,9}):(\d{1,6})\] ?/.exec(text)
  if (id === null) return false
  put(document, 'snort.gid', countOf(id[1]))
  put(document, 'rule.id', id[2])
  put(document, 'rule.version', id[3])
  const from = id.index + id[0].length
  const ends = [' [**]', ' [Classification', ' [Priority', ' {']
    .map((mark) => text.indexOf(mark, from))
    .filter((at) => at > 0)
  put(
    document,
    'rule.description',
    text
      .slice(from, Math.min(...ends, text.length))
      .trim()
      .replaceAll(/^"|"$/g, ''),
  )
  const category = /\[Classification: ([^\]]{1,256})\]/.exec(text)?.[1]
  put(document, 'rule.category', category)
  put(document, 'event.severity', countOf(/\[Priority: (\d{1,3})\]/.exec(text)?.[1]))
  const protocol = /\{([\w-]{1,16})\}/.exec(text)?.[1] ?? /^(TCP|UDP|ICMP) TTL:/m.exec(text)?.[1]
  putTransport(document, protocol)
  const arrow = text.indexOf(' -> ')
  if (arrow > 0) {
    putEnd(document, 'source', text.slice(text.lastIndexOf(' ', arrow - 1) + 1, arrow))
    putEnd(document, 'destination', /^\S{1,64}/.exec(text.slice(arrow + 4))?.[0] ?? '')
  }
  put(document, 'network.bytes', countOf(/DgmLen:(\d{1,9})/.exec(text)?.[1]))
  const type = countOf(/Type:(\d{1,3})/.exec(text)?.[1])
  putCommunityId(document, type, countOf(/Code:(\d{1,3})/.exec(text)?.[1]))
  return true
}

function putEnd(document: EventDocument, side: 'source' | 'destination', text: string): void {
  const colon = text.lastIndexOf(':')
  const ip = isIp(text) ? text : text.slice(0, Math.max(colon, 0)).replace(/^\[|\]$/g, '')
  if (!isIp(ip)) return
  putAddress(document, side, ip)
  if (ip !== text) putUnder(document, side, 'port', portOf(text.slice(colon + 1)))
}

/** Default columns: timestamp, gid, sid, rev, msg, proto, src, sport, dst, dport, ethsrc, ethdst, ethlen, tcpflags, …. */
function parseCsv(record: LogRecord, document: EventDocument): boolean {
  const columns = readCsv(record.text, record.messageAt).map((column) => column.trim())
  const time = snortTime(columns[0] ?? '', record.arrival, record.zone)
  if (time === undefined || columns.length < 10) return false
  const [
    ,
    gid,
    sid,
    revision,
    message,
    protocol,
    source,
    sourcePort,
    destination,
    destinationPort,
    sourceMac,
    destinationMac,
  ] = columns
  put(document, '@timestamp', time)
  put(document, 'snort.gid', countOf(gid))
  put(document, 'rule.id', sid)
  put(document, 'rule.version', revision)
  put(document, 'rule.description', message)
  putTransport(document, protocol)
  putAddress(document, 'source', source)
  put(document, 'source.port', portOf(sourcePort))
  putAddress(document, 'destination', destination)
  put(document, 'destination.port', portOf(destinationPort))
  put(document, 'source.mac', macOf(sourceMac))
  put(document, 'destination.mac', macOf(destinationMac))
  putCommunityId(document, countOf(columns[23]), countOf(columns[24]))
  return true
}

function parseJson(record: LogRecord, document: EventDocument): boolean {
  const json = jsonOf(record)
  if (json === undefined || (json['sid'] === undefined && json['rule'] === undefined)) return false
  const text = (key: string) => (json[key] === undefined ? undefined : String(json[key]))
  const time = snortTime(text('timestamp') ?? '', record.arrival, record.zone)
  if (time !== undefined) put(document, '@timestamp', time)
  const [gid, sid, revision] = text('rule')?.split(':') ?? [text('gid'), text('sid'), text('rev')]
  put(document, 'snort.gid', countOf(gid))
  put(document, 'rule.id', sid)
  put(document, 'rule.version', revision)
  put(document, 'rule.description', text('msg'))
  put(document, 'rule.category', text('class'))
  put(document, 'event.severity', countOf(text('priority')))
  putTransport(document, text('proto'))
  putAddress(document, 'source', text('src_addr'))
  put(document, 'source.port', portOf(text('src_port')))
  putAddress(document, 'destination', text('dst_addr'))
  put(document, 'destination.port', portOf(text('dst_port')))
  put(document, 'event.action', text('action'))
  putNetworkType(document)
  putDirectionByAddress(document)
  putCommunityId(document)
  return true
}

function detect(record: LogRecord): number {
  const { text } = record
  if (text.includes('[**] [') || (record.syslog.app === 'snort' && text.includes(' -> '))) return 0.93
  const comma = text.indexOf(',')
  if (comma > 0 && comma < 40 && /^\d\d\/\d\d(?:\/\d\d)?-\d\d:\d\d:\d\d\.\d+ ?$/.test(text.slice(0, comma))) return 0.9
  return text.charCodeAt(record.messageAt) === 0x7b && text.includes('"rule"') && text.includes('"pkt_num"') ? 0.9 : 0
}

export const snort: Product = { name: 'snort', datasets: ['snort.log'], detect, parse }
