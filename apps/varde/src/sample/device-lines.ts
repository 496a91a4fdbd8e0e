// Firewalls, VPN and Samba as they write: FortiGate key=value, Cisco ASA syslog, netfilter, OpenVPN, Samba's audit JSON.

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const two = (value: number) => String(value).padStart(2, '0')
const clock = (at: Date) => `${two(at.getUTCHours())}:${two(at.getUTCMinutes())}:${two(at.getUTCSeconds())}`
const isoDay = (at: Date) => at.toISOString().slice(0, 10)

export interface Flow {
  time: number
  source: string
  sourcePort: number
  destination: string
  destinationPort: number
  protocol: 6 | 17
  sentBytes: number
  receivedBytes: number
  seconds: number
  session: number
}

const services: Record<number, string> = {
  22: 'SSH',
  25: 'SMTP',
  53: 'DNS',
  80: 'HTTP',
  123: 'NTP',
  443: 'HTTPS',
  445: 'SMB',
  1433: 'MS-SQL',
  3389: 'RDP',
}

/** FortiOS log reference, type traffic, subtype forward. */
export function fortigateTraffic(
  flow: Flow,
  verdict: { action: 'close' | 'deny'; inward: boolean; policy: number },
): string {
  const at = new Date(flow.time)
  const denied = verdict.action === 'deny'
  const [from, to] = verdict.inward ? ['wan1', 'dmz'] : ['internal', 'wan1']
  const service = services[flow.destinationPort] ?? `tcp/${flow.destinationPort}`
  return `<189>date=${isoDay(at)} time=${clock(at)} devname="fg-edge-1" devid="FG100FTK20000001" eventtime=${flow.time}000000 tz="+0000" logid="${denied ? '0000000013' : '0000000013'}" type="traffic" subtype="forward" level="notice" vd="root" srcip=${flow.source} srcport=${flow.sourcePort} srcintf="${from}" srcintfrole="${verdict.inward ? 'wan' : 'lan'}" dstip=${flow.destination} dstport=${flow.destinationPort} dstintf="${to}" dstintfrole="${verdict.inward ? 'dmz' : 'wan'}" sessionid=${flow.session} proto=${flow.protocol} action="${verdict.action}" policyid=${verdict.policy} policytype="policy" service="${service}" trandisp="${verdict.inward ? 'dnat' : 'snat'}" duration=${denied ? 0 : flow.seconds} sentbyte=${denied ? 0 : flow.sentBytes} rcvdbyte=${denied ? 0 : flow.receivedBytes} sentpkt=${denied ? 0 : Math.ceil(flow.sentBytes / 900)} rcvdpkt=${denied ? 0 : Math.ceil(flow.receivedBytes / 1200)} appcat="unscanned"`
}

/** Type event, subtype system: somebody signs in at the firewall (0100032001) or fails to (0100032002). */
export function fortigateAdmin(time: number, user: string, address: string, ok: boolean): string {
  const at = new Date(time)
  return `<190>date=${isoDay(at)} time=${clock(at)} devname="fg-edge-1" devid="FG100FTK20000001" eventtime=${time}000000 tz="+0000" logid="${ok ? '0100032001' : '0100032002'}" type="event" subtype="system" level="${ok ? 'information' : 'alert'}" vd="root" logdesc="Admin login ${ok ? 'successful' : 'failed'}" sn="${time}" user="${user}" ui="https(${address})" method="https" srcip=${address} dstip=10.20.0.1 action="login" status="${ok ? 'success' : 'failed'}" reason="${ok ? 'none' : 'passwd_invalid'}" msg="Administrator ${user} ${ok ? 'logged in successfully' : 'login failed'} from https(${address})${ok ? '' : ' because of invalid password'}"`
}

function asaHead(time: number, level: number, id: number): string {
  const at = new Date(time)
  return `<${160 + level}>${months[at.getUTCMonth()]} ${two(at.getUTCDate())} ${at.getUTCFullYear()} ${clock(at)} asa-dc-1 : %ASA-${level}-${id}:`
}

/** Cisco ASA 302013 and 302014: a TCP connection is built and torn down. */
export function asaConnection(flow: Flow): [string, string] {
  const end = flow.time + flow.seconds * 1_000
  const span = `${Math.floor(flow.seconds / 3_600)}:${two(Math.floor(flow.seconds / 60) % 60)}:${two(flow.seconds % 60)}`
  const pair = `inside:${flow.source}/${flow.sourcePort} to dmz:${flow.destination}/${flow.destinationPort}`
  return [
    `${asaHead(flow.time, 6, 302013)} Built outbound TCP connection ${flow.session} for dmz:${flow.destination}/${flow.destinationPort} (${flow.destination}/${flow.destinationPort}) to inside:${flow.source}/${flow.sourcePort} (${flow.source}/${flow.sourcePort})`,
    `${asaHead(end, 6, 302014)} Teardown TCP connection ${flow.session} for dmz:${flow.destination}/${flow.destinationPort} to ${pair.split(' to ')[0]} duration ${span} bytes ${flow.sentBytes + flow.receivedBytes} TCP FINs`,
  ]
}

