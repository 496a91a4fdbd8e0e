// SQL Server's error log: `2026-11-18 09:12:44.35 Logon       Login failed for user 'sa'. Reason: … [CLIENT: 203.0.113.66]`.
import { ipOf } from '../normalise/address.ts'
import { add, type EventDocument, put } from '../normalise/document.ts'
import { isoTime, readTime } from '../normalise/time.ts'
import type { Product } from '../product.ts'

const origin = /^(?:Server|Logon|Backup|Error|spid\d{1,6}s?)$/

export const sqlServer: Product = {
  name: 'microsoft_sqlserver',
  datasets: ['microsoft_sqlserver.log'],
  detect({ text }) {
    if (text.charCodeAt(4) !== 0x2d || text.charCodeAt(19) !== 0x2e || text.charCodeAt(22) !== 0x20) return 0
    const end = text.indexOf(' ', 23)
    return end > 0 && end - 23 < 12 && origin.test(text.slice(23, end)) && text.charCodeAt(end + 1) === 0x20 ? 0.93 : 0
  },
  parse(record, document) {
    const { text } = record
    const time = readTime(text, 0, record.arrival, record.zone)
    if (time === undefined) return false
    const from = time.end + 1
    const end = text.indexOf(' ', from)
    if (end < 0) return false
    put(document, '@timestamp', isoTime(time.ms))
    put(document, 'event.category', ['database'])
    put(document, 'event.type', ['info'])
    put(document, 'microsoft_sqlserver.log.origin', text.slice(from, end))
    const message = text.slice(end).trim()
    put(document, 'message', message)
    parseLogin(message, document)
    return true
  },
}

/** Also `Login succeeded for user 'anna'. Connection made using … [CLIENT: 192.0.2.7]`. */
function parseLogin(message: string, document: EventDocument): void {
  const ok = message.startsWith("Login succeeded for user '")
  if (!ok && !message.startsWith("Login failed for user '")) return
  const open = message.indexOf("'")
  const close = message.indexOf("'", open + 1)
  if (close < 0) return
  const person = message.slice(open + 1, close)
  const back = person.indexOf('\\')
  put(document, 'event.action', ok ? 'logged-in' : 'logon-failed')
  put(document, 'event.category', ['authentication', 'database'])
  put(document, 'event.type', ['start'])
  put(document, 'event.outcome', ok ? 'success' : 'failure')
  put(document, 'user.name', person.slice(back + 1))
  if (back > 0) put(document, 'user.domain', person.slice(0, back))
  add(document, 'related.user', person.slice(back + 1))
  const reason = message.indexOf('Reason: ')
  const client = message.indexOf('[CLIENT: ')
  if (reason > 0) put(document, 'event.reason', message.slice(reason + 8, client < 0 ? undefined : client).trim())
  if (client > 0) put(document, 'source.ip', ipOf(message.slice(client + 9, message.indexOf(']', client))))
}
