// A regular expression as a tree: to write it for the linear engine, and to know which texts it requires.

export type RegexNode =
  | { kind: 'char'; char: string }
  /** `.`; with `all` a class of everything. */
  | { kind: 'any' }
  /** A class or class escape, as written, without the brackets where it is one escape. */
  | { kind: 'class'; negated: boolean; items: ClassItem[] }
  | { kind: 'assert'; text: '^' | '$' | '\\b' | '\\B' }
  | { kind: 'look'; open: string; of: RegexNode }
  | { kind: 'back'; text: string }
  | { kind: 'group'; open: string; of: RegexNode }
  | { kind: 'repeat'; min: number; max: number; lazy: boolean; of: RegexNode }
  | { kind: 'sequence'; of: RegexNode[] }
  | { kind: 'either'; of: RegexNode[] }

export type ClassItem = { from: string; to: string } | { escape: string }

interface Reader {
  source: string
  at: number
}

/** Undefined where the source has something we do not read: the caller then refuses the expression. */
export function parseRegex(source: string): RegexNode | undefined {
  const reader: Reader = { source, at: 0 }
  const tree = readEither(reader, 0)
  return reader.at === source.length ? tree : undefined
}

const groupsDeepMax = 100

function readEither(reader: Reader, depth: number): RegexNode | undefined {
  if (depth > groupsDeepMax) return undefined
  const branches: RegexNode[] = []
  for (;;) {
    const branch = readSequence(reader, depth)
    if (branch === undefined) return undefined
    branches.push(branch)
    if (reader.source[reader.at] !== '|') break
    reader.at++
  }
  const [only] = branches
  return branches.length === 1 ? only : { kind: 'either', of: branches }
}

function readSequence(reader: Reader, depth: number): RegexNode | undefined {
  const of: RegexNode[] = []
  while (reader.at < reader.source.length) {
    const char = reader.source[reader.at]
    if (char === '|' || char === ')') break
    const atom = readAtom(reader, depth)
    if (atom === undefined) return undefined
    const repeated = readQuantifier(reader, atom)
    if (repeated === undefined) return undefined
    of.push(repeated)
  }
  return { kind: 'sequence', of }
}

function readAtom(reader: Reader, depth: number): RegexNode | undefined {
  const char = reader.source[reader.at] ?? ''
  if (char === '(') return readGroup(reader, depth)
  if (char === '[') return readClass(reader)
  if (char === '\\') return readEscape(reader)
  if (char === '*' || char === '+' || char === '?') return undefined
  reader.at++
  if (char === '.') return { kind: 'any' }
  if (char === '^' || char === '$') return { kind: 'assert', text: char }
  return { kind: 'char', char }
}

const groupOpening = /\((?:\?(?::|=|!|<=|<!|<[A-Za-z_$][\w$]*>))?/y

function readGroup(reader: Reader, depth: number): RegexNode | undefined {
  groupOpening.lastIndex = reader.at
  const open = groupOpening.exec(reader.source)?.[0] ?? '('
  reader.at += open.length
  // `(?i:` and the like are not read.
  if (open === '(' && reader.source[reader.at] === '?') return undefined
  const of = readEither(reader, depth + 1)
  if (of === undefined || reader.source[reader.at] !== ')') return undefined
  reader.at++
  return /^\(\?(=|!|<=|<!)$/.test(open) ? { kind: 'look', open, of } : { kind: 'group', open, of }
}

const hexEscape = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4}))/y
const controls: Record<string, string> = { t: '\t', n: '\n', r: '\r', f: '\f', v: '\v', '0': '\0' }

