// Cisco Secure Email Gateway (IronPort, AsyncOS): `mail_logs: Info: MID 111 …` of many log subscriptions, and the consolidated event as CEF.
// "User Guide for AsyncOS for Cisco Secure Email Gateway", chapter Logging: log types, log file entries, consolidated event log fields.
import { fieldTable, putField } from '../formats/field-table.ts'
import type { LogRecord } from '../log-record.ts'
import { add, type EventDocument, leave, put, putUnder } from '../normalise/document.ts'
import { putAddress } from '../normalise/endpoint.ts'
import { putSyslogPriority, putSyslogTime } from '../normalise/syslog-fields.ts'
import { isoTime } from '../normalise/time.ts'
import { putUrl } from '../normalise/url.ts'
import type { Product } from '../product.ts'
import { readAnyCef } from './cef.ts'
import { putKind } from './kv-product.ts'

/** The log subscriptions' default names, and what their lines are about. */
const subscriptions: Readonly<Record<string, string | undefined>> = {
  amp: 'malware',
  antispam: 'email',
  antivirus: 'malware',
  asarchive: 'email',
  authentication: 'authentication',
  avarchive: 'email',
  bounces: 'email',
  cli_logs: 'process',
  config_history: 'configuration',
  consolidated_event: 'email',
  content_scanner: 'email',
  csa_logs: 'configuration',
  dmarc: 'email',
  encryption: 'email',
  error_logs: 'email',
  euq_logs: 'email',
  euqgui_logs: 'web',
  ftpd_logs: 'network',
  graymail: 'email',
  gui_logs: 'web',
  ipr_client: 'network',
  mail_logs: 'email',
  ntp_logs: 'network',
  reportd_logs: 'process',
  reputation: 'network',
  scanning: 'email',
  sntpd_logs: 'network',
  status: 'host',
  system: 'configuration',
  system_logs: 'configuration',
  trackerd_logs: 'process',
  updater_logs: 'package',
  url_reputation: 'web',
}

const cefTable = fieldTable({
  ESAHeloIP: 'source.ip:ip source.address',
  sourceAddress: 'source.ip:ip source.address',
  sourceHostName: 'source.domain',
  ESAHeloDomain: 'source.domain:default',
  destinationAddress: 'destination.ip:ip',
  destinationHostName: 'destination.domain',
  dvc: 'observer.ip:ip',
  deviceExternalId: 'observer.serial_number',
  suser: 'email.from.address:append',
  duser: 'email.to.address:list',
  ESAReplyTo: 'email.reply_to.address:append',
  msg: 'email.subject',
  ESAMID: 'email.local_id',
  deviceDirection: 'email.direction',
  act: 'event.action',
  startTime: 'event.start:iso',
  endTime: 'event.end:iso',
  externalMsgID: 'email.message_id',
  ESATLSInProtocol: 'tls.version',
  ESATLSInCipher: 'tls.cipher',
})

function subscriptionOf(record: LogRecord): string | undefined {
  const { app } = record.syslog
  return app !== undefined && subscriptions[app] !== undefined ? app : undefined
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const name = subscriptionOf(record)
  document.dataset = 'cisco_secure_email_gateway.log'
  const cef = readAnyCef(record)
  if (cef === undefined && name === undefined) return false
  put(document, '@timestamp', isoTime(record.syslog.time))
  putSyslogTime(document, record)
  putSyslogPriority(document, record)
  put(document, 'cisco_secure_email_gateway.log.category.name', name ?? 'consolidated_event')
  put(document, 'host.name', record.syslog.host)
  if (cef === undefined) {
    putLine(document, record, name ?? '')
    return true
  }
  put(document, 'observer.vendor', cef.cef.vendor)
  put(document, 'observer.product', cef.cef.product)
  put(document, 'observer.version', cef.cef.version)
  put(document, 'event.severity', Number(cef.cef.severity) || undefined)
  for (const [key, value] of cef.cef.extensions) {
    if (value === '' || value === 'NA' || value === 'N/A') continue
    putField(cefTable, document, key, value.replaceAll(/^'|'$/g, ''), record)
    putUnder(document, 'cisco_secure_email_gateway.log', key, value)
  }
  putKind(document, undefined, ['email'], ['info'])
  return true
}

const levels = /^(Critical|Alert|Warning|Info|Information|Debug|Trace|Error): /

