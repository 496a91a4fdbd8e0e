// What Linux's sign-in programs write to auth.log or secure: sshd, PAM, sudo, su, shadow, logind.
import { dissect } from '../../formats/dissect.ts'
import { readKeyValues } from '../../formats/key-value.ts'
import type { LogRecord } from '../../log-record.ts'
import { ipOf, portOf } from '../../normalise/address.ts'
import { add, type EventDocument, put } from '../../normalise/document.ts'
import {
  putSyslogHeader,
  putSyslogHost,
  putSyslogPriority,
  putSyslogProcess,
  putSyslogTime,
} from '../../normalise/syslog-fields.ts'
import type { Product } from '../../product.ts'

const programs = new Set([
  'sshd',
  'sshd-session',
  'sshd-auth',
  'sudo',
  'su',
  'login',
  'useradd',
  'userdel',
  'usermod',
  'groupadd',
  'groupdel',
  'groupmod',
  'gpasswd',
  'passwd',
  'chage',
  'chfn',
  'chsh',
  'chpasswd',
  'systemd-logind',
  'polkitd',
  'pkexec',
  'vsftpd',
  'dropbear',
  'gdm-password',
  'unix_chkpwd',
  'newusers',
])

export const linuxAuth: Product = {
  name: 'linux_auth',
  datasets: ['system.auth'],
  detect({ syslog, message }) {
    const { app } = syslog
    if (app === undefined) return 0
    if (programs.has(app)) return 0.9
    return message.startsWith('pam_') ? 0.9 : 0
  },
  parse(record, document) {
    putSyslogTime(document, record)
    putSyslogPriority(document, record)
    putSyslogHeader(document, record)
    putSyslogHost(document, record)
    putSyslogProcess(document, record)
    put(document, 'message', record.message.trimEnd())
    putDetails(record, document)
    return true
  },
}

function putDetails(record: LogRecord, document: EventDocument): void {
  const { message } = record
  if (message.startsWith('pam_') || message.startsWith('PAM ')) {
    parsePam(message, document)
    return
  }
  switch (record.syslog.app) {
    case 'sshd':
    case 'sshd-session':
    case 'sshd-auth':
      parseSshd(message, document)
      break
    case 'dropbear':
      parseDropbear(message, document)
      break
    case 'sudo':
      parseSudo(message, document)
      break
    case 'su':
      parseSu(message, document)
      break
    case 'systemd-logind':
      parseLogind(message, document)
      break
    case 'login':
      parseLogin(message, document)
      break
    default:
      parseShadow(record.syslog.app ?? '', message, document)
  }
}

function categorise(
  document: EventDocument,
  action: string | undefined,
  category: string[],
  type: string[],
  outcome?: 'success' | 'failure',
): void {
  put(document, 'event.action', action)
  put(document, 'event.category', category)
  put(document, 'event.type', type)
  put(document, 'event.outcome', outcome)
}

function putUser(document: EventDocument, user: string | undefined): void {
  put(document, 'user.name', user)
  add(document, 'related.user', user)
}

function putSource(document: EventDocument, address: string | undefined, port?: string): void {
  if (address === undefined || address === '' || address === 'UNKNOWN') return
  const ip = ipOf(address)
  put(document, 'source.address', address)
  put(document, ip === undefined ? 'source.domain' : 'source.ip', ip ?? address)
  put(document, 'source.port', portOf(port))
}

// ---- sshd (OpenSSH auth.c, packet.c, session.c)

const from = dissect('<user> from <address> port <port> <rest>')
const fromOnly = dissect('<user> from <address> port <port>')
const fromBare = dissect('<user> from <address>')

/** `anna from 192.0.2.7 port 50122 ssh2: ED25519 SHA256:…`, or less of it. */
function readFrom(text: string): { user: string; address: string; port: string | undefined; rest: string } | undefined {
  const full = from(text) ?? fromOnly(text) ?? fromBare(text)
  if (full === undefined) return undefined
  const { user = '', address = '', port, rest = '' } = full
  const space = address.indexOf(' ')
  return { user, address: space < 0 ? address : address.slice(0, space), port, rest }
}

