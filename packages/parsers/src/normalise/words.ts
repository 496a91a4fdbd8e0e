// What the words of actions and results mean, whoever wrote them: outcome, direction, permitted or not.

const successWords =
  'success successful successfully succeeded succeed ok true yes pass passed accepted authenticated completed complete 0x0 granted valid approved'
const failureWords =
  'failure fail failed failing unsuccessful error false no denied deny rejected reject invalid incorrect refused locked expired timeout unauthorized forbidden'
const outcomes = new Map<string, 'success' | 'failure'>([
  ...successWords.split(' ').map((word) => [word, 'success'] as const),
  ...failureWords.split(' ').map((word) => [word, 'failure'] as const),
])

/** `success` or `failure` by a word of the text; a failing one decides. Undefined where no word says. */
export function outcomeOf(text: string): 'success' | 'failure' | undefined {
  if (text.length > 256) return undefined
  let outcome: 'success' | 'failure' | undefined
  for (const word of wordsOf(text)) {
    const meant = outcomes.get(word)
    if (meant === 'failure') return meant
    outcome ??= meant
  }
  return outcome
}

/** Lower-case words of a text; `userLoggedIn`, `user_logged_in` and `USER.LOGGED-IN` have the same. At most 64. */
export function wordsOf(text: string): string[] {
  const words: string[] = []
  let from = -1
  for (let at = 0; at <= text.length && words.length < 64; at++) {
    const code = at < text.length ? text.charCodeAt(at) : 0
    const upper = code >= 65 && code <= 90
    const inWord = upper || (code >= 97 && code <= 122) || (code >= 48 && code <= 57)
    const before = at > 0 ? text.charCodeAt(at - 1) : 0
    const begins = upper && before >= 97 && before <= 122
    if (from >= 0 && (!inWord || begins)) {
      words.push(text.slice(from, at).toLowerCase())
      from = -1
    }
    if (inWord && from < 0) from = at
  }
  return words
}

/** Inbound or outbound, by the word; undefined for any other. */
export function directionWord(text: string): string | undefined {
  switch (text.toLowerCase()) {
    case 'in':
    case 'inbound':
    case 'incoming':
    case 'ingress':
    case 'download':
      return 'inbound'
    case 'out':
    case 'outbound':
    case 'outgoing':
    case 'egress':
    case 'upload':
      return 'outbound'
    case 'internal':
    case 'external':
      return text.toLowerCase()
    default:
      return undefined
  }
}

const permitWords = new Set(
  'allow allowed accept accepted permit permitted pass passed forward forwarded granted'.split(' '),
)
const denyWords = new Set(
  'deny denied drop dropped block blocked reject rejected refused discard discarded reset prevented prevent forbidden quarantined quarantine blocking denying'.split(
    ' ',
  ),
)

/** Whether a control let something through; the refusing word decides. */
export function permissionOf(words: readonly string[]): 'allowed' | 'denied' | undefined {
  let found: 'allowed' | 'denied' | undefined
  for (const word of words) {
    if (denyWords.has(word)) return 'denied'
    if (permitWords.has(word)) found = 'allowed'
  }
  return found
}
