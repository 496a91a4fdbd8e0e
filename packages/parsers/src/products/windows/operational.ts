// The other logs that matter: System, Defender, Task Scheduler, Terminal Services, updates, directory, DNS, backup, AppLocker.
import { ipOf } from '../../normalise/address.ts'
import { add, type EventDocument, put, putDefault } from '../../normalise/document.ts'
import { putFile, putProcess } from '../../normalise/path.ts'
import { putVeeamOutcome } from '../backup.ts'
import type { WindowsEvent } from './event.ts'
import { said } from './security.ts'

type Meaning = readonly [action: string, category: string, type: string, outcome?: 'success' | 'failure']

/** Provider → id → meaning. Ids and texts: the providers' manifests, learn.microsoft.com. */
const meanings: Record<string, Record<string, Meaning | undefined> | undefined> = {
  'Service Control Manager': {
    '7000': ['service-start-failed', 'process', 'start', 'failure'],
    '7009': ['service-start-timed-out', 'process', 'start', 'failure'],
    '7023': ['service-terminated-with-error', 'process', 'end', 'failure'],
    '7024': ['service-terminated-with-error', 'process', 'end', 'failure'],
    '7031': ['service-crashed', 'process', 'end', 'failure'],
    '7034': ['service-crashed', 'process', 'end', 'failure'],
    '7035': ['service-control-sent', 'process', 'info'],
    '7036': ['service-state-changed', 'process', 'change'],
    '7040': ['service-start-type-changed', 'configuration', 'change'],
    '7045': ['service-installed', 'iam,configuration', 'admin,change'],
  },
  EventLog: {
    '6005': ['event-log-started', 'host', 'start'],
    '6006': ['event-log-stopped', 'host', 'end'],
    '6008': ['unexpected-shutdown', 'host', 'end', 'failure'],
    '6013': ['system-uptime', 'host', 'info'],
  },
  User32: { '1074': ['shutdown-initiated', 'host', 'end'] },
  'Microsoft-Windows-Kernel-Power': { '41': ['unexpected-shutdown', 'host', 'end', 'failure'] },
  'Microsoft-Windows-Kernel-General': {
    '1': ['system-time-changed', 'configuration', 'change'],
    '12': ['system-started', 'host', 'start'],
    '13': ['system-stopped', 'host', 'end'],
  },
  'Microsoft-Windows-Eventlog': {
    '104': ['log-cleared', 'iam,configuration', 'admin,change'],
    '1100': ['logging-service-shutdown', 'process', 'end'],
    '1102': ['audit-log-cleared', 'iam', 'admin,change'],
    '1104': ['logging-full', 'iam', 'admin'],
    '1105': ['auditlog-archieved', 'iam', 'admin'],
    '1108': ['logging-processing-error', 'iam', 'admin'],
  },
  'Microsoft-Windows-Windows Defender': {
    '1000': ['malware-scan-started', 'process', 'start'],
    '1001': ['malware-scan-finished', 'process', 'end', 'success'],
    '1002': ['malware-scan-stopped', 'process', 'end', 'failure'],
    '1005': ['malware-scan-failed', 'process', 'end', 'failure'],
    '1006': ['malware-detected', 'malware', 'info'],
    '1007': ['malware-action-taken', 'malware', 'info', 'success'],
    '1008': ['malware-action-failed', 'malware', 'info', 'failure'],
    '1009': ['quarantined-item-restored', 'malware', 'change', 'success'],
    '1011': ['quarantined-item-deleted', 'malware', 'deletion', 'success'],
    '1013': ['malware-history-deleted', 'malware', 'deletion', 'success'],
    '1015': ['suspicious-behavior-detected', 'malware', 'info'],
    '1116': ['malware-detected', 'malware', 'info'],
    '1117': ['malware-action-taken', 'malware', 'info', 'success'],
    '1118': ['malware-action-failed', 'malware', 'info', 'failure'],
    '1119': ['malware-action-failed', 'malware', 'info', 'failure'],
    '1121': ['attack-surface-reduction-blocked', 'intrusion_detection', 'denied'],
    '1122': ['attack-surface-reduction-audited', 'intrusion_detection', 'info'],
    '1123': ['controlled-folder-access-blocked', 'intrusion_detection', 'denied'],
    '1150': ['endpoint-protection-healthy', 'host', 'info'],
    '1151': ['endpoint-protection-health-report', 'host', 'info'],
    '2000': ['signature-updated', 'package', 'change', 'success'],
    '2001': ['signature-update-failed', 'package', 'change', 'failure'],
    '2002': ['engine-updated', 'package', 'change', 'success'],
    '2003': ['engine-update-failed', 'package', 'change', 'failure'],
    '2004': ['signature-load-failed', 'package', 'change', 'failure'],
    '2006': ['platform-update-failed', 'package', 'change', 'failure'],
    '3002': ['real-time-protection-failed', 'process', 'error', 'failure'],
    '3007': ['real-time-protection-recovered', 'process', 'info', 'success'],
    '5000': ['real-time-protection-enabled', 'configuration', 'change'],
    '5001': ['real-time-protection-disabled', 'configuration', 'change'],
    '5004': ['real-time-protection-configuration-changed', 'configuration', 'change'],
    '5007': ['antimalware-configuration-changed', 'configuration', 'change'],
    '5008': ['antimalware-engine-failed', 'process', 'error', 'failure'],
    '5010': ['antispyware-scanning-disabled', 'configuration', 'change'],
    '5012': ['antivirus-scanning-disabled', 'configuration', 'change'],
    '5013': ['tamper-protection-blocked-change', 'configuration', 'denied', 'failure'],
  },
  'Microsoft-Windows-WindowsUpdateClient': {
    '19': ['update-installed', 'package', 'installation', 'success'],
    '20': ['update-installation-failed', 'package', 'installation', 'failure'],
    '21': ['update-restart-required', 'package', 'info'],
    '22': ['update-restart-required', 'package', 'info'],
    '25': ['update-check-failed', 'package', 'error', 'failure'],
    '26': ['update-check-finished', 'package', 'info', 'success'],
    '31': ['update-download-failed', 'package', 'error', 'failure'],
    '41': ['update-downloaded', 'package', 'info', 'success'],
    '43': ['update-installation-started', 'package', 'installation'],
    '44': ['update-download-started', 'package', 'info'],
  },
  'Microsoft-Windows-TaskScheduler': {
    '100': ['scheduled-task-started', 'process', 'start'],
    '101': ['scheduled-task-start-failed', 'process', 'start', 'failure'],
    '102': ['scheduled-task-completed', 'process', 'end', 'success'],
    '103': ['scheduled-task-action-failed', 'process', 'end', 'failure'],
    '106': ['scheduled-task-created', 'iam,configuration', 'creation,admin'],
    '110': ['scheduled-task-launched-by-user', 'process', 'start'],
    '129': ['scheduled-task-process-created', 'process', 'start'],
    '140': ['scheduled-task-updated', 'iam,configuration', 'change,admin'],
    '141': ['scheduled-task-deleted', 'iam,configuration', 'deletion,admin'],
    '142': ['scheduled-task-disabled', 'iam,configuration', 'change,admin'],
    '200': ['scheduled-task-action-started', 'process', 'start'],
    '201': ['scheduled-task-action-completed', 'process', 'end', 'success'],
  },
  'Microsoft-Windows-TerminalServices-LocalSessionManager': {
    '21': ['session-logged-on', 'authentication,session', 'start', 'success'],
    '22': ['session-shell-started', 'session', 'start'],
    '23': ['session-logged-off', 'authentication,session', 'end'],
    '24': ['session-disconnected', 'authentication,session', 'end'],
    '25': ['session-reconnected', 'authentication,session', 'start', 'success'],
    '39': ['session-disconnected-by-session', 'session', 'end'],
    '40': ['session-disconnected', 'session', 'end'],
  },
  'Microsoft-Windows-TerminalServices-RemoteConnectionManager': {
    '261': ['rdp-connection-received', 'network', 'connection,start'],
    '1149': ['rdp-network-connection', 'authentication,session', 'start'],
  },
  'Microsoft-Windows-RemoteDesktopServices-RdpCoreTS': {
    '131': ['rdp-connection-accepted', 'network', 'connection,start'],
    '140': ['rdp-logon-failed', 'authentication', 'start', 'failure'],
  },
  'Microsoft-Windows-ActiveDirectory_DomainService': {
    '1644': ['ldap-search-expensive', 'database', 'info'],
    '2887': ['ldap-unsigned-binds-counted', 'authentication', 'info'],
    '2889': ['ldap-unsigned-bind', 'authentication', 'start', 'success'],
    '3039': ['ldap-bind-without-channel-binding', 'authentication', 'start'],
  },
  'Microsoft-Windows-Backup': {
    '1': ['backup-started', 'process', 'start'],
    '4': ['backup-succeeded', 'process', 'end', 'success'],
    '5': ['backup-failed', 'process', 'end', 'failure'],
    '8': ['backup-cancelled', 'process', 'end', 'failure'],
    '9': ['backup-failed', 'process', 'end', 'failure'],
    '14': ['backup-finished', 'process', 'end'],
    '16': ['recovery-started', 'process', 'start'],
    '17': ['backup-failed', 'process', 'end', 'failure'],
    '18': ['backup-failed', 'process', 'end', 'failure'],
    '19': ['backup-failed', 'process', 'end', 'failure'],
    '20': ['backup-failed', 'process', 'end', 'failure'],
    '21': ['backup-failed', 'process', 'end', 'failure'],
    '22': ['backup-failed', 'process', 'end', 'failure'],
    '49': ['backup-failed', 'process', 'end', 'failure'],
    '50': ['backup-failed', 'process', 'end', 'failure'],
    '52': ['backup-failed', 'process', 'end', 'failure'],
    '100': ['backup-failed', 'process', 'end', 'failure'],
    '517': ['backup-failed', 'process', 'end', 'failure'],
    '518': ['backup-failed', 'process', 'end', 'failure'],
    '521': ['backup-failed', 'process', 'end', 'failure'],
    '527': ['backup-failed', 'process', 'end', 'failure'],
    '546': ['backup-failed', 'process', 'end', 'failure'],
    '561': ['backup-failed', 'process', 'end', 'failure'],
    '564': ['backup-failed', 'process', 'end', 'failure'],
    '753': ['backup-catalog-deleted', 'file', 'deletion'],
  },
  'Microsoft-Windows-DNS-Server-Service': {
    '150': ['dns-plugin-load-failed', 'process', 'error', 'failure'],
    '770': ['dns-plugin-loaded', 'configuration', 'change'],
    '771': ['dns-plugin-loaded', 'configuration', 'change'],
    '6001': ['dns-zone-transferred', 'network', 'info', 'success'],
  },
  'Microsoft-Windows-Windows Firewall With Advanced Security': {
    '2002': ['firewall-setting-changed', 'configuration', 'change'],
    '2003': ['firewall-profile-setting-changed', 'configuration', 'change'],
    '2004': ['firewall-rule-added', 'configuration', 'creation'],
    '2005': ['firewall-rule-modified', 'configuration', 'change'],
    '2006': ['firewall-rule-deleted', 'configuration', 'deletion'],
    '2033': ['firewall-rules-deleted', 'configuration', 'deletion'],
  },
  'Microsoft-Windows-WMI-Activity': {
    '5857': ['wmi-provider-started', 'process', 'start'],
    '5860': ['wmi-temporary-consumer', 'process', 'info'],
    '5861': ['wmi-permanent-consumer', 'configuration', 'creation'],
  },
  'Microsoft-Windows-WinRM': {
    '6': ['winrm-session-started', 'network,session', 'start'],
    '91': ['winrm-session-created', 'session', 'start'],
  },
  'Microsoft-Windows-CodeIntegrity': {
    '3033': ['image-load-blocked', 'process', 'denied', 'failure'],
    '3077': ['image-load-blocked', 'process', 'denied', 'failure'],
  },
  'Microsoft-Windows-Bits-Client': {
    '3': ['bits-job-created', 'network', 'start'],
    '59': ['bits-transfer-started', 'network', 'start'],
    '60': ['bits-transfer-stopped', 'network', 'end'],
  },
  'Microsoft-Windows-PrintService': {
    '316': ['printer-driver-installed', 'driver', 'installation'],
    '808': ['print-plugin-load-failed', 'driver', 'error', 'failure'],
  },
}