/** `Failed password for invalid user admin from …` → admin, marked as unknown to the system. */
function splitInvalid(user: string): { name: string; invalid: boolean } {
  for (const prefix of ['invalid user ', 'illegal user ', 'authenticating user ', 'user ']) {
    if (user.startsWith(prefix)) return { name: user.slice(prefix.length), invalid: prefix.startsWith('i') }
  }
  return { name: user, invalid: false }
}

function parseSshd(text: string, document: EventDocument): void {
  const first = text.slice(0, text.indexOf(' '))
  if (first === 'Accepted' || first === 'Failed') {
    parseSshLogin(text, first, document)
    return
  }
  const message = text.startsWith('error: ') ? text.slice(7) : text
  if (message.startsWith('Invalid user ')) {
    const found = readFrom(message.slice(13))
    categorise(document, 'ssh_login', ['authentication'], ['info'], 'failure')
    put(document, 'system.auth.ssh.event', 'Invalid')
    putUser(document, found?.user)
    putSource(document, found?.address, found?.port)
  } else if (message.startsWith('maximum authentication attempts exceeded for ')) {
    const found = readFrom(message.slice(45))
    categorise(document, 'ssh_login', ['authentication'], ['info'], 'failure')
    put(document, 'event.reason', 'maximum authentication attempts exceeded')
    putUser(document, found === undefined ? undefined : splitInvalid(found.user).name)
    putSource(document, found?.address, found?.port)
  } else if (message.startsWith('PAM: Authentication failure for ')) {
    const found = readFrom(message.slice(32))
    categorise(document, 'ssh_login', ['authentication'], ['info'], 'failure')
    putUser(document, found === undefined ? undefined : splitInvalid(found.user).name)
    putSource(document, found?.address, found?.port)
  } else if (message.startsWith('User ') && message.includes(' not allowed because ')) {
    const found = dissect('User <user> from <address> not allowed because <reason>')(message)
    categorise(document, 'ssh_login', ['authentication'], ['denied'], 'failure')
    putUser(document, found?.['user'])
    putSource(document, found?.['address'])
    put(document, 'event.reason', found?.['reason'])
  } else parseSshConnection(message, document)
}

/** `Accepted publickey for anna from 192.0.2.7 port 50122 ssh2: ED25519 SHA256:…` */
function parseSshLogin(text: string, first: string, document: EventDocument): void {
  const parts = dissect(`${first} <method> for <who>`)(text)
  const found = parts === undefined ? undefined : readFrom(parts['who'] ?? '')
  if (parts === undefined || found === undefined) return
  const accepted = first === 'Accepted'
  // `none` is the probe for the methods that the server offers: no attempt with a secret.
  categorise(
    document,
    'ssh_login',
    accepted ? ['authentication', 'session'] : ['authentication'],
    ['info'],
    accepted ? 'success' : 'failure',
  )
  const user = splitInvalid(found.user)
  putUser(document, user.name)
  putSource(document, found.address, found.port)
  put(document, 'system.auth.ssh.event', first)
  put(document, 'system.auth.ssh.method', parts['method'])
  if (user.invalid) put(document, 'event.reason', 'invalid user')
  const colon = found.rest.indexOf(': ')
  if (colon >= 0) put(document, 'system.auth.ssh.signature', found.rest.slice(colon + 2))
}

const connections: readonly (readonly [start: string, event: string])[] = [
  ['Connection closed by ', 'connection-closed'],
  ['Connection reset by ', 'connection-reset'],
  ['Disconnected from ', 'disconnected'],
  ['Disconnecting ', 'disconnecting'],
  ['Received disconnect from ', 'disconnect-received'],
  ['Connection from ', 'connection-opened'],
  ['Did not receive identification string from ', 'no-identification'],
  ['Unable to negotiate with ', 'negotiation-failed'],
  ['Bad protocol version identification ', 'bad-protocol'],
]

