// Infoblox NIOS: ISC's dhcpd and BIND's named as NIOS runs them, and the audit log of its administrators.
// "NIOS syslog messages" (docs.infoblox.com).
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, leave, put } from '../normalise/document.ts'
import { isIp, macOf, portOf, putAddress } from '../normalise/endpoint.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { isoTime, readTime } from '../normalise/time.ts'
import { putDomainParts } from '../normalise/url.ts'
import type { Product } from '../product.ts'
import { putKind } from './kv-product.ts'

function parse(record: LogRecord, document: EventDocument): boolean {
  // `<30>time host 10.0.0.1 dhcpd[2567]: …`: a member's address may stand before the tag.
  const tag = /(?:^|\s)(dhcpd|dhcpdv6|named|httpd)\[(\d{1,10})\]: /.exec(record.text.slice(0, 260))
  if (tag === null) return false
  document.dataset = 'infoblox_nios.log'
  putSyslogPriority(document, record)
  put(document, '@timestamp', isoTime(record.syslog.time))
  put(document, 'process.pid', Number(tag[2]))
  put(document, 'process.name', tag[1])
  const host = record.syslog.host
  if (host !== undefined) put(document, isIp(host) ? 'host.ip' : 'host.domain', host)
  if (host !== undefined && !isIp(host)) put(document, 'host.name', host)
  const member = /\s((?:\d{1,3}\.){3}\d{1,3}) (?:dhcpd|named|httpd)/.exec(record.text.slice(0, 260))?.[1]
  put(document, 'host.ip', member)
  const from = tag.index + tag[0].length
  const text = record.text.slice(from).trimEnd()
  put(document, 'message', text)
  put(document, 'event.timezone', record.zone)
  if (tag[1] === 'named') putDns(document, record, text)
  else if (tag[1] === 'httpd') putAudit(document, text)
  else putDhcp(document, text)
  leave(document, from, record.text.length)
  return true
}

function putDhcp(document: EventDocument, text: string): void {
  const words = text.split(' ')
  const target = words.findIndex((part) => part === 'on' || part === 'for' || part === 'of')
  const ip = words[target + 1]
  // `DHCPACK on …`, `DHCPv6` messages by their names: `Relay-forward message from …`, `Advertise NA: …`.
  const action =
    /^DHCP[A-Z]{3,16}(?=\s)/.exec(text)?.[0] ??
    /^([A-Z][a-z-]{2,20}(?: [A-Z][A-Za-z-]{1,20})?)(?: message (?:from|to)\b|: )/.exec(text)?.[1] ??
    // What the server tells of its own: `RELEASE on 192.0.2.4 to …`, `Reverse map update for 192.0.2.4 abandoned …`.
    /^[A-Z]{4,16}(?= on \d)/.exec(text)?.[0] ??
    /^(?:Forward|Reverse) map update(?= for )/.exec(text)?.[0].replaceAll(' ', '_')
  put(document, 'event.action', action?.toLowerCase())
  if (/\bnon-retryable failure\b|\b(?:REFUSED|SERVFAIL|failed)\b/.test(text)) put(document, 'event.outcome', 'failure')
  put(document, 'client.ip', ip !== undefined && isIp(ip) ? ip : undefined)
  put(document, 'client.mac', macOf(words.find((part) => part.length === 17 && part.includes(':'))))
  put(document, 'observer.ingress.interface.name', / via (\w{1,16})/.exec(text)?.[1])
}

function putDns(document: EventDocument, record: LogRecord, text: string): void {
  // Captured queries carry the time of the query itself: `07-Apr-2026 08:08:10.043 client 192.0.2.1#57398 UDP: query: …`.
  const own = readTime(text, 0, record.arrival, record.zone)
  put(document, '@timestamp', isoTime(own?.ms))
  put(document, 'network.transport', /#\d{1,5}:? (UDP|TCP): /.exec(text)?.[1]?.toLowerCase())
  const client =
    /client (?:@0x[\da-f]{1,16} )?([\d.:a-f]{2,45})#(\d{1,5})/.exec(text) ??
    / from ([\d.:a-f]{2,45})#(\d{1,5})/.exec(text)
  if (client !== null && isIp(client[1] ?? '')) {
    put(document, 'client.ip', client[1])
    put(document, 'client.port', portOf(client[2]))
  }
  const question =
    /query: (\S{1,255}) (IN|CH|ANY) (\w{1,10})/.exec(text) ??
    /query failed \((?:\w{1,16})\) for ()(\S{1,255})\/(IN|CH)\/(\w{1,10})/.exec(text)
  const zone = /transfer of '([^'/]{1,255})\/(IN)'/.exec(text)
  const name = question === null ? zone?.[1] : question[1] === '' ? question[2] : question[1]
  if (name !== undefined) {
    put(document, 'dns.question.name', name)
    put(document, 'dns.question.class', 'IN')
    putDomainParts(document, 'dns.question', name)
    put(document, 'dns.question.type', question === null ? undefined : question[1] === '' ? question[4] : question[3])
  }
  put(
    document,
    'dns.response_code',
    /\((REFUSED|SERVFAIL|NXDOMAIN|FORMERR|NOTAUTH)\)/.exec(text)?.[1] ?? /response: (\w{4,9})/.exec(text)?.[1],
  )
  const server = /\(((?:\d{1,3}\.){3}\d{1,3})\)$/.exec(text)?.[1]
  put(document, 'server.ip', server)
}

/** `2026-11-18 09:12:44.123Z [anna]: Login_Allowed - - to=AdminConnector ip=192.0.2.1 auth=LOCAL …`. */
function putAudit(document: EventDocument, text: string): void {
  const who = /\[([^\]]{1,128})\]: (\w{1,64})/.exec(text)
  if (who === null) return
  put(document, 'user.name', who[1])
  const action = who[2]?.toLowerCase()
  const ip = / ip=([\d.:a-f]{2,45})/.exec(text)?.[1]
  if (ip !== undefined && isIp(ip)) putAddress(document, 'source', ip)
  if (action?.startsWith('log'))
    putKind(
      document,
      action,
      ['authentication'],
      [action.startsWith('logout') ? 'end' : 'start'],
      action.includes('denied') ? 'failure' : 'success',
    )
  else putKind(document, action, ['configuration'], ['change'])
}

export const infoblox: Product = {
  name: 'infoblox_nios',
  datasets: ['infoblox_nios.log'],
  // ISC's daemons run elsewhere too: only what NIOS alone writes tells it.
  detect: (record) =>
    (record.syslog.app === 'dhcpd' && / (?:TransID|lease-duration|uid [\da-f]{2}:)/.test(record.message)) ||
    (record.syslog.app === 'named' && record.message.includes(' response: ')) ||
    (record.syslog.app === 'httpd' && /\]: (?:Login_|Logout|Created|Modified|Deleted)/.test(record.message))
      ? 0.92
      : 0,
  parse,
}
