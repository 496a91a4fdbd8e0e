// The story: a working week of a small hosting company, and on its last evening somebody who does not work there.
import {
  asaConnection,
  asaDeny,
  fortigateAdmin,
  fortigateTraffic,
  netfilterDrop,
  openvpnFailure,
  openvpnSession,
  sambaAuthentication,
} from './device-lines.ts'
import { type Chance, createChance } from './random.ts'
import { failedLogonData, logCleared, logonData, windowsEvent } from './windows-lines.ts'
import {
  administrators,
  attacker,
  cloud,
  type Domain,
  hosting,
  internal,
  type Person,
  publicAddress,
  scanner,
  serverAddress,
  servers,
  serviceAccounts,
  staff,
  victim,
} from './world.ts'

export interface SampleRecord {
  /** UTC milliseconds of the event. */
  time: number
  source: string
  dataset: string
  line: string
}

const second = 1_000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const days = 7
/** The VPN log goes further back: what is new can only be told from what was. */
const vpnDays = 21

const datasets = {
  'dc1-internal': 'system.security',
  'dc1-cloud': 'system.security',
  'dc1-hosting': 'samba_ad.audit',
  'fg-edge-1': 'fortinet_fortigate.log',
  'asa-dc-1': 'cisco_asa.log',
  router1: 'iptables.log',
  vpn1: 'openvpn.log',
} as const
type Source = keyof typeof datasets

interface Pen {
  chance: Chance
  write(source: Source, time: number, line: string): void
  windows(
    domain: Domain,
    time: number,
    code: number,
    data: Record<string, string | number>,
    options?: { failed?: boolean; computer?: string },
  ): void
  number(): number
}

function createPen(chance: Chance, records: SampleRecord[]): Pen {
  const recordIds = new Map<string, number>()
  let numbers = 100_000
  const write = (source: Source, time: number, line: string) => {
    records.push({ time, source, dataset: datasets[source], line })
  }
  return {
    chance,
    write,
    windows(domain, time, code, data, { failed = false, computer = domain.controller } = {}) {
      const recordId = (recordIds.get(computer) ?? 4_000_000) + 1
      recordIds.set(computer, recordId)
      write(
        domain === cloud ? 'dc1-cloud' : 'dc1-internal',
        time,
        windowsEvent({ time, code, computer, recordId, data, failed }),
      )
    },
    number() {
      numbers += 1
      return numbers
    },
  }
}

function isWorkday(start: number): boolean {
  const weekday = new Date(start).getUTCDay()
  return weekday !== 0 && weekday !== 6
}

function sidOf(person: Person): string {
  return `${person.domain.sid}-${person.sid}`
}

function logon(
  pen: Pen,
  person: Person,
  time: number,
  type: number,
  address: string,
  computer = person.domain.controller,
): string {
  const logonId = `0x${pen.chance.hex(6)}`
  pen.windows(
    person.domain,
    time,
    4624,
    logonData({
      user: person.name,
      sid: sidOf(person),
      domain: person.domain.name,
      type,
      address,
      workstation: person.workstation,
      logonId,
    }),
    { computer },
  )
  return logonId
}

function logoff(pen: Pen, person: Person, time: number, logonId: string): void {
  pen.windows(person.domain, time, 4634, {
    TargetUserSid: sidOf(person),
    TargetUserName: person.name,
    TargetDomainName: person.domain.name,
    TargetLogonId: logonId,
    LogonType: 3,
  })
}

function mistype(pen: Pen, person: Person, time: number): void {
  pen.windows(
    person.domain,
    time,
    4625,
    failedLogonData(
      { user: person.name, domain: person.domain.name, type: 3, address: person.desk, workstation: person.workstation },
      '0xc000006a',
    ),
    { failed: true },
  )
}

function ticket(pen: Pen, person: Person, time: number): void {
  pen.windows(person.domain, time, 4768, {
    TargetUserName: person.name,
    TargetDomainName: person.domain.realm.toUpperCase(),
    TargetSid: sidOf(person),
    ServiceName: 'krbtgt',
    ServiceSid: `${person.domain.sid}-502`,
    TicketOptions: '0x40810010',
    Status: '0x0',
    TicketEncryptionType: '0x12',
    PreAuthType: 15,
    IpAddress: `::ffff:${person.desk}`,
    IpPort: 49_800 + (person.sid % 1_000),
    CertIssuerName: '',
    CertSerialNumber: '',
    CertThumbprint: '',
  })
}

