// DNS and DHCP servers of Linux: BIND, unbound, dnsmasq, ISC dhcpd and Kea. Who asked for which name; who got which address.
import { dissect } from '../formats/dissect.ts'
import { skipSpace } from '../formats/syslog.ts'
import type { LogRecord } from '../log-record.ts'
import { ipOf, portOf } from '../normalise/address.ts'
import { type EventDocument, leave, put } from '../normalise/document.ts'
import { domainParts } from '../normalise/domain-name.ts'
import {
  putSyslogHeader,
  putSyslogHost,
  putSyslogPriority,
  putSyslogProcess,
  putSyslogTime,
} from '../normalise/syslog-fields.ts'
import { isoTime, readTime } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { macOf } from './windows/security.ts'

const programs = new Set(['named', 'unbound', 'dnsmasq', 'dnsmasq-dhcp', 'dhcpd', 'dhcrelay', 'kea-dhcp4', 'kea-dhcp6'])

/** What BIND's channels put before the words, where it is told to: time, category, severity. Gives the place behind it. */
function behindChannel(text: string, record: LogRecord): { at: number; ms: number | undefined } {
  const time = readTime(text, 0, record.arrival, record.zone)
  const from = time === undefined ? 0 : skipSpace(text, time.end)
  const found = /^(?:[a-z][a-z-]{1,20}: )?(?:info|notice|warning|error|critical|debug \d{1,2}): /.exec(
    text.slice(from, from + 48),
  )
  return { at: from + (found?.[0].length ?? 0), ms: time?.ms }
}

const bindCategories = new Set(['queries', 'query-errors', 'security', 'xfer-out', 'update-security', 'client'])

/** BIND's own files: `18-Nov-2026 09:14:07.120 queries: info: client …`, whose category stands where syslog has its tag. */
function isOwnFile({ syslog, message }: LogRecord): boolean {
  return syslog.priority === undefined && bindCategories.has(syslog.app ?? '') && /^\w{4,8}: client /.test(message)
}

export const nameAndLeaseServers: Product = {
  name: 'name_and_lease_servers',
  datasets: ['linux.dns', 'linux.dhcp'],
  ownFiles: true,
  detect(record) {
    return programs.has(record.syslog.app ?? '') || isOwnFile(record) ? 0.9 : 0
  },
  parse(record, document) {
    putSyslogTime(document, record)
    putSyslogPriority(document, record)
    putSyslogHeader(document, record)
    putSyslogHost(document, record)
    putSyslogProcess(document, record)
    const said = record.message.trimEnd()
    const channel = behindChannel(said, record)
    put(document, '@timestamp', isoTime(record.syslog.zoned === true ? undefined : channel.ms))
    const message = said.slice(channel.at)
    put(document, 'message', message)
    const found =
      parseLease(message, document) ||
      parseKea(message, document) ||
      parseQuery(said, document) ||
      parseQuery(message, document)
    if (!found) leave(document, record.messageAt, record.text.length)
    return true
  },
}

function putQuestion(document: EventDocument, name: string | undefined, type: string | undefined): void {
  document.dataset = 'linux.dns'
  put(document, 'event.category', ['network'])
  put(document, 'event.type', ['connection', 'protocol'])
  put(document, 'network.protocol', 'dns')
  const clean = name !== undefined && name.length > 1 && name.endsWith('.') ? name.slice(0, -1) : name
  put(document, 'dns.question.name', clean)
  put(document, 'dns.question.type', type)
  const parts = clean === undefined ? undefined : domainParts(clean)
  put(document, 'dns.question.registered_domain', parts?.registered)
  put(document, 'dns.question.subdomain', parts?.subdomain)
  put(document, 'dns.question.top_level_domain', parts?.topLevel)
}

/** Kea: `INFO  DHCP4_LEASE_ALLOC [hwtype=1 02:42:ac:11:00:02], cid=[no info], tid=0x4f2a: lease 192.0.2.50 has been allocated for 3600 seconds`. */
function parseKea(message: string, document: EventDocument): boolean {
  const found = /(?:^| )DHCP([46])_(LEASE_ALLOC|LEASE_OFFER|LEASE_ADVERT|RELEASE|DECLINE_LEASE)\b/.exec(
    message.slice(0, 200),
  )
  if (found === null) return false
  document.dataset = 'linux.dhcp'
  const action = keaActions[found[2] ?? ''] ?? ['dhcp', undefined]
  put(document, 'event.action', action[0])
  put(document, 'event.outcome', action[1])
  put(document, 'event.category', ['network'])
  put(document, 'event.type', ['connection', 'protocol'])
  put(document, 'network.protocol', found[1] === '4' ? 'dhcp' : 'dhcpv6')
  put(document, 'source.mac', macOf(/\bhwtype=\d{1,3} ([\da-f:]{17})/i.exec(message)?.[1]))
  put(document, 'source.ip', ipOf(/\b(?:lease|address) ([\da-f.:]{3,45})(?=\s|$)/i.exec(message)?.[1]))
  return true
}

const keaActions: Readonly<
  Record<string, readonly [action: string, outcome: 'success' | 'failure' | undefined] | undefined>
