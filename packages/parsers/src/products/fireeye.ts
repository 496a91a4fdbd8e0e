// FireEye / Trellix NX: Suricata's EVE records inside of an envelope of the appliance (`rawmsg`), and alerts as JSON behind `fenotify-…:`.
// "FireEye Alert Notifications" (docs.fireeye.com): JSON Normal; product, appliance, alert.
import type { JsonObject } from '@varde/schema'
import { isObject, jsonOf, type LogRecord, parseObject } from '../log-record.ts'
import { putJsonAliases } from '../normalise/aliases.ts'
import { type EventDocument, put, putDefault, remove } from '../normalise/document.ts'
import { putNetworkType } from '../normalise/network.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { putKind } from './kv-product.ts'
import { suricata } from './suricata.ts'

/** The object of an alert behind its tag, or the whole record. */
function jsonIn(record: LogRecord): JsonObject | undefined {
  const json = jsonOf(record)
  if (json !== undefined) return json
  const open = record.text.indexOf('{')
  return open < 0 || open > 300 ? undefined : parseObject(record.text.slice(open).trimEnd())
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const json = jsonIn(record)
  if (json === undefined) return false
  const { rawmsg, alert } = json
  if (typeof rawmsg === 'string') return parseFlow(record, document, json, rawmsg)
  return isObject(alert) ? parseAlert(record, document, json, alert) : false
}

function parseFlow(record: LogRecord, document: EventDocument, json: JsonObject, rawmsg: string): boolean {
  const inner = parseObject(rawmsg.trim())
  if (inner === undefined || !suricata.parse({ ...record, json: inner }, document)) return false
  document.dataset = 'fireeye.nx'
  put(document, 'observer.vendor', 'Fireeye')
  put(document, 'observer.product', 'NX')
  remove(document, 'suricata')
  remove(document, 'observer.type')
  put(document, 'event.type', ['info'])
  put(document, 'fireeye.nx', inner)
  put(document, 'fireeye.device_id', json['deviceid'])
  putNetworkType(document)
  return true
}

function parseAlert(record: LogRecord, document: EventDocument, json: JsonObject, alert: JsonObject): boolean {
  document.dataset = 'fireeye.nx'
  putSyslogPriority(document, record)
  put(document, 'observer.vendor', 'Fireeye')
  put(document, 'observer.product', json['product'])
  put(document, 'observer.name', json['appliance'])
  put(document, 'observer.version', json['version'])
  put(document, 'fireeye.alert', alert)
  const claimed = [alert['occurred'], alert['attack-time'], alert['event_at']].find((text) => typeof text === 'string')
  const time = typeof claimed === 'string' ? timeOf(claimed, record.arrival, record.zone ?? 'UTC') : undefined
  put(document, '@timestamp', isoTime(time ?? record.syslog.time))
  putJsonAliases(document, alert, record)
  const { host } = alert
  if (isObject(host)) putDefault(document, 'host.name', host['hostname'])
  put(document, 'event.kind', 'alert')
  putKind(document, typeof alert['action'] === 'string' ? alert['action'] : undefined, ['malware'], ['info'])
  return true
}

export const fireeye: Product = {
  name: 'fireeye',
  datasets: ['fireeye.nx'],
  detect: ({ text }) =>
    text.includes('"rawmsg"') && text.includes('meta_cbname')
      ? 0.97
      : text.includes('fenotify-') && text.includes('"appliance"')
        ? 0.97
        : 0,
  parse,
}
