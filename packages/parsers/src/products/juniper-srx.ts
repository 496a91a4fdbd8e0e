// Juniper SRX (Junos): structured syslog, `RT_FLOW - RT_FLOW_SESSION_CREATE [junos@2636… source-address="…" …]`, and plain text.
// "System Log Explorer" (apps.juniper.net/syslog-explorer).
import { fieldTable } from '../formats/field-table.ts'
import { readKeyValues } from '../formats/key-value.ts'
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, leave, put, read } from '../normalise/document.ts'
import { countOf, isIp, putAddress } from '../normalise/endpoint.ts'
import { putCommunityId } from '../normalise/network.ts'
import { putSyslogPriority, putSyslogProcess } from '../normalise/syslog-fields.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { type Pairs, putKind, putObserver, putPairs, putTotals } from './kv-product.ts'

const table = fieldTable({
  'source-address': 'source:address client.ip:ip',
  'destination-address': 'destination:address server.ip:ip',
  'source-port': 'source.port:port client.port:port',
  'destination-port': 'destination.port:port server.port:port',
  'policy-name': 'rule.name',
  'protocol-id': 'network:transport',
  'source-zone-name': 'observer.ingress.zone',
  'destination-zone-name': 'observer.egress.zone',
  'source-zone': 'observer.ingress.zone',
  'destination-zone': 'observer.egress.zone',
  'nat-source-address': 'source.nat.ip:ip',
  'nat-source-port': 'source.nat.port:port client.nat.port:port',
  'nat-destination-address': 'destination.nat.ip:ip',
  'nat-destination-port': 'destination.nat.port:port server.nat.port:port',
  'packet-incoming-interface': 'observer.ingress.interface.name',
  'destination-interface-name': 'observer.egress.interface.name',
  'source-interface-name': 'observer.ingress.interface.name',
  'interface-name': 'observer.ingress.interface.name',
  'packets-from-client': 'source.packets:count client.packets:count',
  'bytes-from-client': 'source.bytes:count client.bytes:count',
  'packets-from-server': 'destination.packets:count server.packets:count',
  'bytes-from-server': 'destination.bytes:count server.bytes:count',
  'application-risk': 'event.risk_score:number',
  username: 'source.user.name user.name',
  user: 'source.user.name user.name',
  hostname: 'source.domain',
  'http-host': 'url.domain',
  'client-ip': 'source:address',
  'local-address': 'source:address client.ip:ip',
  'remote-address': 'destination:address server.ip:ip',
  message: 'message',
  'sample-sha256': 'file.hash.sha256',
  'file-name': 'file.name',
  'attack-name': 'threat.indicator.name',
  'attack-id': 'rule.id',
  url: 'url:hosturl',
  obj: 'url.path',
  'file-hash-lookup': 'file.hash.sha256',
  name: 'threat.software.name',
})

function readPairs(record: LogRecord): { id: string | undefined; pairs: Pairs } {
  const marked = record.text.indexOf('[junos@')
  // Some releases leave the element's name out: `[reason="…" source-address="…"`.
  const unnamed = marked < 0 && record.text.includes('source-address="') ? record.text.indexOf('[', record.bodyAt) : -1
  const open = marked >= 0 ? marked : unnamed
  if (open >= 0) {
    const from = record.text.indexOf(' ', open)
    const end = record.text.lastIndexOf(']')
    return {
      id: record.syslog.messageId,
      pairs: readKeyValues(
        record.text.slice(0, end > open ? end : undefined).replaceAll('”', '"'),
        marked < 0 ? open + 1 : from < 0 ? open : from,
      ),
    }
  }
  return { id: record.syslog.messageId, pairs: new Map() }
}