> = {
  LEASE_ALLOC: ['dhcp-leased', 'success'],
  LEASE_OFFER: ['dhcp-offered', undefined],
  LEASE_ADVERT: ['dhcp-offered', undefined],
  RELEASE: ['dhcp-released', 'success'],
  DECLINE_LEASE: ['dhcp-declined', 'failure'],
}

const bind = dissect('<_>client <who> (<_>): query: <name> <class> <type> <rest>')
const bindDenied = dissect('<_>client <who> (<name>): query<_> denied')
const unbound = dissect('<_>info: <address> <name> <type> IN<answer>')
const dnsmasqQuery = dissect('query[<type>] <name> from <address>')
const dnsmasqReply = dissect('reply <name> is <answer>')

/** BIND's `client @0x7f… 192.0.2.7#40012 (example.org): query: example.org IN A +E(0)K (192.0.2.1)`. */
function parseQuery(message: string, document: EventDocument): boolean {
  const text = message.startsWith('client ') || message.startsWith('info: ') ? ` ${message}` : message
  const asked = bind(text)
  const denied = asked === undefined ? bindDenied(text) : undefined
  if (asked !== undefined || denied !== undefined) {
    const who = (asked ?? denied)?.['who'] ?? ''
    const [address = '', port] = (who.split(' ').at(-1) ?? '').split('#')
    putQuestion(document, asked?.['name'] ?? denied?.['name'], asked?.['type'])
    put(document, 'event.action', 'dns-query')
    put(document, 'source.ip', ipOf(address))
    put(document, 'source.port', portOf(port))
    put(document, 'event.outcome', denied === undefined ? undefined : 'failure')
    return true
  }
  const transfer =
    /^client (?:@0x[\da-f]{1,16} )?([\d.:a-f]{2,45})#(\d{1,5})(?: \([^)]{1,255}\))?: (?:zone )?transfer (?:of )?'([^'/]{1,255})\/(?:AXFR|IXFR|IN)/.exec(
      message,
    )
  if (transfer !== null) {
    putQuestion(document, transfer[3], message.includes('IXFR') ? 'IXFR' : 'AXFR')
    put(document, 'event.action', 'zone-transfer')
    put(document, 'source.ip', ipOf(transfer[1]))
    put(document, 'source.port', portOf(transfer[2]))
    put(document, 'event.outcome', /denied|failed/.test(message) ? 'failure' : 'success')
    return true
  }
  const simple = dnsmasqQuery(message) ?? unbound(text)
  if (simple !== undefined && ipOf(simple['address']) !== undefined) {
    putQuestion(document, simple['name'], simple['type'])
    put(document, 'event.action', 'dns-query')
    put(document, 'source.ip', ipOf(simple['address']))
    // unbound with log-replies: `… A IN NOERROR 0.000231 0 44`.
    const code = /^ ([A-Z]{4,9}) [\d.]{1,16} /.exec(simple['answer'] ?? '')?.[1]
    if (code !== undefined) put(document, 'event.action', 'dns-answer')
    put(document, 'dns.response_code', code)
    return true
  }
  const reply = dnsmasqReply(message)
  if (reply === undefined) return false
  putQuestion(document, reply['name'], undefined)
  put(document, 'event.action', 'dns-answer')
  const ip = ipOf(reply['answer'])
  if (ip !== undefined) put(document, 'dns.resolved_ip', [ip])
  return true
}

const leases: Record<string, readonly [action: string, outcome: 'success' | 'failure' | undefined] | undefined> = {
  DHCPACK: ['dhcp-leased', 'success'],
  DHCPREQUEST: ['dhcp-requested', undefined],
  DHCPDISCOVER: ['dhcp-discovered', undefined],
  DHCPOFFER: ['dhcp-offered', undefined],
  DHCPRELEASE: ['dhcp-released', 'success'],
  DHCPNAK: ['dhcp-refused', 'failure'],
  DHCPDECLINE: ['dhcp-declined', 'failure'],
  DHCPINFORM: ['dhcp-informed', undefined],
}

/** `DHCPACK on 192.0.2.50 to 02:42:ac:11:00:02 (desk4) via eth0`, dnsmasq's `DHCPACK(eth0) 192.0.2.50 02:42:… desk4`. */
function parseLease(message: string, document: EventDocument): boolean {
  const words = message.split(/[\s()]+/, 16)
  const lease = leases[words[0] ?? '']
  if (lease === undefined) return false
  document.dataset = 'linux.dhcp'
  put(document, 'event.action', lease[0])
  put(document, 'event.category', ['network'])
  put(document, 'event.type', lease[1] === 'failure' ? ['connection', 'denied'] : ['connection', 'protocol'])
  put(document, 'event.outcome', lease[1])
  put(document, 'network.protocol', 'dhcp')
  for (const word of words.slice(1)) {
    const mac = word.includes(':') && word.length === 17 ? macOf(word) : undefined
    if (mac !== undefined) put(document, 'source.mac', mac)
    else if (ipOf(word) !== undefined) put(document, 'source.ip', ipOf(word))
  }
  const open = message.indexOf(' (')
  const named = open > 0 ? message.slice(open + 2, message.indexOf(')', open)) : words.at(-1)
  if (
    named !== undefined &&
    /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/.test(named) &&
    !named.includes(':') &&
    ipOf(named) === undefined &&
    open > 0
  )
    put(document, 'source.domain', named)
  return true
}
