// The Linux audit system's records (man 8 auditd, linux/audit.h): `type=… msg=audit(seconds:serial): key=value …`.
import { readKeyValues } from '../../formats/key-value.ts'
import type { LogRecord } from '../../log-record.ts'
import { ipOf } from '../../normalise/address.ts'
import { add, type EventDocument, put } from '../../normalise/document.ts'
import { putSyslogHost } from '../../normalise/syslog-fields.ts'
import { isoTime } from '../../normalise/time.ts'
import type { Product } from '../../product.ts'
import { auditMeanings } from './audit-records.ts'

export const auditd: Product = {
  name: 'auditd',
  datasets: ['auditd.log'],
  detect({ text }) {
    const at = text.indexOf('type=')
    if (at < 0 || at > 200) return 0
    const stamp = text.indexOf(' msg=audit(', at)
    return stamp > 0 && stamp - at < 64 ? 0.97 : 0
  },
  parse(record, document) {
    const { text } = record
    const at = text.indexOf('type=')
    if (at < 0) return false
    const space = text.indexOf(' ', at)
    const type = text.slice(at + 5, space < 0 ? text.length : space)
    const before = readKeyValues(text.slice(0, at))
    put(document, 'auditd.log.node', before.get('node'))
    put(document, 'host.name', before.get('node'))
    if (record.syslog.host !== undefined) putSyslogHost(document, record)
    put(document, 'auditd.log.record_type', type)
    const body = readStamp(text, space, document)
    if (body === undefined) {
      put(document, 'event.action', type.toLowerCase())
      put(document, 'message', text.slice(space + 1).replace(/^msg=/, ''))
      return true
    }
    parseBody(type, body, record, document)
    return true
  },
}

/** `msg=audit(1481077041.515:406): …`: time and serial; gives what follows. */
function readStamp(text: string, from: number, document: EventDocument): string | undefined {
  const open = text.indexOf('msg=audit(', Math.max(from, 0))
  const close = open < 0 ? -1 : text.indexOf(')', open)
  if (close < 0) return undefined
  const [seconds = '', serial = ''] = text.slice(open + 10, close).split(':')
  const time = Number(seconds)
  if (!Number.isFinite(time) || seconds === '') return undefined
  put(document, '@timestamp', isoTime(Math.round(time * 1000)))
  if (/^\d{1,15}$/.test(serial)) put(document, 'auditd.log.sequence', Number(serial))
  return text.slice(text.charCodeAt(close + 1) === 0x3a ? close + 2 : close + 1)
}

function parseBody(type: string, body: string, record: LogRecord, document: EventDocument): void {
  // `msg='op=… res=success'` of user space: its pairs join the kernel's; auditd's enriched part follows a group separator.
  const separator = body.indexOf('\u001d')
  const plain = separator < 0 ? body : body.slice(0, separator)
  const quote = plain.indexOf("msg='")
  const values = readKeyValues(quote < 0 ? plain : plain.slice(0, quote))
  if (quote >= 0) {
    const end = plain.lastIndexOf("'")
    for (const [key, value] of readKeyValues(plain.slice(quote + 5, end > quote + 5 ? end : plain.length)))
      values.set(key, value)
  }
  const enriched = separator < 0 ? undefined : readKeyValues(body.slice(separator + 1))
  const meaning = auditMeanings.get(type)
  put(document, 'event.action', meaning === undefined ? type.toLowerCase() : meaning.action)
  if (meaning !== undefined && meaning.category.length > 0) put(document, 'event.category', [...meaning.category])
  if (meaning !== undefined && meaning.type.length > 0) put(document, 'event.type', [...meaning.type])
  putOutcome(values, document)
  if (type === 'AVC') putAvc(plain, document)
  if (type === 'EXECVE') putArguments(values, document)
  putPeople(type, values, enriched, document)
  putProcess(values, document)
  putAddress(values, document)
  putRest(values, document)
  if (record.hint === undefined && values.size === 0) put(document, 'message', body.trim())
}

function putOutcome(values: ReadonlyMap<string, string>, document: EventDocument): void {
  const result = (values.get('res') ?? values.get('result') ?? values.get('success'))?.toLowerCase()
  if (result === 'success' || result === '1' || result === 'yes') put(document, 'event.outcome', 'success')
  else if (result === 'failed' || result === '0' || result === 'no') put(document, 'event.outcome', 'failure')
}

/** `avc:  denied  { read } for  pid=…` */
function putAvc(body: string, document: EventDocument): void {
  const open = body.indexOf('{')
  const close = body.indexOf('}', open)
  const words = body.slice(0, Math.max(open, 0)).trim().split(/\s+/)
  const action = words[1]
  if (open < 0 || close < 0 || words[0] !== 'avc:') return
  put(document, 'auditd.log.avc.action', action)
  put(document, 'auditd.log.avc.request', body.slice(open + 1, close).trim())
  put(document, 'event.outcome', action === 'granted' ? 'success' : 'failure')
}

/** `argc=3 a0="ls" a1=2D6C a2[0]=…`: in order, with what the kernel cut off named. */
function putArguments(values: ReadonlyMap<string, string>, document: EventDocument): void {
  const list: [index: number, value: string][] = []
  for (const [key, value] of values) {
    const found = /^a(\d{1,6})(?:\[(\d{1,6})\])?$/.exec(key)
    if (found !== null) list.push([Number(found[1]), decodeHex(value)])
  }
  if (list.length === 0) return
  list.sort((a, b) => a[0] - b[0])
  const first = list[0]?.[0] ?? 0
  const args = list.map(([, value]) => value)
  if (first > 0) args.unshift(`[... ${first} truncated arguments ...]`)
  put(document, 'process.args', args)
  put(document, 'process.args_count', values.has('argc') ? Number(values.get('argc')) : undefined)
  if (first === 0) put(document, 'process.command_line', args.join(' '))
}

