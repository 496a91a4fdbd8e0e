// FortiMail, FortiManager, FortiAnalyzer and FortiProxy: key=value like FortiGate's, with keys and meanings of their own.
// "FortiMail Log Message Reference", "FortiManager/FortiAnalyzer Event Log Reference", "FortiProxy Log Reference" (docs.fortinet.com).
import { fieldTable, putField } from '../formats/field-table.ts'
import { readKeyValues } from '../formats/key-value.ts'
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, put, putDefault, putUnder, read } from '../normalise/document.ts'
import { countOf, isIp, putAddress } from '../normalise/endpoint.ts'
import { putCommunityId, putDirectionByAddress } from '../normalise/network.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import type { Product } from '../product.ts'
import { fortinetTable, putFortinetTime } from './fortigate.ts'
import { deviceOf } from './fortinet-device.ts'
import { isNothing, type Pairs, putKind, putObserver, putTotals } from './kv-product.ts'

/** FortiMail separates pairs by commas; the others by blanks. */
function readPairs(record: LogRecord): Pairs {
  const { text, bodyAt } = record
  const at = Math.max(bodyAt, text.indexOf('date=', bodyAt))
  const comma = /^date=[\d-]{10},/.test(text.slice(at, at + 16))
  return readKeyValues(text, at, comma ? { pair: ',' } : {})
}

const mailTable = fieldTable({
  device_id: 'observer.serial_number',
  log_id: 'event.code',
  pri: 'log.level',
  msg: 'message',
  src: 'source:address',
  client_ip: 'source:address',
  dst_ip: 'destination:address',
  from: 'email.from.address',
  to: 'email.to.address',
  subject: 'email.subject',
  user: 'user.name',
  client_name: 'source.domain',
  resolved: 'source.domain:default',
  message_length: 'email.size:count',
  virus: 'threat.indicator.name',
  disposition: 'event.action',
  direction: 'email.direction',
  message_id: 'email.message_id',
  mailer: 'email.x_mailer',
  session_id: 'fortimail.session',
})

function parseMail(record: LogRecord, document: EventDocument): boolean {
  const pairs = readPairs(record)
  if (!pairs.has('type')) return false
  document.dataset = 'fortinet_fortimail.log'
  putObserver(document, { vendor: 'Fortinet', product: 'FortiMail', type: 'firewall' })
  putSyslogPriority(document, record)
  putFortinetTime(record, document, pairs)
  for (const [key, value] of pairs) {
    if (!isNothing(value)) putField(mailTable, document, key, value, record)
    if (!isNothing(value)) putUnder(document, 'fortimail', key, value)
  }
  putUi(document, pairs.get('ui'))
  const status = pairs.get('status')
  const outcome =
    status === 'success'
      ? 'success'
      : status === undefined && pairs.get('type') !== 'kevent'
        ? undefined
        : /fail|den/i.test(status ?? '')
          ? 'failure'
          : 'unknown'
  putKind(document, pairs.get('action') ?? pairs.get('disposition'), [], [], outcome)
  const { type, subtype } = { type: pairs.get('type'), subtype: pairs.get('subtype') }
  const text = pairs.get('msg') ?? ''
  if (type === 'event' && /logged in|login/i.test(text))
    putKind(
      document,
      pairs.get('action'),
      ['email', 'authentication'],
      ['info', 'end'],
      /fail/i.test(`${status} ${text}`) ? 'failure' : 'success',
    )
  else if (type === 'event') putKind(document, pairs.get('action'), ['email'], ['info'])
  else if (subtype === 'config')
    putKind(
      document,
      pairs.get('action'),
      ['configuration'],
      [/^Deleted/.test(text) ? 'deletion' : /^Added/.test(text) ? 'creation' : 'change'],
      outcome,
    )
  else if (pairs.get('action') === 'login') putKind(document, 'login', ['authentication'], ['start', 'info'], outcome)
  else if (subtype === 'system') putKind(document, undefined, ['host'], ['info'], outcome)
  else if (subtype === 'update') putKind(document, undefined, ['configuration'], ['change'], outcome)
  const from = /from (?:http|ssh|https)?\(?([\d.]{7,15})\)? logged|from ([\d.]{7,15})/.exec(text)
  const ip = from?.[1] ?? from?.[2]
  if (ip !== undefined && isIp(ip) && read(document, 'source.ip') === undefined) putAddress(document, 'source', ip)
  return true
}

/** `http(192.0.2.1)`, `ssh(192.0.2.1)`, `GUI(192.0.2.1)`, `JSON(…)`. */
function putUi(document: EventDocument, ui: string | undefined): void {
  const found = /^(\w{1,16})\(([\d.:a-f]{2,45})\)/i.exec(ui ?? '')
  if (found === null) return
  put(document, 'network.protocol', found[1]?.toLowerCase())
  if (isIp(found[2] ?? '')) putAddress(document, 'source', found[2])
}

const managerTable = fieldTable({
  devname: 'host.hostname host.name',
  device_id: 'device.id',
  tz: 'event.timezone',
  user: 'user.name',
  msg: 'message',
  adom: 'user.domain',
  action: 'event.action',
  device: 'observer.name',
  pid: 'process.pid:count',
  level: 'log.level',
  pri: 'log.level',
  log_id: 'event.code',
  logid: 'event.code',
  remote_ip: 'source:address',
  srcip: 'source:address',
  changes: 'message:default',
  desc: 'rule.description',
})

