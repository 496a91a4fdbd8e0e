// Windows events of every log, in every shape that an agent brings them: one ECS document per event.
import type { JsonObject } from '@varde/schema'
import { isObject, jsonOf, type LogRecord } from '../../log-record.ts'
import { type EventDocument, leave, put, putDefault, putRoot } from '../../normalise/document.ts'
import { isoTime } from '../../normalise/time.ts'
import type { Product } from '../../product.ts'
import type { WindowsEvent } from './event.ts'
import { parseOperational } from './operational.ts'
import { parsePowerShell } from './powershell.ts'
import { auditedOutcome, parseSecurity } from './security.ts'
import { parseDnsServer, parseSqlAudit } from './servers.ts'
import { readEventJson } from './shape-json.ts'
import { readEventXml } from './shape-xml.ts'
import { parseSysmon } from './sysmon.ts'

const datasets = [
  'system.security',
  'system.system',
  'system.application',
  'windows.forwarded',
  'windows.powershell',
  'windows.powershell_operational',
  'windows.sysmon_operational',
  'windows.windows_defender',
  'windows.applocker_exe_and_dll',
  'windows.applocker_msi_and_script',
  'windows.applocker_packaged_app_deployment',
  'windows.applocker_packaged_app_execution',
  'windows.task_scheduler',
  'windows.terminal_services',
  'windows.windows_update',
  'windows.directory_service',
  'windows.dns_server',
  'windows.backup',
  'windows.event',
  'microsoft_dnsserver.audit',
  'microsoft_dnsserver.analytical',
  'microsoft_sqlserver.audit',
  'sysmon_linux.log',
] as const

/** The log tells the dataset. */
const datasetOfChannel: Record<string, (typeof datasets)[number] | undefined> = {
  security: 'system.security',
  system: 'system.system',
  application: 'system.application',
  'windows powershell': 'windows.powershell',
  'microsoft-windows-powershell/operational': 'windows.powershell_operational',
  'microsoft-windows-sysmon/operational': 'windows.sysmon_operational',
  'microsoft-windows-windows defender/operational': 'windows.windows_defender',
  'microsoft-windows-applocker/exe and dll': 'windows.applocker_exe_and_dll',
  'microsoft-windows-applocker/msi and script': 'windows.applocker_msi_and_script',
  'microsoft-windows-applocker/packaged app-deployment': 'windows.applocker_packaged_app_deployment',
  'microsoft-windows-applocker/packaged app-execution': 'windows.applocker_packaged_app_execution',
  'microsoft-windows-taskscheduler/operational': 'windows.task_scheduler',
  'microsoft-windows-terminalservices-localsessionmanager/operational': 'windows.terminal_services',
  'microsoft-windows-terminalservices-remoteconnectionmanager/operational': 'windows.terminal_services',
  'microsoft-windows-windowsupdateclient/operational': 'windows.windows_update',
  'microsoft-windows-dnsserver/audit': 'microsoft_dnsserver.audit',
  'microsoft-windows-dnsserver/analytical': 'microsoft_dnsserver.analytical',
  'linux-sysmon/operational': 'sysmon_linux.log',
  'directory service': 'windows.directory_service',
  'dns server': 'windows.dns_server',
  'microsoft-windows-backup': 'windows.backup',
}

export const windows: Product = {
  name: 'windows',
  datasets,
  detect(record) {
    const { message } = record
    if (looksLikeXml(record)) return 0.98
    if (message.charCodeAt(0) !== 0x7b && message.trimStart().charCodeAt(0) !== 0x7b) return 0
    const json = jsonOf(record)
    if (json === undefined) return 0
    return confidenceOf(json)
  },
  parse(record, document) {
    const event = readEvent(record, document)
    if (event === undefined || event.id === '') return false
    parseEvent(event, record, document)
    return true
  },
}

function looksLikeXml(record: LogRecord): boolean {
  const at = record.message.indexOf('<Event')
  return at >= 0 && at < 200 && record.message.indexOf('<System', at) > 0
}

function confidenceOf(json: JsonObject): number {
  if (isObject(json['winlog']) && (json['winlog']['event_id'] !== undefined || isObject(json['event']))) return 0.98
  const { Event } = json
  if (isObject(Event) && isObject(Event['System'])) return 0.98
  if (isObject(json['event_id']) && isObject(json['provider']) && json['channel'] !== undefined) return 0.97
  const { body } = json
  if (isObject(body) && isObject(body['event_id']) && body['channel'] !== undefined) return 0.97
  const id = json['EventID'] ?? json['EventId'] ?? json['event_id']
  if (id === undefined || isObject(id)) return 0
  return json['Channel'] !== undefined &&
    (json['SourceName'] ??
      json['ProviderName'] ??
      json['Provider_Name'] ??
      json['ProviderGuid'] ??
      json['Computer'] ??
      json['Hostname'] ??
      json['host'] ??
      json['EventTime']) !== undefined
    ? 0.95
    : 0
}

