// Samba as an Active Directory domain controller: the JSON audit of authentication, directory, passwords and groups
// (wiki.samba.org, "Setting up Audit Logging"). Facts that Windows has too get Windows's id and action, so that a rule covers both.
import type { Json, JsonObject } from '@varde/schema'
import { isObject, jsonOf, type LogRecord } from '../log-record.ts'
import { ipOf, portOf } from '../normalise/address.ts'
import { add, type EventDocument, put } from '../normalise/document.ts'
import { putSyslogHost } from '../normalise/syslog-fields.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { logonTypes } from './windows/codes.ts'
import { distinguishedName } from './windows/security.ts'
import { securityEvents } from './windows/security-events.ts'

const types = [
  'Authentication',
  'Authorization',
  'KDC Authorization',
  'dsdbChange',
  'dsdbTransaction',
  'passwordChange',
  'groupChange',
  'replicatedUpdate',
] as const

export const sambaAd: Product = {
  name: 'samba_ad',
  datasets: ['samba_ad.audit'],
  detect(record) {
    if (!record.text.includes('"timestamp"')) return 0
    const json = auditOf(record)
    return json !== undefined && isObject(bodyOf(json)?.['version']) ? 0.98 : 0
  },
  parse(record, document) {
    const json = auditOf(record)
    const body = json === undefined ? undefined : bodyOf(json)
    if (json === undefined || body === undefined) return false
    put(document, '@timestamp', isoTime(timeOf(text(json['timestamp']), record.arrival)))
    putSyslogHost(document, record)
    put(document, 'event.provider', 'samba')
    const type = text(json['type']) ?? ''
    put(document, `samba.${type.replaceAll(' ', '_')}`, body)
    putAddresses(body, document)
    parseBody(type, body, document)
    return true
  },
}

