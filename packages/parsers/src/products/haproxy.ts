// HAProxy's HTTP and TCP log formats, its starts of connections and the states of its servers ("HAProxy Configuration Manual", section 8.2).
import type { LogRecord } from '../log-record.ts'
import { ipOf, portOf } from '../normalise/address.ts'
import { type EventDocument, leave, put } from '../normalise/document.ts'
import { countOf } from '../normalise/endpoint.ts'
import {
  putSyslogHeader,
  putSyslogHost,
  putSyslogPriority,
  putSyslogProcess,
  putSyslogTime,
} from '../normalise/syslog-fields.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import { putUrl } from '../normalise/url.ts'
import type { Product } from '../product.ts'
import { putKind } from './kv-product.ts'

/** `192.0.2.7:50122 [18/Nov/2026:09:12:44.123] front~ back/web1 `: what both formats begin with. */
const head =
  /^(?:\S{1,64}: )?([\da-f.:]{2,45}):(\d{1,5}) \[(\d\d\/\w{3}\/\d{4}:\d\d:\d\d:\d\d\.\d{3})\] (\S{1,128}) ([^\s/]{1,128})\/(\S{1,128}) /i
const http =
  /^(-?\d{1,9})\/(-?\d{1,9})\/(-?\d{1,9})\/(-?\d{1,9})\/\+?(-?\d{1,9}) (-?\d{1,3}) \+?(\d{1,15}) \S{1,128} \S{1,128} (\S{4}) [\d/+]{9,64} [\d/]{3,24}/
const tcp = /^(-?\d{1,9})\/(-?\d{1,9})\/\+?(-?\d{1,9}) \+?(\d{1,15}) (\S{2}) [\d/+]{9,64} [\d/]{3,24}/
const request = /"([A-Z]{1,16}) (\S{1,8192}) HTTP\/(\d(?:\.\d)?)"\s*$/
const connect = /^Connect from ([\da-f.:]{2,45}):(\d{1,5}) to ([\da-f.:]{2,45}):(\d{1,5}) \((\S{1,128})\/(\w{1,8})\)/i
const state = /^(?:Server|Backup Server) (\S{1,128})\/(\S{1,128}) is (UP|DOWN)\b(?:, reason: ([^,]{1,128}))?/

function parse(record: LogRecord, document: EventDocument): boolean {
  const text = record.message.trimEnd()
  putSyslogTime(document, record)
  putSyslogPriority(document, record)
  putSyslogHeader(document, record)
  putSyslogHost(document, record)
  putSyslogProcess(document, record)
  put(document, 'observer.vendor', 'HAProxy')
  put(document, 'observer.product', 'HAProxy')
  put(document, 'observer.type', 'proxy')
  put(document, 'message', text)
  const begun = head.exec(text)
  if (begun !== null) putSession(document, record, text, begun)
  else if (!putConnect(document, text) && !putState(document, text))
    leave(document, record.messageAt, record.text.length)
  return true
}

function putEnd(
  document: EventDocument,
  side: 'source' | 'destination',
  ip: string | undefined,
  port: string | undefined,
) {
  put(document, `${side}.address`, ipOf(ip))
  put(document, `${side}.ip`, ipOf(ip))
  put(document, `${side}.port`, portOf(port))
}

function putSession(document: EventDocument, record: LogRecord, text: string, begun: RegExpExecArray): void {
  const [whole, ip, port, stamp, front, back, server] = begun
  // Written at the end: the time in brackets is when the connection was accepted.
  put(document, 'event.start', isoTime(timeOf(stamp, record.arrival, record.zone)))
  if (record.syslog.time === undefined) put(document, '@timestamp', isoTime(timeOf(stamp, record.arrival, record.zone)))
  putEnd(document, 'source', ip, port)
  put(document, 'haproxy.frontend_name', front?.replace(/~$/, ''))
  put(document, 'haproxy.backend_name', back)
  put(document, 'haproxy.server_name', server)
  const rest = text.slice(whole.length)
  const page = http.exec(rest)
  const flow = page === null ? tcp.exec(rest) : null
  const totalMs = countOf(page?.[5] ?? flow?.[3])
  if (totalMs !== undefined) put(document, 'event.duration', totalMs * 1_000_000)
  put(document, 'haproxy.termination_state', page?.[8] ?? flow?.[5])
  if (page !== null) {
    const status = countOf(page[6])
    put(document, 'http.response.status_code', status)
    put(document, 'http.response.bytes', countOf(page[7]))
    const asked = request.exec(rest)
    put(document, 'http.request.method', asked?.[1])
    put(document, 'http.version', asked?.[3])
    putUrl(document, asked?.[2])
    // `PR`: the proxy itself refused it, by a rule or for a malformed request.
    const denied = page[8]?.startsWith('PR') === true
    putKind(
      document,
      denied ? 'deny' : undefined,
      ['web'],
      denied ? ['access', 'denied'] : ['access'],
      status === undefined || status >= 400 ? 'failure' : 'success',
    )
  } else {
    put(document, 'destination.bytes', countOf(flow?.[4]))
    put(document, 'network.transport', 'tcp')
    const denied = flow?.[5]?.startsWith('PR') === true
    putKind(document, denied ? 'deny' : undefined, ['network'], ['connection', denied ? 'denied' : 'end'])
  }
}

function putConnect(document: EventDocument, text: string): boolean {
  const found = connect.exec(text)
  if (found === null) return false
  putEnd(document, 'source', found[1], found[2])
  putEnd(document, 'destination', found[3], found[4])
  put(document, 'haproxy.frontend_name', found[5])
  put(document, 'haproxy.mode', found[6]?.toLowerCase())
  put(document, 'network.transport', 'tcp')
  putKind(document, undefined, ['network'], ['connection', 'start'])
  return true
}

function putState(document: EventDocument, text: string): boolean {
  const found = state.exec(text)
  if (found === null) return false
  put(document, 'haproxy.backend_name', found[1])
  put(document, 'haproxy.server_name', found[2])
  put(document, 'event.reason', found[4])
  putKind(
    document,
    found[3] === 'UP' ? 'server-up' : 'server-down',
    ['host'],
    ['change'],
    found[3] === 'UP' ? 'success' : 'failure',
  )
  return true
}

export const haproxy: Product = {
  name: 'haproxy',
  datasets: ['haproxy.log'],
  detect({ syslog, message }) {
    if (syslog.app === 'haproxy') return 0.95
    return message.includes('] ') && head.test(message) ? 0.8 : 0
  },
  parse,
}
