// What could be typed at the caret of a KQL text: a field, an operator, a value of a field, or a word between.

export type Completion =
  | { kind: 'field'; prefix: string; from: number }
  | { kind: 'value'; field: string; prefix: string; from: number; quoted: boolean }
  | { kind: 'operator'; from: number }
  | { kind: 'none' }

const word = '[\\w.@-]'
const afterColon = new RegExp(`(${word}+)\\s*:\\s*(\\((?:[^()"]|"[^"]*")*\\b(?:or|and)\\s+|\\()?("?)([^\\s()"]*)$`, 'i')
const openQuote = /(?:^|[\s(])([\w.@-]+)\s*:\s*"([^"]*)$/

/** Looks at the text before the caret only. */
export function completionAt(text: string, caret: number): Completion {
  const before = text.slice(0, caret)
  const phrase = openQuote.exec(before)
  if (phrase !== null) {
    const [, field = '', prefix = ''] = phrase
    return { kind: 'value', field, prefix, from: caret - prefix.length - 1, quoted: true }
  }
  if (insideQuotes(before)) return { kind: 'none' }
  const value = afterColon.exec(before)
  if (value !== null) {
    const [, field = '', , quote = '', prefix = ''] = value
    return { kind: 'value', field, prefix, from: caret - prefix.length - quote.length, quoted: quote !== '' }
  }
  if (/(?:\w+\s*:\s*(?:"[^"]*"|[^\s():"]+)|\))\s+$/.test(before)) return { kind: 'operator', from: caret }
  const field = /(?:^|[\s(])([\w.@]*)$/.exec(before)
  if (field === null) return { kind: 'none' }
  const [, prefix = ''] = field
  return { kind: 'field', prefix, from: caret - prefix.length }
}

function insideQuotes(text: string): boolean {
  let inside = false
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1
    else if (text[at] === '"') inside = !inside
  }
  return inside
}

/** Fields for a prefix: those that begin with it, then those of which a part does, then those that hold it. */
export function rankFields<F extends { field: string }>(fields: F[], prefix: string, limit: number): F[] {
  const wanted = prefix.toLowerCase()
  const score = ({ field }: F) => {
    const name = field.toLowerCase()
    if (name.startsWith(wanted)) return 0
    if (name.includes(`.${wanted}`)) return 1
    return name.includes(wanted) ? 2 : 3
  }
  return fields
    .map((field) => ({ field, score: score(field) }))
    .filter((one) => one.score < 3)
    .sort(
      (a, b) =>
        a.score - b.score || a.field.field.length - b.field.field.length || (a.field.field < b.field.field ? -1 : 1),
    )
    .slice(0, limit)
    .map((one) => one.field)
}

/** Pieces of a query for colouring. Their texts joined are the text. */
export function colourQuery(text: string): { text: string; tone?: 'fieldName' | 'string' | 'operator' }[] {
  const token =
    /("(?:\\.|[^"\\])*"?)|([\w.@*-]+(?=\s*(?::|<=?|>=?)))|(\b(?:and|or|not)\b|[:<>=()]+)|[^\s"():<>=]+|\s+/gi
  return [...text.matchAll(token)].map(([piece, string, field, operator]) => {
    if (string !== undefined) return { text: piece, tone: 'string' }
    if (field !== undefined) return { text: piece, tone: 'fieldName' }
    return operator !== undefined ? { text: piece, tone: 'operator' } : { text: piece }
  })
}
