// Symantec Endpoint Protection Manager: comma-separated `Name: value` lines over syslog, dumped or sent.
// "External Logging settings and log event severity levels for Endpoint Protection Manager" (techdocs.broadcom.com).
import { fieldTable, putField } from '../formats/field-table.ts'
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, leave, put, putUnder, read } from '../normalise/document.ts'
import { isIp, macOf, putAddress } from '../normalise/endpoint.ts'
import { putCommunityId, putNetworkType, putTransport } from '../normalise/network.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { putKind, putObserver } from './kv-product.ts'

const table = fieldTable({
  'Event Description': 'message',
  'User Name': 'user.name',
  User: 'user.name',
  Admin: 'user.name',
  'Domain Name': 'user.domain',
  'Computer name': 'host.name host.hostname',
  Computer: 'host.name host.hostname',
  'IP Address': 'host.ip:ip',
  'File path': 'file.path',
  'File size (bytes)': 'file.size:count',
  'Application hash': 'file.hash.sha256',
  'SHA-256': 'process.hash.sha256',
  'MD-5': 'process.hash.md5',
  'Risk name': 'threat.indicator.name',
  'Actual action': 'event.action:lower',
  Action: 'event.action:lower',
  Rule: 'rule.name',
  'Intrusion ID': 'rule.id',
  'CIDS Signature string': 'rule.description',
  'CIDS Signature ID': 'rule.id',
  Begin: 'event.start:iso',
  'Begin Time': 'event.start:iso',
  'End Time': 'event.end:iso',
  End: 'event.end:iso',
  Application: 'process.executable',
  'Application path': 'process.executable',
  'Web domain': 'url.domain',
  'Intrusion URL': 'url:hosturl',
  'Downloaded by': 'process.name',
  Domain: 'user.domain:default',
  Source: 'event.provider:default',
  'File Hash': 'file.hash.sha256',
})

/** Commas between parts; quotes hold commas; a part without a colon is kept by its place. */
function readParts(text: string): { named: Map<string, string>; plain: string[] } {
  const named = new Map<string, string>()
  const plain: string[] = []
  let at = 0
  while (at <= text.length && plain.length + named.size < 256) {
    let end = text.indexOf(',', at)
    if (text.charCodeAt(at) === 0x22) {
      const quote = text.indexOf('"', at + 1)
      end = quote < 0 ? -1 : text.indexOf(',', quote)
    }
    const part = text
      .slice(at, end < 0 ? undefined : end)
      .trim()
      .replace(/^"(.*)"$/, '$1')
    const colon = part.indexOf(': ')
    const bare = part.endsWith(':') ? part.length - 1 : -1
    if (colon > 0 && colon < 48) named.set(part.slice(0, colon), part.slice(colon + 2).trim())
    else if (bare > 0) named.set(part.slice(0, bare), '')
    else plain.push(part)
    if (end < 0) break
    at = end + 1
  }
  return { named, plain }
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const at = record.text.indexOf('SymantecServer: ')
  const from = at < 0 ? record.bodyAt : at + 16
  const text = record.text.slice(from).trimEnd()
  const { named, plain } = readParts(text)
  if (named.size + plain.length < 2) return false
  document.dataset = 'symantec_endpoint.log'
  putObserver(document, { vendor: 'Symantec', product: 'Endpoint Protection', type: 'endpoint' })
  putSyslogPriority(document, record)
  put(document, 'observer.hostname', record.syslog.host)
  put(document, 'host.name', record.syslog.host)
  put(
    document,
    '@timestamp',
    isoTime(
      record.syslog.time ??
        timeOf(named.get('Event time') ?? named.get('End Time') ?? named.get('Begin'), record.arrival, record.zone),
    ),
  )
  for (const [key, value] of named) {
    if (value === '' || value === '0.0.0.0') continue
    putField(table, document, key, value, record)
    putUnder(document, 'symantec_endpoint.log', key.toLowerCase().replaceAll(/[^a-z\d]+/g, '_'), value)
  }
  putEnds(document, named, plain)
  putMeaning(document, named, plain, text)
  leave(document, from, record.text.length)
  return true
}

