// Cisco Meraki over syslog: `<134>1 EPOCH.FRACTION NAME urls|flows|events|ids-alerts|security_event|airmarshal_events …`.
// "Syslog Event Types and Log Samples" (documentation.meraki.com).
import { readKeyValues } from '../formats/key-value.ts'
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, put, putDefault, putUnder } from '../normalise/document.ts'
import { isIp, macOf, portOf, putAddress } from '../normalise/endpoint.ts'
import { putCommunityId, putTransport } from '../normalise/network.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { epochMs, isoTime } from '../normalise/time.ts'
import { putDomainParts, putUrl } from '../normalise/url.ts'
import type { Product } from '../product.ts'
import { type Pairs, putKind } from './kv-product.ts'
import { putWebhook, webhookOf } from './meraki-webhook.ts'

interface Header {
  time: number
  name: string
  kind: string
  textAt: number
}

const kinds = new Set([
  'urls',
  'flows',
  'events',
  'ids-alerts',
  'security_event',
  'airmarshal_events',
  'ip_flow_start',
  'ip_flow_end',
  'firewall',
  'cellular_firewall',
  'vpn_firewall',
  'l7_firewall',
  'bridge_anyconnect_client_vpn_firewall',
])

/** `<134>1 1639132851.416656563 NAME kind `, and the same behind a relay's own header. */
function readHeader(text: string): Header | undefined {
  let at = 0
  for (let word = 0; word < 8 && at < 200; word++) {
    const end = text.indexOf(' ', at)
    if (end < 0) return undefined
    const seconds = text.slice(at, end)
    if (seconds.length >= 12 && seconds.charCodeAt(10) === 0x2e && /^\d+\.\d+$/.test(seconds)) {
      const nameEnd = text.indexOf(' ', end + 1)
      const kindEnd = text.indexOf(' ', nameEnd + 1)
      const kind = text.slice(nameEnd + 1, kindEnd < 0 ? undefined : kindEnd)
      if (nameEnd < 0 || !kinds.has(kind)) return undefined
      return {
        time: epochMs(seconds) ?? 0,
        name: text.slice(end + 1, nameEnd),
        kind,
        textAt: kindEnd < 0 ? text.length : kindEnd + 1,
      }
    }
    at = end + 1
  }
  return undefined
}

type Meaning = readonly [action: string, category: string[], type: string[]]
const wifi = ['network', 'session']
const wifiLogin = ['network', 'authentication']
const meanings: Readonly<Record<string, Meaning | undefined>> = {
  association: ['wifi-association-request', ['network'], ['info', 'access', 'connection']],
  disassociation: ['wifi-disassociation-request', wifi, ['info', 'access', 'end']],
  wpa_auth: ['wifi-wpa-authentication', wifiLogin, ['info', 'start', 'access']],
  wpa_deauth: ['wifi-wpa-failed-auth-or-deauth', wifiLogin, ['info', 'end', 'denied']],
  '8021x_eap_success': ['wifi-8021x-auth', wifiLogin, ['info', 'start']],
  '8021x_eap_failure': ['wifi-8021x-failed-auth', wifiLogin, ['info', 'denied']],
  '8021x_deauth': ['wifi-8021x-deauth', wifiLogin, ['info', 'end']],
  splash_auth: ['splash-authentication', wifiLogin, ['info', 'start']],
  vpn_connectivity_change: ['vpn-connectivity-change', wifi, ['info', 'connection']],
  dfs_event: ['dynamic-frequency-selection-detected', ['network'], ['info']],
  aps_association_reject: ['association-rejected-for-load-balancing', ['network'], ['info']],
  multiple_dhcp_servers_detected: ['multiple_dhcp_servers_detected', ['network'], ['info', 'protocol']],
  rogue_ssid_detected: ['rogue-ssid-detected', ['network'], ['info']],
  ssid_spoofing_detected: ['ssid-spoofing-detected', ['network'], ['info']],
  device_packet_flood: ['wireless-packet-flood-detected', ['network'], ['info']],
  packet_flood: ['wireless-packet-flood-detected', ['network'], ['info']],
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const alert = webhookOf(record)
  if (alert !== undefined) {
    putWebhook(record, document, alert)
    return true
  }
  const header = readHeader(record.text)
  if (header === undefined) return false
  document.dataset = 'cisco_meraki.log'
  const text = record.text.slice(header.textAt).trimEnd()
  put(document, '@timestamp', isoTime(header.time))
  putSyslogPriority(document, record)
  put(document, 'observer.hostname', header.name)
  put(document, 'observer.vendor', 'Cisco')
  put(document, 'observer.product', 'Meraki')
  put(document, 'host.name', header.name)
  put(document, 'message', text)
  put(document, 'cisco_meraki.event_type', header.kind)
  const pairs = readKeyValues(text)
  putEnd(document, 'source', pairs.get('src'))
  putEnd(document, 'destination', pairs.get('dst'))
  putTransport(document, pairs.get('protocol'))
  if (header.kind === 'urls') putVisit(document, text, pairs)
  else if (header.kind === 'flows' || header.kind.endsWith('firewall') || header.kind.startsWith('ip_flow'))
    putFlow(document, header.kind, text, pairs)
  else if (header.kind === 'ids-alerts' || header.kind === 'security_event') putAlert(document, text, pairs)
  else putEvent(document, text, pairs)
  putCommunityId(document)
  return true
}

