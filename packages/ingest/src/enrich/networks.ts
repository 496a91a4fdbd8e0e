// Address ranges with a name: which zone an address is in, by the longest prefix.
import ipaddr from 'ipaddr.js'

export interface Zone {
  name: string
  /** CIDRs or single addresses. */
  networks: string[]
}

export interface Networks {
  /** The name of the most specific range that holds the address. */
  zoneOf(address: ipaddr.IPv4 | ipaddr.IPv6): string | undefined
}

// RFC 1918, RFC 6598 (carrier NAT), loopback, link-local, RFC 4193.
export const internalNetworks = [
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '::1/128',
  'fe80::/10',
  'fc00::/7',
]

export function createNetworks(zones: Zone[]): Networks {
  const ranges = zones
    .flatMap(({ name, networks }) =>
      networks.map((network) => {
        const [address, bits] = network.includes('/') ? ipaddr.parseCIDR(network) : wholeAddress(network)
        return { name, address, bits }
      }),
    )
    .sort((a, b) => b.bits - a.bits)
  return {
    zoneOf: (address) =>
      ranges.find((range) => range.address.kind() === address.kind() && address.match(range.address, range.bits))?.name,
  }
}

function wholeAddress(text: string): [ipaddr.IPv4 | ipaddr.IPv6, number] {
  const address = ipaddr.parse(text)
  return [address, address.kind() === 'ipv4' ? 32 : 128]
}
