// VMware vCenter Server and ESXi over syslog: vpxd's event lines, the appliance's services, hostd, vpxa, vmkernel.
// "vCenter Server Events" and class VimEvent of the vSphere Web Services API; ESXi log file locations in "ESXi Log Files" (Broadcom docs).
import { sentence } from '../formats/sentence.ts'
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, leave, put } from '../normalise/document.ts'
import { isIp } from '../normalise/endpoint.ts'
import { putSentenceFacts } from '../normalise/sentence-facts.ts'
import { putSyslogPriority, putSyslogProcess } from '../normalise/syslog-fields.ts'
import { isoTime, readTime } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { putKind, putObserver } from './kv-product.ts'

/** What an event of the API means: action, category, type, outcome. */
const events: Readonly<Record<string, readonly [string, string, string, string?] | undefined>> = {
  UserLoginSessionEvent: ['login', 'authentication', 'info', 'success'],
  UserLogoutSessionEvent: ['logout', 'authentication', 'info', 'success'],
  BadUsernameSessionEvent: ['login', 'authentication', 'info', 'failure'],
  NoAccessUserEvent: ['login', 'authentication', 'info', 'failure'],
  AlreadyAuthenticatedSessionEvent: ['login', 'authentication', 'info', 'success'],
  SessionTerminatedEvent: ['session-terminated', 'session', 'end', 'success'],
  ServerStartedSessionEvent: ['server-started', 'host', 'start', 'success'],
  AccountCreatedEvent: ['account-created', 'iam', 'creation', 'success'],
  AccountRemovedEvent: ['account-removed', 'iam', 'deletion', 'success'],
  AccountUpdatedEvent: ['account-updated', 'iam', 'change', 'success'],
  UserPasswordChanged: ['password-changed', 'iam', 'change', 'success'],
  UserAssignedToGroup: ['user-assigned-to-group', 'iam', 'change', 'success'],
  UserUnassignedFromGroup: ['user-unassigned-from-group', 'iam', 'change', 'success'],
  PermissionAddedEvent: ['permission-added', 'iam', 'creation', 'success'],
  PermissionRemovedEvent: ['permission-removed', 'iam', 'deletion', 'success'],
  PermissionUpdatedEvent: ['permission-updated', 'iam', 'change', 'success'],
  RoleAddedEvent: ['role-added', 'iam', 'creation', 'success'],
  RoleRemovedEvent: ['role-removed', 'iam', 'deletion', 'success'],
  RoleUpdatedEvent: ['role-updated', 'iam', 'change', 'success'],
  VmCreatedEvent: ['vm-created', 'host', 'creation', 'success'],
  VmClonedEvent: ['vm-cloned', 'host', 'creation', 'success'],
  VmDeployedEvent: ['vm-deployed', 'host', 'creation', 'success'],
  VmRegisteredEvent: ['vm-registered', 'host', 'creation', 'success'],
  VmRemovedEvent: ['vm-removed', 'host', 'deletion', 'success'],
  VmReconfiguredEvent: ['vm-reconfigured', 'configuration', 'change', 'success'],
  VmRenamedEvent: ['vm-renamed', 'configuration', 'change', 'success'],
  VmPoweredOnEvent: ['vm-powered-on', 'host', 'start', 'success'],
  VmPoweredOffEvent: ['vm-powered-off', 'host', 'end', 'success'],
  VmSuspendedEvent: ['vm-suspended', 'host', 'end', 'success'],
  VmResettingEvent: ['vm-reset', 'host', 'change', 'success'],
  VmGuestRebootEvent: ['vm-guest-reboot', 'host', 'change', 'success'],
  VmGuestShutdownEvent: ['vm-guest-shutdown', 'host', 'end', 'success'],
  VmMigratedEvent: ['vm-migrated', 'host', 'change', 'success'],
  DrsVmMigratedEvent: ['vm-migrated', 'host', 'change', 'success'],
  HostAddedEvent: ['host-added', 'configuration', 'creation', 'success'],
  HostRemovedEvent: ['host-removed', 'configuration', 'deletion', 'success'],
  HostConnectedEvent: ['host-connected', 'host', 'start', 'success'],
  HostDisconnectedEvent: ['host-disconnected', 'host', 'end', 'success'],
  HostConnectionLostEvent: ['host-connection-lost', 'host', 'error', 'failure'],
  EnteredMaintenanceModeEvent: ['maintenance-mode-entered', 'host', 'change', 'success'],
  ExitMaintenanceModeEvent: ['maintenance-mode-exited', 'host', 'change', 'success'],
  DatastoreFileDeletedEvent: ['datastore-file-deleted', 'file', 'deletion', 'success'],
}

