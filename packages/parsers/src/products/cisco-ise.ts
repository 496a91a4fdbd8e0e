// Cisco Identity Services Engine: `CISE_Passed_Authentications 0000027385 1 0 2023-10-09 10:58:08.408 +02:00 0000188271 5200 NOTICE Class: text, Key=value, …`.
// "Cisco ISE Syslogs" (cisco.com/c/en/us/td/docs/security/ise/syslog).
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, put, putDefault } from '../normalise/document.ts'
import { countOf, isIp, macOf, portOf, putAddress } from '../normalise/endpoint.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { isoTime, readTime } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { putKind } from './kv-product.ts'

function start(record: LogRecord): number {
  const at = record.text.indexOf('CISE_', Math.max(0, record.bodyAt - 96))
  return at >= 0 && at - record.bodyAt < 120 ? at : -1
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const at = start(record)
  if (at < 0) return false
  document.dataset = 'cisco_ise.log'
  const { text } = record
  putSyslogPriority(document, record)
  const host = record.syslog.host?.startsWith('CISE_') === true ? record.syslog.app : record.syslog.host
  put(document, 'host.hostname', host)
  put(document, 'host.name', host)
  put(document, 'observer.vendor', 'Cisco')
  put(document, 'observer.product', 'ISE')
  const blank = text.indexOf(' ', at)
  const category = text.slice(at, blank < 0 ? undefined : blank)
  put(document, 'cisco_ise.log.category.name', category)
  const header =
    /^ (\d{1,12}) (\d{1,4}) (\d{1,4}) (\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{1,6} [+-]\d\d:\d\d) (\d{1,12}) (\d{1,6}) (\w{1,16}) ([^:]{1,64}): ?/.exec(
      text.slice(blank, blank + 260),
    )
  if (header === null) return putPlain(record, document, category, text.slice(blank + 1))
  put(
    document,
    '@timestamp',
    isoTime(readTime(header[4] ?? '', 0, record.arrival, record.zone)?.ms ?? record.syslog.time),
  )
  put(document, 'event.sequence', countOf(header[5]))
  put(document, 'event.code', header[6])
  put(document, 'event.timezone', header[4]?.slice(-6))
  const level = header[7]?.toLowerCase()
  put(document, 'log.level', level)
  put(document, 'log.syslog.severity.name', level)
  put(document, 'event.action', header[8]?.toLowerCase().replaceAll(' ', '-'))
  const from = blank + header[0].length
  put(document, 'message', text.slice(text.indexOf(header[4] ?? '', blank)).trimEnd())
  const pairs = readPairs(text, from)
  putFields(document, pairs)
  putMeaning(document, category, header[6] ?? '', `${header[8] ?? ''}: ${text.slice(from, from + 160)}`)
  return true
}

/** A later part of a long message (`0000000230 2 1  Key=value, …`), or an alarm. */
function putPlain(record: LogRecord, document: EventDocument, category: string, text: string): boolean {
  const part = /^(\d{1,12}) (\d{1,4}) (\d{1,4}) {1,2}/.exec(text)
  if (part === null) return putAlarm(record, document, text)
  put(document, '@timestamp', isoTime(record.syslog.time))
  const rest = text.slice(part[0].length)
  put(document, 'message', rest.trimEnd())
  putFields(document, readPairs(rest, 0))
  putMeaning(document, category, '', rest.slice(0, 160))
  return true
}

/** `CISE_Alarm WARN: Title : Server=…; …`. */
function putAlarm(record: LogRecord, document: EventDocument, text: string): boolean {
  put(document, '@timestamp', isoTime(record.syslog.time))
  const colon = text.indexOf(': ')
  const second = text.indexOf(': ', colon + 2)
  put(document, 'log.level', text.slice(0, Math.max(colon, 0)).toLowerCase())
  if (colon > 0 && second > 0) {
    put(document, 'event.action', text.slice(colon + 2, second).trim())
    put(document, 'message', text.slice(second + 2).trim())
    put(document, 'server.address', /Server=\s*([^;]{1,128})/.exec(text)?.[1]?.trim())
  } else put(document, 'message', text.trimEnd())
  put(document, 'event.category', ['network'])
  return true
}

/** `, Key=value` to the next comma; `\,` is part of the value, and `Step=` comes many times. */
function readPairs(text: string, from: number): Map<string, string> {
  const pairs = new Map<string, string>()
  let at = from
  while (at < text.length) {
    let end = text.indexOf(',', at)
    while (end > 0 && text.charCodeAt(end - 1) === 0x5c) end = text.indexOf(',', end + 1)
    if (end < 0) end = text.length
    // Looked for in this part alone: a search to the end of the text for every comma would be quadratic.
    const part = text.slice(at, end)
    const equals = part.indexOf('=')
    if (equals > 0) {
      const key = part.slice(0, equals).trim()
      if (!pairs.has(key))
        pairs.set(
          key,
          part
            .slice(equals + 1)
            .replaceAll('\\,', ',')
            .replaceAll('\\;', ';')
            .trim(),
        )
    }
    at = end + 1
  }
  return pairs
}

