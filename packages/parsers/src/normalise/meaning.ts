// event.category, .type and .outcome of an event whose product nobody has read the manual of: by its words and its fields.
import { type EventDocument, put, putDefault, read } from './document.ts'
import { outcomeOf, permissionOf, wordsOf } from './words.ts'

type Words = ReadonlySet<string>

/** Fills what stands empty. `said` are the texts that name what happened: action, event's name, a short message. */
export function putMeaning(document: EventDocument, ...said: (string | undefined)[]): void {
  const action = textAt(document, 'event.action')
  const words = wordsOf([action, ...said].filter((text) => text !== undefined && text.length <= 512).join(' '))
  const all = new Set(words)
  const kind = subjectOf(document, all)
  if (kind === undefined) return
  const { category, type } = kind
  if (read(document, 'event.category') === undefined) put(document, 'event.category', category)
  if (read(document, 'event.type') === undefined) put(document, 'event.type', typesOf(document, type, all, category))
  if (category.includes('authentication') && type[0] !== 'end' && read(document, 'event.outcome') === undefined) {
    put(
      document,
      'event.outcome',
      outcomeOf(words.join(' ')) ?? (all.has('logged') || all.has('signed') ? 'success' : undefined),
    )
  }
  if (category.includes('malware') || category.includes('intrusion_detection'))
    putDefault(document, 'event.kind', 'alert')
}

interface Subject {
  category: string[]
  type: string[]
}

function subjectOf(document: EventDocument, words: Words): Subject | undefined {
  return ofSession(words) ?? ofThreat(words) ?? ofAccount(words) ?? ofConfiguration(words) ?? ofFields(document, words)
}

const any = (words: Words, ...some: string[]): boolean => some.some((word) => words.has(word))

function ofSession(words: Words): Subject | undefined {
  const isIn = any(words, 'login', 'logon', 'signin', 'authentication', 'authenticate', 'authenticated', 'auth', 'mfa')
  const isOut = any(words, 'logout', 'logoff', 'signout')
  const part = any(words, 'logged', 'sign', 'signed', 'log') ? words : undefined
  if (isOut || (part?.has('out') ?? false) || (part?.has('off') ?? false))
    return { category: ['authentication'], type: ['end'] }
  // `Access denied for user 'root'@'203.0.113.9' (using password: YES)`, `incorrect password for anna`.
  const isRefused =
    words.has('password') && words.has('user') && any(words, 'denied', 'incorrect', 'wrong', 'invalid', 'rejected')
  if (isIn || isRefused || (part?.has('in') ?? false) || (part?.has('on') ?? false))
    return { category: ['authentication'], type: ['start'] }
  if (words.has('session')) {
    if (any(words, 'end', 'ended', 'close', 'closed', 'terminate', 'terminated', 'expired'))
      return { category: ['session'], type: ['end'] }
    if (any(words, 'start', 'started', 'open', 'opened', 'new', 'created', 'began'))
      return { category: ['session'], type: ['start'] }
  }
  return undefined
}

function ofThreat(words: Words): Subject | undefined {
  if (
    any(
      words,
      'malware',
      'virus',
      'trojan',
      'ransomware',
      'spyware',
      'antivirus',
      'infected',
      'quarantine',
      'quarantined',
    )
  )
    return { category: ['malware'], type: ['info'] }
  if (any(words, 'intrusion', 'attack', 'exploit', 'ips', 'ids', 'signature', 'injection', 'traversal', 'xss'))
    return { category: ['intrusion_detection'], type: ['info'] }
  return undefined
}

function ofAccount(words: Words): Subject | undefined {
  const isGroup = any(words, 'group', 'role', 'member', 'membership')
  const isUser = any(words, 'user', 'account', 'password', 'credential', 'admin', 'administrator')
  const verb = verbOf(words)
  if (!(isGroup || isUser) || verb === undefined) return undefined
  return { category: ['iam'], type: [isUser ? 'user' : 'group', verb] }
}

function ofConfiguration(words: Words): Subject | undefined {
  const verb = verbOf(words)
  if (
    !any(words, 'configuration', 'config', 'configured', 'setting', 'settings', 'policy', 'rule') ||
    verb === undefined
  )
    return undefined
  return { category: ['configuration'], type: [verb] }
}

function verbOf(words: Words): string | undefined {
  if (any(words, 'create', 'created', 'add', 'added', 'creation', 'new', 'register', 'registered', 'invite', 'invited'))
    return 'creation'
  if (any(words, 'delete', 'deleted', 'remove', 'removed', 'deletion', 'purge', 'purged')) return 'deletion'
  const change = 'change changed modify modified update updated edit edited set reset enable enabled disable disabled'
  return any(words, ...change.split(' '), 'rename', 'renamed', 'lock', 'locked', 'unlock', 'unlocked')
    ? 'change'
    : undefined
}

/** No word says it: what kinds of facts the event has. */
function ofFields(document: EventDocument, words: Words): Subject | undefined {
  const has = (path: string): boolean => read(document, path) !== undefined
  if (has('threat.indicator.name')) return { category: ['malware'], type: ['info'] }
  if (has('dns.question.name')) return { category: ['network'], type: ['protocol', 'info'] }
  if (has('email.from.address') || has('email.to.address')) return { category: ['email'], type: ['info'] }
  if (has('http.request.method') || has('http.response.status_code')) return { category: ['web'], type: ['access'] }
  if (has('source.ip') && has('destination.ip')) return { category: ['network'], type: ['connection'] }
  const verb = verbOf(words)
  if (has('file.path') || has('file.hash')) return { category: ['file'], type: [verb ?? 'info'] }
  if (has('process.executable') || has('process.command_line'))
    return { category: ['process'], type: [any(words, 'terminate', 'terminated', 'exit', 'end') ? 'end' : 'info'] }
  // A link alone may lead to the vendor's own page.
  if (has('url.original') && has('source.ip')) return { category: ['web'], type: ['access'] }
  return undefined
}

/** A control's verdict belongs to the flow, the page or the threat that it judged. */
function typesOf(document: EventDocument, types: string[], words: Words, category: readonly string[]): string[] {
  if (category.includes('authentication') || category.includes('iam') || category.includes('configuration'))
    return types
  const permission = permissionOf([...words])
  if (permission === undefined) return types
  const rest = types.filter((type) => type !== 'info')
  if (category.includes('network') && read(document, 'source.ip') !== undefined && !rest.includes('connection'))
    rest.push('connection')
  return [...rest, permission]
}

function textAt(document: EventDocument, path: string): string | undefined {
  const value = read(document, path)
  return typeof value === 'string' ? value : undefined
}
