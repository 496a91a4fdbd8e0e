// Cuts the text of a condition into its clauses: and, or, not, and what is left. The author's own text stays.

export type Clause =
  | { kind: 'and' | 'or'; text: string; of: Clause[] }
  | { kind: 'not'; text: string; of: Clause[] }
  | { kind: 'leaf'; text: string }

/** Deeper nesting is shown as one leaf. */
const depthMax = 12

export function clausesOf(source: string, depth = 0): Clause {
  const text = unwrapped(source.trim())
  if (depth >= depthMax) return { kind: 'leaf', text }
  for (const word of ['or', 'and'] as const) {
    const parts = split(text, word)
    if (parts.length > 1) return { kind: word, text, of: parts.map((part) => clausesOf(part, depth + 1)) }
  }
  const negated = /^\$not\s*\(([\s\S]*)\)$/.exec(text)?.[1]
  if (negated !== undefined && isWhole(`(${negated})`))
    return { kind: 'not', text, of: [clausesOf(negated, depth + 1)] }
  return { kind: 'leaf', text }
}

/** Without the parentheses that hold all of it; blocks with several statements keep theirs. */
function unwrapped(text: string): string {
  if (!text.startsWith('(') || !isWhole(text)) return text
  const inner = text.slice(1, -1).trim()
  return inner === '' || split(inner, ';').length > 1 ? text : unwrapped(inner)
}

/** The first parenthesis is closed by the last character. */
function isWhole(text: string): boolean {
  let whole = false
  scan(text, (at, depth) => {
    if (depth === 0 && at > 0) whole = at === text.length - 1
    return depth > 0
  })
  return whole
}

function split(text: string, word: 'and' | 'or' | ';'): string[] {
  const parts: string[] = []
  let from = 0
  scan(text, (at, depth) => {
    if (depth === 0 && isWord(text, at, word)) {
      parts.push(text.slice(from, at))
      from = at + word.length
    }
    return true
  })
  parts.push(text.slice(from))
  return parts.some((part) => part.trim() === '') ? [text] : parts
}

function isWord(text: string, at: number, word: string): boolean {
  if (!text.startsWith(word, at)) return false
  if (word === ';') return true
  return /[\s)\]}"'`]/.test(text[at - 1] ?? '') && /[\s([$"'`{]/.test(text[at + word.length] ?? '')
}

/** Visits each character outside of texts, quoted names, regular expressions and comments, with the depth after it. */
function scan(text: string, visit: (at: number, depth: number) => boolean): void {
  let depth = 0
  let before = ''
  for (let at = 0; at < text.length; at++) {
    const character = text[at] ?? ''
    const skipped = skip(text, at, before)
    if (skipped > at) {
      at = skipped
      before = '"'
      continue
    }
    if ('([{'.includes(character)) depth++
    else if (')]}'.includes(character)) depth--
    if (!visit(at, depth)) return
    if (character.trim() !== '') before = isEndOfOperator(text, at) ? 'operator' : character
  }
}

function isEndOfOperator(text: string, at: number): boolean {
  return /(?:^|[^\w$.])(?:and|or|in)$/.test(text.slice(Math.max(0, at - 4), at + 1))
}

/** The last character of the literal or comment that begins here; `at` itself where none does. */
function skip(text: string, at: number, before: string): number {
  const character = text[at] ?? ''
  if (character === '"' || character === "'" || character === '`') return endOf(text, at, character)
  if (text.startsWith('/*', at)) return Math.max(at, text.indexOf('*/', at) + 1)
  // A slash after an operator begins a regular expression; after a value it divides.
  if (character === '/' && (before === '' || before === 'operator' || '(,=~>?:[{;&|<'.includes(before)))
    return endOf(text, at, '/')
  return at
}

function endOf(text: string, from: number, quote: string): number {
  for (let at = from + 1; at < text.length; at++) {
    if (text[at] === '\\') at++
    else if (text[at] === quote) return at
  }
  return text.length - 1
}
