// CyberArk Privileged Access Security vault: audit records as JSON (`{"format":"elastic",…,"syslog":{"audit_record":{…}}}`).
// "Vault Audit Action Codes", docs.cyberark.com.
import type { JsonObject } from '@varde/schema'
import { isObject, jsonOf, type LogRecord } from '../log-record.ts'
import { type EventDocument, put } from '../normalise/document.ts'
import { isIp, putAddress } from '../normalise/endpoint.ts'
import { putDirectionByAddress } from '../normalise/network.ts'
import { putSyslogPriority } from '../normalise/syslog-fields.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import type { Product } from '../product.ts'
import { putKind } from './kv-product.ts'

/** `<5>1 2021-03-08T18:24:49Z VAULT {…}`: a header of three words, which is no RFC 5424. */
function afterHeader(record: LogRecord): JsonObject | undefined {
  const open = record.text.indexOf('{')
  if (open < 0 || open > 160) return undefined
  try {
    const value: unknown = JSON.parse(record.text.slice(open))
    return isObject(value) ? value : undefined
  } catch {
    return undefined
  }
}

function recordOf(record: LogRecord): JsonObject | undefined {
  const json = jsonOf(record) ?? afterHeader(record)
  const syslog = json?.['syslog']
  if (typeof syslog !== 'object' || syslog === null || Array.isArray(syslog)) return undefined
  const audit = syslog['audit_record']
  return typeof audit === 'object' && audit !== null && !Array.isArray(audit) ? audit : undefined
}

type Meaning = readonly [category: string[], type: string[], outcome?: 'success' | 'failure']
const login: Meaning = [['authentication', 'session'], ['start'], 'success']
const passwordDone: Meaning = [['iam'], ['user', 'change'], 'success']
const passwordFailed: Meaning = [['iam'], ['user', 'change'], 'failure']
/** By audit action code; those that are not here say only their name. */
const meanings: Readonly<Record<string, Meaning | undefined>> = {
  '4': [['authentication'], ['start'], 'failure'],
  '7': login,
  '8': [['authentication', 'session'], ['end'], 'success'],
  '22': [['iam'], ['admin', 'access'], 'success'],
  '24': passwordDone,
  '31': passwordDone,
  '32': [['iam'], ['admin', 'change'], 'success'],
  '38': [['iam'], ['admin', 'info'], 'failure'],
  '57': passwordFailed,
  '60': passwordFailed,
  '130': passwordFailed,
  '180': [['iam'], ['user', 'creation'], 'success'],
  '259': [['iam'], ['user', 'change'], 'success'],
  '295': [['iam'], ['admin', 'access'], 'success'],
  '300': [['session'], ['start'], 'success'],
  '302': [['session'], ['end'], 'success'],
  '308': [['iam'], ['admin', 'access'], 'success'],
  '309': [['authentication'], ['start'], 'failure'],
  '359': [
    ['session', 'database'],
    ['access', 'info'],
  ],
  '361': [['session'], ['info']],
  '411': [['process'], ['access', 'info']],
  '412': [['session'], ['info']],
  '428': [['iam', 'authentication'], ['admin', 'start'], 'success'],
  '23': [[], ['error']],
  '178': [[], ['error']],
  '479': [[], ['error']],
}

const levels: Readonly<Record<string, number | undefined>> = { Critical: 10, Error: 7, Info: 2 }

function parse(record: LogRecord, document: EventDocument): boolean {
  const audit = recordOf(record)
  if (audit === undefined) return false
  const text = (key: string) => {
    const value = audit[key]
    return typeof value === 'string'
      ? value === ''
        ? undefined
        : value
      : typeof value === 'number'
        ? String(value)
        : undefined
  }
  document.dataset = 'cyberarkpas.audit'
  putSyslogPriority(document, record)
  put(document, '@timestamp', isoTime(timeOf(text('IsoTimestamp'), record.arrival, record.zone) ?? record.syslog.time))
  put(document, 'observer.vendor', text('Vendor'))
  put(document, 'observer.product', text('Product'))
  put(document, 'observer.version', text('Version'))
  // Records of the vault's own jobs name no host: the envelope does.
  put(document, 'observer.hostname', text('Hostname') ?? record.syslog.host)
  put(document, 'host.name', text('Hostname') ?? record.syslog.host)
  const code = text('MessageID') ?? ''
  put(document, 'event.code', code)
  put(document, 'event.severity', levels[text('Severity') ?? ''])
  put(document, 'event.reason', text('Reason'))
  const meaning = meanings[code]
  putKind(
    document,
    code === '309' || code === '4' ? 'authentication_failure' : (text('Action') ?? text('Desc'))?.toLowerCase(),
    meaning?.[0] ?? [],
    meaning?.[1] ?? [],
    meaning?.[2],
  )
  putEnds(document, audit)
  putDirectionByAddress(document)
  put(document, 'file.path', text('File'))
  put(document, 'user.name', text('Issuer') ?? text('SourceUser'))
  put(document, 'user.target.name', text('TargetUser'))
  put(
    document,
    'cyberarkpas.audit',
    Object.fromEntries(
      Object.entries(audit).map(([key, value]) => [key.replaceAll(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase(), value]),
    ),
  )
  return true
}

/** `SrcHost=…;DstHost=…;` of a session, else the station that asked; the account's own address is what was reached. */
function putEnds(document: EventDocument, audit: JsonObject): void {
  const extra = new Map<string, string>()
  for (const part of String(audit['ExtraDetails'] ?? '').split(';', 64)) {
    const equals = part.indexOf('=')
    if (equals > 0) extra.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1))
  }
  const { CAProperties: properties } = audit
  const list = isObject(properties) ? properties['CAProperty'] : undefined
  const named = (Array.isArray(list) ? list : [list]).find((one) => isObject(one) && one['Name'] === 'Address')
  const address = isObject(named) ? String(named['Value'] ?? '') : undefined
  const ipAmong = (...texts: (string | undefined)[]): string | undefined =>
    texts.find((text) => text !== undefined && isIp(text))
  putAddress(document, 'source', ipAmong(extra.get('srchost'), String(audit['Station'] ?? '')))
  putAddress(document, 'destination', ipAmong(extra.get('dsthost'), address, String(audit['GatewayStation'] ?? '')))
}

export const cyberark: Product = {
  name: 'cyberarkpas',
  datasets: ['cyberarkpas.audit'],
  detect: (record) => (record.text.includes('"audit_record"') && recordOf(record) !== undefined ? 0.97 : 0),
  parse,
}