/** AppLocker: 8001 … 8027; what was let through, audited, stopped. */
const appLockerDenied = new Set(['8004', '8007', '8022', '8025'])

export function parseOperational(event: WindowsEvent, document: EventDocument): void {
  const meaning = meanings[event.provider]?.[event.id]
  if (meaning !== undefined) {
    const [action, category, type, outcome] = meaning
    put(document, 'event.action', action)
    put(document, 'event.category', category.split(','))
    put(document, 'event.type', type.split(','))
    putDefault(document, 'event.outcome', outcome)
  }
  putLogUser(event, document)
  switch (event.provider) {
    case 'Microsoft-Windows-Windows Defender':
      parseDefender(event, document)
      return
    case 'Microsoft-Windows-AppLocker':
      parseAppLocker(event, document)
      return
    case 'Service Control Manager':
      parseServices(event, document)
      return
    case 'Microsoft-Windows-WindowsUpdateClient':
      put(document, 'package.name', said(event.data['updateTitle']))
      put(document, 'package.reference', said(event.data['updateGuid']))
      put(document, 'error.code', said(event.data['errorCode']))
      return
    case 'Microsoft-Windows-TaskScheduler':
      put(document, 'process.name', said(event.data['TaskName']))
      putPerson(document, said(event.data['UserContext']) ?? said(event.data['UserName']))
      putProcess(document, 'process', said(event.data['ActionName']) ?? said(event.data['Path']))
      return
    case 'Veeam MP':
      putVeeamOutcome(event.message ?? Object.values(event.data).join(' '), document)
      return
    default:
      parseSessions(event, document)
  }
}

