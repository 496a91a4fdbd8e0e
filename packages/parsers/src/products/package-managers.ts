// Patching of Linux: dpkg.log, apt's history.log, unattended-upgrades, dnf and yum.
import type { LogRecord } from '../log-record.ts'
import { add, type EventDocument, leave, put } from '../normalise/document.ts'
import { putSyslogHeader, putSyslogHost, putSyslogProcess } from '../normalise/syslog-fields.ts'
import { isoTime, timeOf } from '../normalise/time.ts'
import type { Product } from '../product.ts'

const dpkgActions: Record<string, readonly [action: string, type: string] | undefined> = {
  install: ['package-installed', 'installation'],
  upgrade: ['package-upgraded', 'change'],
  remove: ['package-removed', 'deletion'],
  purge: ['package-purged', 'deletion'],
  configure: ['package-configured', 'change'],
  trigproc: ['package-trigger', 'info'],
  status: ['package-status', 'info'],
  startup: ['package-manager-started', 'start'],
  conffile: ['package-conffile', 'change'],
}

export const packageManagers: Product = {
  name: 'package_managers',
  datasets: ['linux.packages'],
  ownFiles: true,
  detect(record) {
    const { text, syslog } = record
    if (text.startsWith('Start-Date: ') || text.startsWith('\nStart-Date: ')) return 0.97
    if (syslog.time === undefined) return 0
    if (dpkgActions[dpkgWord(record)] !== undefined && text.charCodeAt(4) === 0x2d && text.charCodeAt(10) === 0x20)
      return 0.9
    if (isUnattended(text)) return 0.7
    return dnfOf(record) === undefined ? 0 : 0.85
  },
  parse(record, document) {
    put(document, '@timestamp', isoTime(record.syslog.time))
    put(document, 'event.category', ['package'])
    const { text } = record
    if (text.includes('Start-Date: ')) parseHistory(record, document)
    else if (dpkgActions[dpkgWord(record)] !== undefined && text.charCodeAt(10) === 0x20) parseDpkg(record, document)
    else if (dnfOf(record) !== undefined) parseDnf(record, document)
    else if (isUnattended(text)) parseUnattended(record, document)
    else return false
    return true
  },
}

/** The word after `2026-11-18 09:12:44 `. */
function dpkgWord({ text }: LogRecord): string {
  const end = text.indexOf(' ', 20)
  return end < 0 ? '' : text.slice(20, end)
}

/** `2026-05-09 07:29:27 upgrade openssl:amd64 3.0.11-1 3.0.15-1` */
function parseDpkg({ text }: LogRecord, document: EventDocument): void {
  const words = text.slice(20).trim().split(' ')
  const [action, type] = dpkgActions[words[0] ?? ''] ?? ['', '']
  const status = words[0] === 'status'
  put(document, 'event.action', action)
  put(document, 'event.type', [type])
  put(document, 'event.outcome', status && words[1] !== 'installed' ? undefined : 'success')
  if (words[0] === 'startup') return
  putPackage(document, words[status ? 2 : 1])
  put(document, 'linux.packages.status', status ? words[1] : undefined)
  const [before, after] = [words[2], words[3]]
  if (status) put(document, 'package.version', words[3])
  else {
    put(document, 'linux.packages.previous_version', before === '<none>' ? undefined : before)
    put(document, 'package.version', after === '<none>' ? before : after)
  }
}

/** `openssl:amd64` */
function putPackage(document: EventDocument, name: string | undefined): void {
  if (name === undefined) return
  const colon = name.indexOf(':')
  put(document, 'package.name', colon < 0 ? name : name.slice(0, colon))
  if (colon > 0) put(document, 'package.architecture', name.slice(colon + 1))
}

/** A record of several lines: `Start-Date`, `Commandline`, `Requested-By`, `Install|Upgrade|Remove|Purge`, `Error`, `End-Date`. */
function parseHistory({ text, arrival, zone }: LogRecord, document: EventDocument): void {
  const names: string[] = []
  let failed = false
  for (const line of text.split('\n')) {
    const colon = line.indexOf(': ')
    if (colon <= 0) continue
    const name = line.slice(0, colon)
    const value = line.slice(colon + 2).trim()
    if (name === 'Start-Date') put(document, '@timestamp', isoTime(timeOf(value, arrival, zone)))
    else if (name === 'Commandline') put(document, 'process.command_line', value)
    else if (name === 'Requested-By') {
      const paren = value.indexOf(' (')
      put(document, 'user.name', paren < 0 ? value : value.slice(0, paren))
      add(document, 'related.user', paren < 0 ? value : value.slice(0, paren))
    } else if (name === 'Error') {
      failed = true
      put(document, 'event.reason', value)
    } else if (
      name === 'Install' ||
      name === 'Upgrade' ||
      name === 'Remove' ||
      name === 'Purge' ||
      name === 'Downgrade' ||
      name === 'Reinstall'
    ) {
      put(document, `linux.packages.${name.toLowerCase()}`, splitPackages(value))
      names.push(...splitPackages(value).map((entry) => entry.split(/[: ]/, 1)[0] ?? ''))
    }
  }
  put(document, 'event.action', 'packages-changed')
  put(document, 'event.type', ['change'])
  put(document, 'event.outcome', failed ? 'failure' : 'success')
  put(document, 'package.name', names.slice(0, 500))
}

