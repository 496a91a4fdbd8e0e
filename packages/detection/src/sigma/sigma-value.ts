// The values of a Sigma search with their modifiers, as tests of one text: what is looked for, and where.
import { Untranslatable } from './untranslatable.ts'

/** A text with wildcards: strings are literal; `*` any run, `?` any one character; an array is one character of several. */
export type PatternPart = string | { wildcard: '*' | '?' } | { anyOf: readonly string[] }

export type ValueTest =
  | { kind: 'pattern'; parts: PatternPart[]; cased: boolean }
  | { kind: 'number'; value: number }
  | { kind: 'null' }
  | { kind: 'exists'; is: boolean }
  | { kind: 'regex'; source: string; flags: string }
  | { kind: 'cidr'; network: string }
  | { kind: 'compare'; operator: '<' | '<=' | '>' | '>='; value: number }
  | { kind: 'field'; name: string; at: 'whole' | 'start' | 'end' | 'anywhere' }

export interface Modified {
  tests: ValueTest[]
  /** All of the values, not one of them. */
  all: boolean
  negated: boolean
}

const comparisons: Record<string, '<' | '<=' | '>' | '>='> = { lt: '<', lte: '<=', gt: '>', gte: '>=' }

export function applyModifiers(values: readonly unknown[], modifiers: readonly string[]): Modified {
  const has = (name: string): boolean => modifiers.includes(name)
  const unknown = modifiers.find((name) => !known.has(name))
  if (unknown !== undefined) throw new Untranslatable('modifier', unknown)
  const tests = values.flatMap((value) => testsOf(value, modifiers, has))
  return { tests, all: has('all'), negated: has('neq') }
}

const known = new Set([
  'contains',
  'startswith',
  'endswith',
  'all',
  're',
  'i',
  'm',
  's',
  'base64',
  'base64offset',
  'utf16',
  'utf16le',
  'utf16be',
  'wide',
  'windash',
  'cidr',
  'lt',
  'lte',
  'gt',
  'gte',
  'fieldref',
  'exists',
  'cased',
  'neq',
  'expand',
])

function testsOf(value: unknown, modifiers: readonly string[], has: (name: string) => boolean): ValueTest[] {
  if (has('exists')) return [{ kind: 'exists', is: value === true || value === 'true' || value === 'yes' }]
  if (value === null || value === undefined) return [{ kind: 'null' }]
  const comparison = modifiers.map((name) => comparisons[name]).find((operator) => operator !== undefined)
  if (comparison !== undefined) {
    const number = Number(value)
    if (!Number.isFinite(number)) throw new Untranslatable('comparison', `${String(value)} is no number`)
    return [{ kind: 'compare', operator: comparison, value: number }]
  }
  const at = has('contains') ? 'anywhere' : has('startswith') ? 'start' : has('endswith') ? 'end' : 'whole'
  if (typeof value === 'number' && at === 'whole') return [{ kind: 'number', value }]
  const text = String(value)
  if (has('fieldref')) return [{ kind: 'field', name: text, at }]
  if (has('cidr')) return [{ kind: 'cidr', network: text }]
  if (has('re')) return [regexTest(text, modifiers)]
  if (has('expand') && /%[\w-]+%/.test(text)) throw new Untranslatable('placeholder', text)
  return patternsOf(text, modifiers).map((parts) => ({
    kind: 'pattern',
    parts: placed(parts, at),
    cased: has('cased'),
  }))
}

/** `(?i)` at the beginning is how Python writes a flag. */
function regexTest(text: string, modifiers: readonly string[]): ValueTest {
  const inline = /^\(\?([ims]+)\)/.exec(text)
  let source = inline === null ? text : text.slice(inline[0].length)
  const wanted = (inline?.[1] ?? '') + modifiers.filter((name) => name.length === 1).join('')
  if (/\(\?[ims]+\)/.test(source)) throw new Untranslatable('regular expression', 'flags inside it')
  // JSONata knows no flag s: what the dot means is written out.
  if (wanted.includes('s')) source = dotAll(source)
  return { kind: 'regex', source, flags: [...new Set(wanted)].filter((flag) => flag === 'i' || flag === 'm').join('') }
}