function readEvent(record: LogRecord, document: EventDocument): WindowsEvent | undefined {
  const json = jsonOf(record)
  if (json !== undefined) {
    const event = readEventJson(json, record.arrival, record.zone)
    if (event !== undefined) return event
    // An agent that ships the XML as a member of its JSON.
    const original = isObject(json['event']) ? json['event']['original'] : (json['xml'] ?? json['message'])
    return typeof original === 'string' ? readEventXml(original)?.event : undefined
  }
  const read = readEventXml(record.text)
  if (read !== undefined) {
    // A second event in the same record is kept, but belongs to no field.
    if (record.text.indexOf('<Event', read.end) >= 0) leave(document, read.end, record.text.length)
    return read.event
  }
  return undefined
}

function parseEvent(event: WindowsEvent, record: LogRecord, document: EventDocument): void {
  if (event.shipped !== undefined) putShipped(event.shipped, document)
  if (record.hint === undefined)
    document.dataset = datasetOfChannel[event.channel?.toLowerCase() ?? ''] ?? 'windows.event'
  put(document, '@timestamp', isoTime(event.time))
  put(document, 'event.kind', 'event')
  put(document, 'event.code', event.id)
  put(document, 'event.provider', event.provider)
  put(document, 'event.outcome', event.outcome ?? auditedOutcome(event))
  put(document, 'log.level', event.level?.replaceAll('\0', '').toLowerCase())
  put(document, 'message', event.message)
  putDefault(document, 'host.name', event.computer)
  const isLinux = event.provider === 'Linux-Sysmon'
  put(document, 'host.os.type', isLinux ? 'linux' : 'windows')
  if (!isLinux) put(document, 'host.os.family', 'windows')
  putWinlog(event, document)
  switch (event.provider) {
    case 'Microsoft-Windows-Security-Auditing':
      parseSecurity(event, document)
      break
    case 'Microsoft-Windows-DNSServer':
      parseDnsServer(event, document)
      break
    case 'Microsoft-Windows-Sysmon':
    case 'Linux-Sysmon':
      parseSysmon(event, document)
      break
    case 'PowerShell':
    case 'Microsoft-Windows-PowerShell':
      parsePowerShell(event, document)
      break
    case 'Microsoft-Windows-Eventlog':
      parseSecurity(event, document)
      parseOperational(event, document)
      break
    default:
      if (event.id === '33205' && event.provider.startsWith('MSSQL')) parseSqlAudit(event, document)
      else parseOperational(event, document)
  }
  if (event.task !== undefined && !/^\d+$/.test(event.task)) putDefault(document, 'event.action', event.task)
}

/** The shipper's own ECS fields, without what is read anew. */
function putShipped(shipped: JsonObject, document: EventDocument): void {
  const { '@timestamp': _time, ...rest } = shipped
  putRoot(document, rest)
}

function putWinlog(event: WindowsEvent, document: EventDocument): void {
  put(document, 'winlog.event_id', event.id)
  put(document, 'winlog.provider_name', event.provider)
  put(document, 'winlog.provider_guid', event.providerGuid)
  put(document, 'winlog.channel', event.channel)
  put(document, 'winlog.computer_name', event.computer)
  put(document, 'winlog.record_id', event.recordId)
  put(document, 'winlog.version', event.version)
  put(document, 'winlog.task', event.task)
  put(document, 'winlog.opcode', event.opcode)
  put(document, 'winlog.keywords', event.keywords)
  put(document, 'winlog.outcome', event.outcome)
  put(document, 'winlog.activity_id', event.activityId)
  put(document, 'winlog.related_activity_id', event.relatedActivityId)
  put(document, 'winlog.process.pid', event.processId)
  put(document, 'winlog.process.thread.id', event.threadId)
  put(document, 'winlog.time_created', isoTime(event.time))
  put(document, 'winlog.user.identifier', event.user?.sid)
  put(document, 'winlog.user.name', event.user?.name)
  put(document, 'winlog.user.domain', event.user?.domain)
  put(document, 'winlog.user.type', event.user?.type)
  // Winlogbeat's own stand already, with its types.
  if (event.shipped === undefined) put(document, 'winlog.event_data', event.data)
  put(document, 'winlog.user_data', event.userData)
}
