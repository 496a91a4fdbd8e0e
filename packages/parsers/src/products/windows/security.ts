// The Security log: who did what to whom, from where, and whether it worked.
import { ipOf, portOf } from '../../normalise/address.ts'
import { add, type EventDocument, put, read } from '../../normalise/document.ts'
import { putCommunityId } from '../../normalise/network.ts'
import { putFile, putProcess, splitCommandLine } from '../../normalise/path.ts'
import {
  accessMaskNames,
  kerberosResults,
  logonStatuses,
  logonTypes,
  maskOf,
  messageText,
  messageTexts,
  serviceTypes,
  ticketEncryptionTypes,
  ticketOptionNames,
  trustAttributes,
  trustDirections,
  trustTypes,
  userAccountNames,
} from './codes.ts'
import type { WindowsEvent } from './event.ts'
import { securityEvents, targetIsAccount, targetIsComputer, targetIsGroup, targetIsUser } from './security-events.ts'

export function parseSecurity(event: WindowsEvent, document: EventDocument): void {
  const meaning = securityEvents.get(event.id)
  if (meaning !== undefined) {
    put(document, 'event.action', meaning.action)
    put(document, 'event.category', [...meaning.category])
    put(document, 'event.type', [...meaning.type])
  }
  putPeople(event, document)
  putWhere(event, document)
  putProcesses(event, document)
  putLogon(event, document)
  putObjects(event, document)
  putDescriptions(event, document)
}

/** Where the shipper left the keywords out: the event's own word, or the status of Kerberos and NTLM. */
export function auditedOutcome({ provider, id, data }: WindowsEvent): 'success' | 'failure' | undefined {
  if (provider !== 'Microsoft-Windows-Security-Auditing') return undefined
  if (id === '4624') return 'success'
  if (id === '4625' || id === '4771') return 'failure'
  if (id !== '4768' && id !== '4769' && id !== '4776') return undefined
  const status = data['Status'] ?? ''
  if (!/^0x[\da-f]{1,8}$/i.test(status)) return undefined
  return Number(status) === 0 ? 'success' : 'failure'
}

/** A value that says something: `-` and empty are how Windows writes nothing. */
export function said(value: string | undefined): string | undefined {
  return value === undefined || value === '' || value === '-' ? undefined : value
}

// ---- people

function putPeople(event: WindowsEvent, document: EventDocument): void {
  const { id, data } = event
  const source = event.userData === undefined ? data : { ...data, ...textsOf(event.userData) }
  if (targetIsUser.has(id)) {
    putPerson(
      document,
      'user',
      source['TargetUserName'] ?? source['AccountName'],
      source['TargetDomainName'] ?? source['AccountDomain'],
      source['TargetUserSid'] ?? source['TargetSid'],
    )
    if (id === '4624' || id === '4625')
      add(document, 'related.user', read_(document, 'user.name'), said(source['SubjectUserName']))
  } else if (id === '6272' || id === '6273' || id === '6274' || id === '6276' || id === '6278') {
    putPerson(
      document,
      'user',
      source['SubjectUserName'] ?? source['FullyQualifiedSubjectUserName'],
      source['SubjectDomainName'],
      source['SubjectUserSid'],
    )
  } else {
    putPerson(document, 'user', source['SubjectUserName'], source['SubjectDomainName'], source['SubjectUserSid'])
  }
  putTarget(id, source, document)
  add(
    document,
    'related.user',
    read_(document, 'user.name'),
    read_(document, 'user.target.name'),
    read_(document, 'user.effective.name'),
  )
}

function read_(document: EventDocument, path: string): string | undefined {
  const value = read(document, path)
  return typeof value === 'string' ? value : undefined
}

function textsOf(members: NonNullable<WindowsEvent['userData']>): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const [name, value] of Object.entries(members)) if (typeof value === 'string') texts[name] = value
  return texts
}

