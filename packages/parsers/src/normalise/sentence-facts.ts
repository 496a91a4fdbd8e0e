// Facts of a free sentence that its small words point at: `Failed login for user 'anna' from 192.0.2.7 port 50122`.
import { ipOf, splitAddress } from './address.ts'
import { type EventDocument, put, putDefault, read } from './document.ts'
import { portOf } from './endpoint.ts'

/** More words than this are read by people, not by rules. */
const wordsMax = 200

const fromWords = new Set([
  'from',
  'client',
  'src',
  'source',
  'remote',
  'ip',
  'address',
  'peer',
  'host',
  'rhost',
  'by',
  'at',
])
const toWords = new Set(['to', 'dst', 'destination', 'server', 'dest'])
const userWords = new Set(['user', 'username', 'account', 'login'])
/** After `user`, these say something about it and are not its name. */
const notNames = new Set(
  'is was has not name id with from on at logged login logon authentication authenticated session failed succeeded does did by to in the and for could cannot can password account or group role of agent database db list connection activity requested did mode input error'.split(
    ' ',
  ),
)

/** Fills source, destination and user where they stand empty. */
export function putSentenceFacts(document: EventDocument, text: string): void {
  const words = (text.length > 8_192 ? text.slice(0, 8_192) : text).split(/[ |\t]/, wordsMax)
  const hasEnds = read(document, 'source.ip') !== undefined || read(document, 'destination.ip') !== undefined
  let before = ''
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? ''
    if (word === '') continue
    const bareWord = trimmed(word)
    if (!hasEnds) putArrow(document, words, at)
    if (!hasEnds && fromWords.has(before)) putAt(document, 'source', bareWord, words, at)
    else if (!hasEnds && toWords.has(before)) putAt(document, 'destination', bareWord, words, at)
    if (userWords.has(before)) putName(document, word)
    // `rhost=203.0.113.66 user=anna`
    const equals = bareWord.indexOf('=')
    if (equals > 0) {
      const name = bareWord.slice(0, equals).toLowerCase()
      const value = bareWord.slice(equals + 1)
      if (!hasEnds && fromWords.has(name)) putAt(document, 'source', trimmed(value), words, at)
      else if (!hasEnds && toWords.has(name)) putAt(document, 'destination', trimmed(value), words, at)
      if (userWords.has(name)) putName(document, value)
    }
    before = bareWord.toLowerCase()
  }
}

/** Who tries to come in is named by one address: `login failed "anna" (203.0.113.66)`. */
export function putOnlyAddress(document: EventDocument, text: string): void {
  if (read(document, 'source.ip') !== undefined || read(document, 'destination.ip') !== undefined) return
  let only: string | undefined
  for (const word of text.slice(0, 2_048).split(/[ |\t]/, wordsMax)) {
    const name = trimmed(word)
    if (name.length < 7) continue
    const ip = ipOf(name) ?? ipOf(splitAddress(name)?.address)
    if (ip === undefined || ip === only) continue
    if (only !== undefined) return
    only = ip
  }
  if (only === undefined) return
  put(document, 'source.address', only)
  put(document, 'source.ip', only)
}

/** `192.0.2.7:50122 -> 198.51.100.4:443` */
function putArrow(document: EventDocument, words: readonly string[], at: number): void {
  const word = words[at]
  if (word !== '->' && word !== '-->' && word !== '=>') return
  putAt(document, 'source', trimmed(words[at - 1] ?? ''), words, -1)
  putAt(document, 'destination', trimmed(words[at + 1] ?? ''), words, -1)
}

function putAt(document: EventDocument, side: string, word: string, words: readonly string[], at: number): void {
  if (read(document, `${side}.ip`) !== undefined || word.length < 3) return
  const whole = ipOf(word)
  const split = whole === undefined ? splitAddress(word.replace('/', ':')) : undefined
  const ip = whole ?? ipOf(split?.address)
  if (ip === undefined) return
  put(document, `${side}.address`, ip)
  put(document, `${side}.ip`, ip)
  const next = at < 0 ? '' : trimmed(words[at + 1] ?? '').toLowerCase()
  putDefault(document, `${side}.port`, portOf(next === 'port' ? trimmed(words[at + 2] ?? '') : split?.port))
}

function putName(document: EventDocument, word: string): void {
  if (read(document, 'user.name') !== undefined) return
  // MySQL quotes both halves: `'root'@'203.0.113.9'`.
  const name = trimmed(word).replace("'@'", '@')
  const quoted = name.length > 0 && name.length < word.length && /^["'[(<]/.test(word)
  if (name === '' || name.length > 64 || (!quoted && notNames.has(name.toLowerCase()))) return
  if (!/^[\w.\\@$+-]+$/.test(name) || ipOf(name) !== undefined) return
  const at = name.indexOf('@')
  const back = name.lastIndexOf('\\')
  const bareName = at > 0 ? name.slice(0, at) : name.slice(back + 1)
  const domain = at > 0 ? name.slice(at + 1) : back > 0 ? name.slice(0, back) : undefined
  put(document, 'user.name', bareName)
  // `anna@192.0.2.7`: where she came from.
  if (domain !== undefined && ipOf(domain) !== undefined) putAt(document, 'source', domain, [], -1)
  else put(document, 'user.domain', domain)
}

/** Without the marks that a sentence puts around its words. */
function trimmed(word: string): string {
  let from = 0
  let to = word.length
  while (from < to && isMark(word.charCodeAt(from))) from++
  while (to > from && isMark(word.charCodeAt(to - 1))) to--
  return word.slice(from, to)
}

/** `"'()<>{}[],.;:=` and the like, but not what names end or begin with. */
function isMark(code: number): boolean {
  return (
    code === 0x22 ||
    (code >= 0x27 && code <= 0x29) ||
    code === 0x2c ||
    code === 0x2e ||
    (code >= 0x3a && code <= 0x3e) ||
    code === 0x5b ||
    code === 0x5d ||
    code === 0x60 ||
    code === 0x7b ||
    code === 0x7d
  )
}