/** Connections come and go: kept as searchable facts without an action, as Elastic leaves them. */
function parseSshConnection(message: string, document: EventDocument): void {
  if (message.startsWith('subsystem request for sftp by user ')) {
    putUser(document, message.slice(35).trim())
    return
  }
  const known = connections.find(([start]) => message.startsWith(start))
  if (known === undefined) return
  const [start, event] = known
  put(document, 'system.auth.ssh.connection', event)
  const rest = message.slice(start.length)
  const words = rest.split(' ', 12)
  const port = words.indexOf('port')
  const address = port > 0 ? words[port - 1] : words[0]?.replace(/:$/, '')
  const ip = ipOf(address)
  if (ip === undefined) return
  put(document, 'system.auth.ssh.address', ip)
  add(document, 'related.ip', ip)
  if (words[0] === 'authenticating' || words[0] === 'invalid' || words[0] === 'user') {
    const user = words[words[0] === 'user' ? 1 : 2]
    if (user !== ip) {
      put(document, 'system.auth.ssh.user', user)
      add(document, 'related.user', user)
    }
  }
}

/** `Password auth succeeded for 'root' from 192.0.2.7:50122`, `Bad password attempt for 'root' from …`. */
function parseDropbear(message: string, document: EventDocument): void {
  const found = dissect("<what> for '<user>' <how>from <address>:<port>")(message)
  const bad = message.startsWith('Bad ') || message.startsWith('Login attempt for nonexistent user')
  if (found !== undefined && (bad || message.includes(' succeeded for '))) {
    categorise(
      document,
      'ssh_login',
      bad ? ['authentication'] : ['authentication', 'session'],
      ['info'],
      bad ? 'failure' : 'success',
    )
    putUser(document, found['user'])
    putSource(document, found['address'], found['port'])
  }
}

// ---- PAM (pam_unix_sess.c, pam_unix_auth.c)

const opened = dissect('session opened for user <user> by <by>')
const closed = dissect('session closed for user <user>')
const failureMark = 'authentication failure'

function parsePam(text: string, document: EventDocument): void {
  if (parsePasswordChange(text, document)) return
  const colon = text.indexOf('): ')
  const module = dissect('<module>(<service>:<kind>): ')(text)
  const message = colon < 0 ? text : text.slice(colon + 3)
  put(document, 'system.auth.pam.module', module?.['module'])
  put(document, 'system.auth.pam.service', module?.['service'])
  const session = opened(message)
  const ended = session === undefined ? closed(message) : undefined
  if (session !== undefined) parseOpened(session['user'] ?? '', session['by'] ?? '', document)
  else if (ended !== undefined) {
    categorise(document, 'logged-off', ['session'], ['end'])
    putUser(document, nameOf(ended['user'] ?? '').name)
  } else if (message.includes(failureMark)) parsePamFailure(message, document)
  else {
    const named = dissect('<_>by user "<user>"')(message) ?? dissect('<_>for user <user>')(message)
    if (named !== undefined) putUser(document, nameOf(named['user'] ?? '').name)
  }
}

/** `pam_unix(passwd:chauthtok): password changed for anna`, or without the module. */
function parsePasswordChange(text: string, document: EventDocument): boolean {
  const mark = 'password changed for '
  const at = text.indexOf(mark)
  if (at < 0 || at > 64) return false
  categorise(document, 'changed-password', ['iam'], ['user', 'change'], 'success')
  putUser(document, text.slice(at + mark.length).trim())
  return true
}

/** `root(uid=0)` → root, 0. */
function nameOf(text: string): { name: string; id: string | undefined } {
  const paren = text.indexOf('(')
  if (paren < 0) return { name: text.split(' ', 1)[0] ?? text, id: undefined }
  const parts = dissect('<name>(uid=<id>)')(text)
  return { name: text.slice(0, paren), id: parts?.['id'] }
}

