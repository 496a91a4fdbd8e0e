// MikroTik RouterOS: `topic,topic text`, such as `firewall,info forward: in:ether1 out:bridge, … proto TCP (SYN), 192.0.2.1:50122->192.0.2.2:443, len 52`.
// "Log" (help.mikrotik.com/docs/spaces/ROS/pages/328094).
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, leave, put } from '../normalise/document.ts'
import { countOf, isIp, macOf, portOf, putAddress } from '../normalise/endpoint.ts'
import { putCommunityId, putNetworkType, putTransport } from '../normalise/network.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { isoTime } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { putKind, putObserver } from './kv-product.ts'

const topics = new Set([
  'firewall',
  'system',
  'dhcp',
  'l2tp',
  'pptp',
  'sstp',
  'ovpn',
  'ppp',
  'ipsec',
  'wireless',
  'interface',
  'account',
  'script',
  'route',
  'dns',
  'hotspot',
  'wireguard',
  'manager',
  'radius',
])
const levels = new Set(['info', 'warning', 'error', 'critical', 'debug'])

/** `firewall,info `: two to four words of small letters with commas between them. */
function readTopics(text: string, from: number): { list: string[]; textAt: number } | undefined {
  const blank = text.indexOf(' ', from)
  if (blank < 0 || blank - from > 48) return undefined
  const list = text.slice(from, blank).split(',')
  return list.length > 1 && topics.has(list[0] ?? '') && list.some((topic) => levels.has(topic))
    ? { list, textAt: blank + 1 }
    : undefined
}

function findTopics(record: LogRecord): { list: string[]; textAt: number } | undefined {
  return readTopics(record.text, record.bodyAt) ?? readTopics(record.text, record.messageAt)
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const found = findTopics(record)
  if (found === undefined) return false
  document.dataset = 'mikrotik.log'
  const text = record.text.slice(found.textAt).trimEnd()
  put(document, '@timestamp', isoTime(record.syslog.time))
  putSyslogPriority(document, record)
  putObserver(document, { vendor: 'MikroTik', product: 'RouterOS', type: 'firewall' })
  put(document, 'observer.name', record.syslog.host)
  put(document, 'host.name', record.syslog.host)
  put(document, 'mikrotik.topics', found.list)
  put(
    document,
    'log.level',
    found.list.find((topic) => levels.has(topic)),
  )
  put(document, 'message', text)
  const isKnown =
    putFirewall(document, text) ||
    putLogin(document, text) ||
    putTunnel(document, found.list, text) ||
    putLease(document, text) ||
    putChange(document, text)
  if (!isKnown) {
    putKind(document, undefined, [found.list[0] === 'dhcp' ? 'network' : 'host'], ['info'])
    leave(document, found.textAt, record.text.length)
  }
  putNetworkType(document)
  putCommunityId(document)
  return true
}

