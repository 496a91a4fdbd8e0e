// Web servers' access logs: the common and combined formats of nginx and Apache, and IIS's W3C lines.
import type { LogRecord } from '../log-record.ts'
import { ipOf, portOf } from '../normalise/address.ts'
import { add, type EventDocument, put } from '../normalise/document.ts'
import { putSyslogHost } from '../normalise/syslog-fields.ts'
import { isoTime, readTime, timeOf } from '../normalise/time.ts'
import { putUrl } from '../normalise/url.ts'
import type { Product } from '../product.ts'

interface Access {
  address: string
  user: string | undefined
  time: number
  request: string
  rest: string[]
}

export const webAccess: Product = {
  name: 'web_access',
  datasets: ['nginx.access', 'apache.access'],
  detect(record) {
    const { message } = record
    const bracket = message.indexOf(' [')
    if (bracket < 3 || bracket > 128 || message.charCodeAt(bracket + 4) !== 0x2f) return 0
    return readAccess(record) === undefined
      ? 0
      : record.syslog.app === 'nginx' || record.syslog.app === 'httpd'
        ? 0.95
        : 0.8
  },
  parse(record, document) {
    const access = readAccess(record)
    if (access === undefined) return false
    put(document, '@timestamp', isoTime(access.time))
    putSyslogHost(document, record)
    if (record.hint === undefined && (record.syslog.app === 'httpd' || record.syslog.app === 'apache2'))
      document.dataset = 'apache.access'
    const ip = ipOf(access.address)
    put(document, 'source.address', access.address)
    put(document, ip === undefined ? 'source.domain' : 'source.ip', ip ?? access.address)
    put(document, 'user.name', access.user)
    const [method = '', target = '', version = ''] = access.request.split(' ')
    if (/^[A-Z]{3,16}$/.test(method)) {
      put(document, 'http.request.method', method)
      put(document, 'http.version', version.startsWith('HTTP/') ? version.slice(5) : undefined)
      putUrl(document, target)
    }
    const [status, bytes, referrer, agent] = access.rest
    putStatus(document, status)
    if (/^\d{1,15}$/.test(bytes ?? '')) put(document, 'http.response.body.bytes', Number(bytes))
    put(document, 'http.request.referrer', referrer === '-' ? undefined : referrer)
    put(document, 'user_agent.original', agent === '-' ? undefined : agent)
    return true
  },
}

function putStatus(document: EventDocument, status: string | undefined): void {
  put(document, 'event.category', ['web'])
  put(document, 'event.type', ['access'])
  if (status === undefined || !/^\d{3}$/.test(status)) return
  put(document, 'http.response.status_code', Number(status))
  put(document, 'event.outcome', Number(status) < 400 ? 'success' : 'failure')
}

/** `192.0.2.7 - anna [18/Nov/2026:09:12:44 +0100] "GET / HTTP/1.1" 200 612 "-" "curl/8.5"` */
function readAccess({ message, arrival, zone }: LogRecord): Access | undefined {
  const open = message.indexOf(' [')
  const close = message.indexOf('] "', open)
  if (open < 0 || close < 0 || close - open > 40) return undefined
  const time = readTime(message, open + 2, arrival, zone)
  if (time === undefined || time.end !== close) return undefined
  const words = message
    .slice(0, open)
    .split(' ')
    .filter((word) => word !== '')
  const address = words[0]
  const user = words[2]
  if (address === undefined || words.length < 3) return undefined
  const request = quotedEnd(message, close + 3)
  const rest: string[] = []
  let at = request + 1
  while (at < message.length && rest.length < 8) {
    while (message.charCodeAt(at) === 0x20) at++
    if (at >= message.length) break
    if (message.charCodeAt(at) === 0x22) {
      const end = quotedEnd(message, at + 1)
      rest.push(message.slice(at + 1, end))
      at = end + 1
    } else {
      const end = message.indexOf(' ', at)
      rest.push(message.slice(at, end < 0 ? message.length : end))
      at = end < 0 ? message.length : end
    }
  }
  return {
    address,
    user: user === '-' ? undefined : user,
    time: time.ms,
    request: message.slice(close + 3, request),
    rest,
  }
}

/** The place of the closing quote; a backslash hides one. */
function quotedEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x5c) at++
    else if (code === 0x22) return at
  }
  return text.length
}

/** IIS's default columns (learn.microsoft.com/iis, "W3C log file format"), with and without the cookie and host ones. */
const iisColumns = [
  'date',
  'time',
  's-ip',
  'cs-method',
  'cs-uri-stem',
  'cs-uri-query',
  's-port',
  'cs-username',
  'c-ip',
  'cs(User-Agent)',
  'cs(Referer)',
  'sc-status',
  'sc-substatus',
  'sc-win32-status',
  'time-taken',
] as const

export const iis: Product = {
  name: 'iis',
  datasets: ['iis.access'],
  detect({ text }) {
    if (text.charCodeAt(4) !== 0x2d || text.charCodeAt(10) !== 0x20 || text.charCodeAt(19) !== 0x20) return 0
    const words = text.trimEnd().split(' ', 16)
    return words.length === 15 &&
      ipOf(words[2]) !== undefined &&
      ipOf(words[8]) !== undefined &&
      /^\d{3}$/.test(words[11] ?? '')
      ? 0.93
      : 0
  },
  parse({ text, arrival }, document) {
    const words = text.trimEnd().split(' ')
    if (words.length < 14) return false
    const get = (name: (typeof iisColumns)[number]): string | undefined => {
      const value = words[iisColumns.indexOf(name)]
      return value === '-' || value === '' ? undefined : value
    }
    // IIS writes UTC whatever the server's zone.
    const time = timeOf(`${words[0] ?? ''} ${words[1] ?? ''}`, arrival, 'UTC')
    if (time === undefined) return false
    put(document, '@timestamp', isoTime(time))
    put(document, 'destination.ip', ipOf(get('s-ip')))
    put(document, 'destination.address', get('s-ip'))
    put(document, 'destination.port', portOf(get('s-port')))
    put(document, 'source.ip', ipOf(get('c-ip')))
    put(document, 'source.address', get('c-ip'))
    put(document, 'http.request.method', get('cs-method'))
    put(document, 'url.path', get('cs-uri-stem'))
    put(document, 'url.query', get('cs-uri-query'))
    const user = get('cs-username')
    const back = user?.indexOf('\\') ?? -1
    put(document, 'user.name', user?.slice(back + 1))
    if (back > 0) put(document, 'user.domain', user?.slice(0, back))
    put(document, 'user_agent.original', get('cs(User-Agent)')?.replaceAll('+', ' '))
    put(document, 'http.request.referrer', get('cs(Referer)'))
    putStatus(document, get('sc-status'))
    put(document, 'iis.access.sub_status', Number(get('sc-substatus') ?? Number.NaN))
    put(document, 'iis.access.win32_status', Number(get('sc-win32-status') ?? Number.NaN))
    const taken = Number(get('time-taken') ?? Number.NaN)
    if (Number.isFinite(taken)) put(document, 'event.duration', taken * 1e6)
    add(document, 'related.user', user?.slice(back + 1))
    return true
  },
}
