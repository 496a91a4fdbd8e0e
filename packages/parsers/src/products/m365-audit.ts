// Microsoft 365 unified audit log: what the Management Activity API gives, one object an event.
// "Office 365 Management Activity API schema": common schema, AuditLogRecordType, UserType (learn.microsoft.com/office/office-365-management-api).
import type { Json, JsonObject } from '@varde/schema'
import { isObject, jsonOf, type LogRecord } from '../log-record.ts'
import { splitAddress } from '../normalise/address.ts'
import { add, type EventDocument, put, putUnder, read } from '../normalise/document.ts'
import { isIp, portOf, putAddress } from '../normalise/endpoint.ts'
import { putNetworkType } from '../normalise/network.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import { outcomeOf } from '../normalise/words.ts'
import type { Product } from '../product.ts'
import { putKind } from './kv-product.ts'

/** AuditLogRecordType, number by number; a dash where the schema has no name. */
const recordTypes =
  '- ExchangeAdmin ExchangeItem ExchangeItemGroup SharePoint - SharePointFileOperation OneDrive AzureActiveDirectory AzureActiveDirectoryAccountLogon DataCenterSecurityCmdlet ComplianceDLPSharePoint Sway ComplianceDLPExchange SharePointSharingOperation AzureActiveDirectoryStsLogon SkypeForBusinessPSTNUsage SkypeForBusinessUsersBlocked SecurityComplianceCenterEOPCmdlet ExchangeAggregatedOperation PowerBIAudit CRM Yammer SkypeForBusinessCmdlets Discovery MicrosoftTeams - - ThreatIntelligence MailSubmission MicrosoftFlow AeD MicrosoftStream ComplianceDLPSharePointClassification ThreatFinder Project SharePointListOperation SharePointCommentOperation DataGovernance Kaizala SecurityComplianceAlerts ThreatIntelligenceUrl SecurityComplianceInsights MIPLabel WorkplaceAnalytics PowerAppsApp PowerAppsPlan ThreatIntelligenceAtpContent LabelContentExplorer TeamsHealthcare ExchangeItemAggregated HygieneEvent DataInsightsRestApiAudit InformationBarrierPolicyApplication SharePointListItemOperation SharePointContentTypeOperation SharePointFieldOperation MicrosoftTeamsAdmin HRSignal MicrosoftTeamsDevice MicrosoftTeamsAnalytics InformationWorkerProtection Campaign DLPEndpoint AirInvestigation Quarantine MicrosoftForms ApplicationAudit ComplianceSupervisionExchange CustomerKeyServiceEncryption OfficeNative MipAutoLabelSharePointItem MipAutoLabelSharePointPolicyLocation MicrosoftTeamsShifts - MipAutoLabelExchangeItem CortanaBriefing Search WDATPAlerts - - - SensitivityLabelPolicyMatch SensitivityLabelAction SensitivityLabeledFileAction AttackSim AirManualInvestigation SecurityComplianceRBAC UserTraining AirAdminActionInvestigation MSTIC PhysicalBadgingSignal - AipDiscover AipSensitivityLabelAction AipProtectionAction AipFileDeleted AipHeartBeat MCASAlerts'.split(
    ' ',
  )

/** By the beginning of the operation; the schema's operations are verbs with an object. */
const meanings: readonly (readonly [RegExp, readonly string[], readonly string[]])[] = [
  [
    /^UserLogg?edIn|^UserLoginFailed|^MailboxLogin|^ForeignRealmIndexLogon/i,
    ['web', 'authentication'],
    ['info', 'start', 'access'],
  ],
  [/^(?:DLP|Dlp)Rule/, ['web', 'file'], ['info', 'access']],
  [/^File(?:Accessed|Previewed|Downloaded|SyncDownloaded)/, ['web', 'file'], ['info', 'access']],
  [/^(?:File|Folder)(?:Uploaded|Created|Copied|SyncUploadedFull)/, ['web', 'file'], ['info', 'creation']],
  [/^(?:File|Folder)(?:Deleted|Recycled)/, ['web', 'file'], ['info', 'deletion']],
  [/^(?:File|Folder)(?:Modified|Moved|Renamed|Restored|SyncUploadedPartial)/, ['web', 'file'], ['info', 'change']],
  [/^(?:Group|Team)(?:Creation|Created)|^TeamCreated/, ['web', 'iam'], ['info', 'group', 'creation']],
  [
    /^(?:Change user password|Reset user password|Set force change user password|Change user license)/,
    ['web', 'iam'],
    ['info', 'user', 'change'],
  ],
]