function putPerson(
  document: EventDocument,
  prefix: string,
  name: string | undefined,
  domain: string | undefined,
  sid: string | undefined,
): void {
  put(document, `${prefix}.id`, said(sid))
  const person = said(name)
  // Kerberos and NPS name a person with the realm: `anna@EXAMPLE.ORG`, `EXAMPLE\anna`.
  const back = person === undefined ? -1 : person.indexOf('\\')
  const at = person === undefined ? -1 : person.lastIndexOf('@')
  if (person !== undefined && back > 0) {
    put(document, `${prefix}.name`, person.slice(back + 1))
    put(document, `${prefix}.domain`, said(domain) ?? person.slice(0, back))
  } else if (person !== undefined && at > 0 && said(domain) !== undefined) {
    put(document, `${prefix}.name`, person.slice(0, at))
    put(document, `${prefix}.domain`, said(domain))
  } else {
    put(document, `${prefix}.name`, person)
    put(document, `${prefix}.domain`, said(domain))
  }
}

function putTarget(id: string, data: Record<string, string>, document: EventDocument): void {
  if (id === '4781') {
    put(document, 'user.target.name', said(data['OldTargetUserName']))
    put(document, 'user.target.domain', said(data['TargetDomainName']))
    put(document, 'user.target.id', said(data['TargetSid']))
    put(document, 'user.changes.name', said(data['NewTargetUserName']))
    add(document, 'related.user', said(data['OldTargetUserName']), said(data['NewTargetUserName']))
  } else if (targetIsAccount.has(id)) {
    putPerson(
      document,
      'user.target',
      data['TargetUserName'],
      data['TargetDomainName'],
      data['TargetSid'] ?? data['TargetUserSid'],
    )
  } else if (targetIsGroup.has(id)) {
    for (const prefix of said(data['MemberName'] ?? data['MemberSid']) === undefined
      ? ['group']
      : ['group', 'user.target.group']) {
      put(document, `${prefix}.id`, said(data['TargetSid']))
      put(document, `${prefix}.name`, said(data['TargetUserName']))
      put(document, `${prefix}.domain`, said(data['TargetDomainName']))
    }
    putMember(data, document)
  } else if (targetIsComputer.has(id)) {
    put(document, 'winlog.computerObject.id', said(data['TargetSid']))
    put(document, 'winlog.computerObject.name', said(data['TargetUserName']))
    put(document, 'winlog.computerObject.domain', said(data['TargetDomainName']))
  } else if (id === '4648' || id === '4688' || id === '4964') {
    putPerson(document, 'user.effective', data['TargetUserName'], data['TargetDomainName'], data['TargetUserSid'])
  }
}

/** `CN=Anna Berg,OU=Staff,DC=example,DC=org`: the first part is the member, the DCs its domain. */
function putMember(data: Record<string, string>, document: EventDocument): void {
  put(document, 'user.target.id', said(data['MemberSid']))
  const name = said(data['MemberName'])
  if (name === undefined) return
  const parts = distinguishedName(name)
  put(document, 'user.target.name', parts.name ?? name)
  put(document, 'user.target.domain', parts.domain)
}

/** Splits at commas that no backslash hides. */
export function distinguishedName(text: string): { name: string | undefined; domain: string | undefined } {
  const parts: string[] = []
  let from = 0
  for (let at = 0; at <= text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x5c) at++
    else if (at === text.length || code === 0x2c) {
      parts.push(text.slice(from, at).trim())
      from = at + 1
    }
  }
  const first = parts[0] ?? ''
  const named = first.slice(0, 3).toUpperCase() === 'CN='
  const domain = parts.filter((part) => part.slice(0, 3).toUpperCase() === 'DC=').map((part) => part.slice(3))
  return {
    name: named ? first.slice(3).replaceAll('\\', '') : undefined,
    domain: domain.length === 0 ? undefined : domain.join('.'),
  }
}

// ---- places

function putWhere(event: WindowsEvent, document: EventDocument): void {
  const { id, data } = event
  if (id >= '5150' && id <= '5159' && id.length === 4) {
    putConnection(data, document)
    return
  }
  const address = said(data['IpAddress'] ?? data['ClientAddress'] ?? data['ClientIPAddress'])
  const ip = ipOf(address)
  put(document, 'source.ip', ip)
  if (id.startsWith('47') && id.length === 4 && ip !== undefined && (id === '4778' || id === '4779'))
    put(document, 'source.domain', said(data['ClientName']))
  else put(document, 'source.domain', said(data['WorkstationName'] ?? data['Workstation'] ?? data['ClientName']))
  if (address !== undefined && ip === undefined && address !== 'LOCAL') put(document, 'source.address', address)
  put(document, 'source.port', portOf(said(data['IpPort'])))
  if (id.startsWith('627')) putPolicyServer(data, document)
}

