// Microsoft servers that audit into Windows's logs: DNS Server (audit and analytical), SQL Server's audit.
import { ipOf, portOf } from '../../normalise/address.ts'
import { add, type EventDocument, put } from '../../normalise/document.ts'
import { domainParts } from '../../normalise/domain-name.ts'
import { isoTime, timeOf } from '../../normalise/time.ts'
import type { WindowsEvent } from './event.ts'
import { said } from './security.ts'
import { recordTypes } from './sysmon.ts'

/** RFC 1035 §4.1.1 and RFC 2136 §2.2, as IANA spells them. */
const responseCodes = [
  'NoError',
  'FormErr',
  'ServFail',
  'NXDomain',
  'NotImp',
  'Refused',
  'YXDomain',
  'YXRRSet',
  'NXRRSet',
  'NotAuth',
  'NotZone',
] as const

/** Ids of Microsoft-Windows-DNSServer/Analytical (learn.microsoft.com, "DNS logging and diagnostics"). */
const analytical: Record<string, readonly [action: string, direction: string | undefined] | undefined> = {
  '256': ['LOOK_UP', 'ingress'],
  '257': ['LOOK_UP', 'egress'],
  '258': ['LOOK_UP', 'egress'],
  '259': ['LOOK_UP', 'ingress'],
  '260': ['RECURSE_QUERY', 'egress'],
  '261': ['RECURSE_QUERY', 'ingress'],
  '262': ['RECURSE_QUERY', 'egress'],
  '263': ['DYN_UPDATE', 'ingress'],
  '264': ['DYN_UPDATE', 'egress'],
  '265': ['XFR', 'egress'],
  '266': ['XFR', 'ingress'],
  '267': ['XFR', 'egress'],
  '268': ['XFR', 'ingress'],
  '269': ['XFR', 'ingress'],
  '270': ['XFR', 'egress'],
  '271': ['XFR', 'ingress'],
  '272': ['XFR', 'egress'],
  '279': ['LOOK_UP', undefined],
  '280': ['LOOK_UP', undefined],
}

/** Ids of the audit channel that change zones, records, settings: 512 … 582. */
export function parseDnsServer(event: WindowsEvent, document: EventDocument): void {
  const { data, id } = event
  const known = analytical[id]
  const name = said(data['QNAME'] ?? data['NAME'] ?? data['Name'])
  put(document, 'dns.question.name', name)
  const parts = name === undefined ? undefined : domainParts(name)
  put(document, 'dns.question.registered_domain', parts?.registered)
  const type = said(data['QTYPE'] ?? data['Type'])
  if (type !== undefined && /^\d{1,5}$/.test(type)) put(document, 'dns.question.type', recordTypes[type] ?? type)
  add(document, 'related.user', event.user?.name)
  if (known === undefined) {
    put(document, 'event.action', event.task)
    put(document, 'event.category', ['configuration'])
    put(document, 'event.type', ['change'])
    put(document, 'process.pid', event.processId)
    put(document, 'user.id', event.user?.sid)
    put(document, 'user.name', event.user?.name)
    put(document, 'user.domain', event.user?.domain)
    return
  }
  put(document, 'event.action', known[0])
  put(document, 'event.category', ['network'])
  put(document, 'event.type', ['protocol'])
  put(document, 'event.reason', said(data['Reason']))
  put(document, 'dns.id', said(data['XID']))
  const code = data['RCODE'] === undefined ? undefined : responseCodes[Number(data['RCODE'])]
  put(document, 'dns.response_code', code)
  if (code !== undefined) put(document, 'event.outcome', code === 'NoError' ? 'success' : 'failure')
  put(document, 'network.protocol', 'dns')
  put(document, 'network.direction', known[1])
  put(document, 'network.transport', data['TCP'] === undefined ? undefined : data['TCP'] === '0' ? 'udp' : 'tcp')
  const source = said(data['Source'])
  const destination = said(data['Destination'])
  put(document, 'source.ip', ipOf(source))
  put(document, 'destination.ip', ipOf(destination))
  put(document, destination === undefined ? 'source.port' : 'destination.port', portOf(said(data['Port'])))
  add(document, 'related.ip', ipOf(source), ipOf(destination), ipOf(said(data['InterfaceIP'])))
  if (known[1] === 'ingress') putFlags(data, document)
}