const vpxd = sentence('Event [{id}] [{chain}] [{time}] [{class}] [{level}] {text}')

function parse(record: LogRecord, document: EventDocument): boolean {
  const { syslog, message } = record
  document.dataset = 'vsphere.log'
  if (syslog.time === undefined && syslog.app === undefined) return false
  put(document, '@timestamp', isoTime(syslog.time))
  putSyslogPriority(document, record)
  put(document, 'host.name', syslog.host)
  putSyslogProcess(document, record)
  const text = message.trim()
  const event = text.startsWith('Event [') ? vpxd.match(text) : undefined
  if (event !== undefined) putEvent(document, event)
  else if (syslog.app === 'dnsmasq') putNames(document, text)
  else if (!putService(document, record, message.trimStart())) putDaemon(document, text)
  leave(document, record.messageAt, record.text.length)
  return true
}

/** `[DOMAIN\\user] [datacenter] [id] [User DOMAIN\\user@192.0.2.1 logged in as client/1.0]` */
function putEvent(document: EventDocument, [id, , , name, level, text = '']: readonly string[]): void {
  putObserver(document, { vendor: 'VMware', product: 'vCenter' })
  put(document, 'event.id', id)
  put(document, 'log.logger', name)
  put(document, 'log.level', level)
  put(document, 'message', text)
  const meaning = events[name?.slice(name.lastIndexOf('.') + 1) ?? '']
  const [user = '', datacenter = ''] = text.split('] [', 2)
  putAccount(document, user.replace(/^\[/, ''))
  put(document, 'vsphere.log.datacenter', datacenter.replace(/[[\]]/g, ''))
  if (meaning === undefined) {
    putDoing(document, text)
    return
  }
  const [action, category, type, outcome] = meaning
  putKind(document, action, [category], [type], outcome)
  if (category === 'authentication') putClient(document, text)
}

function putAccount(document: EventDocument, account: string): void {
  if (account === '' || account.includes(']') || account.length > 128) return
  const back = account.indexOf('\\')
  put(document, 'user.name', account.slice(back + 1))
  put(document, 'user.domain', back > 0 ? account.slice(0, back) : undefined)
}

/** Where the person came from, and with which program. */
function putClient(document: EventDocument, text: string): void {
  const at = text.indexOf('[User ')
  if (at >= 0) {
    const account = text.slice(at + 6, text.indexOf(' ', at + 6))
    const sign = account.lastIndexOf('@')
    const ip = account.slice(sign + 1)
    if (sign > 0 && isIp(ip)) {
      put(document, 'client.ip', ip)
      put(document, 'source.address', ip)
      put(document, 'source.ip', ip)
    }
    if (sign > 0) putAccount(document, account.slice(0, sign))
  }
  const agentAt = text.indexOf('user agent: ')
  const asAt = text.indexOf(' logged in as ')
  const from = agentAt >= 0 ? agentAt + 12 : asAt >= 0 ? asAt + 14 : -1
  if (from >= 0) put(document, 'user_agent.original', text.slice(from).replace(/\)?\]?$/, ''))
}

/** `TIME: INFO text` and `TIME 'Action' 140154 INFO text`. */
function putService(document: EventDocument, record: LogRecord, text: string): boolean {
  const time = readTime(text, 0, record.arrival, record.zone)
  const zoned = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[:.]\d{1,9}Z?/.exec(text)
  if (time === undefined || zoned === null) return false
  const rest = text.slice(zoned[0].length)
  const named = /^ '([^']{1,128})' \d{1,20} (\w{1,16}) /.exec(rest)
  const plain = named === null ? /^:? (\w{1,16}) /.exec(rest) : null
  const found = named ?? plain
  if (found === null) return false
  put(document, 'event.action', named?.[1])
  put(document, 'log.level', named === null ? plain?.[1] : named[2])
  const said = rest.slice(found[0].length)
  put(document, 'message', said)
  putSession(document, said)
  return true
}