/** NPS (6272 … 6280): the VPN or access point that asks, and the machine behind it. */
function putPolicyServer(data: Record<string, string>, document: EventDocument): void {
  put(document, 'source.mac', macOf(said(data['CallingStationID'])))
  const calling = ipOf(said(data['CallingStationID']))
  put(document, 'source.ip', calling)
  put(document, 'observer.ip', ipOf(said(data['NASIPv4Address']) ?? said(data['ClientIPAddress'])))
  put(document, 'observer.name', said(data['NASIdentifier']) ?? said(data['ClientName']))
  put(document, 'rule.name', said(data['NetworkPolicyName']) ?? said(data['ProxyPolicyName']))
  put(document, 'event.reason', said(data['Reason']))
}

/** Any common spelling of a MAC address as ECS wants it: upper case, hyphens. */
export function macOf(text: string | undefined): string | undefined {
  if (text === undefined || text.length > 32) return undefined
  const hex = text.replace(/[:.-]/g, '').slice(0, 12)
  return /^[0-9a-fA-F]{12}$/.test(hex) ? (hex.toUpperCase().match(/../g) ?? []).join('-') : undefined
}

const transports: Record<string, string | undefined> = {
  '1': 'icmp',
  '6': 'tcp',
  '17': 'udp',
  '47': 'gre',
  '58': 'ipv6-icmp',
  '132': 'sctp',
}

function putConnection(data: Record<string, string>, document: EventDocument): void {
  put(document, 'source.ip', ipOf(said(data['SourceAddress'])))
  put(document, 'source.port', portOf(said(data['SourcePort'])))
  put(document, 'destination.ip', ipOf(said(data['DestAddress'])))
  put(document, 'destination.port', portOf(said(data['DestPort'])))
  put(document, 'network.iana_number', said(data['Protocol']))
  put(document, 'network.transport', transports[data['Protocol'] ?? ''])
  const direction = messageText(data['Direction'])?.toLowerCase()
  put(document, 'network.direction', direction)
  putCommunityId(document)
  putProcess(document, 'process', said(data['Application']))
  put(document, 'process.pid', maskOf(data['ProcessID'] ?? data['ProcessId'] ?? ''))
}

// ---- processes

function putProcesses(event: WindowsEvent, document: EventDocument): void {
  const { id, data } = event
  if (id === '4688') {
    put(document, 'process.pid', maskOf(data['NewProcessId'] ?? ''))
    putProcess(document, 'process', said(data['NewProcessName']))
    put(document, 'process.parent.pid', maskOf(data['ProcessId'] ?? ''))
    putProcess(document, 'process.parent', said(data['ParentProcessName']))
    const line = said(data['CommandLine'])
    put(document, 'process.command_line', line)
    if (line !== undefined) put(document, 'process.args', splitCommandLine(line))
    return
  }
  const name = said(data['ProcessName'] ?? data['CallerProcessName'])
  if (name !== undefined || id === '4689') {
    putProcess(document, 'process', name)
    put(document, 'process.pid', maskOf(said(data['ProcessId'] ?? data['CallerProcessId']) ?? ''))
  }
}

// ---- logons

function putLogon(event: WindowsEvent, document: EventDocument): void {
  const { id, data } = event
  // As Elastic has it: the Subject's where there is one, else the session's own.
  put(document, 'winlog.logon.id', said(data['SubjectLogonId'] ?? data['TargetLogonId'] ?? data['LogonID']))
  put(document, 'winlog.logon.type', logonTypes[data['LogonType'] ?? ''])
  if (id === '4625' || (id === '4776' && event.outcome === 'failure')) {
    put(document, 'winlog.logon.failure.reason', messageText(data['FailureReason']) ?? said(data['FailureReason']))
    put(document, 'winlog.logon.failure.status', logonStatuses[(data['Status'] ?? '').toLowerCase()])
    put(document, 'winlog.logon.failure.sub_status', logonStatuses[(data['SubStatus'] ?? '').toLowerCase()])
  }
  if (id === '4768' || id === '4769' || id === '4770' || id === '4771') {
    put(document, 'service.name', said(data['ServiceName']))
  }
}