/** `a:amd64 (1, 2), b:all (3)`: at commas outside the brackets. */
function splitPackages(text: string): string[] {
  const parts: string[] = []
  let from = 0
  let depth = 0
  for (let at = 0; at <= text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 0x28) depth++
    else if (code === 0x29) depth--
    else if (at === text.length || (code === 0x2c && depth === 0)) {
      if (at > from) parts.push(text.slice(from, at).trim())
      from = at + 1
    }
  }
  return parts
}

function isUnattended(text: string): boolean {
  return (
    text.charCodeAt(4) === 0x2d &&
    text.charCodeAt(19) === 0x2c &&
    /^ (?:INFO|WARNING|ERROR|DEBUG) /.test(text.slice(23, 33))
  )
}

/** `2026-11-23 10:55:43,454 INFO Packages that will be upgraded: openssl libssl3` */
function parseUnattended({ text }: LogRecord, document: EventDocument): void {
  const space = text.indexOf(' ', 24)
  const level = text.slice(24, space)
  const message = text.slice(space + 1).trimEnd()
  put(document, 'log.level', level.toLowerCase())
  put(document, 'message', message)
  put(document, 'event.provider', 'unattended-upgrades')
  const listed = message.startsWith('Packages that will be upgraded: ')
  const finished = message === 'All upgrades installed'
  const nothing = message.startsWith('No packages found that can be upgraded')
  put(document, 'event.type', [listed || finished ? 'change' : level === 'ERROR' ? 'error' : 'info'])
  if (listed) {
    put(document, 'event.action', 'updates-available')
    put(document, 'package.name', message.slice(32).split(' ').slice(0, 500))
  } else if (finished || nothing) {
    put(document, 'event.action', finished ? 'updates-installed' : 'up-to-date')
    put(document, 'event.outcome', 'success')
  } else if (level === 'ERROR') {
    put(document, 'event.action', 'update-failed')
    put(document, 'event.outcome', 'failure')
    put(document, 'event.reason', message)
  } else leave(document, space + 1, text.length)
}

const dnfWords = [
  'Installed',
  'Upgraded',
  'Updated',
  'Erased',
  'Removed',
  'Downgraded',
  'Upgrade',
  'Installing',
  'Reinstalled',
] as const

/** `SUBDEBUG Upgraded: openssl-3.0.7-2.el9.x86_64` (dnf.rpm.log), `Updated: openssl-…` (yum.log). */
function dnfOf(record: LogRecord): { word: string; name: string } | undefined {
  const body =
    record.syslog.app !== undefined && dnfWords.some((word) => word === record.syslog.app)
      ? `${record.syslog.app}: ${record.message}`
      : record.body
  const at = body.startsWith('SUBDEBUG ') ? 9 : body.startsWith('INFO ') ? 5 : 0
  const colon = body.indexOf(': ', at)
  if (colon < 0 || colon - at > 16) return undefined
  const word = body.slice(at, colon)
  const name = body.slice(colon + 2).trim()
  return dnfWords.some((known) => known === word) && /^\S{3,200}$/.test(name) && name.includes('-')
    ? { word, name }
    : undefined
}

function parseDnf(record: LogRecord, document: EventDocument): void {
  const found = dnfOf(record)
  if (found === undefined) return
  putSyslogHost(document, record)
  const { word, name } = found
  const removed = word === 'Erased' || word === 'Removed'
  put(
    document,
    'event.action',
    removed ? 'package-removed' : word.startsWith('Install') ? 'package-installed' : 'package-upgraded',
  )
  put(document, 'event.type', [removed ? 'deletion' : word.startsWith('Install') ? 'installation' : 'change'])
  put(document, 'event.outcome', 'success')
  // `name-[epoch:]version-release.arch`
  const dot = name.lastIndexOf('.')
  const release = name.lastIndexOf('-', dot < 0 ? undefined : dot)
  const version = name.lastIndexOf('-', release - 1)
  put(document, 'package.name', version > 0 ? name.slice(0, version) : name)
  if (version > 0) put(document, 'package.version', name.slice(version + 1, dot < 0 ? undefined : dot))
  if (dot > release) put(document, 'package.architecture', name.slice(dot + 1))
  putSyslogHeader(document, record)
  putSyslogProcess(document, record)
}