/** The prefix is the rule's own word; a verdict is only known where it names one. */
function putFirewall(document: EventDocument, text: string): boolean {
  const flow = /proto ([\w-]{2,16})(?: \([^)]{0,64}\))?, (\S{2,90})->(\S{2,90}), /.exec(text)
  if (flow === null) return false
  putTransport(document, flow[1])
  putEnd(document, 'source', flow[2] ?? '')
  putEnd(document, 'destination', flow[3] ?? '')
  put(document, 'observer.ingress.interface.name', /\bin:(?!\(unknown)(\S{1,64})/.exec(text)?.[1])
  put(document, 'observer.egress.interface.name', /\bout:(?!\(unknown)([^\s,]{1,64})/.exec(text)?.[1])
  put(document, 'source.mac', macOf(/src-mac ([\da-fA-F:]{17})/.exec(text)?.[1]))
  put(document, 'network.bytes', countOf(/, len (\d{1,9})/.exec(text)?.[1]))
  const prefix = /^(.{1,64}?) (?:in:|\w{3,16}: in:)/.exec(text)?.[1] ?? ''
  put(document, 'rule.name', prefix.replace(/:$/, ''))
  const denied = /drop|den(?:y|ied)|reject|block/i.test(prefix)
  const allowed = /accept|allow|permit/i.test(prefix)
  putKind(
    document,
    denied ? 'drop' : allowed ? 'accept' : undefined,
    ['network'],
    ['connection', ...(denied ? ['denied'] : allowed ? ['allowed'] : ['info'])],
    denied ? 'failure' : allowed ? 'success' : undefined,
  )
  return true
}

function putEnd(document: EventDocument, side: 'source' | 'destination', text: string): void {
  const colon = text.lastIndexOf(':')
  const ip = isIp(text) ? text : text.slice(0, Math.max(colon, 0)).replace(/^\[|\]$/g, '')
  if (!isIp(ip)) return
  putAddress(document, side, ip)
  if (ip !== text) put(document, `${side}.port`, portOf(text.slice(colon + 1)))
}

/** `login failure for user admin from 192.0.2.1 via ssh`, `user admin logged in from 192.0.2.1 via winbox`. */
function putLogin(document: EventDocument, text: string): boolean {
  const failed = /^login failure for user (\S{0,128}) from ([\d.:a-f]{2,45}) via (\w{1,16})/i.exec(text)
  const done = /^user (\S{1,128}) logged (in|out) from ([\d.:a-f]{2,45}) via (\w{1,16})/i.exec(text)
  if (failed === null && done === null) return false
  put(document, 'user.name', failed?.[1] ?? done?.[1])
  const ip = failed?.[2] ?? done?.[3] ?? ''
  if (isIp(ip)) putAddress(document, 'source', ip)
  put(document, 'network.protocol', (failed?.[3] ?? done?.[4])?.toLowerCase())
  if (failed !== null) putKind(document, 'logon-failed', ['authentication'], ['start'], 'failure')
  else
    putKind(
      document,
      done?.[2] === 'in' ? 'logged-in' : 'logged-out',
      ['authentication'],
      [done?.[2] === 'in' ? 'start' : 'end'],
      'success',
    )
  return true
}

/** `<l2tp-anna>: connected`, `anna logged in, 10.8.0.2 from 192.0.2.1`. */
function putTunnel(document: EventDocument, list: readonly string[], text: string): boolean {
  const login = /^(\S{1,128}) logged (in|out),? ?([\d.]{7,15})?(?:[^,]{0,16}from ([\d.:a-f]{2,45}))?/.exec(text)
  if (login === null || !list.includes('ppp')) return false
  put(document, 'user.name', login[1])
  if (login[4] !== undefined && isIp(login[4])) putAddress(document, 'source', login[4])
  if (login[3] !== undefined && isIp(login[3])) put(document, 'source.nat.ip', login[3])
  const starts = login[2] === 'in'
  putKind(
    document,
    starts ? 'vpn-connected' : 'vpn-disconnected',
    ['network', 'session'],
    ['connection', starts ? 'start' : 'end'],
    'success',
  )
  return true
}

/** `dhcp1 assigned 192.0.2.77 for 02:00:5E:10:00:01 pc7`, before 7.1 `to`; `deassigned 192.0.2.77 from …`. */
function putLease(document: EventDocument, text: string): boolean {
  const lease = /^\S{1,64} (de)?assigned ([\d.:a-f]{2,45}) (?:for|to|from) ([\dA-Fa-f:]{17})(?=\s|$)/.exec(text)
  if (lease === null || !isIp(lease[2] ?? '')) return false
  putAddress(document, 'source', lease[2])
  put(document, 'source.mac', macOf(lease[3]))
  put(document, 'network.protocol', 'dhcp')
  const ends = lease[1] !== undefined
  putKind(document, ends ? 'dhcp-released' : 'dhcp-leased', ['network'], ['connection', 'protocol'], 'success')
  return true
}

const changes: Readonly<Record<string, string | undefined>> = { added: 'creation', removed: 'deletion' }

/** `filter rule added by admin`, `user bob removed by winbox-3.40/tcp-msg(winbox):admin@192.0.2.9 (…)`. */
function putChange(document: EventDocument, text: string): boolean {
  const change =
    /^([\w -]{1,64}?) (added|changed|removed|moved|unscheduled) by (?:\S{1,64}:)?([^\s@:]{1,128})(?:@([\d.:a-f]{2,45}))?(?=\s|$)/.exec(
      text,
    )
  if (change === null) return false
  const [, subject = '', how = '', who, from] = change
  put(document, 'user.name', who)
  if (from !== undefined && isIp(from)) putAddress(document, 'source', from)
  const account = /^user (?!group )(\S{1,128})$/.exec(subject)
  if (account !== null) put(document, 'user.target.name', account[1])
  const type = changes[how] ?? 'change'
  putKind(
    document,
    'configuration',
    [account === null ? 'configuration' : 'iam'],
    account === null ? [type] : ['user', type],
    'success',
  )
  return true
}

export const mikrotik: Product = {
  name: 'mikrotik',
  datasets: ['mikrotik.log'],
  detect: (record) => (findTopics(record) === undefined ? 0 : 0.9),
  parse,
}
