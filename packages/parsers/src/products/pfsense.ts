// pfSense and OPNsense: pf's `filterlog` CSV, and the daemons that run there (OpenVPN, IPsec, DHCP, Unbound, the web interface, HAProxy).
// "Raw Filter Log Format" (docs.netgate.com/pfsense/en/latest/monitoring/logs/raw-filter-format.html).
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, put } from '../normalise/document.ts'
import { countOf, isIp, macOf, portOf, putAddress } from '../normalise/endpoint.ts'
import { putCommunityId, putTransport } from '../normalise/network.ts'
import { putSyslogPriority, putSyslogProcess } from '../normalise/syslog-fields.ts'
import { isoTime } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { putKind } from './kv-product.ts'

function parse(record: LogRecord, document: EventDocument): boolean {
  const app = record.syslog.app
  if (app === undefined) return false
  document.dataset = 'pfsense.log'
  const text = record.message.trimEnd()
  put(document, '@timestamp', isoTime(record.syslog.time))
  putSyslogPriority(document, record)
  putSyslogProcess(document, record)
  put(document, 'event.provider', app)
  put(document, 'event.timezone', record.zone)
  put(document, 'event.category', ['network'])
  put(document, 'observer.name', record.syslog.host)
  put(document, 'host.name', record.syslog.host)
  put(document, 'observer.type', 'firewall')
  put(document, 'observer.vendor', 'netgate')
  put(document, 'message', text)
  if (app === 'filterlog') return putFilter(document, text)
  daemons[app]?.(document, text)
  return true
}

/** Columns 1 to 9 are the same; then IPv4's or IPv6's header; then the protocol's. */
function putFilter(document: EventDocument, text: string): boolean {
  const columns = text.split(',')
  const [, , , tracker, interfaceName, reason, action, direction, version] = columns
  if (version === undefined || action === undefined) return false
  put(document, 'rule.id', tracker)
  put(document, 'observer.ingress.interface.name', interfaceName)
  const vlan = interfaceName?.split('.')[1]
  put(document, 'observer.ingress.vlan.id', vlan)
  put(document, 'network.vlan.id', vlan)
  put(document, 'event.reason', reason)
  put(document, 'network.direction', direction === 'in' ? 'inbound' : direction === 'out' ? 'outbound' : direction)
  put(document, 'network.type', version === '6' ? 'ipv6' : 'ipv4')
  const isDenied = action === 'block' || action === 'reject'
  putKind(document, action, ['network'], ['connection', isDenied ? 'denied' : 'allowed'])
  // IPv4: tos, ecn, ttl, id, offset, flags, number, name, length, source, destination. IPv6: class, flow, hops, name, number, length, source, destination.
  const at = version === '6' ? 15 : 18
  putTransport(document, (version === '6' ? columns[12] : columns[16])?.toLowerCase())
  put(document, 'network.bytes', countOf(columns[at - 1]))
  putAddress(document, 'source', columns[at])
  putAddress(document, 'destination', columns[at + 1])
  // ICMP's columns are its type and ids.
  if (!/icmp|igmp/i.test(columns[version === '6' ? 12 : 16] ?? '')) {
    put(document, 'source.port', portOf(columns[at + 2]))
    put(document, 'destination.port', portOf(columns[at + 3]))
  }
  if (columns[at + 5] !== undefined) put(document, 'pfsense.tcp.flags', columns[at + 5])
  putCommunityId(document)
  return true
}

type Daemon = (document: EventDocument, text: string) => void

const daemons: Readonly<Record<string, Daemon | undefined>> = {
  openvpn: putOpenvpn,
  charon: (document) => {
    put(document, 'network.protocol', 'ipsec')
    put(document, 'event.type', ['connection'])
  },
  dhcpd: putDhcp,
  dhclient: putDhcp,
  dhcp6c: putDhcp6,
  unbound: putUnbound,
  'php-fpm': putWeb,
  audit: putWeb,
  sshd: putSsh,
}

/** `user 'anna' authenticated`, `192.0.2.1:1194 …`, `anna/192.0.2.1:1194 …`. */
function putOpenvpn(document: EventDocument, text: string): void {
  put(document, 'network.protocol', 'openvpn')
  const failed = /could not authenticate|TLS Auth Error|TLS Error|VERIFY ERROR|AUTH_FAILED/.test(text)
  const user = /user '([^']{1,128})' (?:authenticated|could not)/.exec(text)?.[1]
  const peer = /(?:^|\s|\])(?:([\w.@-]{1,128})\/)?([\d.]{7,15}|[\da-f:]{6,39}):(\d{1,5})(?=\s|$)/i.exec(text)
  putKind(
    document,
    user === undefined ? undefined : 'authentication',
    user === undefined ? ['network'] : ['network', 'authentication'],
    user !== undefined
      ? ['info']
      : text.includes('Connection Initiated')
        ? ['connection', 'info', 'start']
        : ['connection', 'info'],
    failed ? 'failure' : user === undefined ? undefined : 'success',
  )
  put(document, 'user.name', user ?? peer?.[1])
  if (peer?.[2] !== undefined && isIp(peer[2])) {
    putAddress(document, 'source', peer[2])
    put(document, 'source.port', portOf(peer[3]))
    put(document, 'network.type', peer[2].includes(':') ? 'ipv6' : 'ipv4')
  }
}

/** What ISC's server says it does for the messages of DHCPv6 (RFC 8415 §7.3), and of its sockets. */
const leaseAction =
  /^(?:(?:Solicit|Request|Confirm|Renew|Rebind|Release|Decline|Information-request) message|(?:Advertise|Reply) (?:NA|TA|PD)|Sending (?:Advertise|Reply)|(?:Listening|Sending) on (?:BPF|LPF|Socket)|Picking pool address|Reusing lease)\b/

