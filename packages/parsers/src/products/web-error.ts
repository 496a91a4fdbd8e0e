// Web servers' error logs: nginx (ngx_log.c) and Apache httpd (ErrorLogFormat's default, with and without module and thread).
import type { LogRecord } from '../log-record.ts'
import { ipOf, portOf } from '../normalise/address.ts'
import { add, type EventDocument, put } from '../normalise/document.ts'
import { putSyslogHost } from '../normalise/syslog-fields.ts'
import { isoTime, readTime, timeOf } from '../normalise/time.ts'
import { putUrl } from '../normalise/url.ts'
import type { Product } from '../product.ts'

const levels = new Set(['emerg', 'alert', 'crit', 'error', 'warn', 'notice', 'info', 'debug'])

/** Apache has `trace1` to `trace8` too. */
function isLevel(word: string): boolean {
  return levels.has(word) || /^trace[1-8]$/.test(word)
}

export const webError: Product = {
  name: 'web_error',
  datasets: ['nginx.error', 'apache.error'],
  ownFiles: true,
  detect(record) {
    return readNginx(record) === undefined && readApache(record) === undefined ? 0 : 0.93
  },
  parse(record, document) {
    const nginx = readNginx(record)
    if (nginx !== undefined) {
      if (record.hint === undefined) document.dataset = 'nginx.error'
      putError(document, record, nginx.time, nginx.level, nginx.message)
      putNginx(document, nginx)
      return true
    }
    const apache = readApache(record)
    if (apache === undefined) return false
    if (record.hint === undefined) document.dataset = 'apache.error'
    putError(document, record, apache.time, apache.level, apache.message)
    putApache(document, apache)
    return true
  },
}

function putError(document: EventDocument, record: LogRecord, time: number, level: string, message: string): void {
  put(document, '@timestamp', isoTime(time))
  putSyslogHost(document, record)
  put(document, 'log.level', level)
  put(document, 'message', message)
  put(document, 'event.category', ['web'])
  put(document, 'event.type', ['error'])
}

/** A person that a server did not let in. */
function putRefused(document: EventDocument, user: string | undefined, reason: string): void {
  put(document, 'event.category', ['web', 'authentication'])
  put(document, 'event.outcome', 'failure')
  put(document, 'event.reason', reason)
  put(document, 'user.name', user)
  add(document, 'related.user', user)
}

interface NginxError {
  time: number
  level: string
  process: string
  thread: string
  connection: string | undefined
  message: string
}

/** `2026/11/02 10:22:31 [error] 123#124: *456 open() "/x" failed (2: No such file or directory), client: 192.0.2.7, …` */
function readNginx({ text, arrival, zone }: LogRecord): NginxError | undefined {
  const open = text.indexOf(' [')
  // Behind a syslog header that nginx or a forwarder wrote, if any.
  const at = open - 19
  if (at < 0 || at > 200 || text.charCodeAt(at + 4) !== 0x2f || text.charCodeAt(at + 7) !== 0x2f) return undefined
  const close = text.indexOf('] ', open)
  const level = text.slice(open + 2, close)
  const hash = text.indexOf('#', close)
  const colon = text.indexOf(': ', close)
  if (!levels.has(level) || hash < 0 || hash > colon || colon - close > 40) return undefined
  const time = readTime(text, at, arrival, zone)
  if (time === undefined || time.end !== open) return undefined
  const rest = text.slice(colon + 2).trimEnd()
  const star = /^\*(\d{1,20}) /.exec(rest)
  return {
    time: time.ms,
    level,
    process: text.slice(close + 2, hash),
    thread: text.slice(hash + 1, colon),
    connection: star?.[1],
    message: star === null ? rest : rest.slice(star[0].length),
  }
}

