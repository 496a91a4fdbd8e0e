// Citrix ADC (NetScaler): `06/10/2014:14:03:30 GMT ns1 0-PPE-0 : TCP CONN_TERMINATE 4472 0 : Source … - Destination … - …`, and its application firewall in CEF.
// "NetScaler syslog message reference" (developer-docs.netscaler.com).
import { readCef } from '../formats/cef.ts'
import { fieldTable, putField } from '../formats/field-table.ts'
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, leave, put, putDefault, putUnder } from '../normalise/document.ts'
import { countOf, isIp, portOf, putAddress } from '../normalise/endpoint.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { isoTime, readTime } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { putKind } from './kv-product.ts'

interface Native {
  time: number | undefined
  host: string
  feature: string
  name: string
  id: string
  textAt: number
}

/** `default SSLVPN LOGIN 4471 0 : `; the packet engine before it is `0-PPE-0 : `. */
function readNative(record: LogRecord): Native | undefined {
  const { text } = record
  const engine = text.indexOf('-PPE-')
  if (engine < 0 || engine > 260) return undefined
  const colon = text.indexOf(': ', engine)
  const found =
    colon < 0
      ? null
      : /^(?:default )?([A-Z][A-Z\d_]{1,24}) ([A-Za-z][\w-]{1,48}) (\d{1,20}) \d{1,6} ?: ?/.exec(
          text.slice(colon + 2, colon + 160),
        )
  if (found === null) return undefined
  const date = /(\d\d\/\d\d\/\d{4}|\d{4}\/\d\d\/\d\d):(\d\d:\d\d:\d\d)/.exec(text.slice(0, engine))
  const [a = '', b = '', c = ''] = date?.[1]?.split('/') ?? []
  const day = a.length === 4 ? `${a}-${b}-${c}` : `${c}-${a}-${b}`
  const time = date === null ? undefined : readTime(`${day}T${date[2] ?? ''}`, 0, record.arrival, 'UTC')?.ms
  return {
    time,
    host: text.slice(0, engine).trim().split(' ').at(-2) ?? '',
    feature: found[1] ?? '',
    name: found[2] ?? '',
    id: found[3] ?? '',
    textAt: colon + 2 + found[0].length,
  }
}

function parseNative(record: LogRecord, document: EventDocument, native: Native): boolean {
  document.dataset = 'citrix_adc.log'
  const text = record.text.slice(native.textAt).trimEnd()
  put(document, '@timestamp', isoTime(native.time ?? record.syslog.time))
  putSyslogPriority(document, record)
  put(document, 'observer.vendor', 'Citrix')
  put(document, 'observer.product', 'Netscaler')
  put(document, 'observer.type', 'firewall')
  put(document, 'event.id', native.id)
  put(document, 'observer.hostname', native.host)
  put(document, 'host.name', record.syslog.host ?? native.host)
  const sender = /(?:^|> )((?:\d{1,3}\.){3}\d{1,3}) /.exec(record.text.slice(0, 80))?.[1]
  put(document, 'client.ip', sender)
  put(document, 'citrix_adc.log.feature', native.feature)
  put(document, 'citrix_adc.log.message_type', native.name)
  put(document, 'message', text)
  const pairs = readParts(text)
  putParts(document, pairs)
  putNativeMeaning(document, native, pairs)
  leave(document, native.textAt, record.text.length)
  return true
}

const names = [
  'Source',
  'Destination',
  'Vserver',
  'NatIP',
  'Nat_ip',
  'Client_ip',
  'Remote_ip',
  'User',
  'Command',
  'Status',
  'Start Time',
  'End Time',
  'Total_bytes_send',
  'Total_bytes_recv',
  'Duration',
  'Group(s)',
  'Browser_type',
  'ClientIP',
  'ClientPort',
  'ServerIP',
  'ServerPort',
  'Denied_by_policy',
  'SSLVPN_client_type',
  'Reason',
  'Last_contact',
  'Start_time',
  'End_time',
  'Domainname',
  'Context',
  'method',
  'server_ip',
  'server_port',
  'Failure_reason',
  'Action',
  'Domain',
  'Source_IP',
  'Source_port',
  'Destination_IP',
  'Destination_port',
  'Transport',
  'Protocol',
  'username:domainname',
  'client_ip',
  'username',
  'domain_name',
  'domain',
]

