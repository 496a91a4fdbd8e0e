// Records inside the envelope of their transport: Splunk's HTTP Event Collector and OpenTelemetry's log records, as JSON.
// https://docs.splunk.com/Documentation/Splunk/9.4.0/Data/FormateventsforHTTPEventCollector
// https://opentelemetry.io/docs/specs/otel/logs/data-model/ and its JSON mapping (OTLP 1.7)
import { ecsFields, type Json, type JsonObject } from '@varde/schema'
import { isObject, jsonOf, type LogRecord } from './log-record.ts'
import { createDocument, type EventDocument, putDefault } from './normalise/document.ts'
import { epochMs } from './normalise/time.ts'

export interface Enveloped {
  /** The sender's own record: a line, or the text of an object. */
  text: string
  /** It was a text in the envelope, not an object. */
  isLine: boolean
  /** When it happened, as the envelope says: UTC milliseconds. */
  time: number | undefined
  /** ECS fields of the envelope. */
  meta: JsonObject
}

/** The record inside, where this one is such an envelope. */
export function openEnvelope(record: LogRecord): Enveloped | undefined {
  const { text } = record
  if (text.charCodeAt(0) !== 0x7b) return undefined
  if (text.startsWith('{"resource":') || text.startsWith('{"logRecord":')) return openLogRecord(jsonOf(record))
  return text.includes('"event"') ? openHec(jsonOf(record)) : undefined
}

const hecMembers = new Set(['time', 'host', 'source', 'sourcetype', 'index', 'event', 'fields'])

/** No ECS document has these members alone: its `host` is an object, and it has its `@timestamp`. */
function openHec(json: JsonObject | undefined): Enveloped | undefined {
  if (json === undefined || json['event'] === undefined || json['event'] === null) return undefined
  let named = typeof json['event'] === 'string'
  for (const name in json) {
    if (!hecMembers.has(name)) return undefined
    if (name === 'event' || name === 'fields') continue
    const value = json[name]
    if (typeof value !== 'string' && !(name === 'time' && typeof value === 'number')) return undefined
    named = true
  }
  if (!named) return undefined
  const { event, time, host, source, sourcetype, index, fields } = json
  const document = createDocument('envelope')
  putDefault(document, 'host.name', host)
  putDefault(document, 'splunk.source', source)
  putDefault(document, 'splunk.sourcetype', sourcetype)
  putDefault(document, 'splunk.index', index)
  if (isObject(fields)) putLabels(document, fields)
  return { text: textOf(event), isLine: typeof event === 'string', time: timeOf(time), meta: document.root }
}

function openLogRecord(json: JsonObject | undefined): Enveloped | undefined {
  const logRecord = json?.['logRecord']
  if (json === undefined || !isObject(logRecord)) return undefined
  const document = createDocument('envelope')
  const { resource, scope } = json
  if (isObject(resource)) putAttributes(document, 'otel.resource', resource['attributes'])
  if (isObject(scope)) putDefault(document, 'otel.scope.name', scope['name'])
  putAttributes(document, 'otel.attributes', logRecord['attributes'])
  putDefault(document, 'log.level', lowerCase(logRecord['severityText']))
  putDefault(document, 'trace.id', filled(logRecord['traceId']))
  putDefault(document, 'span.id', filled(logRecord['spanId']))
  putDefault(document, 'otel.event_name', filled(logRecord['eventName']))
  const body = anyValue(logRecord['body'])
  const time = nanos(logRecord['timeUnixNano']) ?? nanos(logRecord['observedTimeUnixNano'])
  const isLine = typeof body === 'string'
  return { text: textOf(body ?? anyValues(logRecord['attributes'])), isLine, time, meta: document.root }
}

/** Seconds since 1970, with decimals, as a number or a text. */
function timeOf(value: Json | undefined): number | undefined {
  const time = typeof value === 'number' || typeof value === 'string' ? epochMs(value) : undefined
  return time === undefined ? undefined : Math.floor(time)
}

function textOf(value: Json | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? {})
}

function putLabels(document: EventDocument, fields: JsonObject): void {
  for (const [name, value] of Object.entries(fields)) {
    const text = typeof value === 'object' ? JSON.stringify(value) : String(value)
    putDefault(document, `labels.${name.replaceAll('.', '_')}`, text)
  }
}

/** OpenTelemetry names many things as ECS does; what it names otherwise stays below `otel`. */
function putAttributes(document: EventDocument, below: string, attributes: Json | undefined): void {
  for (const [name, value] of Object.entries(anyValues(attributes)))
    putDefault(document, ecsFields.has(name) ? name : `${below}.${name}`, value)
}

function anyValues(attributes: Json | undefined): JsonObject {
  const values: JsonObject = {}
  if (!Array.isArray(attributes)) return values
  for (const attribute of attributes) {
    if (!isObject(attribute)) continue
    const { key } = attribute
    const value = anyValue(attribute['value'])
    if (typeof key === 'string' && value !== undefined) values[key] = value
  }
  return values
}

/** An AnyValue; 64-bit numbers are texts in JSON, and stay texts where a number could not hold them. */
function anyValue(value: Json | undefined): Json | undefined {
  if (!isObject(value)) return undefined
  const { stringValue, boolValue, intValue, doubleValue, arrayValue, kvlistValue, bytesValue } = value
  if (intValue !== undefined) return Number.isSafeInteger(Number(intValue)) ? Number(intValue) : intValue
  if (isObject(arrayValue)) {
    const { values } = arrayValue
    return Array.isArray(values) ? values.map((one) => anyValue(one) ?? null) : []
  }
  if (isObject(kvlistValue)) return anyValues(kvlistValue['values'])
  return stringValue ?? boolValue ?? doubleValue ?? bytesValue
}

/** Nanoseconds since 1970 as a text: more digits than a number has. */
function nanos(value: Json | undefined): number | undefined {
  const digits = String(value)
  return /^[1-9]\d{6,19}$/.test(digits) ? Number(digits.slice(0, -6)) : undefined
}

function filled(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}

function lowerCase(value: Json | undefined): string | undefined {
  return filled(value)?.toLowerCase()
}