function putNginx(document: EventDocument, error: NginxError): void {
  put(document, 'process.pid', wholeOf(error.process))
  put(document, 'process.thread.id', wholeOf(error.thread))
  put(document, 'nginx.error.connection_id', wholeOf(error.connection))
  const { message } = error
  const client = memberOf(message, 'client')
  const ip = ipOf(client)
  put(document, 'source.address', client)
  put(document, 'source.ip', ip)
  const [method = '', target = '', version = ''] = (memberOf(message, 'request') ?? '').split(' ')
  if (/^[A-Z]{3,16}$/.test(method)) {
    put(document, 'http.request.method', method)
    put(document, 'http.version', version.startsWith('HTTP/') ? version.slice(5) : undefined)
    putUrl(document, target)
  }
  put(document, 'url.domain', memberOf(message, 'host')?.replace(/:\d{1,5}$/, ''))
  put(document, 'http.request.referrer', memberOf(message, 'referrer'))
  const refused = /^user "([^"]{1,256})"(?: was not found in |: password mismatch)/.exec(message)
  if (refused !== null)
    putRefused(document, refused[1], message.includes('mismatch') ? 'password mismatch' : 'unknown user')
}

/** `, name: value` or `, name: "value"` behind the message. */
function memberOf(message: string, name: string): string | undefined {
  const mark = `, ${name}: `
  const at = message.lastIndexOf(mark)
  if (at < 0) return undefined
  const from = at + mark.length
  const isQuoted = message.charCodeAt(from) === 0x22
  const end = isQuoted ? message.indexOf('"', from + 1) : message.indexOf(',', from)
  return message.slice(isQuoted ? from + 1 : from, end < 0 ? message.length : end)
}

interface ApacheError {
  time: number
  module: string | undefined
  level: string
  process: string | undefined
  thread: string | undefined
  client: string | undefined
  message: string
}

/**
 * `[Mon Nov 02 10:22:31.123456 2026] [authz_core:error] [pid 123:tid 456] [client 192.0.2.7:51234] AH01630: client denied …`,
 * and as 2.2 wrote it: `[Mon Nov 02 10:22:31 2026] [error] [client 192.0.2.7] File does not exist: /x`.
 */
function readApache({ message, arrival, zone }: LogRecord): ApacheError | undefined {
  if (message.charCodeAt(0) !== 0x5b || message.charCodeAt(4) !== 0x20) return undefined
  const end = message.indexOf('] [')
  if (end < 20 || end > 40) return undefined
  const [, month = '', day = '', clock = '', year = ''] = message.slice(1, end).split(' ')
  const time = timeOf(`${month} ${day} ${year} ${clock}`, arrival, zone)
  if (time === undefined) return undefined
  let at = end + 2
  const parts: string[] = []
  while (message.charCodeAt(at) === 0x5b && parts.length < 5) {
    const close = message.indexOf(']', at)
    if (close < 0) break
    parts.push(message.slice(at + 1, close))
    at = close + 1
    if (message.charCodeAt(at) === 0x20) at++
  }
  const [said = '', ...more] = parts
  const colon = said.indexOf(':')
  const level = colon < 0 ? said : said.slice(colon + 1)
  if (!isLevel(level)) return undefined
  const startOf = (word: string) => more.find((part) => part.startsWith(word))?.slice(word.length)
  const [process, thread] = (startOf('pid ') ?? '').split(':tid ')
  return {
    time,
    module: colon <= 0 ? undefined : said.slice(0, colon),
    level,
    process,
    thread,
    client: startOf('client ') ?? startOf('remote '),
    message: message.slice(at).trimEnd(),
  }
}

function putApache(document: EventDocument, error: ApacheError): void {
  put(document, 'apache.error.module', error.module)
  put(document, 'process.pid', wholeOf(error.process))
  put(document, 'process.thread.id', wholeOf(error.thread))
  const { client, message } = error
  if (client !== undefined) {
    const colon = ipOf(client) === undefined ? client.lastIndexOf(':') : -1
    const address = colon < 0 ? client : client.slice(0, colon)
    put(document, 'source.address', address)
    put(document, 'source.ip', ipOf(address.replace(/^\[|\]$/g, '')))
    if (colon >= 0) put(document, 'source.port', portOf(client.slice(colon + 1)))
  }
  const missing = /(?:File does not exist|script '[^']{0,512}' not found or unable to stat): ?(.{1,1024})$/.exec(
    message,
  )
  put(document, 'file.path', missing?.[1]?.split(', referer:', 1)[0])
  const refused = /(?:^|: )user (\S{1,256})(?:: authentication failure for |(?: not found:? ))/.exec(message)
  if (refused !== null)
    putRefused(document, refused[1], message.includes('authentication failure') ? 'password mismatch' : 'unknown user')
}

function wholeOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}