/** Who logged the event: for most logs the person it is about. */
function putLogUser({ user }: WindowsEvent, document: EventDocument): void {
  if (user === undefined) return
  put(document, 'user.id', user.sid)
  put(document, 'user.name', user.name)
  put(document, 'user.domain', user.domain)
  add(document, 'related.user', user.name)
}

/** `DOMAIN\name` or a name. */
function putPerson(document: EventDocument, person: string | undefined): void {
  if (person === undefined) return
  const back = person.indexOf('\\')
  put(document, 'user.name', person.slice(back + 1))
  if (back > 0) put(document, 'user.domain', person.slice(0, back))
  add(document, 'related.user', person.slice(back + 1))
}

/** Defender writes its data's names in words: `Threat Name`, `Detection User`, `Process Name`. */
function parseDefender({ data, id }: WindowsEvent, document: EventDocument): void {
  put(document, 'rule.name', said(data['Threat Name']))
  put(document, 'rule.id', said(data['Threat ID']))
  put(document, 'rule.category', said(data['Category Name']))
  put(document, 'event.severity', severities[data['Severity ID'] ?? ''])
  putPerson(document, said(data['Detection User']) ?? said(data['User']))
  if (said(data['Domain']) !== undefined) put(document, 'user.domain', said(data['Domain']))
  const process = said(data['Process Name'])
  if (process !== 'Unknown') putProcess(document, 'process', process)
  // `file:_C:\…\eicar.com; containerfile:_…`
  const path = said(data['Path'])?.split(';')[0]?.trim()
  if (path?.startsWith('file:_') === true) putFile(document, 'file', path.slice(6))
  if ((id === '1116' || id === '1117') && said(data['Threat Name']) !== undefined) put(document, 'event.kind', 'alert')
  const failed = said(data['Error Code'])
  if (id === '1117' && failed !== undefined && failed !== '0x00000000' && failed !== '0x0')
    put(document, 'event.outcome', 'failure')
}