function dotAll(source: string): string {
  let inClass = false
  return source.replace(/\\.|[[\].]/gs, (token) => {
    if (token === '[') inClass = true
    else if (token === ']') inClass = false
    return token === '.' && !inClass ? '[\\s\\S]' : token
  })
}

function patternsOf(text: string, modifiers: readonly string[]): PatternPart[][] {
  let encoded: PatternPart[][] = [parsePattern(text)]
  const wide = modifiers.find((name) => name === 'wide' || name.startsWith('utf16'))
  const offsets = modifiers.includes('base64offset')
  if (offsets || modifiers.includes('base64')) {
    const bytes = bytesOf(plainText(encoded[0] ?? []), wide)
    encoded = (offsets ? base64Offsets(bytes) : [bytes.toString('base64')]).map((part) => [part])
  }
  return modifiers.includes('windash') ? encoded.map(withDashes) : encoded
}

/** Backslash hides wildcards and itself; before anything else it is a character. */
export function parsePattern(text: string): PatternPart[] {
  const parts: PatternPart[] = []
  let literal = ''
  for (let at = 0; at < text.length; at++) {
    const char = text[at] ?? ''
    const next = text[at + 1]
    if (char === '\\' && (next === '*' || next === '?' || next === '\\')) {
      literal += next
      at++
    } else if (char === '*' || char === '?') {
      if (literal !== '') parts.push(literal)
      literal = ''
      parts.push({ wildcard: char })
    } else literal += char
  }
  if (literal !== '') parts.push(literal)
  return parts
}

function plainText(parts: readonly PatternPart[]): string {
  return parts
    .map((part) => (typeof part === 'string' ? part : 'wildcard' in part ? part.wildcard : (part.anyOf[0] ?? '')))
    .join('')
}

function bytesOf(text: string, encoding: string | undefined): Buffer {
  if (encoding === undefined) return Buffer.from(text, 'utf8')
  const bytes = Buffer.from(text, 'utf16le')
  if (encoding === 'utf16be') return bytes.swap16()
  return encoding === 'utf16' ? Buffer.concat([Buffer.from([0xff, 0xfe]), bytes]) : bytes
}

/** The same bytes at each of the three places of a base64 group, without what their neighbours would change. */
function base64Offsets(bytes: Buffer): string[] {
  const starts = [0, 2, 3]
  const ends = [0, -3, -2]
  return [0, 1, 2].map((offset) => {
    const text = Buffer.concat([Buffer.alloc(offset, ' '), bytes]).toString('base64')
    const end = ends[(bytes.length + offset) % 3] ?? 0
    return text.slice(starts[offset], end === 0 ? undefined : end)
  })
}

const dashes = ['-', '/', '\u2013', '\u2014', '\u2015'] as const

/** A dash or slash that begins a word stands for every kind of dash. */
function withDashes(parts: readonly PatternPart[]): PatternPart[] {
  return parts.flatMap((part): PatternPart[] => {
    if (typeof part !== 'string') return [part]
    const pieces: PatternPart[] = []
    let from = 0
    for (const match of part.matchAll(/\B[-/]\b/g)) {
      if (match.index > from) pieces.push(part.slice(from, match.index))
      pieces.push({ anyOf: dashes })
      from = match.index + 1
    }
    if (from < part.length) pieces.push(part.slice(from))
    return pieces
  })
}

function placed(parts: PatternPart[], at: 'whole' | 'start' | 'end' | 'anywhere'): PatternPart[] {
  const star: PatternPart = { wildcard: '*' }
  const before = at === 'anywhere' || at === 'end'
  const after = at === 'anywhere' || at === 'start'
  return [...(before ? [star] : []), ...parts, ...(after ? [star] : [])]
}
