// The JSON that agents make of a Windows event: Winlogbeat, NXLog, Fluent Bit, OpenTelemetry, and dumps of the XML as JSON.
import type { Json, JsonObject } from '@varde/schema'
import { isObject } from '../../log-record.ts'
import { epochMs, timeOf } from '../../normalise/time.ts'
import { dataNames } from './data-names.ts'
import type { WindowsEvent } from './event.ts'
import { levelName, opcodeName, outcomeOf } from './keywords.ts'
import { readEventXml, setKeywords, setText } from './shape-xml.ts'

/** Undefined where the object is no Windows event in a known shape. */
export function readEventJson(json: JsonObject, arrival: number, zone: string | undefined): WindowsEvent | undefined {
  const { winlog } = json
  if (isObject(winlog)) return readWinlogbeat(json, winlog)
  const { Event } = json
  if (isObject(Event)) return readDump(Event)
  if (isObject(json['event_id']) && isObject(json['provider'])) return readOpenTelemetry(json)
  const { body } = json
  if (isObject(body) && isObject(body['event_id'])) return readOpenTelemetry(body)
  if (idOf(json['EventID'] ?? json['EventId'] ?? json['event_id']) !== undefined) return readFlat(json, arrival, zone)
  return undefined
}

function text(value: Json | undefined): string | undefined {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  return undefined
}

function number(value: Json | undefined): number | undefined {
  if (typeof value === 'number') return value
  return typeof value === 'string' && /^\d{1,15}$/.test(value) ? Number(value) : undefined
}

/** A number, `4624`, or the low 16 bits of a legacy id with qualifiers. */
function idOf(value: Json | undefined): string | undefined {
  if (isObject(value)) return idOf(value['#text'] ?? value['id'] ?? value['_'] ?? value['Value'])
  const id = number(value)
  if (id === undefined || id < 0) return undefined
  return String(id > 0xffff ? id % 0x10000 : id)
}

function texts(value: Json | undefined): Record<string, string> {
  if (areTexts(value)) return value
  const data: Record<string, string> = {}
  if (isObject(value)) {
    for (const [name, member] of Object.entries(value)) {
      if (name === '__proto__') continue
      if (member === null) continue
      data[name] = text(member) ?? JSON.stringify(member)
    }
  }
  return data
}

/** Most agents write all data as texts: then it is taken as it is. */
function areTexts(value: Json | undefined): value is Record<string, string> {
  if (!isObject(value) || Object.hasOwn(value, '__proto__')) return false
  for (const key in value) if (typeof value[key] !== 'string') return false
  return true
}

function names(value: Json | undefined): string[] | undefined {
  if (!Array.isArray(value)) return undefined
  const list = value.filter((name) => typeof name === 'string')
  return list.length === 0 ? undefined : list
}

// ---- Winlogbeat, Elastic Agent

function readWinlogbeat(json: JsonObject, winlog: JsonObject): WindowsEvent | undefined {
  const shippedEvent = isObject(json['event']) ? json['event'] : {}
  const id = idOf(winlog['event_id'] ?? shippedEvent['code'])
  if (id === undefined) return undefined
  const process = isObject(winlog['process']) ? winlog['process'] : {}
  const thread = isObject(process['thread']) ? process['thread'] : {}
  const log = isObject(json['log']) ? json['log'] : {}
  // Sysmon for Linux's own pipeline leaves some of the System block among the data.
  const nested = isObject(winlog['event_data']) ? winlog['event_data'] : {}
  const event: WindowsEvent = {
    provider: text(winlog['provider_name']) ?? text(shippedEvent['provider']) ?? text(nested['provider_name']) ?? '',
    id,
    data: texts(winlog['event_data']),
    shipped: json,
  }
  setText(event, 'providerGuid', text(winlog['provider_guid']))
  setText(event, 'channel', text(winlog['channel']))
  setText(event, 'computer', text(winlog['computer_name']))
  setText(event, 'recordId', text(winlog['record_id']))
  setText(event, 'level', text(log['level']) ?? text(winlog['level']))
  setText(event, 'task', text(winlog['task']))
  setText(event, 'opcode', text(winlog['opcode']))
  setText(event, 'activityId', text(winlog['activity_id']))
  setText(event, 'relatedActivityId', text(winlog['related_activity_id']))
  setText(event, 'message', text(json['message']))
  const version = number(winlog['version'])
  if (version !== undefined) event.version = version
  const time = timeOf(text(winlog['time_created']), 0) ?? timeOf(text(json['@timestamp']), 0)
  if (time !== undefined) event.time = time
  const keywords = names(winlog['keywords'])
  if (keywords !== undefined) event.keywords = keywords
  const outcome = text(shippedEvent['outcome']) ?? text(winlog['outcome']) ?? outcomeOf(keywords ?? [])
  if (outcome === 'success' || outcome === 'failure') event.outcome = outcome
  const pid = number(process['pid'])
  if (pid !== undefined) event.processId = pid
  const tid = number(thread['id'])
  if (tid !== undefined) event.threadId = tid
  if (isObject(winlog['user'])) event.user = userOf(winlog['user'], 'identifier', 'name', 'domain', 'type')
  if (isObject(winlog['user_data'])) event.userData = winlog['user_data']
  return event
}