function putFlags(data: Record<string, string>, document: EventDocument): void {
  const set = (['AA', 'TC', 'RD', 'RA', 'AD', 'CD'] as const).filter((flag) => data[flag] === '1')
  if (set.length > 0) put(document, 'dns.header_flags', [...set])
}

/** sys.fn_get_audit_file's action ids (learn.microsoft.com, "SQL Server Audit action groups and actions"). */
const sqlActions: Record<string, readonly [action: string, category: string, type: string] | undefined> = {
  SL: ['select', 'database', 'access'],
  IN: ['insert', 'database', 'info'],
  UP: ['update', 'database', 'change'],
  DL: ['delete', 'database', 'deletion'],
  EX: ['execute', 'database', 'info'],
  LGIS: ['login-succeeded', 'database,session', 'info,start'],
  LGIF: ['login-failed', 'database,authentication', 'info,start'],
  LGO: ['logout', 'database,session', 'info,end'],
  CR: ['create', 'database', 'creation'],
  AL: ['alter', 'database', 'change'],
  DR: ['drop', 'database', 'deletion'],
  G: ['grant', 'database,iam', 'change'],
  R: ['revoke', 'database,iam', 'change'],
  D: ['deny', 'database,iam', 'change'],
  APRL: ['add-member-to-role', 'database,iam', 'change'],
  DPRL: ['drop-member-from-role', 'database,iam', 'change'],
  PWC: ['change-password', 'database,iam', 'change'],
  AUSC: ['audit-session-changed', 'database', 'change'],
  BA: ['backup', 'database', 'info'],
  RS: ['restore', 'database', 'change'],
  IMP: ['impersonate', 'database,iam', 'info'],
}

/** Event 33205: `name:value` lines; the statement may run over several. */
export function parseSqlAudit(event: WindowsEvent, document: EventDocument): void {
  const values = readLines(event.data['param1'] ?? Object.values(event.data)[0] ?? '')
  for (const [name, value] of values) if (value !== '') put(document, `sqlserver.audit.${name}`, value)
  const get = (name: string): string | undefined => {
    const value = values.get(name)?.trim()
    return value === undefined || value === '' ? undefined : value
  }
  put(document, '@timestamp', isoTime(timeOf(get('event_time')?.replace(/(\.\d{3})\d*$/, '$1'), event.time ?? 0)))
  const action = sqlActions[get('action_id') ?? '']
  put(document, 'event.action', action?.[0] ?? get('action_id')?.toLowerCase())
  put(document, 'event.category', (action?.[1] ?? 'database').split(','))
  put(document, 'event.type', (action?.[2] ?? 'info').split(','))
  const succeeded = get('succeeded')
  if (succeeded !== undefined) put(document, 'event.outcome', succeeded === 'true' ? 'success' : 'failure')
  const person = get('server_principal_name') ?? get('session_server_principal_name')
  const back = person?.lastIndexOf('\\') ?? -1
  put(document, 'user.name', person?.slice(back + 1))
  if (back > 0) put(document, 'user.domain', person?.slice(0, back))
  add(document, 'related.user', person?.slice(back + 1))
  const address = get('client_ip')
  put(document, 'source.ip', ipOf(address))
  put(document, 'process.pid', event.processId)
}

function readLines(text: string): Map<string, string> {
  const values = new Map<string, string>()
  let last = ''
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    const name = colon > 0 ? line.slice(0, colon) : ''
    if (/^[a-z][a-z_]{2,40}$/.test(name)) {
      last = name
      values.set(name, line.slice(colon + 1))
    } else if (last !== '') values.set(last, `${values.get(last) ?? ''}\n${line}`)
  }
  return values
}