/** Texts with blanks or quotes are written in hexadecimal, without quotes (audit_log_untrustedstring). */
export function decodeHex(value: string): string {
  if (value.length < 2 || value.length % 2 !== 0 || !/^[0-9A-F]+$/.test(value)) return value
  return Buffer.from(value, 'hex').toString('utf8').replaceAll('\0', ' ').trimEnd()
}

/** Records of PAM and shadow: `auid` is the person, `acct` whom it concerns. */
const accountRecords = new Set([
  'USER_ACCT',
  'USER_START',
  'USER_END',
  'USER_LOGIN',
  'USER_LOGOUT',
  'USER_AUTH',
  'USER_ERR',
  'USER_CHAUTHTOK',
  'CRED_ACQ',
  'CRED_DISP',
  'CRED_REFR',
  'ADD_USER',
  'DEL_USER',
  'ADD_GROUP',
  'DEL_GROUP',
  'GRP_MGMT',
  'USER_MGMT',
  'ACCT_LOCK',
  'ACCT_UNLOCK',
  'GRP_AUTH',
  'ROLE_ASSIGN',
  'ROLE_REMOVE',
])

const ids: readonly (readonly [key: string, field: string])[] = [
  ['auid', 'user.audit.id'],
  ['euid', 'user.effective.id'],
  ['suid', 'user.saved.id'],
  ['fsuid', 'user.filesystem.id'],
  ['ouid', 'user.owner.id'],
  ['gid', 'user.group.id'],
  ['egid', 'user.effective.group.id'],
  ['sgid', 'user.saved.group.id'],
  ['fsgid', 'user.filesystem.group.id'],
  ['ogid', 'user.owner.group.id'],
]

function putPeople(
  type: string,
  values: Map<string, string>,
  enriched: ReadonlyMap<string, string> | undefined,
  document: EventDocument,
): void {
  for (const [key, field] of ids) {
    put(document, field, values.get(key))
  }
  const account = known(values.get('acct'))
  const name = account === undefined ? undefined : decodeHex(account)
  if (accountRecords.has(type)) {
    put(document, 'user.id', values.get('auid'))
    put(document, 'auditd.log.uid', values.get('uid'))
    put(document, 'user.name', name)
    put(document, 'user.effective.name', name)
    const id = values.get('id')
    if (type === 'ADD_USER' || type === 'DEL_USER') put(document, 'user.target.id', id)
    if (type === 'USER_LOGIN' || type === 'USER_LOGOUT') put(document, 'user.effective.id', id)
  } else {
    put(document, 'user.id', values.get('uid'))
    put(document, 'user.name', known(enriched?.get('UID')) ?? name)
  }
  add(document, 'related.user', name, known(enriched?.get('AUID')))
  put(document, 'user.audit.name', known(enriched?.get('AUID')))
  const terminal = known(values.get('terminal'))
  put(document, 'user.terminal', terminal)
  for (const key of ['auid', 'uid', 'acct', 'terminal', ...ids.map(([id]) => id)]) values.delete(key)
}

/** `?`, `(null)`, `(none)` and `unset` say nothing. */
function known(value: string | undefined): string | undefined {
  return value === undefined || value === '?' || value === '(null)' || value === '(none)' || value === 'unset'
    ? undefined
    : value
}

function putProcess(values: Map<string, string>, document: EventDocument): void {
  put(document, 'process.pid', whole(values.get('pid')))
  put(document, 'process.parent.pid', whole(values.get('ppid')))
  put(document, 'process.name', text(values.get('comm')))
  put(document, 'process.executable', text(values.get('exe')))
  put(document, 'process.working_directory', text(values.get('cwd')))
  put(document, 'process.exit_code', whole(values.get('exit')))
  const command = values.get('cmd')
  if (command !== undefined) {
    const args = decodeHex(command).split(' ')
    put(document, 'process.args', args)
    put(document, 'process.args_count', args.length)
  }
  for (const key of ['pid', 'ppid', 'comm', 'exe', 'cwd', 'cmd', 'exit']) values.delete(key)
}

function text(value: string | undefined): string | undefined {
  const said = known(value)
  return said === undefined ? undefined : decodeHex(said)
}

function whole(value: string | undefined): number | undefined {
  return value !== undefined && /^-?\d{1,15}$/.test(value) ? Number(value) : undefined
}

function putAddress(values: Map<string, string>, document: EventDocument): void {
  const address = known(values.get('addr'))
  const host = known(values.get('hostname'))
  const ip = ipOf(address) ?? ipOf(host)
  put(document, 'source.address', address ?? host)
  put(document, 'source.ip', ip)
  if (ip === undefined) put(document, 'source.domain', host)
  for (const key of ['addr', 'hostname']) values.delete(key)
}

const numbers = new Set(['ksize', 'lport', 'rport', 'entries', 'items'])
/** Values that audit_log_untrustedstring writes. */
const untrusted = new Set(['data', 'proctitle', 'name', 'key', 'path', 'unit', 'sw'])

/** All other pairs, under their own names. */
function putRest(values: ReadonlyMap<string, string>, document: EventDocument): void {
  for (const [key, value] of values) {
    if (
      key === 'res' ||
      key === 'result' ||
      key === 'success' ||
      key === 'type' ||
      /^a\d/.test(key) ||
      known(value) === undefined
    )
      continue
    if (key === 'key_enforce') put(document, 'auditd.log.key_enforce', value === '1')
    else if (numbers.has(key)) put(document, `auditd.log.${key}`, whole(value) ?? value)
    else put(document, `auditd.log.${key}`, untrusted.has(key) ? decodeHex(value) : value)
  }
}
