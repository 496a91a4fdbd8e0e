// Cuts a query text into tokens, each with its place, so that errors can point.

export type Token =
  | { kind: 'word'; text: string; pattern: string; wild: boolean; from: number; to: number }
  | { kind: 'phrase'; text: string; from: number; to: number }
  | { kind: 'keyword'; word: 'and' | 'or' | 'not'; from: number; to: number }
  | { kind: 'symbol'; symbol: ':' | '(' | ')' | '<' | '<=' | '>' | '>='; from: number; to: number }
  | { kind: 'end'; from: number; to: number }

export interface LexicalError {
  message: string
  from: number
  to: number
}

const space = /\s/
const ends = new Set([':', '(', ')', '<', '>', '"', '{', '}'])
const escapes: Record<string, string> = { t: '\t', n: '\n', r: '\r' }

function readPhrase(text: string, from: number): { token: Token } | LexicalError {
  let value = ''
  let at = from + 1
  while (at < text.length) {
    const char = text.charAt(at)
    if (char === '"') return { token: { kind: 'phrase', text: value, from, to: at + 1 } }
    if (char === '\\' && at + 1 < text.length) {
      at += 1
      value += escapes[text.charAt(at)] ?? text.charAt(at)
    } else value += char
    at += 1
  }
  return { message: 'This quotation mark is never closed', from, to: text.length }
}

function readWord(text: string, from: number): Token {
  let value = ''
  let pattern = ''
  let wild = false
  let escaped = false
  let at = from
  while (at < text.length) {
    let char = text.charAt(at)
    if (space.test(char) || ends.has(char)) break
    if (char === '*') {
      wild = true
      pattern += '*'
    } else {
      if (char === '\\' && at + 1 < text.length) {
        at += 1
        escaped = true
        char = escapes[text.charAt(at)] ?? text.charAt(at)
      }
      pattern += char === '*' || char === '\\' ? `\\${char}` : char
    }
    value += char
    at += 1
  }
  const lower = value.toLowerCase()
  if (!escaped && (lower === 'and' || lower === 'or' || lower === 'not'))
    return { kind: 'keyword', word: lower, from, to: at }
  return { kind: 'word', text: value, pattern, wild, from, to: at }
}

/** The tokens of a text, ending with `end`; or the first thing that is no token. */
export function tokens(text: string): Token[] | LexicalError {
  const found: Token[] = []
  let at = 0
  while (at < text.length) {
    const char = text.charAt(at)
    if (space.test(char)) at += 1
    else if (char === '"') {
      const phrase = readPhrase(text, at)
      if (!('token' in phrase)) return phrase
      found.push(phrase.token)
      at = phrase.token.to
    } else if (char === '{' || char === '}') {
      return {
        message: 'Curly brackets (nested fields) do not exist here: events have no nested objects',
        from: at,
        to: at + 1,
      }
    } else if (char === ':' || char === '(' || char === ')') {
      found.push({ kind: 'symbol', symbol: char, from: at, to: at + 1 })
      at += 1
    } else if (char === '<' || char === '>') {
      const equal = text.charAt(at + 1) === '='
      const symbol = char === '<' ? (equal ? '<=' : '<') : equal ? '>=' : '>'
      found.push({ kind: 'symbol', symbol, from: at, to: at + symbol.length })
      at += symbol.length
    } else {
      const word = readWord(text, at)
      found.push(word)
      at = word.to
    }
  }
  found.push({ kind: 'end', from: text.length, to: text.length })
  return found
}