/** 1 low, 2 moderate, 4 high, 5 severe: to 0 … 100. */
const severities: Record<string, number | undefined> = { '1': 21, '2': 47, '4': 73, '5': 99 }

function parseAppLocker({ userData, id }: WindowsEvent, document: EventDocument): void {
  put(document, 'event.category', ['process'])
  put(document, 'event.type', [appLockerDenied.has(id) ? 'denied' : 'start'])
  if (userData === undefined) return
  const get = (name: string): string | undefined => {
    const value = userData[name]
    return typeof value === 'string' ? said(value) : undefined
  }
  put(document, 'file.hash.sha256', get('FileHash'))
  const full = get('FullFilePath') ?? get('FilePath')
  const slash = full?.lastIndexOf('\\') ?? -1
  put(document, 'file.path', get('FullFilePath'))
  put(document, 'file.name', full?.slice(slash + 1))
  // `O=PUBLISHER, L=TOWN, S=STATE, C=US\PRODUCT\BINARY\1.2.3`
  const [subject = '', product, original, version] = (get('Fqbn') ?? '').split('\\')
  put(document, 'file.pe.product', product)
  put(document, 'file.pe.original_file_name', original)
  put(document, 'file.pe.file_version', version)
  for (const part of subject.split(', ')) {
    const equals = part.indexOf('=')
    const field = subjectFields[part.slice(0, Math.max(equals, 0)).trim()]
    if (field !== undefined) put(document, `file.x509.subject.${field}`, [part.slice(equals + 1)])
  }
  if (appLockerDenied.has(id)) put(document, 'event.outcome', 'failure')
}