/** `DHCPOFFER on 192.0.2.1 to 02:00:… (name) via igb1`. */
function putDhcp(document: EventDocument, text: string): void {
  const word = text.slice(0, text.indexOf(' '))
  put(document, 'event.type', ['connection', 'protocol', 'info'])
  put(document, 'network.transport', 'udp')
  put(document, 'network.protocol', text.startsWith('DHCP') ? 'dhcp' : 'dhcpv6')
  if (!text.startsWith('DHCP')) {
    put(document, 'event.action', leaseAction.exec(text)?.[0].toLowerCase().replaceAll(' ', '-'))
    const six = text.split(' ').find((part) => part.includes('::') || part.split(':').length > 5)
    if (six !== undefined && isIp(six)) {
      putAddress(document, 'source', six)
      putAddress(document, 'client', six)
      put(document, 'network.type', 'ipv6')
    }
    const port = portOf(/ port (\d{1,5})\b/.exec(text)?.[1])
    put(document, 'source.port', port)
    put(document, 'client.port', port)
    return
  }
  put(document, 'event.action', word)
  put(document, 'network.type', 'ipv4')
  const words = text.split(' ')
  const ip = words.find((part) => isIp(part))
  // `DHCPREQUEST for 192.0.2.56 (192.0.2.1) from …`: the server that is asked.
  const server = words.find((part) => part.startsWith('(') && isIp(part.slice(1, -1)))
  putAddress(document, 'destination', server?.slice(1, -1))
  const mac = words.find((part) => part.length === 17 && macOf(part) !== undefined)
  put(document, 'client.ip', ip)
  put(document, 'source.ip', ip)
  put(document, 'client.mac', macOf(mac))
  put(document, 'source.mac', macOf(mac))
  const name = / via (\S{1,32})/.exec(text)?.[1]?.replace(/:$/, '')
  put(document, 'observer.ingress.interface.name', name)
  const vlan = name?.split('.')[1]
  put(document, 'observer.ingress.vlan.id', vlan)
  put(document, 'network.vlan.id', vlan)
}

/** `add an address 2001:db8::1/128 on igb0` */
function putDhcp6(document: EventDocument, text: string): void {
  const held = /^(add|remove) an address ([\da-f:]{3,39})\/\d{1,3} on (\S{1,32})/i.exec(text)
  if (held !== null && isIp(held[2] ?? '')) {
    put(document, 'event.action', `${held[1]}-an-address`)
    putAddress(document, 'source', held[2])
    putAddress(document, 'client', held[2])
    put(document, 'network.type', 'ipv6')
    put(document, 'observer.ingress.interface.name', held[3])
  }
  put(document, 'event.type', ['connection', 'protocol', 'info'])
  put(document, 'network.transport', 'udp')
  put(document, 'network.protocol', 'dhcpv6')
}

/** `[1:0] info: 192.0.2.1 example.org. A IN`. */
function putUnbound(document: EventDocument, text: string): void {
  put(document, 'event.type', ['connection', 'protocol', 'info'])
  put(document, 'network.protocol', 'dns')
  const query = /info: (\S{2,45}) (\S{1,255})\. (\w{1,10}) IN/.exec(text)
  if (query === null || !isIp(query[1] ?? '')) return
  putAddress(document, 'source', query[1])
  putAddress(document, 'client', query[1])
  put(document, 'dns.question.name', query[2])
  put(document, 'dns.question.type', query[3])
  put(document, 'dns.question.class', 'IN')
  put(document, 'dns.type', 'query')
}

/** `/index.php: webConfigurator authentication error for user 'admin' from: 192.0.2.1`, `Successful login for user 'admin' from: …`. */
function putWeb(document: EventDocument, text: string): void {
  const who = /for (?:user )?'([^']{1,128})' from:? ([\d.:a-f]{2,45})/i.exec(text)
  if (who === null) return
  const failed = /error|fail/i.test(text)
  putKind(
    document,
    failed ? 'logon-failed' : /logged out/i.test(text) ? 'logged-out' : 'logged-in',
    ['authentication', 'network'],
    [/logged out/i.test(text) ? 'end' : 'start'],
    failed ? 'failure' : 'success',
  )
  put(document, 'user.name', who[1])
  if (isIp(who[2] ?? '')) putAddress(document, 'source', who[2])
}

function putSsh(document: EventDocument, text: string): void {
  const who = /^(Accepted|Failed) \S{1,32} for (?:invalid user )?(\S{1,128}) from (\S{2,45}) port (\d{1,5})/.exec(text)
  if (who === null) return
  putKind(
    document,
    'ssh_login',
    ['authentication', 'network'],
    ['start'],
    who[1] === 'Accepted' ? 'success' : 'failure',
  )
  put(document, 'user.name', who[2])
  putAddress(document, 'source', who[3])
  put(document, 'source.port', portOf(who[4]))
}

/** The packet filter, and pages of the web interface that say who comes (OPNsense: by `audit`). */
function detect({ syslog, message }: LogRecord): number {
  if (syslog.app === 'filterlog') return 0.97
  const isWeb = syslog.app === 'php-fpm' || syslog.app === 'audit'
  return isWeb && /^\/[\w/-]{1,64}\.php: /.test(message) ? 0.9 : 0
}

export const pfsense: Product = {
  name: 'pfsense',
  datasets: ['pfsense.log', 'opnsense.log'],
  detect,
  parse,
}