function userOf(
  from: JsonObject,
  sid: string,
  name: string,
  domain: string,
  type: string,
): NonNullable<WindowsEvent['user']> {
  const user: NonNullable<WindowsEvent['user']> = {}
  const values = { sid: text(from[sid]), name: text(from[name]), domain: text(from[domain]), type: text(from[type]) }
  if (values.sid !== undefined) user.sid = values.sid
  if (values.name !== undefined) user.name = values.name
  if (values.domain !== undefined) user.domain = values.domain
  if (values.type !== undefined) user.type = values.type
  return user
}

// ---- `{"Event": {"System": …, "EventData": …}}`: evtx_dump, xml2json converters

function readDump(root: JsonObject): WindowsEvent | undefined {
  const system = isObject(root['System']) ? root['System'] : undefined
  const id = idOf(system?.['EventID'])
  if (system === undefined || id === undefined) return undefined
  const provider = attributesOf(system['Provider'])
  const event: WindowsEvent = { provider: text(provider['Name']) ?? '', id, data: {} }
  setText(event, 'providerGuid', text(provider['Guid']))
  setText(event, 'channel', text(system['Channel']))
  setText(event, 'computer', text(system['Computer']))
  setText(event, 'recordId', text(system['EventRecordID']))
  setText(event, 'level', levelName(number(system['Level']) ?? -1))
  setText(event, 'opcode', opcodeName(text(system['Opcode']) ?? ''))
  setText(event, 'activityId', text(attributesOf(system['Correlation'])['ActivityID']))
  const version = number(system['Version'])
  if (version !== undefined) event.version = version
  const keywords = system['Keywords']
  if (typeof keywords === 'string' || typeof keywords === 'number') setKeywords(event, keywords)
  const time = timeOf(text(attributesOf(system['TimeCreated'])['SystemTime']), 0)
  if (time !== undefined) event.time = time
  const execution = attributesOf(system['Execution'])
  setExecution(event, execution['ProcessID'], execution['ThreadID'])
  const sid = text(attributesOf(system['Security'])['UserID'])
  if (sid !== undefined) event.user = { sid }
  readDumpData(root, event)
  return event
}

/** `#attributes` (evtx_dump), `@Name` or `$` (converters), or the members themselves. */
function attributesOf(value: Json | undefined): JsonObject {
  if (!isObject(value)) return {}
  const inner = value['#attributes'] ?? value['$'] ?? value['@attributes']
  if (isObject(inner)) return inner
  const members: JsonObject = {}
  for (const [key, member] of Object.entries(value)) members[key.startsWith('@') ? key.slice(1) : key] = member
  return members
}

function readDumpData(root: JsonObject, event: WindowsEvent): void {
  const data = root['EventData']
  if (isObject(data)) {
    const { Data, '#attributes': _attributes, ...named } = data
    event.data = texts(named)
    if (Array.isArray(Data)) addList(event, Data)
    else if (Data !== undefined) addList(event, [Data])
  }
  const user = root['UserData']
  if (!isObject(user)) return
  const [name, members] = Object.entries(user)[0] ?? []
  if (name !== undefined && isObject(members)) event.userData = { xml_name: name, ...members }
}

function addList(event: WindowsEvent, list: Json[]): void {
  for (const [index, item] of list.entries()) {
    const attributes = attributesOf(item)
    const name = text(attributes['Name'])
    const value = isObject(item) ? text(item['#text'] ?? item['_']) : text(item)
    if (name === '__proto__') continue
    event.data[name ?? `param${index + 1}`] = value ?? ''
  }
}

