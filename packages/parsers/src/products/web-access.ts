// Web servers' access logs: the common and combined formats of nginx and Apache, and IIS's W3C lines.
import type { LogRecord } from '../log-record.ts'
import { ipOf, portOf } from '../normalise/address.ts'
import { add, type EventDocument, put } from '../normalise/document.ts'
import { putSyslogHost } from '../normalise/syslog-fields.ts'
import { isoTime, readTime, timeOf } from '../normalise/time.ts'
import { putUrl } from '../normalise/url.ts'
import type { Product } from '../product.ts'

interface Access {
  /** Whoever asked: with several proxies' addresses the first that is no private one. */
  address: string
  /** All of them, where there are several. */
  addresses: string[]
  user: string | undefined
  /** `host:port` of the site, where the format begins with it (vhost_combined). */
  site: string | undefined
  tls: { protocol: string; cipher: string } | undefined
  time: number
  request: string
  rest: string[]
}

export const webAccess: Product = {
  name: 'web_access',
  datasets: ['nginx.access', 'apache.access'],
  detect(record) {
    const { message } = record
    const bracket = bracketOf(message)
    if (bracket > 256 || message.charCodeAt(bracket + 3) !== 0x2f) return 0
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
    const { app } = record.syslog
    const isApache = app === 'httpd' || app === 'apache2' || access.tls !== undefined || access.site !== undefined
    if (record.hint === undefined && isApache) document.dataset = 'apache.access'
    const ip = ipOf(access.address)
    if (access.addresses.length > 1) put(document, 'nginx.access.remote_ip_list', access.addresses)
    putSite(document, access.site)
    putTls(document, access.tls)
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

function putSite(document: EventDocument, site: string | undefined): void {
  if (site === undefined) return
  const colon = site.lastIndexOf(':')
  put(document, 'destination.domain', colon < 0 ? site : site.slice(0, colon))
  if (colon >= 0) put(document, 'destination.port', portOf(site.slice(colon + 1)))
}

/** `TLSv1.2` and OpenSSL's name of the cipher (httpd.apache.org, mod_ssl, "Custom Log Formats"). */
function putTls(document: EventDocument, tls: Access['tls']): void {
  if (tls === undefined) return
  const version = /^(TLS|SSL)v([0-9.]{1,4})$/.exec(tls.protocol)
  put(document, 'tls.version_protocol', version?.[1]?.toLowerCase())
  put(document, 'tls.version', version?.[2])
  put(document, 'tls.cipher', tls.cipher)
}

/** Where the time's bracket opens: at the start, or behind a space. */
function bracketOf(message: string): number {
  return message.charCodeAt(0) === 0x5b ? 0 : message.indexOf(' [') + 1
}

/**
 * `192.0.2.7 - anna [18/Nov/2026:09:12:44 +0100] "GET / HTTP/1.1" 200 612 "-" "curl/8.5"`; with the site before it, with the
 * addresses of proxies, or as mod_ssl's request log has it: `[18/Nov/2026:…] 192.0.2.7 TLSv1.3 TLS_AES_… "GET / HTTP/1.1" 612`.
 */
function readAccess({ message, arrival, zone }: LogRecord): Access | undefined {
  const open = bracketOf(message)
  const quote = message.indexOf(' "', open)
  const close = message.lastIndexOf('] ', quote)
  if (close < open || close - open > 40) return undefined
  const time = readTime(message, open + 1, arrival, zone)
  if (time === undefined || time.end !== close) return undefined
  const head =
    open === 0 ? headOfTls(wordsOf(message.slice(close + 2, quote))) : headOf(wordsOf(message.slice(0, open)))
  if (head === undefined || (open > 0 && quote !== close + 1)) return undefined
  const request = quotedEnd(message, quote + 2)
  const rest = restOf(message, request + 1)
  return {
    ...head,
    time: time.ms,
    request: message.slice(quote + 2, request),
    // mod_ssl's log has no status.
    rest: head.tls === undefined ? rest : ['', ...rest],
  }
}

function wordsOf(text: string): string[] {
  return text.split(' ').filter((word) => word !== '')
}

type Head = Omit<Access, 'time' | 'request' | 'rest'>

function headOfTls([address, protocol = '', cipher = '', ...more]: string[]): Head | undefined {
  if (address === undefined || more.length > 0 || !/^(TLS|SSL)v/.test(protocol)) return undefined
  return { address, addresses: [address], user: undefined, site: undefined, tls: { protocol, cipher } }
}

/** `[site] address[, address …] ident user`. */
function headOf(words: string[]): Head | undefined {
  const [first, second] = words
  if (first === undefined || words.length < 3) return undefined
  const isSite = words.length > 3 && ipOf(first) === undefined && ipOf(second) !== undefined && !first.endsWith(',')
  let at = isSite ? 1 : 0
  const addresses: string[] = []
  for (; at < words.length; at++) {
    const word = words[at] ?? ''
    addresses.push(word.replace(/[",]/g, ''))
    if (!word.endsWith(',')) break
  }
  const [nearest = ''] = addresses
  const user = words[at + 2]
  return {
    address: addresses.find((one) => ipOf(one) !== undefined && !isPrivate(one)) ?? nearest,
    addresses,
    user: user === '-' ? undefined : user,
    site: isSite ? first : undefined,
    tls: undefined,
  }
}

/** RFC 1918, loopback and unique local addresses. */
function isPrivate(address: string): boolean {
  return /^(?:10\.|127\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|f[cd]|::1$)/i.test(address)
}

/** What follows the request: words, and texts in quotes. */
function restOf(message: string, from: number): string[] {
  const rest: string[] = []
  let at = from
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
  return rest
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

/** A line of IIS's W3C log (learn.microsoft.com/iis, "W3C log file format") by the names of its columns. */
interface IisLine {
  site?: string
  server?: string
  'server-ip'?: string
  method: string
  stem: string
  query: string
  port: string
  user: string
  'client-ip': string
  version?: string
  agent?: string
  cookie?: string
  referrer?: string
  host?: string
  status: string
  substatus: string
  win32: string
  sent?: string
  received?: string
  taken?: string
}

/**
 * Which columns a line has is said once, in the file's head, which a line alone does not know: but their order is always the same,
 * and those that may lack are told by their shape. Undefined where the words are no such line.
 */
function readIis(words: readonly string[]): IisLine | undefined {
  let at = 2
  const head: Partial<IisLine> = {}
  if (/^W3SVC\d+$/i.test(words[at] ?? '')) head.site = words[at++] ?? ''
  if (isMethod(words[at + 2]) && ipOf(words[at + 1]) !== undefined) head.server = words[at++] ?? ''
  if (isMethod(words[at + 1])) head['server-ip'] = words[at++] ?? ''
  const [method, stem, query, port, user, client] = words.slice(at, at + 6)
  if (!isMethod(method) || stem === undefined || query === undefined || port === undefined) return undefined
  if (user === undefined || client === undefined || ipOf(client) === undefined) return undefined
  at += 6
  const tail = tailOf(words, at)
  if (tail === undefined) return undefined
  const [status = '', substatus = '', win32 = '', ...numbers] = words.slice(tail)
  const [sent, received] = numbers.length === 3 ? numbers : []
  const taken = numbers.at(-1)
  const middle = words.slice(at, tail)
  const version = middle[0]?.startsWith('HTTP/') === true ? middle.shift() : undefined
  return {
    ...head,
    method,
    stem,
    query,
    port,
    user,
    'client-ip': client,
    ...(version === undefined ? {} : { version: version.slice(5) }),
    ...browserOf(middle),
    status,
    substatus,
    win32,
    ...(sent === undefined ? {} : { sent }),
    ...(received === undefined ? {} : { received }),
    ...(taken === undefined ? {} : { taken }),
  }
}

function isMethod(word: string | undefined): word is string {
  return word !== undefined && /^[A-Z_]{3,20}$/.test(word)
}

/** Where the status stands: six, five, four or three numbers before the end. */
function tailOf(words: readonly string[], from: number): number | undefined {
  for (const length of [6, 5, 4, 3]) {
    const at = words.length - length
    if (at < from || at > from + 5) continue
    if (/^[1-5]\d\d$/.test(words[at] ?? '') && words.slice(at + 1).every((word) => /^(?:\d{1,15}|-)$/.test(word)))
      return at
  }
  return undefined
}

function browserOf(words: readonly string[]): Pick<IisLine, 'agent' | 'cookie' | 'referrer' | 'host'> {
  const [agent = '-', second = '-', third = '-', fourth = '-'] = words
  if (words.length === 4) return { agent, cookie: second, referrer: third, host: fourth }
  if (words.length === 3 && !second.includes('://')) return { agent, cookie: second, referrer: third }
  return { agent, referrer: second, host: third }
}

export const iis: Product = {
  name: 'iis',
  datasets: ['iis.access'],
  detect({ text }) {
    if (text.charCodeAt(4) !== 0x2d || text.charCodeAt(10) !== 0x20 || text.charCodeAt(19) !== 0x20) return 0
    return readIis(text.trimEnd().split(' ', 32)) === undefined ? 0 : 0.93
  },
  parse({ text, arrival }, document) {
    const words = text.trimEnd().split(' ')
    const line = readIis(words)
    // IIS writes UTC whatever the server's zone.
    const time = timeOf(`${words[0] ?? ''} ${words[1] ?? ''}`, arrival, 'UTC')
    if (time === undefined || line === undefined) return false
    const get = (name: keyof IisLine): string | undefined => {
      const value = line[name]
      return value === '-' || value === '' ? undefined : value
    }
    const number = (name: keyof IisLine): number | undefined => {
      const value = get(name)
      return value === undefined ? undefined : Number(value)
    }
    put(document, '@timestamp', isoTime(time))
    put(document, 'iis.access.site_name', get('site'))
    put(document, 'iis.access.server_name', get('server'))
    put(document, 'destination.ip', ipOf(get('server-ip')))
    put(document, 'destination.address', get('server-ip'))
    put(document, 'destination.domain', get('host'))
    put(document, 'destination.port', portOf(get('port')))
    put(document, 'source.ip', ipOf(get('client-ip')))
    put(document, 'source.address', get('client-ip'))
    put(document, 'http.request.method', get('method'))
    put(document, 'http.version', get('version'))
    put(document, 'url.path', get('stem'))
    put(document, 'url.query', get('query'))
    const user = get('user')
    const back = user?.indexOf('\\') ?? -1
    put(document, 'user.name', user?.slice(back + 1))
    if (back > 0) put(document, 'user.domain', user?.slice(0, back))
    put(document, 'user_agent.original', get('agent')?.replaceAll('+', ' '))
    put(document, 'iis.access.cookie', get('cookie'))
    put(document, 'http.request.referrer', get('referrer'))
    putStatus(document, get('status'))
    put(document, 'iis.access.sub_status', number('substatus'))
    put(document, 'iis.access.win32_status', number('win32'))
    put(document, 'http.response.body.bytes', number('sent'))
    put(document, 'http.request.body.bytes', number('received'))
    const taken = number('taken')
    if (taken !== undefined) put(document, 'event.duration', taken * 1e6)
    add(document, 'related.user', user?.slice(back + 1))
    return true
  },
}