function parseManager(record: LogRecord, document: EventDocument): boolean {
  const pairs = readPairs(record)
  if (!pairs.has('type')) return false
  document.dataset = 'fortinet_fortimanager.log'
  const isAnalyzer = pairs.get('device_id')?.startsWith('FAZ') === true
  putObserver(document, { vendor: 'Fortinet', product: isAnalyzer ? 'FortiAnalyzer' : 'FortiManager' })
  putSyslogPriority(document, record)
  putFortinetTime(record, document, pairs)
  for (const [key, value] of pairs) {
    if (isNothing(value)) continue
    putField(managerTable, document, key, value, record)
    putUnder(document, 'fortimanager', key, value)
  }
  const from = /\(([\d.:a-f]{2,45})\)/i.exec(pairs.get('userfrom') ?? '')?.[1]
  if (from !== undefined && isIp(from)) putAddress(document, 'source', from)
  const text = `${pairs.get('desc') ?? ''} ${pairs.get('msg') ?? ''}`
  const failed = /fail|denied/i.test(text)
  if (/log(?:in|out|ged)/i.test(text) && pairs.get('subtype') === 'system')
    putKind(
      document,
      pairs.get('action') ?? 'login',
      ['authentication'],
      [/logout|logged out/i.test(text) ? 'end' : 'start'],
      failed ? 'failure' : 'success',
    )
  else putKind(document, pairs.get('action'), [], ['info'])
  return true
}

const proxyExtra = fieldTable({
  clientip: 'source:address client.ip:ip',
  wanin: 'destination.bytes:count server.bytes:count',
  lanin: 'source.bytes:count client.bytes:count',
  scheme: 'url.scheme',
  httpmethod: 'http.request.method',
  statuscode: 'http.response.status_code:count',
  url: 'url:url',
  hostname: 'url.domain',
  agent: 'user_agent.original',
  reqlength: 'http.request.bytes:count',
  resplength: 'http.response.bytes:count',
})

function parseProxy(record: LogRecord, document: EventDocument): boolean {
  const pairs = readPairs(record)
  const type = pairs.get('type')
  if (type === undefined) return false
  document.dataset = 'fortinet_fortiproxy.log'
  putObserver(document, { vendor: 'Fortinet', product: 'FortiProxy', type: 'proxy' })
  putSyslogPriority(document, record)
  putFortinetTime(record, document, pairs)
  for (const [key, value] of pairs) {
    if (isNothing(value)) continue
    if (!putField(proxyExtra, document, key, value, record)) putField(fortinetTable, document, key, value, record)
    putUnder(document, 'fortinet.proxy', key, value)
  }
  put(document, 'rule.category', pairs.get('appcat')?.replaceAll('.', '-'))
  put(document, 'rule.ruleset', pairs.get('policytype'))
  const seconds = countOf(pairs.get('duration'))
  if (seconds !== undefined && seconds < 9_000_000) put(document, 'event.duration', seconds * 1_000_000_000)
  mirror(document)
  putTotals(document)
  putDirectionByAddress(document)
  putCommunityId(document)
  if (type === 'traffic') {
    const action = pairs.get('action')
    putKind(
      document,
      action,
      ['network'],
      ['connection', action === 'deny' ? 'denied' : 'allowed', ...(action === 'start' ? ['start'] : ['end'])],
      'success',
    )
  } else if (type === 'event') {
    const action = pairs.get('action')
    putDefault(document, 'event.action', action)
    const changed = { Add: 'creation', Edit: 'change', Move: 'change', Delete: 'deletion' }[action ?? '']
    const category = changed !== undefined ? 'configuration' : action === 'login' ? 'authentication' : 'network'
    put(document, 'event.category', [category])
    put(document, 'event.type', [changed ?? 'info'])
  } else putKind(document, pairs.get('action'), ['network', 'web'], ['access'])
  return true
}

/** A proxy knows its client and the server: both ends again under ECS's names for them. */
function mirror(document: EventDocument): void {
  for (const [from, to] of [
    ['source', 'client'],
    ['destination', 'server'],
  ]) {
    for (const field of ['ip', 'port', 'address', 'bytes', 'packets', 'nat.ip', 'nat.port'])
      putDefault(document, `${to}.${field}`, read(document, `${from}.${field}`))
  }
}

export const fortimail: Product = {
  name: 'fortinet_fortimail',
  datasets: ['fortinet_fortimail.log'],
  detect: (record) => (/^FEV|^FE\d|^FE[A-Z]/.test(deviceOf(record)) && record.text.includes('log_id=') ? 0.96 : 0),
  parse: parseMail,
}
export const fortimanager: Product = {
  name: 'fortinet_fortimanager',
  datasets: ['fortinet_fortimanager.log'],
  detect: (record) => (/^FMG|^FAZ|^FML/.test(deviceOf(record)) ? 0.96 : 0),
  parse: parseManager,
}
export const fortiproxy: Product = {
  name: 'fortinet_fortiproxy',
  datasets: ['fortinet_fortiproxy.log'],
  detect: (record) => (/^FPX|^FPR/.test(deviceOf(record)) ? 0.97 : 0),
  parse: parseProxy,
}
