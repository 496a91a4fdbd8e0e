// Exchange Server's CSV logs: message tracking, SMTP protocol, POP3/IMAP4, HTTP proxy (learn.microsoft.com/exchange, "Message tracking").
import { readCsv } from '../formats/csv.ts'
import type { LogRecord } from '../log-record.ts'
import { ipOf, splitAddress } from '../normalise/address.ts'
import { add, type EventDocument, put } from '../normalise/document.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import type { Product } from '../product.ts'

type Kind = 'messagetracking' | 'smtp' | 'imap4_pop3' | 'httpproxy'

export const exchange: Product = {
  name: 'microsoft_exchange_server',
  datasets: [
    'microsoft_exchange_server.messagetracking',
    'microsoft_exchange_server.smtp',
    'microsoft_exchange_server.imap4_pop3',
    'microsoft_exchange_server.httpproxy',
  ],
  detect(record) {
    const { text } = record
    if (text.charCodeAt(10) !== 0x54 || text.charCodeAt(23) !== 0x5a || text.charCodeAt(24) !== 0x2c) return 0
    return kindOf(readCsv(text.slice(0, 4_096))) === undefined ? 0 : 0.93
  },
  parse(record, document) {
    const columns = readCsv(record.text.trimEnd())
    const time = timeOf(columns[0], record.arrival)
    if (time === undefined) return false
    const hinted = record.hint?.slice(record.hint.indexOf('.') + 1)
    const kind =
      hinted === 'messagetracking' || hinted === 'smtp' || hinted === 'imap4_pop3' || hinted === 'httpproxy'
        ? hinted
        : kindOf(columns)
    if (kind === undefined) return false
    put(document, '@timestamp', isoTime(time))
    put(document, 'message', record.text.trimEnd())
    if (record.hint === undefined) document.dataset = `microsoft_exchange_server.${kind}`
    parseKind(kind, columns, record, document)
    return true
  },
}

/** Told by the number of columns and by what stands in one that only this kind has. */
function kindOf(columns: readonly string[]): Kind | undefined {
  if (columns.length > 50) return 'httpproxy'
  if (columns.length >= 26 && trackingEvents.has(columns[8] ?? '')) return 'messagetracking'
  if (columns.length >= 9 && columns.length <= 10 && /^[-+*<>]$/.test(columns[6] ?? '')) return 'smtp'
  if (
    columns.length >= 12 &&
    columns.length <= 16 &&
    /:(?:110|143|993|995|1993|1995|9955|2525)$/.test(columns[3] ?? '')
  )
    return 'imap4_pop3'
  return undefined
}

const trackingEvents = new Set(
  (
    'AGENTINFO BADMAIL CLIENTSUBMISSION DEFER DELIVER DELIVERFAIL DROP DSN DUPLICATEDELIVER DUPLICATEEXPAND DUPLICATEREDIRECT EXPAND FAIL HADISCARD HARECEIVE HAREDIRECT ' +
    'HAREDIRECTFAIL INITMESSAGECREATED LOAD MODERATIONEXPIRE MODERATORAPPROVE MODERATORREJECT MODERATORSALLNDR NOTIFYMAPI NOTIFYSHADOW POISONMESSAGE PROCESS PROCESSMEETINGMESSAGE ' +
    'RECEIVE REDIRECT RESOLVE RESUBMIT RESUBMITDEFER RESUBMITFAIL SEND SENDEXTERNAL SUBMIT SUBMITDEFER SUBMITFAIL SUPPRESSED THROTTLE TRANSFER'
  ).split(' '),
)

function parseKind(kind: Kind, columns: readonly string[], record: LogRecord, document: EventDocument): void {
  if (kind === 'messagetracking') parseTracking(columns, document)
  else if (kind === 'smtp') parseSmtp(columns, document)
  else if (kind === 'imap4_pop3') parseClient(columns, record, document)
  else parseProxy(columns, document)
}

const trackingColumns = [
  'date-time',
  'client-ip',
  'client-hostname',
  'server-ip',
  'server-hostname',
  'source-context',
  'connector-id',
  'source',
  'event-id',
  'internal-message-id',
  'message-id',
  'network-message-id',
  'recipient-address',
  'recipient-status',
  'total-bytes',
  'recipient-count',
  'related-recipient-address',
  'reference',
  'message-subject',
  'sender-address',
  'return-path',
  'message-info',
  'directionality',
  'tenant-id',
  'original-client-ip',
  'original-server-ip',
  'custom-data',
  'transport-traffic-type',
  'log-id',
  'schema-version',
] as const

const failed = new Set([
  'FAIL',
  'BADMAIL',
  'DELIVERFAIL',
  'SUBMITFAIL',
  'POISONMESSAGE',
  'HAREDIRECTFAIL',
  'RESUBMITFAIL',
  'DROP',
])