/** `192.0.2.1:443`, an address, or a MAC. */
function putEnd(document: EventDocument, side: 'source' | 'destination', value: string | undefined): void {
  if (value === undefined) return
  const mac = macOf(value)
  if (mac !== undefined && value.includes(':')) {
    putUnder(document, side, 'mac', mac)
    return
  }
  const colon = value.lastIndexOf(':')
  const ip = isIp(value) ? value : value.slice(0, colon).replace(/^\[|\]$/g, '')
  if (!isIp(ip)) return
  putAddress(document, side, ip)
  if (ip !== value) putUnder(document, side, 'port', portOf(value.slice(colon + 1)))
}

/** `… request: GET https://…`, or `request: UNKNOWN https://example.org/...`. */
function putVisit(document: EventDocument, text: string, pairs: Pairs): void {
  const at = text.indexOf('request: ')
  const [method = '', url = ''] = at < 0 ? [] : text.slice(at + 9).split(' ')
  put(document, 'http.request.method', method)
  put(document, 'user_agent.original', pairs.get('agent'))
  putUrl(document, url)
  const host = /^[a-z]+:\/\/([^/:?#]+)/i.exec(url)?.[1]
  putDomainParts(document, 'url', host)
  put(document, 'source.mac', macOf(pairs.get('mac')))
  putKind(document, 'http-access', ['network', 'web'], ['info', 'access'])
}

function putFlow(document: EventDocument, kind: string, text: string, pairs: Pairs): void {
  put(document, 'source.port', portOf(pairs.get('sport')))
  put(document, 'destination.port', portOf(pairs.get('dport')))
  put(document, 'source.mac', macOf(pairs.get('mac')))
  put(document, 'source.nat.ip', pairs.get('translated_src_ip'))
  put(document, 'source.nat.port', portOf(pairs.get('translated_port')))
  const word = `${text} `.slice(0, 8)
  const pattern = pairs.get('pattern') ?? ''
  const denied =
    word.startsWith('deny') ||
    pattern.startsWith('0') ||
    pattern.startsWith('deny') ||
    pairs.get('decision') === 'blocked'
  const step = kind === 'ip_flow_start' ? 'start' : kind === 'ip_flow_end' ? 'end' : undefined
  if (step !== undefined)
    putKind(document, `ip-session-${step === 'start' ? 'initiated' : 'ended'}`, ['network', 'session'], ['info', step])
  else
    putKind(
      document,
      kind === 'l7_firewall' ? 'layer7-firewall' : 'firewall-rule',
      ['network'],
      ['info', denied ? 'denied' : 'allowed'],
      denied ? 'failure' : 'success',
    )
}

function putAlert(document: EventDocument, text: string, pairs: Pairs): void {
  const file = text.includes('security_filtering_file_scanned')
  put(document, 'event.kind', 'alert')
  putKind(
    document,
    file ? 'malicious-file-actioned' : 'ids-signature-matched',
    file ? ['threat', 'malware'] : ['network', 'intrusion_detection'],
    ['info', pairs.get('decision') === 'blocked' || pairs.get('action') === 'block' ? 'denied' : 'allowed'],
  )
  put(document, 'rule.id', pairs.get('signature'))
  const message = text.indexOf('message: ')
  if (message >= 0) put(document, 'rule.description', text.slice(message + 9))
  put(document, 'file.name', pairs.get('name'))
  put(document, 'file.hash.sha256', pairs.get('sha256'))
  put(document, 'destination.mac', macOf(pairs.get('dhost')))
  put(document, 'source.mac', macOf(pairs.get('shost')))
  putUrl(document, pairs.get('url'))
}

function putEvent(document: EventDocument, text: string, pairs: Pairs): void {
  const type = pairs.get('type')
  const known = type === undefined ? undefined : meanings[type]
  if (known !== undefined) putKind(document, ...known)
  else putKind(document, type ?? sentenceAction(document, text), ['network'], ['info'])
  put(document, 'client.ip', pairs.get('Client'))
  put(document, 'client.mac', macOf(pairs.get('MAC')))
  if (text.includes('ssid=')) put(document, 'network.name', pairs.get('ssid'))
  put(document, 'network.vlan.id', pairs.get('vlan_id'))
  put(document, 'observer.mac', macOf(pairs.get('wired_mac')))
  putDefault(document, 'user.name', pairs.get('identity'))
  put(document, 'client.mac', macOf(pairs.get('client_mac')))
  // `Sess-ID[1] Peer IP=192.0.2.1 User[anna]: Session disconnected. …`
  const user = /User\[([^\]]{1,256})\]/.exec(text)?.[1]
  put(document, 'user.name', user)
  if (user !== undefined) put(document, 'client.ip', /Peer IP=([\d.:a-f]+)/.exec(text)?.[1]?.replace(/:$/, ''))
}

/** Events that are sentences: VPN clients, DHCP, ports. */
function sentenceAction(document: EventDocument, text: string): string {
  const user = /user id '([^']{1,256})' local ip (\S+) (?:re)?connected from (\S+)/.exec(text)
  if (user !== null) {
    put(document, 'user.name', user[1])
    put(document, 'network.forwarded_ip', user[2])
    put(document, 'client.ip', user[3])
    const first = text.slice(0, text.indexOf(' '))
    if (first !== 'user') put(document, 'message', text.slice(first.length + 1))
    return first === 'user' ? 'site-to-site-vpn' : first
  }
  if (text.startsWith('dhcp lease')) return 'dhcp-offer'
  if (text.startsWith('dhcp no offers')) return 'dhcp-no-offer'
  if (/^port /i.test(text)) return text.includes('STP role') ? 'port_changed_stp_role' : 'port_status_changed'
  const arp = /^Blocked ARP Packet from (\S+) with IP (\S+) on VLAN (\d+)/.exec(text)
  if (arp !== null) {
    put(document, 'source.mac', macOf(arp[1]))
    put(document, 'source.ip', arp[2])
    put(document, 'observer.ingress.vlan.id', arp[3])
    return 'arp_blocked'
  }
  if (/^Site-to-site/i.test(text)) return 'site-to-site-vpn'
  return /^[a-z\d_]{3,40}(?= )/.exec(text)?.[0] ?? 'event'
}

export const meraki: Product = {
  name: 'cisco_meraki',
  datasets: ['cisco_meraki.log', 'cisco_meraki.events'],
  detect: (record) =>
    record.text.charCodeAt(0) === 0x3c
      ? readHeader(record.text) === undefined
        ? 0
        : 0.97
      : record.text.includes('"alertTypeId"') && webhookOf(record) !== undefined
        ? 0.97
        : 0,
  parse,
}