const flow: Readonly<Record<string, readonly [action: string, step: string]>> = {
  CREATE: ['flow_started', 'start'],
  VOL_UPDATE: ['flow_started', 'start'],
  ROUTE_UPDATE: ['flow_started', 'start'],
  CLOSE: ['flow_close', 'end'],
  DENY: ['flow_deny', 'denied'],
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const { id, pairs } = readPairs(record)
  const tag = id ?? taggedOf(record.message)
  if (tag === undefined && pairs.size === 0 && record.hint === undefined) return false
  document.dataset = 'juniper_srx.log'
  putObserver(document, { vendor: 'Juniper', product: 'SRX', type: 'firewall' })
  put(document, '@timestamp', isoTime(record.syslog.time))
  put(document, 'event.timezone', record.zone)
  put(document, 'observer.name', record.syslog.host)
  put(document, 'host.name', record.syslog.host)
  putPairs(record, document, pairs, table, 'juniper.srx', new Set(['elapsed-time', 'epoch-time']))
  putSyslogPriority(document, record)
  putSyslogProcess(document, record)
  put(document, 'log.level', levels[(record.syslog.priority ?? 8) & 7])
  put(document, 'event.severity', record.syslog.priority)
  put(document, 'juniper.srx.tag', tag)
  put(document, 'event.category', ['network'])
  putMeaning(document, tag ?? '', record.syslog.app ?? '', pairs)
  putSpan(record, document, pairs)
  putTotals(document)
  if (pairs.size === 0) putText(document, record)
  putCommunityId(document)
  return true
}

const levels = ['emergency', 'alert', 'critical', 'error', 'warning', 'notification', 'informational', 'debug'] as const

function putMeaning(document: EventDocument, id: string, app: string, pairs: Pairs): void {
  const session = /_SESSION_(CREATE|CLOSE|DENY|VOL_UPDATE|ROUTE_UPDATE)/.exec(id)?.[1]
  const step = session === undefined ? undefined : flow[session]
  if (step !== undefined) {
    putKind(
      document,
      step[0],
      ['network'],
      step[1] === 'denied' ? ['denied', 'connection'] : [step[1], 'allowed', 'connection'],
      'success',
    )
    return
  }
  if (putManagement(document, id)) return
  const blocked = /block|drop|deny|close/i.test(`${pairs.get('action') ?? ''}`)
  if (
    app === 'RT_IDP' ||
    app === 'RT_IDS' ||
    app === 'RT_SCREEN' ||
    id.startsWith('RT_SCREEN') ||
    id.startsWith('IDP_')
  ) {
    put(document, 'event.kind', 'alert')
    putKind(
      document,
      blocked ? 'security_threat' : 'security_threat',
      ['network', 'intrusion_detection'],
      ['info', blocked ? 'denied' : 'allowed', 'connection'],
      'success',
    )
  } else if (app === 'RT_AAMW' || app === 'RT_SECINTEL') {
    const isMalware = app === 'RT_SECINTEL' || blocked || id.includes('MALWARE')
    if (isMalware || id.includes('INFECTED')) put(document, 'event.kind', 'alert')
    putKind(
      document,
      isMalware ? 'malware_detected' : undefined,
      isMalware || id.includes('INFECTED') ? ['network', 'malware'] : ['network'],
      isMalware ? ['info', 'denied', 'connection'] : ['allowed', 'connection'],
      'success',
    )
  } else if (app === 'RT_UTM') {
    const denied = /BLOCKED|DETECTED/.test(id)
    putKind(
      document,
      id.startsWith('WEBFILTER') ? 'web_filter' : 'virus_detected',
      ['network', ...(id.startsWith('AV_') ? ['malware'] : [])],
      [denied ? 'denied' : 'allowed', 'connection'],
      'success',
    )
  }
}

/** The tags of Junos itself: who logs in to the device, and what they change. */
const managementTag = /^(?:SSHD|LOGIN|UI|FWAUTH|WEB_AUTH|WEBAUTH|JADE|AUTHD)_[A-Z_]{2,48}$/

function putManagement(document: EventDocument, id: string): boolean {
  if (!managementTag.test(id)) return false
  const failed = /FAIL|_ERROR|DENIED|REFUSED|INCORRECT|REJECT|THRESHOLD|LOCKED/.test(id)
  if (/LOGOUT/.test(id)) putKind(document, 'logged-out', ['authentication'], ['end'], 'success')
  else if (/^UI_(?:COMMIT|CFG_AUDIT|LOAD|FACTORY|RESCUE)/.test(id))
    putKind(document, 'configuration', ['configuration'], ['change'], failed ? 'failure' : 'success')
  else if (/^UI_CMDLINE_READ_LINE/.test(id)) putKind(document, 'command', ['process'], ['start'])
  else if (/LOGIN|AUTH_/.test(id) && !id.startsWith('UI_DBASE'))
    putKind(
      document,
      failed ? 'logon-failed' : 'logged-in',
      ['authentication'],
      ['start'],
      failed ? 'failure' : 'success',
    )
  else return false
  return true
}

