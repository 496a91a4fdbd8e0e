// Names that many programs use for the same few facts: what makes an event of an unknown product findable by address and person.
import { ipOf, portOf } from './address.ts'
import { type EventDocument, put, read } from './document.ts'

type Kind = 'ip' | 'port' | 'text' | 'user' | 'transport'

const table = `
source.ip ip src src_ip srcip source_ip sourceip src_addr source_address sourceaddress client_ip clientip clientaddr remote_ip remoteip remote_addr remoteaddress ipaddress ip_address caller_ip peer_ip attacker_ip
destination.ip ip dst dst_ip dstip dest_ip destip destination_ip destinationip dst_addr destination_address server_ip serverip target_ip
source.port port src_port srcport source_port sourceport spt sport client_port remote_port
destination.port port dst_port dstport dest_port destport destination_port destinationport dpt dport server_port
user.name user user username user_name login account account_name accountname usrname suser duser uname actor principal
host.name text hostname host_name computer computername devname device_name
network.transport transport proto protocol transport ip_protocol
`

const aliases = new Map<string, { field: string; kind: Kind }>()
for (const line of table.trim().split('\n')) {
  const [field = '', kind = 'text', ...names] = line.split(' ')
  if (kind === 'ip' || kind === 'port' || kind === 'text' || kind === 'user' || kind === 'transport') {
    for (const name of names) aliases.set(name, { field, kind })
  }
}

const transports = new Set(['tcp', 'udp', 'icmp', 'ipv6-icmp', 'sctp', 'gre', 'esp'])
const transportNumbers: Record<string, string | undefined> = {
  '1': 'icmp',
  '6': 'tcp',
  '17': 'udp',
  '47': 'gre',
  '50': 'esp',
  '58': 'ipv6-icmp',
  '132': 'sctp',
}

/** Puts a value under the ECS field that its name is known for, if the value fits and none stands there yet. */
export function putAlias(document: EventDocument, name: string, value: string | number): void {
  const known = aliases.get(name.toLowerCase())
  if (known === undefined || read(document, known.field) !== undefined) return
  const text = String(value)
  switch (known.kind) {
    case 'ip':
      put(document, known.field, ipOf(text))
      break
    case 'port':
      put(document, known.field, portOf(value))
      break
    case 'transport': {
      const transport = transportNumbers[text] ?? text.toLowerCase()
      if (transports.has(transport)) put(document, known.field, transport)
      break
    }
    case 'user':
      putUser(document, text)
      break
    default:
      if (text.length <= 256) put(document, known.field, text)
  }
}

/** `DOMAIN\anna` is a person with a domain; an address stays whole, as Elastic leaves it. */
function putUser(document: EventDocument, text: string): void {
  if (text.length > 256 || text === '-' || text === 'N/A' || text.includes('\n')) return
  const back = text.indexOf('\\')
  put(document, 'user.name', text.slice(back + 1))
  if (back > 0) put(document, 'user.domain', text.slice(0, back))
}
