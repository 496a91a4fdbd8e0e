// Mail on Linux: Postfix, Dovecot, rspamd. Who sent what to whom, who signed in, what was refused.
import { dissect } from '../formats/dissect.ts'
import { readKeyValues } from '../formats/key-value.ts'
import type { LogRecord } from '../log-record.ts'
import { ipOf } from '../normalise/address.ts'
import { add, type EventDocument, leave, put } from '../normalise/document.ts'
import {
  putSyslogHeader,
  putSyslogHost,
  putSyslogPriority,
  putSyslogProcess,
  putSyslogTime,
} from '../normalise/syslog-fields.ts'
import type { Product } from '../product.ts'

export const mail: Product = {
  name: 'mail',
  datasets: ['postfix.log', 'dovecot.log', 'rspamd.log'],
  detect({ syslog, message }) {
    const app = syslog.app ?? ''
    if (app.startsWith('postfix/') || app.startsWith('postfix-')) return 0.95
    if (app === 'dovecot') return 0.95
    if (app === 'rspamd') return 0.95
    return app === '' && message.includes('rspamd_task_write_log') ? 0.9 : 0
  },
  parse(record, document) {
    putSyslogTime(document, record)
    putSyslogPriority(document, record)
    putSyslogHeader(document, record)
    putSyslogHost(document, record)
    putSyslogProcess(document, record)
    const message = record.message.trimEnd()
    put(document, 'message', message)
    const app = record.syslog.app ?? ''
    if (app === 'dovecot') parseDovecot(message, record, document)
    else if (app === 'rspamd' || message.includes('rspamd_task_write_log')) parseRspamd(message, record, document)
    else parsePostfix(message, record, document)
    return true
  },
}

// ---- Postfix (postfix.org, "Postfix logging")

/** `unknown[203.0.113.66]`, `mx1.example.org[192.0.2.25]:25` */
function putClient(document: EventDocument, prefix: 'source' | 'destination', text: string | undefined): void {
  if (text === undefined) return
  const open = text.indexOf('[')
  const close = text.indexOf(']', open)
  if (open < 0 || close < 0) return
  const name = text.slice(0, open)
  put(document, `${prefix}.ip`, ipOf(text.slice(open + 1, close)))
  put(document, `${prefix}.domain`, name === 'unknown' || name === '' ? undefined : name)
  const port = text.slice(close + 1)
  if (/^:\d{1,5}$/.test(port)) put(document, `${prefix}.port`, Number(port.slice(1)))
}

function mailEvent(document: EventDocument, action: string, type: string, outcome?: 'success' | 'failure'): void {
  put(document, 'event.action', action)
  put(document, 'event.category', ['email'])
  put(document, 'event.type', [type])
  put(document, 'event.outcome', outcome)
}

const queued = /^[0-9A-Za-z]{6,20}$/

function parsePostfix(message: string, record: LogRecord, document: EventDocument): void {
  document.dataset = 'postfix.log'
  put(document, 'event.provider', 'postfix')
  const colon = message.indexOf(': ')
  const id = colon > 0 ? message.slice(0, colon) : ''
  const hasId = queued.test(id) && id !== 'warning' && id !== 'connect' && id !== 'fatal' && id !== 'error'
  const rest = hasId ? message.slice(colon + 2) : message
  if (hasId && id !== 'NOQUEUE') put(document, 'email.local_id', id)
  if (rest.startsWith('reject: ')) parseReject(rest, document)
  else if (rest.includes(' authentication failed: ')) parseSaslFailure(rest, document)
  else if (
    rest.startsWith('connect from ') ||
    rest.startsWith('disconnect from ') ||
    rest.startsWith('lost connection ')
  ) {
    put(document, 'event.action', rest.startsWith('connect') ? 'smtp-connected' : 'smtp-disconnected')
    put(document, 'event.category', ['network'])
    put(document, 'event.type', ['connection', rest.startsWith('connect') ? 'start' : 'end'])
    put(document, 'network.protocol', 'smtp')
    putClient(document, 'source', rest.slice(rest.indexOf(' from ') + 6).split(' ', 1)[0])
  } else if (hasId) parseQueued(rest, record, document)
  else leave(document, record.messageAt, record.text.length)
}