const subjectFields: Record<string, string | undefined> = {
  CN: 'common_name',
  O: 'organization',
  OU: 'organizational_unit',
  L: 'locality',
  S: 'state_or_province',
  C: 'country',
}

function parseServices({ data, id }: WindowsEvent, document: EventDocument): void {
  put(document, 'service.name', said(data['ServiceName'] ?? data['param1']))
  if (id === '7045') {
    put(document, 'service.type', said(data['ServiceType']))
    put(document, 'process.command_line', said(data['ImagePath']))
  } else if (id === '7036') put(document, 'service.state', said(data['param2']))
}

/** Terminal Services keep their data in UserData/EventXML, others in Param1 … Param3. */
function parseSessions({ data, userData, provider }: WindowsEvent, document: EventDocument): void {
  const get = (name: string): string | undefined => {
    const value = userData?.[name]
    return said(typeof value === 'string' ? value : data[name])
  }
  if (provider === 'Microsoft-Windows-TerminalServices-RemoteConnectionManager') {
    put(document, 'user.name', get('Param1'))
    put(document, 'user.domain', get('Param2'))
    put(document, 'source.ip', ipOf(get('Param3')))
    add(document, 'related.user', get('Param1'))
    return
  }
  putPerson(document, get('User') ?? get('SubjectUserName'))
  if (get('SubjectDomainName') !== undefined) put(document, 'user.domain', get('SubjectDomainName'))
  if (get('SubjectUserSid') !== undefined) put(document, 'user.id', get('SubjectUserSid'))
  const address = get('Address') ?? get('ClientIP') ?? get('IPString')
  put(
    document,
    'source.ip',
    ipOf(address?.startsWith('[') === false && address.split(':').length === 2 ? address.split(':')[0] : address),
  )
  if (provider === 'User32') {
    putPerson(document, said(data['param7']))
    putProcess(document, 'process', said(data['param1'])?.replace(/ \([^()]{1,64}\)$/, ''))
    put(document, 'event.reason', said(data['param3']))
  }
}