// ---- objects

function putObjects(event: WindowsEvent, document: EventDocument): void {
  const { id, data } = event
  switch (id) {
    case '4697':
      put(document, 'service.name', said(data['ServiceName']))
      put(document, 'service.type', serviceTypes[data['ServiceType'] ?? ''])
      break
    case '5140':
    case '5145':
      putShare(data, document)
      break
    case '4656':
    case '4658':
    case '4660':
    case '4663':
      putObject(id, data, document)
      break
    case '4706':
    case '4716':
      put(document, 'winlog.trustType', trustTypes[data['TdoType'] ?? ''])
      put(document, 'winlog.trustDirection', trustDirections[data['TdoDirection'] ?? ''])
      put(document, 'winlog.trustAttribute', trustAttributes[data['TdoAttributes'] ?? ''])
      break
    default:
  }
}

/** What was opened decides the category: a file, a key, a process such as lsass, an account of the SAM. */
function putObject(id: string, data: Record<string, string>, document: EventDocument): void {
  const type = data['ObjectType'] ?? ''
  const name = said(data['ObjectName'])
  if (type === 'File') {
    put(document, 'event.category', ['file'])
    put(document, 'event.type', [id === '4660' ? 'deletion' : 'access'])
    putFile(document, 'file', name)
  } else if (type === 'Key') {
    put(document, 'event.category', ['registry'])
    put(document, 'registry.path', name)
  } else if (type === 'Process') put(document, 'event.category', ['process'])
  else if (type.startsWith('SAM_')) put(document, 'event.category', ['iam'])
}

function putShare(data: Record<string, string>, document: EventDocument): void {
  const local = said(data['ShareLocalPath'])
  const relative = said(data['RelativeTargetName'])
  const share = said(data['ShareName'])
  if (relative !== undefined && relative !== '\\') {
    putFile(document, 'file', local === undefined ? relative : `${local}\\${relative}`)
    if (share !== undefined) put(document, 'file.target_path', `${share}\\${relative}`)
  }
  put(document, 'file.directory', local)
}

// ---- what the codes mean

/** Adds `…Description` beside coded data, as people and rules read words. */
function putDescriptions(event: WindowsEvent, document: EventDocument): void {
  const { id, data } = event
  const describe = (name: string, value: string | string[] | undefined): void => {
    if (value !== undefined && value.length > 0) put(document, `winlog.event_data.${name}`, value)
  }
  if (id.startsWith('47') && data['TicketOptions'] !== undefined) {
    describe('TicketOptionsDescription', ticketOptionNames(data['TicketOptions']))
    describe(
      'TicketEncryptionTypeDescription',
      ticketEncryptionTypes[(data['TicketEncryptionType'] ?? '').toLowerCase()],
    )
    describe('StatusDescription', kerberosResults[(data['Status'] ?? data['FailureCode'] ?? '').toLowerCase()])
  } else if (id === '4776') {
    describe('StatusDescription', logonStatuses[(data['Status'] ?? '').toLowerCase()])
  }
  if (data['AccessList'] !== undefined) describe('AccessListDescription', messageTexts(data['AccessList']))
  if (data['AccessMask'] !== undefined) describe('AccessMaskDescription', accessMaskNames(data['AccessMask']))
  if (data['NewUacValue'] !== undefined) describe('NewUACList', userAccountNames(data['NewUacValue']))
  if (data['AuditPolicyChanges'] !== undefined)
    describe('AuditPolicyChangesDescription', messageTexts(data['AuditPolicyChanges']))
  if (data['CategoryId'] !== undefined) describe('Category', messageText(data['CategoryId']))
  if (data['SubcategoryId'] !== undefined) describe('SubCategory', messageText(data['SubcategoryId']))
  if (data['LayerName'] !== undefined) describe('LayerNameDescription', messageText(data['LayerName']))
  if (data['RemoteMachineID'] === 'S-1-0-0') describe('RemoteMachineDescription', 'Nobody')
  if (data['RemoteUserID'] === 'S-1-0-0') describe('RemoteUserDescription', 'Nobody')
  const privileges = data['PrivilegeList'] ?? data['Privileges']
  if (privileges !== undefined)
    describe(
      'PrivilegeList',
      privileges.split(/\s+/).filter((name) => name !== ''),
    )
}