/** `Info: MID 111 ICID 7 From: <a@example.org>` */
function putLine(document: EventDocument, record: LogRecord, name: string): void {
  const level = levels.exec(record.message)
  const text = level === null ? record.message : record.message.slice(level[0].length)
  put(document, 'log.level', level?.[1]?.toLowerCase())
  put(document, 'cisco_secure_email_gateway.log.message', text)
  const mid = /\bMID (\d{1,20})\b/.exec(text)?.[1]
  put(document, 'email.message_id', mid)
  const from = /\bFrom: <([^>]{1,320})>/.exec(text)?.[1]
  const to = /\bTo: <([^>]{1,320})>/.exec(text)?.[1]
  if (from !== undefined) add(document, 'email.from.address', from)
  if (to !== undefined) add(document, 'email.to.address', to)
  put(document, 'email.subject', /\bSubject '([^']{1,1024})'/i.exec(text)?.[1])
  putAddress(document, 'source', /\baddress ([\d.]{7,15}|[\da-f:]{3,39}) reverse/i.exec(text)?.[1])
  put(document, 'observer.vendor', /^(sophos|mcafee) +antivirus - /i.exec(text)?.[1])
  const category = subscriptions[name] ?? 'email'
  if (name === 'gui_logs' || name === 'euqgui_logs') putGui(document, text)
  else if (name === 'authentication') putAuthentication(document, text)
  else putKind(document, undefined, [category], [isError(name, text) ? 'error' : 'info'])
  put(document, 'user.name', /\bUser (\S{1,128}) commit changes/.exec(text)?.[1])
  leave(document, record.messageAt, record.text.length)
}

function isError(name: string, text: string): boolean {
  return name === 'error_logs' || / Error - |\bFailed to\b|^Error/.test(text)
}

/** Requests of the administration's pages, and its sessions. */
function putGui(document: EventDocument, text: string): void {
  const request =
    /^req:(\S{1,64}) user:(\S{1,128}) id:(\S{1,64}) (\d{3}) ([A-Z]{3,10}) (\S{1,2048}) HTTP\/([\d.]{1,4}) ?/.exec(text)
  if (request !== null) {
    const [whole, ip, user, , status, method, path, version] = request
    putAddress(document, 'source', ip)
    put(document, 'user.name', user === '-' ? undefined : user)
    put(document, 'http.response.status_code', Number(status))
    put(document, 'http.request.method', method)
    put(document, 'http.version', version)
    putUrl(document, path)
    put(document, 'user_agent.original', text.slice(whole.length))
    putKind(document, undefined, ['web'], ['access'])
    return
  }
  const user = /\bUser (\S{1,128}) (?:logged|timed)/.exec(text)?.[1] ?? /\bUsername:(\S{1,128})/.exec(text)?.[1]
  put(document, 'user.name', user)
  put(document, 'cisco_secure_email_gateway.log.session', /\bsession:? ?(\w{6,64})/i.exec(text)?.[1])
  const isOut = /logged out|timeout|not found/i.test(text)
  if (/SourceIP:/.test(text)) putAddress(document, 'source', /SourceIP:([\d.a-f:]{3,39}) /.exec(text)?.[1])
  putKind(document, undefined, ['session'], [isOut ? 'end' : /logged in|established/i.test(text) ? 'start' : 'info'])
}

/** `User anna from 192.0.2.7 was authenticated successfully by …` */
function putAuthentication(document: EventDocument, text: string): void {
  const failed = /fail|invalid|reject|denied/i.test(text)
  put(document, 'user.name', /\bUser:? ?'?([^\s']{1,128})/i.exec(text)?.[1])
  putAddress(document, 'source', /\bfrom ([\d.]{7,15}|[\da-f:]{3,39})\b/i.exec(text)?.[1])
  putKind(document, undefined, ['authentication'], [failed ? 'info' : 'start'], failed ? 'failure' : 'success')
}

export const ciscoEsa: Product = {
  name: 'cisco_secure_email_gateway',
  datasets: ['cisco_secure_email_gateway.log'],
  detect(record) {
    const { message } = record
    if (
      message.startsWith('CEF:') &&
      /^CEF:\d\|Cisco\|[^|]{1,64}(?:Email Security|Email Gateway)/.test(message.slice(0, 120))
    )
      return 0.97
    return subscriptionOf(record) !== undefined && levels.test(message) ? 0.8 : 0
  },
  parse,
}