function setExecution(event: WindowsEvent, process: Json | undefined, thread: Json | undefined): void {
  const pid = number(process)
  if (pid !== undefined) event.processId = pid
  const tid = number(thread)
  if (tid !== undefined) event.threadId = tid
}

// ---- OpenTelemetry's windowseventlog receiver (pkg/stanza/operator/input/windows)

function readOpenTelemetry(json: JsonObject): WindowsEvent | undefined {
  const id = idOf(json['event_id'])
  const provider = isObject(json['provider']) ? json['provider'] : {}
  if (id === undefined) return undefined
  const event: WindowsEvent = { provider: text(provider['name']) ?? text(provider['event_source']) ?? '', id, data: {} }
  setText(event, 'providerGuid', text(provider['guid']))
  setText(event, 'channel', text(json['channel']))
  setText(event, 'computer', text(json['computer']))
  setText(event, 'recordId', text(json['record_id']))
  setText(event, 'level', text(json['level'])?.toLowerCase())
  setText(event, 'task', text(json['task']))
  setText(event, 'opcode', text(json['opcode']))
  const { message } = json
  setText(event, 'message', text(message) ?? (isObject(message) ? JSON.stringify(message) : undefined))
  const keywords = names(json['keywords'])
  if (keywords !== undefined) {
    event.keywords = keywords
    const outcome = outcomeOf(keywords)
    if (outcome !== undefined) event.outcome = outcome
  }
  const time = timeOf(text(json['system_time']), 0)
  if (time !== undefined) event.time = time
  const execution = isObject(json['execution']) ? json['execution'] : {}
  setExecution(event, execution['process_id'], execution['thread_id'])
  const security = isObject(json['security']) ? json['security'] : {}
  const sid = text(security['user_id'])
  if (sid !== undefined) event.user = { sid }
  const data = json['event_data']
  if (isObject(data) && Array.isArray(data['data'])) {
    for (const item of data['data']) if (isObject(item)) Object.assign(event.data, texts(item))
  } else event.data = texts(data)
  return event
}

// ---- One level: NXLog (im_msvistalog), Fluent Bit (winevtlog, winlog), Vector, Logstash's and Sigma's flat records

/** Members of a flat record that are the event's System block or the agent's own. Everything else is event data. */
const flatKeys = new Set([
  'EventID',
  'EventId',
  'event_id',
  'SourceName',
  'ProviderName',
  'Provider_Name',
  'Provider',
  'ProviderGuid',
  'Channel',
  'Computer',
  'ComputerName',
  'Hostname',
  'HostName',
  'host',
  'EventTime',
  'TimeCreated',
  'TimeGenerated',
  'UtcTimeCreated',
  '@timestamp',
  '@version',
  'timestamp',
  'EventReceivedTime',
  'RecordNumber',
  'EventRecordID',
  'RecordID',
  'Level',
  'LevelDisplayName',
  'Severity',
  'SeverityValue',
  'EventType',
  'Task',
  'Category',
  'EventCategory',
  'Opcode',
  'OpcodeValue',
  'Keywords',
  'Version',
  'ExecutionProcessID',
  'ExecutionThreadID',
  'ThreadID',
  'ActivityID',
  'RelatedActivityID',
  'Message',
  'UserID',
  'Sid',
  'AccountName',
  'AccountType',
  'Domain',
  'SourceModuleName',
  'SourceModuleType',
  'Qualifiers',
  'StringInserts',
  'Data',
  'tags',
  'port',
  'EventData',
  'UserData',
  'System',
  'agent',
  'ecs',
  'log',
  'Description_',
])