/** 106023: an access list denied a packet. */
export function asaDeny(
  time: number,
  source: string,
  sourcePort: number,
  destination: string,
  destinationPort: number,
): string {
  return `${asaHead(time, 4, 106023)} Deny tcp src outside:${source}/${sourcePort} dst dmz:${destination}/${destinationPort} by access-group "outside_access_in" [0x0, 0x0]`
}

/** A netfilter LOG line of the Linux router, as rsyslog sends it. */
export function netfilterDrop(
  time: number,
  source: string,
  sourcePort: number,
  destination: string,
  destinationPort: number,
  id: number,
): string {
  const at = new Date(time)
  const day = String(at.getUTCDate()).padStart(2, ' ')
  return `<4>${months[at.getUTCMonth()]} ${day} ${clock(at)} router1 kernel: FW-DROP IN=outside OUT=servers MAC=82:4e:79:43:bb:12:b2:d7:d9:35:f0:40:08:00 SRC=${source} DST=${destination} LEN=60 TOS=0x00 PREC=0x00 TTL=52 ID=${id} DF PROTO=TCP SPT=${sourcePort} DPT=${destinationPort} WINDOW=64240 RES=0x00 SYN URGP=0`
}

/** OpenVPN 2.6 server log of one session: sign-in, address, end. */
export function openvpnSession(
  time: number,
  user: string,
  address: string,
  port: number,
  assigned: string,
  seconds: number,
): { time: number; line: string }[] {
  const stamp = (ms: number) => new Date(ms).toISOString().slice(0, 19).replace('T', ' ')
  const peer = `${address}:${port}`
  const lines: [number, string][] = [
    [0, `${peer} VERIFY OK: depth=1, O=Nordvarde, CN=Nordvarde VPN CA`],
    [0, `${peer} VERIFY OK: depth=0, O=Nordvarde, CN=${user}`],
    [0, `${peer} peer info: IV_VER=2.6.14`],
    [0, `${peer} peer info: IV_PLAT=win`],
    [1, `${peer} TLS: Username/Password authentication succeeded for username '${user}' [CN SET]`],
    [1, `${peer} [${user}] Peer Connection Initiated with [AF_INET]${peer}`],
    [1, `${user}/${peer} MULTI: primary virtual IP for ${user}/${peer}: ${assigned}`],
    [seconds, `${user}/${peer} SIGTERM[soft,remote-exit] received, client-instance exiting`],
  ]
  return lines.map(([after, text]) => ({ time: time + after * 1_000, line: `${stamp(time + after * 1_000)} ${text}` }))
}

/** OpenVPN: a wrong password. */
export function openvpnFailure(time: number, address: string, port: number): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} ${address}:${port} TLS Auth Error: Auth Username/Password verification failed for peer`
}

/** Samba 4.17, auth_json_audit: one authentication. Two spaces in front, as Samba writes its file. */
export function sambaAuthentication(time: number, user: string, address: string, ok: boolean, sid: string): string {
  const event = {
    timestamp: new Date(time).toISOString().replace('Z', '000+0000'),
    type: 'Authentication',
    Authentication: {
      version: { major: 1, minor: 2 },
      eventId: ok ? 4624 : 4625,
      logonId: (time % 4_294_967_296).toString(16).padStart(16, '0'),
      logonType: 3,
      status: ok ? 'NT_STATUS_OK' : 'NT_STATUS_WRONG_PASSWORD',
      localAddress: null,
      remoteAddress: `ipv4:${address}:${49_152 + (time % 16_000)}`,
      serviceDescription: 'Kerberos KDC',
      authDescription: 'ENC-TS Pre-authentication',
      clientDomain: null,
      clientAccount: `${user}@HOSTING.NORDVARDE.TEST`,
      workstation: null,
      becameAccount: user,
      becameDomain: 'HOSTING',
      becameSid: sid,
      mappedAccount: user,
      mappedDomain: 'HOSTING',
      netlogonComputer: null,
      netlogonTrustAccount: null,
      netlogonNegotiateFlags: '0x00000000',
      netlogonSecureChannelType: 0,
      netlogonTrustAccountSid: null,
      passwordType: 'aes256-cts-hmac-sha1-96',
      duration: 3_000 + (time % 4_000),
    },
  }
  return `  ${JSON.stringify(event)}`
}