/** One person's day at the desk. */
function deskDay(pen: Pen, person: Person, start: number): void {
  const { chance } = pen
  const arrives = start + 6 * hour + chance.whole(0, 150) * minute + chance.whole(0, 59) * second
  if (chance.in(0.15)) mistype(pen, person, arrives - 20 * second)
  ticket(pen, person, arrives - second)
  const session = logon(pen, person, arrives, 3, person.desk)
  for (let file = 0; file < chance.whole(8, 16); file += 1) {
    const at = arrives + chance.whole(5, 470) * minute
    const id = logon(pen, person, at, 3, person.desk)
    logoff(pen, person, at + chance.whole(1, 20) * minute, id)
  }
  logoff(pen, person, arrives + 8 * hour + chance.whole(0, 40) * minute, session)
  for (let visit = 0; visit < chance.whole(12, 28); visit += 1) {
    const at = arrives + chance.whole(1, 470) * minute + chance.whole(0, 59) * second
    const inside = chance.in(0.4)
    const destination = inside
      ? (serverAddress[chance.pick(servers)] ?? '10.30.0.21')
      : `198.51.100.${chance.whole(100, 250)}`
    const flow = {
      time: at,
      source: person.desk,
      sourcePort: chance.whole(49_152, 65_000),
      destination,
      destinationPort: inside ? chance.pick([443, 443, 445, 1433]) : chance.pick([443, 443, 443, 80]),
      protocol: 6 as const,
      sentBytes: chance.whole(900, 60_000),
      receivedBytes: chance.whole(3_000, 900_000),
      seconds: chance.whole(1, 240),
      session: pen.number(),
    }
    if (inside) {
      const [built, ended] = asaConnection(flow)
      pen.write('asa-dc-1', flow.time, built)
      pen.write('asa-dc-1', flow.time + flow.seconds * second, ended)
    } else
      pen.write(
        'fg-edge-1',
        flow.time + flow.seconds * second,
        fortigateTraffic(
          { ...flow, time: flow.time + flow.seconds * second },
          { action: 'close', inward: false, policy: 12 },
        ),
      )
  }
}

function vpnEvening(pen: Pen, person: Person, start: number, slot: number): void {
  const { chance } = pen
  const at = start + 17 * hour + chance.whole(0, 170) * minute
  const port = chance.whole(30_000, 60_000)
  if (chance.in(0.1)) pen.write('vpn1', at - 30 * second, openvpnFailure(at - 30 * second, person.home, port - 1))
  for (const { time, line } of openvpnSession(
    at,
    person.name,
    person.home,
    port,
    `10.8.0.${10 + slot}`,
    chance.whole(20, 150) * 60,
  ))
    pen.write('vpn1', time, line)
}

/** Accounts of machines and services work day and night. */
function services(pen: Pen, start: number): void {
  const { chance } = pen
  for (const [index, account] of serviceAccounts.entries()) {
    const person: Person = {
      name: account,
      domain: internal,
      desk: serverAddress[servers[index] ?? 'fs1.nordvarde.test'] ?? '10.20.2.11',
      workstation: (servers[index] ?? 'fs1').split('.')[0]?.toUpperCase() ?? 'FS1',
      home: '',
      sid: 1_200 + index,
    }
    for (let at = start + index * minute; at < start + day; at += 30 * minute)
      logoff(
        pen,
        person,
        at + 20 * second,
        logon(pen, person, at + chance.whole(0, 20) * second, index === 1 ? 5 : 3, person.desk),
      )
  }
  for (let at = start + 7 * minute; at < start + day; at += 20 * minute) {
    const user = `kunde${chance.whole(10, 40)}`
    pen.write(
      'dc1-hosting',
      at,
      sambaAuthentication(
        at,
        user,
        `10.60.1.${chance.whole(10, 60)}`,
        !chance.in(0.03),
        `${hosting.sid}-${1_300 + chance.whole(0, 30)}`,
      ),
    )
  }
}