function putSpan(record: LogRecord, document: EventDocument, pairs: Pairs): void {
  const seconds = countOf(pairs.get('elapsed-time'))
  const start = timeOf(String(read(document, '@timestamp') ?? ''), record.arrival)
  if (seconds === undefined || start === undefined || seconds > 9_000_000) return
  put(document, 'event.duration', seconds * 1_000_000_000)
  put(document, 'event.start', isoTime(start))
  put(document, 'event.end', isoTime(start + seconds * 1000))
}

/** Unstructured, the tag leads the words: `UI_LOGIN_EVENT: User 'anna' login, class 'super-user' …`. */
function taggedOf(message: string): string | undefined {
  const colon = message.indexOf(': ')
  if (colon < 8 || colon > 60) return undefined
  const tag = message.slice(0, colon)
  return managementTag.test(tag) ? tag : undefined
}

/** Unstructured: logins of Junos itself, and the packet filter's lines. */
function putText(document: EventDocument, record: LogRecord): void {
  const { message } = record
  put(document, 'message', withoutTag(record))
  const login = /user '?([\w.@\\-]{1,128})'? (?:from host|from) '?([\d.:a-f]{2,45})'?/i.exec(message)
  if (login !== null && isIp(login[2] ?? '')) {
    put(document, 'user.name', login[1])
    putAddress(document, 'source', login[2])
  } else if (taggedOf(message) !== undefined) {
    put(document, 'user.name', /\b[Uu]ser '([^']{1,128})'/.exec(message)?.[1])
    const from = /ssh-connection '([\d.:a-f]{2,45}) (\d{1,5}) /.exec(message)
    if (from !== null && isIp(from[1] ?? '')) {
      putAddress(document, 'source', from[1])
      put(document, 'source.port', countOf(from[2]))
    }
  }
  const filter =
    /^(?:\S{1,64} )?(?:FW|PFE_FW_SYSLOG_IP6?_?\w*): (?:FW: )?(\S{1,32})\s+([AD])\s+(\w{1,16}) (\S{2,45}) (\S{2,45})\s+(\d{1,5})\s+(\d{1,5})/.exec(
      message,
    )
  if (filter === null) {
    leave(document, record.messageAt, record.text.length)
    return
  }
  put(document, 'observer.ingress.interface.name', filter[1])
  put(document, 'event.type', [filter[2] === 'A' ? 'allowed' : 'denied'])
  put(document, 'network.transport', filter[3])
  putAddress(document, 'source', filter[4])
  putAddress(document, 'destination', filter[5])
  put(document, 'source.port', countOf(filter[6]))
  put(document, 'destination.port', countOf(filter[7]))
}

/** With a header of nothing but nils, Junos writes the older one's host and tag before the words: `gw1 ha_stats (pid=0x4c): …`. */
function withoutTag({ message, syslog }: LogRecord): string {
  const text = message.trimEnd()
  if (syslog.format !== 'rfc5424' || syslog.app !== undefined) return text
  const host = `${syslog.host ?? ''} `
  const rest = text.startsWith(host) ? text.slice(host.length) : text
  const tag = /^(?:node\d\S{0,60} )?[\w.-]{2,64}(?: \(pid=\w{1,20}\))?: /.exec(rest)
  return tag === null ? rest : rest.slice(tag[0].length)
}

function detect(record: LogRecord): number {
  if (record.text.includes('[junos@')) return 0.97
  const app = record.syslog.app
  if (taggedOf(record.message) !== undefined) return 0.92
  return app === 'RT_FLOW' || app === 'RT_IDP' || app === 'RT_UTM' || app === 'RT_SCREEN' || app === 'RT_AAMW'
    ? 0.95
    : 0
}

export const juniperSrx: Product = { name: 'juniper_srx', datasets: ['juniper_srx.log'], detect, parse }
