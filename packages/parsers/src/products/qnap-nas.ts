// QNAP NAS (QuLog Center): `conn log: Users: anna, Source IP: 192.0.2.7, … Action: Read` and `event log: …, Content: …`.
// "QuLog Center: System logs" (docs.qnap.com).
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, leave, put } from '../normalise/document.ts'
import { putAddress } from '../normalise/endpoint.ts'
import { putSyslogPriority, putSyslogProcess, putSyslogTime } from '../normalise/syslog-fields.ts'
import type { Product } from '../product.ts'
import { putKind } from './kv-product.ts'

const names = [
  'Users',
  'Source IP',
  'Computer name',
  'Connection type',
  'Accessed resources',
  'Application',
  'Category',
  'Content',
  'Action',
  'Protocol',
  'Client ID',
  'Client application',
]

/** What stands between one of the known names and the next: values hold commas themselves. */
function partsOf(text: string): ReadonlyMap<string, string> {
  const found: { name: string; at: number; end: number }[] = []
  for (const name of names) {
    const at = text.startsWith(`${name}: `) ? 0 : text.indexOf(`, ${name}: `)
    if (at >= 0) found.push({ name, at, end: at + name.length + (at === 0 ? 2 : 4) })
  }
  found.sort((a, b) => a.at - b.at)
  const parts = new Map<string, string>()
  for (const [index, { name, end }] of found.entries()) {
    const value = text.slice(end, found[index + 1]?.at).trim()
    if (value !== '' && value !== '---') parts.set(name, value)
  }
  return parts
}

/** By the action of a connection. */
const actions: Readonly<Record<string, readonly [string, string] | undefined>> = {
  'login success': ['authentication', 'start'],
  'login fail': ['authentication', 'start'],
  'login failed': ['authentication', 'start'],
  logout: ['authentication', 'end'],
  read: ['file', 'access'],
  open: ['file', 'access'],
  write: ['file', 'change'],
  add: ['file', 'creation'],
  create: ['file', 'creation'],
  makedir: ['file', 'creation'],
  delete: ['file', 'deletion'],
  rename: ['file', 'change'],
  move: ['file', 'change'],
  upload: ['file', 'creation'],
  download: ['file', 'access'],
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const text = record.message.trim()
  const colon = text.indexOf(' log: ')
  if (colon < 0 || colon > 16) return false
  document.dataset = 'qnap_nas.log'
  putSyslogTime(document, record)
  putSyslogPriority(document, record)
  putSyslogProcess(document, record)
  put(document, 'host.name', record.syslog.host)
  put(document, 'observer.vendor', 'QNAP')
  put(document, 'observer.product', 'NAS')
  put(document, 'observer.type', 'nas')
  put(document, 'event.provider', `${text.slice(0, colon)}-log`)
  const parts = partsOf(text.slice(colon + 6))
  put(document, 'user.name', parts.get('Users'))
  putAddress(document, 'source', parts.get('Source IP'))
  put(document, 'source.domain', parts.get('Computer name'))
  put(document, 'qnap.nas.connection_type', parts.get('Connection type'))
  put(document, 'qnap.nas.application', parts.get('Application'))
  put(document, 'qnap.nas.category', parts.get('Category'))
  putConnection(document, parts)
  putContent(document, parts.get('Content'))
  if (parts.size === 0) leave(document, record.messageAt, record.text.length)
  return true
}

function putConnection(document: EventDocument, parts: ReadonlyMap<string, string>): void {
  const action = parts.get('Action')
  if (action === undefined) return
  const lower = action.toLowerCase()
  const [category, type] = actions[lower] ?? ['file', 'info']
  const outcome = lower.includes('fail') ? 'failure' : lower.includes('success') ? 'success' : undefined
  putKind(document, lower.replaceAll(' ', '-'), [category], [type], outcome)
  const resource = parts.get('Accessed resources')
  if (resource === undefined) return
  if (category !== 'file') put(document, 'qnap.nas.application', resource)
  else putFile(document, resource)
}

/** `a/b -> a/c` of a rename; `[File Station] /a/b` by an application. */
function putFile(document: EventDocument, resource: string): void {
  const arrow = resource.indexOf(' -> ')
  const bracket = resource.startsWith('[') ? resource.indexOf('] ') : -1
  if (bracket > 0) put(document, 'qnap.nas.application', resource.slice(1, bracket))
  const path = resource.slice(bracket > 0 ? bracket + 2 : 0, arrow > 0 ? arrow : undefined)
  put(document, 'file.path', path)
  put(document, 'file.name', path.slice(path.lastIndexOf('/') + 1))
  if (arrow > 0) put(document, 'file.target_path', resource.slice(arrow + 4))
}

/** `[Users] Created user "anna".` */
function putContent(document: EventDocument, content: string | undefined): void {
  if (content === undefined) return
  put(document, 'message', content)
  const said =
    /^(?:\[[^\]]{1,64}\] )?(Created|Deleted|Added|Removed|Changed|Edited|Modified|Updated) (?:the )?(user group|user|group|shared folder|\w{1,32})/i.exec(
      content,
    )
  if (said === null) return
  const verb = (said[1] ?? '').toLowerCase()
  const what = (said[2] ?? '').toLowerCase()
  const type = /creat|add/.test(verb) ? 'creation' : /delet|remov/.test(verb) ? 'deletion' : 'change'
  const isPeople = what.includes('user') || what.includes('group')
  const quoted = /"([^"]{1,256})"/.exec(content)?.[1]
  putKind(
    document,
    `${verb}-${what.replaceAll(' ', '-')}`,
    [isPeople ? 'iam' : 'configuration'],
    isPeople ? [what.includes('group') ? 'group' : 'user', type] : [type],
  )
  if (what.includes('group')) put(document, 'group.name', quoted)
  else if (isPeople) put(document, 'user.target.name', quoted)
}

export const qnapNas: Product = {
  name: 'qnap_nas',
  datasets: ['qnap_nas.log'],
  detect: ({ syslog: { app }, message }) =>
    app === 'qulogd' || app === 'qlogd' ? 0.95 : /^(?:conn|event) log: Users: /.test(message) ? 0.95 : 0,
  parse,
}