/** The character that an escape stands for, or the escape itself where it is a class. */
function readEscaped(reader: Reader): { char: string } | { escape: string } | undefined {
  hexEscape.lastIndex = reader.at
  const hex = hexEscape.exec(reader.source)
  if (hex !== null) {
    reader.at += hex[0].length
    return { char: String.fromCharCode(Number.parseInt(hex[1] ?? hex[2] ?? '0', 16)) }
  }
  const name = reader.source[reader.at + 1]
  if (name === undefined) return undefined
  if (name === 'c' || name === 'x' || name === 'u' || name === 'p' || name === 'P') return undefined
  if (name === '0' && /\d/.test(reader.source[reader.at + 2] ?? '')) return undefined
  reader.at += 2
  if (/[dDsSwW]/.test(name)) return { escape: `\\${name}` }
  return { char: controls[name] ?? name }
}

function readEscape(reader: Reader): RegexNode | undefined {
  const name = reader.source[reader.at + 1] ?? ''
  if (name === 'b' || name === 'B') {
    reader.at += 2
    return { kind: 'assert', text: name === 'b' ? '\\b' : '\\B' }
  }
  if (/[1-9k]/.test(name)) {
    reader.at += 2
    return { kind: 'back', text: `\\${name}` }
  }
  const escaped = readEscaped(reader)
  if (escaped === undefined) return undefined
  return 'char' in escaped ? { kind: 'char', char: escaped.char } : { kind: 'class', negated: false, items: [escaped] }
}

function readClassAtom(reader: Reader): { char: string } | { escape: string } | undefined {
  const char = reader.source[reader.at]
  if (char === undefined) return undefined
  if (char !== '\\') {
    reader.at++
    return { char }
  }
  if (reader.source[reader.at + 1] === 'b') {
    reader.at += 2
    return { char: '\b' }
  }
  if (/[1-9]/.test(reader.source[reader.at + 1] ?? '')) return undefined
  return readEscaped(reader)
}

function readClass(reader: Reader): RegexNode | undefined {
  reader.at++
  const negated = reader.source[reader.at] === '^'
  if (negated) reader.at++
  const items: ClassItem[] = []
  while (reader.source[reader.at] !== ']') {
    const first = readClassAtom(reader)
    if (first === undefined) return undefined
    const isRange =
      reader.source[reader.at] === '-' && reader.source[reader.at + 1] !== ']' && reader.at + 1 < reader.source.length
    if (!isRange) {
      items.push('char' in first ? { from: first.char, to: first.char } : first)
      continue
    }
    reader.at++
    const last = readClassAtom(reader)
    if (last === undefined) return undefined
    if ('char' in first && 'char' in last) items.push({ from: first.char, to: last.char })
    else {
      // `[\w-x]` is the class, the hyphen and the character.
      for (const atom of [first, { char: '-' }, last])
        items.push('char' in atom ? { from: atom.char, to: atom.char } : atom)
    }
  }
  reader.at++
  return { kind: 'class', negated, items }
}

const counted = /\{(\d{1,6})(?:(,)(\d{0,6}))?\}/y

function readQuantifier(reader: Reader, of: RegexNode): RegexNode | undefined {
  const char = reader.source[reader.at]
  let [min, max] = [1, 1]
  if (char === '*' || char === '+' || char === '?') {
    reader.at++
    min = char === '+' ? 1 : 0
    max = char === '?' ? 1 : Number.POSITIVE_INFINITY
  } else if (char === '{') {
    counted.lastIndex = reader.at
    const match = counted.exec(reader.source)
    // A brace that begins no count is a character of its own.
    if (match === null) return of
    reader.at += match[0].length
    min = Number(match[1])
    max =
      match[2] === undefined
        ? min
        : match[3] === '' || match[3] === undefined
          ? Number.POSITIVE_INFINITY
          : Number(match[3])
  } else return of
  if (of.kind === 'assert' || (of.kind === 'look' && of.open.startsWith('(?<'))) return undefined
  const lazy = reader.source[reader.at] === '?'
  if (lazy) reader.at++
  if (/^[*+?]$/.test(reader.source[reader.at] ?? '')) return undefined
  return { kind: 'repeat', min, max, lazy, of }
}
