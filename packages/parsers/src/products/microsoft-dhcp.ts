// The DHCP server of Windows: DhcpSrvLog-*.log (learn.microsoft.com, "DHCP server audit log file format"), also its V6 twin.
import { readCsv } from '../formats/csv.ts'
import { ipOf } from '../normalise/address.ts'
import { type EventDocument, put } from '../normalise/document.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { macOf } from './windows/security.ts'

/** `id action category type outcome reason` a line. */
const table = `
00|log-start|process|start|success|The log was started.
01|log-end|process|end|success|The log was stopped.
02|log-pause|process|change|success|The log was temporarily paused due to low disk space.
10|dhcp-new|network|allowed,connection|success|A new IP address was leased to a client.
11|dhcp-renew|network|allowed,connection|success|A lease was renewed by a client.
12|dhcp-release|network|connection|success|A lease was released by a client.
13|ip-conflict|network|connection|failure|An IP address was found to be in use on the network.
14|pool-exhausted|network|connection,denied|failure|A lease request could not be satisfied because the scope's address pool was exhausted.
15|dhcp-deny|network|connection,denied|failure|A lease was denied.
16|dhcp-delete|network|connection|success|A lease was deleted.
17|dhcp-expire|network|connection|success|A lease was expired and DNS records for an expired leases have not been deleted.
18|dhcp-expire|network|connection|success|A lease was expired and DNS records were deleted.
20|bootp-new|network|allowed,connection|success|A BOOTP address was leased to a client.
21|bootp-new|network|allowed,connection|success|A dynamic BOOTP address was leased to a client.
22|bootp-deny|network|connection,denied|failure|A BOOTP request could not be satisfied because the scope's address pool for BOOTP was exhausted.
23|bootp-delete|network|connection|success|A BOOTP IP address was deleted after checking to see it was not in use.
24|ip-cleanup-start|process|start|success|IP address cleanup operation has began.
25|ip-cleanup-end|process|end|success|IP address cleanup statistics.
30|dhcp-dns-update|network|connection|success|DNS update request to the named DNS server.
31|dhcp-dns-update|network|connection|failure|DNS update failed.
32|dhcp-dns-update|network|connection|success|DNS update successful.
33|dhcp-drop-packet|network|connection,denied|failure|Packet dropped due to NAP policy.
34|dhcp-dns-update|network|connection,denied|failure|DNS update request failed as the DNS update request queue limit exceeded.
35|dhcp-dns-update|network|connection,denied|failure|DNS update request failed.
36|dhcp-drop-packet|network|connection,denied|failure|Packet dropped because the server is in failover standby role or the hash of the client ID does not match.
50|rogue-server-detection|network|connection|failure|The DHCP server could not locate the applicable domain for its configured Active Directory installation.
51|rogue-server-detection|authentication,network|connection,allowed|success|The DHCP server was authorized to start on the network.
53|rogue-server-detection|authentication,network|connection,allowed|success|The DHCP server was authorized to start using previously cached information.
54|rogue-server-detection|authentication,network|connection,denied|failure|The DHCP server was not authorized to start on the network.
55|rogue-server-detection|authentication,network|connection,allowed|success|The DHCP server was successfully authorized to start on the network.
56|rogue-server-detection|authentication,network|connection,denied|failure|The DHCP server was not authorized to start on the network and was shut down by the operating system.
57|rogue-server-detection|authentication,network|connection|success|Another DHCP server exists and is authorized for service in the same domain.
58|rogue-server-detection|network|connection|failure|The DHCP server could not locate the specified domain.
59|rogue-server-detection|network|connection,denied|failure|A network-related failure prevented the server from determining if it is authorized.
60|rogue-server-detection|network|connection|success|No Windows Server 2003 domain controller was located.
61|rogue-server-detection|network|connection|success|Another DHCP server was found on the network that belongs to the Active Directory domain.
62|rogue-server-detection|network|connection|success|Another DHCP server was found on the network.
63|rogue-server-detection|authentication,network|connection|success|The DHCP server is trying once more to determine whether it is authorized to start and provide service on the network.
64|rogue-server-detection|network|connection|failure|The DHCP server has its service bindings or network connections configured so that it is not enabled to provide service.
1103|rogue-server-detection|authentication,network|connection,allowed|success|The DHCP server is authorized to provide service.
11000|dhcpv6-solicit|network|connection,protocol||DHCPV6 Solicit.
11001|dhcpv6-advertise|network|connection,protocol||DHCPV6 Advertise.
11002|dhcpv6-request|network|connection,protocol||DHCPV6 Request.
11003|dhcpv6-confirm|network|connection,protocol||DHCPV6 Confirm.
11004|dhcpv6-renew|network|connection,protocol||DHCPV6 Renew.
11005|dhcpv6-rebind|network|connection,protocol||DHCPV6 Rebind.
11006|dhcpv6-decline|network|connection,protocol||DHCPV6 Decline.
11007|dhcpv6-release|network|connection,protocol||DHCPV6 Release.
11008|dhcpv6-info-request|network|connection,protocol||DHCPV6 Information Request.
11009|dhcpv6-scope-full|network|connection,denied|failure|DHCPV6 Scope Full.
11010|log-start|process|start|success|DHCPV6 Started.
11011|log-stop|process|end|success|DHCPV6 Stopped.
11012|log-pause|process|change|success|DHCPV6 Audit log paused.
11014|dhcpv6-bad-address|network|connection|failure|DHCPV6 Bad Address.
11015|dhcpv6-address-in-use|network|connection|failure|DHCPV6 Address is already in use.
11016|dhcpv6-client-deleted|network|connection|success|DHCPV6 Client deleted.
11018|dhcpv6-lease-expired|network|connection|success|DHCPV6 Expired.
11020|ip-cleanup-start|process|start|success|Database cleanup begin.
11021|ip-cleanup-end|process|end|success|Database cleanup end.
11022|dhcpv6-dns-update|network|connection||DNS IPv6 Update Request.
11023|dhcpv6-dns-update|network|connection|failure|DNS IPv6 Update Failed.
11024|dhcpv6-dns-update|network|connection|success|DNS IPv6 Update Successful.
11028|dhcpv6-dns-update|network|connection,denied|failure|DNS IPv6 update request failed as the DNS update request queue limit exceeded.
11029|dhcpv6-dns-update|network|connection,denied|failure|DNS IPv6 update request failed.
11030|dhcpv6-stateless-clients-purged|process|change|success|DHCPV6 stateless client records purged.
`

