// Windows Security events as a collector forwards them: event XML, fields as Microsoft's audit event pages name them.
import type { Domain } from './world.ts'

const provider = 'Name="Microsoft-Windows-Security-Auditing" Guid="{54849625-5478-4994-A5BA-3E3B0328C30D}"'

export interface WindowsEvent {
  time: number
  code: number
  computer: string
  recordId: number
  data: Record<string, string | number>
  /** Audit failure instead of success. */
  failed?: boolean
}

function xmlText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
}

export function windowsEvent({ time, code, computer, recordId, data, failed = false }: WindowsEvent): string {
  const fields = Object.entries(data).map(([name, value]) => `<Data Name="${name}">${xmlText(String(value))}</Data>`)
  const keywords = failed ? '0x8010000000000000' : '0x8020000000000000'
  return `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider ${provider}/><EventID>${code}</EventID><Version>0</Version><Level>0</Level><Task>12544</Task><Opcode>0</Opcode><Keywords>${keywords}</Keywords><TimeCreated SystemTime="${new Date(time).toISOString().replace('Z', '0000Z')}"/><EventRecordID>${recordId}</EventRecordID><Correlation/><Execution ProcessID="636" ThreadID="1204"/><Channel>Security</Channel><Computer>${computer}</Computer><Security/></System><EventData>${fields.join('')}</EventData></Event>`
}

/** Event 1102 has its fields in UserData (event log provider). */
export function logCleared(time: number, computer: string, recordId: number, who: string, domain: Domain): string {
  return `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Microsoft-Windows-Eventlog" Guid="{fc65ddd8-d6ef-4962-83d5-6e5cfe9ce148}"/><EventID>1102</EventID><Version>0</Version><Level>4</Level><Task>104</Task><Opcode>0</Opcode><Keywords>0x4020000000000000</Keywords><TimeCreated SystemTime="${new Date(time).toISOString().replace('Z', '0000Z')}"/><EventRecordID>${recordId}</EventRecordID><Correlation/><Execution ProcessID="1004" ThreadID="3120"/><Channel>Security</Channel><Computer>${computer}</Computer><Security/></System><UserData><LogFileCleared xmlns="http://manifests.microsoft.com/win/2004/08/windows/eventlog"><SubjectUserSid>${domain.sid}-1177</SubjectUserSid><SubjectUserName>${who}</SubjectUserName><SubjectDomainName>${domain.name}</SubjectDomainName><SubjectLogonId>0x55cd1d</SubjectLogonId></LogFileCleared></UserData></Event>`
}

export interface Logon {
  user: string
  sid: string
  domain: string
  type: number
  address: string
  workstation: string
  logonId: string
}

/** Event 4624. */
export function logonData({
  user,
  sid,
  domain,
  type,
  address,
  workstation,
  logonId,
}: Logon): Record<string, string | number> {
  return {
    SubjectUserSid: 'S-1-0-0',
    SubjectUserName: '-',
    SubjectDomainName: '-',
    SubjectLogonId: '0x0',
    TargetUserSid: sid,
    TargetUserName: user,
    TargetDomainName: domain,
    TargetLogonId: logonId,
    LogonType: type,
    LogonProcessName: type === 10 ? 'User32' : 'Kerberos',
    AuthenticationPackageName: type === 10 ? 'Negotiate' : 'Kerberos',
    WorkstationName: workstation,
    LogonGuid: '{00000000-0000-0000-0000-000000000000}',
    TransmittedServices: '-',
    LmPackageName: '-',
    KeyLength: 0,
    ProcessId: '0x0',
    ProcessName: '-',
    IpAddress: address,
    IpPort: 49_152 + (Number.parseInt(logonId.slice(-3), 16) % 16_000),
  }
}

/** Event 4625; sub-status 0xC000006A is a wrong password, 0xC0000064 no such user. */
export function failedLogonData(
  logon: Omit<Logon, 'sid' | 'logonId'>,
  subStatus: string,
): Record<string, string | number> {
  return {
    SubjectUserSid: 'S-1-0-0',
    SubjectUserName: '-',
    SubjectDomainName: '-',
    SubjectLogonId: '0x0',
    TargetUserSid: 'S-1-0-0',
    TargetUserName: logon.user,
    TargetDomainName: logon.domain,
    Status: '0xc000006d',
    FailureReason: '%%2313',
    SubStatus: subStatus,
    LogonType: logon.type,
    LogonProcessName: 'NtLmSsp',
    AuthenticationPackageName: 'NTLM',
    WorkstationName: logon.workstation,
    TransmittedServices: '-',
    LmPackageName: '-',
    KeyLength: 0,
    ProcessId: '0x0',
    ProcessName: '-',
    IpAddress: logon.address,
    IpPort: 51_344,
  }
}