/** `Name value - Name value`; the value may be quoted. */
function readParts(text: string): Map<string, string> {
  const pairs = new Map<string, string>()
  for (const part of text.split(/ - | {2}- | --> /)) {
    const trimmed = part.trim().replace(/^-\s*/, '')
    const name = names.find((one) => trimmed.startsWith(`${one} `) || trimmed.startsWith(`${one}:`))
    if (name === undefined) continue
    const value = trimmed
      .slice(name.length + 1)
      .trim()
      .replace(/^"(.*)"$/, '$1')
    if (!pairs.has(name)) pairs.set(name, value)
  }
  return pairs
}

function putParts(document: EventDocument, pairs: ReadonlyMap<string, string>): void {
  const source = ['Source', 'Client_ip', 'ClientIP', 'Source_IP', 'client_ip'].find((name) => pairs.has(name))
  putPair(document, 'source', pairs.get(source ?? ''))
  putPair(document, 'destination', pairs.get('Destination') ?? pairs.get('Vserver') ?? pairs.get('Destination_IP'))
  put(document, 'source.port', portOf(pairs.get('Source_port') ?? pairs.get('ClientPort')))
  put(document, 'destination.port', portOf(pairs.get('Destination_port')))
  const transport = pairs.get('Transport') ?? pairs.get('Protocol')?.split(' ')[0]
  if (/^(?:tcp|udp|icmp)$/i.test(transport ?? '')) put(document, 'network.transport', transport?.toLowerCase())
  put(document, 'event.action', pairs.get('Action')?.toLowerCase())
  const remote = pairs.get('Remote_ip')
  if (remote !== undefined && isIp(remote)) putAddress(document, 'source', remote)
  const nat = /^([\d.]{7,15}):?(\d{1,5})?/.exec(pairs.get('NatIP') ?? pairs.get('Nat_ip') ?? '')
  if (nat !== null && isIp(nat[1] ?? '')) {
    put(document, 'source.nat.ip', nat[1])
    put(document, 'source.nat.port', portOf(nat[2]))
  }
  const user = /^[^\s"]{1,128}/.exec(pairs.get('User') ?? '')?.[0]
  put(document, 'user.name', user)
  const [account, domain] = (pairs.get('username:domainname') ?? pairs.get('username') ?? '').split(':')
  putDefault(document, 'user.name', account)
  put(document, 'user.domain', domain ?? pairs.get('domain_name') ?? pairs.get('domain') ?? pairs.get('Domain'))
  // `Context anna@192.0.2.1`: the session's owner and where she is.
  const context = /^(\S{1,128})@([\d.]{7,15}|[\da-f:]{3,39})\b/i.exec(pairs.get('Context') ?? '')
  putDefault(document, 'user.name', context?.[1])
  if (context !== null && source === undefined && isIp(context[2] ?? '')) putAddress(document, 'source', context[2])
  put(document, 'process.command_line', pairs.get('Command'))
  put(document, 'source.bytes', countOf(/^\d{1,15}/.exec(pairs.get('Total_bytes_send') ?? '')?.[0]))
  put(document, 'destination.bytes', countOf(/^\d{1,15}/.exec(pairs.get('Total_bytes_recv') ?? '')?.[0]))
  put(document, 'group.name', pairs.get('Group(s)'))
  put(document, 'user_agent.original', pairs.get('Browser_type'))
  put(document, 'event.reason', pairs.get('Reason') ?? pairs.get('Failure_reason'))
}

/** `192.0.2.1:443`, and the same with more words behind it. */
function putPair(document: EventDocument, side: 'source' | 'destination', text: string | undefined): void {
  const found = /^([\d.]{7,15}|\[?[\da-f:]{3,39}\]?)(?::(\d{1,5}))?(?:\s|$)/i.exec(text ?? '')
  const ip = found?.[1]?.replace(/^\[|\]$/g, '')
  if (ip === undefined || !isIp(ip)) return
  putAddress(document, side, ip)
  putUnder(document, side, 'port', portOf(found?.[2]))
}

function putNativeMeaning(document: EventDocument, native: Native, pairs: ReadonlyMap<string, string>): void {
  const { feature, name } = native
  if (name === 'CMD_EXECUTED')
    putKind(
      document,
      undefined,
      ['process'],
      ['start'],
      /success/i.test(pairs.get('Status') ?? '') ? 'success' : 'failure',
    )
  else if (/LOGIN|AAALOGIN|EXTRACTED_GROUPS/.test(name) && !name.includes('FAILED'))
    putKind(document, undefined, ['authentication'], ['start'], 'success')
  else if (/LOGIN_FAILED|AAA_LOGIN_FAILED|LOGINFAIL/.test(name))
    putKind(document, undefined, ['authentication'], ['start'], 'failure')
  else if (name === 'LOGOUT') putKind(document, undefined, ['authentication'], ['end'], 'success')
  else if (/TERMINATE|DELINK/.test(name)) putKind(document, undefined, ['network'], ['end', 'connection'])
  else putKind(document, undefined, ['network'], ['info'])
  put(document, 'citrix_adc.log.category', feature)
}

const wafTable = fieldTable({
  src: 'source:address client.ip:ip',
  spt: 'source.port:port',
  method: 'http.request.method',
  msg: 'message',
  cn1: 'http.request.id',
  cn2: 'event.id',
  act: 'event.action',
  request: 'url:url',
  cs1: 'rule.ruleset',
  geolocation: 'source.geo.name',
})

/** The application firewall writes its year into cs5, because the header has none. */
function inYear(time: number | undefined, year: string | undefined): number | undefined {
  if (time === undefined || year === undefined || !/^20\d\d$/.test(year)) return time
  const moved = new Date(time)
  moved.setUTCFullYear(Number(year))
  return moved.getTime()
}

function parseWaf(record: LogRecord, document: EventDocument, at: number): boolean {
  const cef = readCef(record.text, at)
  if (cef === undefined || cef.vendor !== 'Citrix') return false
  document.dataset = record.hint?.startsWith('citrix_adc') === true ? 'citrix_adc.log' : 'citrix_waf.log'
  put(document, '@timestamp', isoTime(inYear(record.syslog.time, cef.extensions.get('cs5'))))
  putSyslogPriority(document, record)
  put(document, 'observer.vendor', cef.vendor)
  // As its own log has it, whichever format it writes.
  put(document, 'observer.product', document.dataset === 'citrix_adc.log' ? 'Netscaler' : cef.product)
  put(document, 'observer.version', cef.version)
  put(document, 'observer.type', 'firewall')
  put(document, 'citrix.cef.id', cef.id)
  put(document, 'citrix.cef.name', cef.name)
  put(document, 'event.severity', countOf(cef.severity))
  for (const [key, value] of cef.extensions) {
    putField(wafTable, document, key, value, record)
    putUnder(document, 'citrix.cef', key, value)
  }
  const denied =
    /blocked|dropped/.test(cef.extensions.get('act') ?? '') && !(cef.extensions.get('act') ?? '').startsWith('not')
  putKind(document, cef.extensions.get('act'), ['network', 'intrusion_detection'], [denied ? 'denied' : 'allowed'])
  const sender = /(?:^|> )((?:\d{1,3}\.){3}\d{1,3}) CEF:/.exec(record.text.slice(0, 120))?.[1]
  put(document, 'observer.ip', sender)
  return true
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const cef = record.text.indexOf('CEF:0|Citrix|')
  if (cef >= 0 && cef < 400) return parseWaf(record, document, cef)
  const native = readNative(record)
  return native === undefined ? false : parseNative(record, document, native)
}

export const citrix: Product = {
  name: 'citrix_adc',
  datasets: ['citrix_adc.log', 'citrix_waf.log'],
  detect: (record) => (record.text.includes('CEF:0|Citrix|') || readNative(record) !== undefined ? 0.95 : 0),
  parse,
}
