// Pulse Connect Secure, now Ivanti Connect Secure: `time - node - [192.0.2.7] realm\user(Realm)[Role] - text`, the WELF pairs, and the `ive | …` columns.
// "Ivanti Connect Secure: Logging and Monitoring", log formats Standard, WELF and custom (help.ivanti.com).
import { readKeyValues } from '../formats/key-value.ts'
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, leave, put, putDefault } from '../normalise/document.ts'
import { isIp, putAddress } from '../normalise/endpoint.ts'
import { putSentenceFacts } from '../normalise/sentence-facts.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { isoTime, readTime, timeOf } from '../normalise/time.ts'
import { outcomeOf } from '../normalise/words.ts'
import type { Product } from '../product.ts'
import { putKind, putObserver } from './kv-product.ts'

interface Line {
  time: number | undefined
  node: string | undefined
  code: string | undefined
  ip: string | undefined
  user: string | undefined
  realm: string | undefined
  roles: string | undefined
  text: string
}

function readLine(record: LogRecord): Line | undefined {
  return readBars(record) ?? readWelf(record) ?? readStandard(record)
}

/** `ive | 2026-11-18 09:12:44 | ADM100 | info | node ip | type | source ip | user | realm | roles | … | text` */
function readBars(record: LogRecord): Line | undefined {
  const at = record.text.indexOf('ive | ')
  if (at < 0 || at > 200) return undefined
  const columns = record.text
    .slice(at)
    .split(' | ')
    .map((column) => column.trim())
  if (columns.length < 9) return undefined
  const [, time = '', code = '', , node = '', , ip = '', user = '', realm = '', roles = ''] = columns
  return {
    time: timeOf(time, record.arrival, record.zone),
    node,
    code,
    ip,
    user,
    realm,
    roles,
    text: columns.at(-1) ?? '',
  }
}

/** `id=firewall time="…" pri=6 fw=198.51.100.4 vpn=node user=anna realm="Users" roles="Staff" … src=192.0.2.7 … msg="AUT24326: text"` */
function readWelf(record: LogRecord): Line | undefined {
  const at = record.text.indexOf('id=firewall ')
  if (at < 0 || !record.text.includes(' vpn=', at)) return undefined
  const pairs = readKeyValues(record.text, at)
  const said = pairs.get('msg') ?? ''
  const code = /^([A-Z]{3}\d{5}): /.exec(said)?.[1]
  return {
    time: timeOf(pairs.get('time'), record.arrival, record.zone),
    node: pairs.get('vpn'),
    code,
    ip: pairs.get('src'),
    user: pairs.get('user'),
    realm: pairs.get('realm'),
    roles: pairs.get('roles') ?? pairs.get('role'),
    text: code === undefined ? said : said.slice(code.length + 2),
  }
}

/** `2026-11-18 09:12:44 - ive1 - [192.0.2.7] Root::anna(Users)[Staff] - Login succeeded for anna/Users` */
function readStandard(record: LogRecord): Line | undefined {
  const { text } = record
  const open = text.indexOf(' - [')
  if (open < 0 || open > 300) return undefined
  const found = /^ - \[([\d.a-f:]{3,45})\] ([^()[\]]{0,256})\(([^)]{0,256})\)\[([^\]]{0,1024})\] - /.exec(
    text.slice(open, open + 1_800),
  )
  if (found === null) return undefined
  const before = text.slice(record.bodyAt, open)
  const at = before.search(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d/)
  const time = at < 0 ? undefined : readTime(before, at, record.arrival, record.zone)
  const node = before.slice(before.lastIndexOf(' - ') + 3)
  const [whole, ip, account = '', realm, roles] = found
  return {
    time: time?.ms,
    node: before.includes(' - ') ? node : undefined,
    code: undefined,
    ip,
    user: account.slice(account.lastIndexOf('::') < 0 ? 0 : account.lastIndexOf('::') + 2),
    realm,
    roles,
    text: text.slice(open + whole.length).trimEnd(),
  }
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const line = readLine(record)
  if (line === undefined) return false
  document.dataset = 'pulse_connect_secure.log'
  // The gateway's own clock names no zone: an envelope that does is taken at its word.
  const { time, zoned } = record.syslog
  put(document, '@timestamp', isoTime(zoned === true ? time : (line.time ?? time)))
  putSyslogPriority(document, record)
  putObserver(document, { vendor: 'Pulse Secure', product: 'Pulse Secure Connect', type: 'vpn' })
  put(document, 'observer.name', line.node)
  put(document, 'host.name', record.syslog.host ?? line.node)
  put(document, 'event.code', line.code)
  put(document, 'message', line.text)
  if (line.ip !== undefined && isIp(line.ip)) {
    putAddress(document, 'source', line.ip)
    put(document, 'client.ip', line.ip)
  }
  const user = line.user ?? ''
  const back = user.indexOf('\\')
  if (user !== '' && user !== 'System') {
    put(document, 'user.name', user.slice(back + 1))
    put(document, 'user.domain', back > 0 ? user.slice(0, back) : undefined)
  }
  put(document, 'pulse_secure.realm', line.realm)
  put(document, 'pulse_secure.role', line.roles)
  putMeaning(document, line.text)
  leave(document, record.text.length - line.text.length, record.text.length)
  return true
}

function putMeaning(document: EventDocument, text: string): void {
  const agent = /agent ['"]?(.{1,512}?)['"]?(?:\.$|$)/.exec(text)?.[1]
  if (/^(?:Primary|Secondary)? ?(?:login|logon|authentication)|\blogin (?:failed|succeeded|successful)/i.test(text)) {
    putKind(document, 'login', ['authentication', 'session'], ['start'], outcomeOf(text))
    put(document, 'event.reason', /Reason: (.{1,256})$/.exec(text)?.[1])
    put(document, 'user_agent.original', agent)
  } else if (/logout|logged out|session (?:ended|timed out|terminated)/i.test(text))
    putKind(document, 'logout', ['authentication', 'session'], ['end'], 'success')
  else if (/VPN Tunneling: Session started|Session started/i.test(text)) {
    putKind(document, 'session-started', ['network', 'session'], ['start', 'connection'], 'success')
    put(document, 'source.nat.ip', /IPv4 address ([\d.]{7,15})/.exec(text)?.[1]?.replace(/\.$/, ''))
  } else if (/Closed connection|Session ended/i.test(text))
    putKind(document, 'session-ended', ['network', 'session'], ['end', 'connection'])
  else if (/changed|modified|created|deleted|import/i.test(text))
    putKind(document, undefined, ['configuration'], ['change'])
  else putKind(document, undefined, ['network'], ['info'])
  putSentenceFacts(document, text)
  putDefault(document, 'event.kind', 'event')
}

export const pulseSecure: Product = {
  name: 'pulse_connect_secure',
  datasets: ['pulse_connect_secure.log', 'ivanti_connect_secure.log'],
  detect(record) {
    const { app } = record.syslog
    const named = app !== undefined && /^(?:PulseSecure|Juniper|Ivanti|ive)/.test(app)
    return readLine(record) === undefined ? 0 : named || record.text.includes(' - ive - ') ? 0.95 : 0.85
  },
  parse,
}