/** Samba's own log files write `  JSON Authentication: {…}`; its `*_json_audit` classes the object alone. */
function auditOf(record: LogRecord): JsonObject | undefined {
  const json = jsonOf(record)
  if (json !== undefined) return json
  const open = record.text.indexOf('{"timestamp"')
  const close = record.text.lastIndexOf('}')
  if (open < 0 || open > 512 || close < open) return undefined
  try {
    const value: unknown = JSON.parse(record.text.slice(open, close + 1))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function bodyOf(json: JsonObject): JsonObject | undefined {
  const { type } = json
  if (typeof type !== 'string' || !types.some((known) => known === type)) return undefined
  const body = json[type]
  return isObject(body) ? body : undefined
}

function text(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value === '' ? undefined : value
  return typeof value === 'number' ? String(value) : undefined
}

/** `ipv4:192.0.2.1:636`, `ipv6:2001:db8::1:636`. */
function endpointOf(value: Json | undefined): { ip: string | undefined; port: number | undefined } | undefined {
  const address = text(value)
  if (address === undefined || !address.startsWith('ipv')) return undefined
  const colon = address.lastIndexOf(':')
  return { ip: ipOf(address.slice(5, colon)), port: portOf(address.slice(colon + 1)) }
}

function putAddresses(body: JsonObject, document: EventDocument): void {
  const remote = endpointOf(body['remoteAddress'])
  put(document, 'source.ip', remote?.ip)
  put(document, 'source.port', remote?.port)
  const local = endpointOf(body['localAddress'])
  put(document, 'destination.ip', local?.ip)
  put(document, 'destination.port', local?.port)
}

function parseBody(type: string, body: JsonObject, document: EventDocument): void {
  switch (type) {
    case 'Authentication':
      parseAuthentication(body, document)
      break
    case 'Authorization':
    case 'KDC Authorization':
      parseAuthorization(body, document)
      break
    case 'passwordChange':
      putMeaning(document, text(body['eventId']) ?? (body['action'] === 'Reset' ? '4724' : '4723'))
      putActor(body, document)
      putTarget(body['dn'], 'user.target', document)
      putStatus(body, document)
      break
    case 'groupChange':
      parseGroupChange(body, document)
      break
    case 'dsdbChange':
    case 'replicatedUpdate':
      parseChange(body, document)
      break
    default:
      put(document, 'event.action', `directory-transaction-${text(body['action']) ?? 'unknown'}`)
      put(document, 'event.category', ['database'])
      put(document, 'event.type', ['info'])
      put(document, 'event.outcome', body['action'] === 'commit' ? 'success' : 'failure')
      put(document, 'transaction.id', text(body['transactionId']))
  }
}

/** The Windows id's meaning: code, action, category, type. */
function putMeaning(document: EventDocument, id: string): void {
  const meaning = securityEvents.get(id)
  put(document, 'event.code', id)
  if (meaning === undefined) return
  put(document, 'event.action', meaning.action)
  put(document, 'event.category', [...meaning.category])
  put(document, 'event.type', [...meaning.type])
}

/** Who acts is named by SID alone; the SIDs that every Windows has are told by name (MS-DTYP §2.4.2.4). */
const wellKnown: Record<string, string | undefined> = {
  'S-1-5-18': 'SYSTEM',
  'S-1-5-7': 'ANONYMOUS LOGON',
  'S-1-5-19': 'LOCAL SERVICE',
  'S-1-5-20': 'NETWORK SERVICE',
}

function putActor(body: JsonObject, document: EventDocument): void {
  const sid = text(body['userSid'])
  put(document, 'user.id', sid)
  const name = wellKnown[sid ?? '']
  if (name === undefined) return
  put(document, 'user.name', name)
  put(document, 'user.domain', 'NT AUTHORITY')
}

function putTarget(dn: Json | undefined, prefix: string, document: EventDocument): void {
  const name = text(dn)
  if (name === undefined) return
  const parts = distinguishedName(name)
  put(document, `${prefix}.name`, parts.name ?? name)
  put(document, `${prefix}.domain`, parts.domain)
  if (prefix === 'user.target') add(document, 'related.user', parts.name)
}

/** LDAP result codes (RFC 4511 §4.1.9): 0 is success. */
function putStatus(body: JsonObject, document: EventDocument): void {
  const { statusCode } = body
  if (typeof statusCode !== 'number') return
  put(document, 'event.outcome', statusCode === 0 ? 'success' : 'failure')
  if (statusCode === 0) return
  put(document, 'event.reason', text(body['status']))
  put(document, 'error.code', String(statusCode))
}

/** What a person reads for the NT status of a refused logon. */
const reasons: Record<string, string | undefined> = {
  NT_STATUS_WRONG_PASSWORD: 'wrong password',
  NT_STATUS_LOGON_FAILURE: 'unknown user or wrong password',
  NT_STATUS_NO_SUCH_USER: 'no such user',
  NT_STATUS_ACCOUNT_LOCKED_OUT: 'account locked out',
  NT_STATUS_ACCOUNT_DISABLED: 'account disabled',
  NT_STATUS_ACCOUNT_EXPIRED: 'account expired',
  NT_STATUS_PASSWORD_EXPIRED: 'password expired',
  NT_STATUS_PASSWORD_MUST_CHANGE: 'password must change',
  NT_STATUS_INVALID_LOGON_HOURS: 'outside logon hours',
  NT_STATUS_INVALID_WORKSTATION: 'workstation not allowed',
  NT_STATUS_PASSWORD_RESTRICTION: 'password refused by the policy',
}

function parseAuthentication(body: JsonObject, document: EventDocument): void {
  const status = text(body['status']) ?? ''
  const ok = status === 'NT_STATUS_OK'
  putMeaning(document, text(body['eventId']) ?? (ok ? '4624' : '4625'))
  put(document, 'event.outcome', ok ? 'success' : 'failure')
  if (!ok) {
    put(document, 'event.reason', reasons[status] ?? status)
    put(document, 'error.code', status)
  }
  const client = text(body['clientAccount'])
  const name = text(body['becameAccount']) ?? text(body['mappedAccount']) ?? accountOf(client)
  put(document, 'user.name', name)
  put(
    document,
    'user.domain',
    text(body['becameDomain']) ?? text(body['mappedDomain']) ?? text(body['clientDomain']) ?? realmOf(client),
  )
  put(document, 'user.id', text(body['becameSid']))
  // Over LDAP Samba names itself as the workstation: it says nothing of the client there.
  const service = text(body['serviceDescription']) ?? ''
  if (service !== 'LDAP') put(document, 'source.domain', text(body['workstation']))
  putService(service, text(body['authDescription']), document)
  put(document, 'winlog.logon.type', logonTypes[text(body['logonType']) ?? ''])
}

/** `anna@EXAMPLE.ORG` → anna; a DN → its first name. */
function accountOf(client: string | undefined): string | undefined {
  if (client === undefined) return undefined
  if (client.includes('=')) return distinguishedName(client).name ?? client
  const back = client.indexOf('\\')
  if (back > 0) return client.slice(back + 1)
  const at = client.lastIndexOf('@')
  return at > 0 ? client.slice(0, at) : client
}

function realmOf(client: string | undefined): string | undefined {
  if (client === undefined) return undefined
  if (client.includes('=')) return distinguishedName(client).domain
  const back = client.indexOf('\\')
  if (back > 0) return client.slice(0, back)
  const at = client.lastIndexOf('@')
  return at > 0 ? client.slice(at + 1) : undefined
}

const protocols: Record<string, string | undefined> = {
  LDAP: 'ldap',
  SMB: 'smb',
  SMB2: 'smb',
  'Kerberos KDC': 'kerberos',
  'DCE/RPC': 'dce-rpc',
}

function putService(service: string, method: string | undefined, document: EventDocument): void {
  put(document, 'service.type', service)
  put(document, 'network.protocol', protocols[service])
  if (service === 'LDAP' || service.startsWith('SMB') || service === 'DCE/RPC')
    put(document, 'network.transport', 'tcp')
  if (method?.endsWith('/TLS') === true) put(document, 'network.protocol', 'ldaps')
}

function parseAuthorization(body: JsonObject, document: EventDocument): void {
  put(document, 'event.action', 'session-authorized')
  put(document, 'event.category', ['authentication', 'session'])
  put(document, 'event.type', ['allowed'])
  put(document, 'event.outcome', 'success')
  put(document, 'user.name', text(body['account']))
  put(document, 'user.domain', text(body['domain']))
  put(document, 'user.id', text(body['sid']))
  putService(text(body['serviceDescription']) ?? '', undefined, document)
}

function parseGroupChange(body: JsonObject, document: EventDocument): void {
  const { action } = body
  const id = text(body['eventId'])
  if (id !== undefined) putMeaning(document, id)
  else {
    put(
      document,
      'event.action',
      action === 'PrimaryGroup'
        ? 'primary-group-changed'
        : action === 'Removed'
          ? 'removed-member-from-group'
          : 'added-member-to-group',
    )
    put(document, 'event.category', ['iam'])
    put(document, 'event.type', ['group', 'change'])
  }
  putActor(body, document)
  putTarget(body['user'], 'user.target', document)
  // 4.17 names a new user's own DN where its first group belongs.
  if (body['group'] !== body['user']) {
    putTarget(body['group'], 'group', document)
    putTarget(body['group'], 'user.target.group', document)
  }
  putStatus(body, document)
}

// ---- changes of the directory

/** The values that an action such as `add`, `replace`, `delete` has for an attribute. */
function valuesOf(body: JsonObject, attribute: string, ...actions: string[]): string[] {
  const { attributes } = body
  const change = isObject(attributes) ? attributes[attribute] : undefined
  const list = isObject(change) ? change['actions'] : undefined
  if (!Array.isArray(list)) return []
  const values: string[] = []
  for (const item of list) {
    if (!isObject(item) || !actions.includes(text(item['action']) ?? '') || !Array.isArray(item['values'])) continue
    for (const value of item['values']) {
      const found = isObject(value) ? text(value['value']) : undefined
      if (found !== undefined) values.push(found)
    }
  }
  return values
}

function parseChange(body: JsonObject, document: EventDocument): void {
  putActor(body, document)
  putStatus(body, document)
  const id = meaningOfChange(body)
  putMeaning(document, id)
  put(document, 'winlog.event_data.ObjectDN', text(body['dn']))
  const changed = isObject(body['attributes']) ? Object.keys(body['attributes']) : []
  put(document, 'samba.attributes_changed', changed)
  const account = id.startsWith('47') && id !== '4739' && id !== '4741' && id !== '4731'
  if (account) putTarget(body['dn'], 'user.target', document)
  if (account) put(document, 'user.target.name', valuesOf(body, 'sAMAccountName', 'add')[0])
  if (id === '4781') put(document, 'user.changes.name', valuesOf(body, 'sAMAccountName', 'replace', 'add')[0])
  if (id === '4731') putTarget(body['dn'], 'group', document)
  if (id === '4741') put(document, 'winlog.computerObject.name', valuesOf(body, 'sAMAccountName', 'add')[0])
}

const accountDisabled = 0x2

/** The Windows id of the same fact: creation and life of accounts, policies; 5136 … 5141 for any other object. */
function meaningOfChange(body: JsonObject): string {
  const operation = text(body['operation'])
  if (operation === 'Delete') return '5141'
  if (operation === 'Rename') return '5139'
  if (operation === 'Add') {
    const classes = valuesOf(body, 'objectClass', 'add')
    if (classes.includes('computer')) return '4741'
    if (classes.includes('group')) return '4731'
    return classes.includes('user') ? '4720' : '5137'
  }
  const lockout = valuesOf(body, 'lockoutTime', 'replace', 'add')
  const hasPassword = valuesOf(body, 'unicodePwd', 'replace').length > 0
  if (lockout.length > 0 && !hasPassword && changes(body, 'unicodePwd') === false)
    return lockout[0] === '0' ? '4767' : '4740'
  const control = valuesOf(body, 'userAccountControl', 'replace', 'add')[0]
  if (control !== undefined) {
    const before = valuesOf(body, 'userAccountControl', 'delete')[0]
    const isDisabled = (Number(control) & accountDisabled) !== 0
    const wasDisabled = before === undefined ? undefined : (Number(before) & accountDisabled) !== 0
    if (isDisabled && wasDisabled !== true) return '4725'
    return wasDisabled === true && !isDisabled ? '4722' : '4738'
  }
  if (changes(body, 'sAMAccountName')) return '4781'
  if (
    ['lockoutThreshold', 'minPwdLength', 'maxPwdAge', 'pwdProperties', 'pwdHistoryLength', 'lockoutDuration'].some(
      (name) => changes(body, name),
    )
  )
    return '4739'
  if (
    ['servicePrincipalName', 'userWorkstations', 'accountExpires', 'logonHours', 'pwdLastSet', 'sIDHistory'].some(
      (name) => changes(body, name),
    )
  )
    return '4738'
  return '5136'
}

function changes(body: JsonObject, attribute: string): boolean {
  return isObject(body['attributes']) && body['attributes'][attribute] !== undefined
}