function readFlat(json: JsonObject, arrival: number, zone: string | undefined): WindowsEvent | undefined {
  const id = idOf(json['EventID'] ?? json['EventId'] ?? json['event_id'])
  const channel = text(json['Channel'])
  const provider = text(json['SourceName'] ?? json['ProviderName'] ?? json['Provider_Name'] ?? json['Provider'])
  if (id === undefined || (channel === undefined && provider === undefined)) return undefined
  const event: WindowsEvent = { provider: provider ?? providerOf(channel ?? ''), id, data: {} }
  setText(event, 'channel', channel)
  setText(event, 'providerGuid', text(json['ProviderGuid']))
  const host = json['Hostname'] ?? json['Computer'] ?? json['ComputerName'] ?? json['HostName'] ?? json['host']
  setText(event, 'computer', text(isObject(host) ? host['name'] : host))
  setText(event, 'recordId', text(json['RecordNumber'] ?? json['EventRecordID'] ?? json['RecordID']))
  setText(event, 'level', flatLevel(json))
  const task = text(json['Category']) ?? text(json['Task'])
  if (task !== '0') setText(event, 'task', task)
  setText(event, 'opcode', opcodeName(text(json['Opcode']) ?? '') ?? text(json['Opcode']))
  setText(event, 'activityId', text(json['ActivityID']))
  setText(event, 'relatedActivityId', text(json['RelatedActivityID']))
  setText(event, 'message', text(json['Message']))
  const version = number(json['Version'])
  if (version !== undefined) event.version = version
  setFlatKeywords(json, event)
  const time = flatTime(json, arrival, zone)
  if (time !== undefined) event.time = time
  // NXLog's `ProcessID` is the logging process where `ExecutionProcessID` is missing; in data it belongs to the event.
  const executionFirst =
    json['ExecutionProcessID'] ?? (Array.isArray(json['StringInserts']) ? json['ProcessID'] : undefined)
  setExecution(event, executionFirst, json['ThreadID'] ?? json['ExecutionThreadID'])
  const user = userOf(json, json['UserID'] === undefined ? 'Sid' : 'UserID', 'AccountName', 'Domain', 'AccountType')
  if (Object.keys(user).length > 0) event.user = user
  readFlatData(json, event)
  return event
}

function readFlatData(json: JsonObject, event: WindowsEvent): void {
  const inserts = json['StringInserts'] ?? json['Data']
  if (Array.isArray(inserts)) {
    const order = dataNames(event.provider, event.id, event.version, inserts.length)
    for (const [index, value] of inserts.entries())
      event.data[order?.[index] ?? `param${index + 1}`] = text(value) ?? ''
    return
  }
  // A member that holds the block as XML (`EventData`, `UserData`) or as an object.
  const nested = json['EventData'] ?? json['UserData']
  if (isObject(nested)) event.data = texts(nested)
  else if (typeof nested === 'string' && nested.startsWith('<')) {
    const read = readEventXml(`<Event><System/>${nested}</Event>`)
    if (read !== undefined) event.data = read.event.data
  }
  for (const [name, member] of Object.entries(json)) {
    if (flatKeys.has(name) || name === '__proto__' || member === null || event.data[name] !== undefined) continue
    event.data[name] = text(member) ?? JSON.stringify(member)
  }
}

function flatLevel(json: JsonObject): string | undefined {
  const level = number(json['Level'])
  if (level !== undefined) return levelName(level)
  const severity =
    text(json['LevelDisplayName']) ?? text(json['Level']) ?? text(json['Severity']) ?? text(json['EventType'])
  const lower = severity?.toLowerCase()
  if (lower === 'info' || lower === 'audit_success' || lower === 'audit_failure') return 'information'
  return lower
}

function setFlatKeywords(json: JsonObject, event: WindowsEvent): void {
  const keywords = json['Keywords']
  if (typeof keywords === 'string' || typeof keywords === 'number') setKeywords(event, keywords)
  const list = names(keywords)
  if (list !== undefined) {
    event.keywords = list
    const outcome = outcomeOf(list)
    if (outcome !== undefined) event.outcome = outcome
  }
  const type = text(json['EventType'])
    ?.toUpperCase()
    .replace(/[ _]?AUDIT[ _]?/, '')
  if (event.outcome === undefined && (type === 'SUCCESS' || type === 'FAILURE')) {
    event.outcome = type === 'SUCCESS' ? 'success' : 'failure'
    event.keywords ??= [type === 'SUCCESS' ? 'Audit Success' : 'Audit Failure']
  }
}

function flatTime(json: JsonObject, arrival: number, zone: string | undefined): number | undefined {
  for (const key of ['UtcTimeCreated', 'TimeCreated', 'EventTime', 'TimeGenerated', '@timestamp', 'timestamp']) {
    const value = json[key]
    const time = typeof value === 'number' ? epochMs(value) : timeOf(text(value), arrival, zone)
    if (time !== undefined) return time
  }
  return undefined
}

/** Flat records of some agents leave the provider out: the channel tells it. */
function providerOf(channel: string): string {
  if (channel.toLowerCase() === 'security') return 'Microsoft-Windows-Security-Auditing'
  if (channel === 'Windows PowerShell') return 'PowerShell'
  return channel.split('/')[0] ?? channel
}