/** The Internet knocks at all hours: single packets from everywhere, and at night one patient scanner. */
function knocking(pen: Pen, start: number, withScan: boolean): void {
  const { chance } = pen
  for (let knock = 0; knock < 700; knock += 1) {
    const at = start + Math.floor(chance.next() * day)
    const [source, sourcePort] = [`198.51.100.${chance.whole(1, 99)}`, chance.whole(1_024, 65_000)]
    const port = chance.pick([22, 23, 80, 443, 445, 1433, 3306, 3389, 5060, 8080, 8443])
    const target = `192.0.2.${chance.whole(10, 30)}`
    const device = chance.whole(0, 2)
    if (device === 0)
      pen.write(
        'fg-edge-1',
        at,
        fortigateTraffic(
          {
            time: at,
            source,
            sourcePort,
            destination: target,
            destinationPort: port,
            protocol: 6,
            sentBytes: 0,
            receivedBytes: 0,
            seconds: 0,
            session: pen.number(),
          },
          { action: 'deny', inward: true, policy: 0 },
        ),
      )
    else if (device === 1) pen.write('asa-dc-1', at, asaDeny(at, source, sourcePort, target, port))
    else pen.write('router1', at, netfilterDrop(at, source, sourcePort, target, port, chance.whole(1, 65_000)))
  }
  if (!withScan) return
  const begin = start + 2 * hour + 13 * minute
  for (let port = 1; port <= 180; port += 1) {
    const at = begin + port * 700
    pen.write('router1', at, netfilterDrop(at, scanner, 44_321, publicAddress, port * 7, port))
  }
}

function administration(pen: Pen, start: number): void {
  const [anna, soren] = administrators
  for (const [index, person] of [anna, soren].entries()) {
    const at = start + (7 + index * 2) * hour + pen.chance.whole(0, 50) * minute
    logon(pen, person, at, 10, person.desk)
    pen.write('fg-edge-1', at + 5 * minute, fortigateAdmin(at + 5 * minute, person.name, person.desk, true))
  }
}

/** A telephone with an old password: many failures of one account from one desk, and no attack. */
function oldPassword(pen: Pen, start: number): void {
  const [person] = staff
  if (person === undefined) return
  for (let tries = 0; tries < 12; tries += 1) mistype(pen, person, start + 8 * hour + tries * 20 * second)
}