function parseTracking(columns: readonly string[], document: EventDocument): void {
  const get = (name: (typeof trackingColumns)[number]): string | undefined => {
    const value = columns[trackingColumns.indexOf(name)]
    return value === '' ? undefined : value
  }
  const event = get('event-id') ?? ''
  put(document, 'event.category', ['email'])
  put(document, 'event.type', ['info'])
  put(document, 'event.outcome', failed.has(event) ? 'failure' : undefined)
  put(document, 'client.ip', ipOf(get('client-ip')))
  put(document, 'client.domain', get('client-hostname'))
  put(document, 'server.ip', ipOf(get('server-ip')))
  put(document, 'server.domain', get('server-hostname'))
  const bytes = get('total-bytes')
  if (bytes !== undefined && /^\d{1,15}$/.test(bytes)) put(document, 'network.bytes', Number(bytes))
  put(document, 'email.direction', get('directionality'))
  put(document, 'email.message_id', get('message-id'))
  put(document, 'email.local_id', get('network-message-id'))
  put(document, 'email.subject', get('message-subject'))
  const sender = get('sender-address')
  const from = get('return-path')
  const to = get('recipient-address')?.split(';')
  put(document, 'email.sender.address', sender)
  // `<>` is a bounce: it comes from nobody.
  if (from !== undefined && from !== '<>') put(document, 'email.from.address', [from])
  put(document, 'email.to.address', to)
  for (const name of [
    'event-id',
    'source',
    'connector-id',
    'source-context',
    'internal-message-id',
    'network-message-id',
    'recipient-status',
    'total-bytes',
    'recipient-count',
    'related-recipient-address',
    'reference',
    'return-path',
    'message-info',
    'tenant-id',
    'original-client-ip',
    'original-server-ip',
    'custom-data',
    'transport-traffic-type',
    'log-id',
    'schema-version',
  ] as const) {
    put(document, `microsoft.exchange.${name.replaceAll('-', '')}`, get(name))
  }
  add(document, 'related.user', sender, ...(to ?? []).slice(0, 100))
}

function parseSmtp(columns: readonly string[], document: EventDocument): void {
  const names = [
    'datetime',
    'connectorid',
    'sessionid',
    'sequencenumber',
    'localendpoint',
    'remoteendpoint',
    'event',
    'data',
    'context',
  ]
  for (const [index, name] of names.entries()) {
    if (index === 0) continue
    const value = columns[index]
    put(
      document,
      `microsoft.exchange.${name}`,
      name === 'sequencenumber' && /^\d{1,9}$/.test(value ?? '') ? Number(value) : value,
    )
  }
  put(document, 'network.protocol', 'smtp')
  const remote = splitAddress(columns[5] ?? '')
  add(document, 'related.ip', ipOf(remote.address))
  const data = columns[7] ?? ''
  // `535 5.7.3 Authentication unsuccessful`, `235 2.7.0 Authentication successful`
  if (data.startsWith('535 ') || data.startsWith('235 ')) {
    put(document, 'event.action', data.startsWith('235') ? 'logged-in' : 'logon-failed')
    put(document, 'event.category', ['authentication', 'email'])
    put(document, 'event.type', ['start'])
    put(document, 'event.outcome', data.startsWith('235') ? 'success' : 'failure')
    put(document, 'source.ip', ipOf(remote.address))
  }
}

function parseClient(columns: readonly string[], record: LogRecord, document: EventDocument): void {
  const names = [
    'datetime',
    'sessionid',
    'seqnumber',
    'sip',
    'cip',
    'user',
    'duration',
    'rqsize',
    'rpsize',
    'command',
    'parameters',
    'context',
    'puid',
  ]
  const numbers = new Set(['seqnumber', 'duration', 'rqsize', 'rpsize'])
  for (const [index, name] of names.entries()) {
    const value = columns[index]
    if (index > 0 && name !== 'user')
      put(
        document,
        `microsoft.exchange.${name}`,
        numbers.has(name) && /^\d{1,15}$/.test(value ?? '') ? Number(value) : value,
      )
  }
  const client = splitAddress(columns[4] ?? '')
  put(document, 'source.ip', ipOf(client.address))
  const port = splitAddress(columns[3] ?? '').port
  put(
    document,
    'microsoft.exchange.logtype',
    port === '143' || port === '993' || port === '1993' ? 'imap4' : port === undefined ? undefined : 'pop3',
  )
  const user = columns[5]
  put(document, 'user.name', user)
  add(document, 'related.user', user)
  const result = columns[11] ?? ''
  const login = (columns[9] ?? '').toLowerCase()
  if ((login === 'login' || login === 'authenticate' || login === 'pass' || login === 'auth') && result !== '') {
    const ok = /R=OK|R="?\+OK/i.test(result.slice(0, 512))
    put(document, 'event.action', ok ? 'logged-in' : 'logon-failed')
    put(document, 'event.category', ['authentication'])
    put(document, 'event.type', ['start'])
    put(document, 'event.outcome', ok ? 'success' : 'failure')
  }
  put(document, 'event.timezone', record.zone)
}

/** HttpProxy's columns change with the release; the first thirty are stable. */
function parseProxy(columns: readonly string[], document: EventDocument): void {
  const get = (index: number): string | undefined => (columns[index] === '' ? undefined : columns[index])
  const whole = (index: number): number | undefined =>
    /^\d{1,15}$/.test(columns[index] ?? '') ? Number(columns[index]) : undefined
  put(document, 'event.category', ['web'])
  put(document, 'event.type', ['access'])
  put(document, 'network.protocol', get(7)?.toLowerCase())
  put(document, 'url.domain', get(8))
  put(document, 'url.path', get(9))
  const user = get(13)
  const back = user?.indexOf('\\') ?? -1
  put(document, 'user.name', user?.slice(back + 1))
  put(document, 'user.domain', back > 0 ? user?.slice(0, back) : get(14))
  put(document, 'user_agent.original', get(16))
  put(document, 'source.ip', ipOf(get(17)))
  put(document, 'server.domain', get(18))
  const status = whole(19)
  put(document, 'http.response.status_code', status)
  put(document, 'http.request.method', get(22))
  put(document, 'http.request.bytes', whole(29))
  put(document, 'http.response.bytes', whole(30))
  if (status !== undefined) put(document, 'event.outcome', status < 400 ? 'success' : 'failure')
  put(document, 'microsoft.exchange.requestid', get(1))
  put(document, 'microsoft.exchange.authenticationtype', get(11))
  add(document, 'related.user', user?.slice(back + 1))
}