/** `reject: RCPT from unknown[203.0.113.66]: 554 5.7.1 <x@y>: Relay access denied; from=<a@b> to=<c@d> proto=ESMTP helo=<h>` */
function parseReject(rest: string, document: EventDocument): void {
  mailEvent(document, 'mail-rejected', 'denied', 'failure')
  const from = rest.indexOf(' from ')
  const colon = rest.indexOf(': ', from)
  putClient(document, 'source', from < 0 || colon < 0 ? undefined : rest.slice(from + 6, colon))
  const semicolon = rest.lastIndexOf('; ')
  put(document, 'event.reason', rest.slice(colon + 2, semicolon > colon ? semicolon : undefined))
  if (semicolon > 0) putEnvelope(readKeyValues(rest, semicolon + 2), document)
}

/** `warning: unknown[203.0.113.66]: SASL LOGIN authentication failed: UGFzc3dvcmQ6, sasl_username=anna` */
function parseSaslFailure(rest: string, document: EventDocument): void {
  put(document, 'event.action', 'logon-failed')
  put(document, 'event.category', ['authentication', 'email'])
  put(document, 'event.type', ['start'])
  put(document, 'event.outcome', 'failure')
  put(document, 'network.protocol', 'smtp')
  const start = rest.startsWith('warning: ') ? 9 : 0
  putClient(document, 'source', rest.slice(start, rest.indexOf(': ', start)))
  const at = rest.indexOf('sasl_username=')
  if (at < 0) return
  const user = rest.slice(at + 14).split(',', 1)[0]
  put(document, 'user.name', user)
  add(document, 'related.user', user)
}

function putEnvelope(values: ReadonlyMap<string, string>, document: EventDocument): void {
  const from = bare(values.get('from'))
  const to = bare(values.get('to'))
  if (from !== undefined) put(document, 'email.from.address', [from])
  if (to !== undefined) put(document, 'email.to.address', [to])
  put(document, 'postfix.helo', bare(values.get('helo')))
  add(document, 'related.user', from, to)
}

function bare(text: string | undefined): string | undefined {
  const value = text?.replace(/^</, '').replace(/>,?$/, '').replace(/,$/, '')
  return value === '' ? undefined : value
}

const delivered: Record<string, readonly [action: string, outcome: 'success' | 'failure' | undefined] | undefined> = {
  sent: ['mail-sent', 'success'],
  bounced: ['mail-bounced', 'failure'],
  deferred: ['mail-deferred', 'failure'],
  expired: ['mail-expired', 'failure'],
}

/** `to=<a@b>, relay=mx[192.0.2.25]:25, delay=1.2, dsn=2.0.0, status=sent (250 OK)`, `client=…, sasl_username=anna`, `from=<…>, size=…`. */
function parseQueued(rest: string, record: LogRecord, document: EventDocument): void {
  const paren = rest.indexOf(' (')
  const values = readKeyValues(paren < 0 ? rest : rest.slice(0, paren), 0, { pair: ',' })
  putEnvelope(values, document)
  const status = delivered[values.get('status') ?? '']
  if (status !== undefined) {
    mailEvent(document, status[0], 'info', status[1])
    putClient(document, 'destination', values.get('relay'))
    if (paren > 0) put(document, 'event.reason', rest.slice(paren + 2).replace(/\)$/, ''))
    put(document, 'postfix.dsn', values.get('dsn'))
    return
  }
  const user = values.get('sasl_username')
  if (values.get('client') !== undefined) {
    putClient(document, 'source', values.get('client'))
    if (user === undefined) mailEvent(document, 'mail-received', 'info')
    else {
      put(document, 'event.action', 'logged-in')
      put(document, 'event.category', ['authentication', 'email'])
      put(document, 'event.type', ['start'])
      put(document, 'event.outcome', 'success')
      put(document, 'user.name', user)
      add(document, 'related.user', user)
    }
  } else if (rest === 'removed') mailEvent(document, 'mail-removed', 'end')
  else if (values.get('from') !== undefined) mailEvent(document, 'mail-queued', 'info')
  else if (values.get('message-id') !== undefined) put(document, 'email.message_id', values.get('message-id'))
  else leave(document, record.messageAt, record.text.length)
  const size = values.get('size')
  if (size !== undefined && /^\d{1,15}$/.test(size)) put(document, 'postfix.size', Number(size))
}