function parseOpened(user: string, by: string, document: EventDocument): void {
  categorise(document, 'logged-on', ['session'], ['start'])
  const target = nameOf(user)
  const actor = nameOf(by)
  put(document, 'user.effective.name', target.name)
  put(document, 'user.id', actor.id)
  // A daemon opens the session itself: `by (uid=0)`. The person is then the one whose session it is.
  putUser(document, actor.name === '' ? target.name : actor.name)
  add(document, 'related.user', target.name)
}

/** `authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=192.0.2.7  user=root` */
function parsePamFailure(message: string, document: EventDocument): void {
  put(document, 'event.category', ['authentication'])
  put(document, 'event.type', ['info'])
  put(document, 'event.outcome', 'failure')
  const semicolon = message.indexOf(';')
  const values = readKeyValues(message, semicolon < 0 ? 0 : semicolon + 1)
  const user = values.get('user')
  put(document, 'system.auth.pam.user', user)
  put(document, 'system.auth.pam.rhost', values.get('rhost'))
  put(document, 'system.auth.pam.tty', values.get('tty'))
  add(document, 'related.user', user)
  add(document, 'related.ip', ipOf(values.get('rhost')))
}

// ---- sudo (logging.c): `anna : [reason ;] TTY=pts/0 ; PWD=/home/anna ; USER=root ; COMMAND=/usr/bin/id`

function parseSudo(message: string, document: EventDocument): void {
  const text = message.trimStart()
  const colon = text.indexOf(' : ')
  if (colon <= 0 || colon > 256) return
  const user = text.slice(0, colon).trim()
  const rest = text.slice(colon + 3)
  const parts = sudoParts(rest)
  if (parts === undefined) return
  put(document, 'event.category', ['process'])
  put(document, 'event.type', [parts.reason === undefined ? 'start' : 'denied'])
  if (parts.reason !== undefined) {
    put(document, 'event.action', 'sudo-refused')
    put(document, 'event.outcome', 'failure')
    put(document, 'event.reason', parts.reason)
    put(document, 'system.auth.sudo.error', parts.reason)
  }
  putUser(document, user)
  put(document, 'system.auth.sudo.tty', parts.values['TTY'])
  put(document, 'system.auth.sudo.pwd', parts.values['PWD'])
  put(document, 'system.auth.sudo.user', parts.values['USER'])
  put(document, 'system.auth.sudo.command', parts.values['COMMAND'])
  put(document, 'user.effective.name', parts.values['USER'])
  add(document, 'related.user', parts.values['USER'])
}

/** `NAME=value` between ` ; `; what comes before the first is the reason of a refusal; a command runs to the end. */
function sudoParts(text: string): { reason: string | undefined; values: Record<string, string> } | undefined {
  const values: Record<string, string> = {}
  let reason: string | undefined
  let at = 0
  while (at < text.length) {
    const equals = text.indexOf('=', at)
    const end = text.indexOf(' ; ', at)
    const name = equals < 0 ? '' : text.slice(at, equals).trim()
    const isName = /^[A-Z]{2,16}$/.test(name)
    if (isName && name === 'COMMAND') {
      values[name] = text.slice(equals + 1)
      break
    }
    if (isName) values[name] = text.slice(equals + 1, end < 0 ? text.length : end)
    else if (reason === undefined) reason = text.slice(at, end < 0 ? text.length : end).trim()
    if (end < 0) break
    at = end + 3
  }
  return Object.keys(values).length === 0 ? undefined : { reason, values }
}

// ---- su, login, logind, shadow

