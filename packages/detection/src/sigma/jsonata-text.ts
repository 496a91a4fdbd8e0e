// Writing JSONata: conditions as a small tree, printed so that a person can read and edit the rule.

export type Clause =
  /** `sure`: always true or false; otherwise it may be nothing, which `$not` would pass on. */
  { kind: 'test'; text: string; sure: boolean } | { kind: 'and' | 'or'; of: Clause[] } | { kind: 'not'; of: Clause }

export function test(text: string, sure = true): Clause {
  return { kind: 'test', text, sure }
}

export function all(of: readonly Clause[]): Clause {
  return joined('and', of)
}

export function any(of: readonly Clause[]): Clause {
  return joined('or', of)
}

function joined(kind: 'and' | 'or', of: readonly Clause[]): Clause {
  const flat = of.flatMap((clause) => (clause.kind === kind ? clause.of : [clause]))
  const [only] = flat
  return flat.length === 1 && only !== undefined ? only : { kind, of: flat }
}

export function not(of: Clause): Clause {
  return { kind: 'not', of }
}

const lineMax = 110

/** `depth` is the indentation of the lines after the first. */
export function print(clause: Clause, depth = 0): string {
  if (clause.kind === 'test') return clause.text
  if (clause.kind === 'not') {
    const inner = print(clause.of, depth + 1)
    const sure = clause.of.kind !== 'test' || clause.of.sure
    return `$not(${inner}${sure ? '' : ' or false'})`
  }
  if (clause.of.length === 0) return clause.kind === 'and' ? 'true' : 'false'
  const parts = clause.of.map((part) =>
    part.kind === 'and' || part.kind === 'or' ? `(${print(part, depth + 1)})` : print(part, depth + 1),
  )
  const line = parts.join(` ${clause.kind} `)
  if (line.length <= lineMax && !line.includes('\n')) return line
  return parts.join(`\n${'  '.repeat(depth + 1)}${clause.kind} `)
}

/** A text as JSONata writes it: JSON, but that its lexer knows no escaped slash trouble. */
export function quote(text: string): string {
  return JSON.stringify(text)
}

/** A field path; names that JSONata would read otherwise get backticks. */
export function path(field: string): string {
  return field
    .split('.')
    .map((name) =>
      /^[A-Za-z_][A-Za-z0-9_]*$/.test(name) && !['and', 'or', 'in', 'true', 'false', 'null', 'function'].includes(name)
        ? name
        : `\`${name}\``,
    )
    .join('.')
}

/** A literal text inside a regular expression. A backslash is `\x5c`, because jsonata's lexer stumbles over `\\`. */
export function regexLiteral(text: string): string {
  return [...text].map((char) => regexChar(char)).join('')
}

function regexChar(char: string): string {
  if (char === '\\') return '\\x5c'
  if (char === '/') return '\\/'
  if (char === '\n') return '\\n'
  if (char === '\r') return '\\r'
  if (char === '\t') return '\\t'
  if (/[()[\]{}]/.test(char)) return `\\x${char.charCodeAt(0).toString(16)}`
  return /[.*+?^$|]/.test(char) ? `\\${char}` : char
}

const count = /\{\d+(?:,\d*)?\}/y

/** A regular expression of the Sigma rule between slashes: the same language in the words that jsonata's lexer takes, without captures. */
export function regexSource(source: string): string {
  const refersBack = /\\[1-9k]/.test(source)
  let out = ''
  let inClass = false
  for (let at = 0; at < source.length; at++) {
    const char = source[at] ?? ''
    count.lastIndex = at
    const counted = inClass ? null : count.exec(source)
    if (char === '\\') {
      const next = source[++at] ?? ''
      if (next === '\\' || /[()[\]{}]/.test(next)) out += hex(next)
      else out += next === '/' ? '\\/' : `\\${next}`
    } else if (counted !== null) {
      out += counted[0]
      at += counted[0].length - 1
    } else if (char === '/') out += '\\/'
    else if (inClass ? /[([{})]/.test(char) : /[\]{}]/.test(char)) out += hex(char)
    else {
      if (char === '[') inClass = true
      if (char === ']') inClass = false
      // Only whether it matches counts: a captured group is one more thing to keep.
      const captures = char === '(' && !inClass && source[at + 1] !== '?' && !refersBack
      out += captures ? '(?:' : char === '\n' ? '\\n' : char
    }
  }
  return out
}

function hex(char: string): string {
  return `\\x${char.charCodeAt(0).toString(16)}`
}