/** Local and remote host; the direction says which is the source. */
function putEnds(document: EventDocument, named: ReadonlyMap<string, string>, plain: readonly string[]): void {
  const local = named.get('Local Host IP') ?? named.get('Local Host') ?? named.get('Local')
  const remote = named.get('Remote Host IP') ?? named.get('Remote Host')
  if (local === undefined && remote === undefined) return
  const inbound = plain.includes('Inbound')
  const [near, far] = inbound ? ['destination', 'source'] : ['source', 'destination']
  if (near === undefined || far === undefined) return
  if (local !== undefined && isIp(local)) putAddress(document, near, local)
  if (remote !== undefined && isIp(remote)) putAddress(document, far, remote)
  putUnder(document, near, 'mac', macOf(named.get('Local Host MAC')))
  putUnder(document, far, 'mac', macOf(named.get('Remote Host MAC')))
  const port = (key: string) => {
    const value = Number(named.get(key))
    return Number.isInteger(value) && value > 0 ? value : undefined
  }
  putUnder(document, near, 'port', port('Local Port'))
  putUnder(document, far, 'port', port('Remote Port'))
  put(document, 'network.direction', inbound ? 'ingress' : plain.includes('Outbound') ? 'egress' : undefined)
  putTransport(
    document,
    plain.find((part) => /^(?:TCP|UDP|ICMP|OTHERS)$/i.test(part)),
  )
  if (plain[0] !== undefined && !plain[0].includes(' ')) {
    put(document, 'host.name', plain[0])
    put(document, 'host.hostname', plain[0])
  }
  putNetworkType(document)
  putCommunityId(document)
}

function putMeaning(
  document: EventDocument,
  named: ReadonlyMap<string, string>,
  plain: readonly string[],
  text: string,
): void {
  const last = plain.at(-1) ?? ''
  if (named.has('Risk name') || text.startsWith('Virus found') || text.startsWith('Security risk found')) {
    put(document, 'event.kind', 'alert')
    putKind(document, named.get('Actual action')?.toLowerCase(), ['malware'], ['info'])
    put(document, 'message', plain[0])
  } else if (/Administrator {1,2}log (?:on|off)/.test(text)) {
    putKind(
      document,
      /log off/.test(text) ? 'logout' : 'login',
      ['authentication'],
      [/log off/.test(text) ? 'end' : 'start'],
      /fail/i.test(text) ? 'failure' : 'success',
    )
    put(document, 'message', last)
  } else if (named.has('Local Host IP') || named.has('Local Host') || named.has('Local')) {
    // Intrusion prevention has no column for it: its sentence says whether it let the packet pass.
    const said = named.get('Event Description') ?? ''
    const action =
      named.get('Action')?.toLowerCase() ??
      (/\bnot blocked\b/.test(said) ? 'allowed' : /\bblocked\b/.test(said) ? 'blocked' : undefined)
    putKind(
      document,
      named.get('Action')?.toLowerCase(),
      ['intrusion_detection', 'network', 'process'],
      ['connection', ...(action === 'blocked' ? ['denied'] : action === 'allowed' ? ['allowed'] : [])],
    )
  } else if (named.has('Scan ID')) {
    // `…,End: …,Completed,Duration (seconds): …`
    const state = plain.find((part) => /^(?:Started|Completed|Canceled|Paused|Resumed)$/i.test(part))
    put(document, 'event.action', state?.toLowerCase())
    put(document, 'user.name', named.get('User1'))
    if (read(document, 'message') === undefined) put(document, 'message', last === '' ? text : last)
  } else if (read(document, 'message') === undefined) put(document, 'message', last === '' ? text : last)
}

export const symantecEndpoint: Product = {
  name: 'symantec_endpoint',
  datasets: ['symantec_endpoint.log'],
  detect: (record) =>
    record.text.includes('SymantecServer: ')
      ? 0.95
      : record.text.includes('Local Host IP: ') && record.text.includes('Remote Host')
        ? 0.9
        : 0,
  parse,
}