function putFields(document: EventDocument, pairs: ReadonlyMap<string, string>): void {
  const user =
    pairs.get('UserName') ??
    pairs.get('User-Name') ??
    pairs.get('User') ??
    pairs.get('AdminName') ??
    pairs.get('GuestUserName')
  if (user !== undefined && user !== 'INVALID') put(document, 'user.name', user)
  const client = pairs.get('Device IP Address') ?? pairs.get('DestinationIPAddress')
  if (client !== undefined && isIp(client)) put(document, 'client.ip', client)
  const address =
    pairs.get('AdminIPAddress') ?? pairs.get('RemoteAddress') ?? pairs.get('Remote-Address') ?? pairs.get('PsnHostName')
  if (address !== undefined && isIp(address)) put(document, 'host.ip', address)
  const framed = pairs.get('Framed-IP-Address') ?? pairs.get('IpAddress')
  if (framed !== undefined && isIp(framed)) putAddress(document, 'source', framed)
  put(document, 'source.mac', macOf(pairs.get('Calling-Station-ID') ?? pairs.get('CallingStationID')))
  put(
    document,
    'destination.ip',
    isIp(pairs.get('DestinationIPAddress') ?? '') ? pairs.get('DestinationIPAddress') : undefined,
  )
  put(document, 'destination.port', portOf(pairs.get('DestinationPort')))
  put(document, 'network.protocol', pairs.get('Protocol')?.toLowerCase())
  put(document, 'event.reason', pairs.get('FailureReason'))
  for (const [key, value] of pairs)
    if (value !== '' && key.length < 64)
      putDefault(document, `cisco_ise.log.${key.toLowerCase().replaceAll(/[^a-z\d]+/g, '_')}`, value)
}

function putMeaning(document: EventDocument, category: string, code: string, text: string): void {
  if (category === 'CISE_Passed_Authentications') {
    putDefault(document, 'event.action', 'passed-authentication')
    putKind(document, undefined, ['authentication'], ['start', 'allowed'], 'success')
  } else if (category === 'CISE_Failed_Attempts') {
    putDefault(document, 'event.action', 'failed-attempt')
    putKind(document, undefined, ['authentication'], ['start', 'denied'], 'failure')
  } else if (category === 'CISE_RADIUS_Accounting') putKind(document, 'radius-accounting', ['configuration'], ['info'])
  else if (category === 'CISE_Identity_Stores_Diagnostics') putStore(document, text)
  else if (category.startsWith('CISE_Posture')) putKind(document, undefined, ['malware'], ['info'])
  else if (category === 'CISE_MyDevices' || category === 'CISE_Guest')
    putKind(document, undefined, ['configuration'], ['info'])
  else if (/^Configuration-Changes/.test(text)) {
    const type = /: Added/.test(text) ? 'creation' : /: Deleted/.test(text) ? 'deletion' : 'change'
    putKind(document, undefined, ['iam', 'configuration'], [type, 'info'])
  } else if (/secure connection with TLS peer/.test(text))
    putKind(document, undefined, ['network'], ['connection', 'info', /: Open/.test(text) ? 'start' : 'end'])
  else if (
    /Administrator-Login|Administrator authentication|MyDevices|Guest user authentication/i.test(`${category} ${text}`)
  ) {
    const isAdministrator = category.includes('Administrative') && !text.includes('MyDevices')
    putKind(
      document,
      undefined,
      ['iam', 'authentication'],
      isAdministrator ? [/\bCLI user\b/.test(text) ? 'user' : 'admin', 'info'] : ['info'],
    )
    if (code === '51001' || /authentication succeeded/i.test(text)) put(document, 'event.outcome', 'success')
    else if (/authentication (?:has )?failed/i.test(text)) put(document, 'event.outcome', 'failure')
  } else if (category.includes('Administrative') && /Process-Management|System-Management/.test(text))
    putKind(document, undefined, text.includes('Process-Management') ? ['iam', 'process'] : ['iam'], ['info'])
  else if (/FeedService/.test(text))
    putKind(document, undefined, ['process'], /\bin[ti]+ated|started/i.test(text) ? ['info', 'start'] : ['info'])
  else putKind(document, undefined, ['configuration'], ['info'])
}

/** Looking a user up in Active Directory is part of a login; in ISE's own stores it is about accounts. */
function putStore(document: EventDocument, text: string): void {
  const directory = text.startsWith('External-Active-Directory') && !/Skipping/.test(text)
  const isUser = /\buser\b/i.test(text)
  putKind(
    document,
    undefined,
    directory ? ['iam', 'authentication'] : ['iam'],
    directory ? (/not found|failed/.test(text) ? ['info', 'end'] : ['info']) : isUser ? ['info', 'user'] : ['info'],
  )
}

export const ciscoIse: Product = {
  name: 'cisco_ise',
  datasets: ['cisco_ise.log'],
  detect: (record) => (start(record) >= 0 ? 0.97 : 0),
  parse,
}
