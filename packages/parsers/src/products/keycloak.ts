// Keycloak's server log: `TIME LEVEL [logger] (thread) message`, and the events of its listener as `type=LOGIN, realmId=…`.
// "Server Administration Guide: auditing and events" (keycloak.org): event types and their error twins.
import { readKeyValues } from '../formats/key-value.ts'
import type { LogRecord } from '../log-record.ts'
import { type EventDocument, leave, put, putUnder } from '../normalise/document.ts'
import { putAddress } from '../normalise/endpoint.ts'
import { isoTime, readTime } from '../normalise/time.ts'
import { putUrl } from '../normalise/url.ts'
import type { Product } from '../product.ts'
import { putKind } from './kv-product.ts'

interface Line {
  time: number
  level: string
  logger: string
  thread: string
  textAt: number
}

const shape = /^ {1,3}([A-Z]{4,6}) {1,3}\[([\w.$-]{1,256})\] \(([^)]{0,256})\) /

function readLine(record: LogRecord): Line | undefined {
  return readLineAt(record, 0) ?? readLineAt(record, record.messageAt)
}

function readLineAt(record: LogRecord, from: number): Line | undefined {
  const time = readTime(record.text, from, record.arrival, record.zone)
  if (time === undefined) return undefined
  const found = shape.exec(record.text.slice(time.end, time.end + 600))
  if (found === null) return undefined
  const [whole, level = '', logger = '', thread = ''] = found
  return { time: time.ms, level, logger, thread, textAt: time.end + whole.length }
}

function parse(record: LogRecord, document: EventDocument): boolean {
  const line = readLine(record)
  if (line === undefined) return false
  document.dataset = 'keycloak.log'
  put(document, '@timestamp', isoTime(line.time))
  put(document, 'log.level', line.level)
  put(document, 'log.logger', line.logger)
  put(document, 'process.thread.name', line.thread)
  const text = record.text.slice(line.textAt)
  const pairs = line.logger.startsWith('org.keycloak.events') ? readPairs(text) : undefined
  if (pairs?.has('type') === true) putEvent(document, pairs)
  else if (pairs?.has('operationType') === true) putAdminEvent(document, pairs)
  else {
    put(document, 'message', text)
    leave(document, line.textAt, record.text.length)
  }
  return true
}

/** `type=LOGIN, realmId=x` or, since version 22, `type="LOGIN", realmId="x"`. */
function readPairs(text: string): ReadonlyMap<string, string> {
  const pairs = readKeyValues(text, 0, { pair: ',', spacedValues: true })
  for (const [name, value] of pairs) if (value === 'null') pairs.delete(name)
  return pairs
}

const categories: readonly (readonly [RegExp, string, string])[] = [
  [/^LOGOUT/, 'authentication', 'end'],
  [/^LOGIN$/, 'authentication', 'info start'],
  [
    /^(?:LOGIN|CODE_TO_TOKEN|CLIENT_LOGIN|IMPERSONATE|IDENTITY_PROVIDER|REFRESH_TOKEN|INTROSPECT_TOKEN|TOKEN_EXCHANGE|PERMISSION_TOKEN|USER_INFO|AUTHREQID|OAUTH2)/,
    'authentication',
    'info',
  ],
  [
    /^(?:REGISTER|UPDATE_|REMOVE_|RESET_|VERIFY_|SEND_|FEDERATED_|GRANT_|REVOKE_|DELETE_ACCOUNT|EXECUTE_ACTION|CUSTOM_REQUIRED)/,
    'iam',
    'change',
  ],
]

function putEvent(document: EventDocument, pairs: ReadonlyMap<string, string>): void {
  const type = pairs.get('type') ?? ''
  const [, category, kind] = categories.find(([pattern]) => pattern.test(type)) ?? [undefined, 'authentication', 'info']
  const error = pairs.get('error')
  putKind(document, type, [category], kind.split(' '))
  put(document, 'event.kind', 'event')
  put(document, 'event.code', error)
  if (error !== undefined) put(document, 'event.outcome', 'failure')
  else if (category === 'authentication') put(document, 'event.outcome', 'success')
  putAddress(document, 'source', pairs.get('ipAddress'))
  put(document, 'user.id', pairs.get('userId'))
  put(document, 'user.name', pairs.get('username'))
  put(document, 'keycloak.realm.id', pairs.get('realmId'))
  put(document, 'keycloak.client.id', pairs.get('clientId'))
  put(document, 'keycloak.event_type', category === 'authentication' ? 'login' : 'account')
  putUrl(document, pairs.get('redirect_uri'))
  for (const [name, value] of pairs) {
    if (!['realmId', 'clientId', 'ipAddress', 'userId', 'username', 'error'].includes(name))
      putUnder(document, 'keycloak.login', name, value)
  }
}

/** `operationType=CREATE, resourceType=USER, resourcePath=users/…`, by an administrator. */
function putAdminEvent(document: EventDocument, pairs: ReadonlyMap<string, string>): void {
  const operation = pairs.get('operationType') ?? ''
  const resource = pairs.get('resourceType') ?? ''
  const type = operation === 'CREATE' ? 'creation' : operation === 'DELETE' ? 'deletion' : 'change'
  const isPeople = /USER|GROUP|ROLE|MEMBERSHIP/.test(resource)
  const action = `${operation}-${resource}`
  putKind(document, action, [isPeople ? 'iam' : 'configuration'], isPeople ? ['info', 'admin', type] : [type])
  put(document, 'event.kind', 'event')
  put(document, 'event.code', action)
  putAddress(document, 'source', pairs.get('ipAddress'))
  put(document, 'user.id', pairs.get('userId'))
  put(document, 'keycloak.realm.id', pairs.get('realmId'))
  put(document, 'keycloak.client.id', pairs.get('clientId'))
  put(document, 'keycloak.event_type', 'admin')
  put(document, 'keycloak.admin.operation', operation)
  put(document, 'keycloak.admin.resource.type', resource)
  put(document, 'keycloak.admin.resource.path', pairs.get('resourcePath'))
}

export const keycloak: Product = {
  name: 'keycloak',
  datasets: ['keycloak.log'],
  ownFiles: true,
  detect(record) {
    const line = readLine(record)
    if (line === undefined) return 0
    return line.logger.startsWith('org.keycloak') ||
      /^KC-|\bKeycloak\b/.test(record.text.slice(line.textAt, line.textAt + 200))
      ? 0.95
      : 0.5
  },
  parse,
}
