// Prints a query tree as the text that parses to it.
import ipaddr from 'ipaddr.js'
import type { FieldValue, Query, TextValue } from './ast.ts'

const special = /[\\():<>"*{}]/g
const spelled: Record<string, string> = { '\t': '\\t', '\n': '\\n', '\r': '\\r' }

function quoted(text: string): string {
  return `"${text.replace(/[\\"]/g, '\\$&').replace(/[\t\n\r]/g, (char) => spelled[char] ?? char)}"`
}

/** `n\\ot`, since `\\n` is a line feed. */
function escapedKeyword(word: string): string {
  return /^n/i.test(word) ? `${word.slice(0, 1)}\\${word.slice(1)}` : `\\${word}`
}

function bare(text: string): string {
  return text
    .split(' ')
    .map((word) =>
      /^(and|or|not)$/i.test(word)
        ? escapedKeyword(word)
        : word.replace(special, '\\$&').replace(/\s/g, (char) => spelled[char] ?? `\\${char}`),
    )
    .join(' ')
}

/** A field name or word as it must be typed outside quotes. */
export function escapeWord(text: string): string {
  return bare(text).replaceAll(' ', '\\ ')
}

function pattern(text: string): string {
  return text.replace(/\\[\s\S]|[():<>"{}]|[\t\n\r]/g, (part) =>
    part.startsWith('\\') ? part : (spelled[part] ?? `\\${part}`),
  )
}

function value(of: FieldValue | TextValue): string {
  if (of.kind === 'phrase') return quoted(of.text)
  if (of.kind === 'wildcard') return pattern(of.pattern)
  if (of.kind === 'cidr') return quoted(of.network).slice(1, -1).replaceAll(':', '\\:')
  // A word that reads as a network must not come back as one.
  return of.text.includes('/') && ipaddr.isValidCIDR(of.text) ? quoted(of.text) : bare(of.text)
}

/** `parseQuery(formatQuery(q))` gives `q` again, for every tree that parseQuery can give. */
export function formatQuery(query: Query): string {
  switch (query.kind) {
    case 'all':
      return '*'
    case 'and':
    case 'or':
      return query.of.map((member) => inner(member, query.kind)).join(` ${query.kind} `)
    case 'not':
      return `not ${inner(query.of, 'not')}`
    case 'text':
      return value(query.value)
    case 'exists':
      return `${escapeWord(query.field)}: *`
    case 'range':
      return `${escapeWord(query.field)} ${query.op} ${quoted(query.value)}`
    case 'field':
      return `${escapeWord(query.field)}: ${value(query.value)}`
  }
}

function inner(query: Query, outer: 'and' | 'or' | 'not'): string {
  const loose = query.kind === 'or' || (query.kind === 'and' && outer !== 'or')
  return loose ? `(${formatQuery(query)})` : formatQuery(query)
}