/** The last evening. Times are counted back from midnight. */
function breakIn(pen: Pen, midnight: number): void {
  const at = (before: string) => {
    const [hours = 0, minutes = 0, seconds = 0] = before.split(':').map(Number)
    return midnight - (24 - hours) * hour + minutes * minute + seconds * second
  }
  const guessed = [...staff.slice(0, 16), victim]
  // 20:41: one password, seventeen accounts, from one address, in under six minutes; the last one fits.
  for (const [index, person] of guessed.entries()) {
    pen.windows(
      internal,
      at('20:41:05') + index * 20 * second,
      4625,
      failedLogonData(
        { user: person.name, domain: internal.name, type: 3, address: attacker, workstation: 'KALI' },
        '0xc000006a',
      ),
      { failed: true },
    )
  }
  logon(pen, { ...victim, workstation: 'KALI' }, at('20:48:31'), 3, attacker)
  // 21:03: the same account opens a VPN session from the same address, half a world away from home.
  for (const { time, line } of openvpnSession(at('21:03:12'), victim.name, attacker, 51_820, '10.8.0.77', 8_400))
    pen.write('vpn1', time, line)
  const inside: Person = { ...victim, desk: '10.8.0.77', workstation: 'KALI' }
  const logonId = logon(pen, inside, at('21:09:44'), 10, inside.desk)
  pen.windows(internal, at('21:09:44') + 40, 4672, {
    SubjectUserSid: sidOf(victim),
    SubjectUserName: victim.name,
    SubjectDomainName: internal.name,
    SubjectLogonId: logonId,
    PrivilegeList: 'SeSecurityPrivilege\n\t\t\tSeBackupPrivilege\n\t\t\tSeDebugPrivilege',
  })
  const subject = {
    SubjectUserSid: sidOf(victim),
    SubjectUserName: victim.name,
    SubjectDomainName: internal.name,
    SubjectLogonId: logonId,
  }
  // 21:17: an account of his own, and into Domain Admins with it.
  const back = { sid: `${internal.sid}-1404`, name: 'svc-update' }
  pen.windows(internal, at('21:17:20'), 4720, {
    TargetUserName: back.name,
    TargetDomainName: internal.name,
    TargetSid: back.sid,
    ...subject,
    PrivilegeList: '-',
    SamAccountName: back.name,
    DisplayName: '%%1793',
    UserPrincipalName: `${back.name}@${internal.realm}`,
    HomeDirectory: '%%1793',
    PasswordLastSet: '%%1794',
    AccountExpires: '%%1794',
    PrimaryGroupId: 513,
    OldUacValue: '0x0',
    NewUacValue: '0x15',
    UserAccountControl: '\n\t\t%%2080\n\t\t%%2082\n\t\t%%2084',
  })
  pen.windows(internal, at('21:19:02'), 4728, {
    MemberName: `CN=${back.name},CN=Users,DC=nordvarde,DC=test`,
    MemberSid: back.sid,
    TargetUserName: 'Domain Admins',
    TargetDomainName: internal.name,
    TargetSid: `${internal.sid}-512`,
    ...subject,
    PrivilegeList: '-',
  })
  const backdoor: Person = {
    name: back.name,
    domain: internal,
    desk: inside.desk,
    workstation: 'KALI',
    home: '',
    sid: 1_404,
  }
  for (const [index, server] of servers.entries())
    logon(pen, backdoor, at('21:31:00') + index * 3 * minute, 3, inside.desk, server)
  // 21:58: six hundred megabytes leave the file server.
  for (let part = 0; part < 6; part += 1) {
    const time = at('21:58:00') + part * 4 * minute
    pen.write(
      'fg-edge-1',
      time,
      fortigateTraffic(
        {
          time,
          source: '10.20.2.11',
          sourcePort: 50_100 + part,
          destination: attacker,
          destinationPort: 443,
          protocol: 6,
          sentBytes: 104_857_600 + part * 7_331,
          receivedBytes: 41_200,
          seconds: 220,
          session: pen.number(),
        },
        { action: 'close', inward: false, policy: 12 },
      ),
    )
  }
  // 22:26: the lights go out.
  pen.write('dc1-internal', at('22:26:40'), logCleared(at('22:26:40'), internal.controller, 1, back.name, internal))
}

/** What happens on a day without an intruder. `scan`: at night somebody knocks on one port after the other. */
function quietDay(pen: Pen, start: number, scan: boolean): void {
  const workday = isWorkday(start)
  for (const person of [...staff, victim]) if (workday || pen.chance.in(0.08)) deskDay(pen, person, start)
  services(pen, start)
  knocking(pen, start, scan)
  if (workday) administration(pen, start)
}

function vpnEvenings(pen: Pen, start: number): void {
  const workday = isWorkday(start)
  const evening = [...staff, victim].filter(() => pen.chance.in(workday ? 0.4 : 0.1))
  for (const [slot, person] of evening.entries()) vpnEvening(pen, person, start, slot)
}

const inOrder = (records: SampleRecord[]) => records.sort((a, b) => a.time - b.time)

/** All records in the order of their times. `end`: a midnight, UTC milliseconds. The same seed and end give the same lines. */
export function sampleWeek({ seed, end }: { seed: number; end: number }): SampleRecord[] {
  const records: SampleRecord[] = []
  const pen = createPen(createChance(seed), records)
  for (let back = vpnDays; back >= 1; back -= 1) {
    const start = end - back * day
    vpnEvenings(pen, start)
    if (back > days) continue
    quietDay(pen, start, back === 4)
    if (back === 3) oldPassword(pen, start)
  }
  breakIn(pen, end)
  return inOrder(records)
}

/** One day of the same world, for whoever needs more of it than a week; `intruder`: it ends as the week does. */
export function sampleDay({
  seed,
  start,
  intruder,
}: {
  seed: number
  start: number
  intruder: boolean
}): SampleRecord[] {
  const records: SampleRecord[] = []
  const pen = createPen(createChance(seed), records)
  vpnEvenings(pen, start)
  quietDay(pen, start, false)
  if (intruder) breakIn(pen, start + day)
  return inOrder(records)
}