function parse(record: LogRecord, document: EventDocument): boolean {
  const json = jsonOf(record)
  if (json === undefined || json['Operation'] === undefined) return false
  document.dataset = 'o365.audit'
  const text = (key: string): string | undefined => textOf(json[key])
  put(document, '@timestamp', isoTime(timeOf(text('CreationTime'), record.arrival, 'UTC')))
  put(document, 'event.id', text('Id'))
  put(document, 'event.action', text('Operation'))
  put(document, 'event.provider', text('Workload'))
  const number = Number(json['RecordType'])
  const name = recordTypes[Number.isInteger(number) ? number : -1]
  put(document, 'event.code', name === undefined || name === '-' ? text('RecordType') : name)
  put(document, 'organization.id', text('OrganizationId'))
  put(document, 'host.id', text('OrganizationId'))
  put(document, 'host.name', tenantOf(record, json))
  put(document, 'user_agent.original', text('UserAgent') ?? namedIn(json['ExtendedProperties'], 'UserAgent'))
  put(document, 'url.original', text('ObjectId')?.startsWith('http') === true ? text('ObjectId') : undefined)
  put(document, 'file.name', text('SourceFileName'))
  put(document, 'file.extension', text('SourceFileExtension'))
  put(document, 'file.directory', text('SourceRelativeUrl'))
  put(document, 'rule.name', text('PolicyName'))
  putRules(document, json['PolicyDetails'])
  putPerson(document, json)
  putClient(document, json)
  putUnder(document, 'o365', 'audit', json)
  putMeaning(document, json)
  return true
}

function textOf(value: Json | undefined): string | undefined {
  return typeof value === 'string' && value !== '' ? value : typeof value === 'number' ? String(value) : undefined
}

/** The tenant's name, where the policy of an Elastic Agent maps its id, or the event has it. */
function tenantOf(record: LogRecord, json: JsonObject): string | undefined {
  const policy = record.meta['_conf']
  const tenants = isObject(policy) ? policy['tenants'] : undefined
  const id = textOf(json['OrganizationId'])
  if (isObject(tenants) && id !== undefined && typeof tenants[id] === 'string') return tenants[id]
  return textOf(json['OrganizationName'])
}

/** `[{"Name":"UserAgent","Value":"…"}]` */
function namedIn(list: Json | undefined, name: string): string | undefined {
  if (!Array.isArray(list)) return undefined
  const found = list.find((item) => isObject(item) && item['Name'] === name)
  return isObject(found) ? textOf(found['Value']) : undefined
}

/** `[{"PolicyName":…,"Rules":[{"RuleName":…}]}]` of data loss prevention. */
function putRules(document: EventDocument, policies: Json | undefined): void {
  for (const policy of Array.isArray(policies) ? policies.slice(0, 64) : []) {
    const rules = isObject(policy) ? policy['Rules'] : undefined
    for (const rule of Array.isArray(rules) ? rules.slice(0, 64) : [])
      if (isObject(rule)) add(document, 'rule.name', textOf(rule['RuleName']))
  }
}

/** A login name with a domain is a person; `NT AUTHORITY\\SYSTEM (…)` and service names are the platform itself. */
function putPerson(document: EventDocument, json: JsonObject): void {
  const id = textOf(json['UserId'])
  put(document, 'user.id', id)
  const at = id?.indexOf('@') ?? -1
  if (id === undefined || at <= 0) return
  put(document, 'user.name', id.slice(0, at))
  put(document, 'user.domain', id.slice(at + 1))
  put(document, 'user.email', id)
}

/** `192.0.2.7:50122`, `[2001:db8::1]:443`; Exchange's cmdlets name the server that ran them. */
function putClient(document: EventDocument, json: JsonObject): void {
  const claimed = [json['ClientIP'], json['ClientIPAddress'], json['ActorIpAddress']]
    .map(textOf)
    .find((text) => text !== undefined)
  const { address, port } = splitAddress(claimed ?? '')
  const ip = claimed !== undefined && isIp(claimed) ? claimed : address
  if (isIp(ip)) {
    putAddress(document, 'source', ip)
    put(document, 'client.ip', ip)
    put(document, 'client.address', ip)
    put(document, 'source.port', isIp(claimed ?? '') ? undefined : portOf(port))
  }
  putNetworkType(document)
}

function putMeaning(document: EventDocument, json: JsonObject): void {
  const operation = textOf(json['Operation']) ?? ''
  const found = meanings.find(([pattern]) => pattern.test(operation))
  const status = textOf(json['ResultStatus'])
  const said = status === undefined ? undefined : /^partial/i.test(status) ? 'success' : outcomeOf(status)
  const failed = /failed$/i.test(operation) || textOf(json['LogonError']) !== undefined
  put(document, 'event.outcome', failed ? 'failure' : (said ?? 'success'))
  put(document, 'event.reason', textOf(json['LogonError']))
  putKind(document, undefined, found?.[1] ?? ['web'], found?.[2] ?? ['info'])
  if (read(document, 'event.kind') === undefined)
    put(document, 'event.kind', /alert/i.test(String(read(document, 'event.code') ?? '')) ? 'alert' : 'event')
}

export const m365Audit: Product = {
  name: 'o365',
  datasets: ['o365.audit'],
  detect: (record) => {
    if (!record.text.includes('"RecordType"') || !record.text.includes('"Operation"')) return 0
    const json = jsonOf(record)
    return json?.['CreationTime'] !== undefined && json['Workload'] !== undefined ? 0.96 : 0
  },
  parse,
}