const meanings = new Map(
  table
    .trim()
    .split('\n')
    .map((line) => {
      const [id = '', action = '', category = '', type = '', outcome = '', reason = ''] = line.split('|')
      return [id, { action, category: category.split(','), type: type.split(','), outcome, reason }] as const
    }),
)

const quarantine: Record<string, string | undefined> = {
  '0': 'NoQuarantine',
  '1': 'Quarantine',
  '2': 'Drop Packet',
  '3': 'Probation',
  '6': 'No Quarantine Information',
}

export const microsoftDhcp: Product = {
  name: 'microsoft_dhcp',
  datasets: ['microsoft_dhcp.log'],
  detect({ text }) {
    const comma = text.indexOf(',')
    if (comma < 1 || comma > 5 || text.charCodeAt(comma + 3) !== 0x2f || text.charCodeAt(comma + 9) !== 0x2c) return 0
    const id = text.slice(0, comma)
    return meanings.has(id) ? 0.95 : 0
  },
  parse(record, document) {
    const columns = readCsv(record.text.trimEnd())
    const [id = '', date = '', time = '', description, address, host, mac] = columns
    const meaning = meanings.get(id.length === 1 ? `0${id}` : id)
    const ms = timeOf(`${date} ${time}`, record.arrival, record.zone)
    if (ms === undefined) return false
    put(document, '@timestamp', isoTime(ms))
    put(document, 'event.code', id)
    put(document, 'message', description)
    if (meaning !== undefined) {
      put(document, 'event.action', meaning.action)
      put(document, 'event.category', [...meaning.category])
      put(document, 'event.type', [...meaning.type])
      put(document, 'event.outcome', meaning.outcome)
      put(document, 'event.reason', meaning.reason)
    }
    put(document, 'source.ip', ipOf(address))
    put(document, 'source.address', host)
    put(document, 'source.domain', host)
    put(document, 'source.mac', id.length > 3 ? undefined : macOf(mac))
    if (id.length > 3) putVersion6(columns, document)
    else putVersion4(columns, document)
    return true
  },
}

const columns4 = [
  '',
  'transaction_id',
  'result',
  'probation_time',
  'correlation_id',
  'dhc_id',
  'vendor.hex',
  'vendor.string',
  'user.hex',
  'user.string',
  'relay_agent_info',
  'dns_error_code',
] as const

/** What follows the MAC: user, transaction, NAP result … */
function putVersion4(columns: readonly string[], document: EventDocument): void {
  put(document, 'user.name', columns[7])
  for (const [index, name] of columns4.entries()) {
    if (name !== '') put(document, `microsoft.dhcp.${name}`, columns[7 + index])
  }
  put(document, 'microsoft.dhcp.result_description', quarantine[columns[9] ?? ''])
}

/** Error code, DUID's length and bytes, user, DHCID, subnet prefix. */
function putVersion6(columns: readonly string[], document: EventDocument): void {
  put(document, 'microsoft.dhcp.error_code', columns[6])
  put(document, 'microsoft.dhcp.duid.length', columns[7])
  put(document, 'microsoft.dhcp.duid.hex', columns[8])
  put(document, 'user.name', columns[9])
  put(document, 'microsoft.dhcp.dhc_id', columns[10])
  put(document, 'microsoft.dhcp.subnet_prefix', columns[11])
}