/** `(to root) anna on pts/0`, `FAILED SU (to root) anna on pts/0`, `Successful su for root by anna`. */
function parseSu(message: string, document: EventDocument): void {
  const to = dissect('(to <target>) <user> on <tty>')(message)
  const failed =
    dissect('FAILED SU (to <target>) <user> on <tty>')(message) ?? dissect('FAILED su for <target> by <user>')(message)
  const done = to ?? dissect('Successful su for <target> by <user>')(message)
  const found = failed ?? done
  if (found === undefined) return
  categorise(document, 'su', ['authentication', 'session'], ['start'], failed === undefined ? 'success' : 'failure')
  putUser(document, found['user'])
  put(document, 'user.effective.name', found['target'])
  add(document, 'related.user', found['target'])
}

function parseLogin(message: string, document: EventDocument): void {
  const failed = dissect('FAILED LOGIN (<_>) on <tty> FOR <user>, <reason>')(message)
  const root = message.startsWith('ROOT LOGIN')
  const on = dissect('LOGIN ON <tty> BY <user>')(message)
  if (failed === undefined && !root && on === undefined) return
  categorise(
    document,
    'logged-on',
    ['authentication', 'session'],
    ['start'],
    failed === undefined ? 'success' : 'failure',
  )
  putUser(document, root ? 'root' : (failed?.['user']?.replace(/[‘’'`]/g, '') ?? on?.['user']))
  put(document, 'event.reason', failed?.['reason'])
}

function parseLogind(message: string, document: EventDocument): void {
  const opening = dissect('New session <id> of user <user>.')(message)
  if (opening !== undefined) {
    categorise(document, 'session-opened', ['session'], ['start'])
    put(document, 'system.auth.session', opening['id'])
    putUser(document, opening['user'])
    return
  }
  const removed = dissect('Removed session <id>.')(message)
  if (removed === undefined) return
  categorise(document, 'session-closed', ['session'], ['end'])
  put(document, 'system.auth.session', removed['id'])
}

/** shadow-utils: `new user: name=svc, UID=998, GID=998, home=/var/lib/svc, shell=/bin/false`, `delete user 'svc'`. */
function parseShadow(program: string, message: string, document: EventDocument): void {
  if (message.startsWith('new user: ') || message.startsWith('new group: ')) {
    const user = message.startsWith('new user')
    const values = readKeyValues(message, message.indexOf(':') + 1, { pair: ',' })
    categorise(
      document,
      user ? 'added-user-account' : 'added-group-account',
      ['iam'],
      [user ? 'user' : 'group', 'creation'],
      'success',
    )
    if (user) {
      putUser(document, values.get('name'))
      put(document, 'user.id', values.get('UID'))
      put(document, 'group.id', values.get('GID'))
      put(document, 'system.auth.useradd.home', values.get('home'))
      put(document, 'system.auth.useradd.shell', values.get('shell'))
    } else {
      put(document, 'group.name', values.get('name'))
      put(document, 'group.id', values.get('GID'))
    }
    return
  }
  if (program === 'groupadd') categorise(document, undefined, ['iam'], ['group', 'creation'], 'success')
  else if (program === 'groupdel')
    categorise(document, 'deleted-group-account', ['iam'], ['group', 'deletion'], 'success')
  else if (program === 'groupmod' || program === 'gpasswd')
    categorise(document, undefined, ['iam'], ['group', 'change'], 'success')
  else if (program === 'userdel') categorise(document, 'deleted-user-account', ['iam'], ['user', 'deletion'], 'success')
  else if (program === 'usermod') categorise(document, 'modified-user-account', ['iam'], ['user', 'change'], 'success')
  const member =
    dissect("add '<user>' to group '<group>'")(message) ??
    dissect('user <user> added by <by> to group <group>')(message)
  if (member !== undefined) {
    put(document, 'event.action', 'added-member-to-group')
    put(document, 'group.name', member['group'])
    putUser(document, member['user'])
    return
  }
  if (parsePasswordChange(message, document)) return
  const quoted = dissect("<_>user '<user>'")(message)
  if (quoted !== undefined) putUser(document, quoted['user'])
}
