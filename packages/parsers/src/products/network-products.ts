// The firewalls, gateways, VPNs and proxies of the table of products, in the order in which detection asks them.
import type { Product } from '../product.ts'
import { cef } from './cef.ts'
import { ciscoAsa, ciscoFtd } from './cisco-asa.ts'
import { fortigate } from './fortigate.ts'
import { meraki } from './meraki.ts'
import { netfilter } from './netfilter.ts'
import { openvpn } from './openvpn.ts'
import { paloAlto } from './paloalto.ts'
import { sonicwall } from './sonicwall.ts'
import { sophosXg } from './sophos-xg.ts'
import { strongswan } from './strongswan.ts'
import { watchguard } from './watchguard.ts'

export const networkProducts: readonly Product[] = [ciscoAsa, ciscoFtd, fortigate, paloAlto, netfilter, openvpn, strongswan, sonicwall, sophosXg, meraki, watchguard, cef]