// ---- Dovecot (doc.dovecot.org, "Logging")

/** `imap-login: Login: user=<anna>, method=PLAIN, rip=192.0.2.7, lip=192.0.2.1, TLS`, `… Aborted login (auth failed, 1 attempts in 2 secs): user=<…>` */
function parseDovecot(message: string, record: LogRecord, document: EventDocument): void {
  document.dataset = 'dovecot.log'
  put(document, 'event.provider', 'dovecot')
  const at = message.indexOf('-login: ')
  if (at < 0 || at > 24) {
    const who = dissect('<service>(<user>)<_>: <what>')(message)
    put(document, 'user.name', who?.['user']?.split(/[><]/, 1)[0])
    leave(document, record.messageAt, record.text.length)
    return
  }
  const protocol = message.slice(0, at)
  const rest = message.slice(at + 8)
  const values = readKeyValues(rest.replaceAll(', ', ' '), 0)
  const ok = rest.startsWith('Login: ')
  const refused =
    !ok && /auth failed|auth process|Aborted login|no auth attempts|disallowed|unknown user/i.test(rest.slice(0, 256))
  put(document, 'network.protocol', protocol.slice(0, 32))
  put(document, 'source.ip', ipOf(values.get('rip')))
  put(document, 'destination.ip', ipOf(values.get('lip')))
  const user = bare(values.get('user'))
  put(document, 'user.name', user)
  add(document, 'related.user', user)
  if (!ok && (!refused || rest.includes('no auth attempts'))) {
    put(document, 'event.action', 'mail-client-disconnected')
    put(document, 'event.category', ['session'])
    put(document, 'event.type', ['end'])
    return
  }
  put(document, 'event.action', ok ? 'logged-in' : 'logon-failed')
  put(document, 'event.category', ['authentication'])
  put(document, 'event.type', ['start'])
  put(document, 'event.outcome', ok ? 'success' : 'failure')
  const open = rest.indexOf('(')
  if (!ok && open > 0) put(document, 'event.reason', rest.slice(open + 1, rest.indexOf(')', open)))
}

// ---- rspamd (rspamd.com, "Logging")

/** `… rspamd_task_write_log: id: <…>, qid: <…>, ip: 203.0.113.66, from: <a@b>, (default: T (reject): [20.10/15.00] [SYMBOL(3.00){},…]), len: …, rcpts: <c@d>` */
function parseRspamd(message: string, record: LogRecord, document: EventDocument): void {
  document.dataset = 'rspamd.log'
  put(document, 'event.provider', 'rspamd')
  const at = message.indexOf('rspamd_task_write_log: ')
  if (at < 0) {
    leave(document, record.messageAt, record.text.length)
    return
  }
  const rest = message.slice(at + 23)
  const field = (name: string): string | undefined => {
    const from = rest.indexOf(`${name}: `)
    if (from < 0) return undefined
    const end = rest.indexOf(', ', from)
    return bare(rest.slice(from + name.length + 2, end < 0 ? undefined : end))
  }
  put(document, 'email.message_id', field('id'))
  put(document, 'email.local_id', field('qid'))
  put(document, 'source.ip', ipOf(field('ip')))
  const from = field('from')
  if (from !== undefined) put(document, 'email.from.address', [from])
  const to = field('rcpts')
  if (to !== undefined) put(document, 'email.to.address', to.split(','))
  add(document, 'related.user', from)
  const verdict = dissect('<_>(<_>: <flag> (<action>): [<score>/<limit>] [<symbols>])')(rest)
  const action = verdict?.['action']?.trim()
  const rejected = action === 'reject' || action === 'soft reject'
  mailEvent(
    document,
    rejected ? 'mail-rejected' : action === 'no action' ? 'mail-accepted' : 'mail-marked',
    rejected ? 'denied' : 'info',
    rejected ? 'failure' : 'success',
  )
  put(document, 'rspamd.action', action)
  const score = Number(verdict?.['score'] ?? Number.NaN)
  if (Number.isFinite(score)) put(document, 'rspamd.score', score)
  put(
    document,
    'rspamd.symbols',
    (verdict?.['symbols'] ?? '')
      .split(',')
      .slice(0, 200)
      .map((symbol) => symbol.split('(', 1)[0] ?? '')
      .filter((symbol) => symbol !== ''),
  )
}
