// Event XML (schemas.microsoft.com/win/2004/08/events/event), as Windows, WEF and most agents write it.
import type { Json, JsonObject } from '@varde/schema'
import { childOf, readXml, type XmlElement } from '../../formats/xml.ts'
import { timeOf } from '../../normalise/time.ts'
import type { WindowsEvent } from './event.ts'
import { keywordMask, levelName, opcodeName, outcomeOf, readKeywords } from './keywords.ts'

/** Undefined where the text holds no whole `<Event>`. */
export function readEventXml(text: string, from = 0): { event: WindowsEvent; end: number } | undefined {
  const at = text.indexOf('<Event', from)
  if (at < 0) return undefined
  const root = readXml(text, at)
  const system = childOf(root, 'System')
  if (root === undefined || system === undefined) return undefined
  const event = readSystem(system)
  readData(root, event)
  readRendering(childOf(root, 'RenderingInfo'), event)
  return { event, end: root.end }
}

function readSystem(system: XmlElement): WindowsEvent {
  const event: WindowsEvent = { provider: '', id: '', data: {} }
  for (const child of system.children) {
    const { attributes, text } = child
    switch (child.name) {
      case 'Provider':
        event.provider = attributes['Name'] ?? attributes['EventSourceName'] ?? ''
        if (attributes['Guid'] !== undefined) event.providerGuid = attributes['Guid']
        break
      case 'EventID':
        event.id = text.trim()
        break
      case 'Version':
        if (/^\d{1,9}$/.test(text)) event.version = Number(text)
        break
      case 'Level':
        setText(event, 'level', levelName(Number(text)))
        break
      case 'Task':
        if (text !== '0') setText(event, 'task', text)
        break
      case 'Opcode':
        setText(event, 'opcode', opcodeName(text))
        break
      case 'Keywords':
        setKeywords(event, text)
        break
      case 'TimeCreated': {
        const time = timeOf(attributes['SystemTime'], 0)
        if (time !== undefined) event.time = time
        break
      }
      case 'EventRecordID':
        setText(event, 'recordId', text)
        break
      case 'Correlation':
        setText(event, 'activityId', attributes['ActivityID'])
        setText(event, 'relatedActivityId', attributes['RelatedActivityID'])
        break
      case 'Execution':
        if (attributes['ProcessID'] !== undefined) event.processId = Number(attributes['ProcessID'])
        if (attributes['ThreadID'] !== undefined) event.threadId = Number(attributes['ThreadID'])
        break
      case 'Channel':
        setText(event, 'channel', text)
        break
      case 'Computer':
        setText(event, 'computer', text)
        break
      case 'Security':
        if (attributes['UserID'] !== undefined) event.user = { sid: attributes['UserID'] }
        break
      default:
    }
  }
  return event
}

export function setText(
  event: WindowsEvent,
  key:
    | 'level'
    | 'task'
    | 'opcode'
    | 'recordId'
    | 'activityId'
    | 'relatedActivityId'
    | 'channel'
    | 'computer'
    | 'message'
    | 'providerGuid',
  text: string | undefined,
): void {
  if (text !== undefined && text !== '') event[key] = text
}

/** Keywords as a mask: their names and the audit's outcome. */
export function setKeywords(event: WindowsEvent, text: string | number): void {
  const mask = keywordMask(text)
  if (mask === undefined) return
  const { names, outcome } = readKeywords(mask)
  if (names.length > 0) event.keywords = names
  if (outcome !== undefined) event.outcome = outcome
}

function readData(root: XmlElement, event: WindowsEvent): void {
  const data = childOf(root, 'EventData') ?? childOf(root, 'DebugData')
  let unnamed = 0
  for (const child of data?.children ?? []) {
    const name = child.attributes['Name'] ?? (child.name === 'Data' ? `param${++unnamed}` : child.name)
    if (name !== '__proto__') event.data[name] = child.text
  }
  const user = childOf(root, 'UserData')?.children[0]
  if (user === undefined) return
  const members: JsonObject = { xml_name: user.name }
  for (const child of user.children) members[child.name] = jsonOfElement(child)
  event.userData = members
}

function jsonOfElement(element: XmlElement): Json {
  if (element.children.length === 0) return element.text
  const members: JsonObject = {}
  for (const child of element.children) members[child.name] = jsonOfElement(child)
  return members
}

/** What WEF adds when it renders: message and names in the sender's language. */
function readRendering(rendering: XmlElement | undefined, event: WindowsEvent): void {
  for (const child of rendering?.children ?? []) {
    if (child.name === 'Message') setText(event, 'message', child.text)
    else if (child.name === 'Task') setText(event, 'task', child.text)
    else if (child.name === 'Opcode') setText(event, 'opcode', child.text)
    else if (child.name === 'Level') setText(event, 'level', child.text.toLowerCase())
    else if (child.name === 'Keywords') {
      const names = child.children.map((keyword) => keyword.text).filter((name) => name !== '')
      if (names.length > 0) event.keywords = names
      const outcome = outcomeOf(names)
      if (outcome !== undefined) event.outcome = outcome
    }
  }
}
