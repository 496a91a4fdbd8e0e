// Attacks as senders would report them while they happen: each scene raises an alert of at least five rules.
import { fortigateTraffic } from '../../apps/varde/src/sample/device-lines.ts'
import { failedLogonData, logCleared, logonData, windowsEvent } from '../../apps/varde/src/sample/windows-lines.ts'
import { internal as domain } from '../../apps/varde/src/sample/world.ts'

export interface Scene {
  /** Event XML and firewall lines, as a collector forwards them: for the line door. */
  lines: string[]
  /** Documents as Winlogbeat ships them: for `_bulk`. */
  documents: { id: string; document: Record<string, unknown> }[]
}

const computer = domain.controller

/** Two addresses that no other scene has. */
function addresses(scene: number): [string, string] {
  return [`203.0.${scene >> 8}.${scene & 255}`, `198.51.${scene >> 8}.${scene & 255}`]
}

function winlogbeat(time: number, code: number, recordId: number, data: Record<string, string | number>, ok: boolean) {
  return {
    '@timestamp': new Date(time).toISOString(),
    event: { code: String(code), kind: 'event', provider: 'Microsoft-Windows-Security-Auditing' },
    host: { name: computer },
    winlog: {
      channel: 'Security',
      computer_name: computer,
      event_id: String(code),
      keywords: [ok ? 'Audit Success' : 'Audit Failure'],
      provider_name: 'Microsoft-Windows-Security-Auditing',
      record_id: recordId,
      event_data: data,
    },
  }
}

/** Scene number `n`, happening now: a spray, a guessed password, a new administrator, a cleared log, a port scan. */
export function attack(n: number, now: number): Scene {
  const [sprayer, guesser] = addresses(n)
  let record = n * 1_000
  const failure = (user: string, address: string) =>
    failedLogonData({ user, domain: domain.name, type: 3, address, workstation: 'WS-9' }, '0xc000006a')
  const spray = Array.from({ length: 12 }, (_, user) =>
    windowsEvent({
      time: now + user,
      code: 4625,
      computer,
      recordId: ++record,
      data: failure(`user${n}-${user}`, sprayer),
      failed: true,
    }),
  )
  const scan = Array.from({ length: 60 }, (_, port) =>
    fortigateTraffic(
      {
        time: now,
        source: sprayer,
        sourcePort: 40_000 + port,
        destination: '192.0.2.10',
        destinationPort: 1_000 + port,
        protocol: 6,
        sentBytes: 0,
        receivedBytes: 0,
        seconds: 0,
        session: n * 100 + port,
      },
      { action: 'deny', inward: true, policy: 0 },
    ),
  )
  const guesses = Array.from({ length: 12 }, (_, attempt) =>
    winlogbeat(now + attempt, 4625, ++record, failure(`victim${n}`, guesser), false),
  )
  const inside = logonData({
    user: `victim${n}`,
    sid: `${domain.sid}-${2_000 + n}`,
    domain: domain.name,
    type: 3,
    address: guesser,
    workstation: 'WS-9',
    logonId: '0x55cd1d',
  })
  const member = {
    MemberName: `CN=victim${n},CN=Users,DC=nordvarde,DC=test`,
    MemberSid: `${domain.sid}-${2_000 + n}`,
    TargetUserName: 'Domain Admins',
    TargetDomainName: domain.name,
    TargetSid: `${domain.sid}-512`,
    SubjectUserSid: `${domain.sid}-1177`,
    SubjectUserName: `helper${n}`,
    SubjectDomainName: domain.name,
    SubjectLogonId: '0x55cd1d',
    PrivilegeList: '-',
  }
  const documents = [
    ...guesses,
    winlogbeat(now + 20, 4624, ++record, inside, true),
    winlogbeat(now + 30, 4728, ++record, member, true),
  ]
  return {
    lines: [...spray, ...scan, logCleared(now + 40, computer, ++record, `helper${n}`, domain)],
    documents: documents.map((document, at) => ({ id: `scene-${n}-${at}`, document })),
  }
}