/** vCenter's own resolver: `query[A] esx1.example.org from 127.0.0.1`, `forwarded …`, `cached …`. */
function putNames(document: EventDocument, text: string): void {
  put(document, 'message', text)
  putKind(document, undefined, ['network'], ['protocol', 'connection'])
  put(document, 'network.protocol', 'dns')
  const asked = /^(?:query\[(\w{1,8})\]|forwarded|cached|reply) (\S{1,253}) (?:from|to|is) /.exec(text)
  put(document, 'dns.question.name', asked?.[2])
  put(document, 'dns.question.type', asked?.[1])
}

/** The single sign-on service: `User {Name: anna, Domain: vsphere.local} with role 'Administrator' logged in`, `… logged out`. */
function putSession(document: EventDocument, text: string): void {
  const who = /\bUser \{Name: ([^,}]{1,128}), Domain: ([^,}]{1,128})\}[^{]{0,256}?\blogged (in|out)\b/.exec(text)
  if (who === null) return
  put(document, 'user.name', who[1])
  put(document, 'user.domain', who[2])
  putKind(document, who[3] === 'in' ? 'login' : 'logout', ['authentication'], ['info'], 'success')
}

/** hostd, vpxa, vmkernel and the rest: the text, who did it, and what an operation on a file or a login says. */
function putDaemon(document: EventDocument, text: string): void {
  put(document, 'message', text)
  const user = /\buser=(?:\w{1,32}:)?([^\]\s]{1,128})/.exec(text)?.[1]
  if (user !== undefined) putAccount(document, user)
  const login =
    /\bUser (\S{1,128}) logged (in|out)\b/.exec(text) ??
    /\b(Accepted|Rejected) password for user (\S{1,128})/.exec(text)
  if (login !== null) {
    const isOut = login[2] === 'out'
    putKind(
      document,
      isOut ? 'logout' : 'login',
      ['authentication'],
      ['info'],
      login[1] === 'Rejected' ? 'failure' : 'success',
    )
    putSentenceFacts(document, text)
    return
  }
  putDoing(document, text)
}

/** What lines without a class of event tell: files that were moved, logins that failed, sessions that ended. */
function putDoing(document: EventDocument, text: string): void {
  const file = /\bNFC operation '(\w{1,64})' for path '([^']{1,1024})'/.exec(text)
  if (file !== null) {
    const type = file[1] === 'Upload' ? 'creation' : file[1] === 'Delete' ? 'deletion' : 'access'
    putKind(
      document,
      file[1]?.toLowerCase(),
      ['file'],
      [type],
      /status '(?:Success|OK)'/i.test(text) ? 'success' : 'failure',
    )
    put(document, 'file.path', file[2])
    putSentenceFacts(document, text)
  } else if (/\[?Failed login |Cannot login |login failed/i.test(text)) {
    putKind(document, 'login', ['authentication'], ['info'], 'failure')
    putSentenceFacts(document, text)
  } else if (/^Received disconnect from |preauth\]$/.test(text)) {
    putKind(document, undefined, ['authentication'], ['info'])
    putSentenceFacts(document, text)
  }
}

const daemons = new Set(
  'vpxd vpxa hostd rhttpproxy vmkernel vmkwarning vobd fdm localcli esxcli vsanmgmt vsanmgmtd vsansystem hostprofiletrace vmauthd vmsyslogd vmkeventd clomd osfsd cmmdstimemachine sdrsinjector storagerm applmgmt-audit applmgmt updatemgr vsphere-ui vsphere-client vmdird vmafdd sso-adminserver esxupdate vpostgres content-library rbd sps usbarb'.split(
    ' ',
  ),
)

export const vsphere: Product = {
  name: 'vsphere',
  datasets: ['vsphere.log'],
  detect: ({ syslog: { app }, message }) => {
    if (app === undefined || !daemons.has(app.toLowerCase())) return 0
    return message.includes('[vim.event.') || message.includes('[Originator@') ? 0.95 : 0.8
  },
  parse,
}
