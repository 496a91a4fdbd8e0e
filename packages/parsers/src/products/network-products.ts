// The firewalls, gateways, VPNs and proxies of the table of products, in the order in which detection asks them.
import type { Product } from '../product.ts'
import { barracuda } from './barracuda.ts'
import { cef } from './cef.ts'
import { checkpoint } from './checkpoint.ts'
import { ciscoAsa, ciscoFtd } from './cisco-asa.ts'
import { ciscoEsa } from './cisco-esa.ts'
import { ciscoIos } from './cisco-ios.ts'
import { ciscoIse } from './cisco-ise.ts'
import { ciscoUmbrella } from './cisco-umbrella.ts'
import { citrix } from './citrix.ts'
import { cyberark } from './cyberark.ts'
import { f5Bigip } from './f5-bigip.ts'
import { fireeye } from './fireeye.ts'
import { forcepoint } from './forcepoint.ts'
import { fortiedr } from './fortiedr.ts'
import { fortigate } from './fortigate.ts'
import { fortimail, fortimanager, fortiproxy } from './fortinet-family.ts'
import { haproxy } from './haproxy.ts'
import { infoblox } from './infoblox.ts'
import { juniperSrx } from './juniper-srx.ts'
import { meraki } from './meraki.ts'
import { mikrotik } from './mikrotik.ts'
import { netfilter } from './netfilter.ts'
import { openvpn } from './openvpn.ts'
import { paloAlto } from './paloalto.ts'
import { pfsense } from './pfsense.ts'
import { proxysg } from './proxysg.ts'
import { pulseSecure } from './pulse-secure.ts'
import { snort } from './snort.ts'
import { sonicwall } from './sonicwall.ts'
import { sophosUtm } from './sophos-utm.ts'
import { sophosXg } from './sophos-xg.ts'
import { squid } from './squid.ts'
import { strongswan } from './strongswan.ts'
import { suricata } from './suricata.ts'
import { symantecEndpoint } from './symantec-endpoint.ts'
import { vsphere } from './vsphere.ts'
import { watchguard } from './watchguard.ts'
import { wireguard } from './wireguard.ts'
import { zscaler } from './zscaler.ts'

/**
 * The firewalls that write most of a network's lines: asked before all others, so each looks for one text that the
 * others' lines do not have.
 */
export const firewalls: readonly Product[] = [fortigate, ciscoAsa, sonicwall, sophosXg, netfilter, paloAlto]

/** In the order in which detection asks them. */
export const networkProducts: readonly Product[] = [
  ciscoFtd,
  fortiproxy,
  fortimail,
  fortimanager,
  openvpn,
  strongswan,
  wireguard,
  meraki,
  watchguard,
  pfsense,
  juniperSrx,
  checkpoint,
  barracuda,
  squid,
  haproxy,
  ciscoIse,
  ciscoIos,
  ciscoUmbrella,
  ciscoEsa,
  proxysg,
  forcepoint,
  fortiedr,
  pulseSecure,
  fireeye,
  vsphere,
  zscaler,
  suricata,
  snort,
  cyberark,
  citrix,
  f5Bigip,
  infoblox,
  symantecEndpoint,
  mikrotik,
  sophosUtm,
  cef,
]
