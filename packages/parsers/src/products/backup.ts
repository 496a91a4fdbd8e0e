// Backups: restic and borg (their JSON and their lines), Veeam's syslog. A run that ends says whether it holds.
import type { JsonObject } from '@varde/schema'
import { jsonOf, type LogRecord } from '../log-record.ts'
import { type EventDocument, leave, put } from '../normalise/document.ts'
import {
  putSyslogHeader,
  putSyslogHost,
  putSyslogPriority,
  putSyslogProcess,
  putSyslogTime,
} from '../normalise/syslog-fields.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import type { Product } from '../product.ts'

const resticTypes = new Set(['summary', 'status', 'error', 'exit_error', 'verbose_status', 'initialized'])

export const backup: Product = {
  name: 'backup',
  datasets: ['backup.restic', 'backup.borg', 'backup.veeam'],
  ownFiles: true,
  detect(record) {
    const { app } = record.syslog
    if (app === 'restic' || app === 'borg' || app === 'borgmatic' || app === 'Veeam_MP' || app === 'VeeamBackup')
      return 0.95
    if (!record.message.startsWith('{')) return 0
    const json = jsonOf(record)
    if (json === undefined) return 0
    if (typeof json['message_type'] === 'string' && resticTypes.has(json['message_type'])) return 0.95
    return isBorg(json) ? 0.95 : 0
  },
  parse(record, document) {
    putSyslogTime(document, record)
    putSyslogPriority(document, record)
    putSyslogHeader(document, record)
    putSyslogHost(document, record)
    putSyslogProcess(document, record)
    const json = jsonOf(record)
    const { app } = record.syslog
    if (json !== undefined && typeof json['message_type'] === 'string') parseResticJson(json, document)
    else if (json !== undefined && isBorg(json)) parseBorgJson(json, record, document)
    else if (app === 'Veeam_MP' || app === 'VeeamBackup' || record.hint === 'backup.veeam') parseVeeam(record, document)
    else parseLine(record, document)
    return true
  },
}

function isBorg(json: JsonObject): boolean {
  return (
    (json['type'] === 'log_message' && json['levelname'] !== undefined) ||
    (json['archive'] !== undefined && json['repository'] !== undefined)
  )
}

function finish(document: EventDocument, outcome: 'success' | 'failure', type = 'end'): void {
  put(document, 'event.action', outcome === 'success' ? 'backup-succeeded' : 'backup-failed')
  put(document, 'event.category', ['process'])
  put(document, 'event.type', [type])
  put(document, 'event.outcome', outcome)
}

function progress(document: EventDocument, action: string, type = 'info'): void {
  put(document, 'event.action', action)
  put(document, 'event.category', ['process'])
  put(document, 'event.type', [type])
}

/** restic --json (restic.readthedocs.io, "Scripting"). */
function parseResticJson(json: JsonObject, document: EventDocument): void {
  document.dataset = 'backup.restic'
  const { message_type: kind } = json
  put(document, 'backup.restic', json)
  if (kind === 'summary') {
    finish(document, 'success')
    const { total_duration: seconds } = json
    if (typeof seconds === 'number') put(document, 'event.duration', Math.round(seconds * 1e9))
  } else if (kind === 'exit_error' || kind === 'error') {
    if (kind === 'exit_error') finish(document, 'failure')
    else progress(document, 'backup-item-failed', 'error')
    const { message, error } = json
    const text = typeof message === 'string' ? message : typeof error === 'object' ? JSON.stringify(error) : undefined
    put(document, 'event.reason', text)
    put(document, 'error.message', text)
  } else progress(document, 'backup-progress')
}

/** borg --json and --log-json (borgbackup.readthedocs.io, "Frontends"). */
function parseBorgJson(json: JsonObject, record: LogRecord, document: EventDocument): void {
  document.dataset = 'backup.borg'
  put(document, 'backup.borg', json)
  const { archive, levelname, message, time, name } = json
  if (typeof time === 'number') put(document, '@timestamp', isoTime(time * 1000))
  if (typeof archive === 'object') {
    finish(document, 'success')
    const end = typeof archive === 'object' && archive !== null && !Array.isArray(archive) ? archive['end'] : undefined
    if (typeof end === 'string') put(document, '@timestamp', isoTime(timeOf(end, record.arrival, record.zone)))
    return
  }
  if (typeof levelname === 'string') put(document, 'log.level', levelname.toLowerCase())
  if (typeof message !== 'string') return
  put(document, 'message', message)
  if (levelname === 'ERROR' || levelname === 'CRITICAL') {
    finish(document, 'failure')
    put(document, 'event.reason', message)
  } else if (!readBorgEnd(message, document)) {
    progress(document, typeof name === 'string' ? `borg-${name.slice(0, 64)}` : 'backup-progress')
  }
}

/** `terminating with success status, rc 0` (borg --show-rc). */
function readBorgEnd(message: string, document: EventDocument): boolean {
  if (!message.startsWith('terminating with ')) return false
  const failed = message.includes(' error ') || message.includes(' warning ')
  finish(document, failed ? 'failure' : 'success')
  if (failed) put(document, 'event.reason', message)
  return true
}

/** The tools' own lines, as a script pipes them to logger. */
function parseLine(record: LogRecord, document: EventDocument): void {
  const message = record.message.trimEnd()
  put(document, 'message', message)
  const borg = record.syslog.app?.startsWith('borg') === true || record.hint === 'backup.borg'
  document.dataset = borg ? 'backup.borg' : 'backup.restic'
  if (
    message.startsWith('Fatal: ') ||
    message.startsWith('Data integrity error') ||
    message.startsWith('exit status ')
  ) {
    const ok = message === 'exit status 0'
    finish(document, ok ? 'success' : 'failure')
    if (!ok) put(document, 'event.reason', message)
  } else if (message.startsWith('snapshot ') && message.endsWith(' saved')) {
    finish(document, 'success')
    put(document, 'backup.snapshot', message.slice(9, -6))
  } else if (message === 'no errors were found') {
    progress(document, 'backup-verified', 'end')
    put(document, 'event.outcome', 'success')
  } else if (!readBorgEnd(message, document)) leave(document, record.messageAt, record.text.length)
}

/** `… Backup job 'Nightly' finished with Success.`, with the result also in the structured data. */
function parseVeeam(record: LogRecord, document: EventDocument): void {
  document.dataset = 'backup.veeam'
  const { message } = record
  put(document, 'message', message.trimEnd())
  const quote = message.indexOf("'")
  const end = message.indexOf("'", quote + 1)
  if (quote >= 0 && end > quote) put(document, 'backup.job', message.slice(quote + 1, end))
  putVeeamOutcome(message, document)
}

/** Also for the texts of Veeam's events in Windows's log (ids 110, 190 …). */
export function putVeeamOutcome(message: string, document: EventDocument): void {
  const at = message.indexOf(' finished with ')
  if (at >= 0) {
    const result = message.slice(at + 15, at + 23).toLowerCase()
    finish(document, result.startsWith('success') ? 'success' : 'failure')
    if (!result.startsWith('success')) put(document, 'event.reason', message.slice(0, 1_024).trimEnd())
  } else if (message.includes(' has been started')) progress(document, 'backup-started', 'start')
}
