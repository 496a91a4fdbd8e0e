// Which texts a regular expression requires: what an index can look for before the expression itself is tried.
import { parseRegex, type RegexNode } from './regex-tree.ts'

export interface RequiredText {
  text: string
  start: boolean
  end: boolean
}

/** All of the outer list are required; of each inner list any one. Empty where nothing is known. */
export type RequiredTexts = RequiredText[][]

/** The whole language, where it is a few texts between anchors: then the texts can stand for the expression. */
export interface FiniteTexts {
  texts: string[]
  start: boolean
  end: boolean
}

const textsMax = 256
// A run that may be one of more texts than this is cut in two clauses.
const runTextsMax = 32

/** Undefined where the language is larger than a few texts, or anchors stand elsewhere than at the ends. */
export function finiteTexts(pattern: RegExp): FiniteTexts | undefined {
  const tree = parseRegex(pattern.source)
  if (tree === undefined || pattern.flags.includes('m')) return undefined
  const parts = tree.kind === 'sequence' ? [...tree.of] : [tree]
  const [first] = parts
  const start = first?.kind === 'assert' && first.text === '^'
  if (start) parts.shift()
  const last = parts.at(-1)
  const end = last?.kind === 'assert' && last.text === '$'
  if (end) parts.pop()
  const texts = language({ kind: 'sequence', of: parts })
  return texts === undefined ? undefined : { texts, start, end }
}

function language(node: RegexNode): string[] | undefined {
  switch (node.kind) {
    case 'char':
      return [node.char]
    case 'group':
      return language(node.of)
    case 'class': {
      const chars = charsOf(node)
      return chars === undefined || chars.length > 8 ? undefined : chars
    }
    case 'either': {
      const all: string[] = []
      for (const branch of node.of) {
        const texts = language(branch)
        if (texts === undefined || all.length + texts.length > textsMax) return undefined
        all.push(...texts)
      }
      return all
    }
    case 'sequence': {
      let all = ['']
      for (const part of node.of) {
        const texts = language(part)
        if (texts === undefined || all.length * texts.length > textsMax) return undefined
        all = all.flatMap((head) => texts.map((tail) => head + tail))
      }
      return all
    }
    case 'repeat': {
      if (node.max > 4) return undefined
      const one = language(node.of)
      if (one === undefined) return undefined
      let all: string[] = []
      let power = ['']
      for (let count = 0; count <= node.max; count++) {
        if (count >= node.min) all = all.concat(power)
        power = power.flatMap((head) => one.map((tail) => head + tail))
        if (all.length + power.length > textsMax) return undefined
      }
      return all
    }
    default:
      return undefined
  }
}

function charsOf(node: Extract<RegexNode, { kind: 'class' }>): string[] | undefined {
  if (node.negated) return undefined
  const chars: string[] = []
  for (const item of node.items) {
    if ('escape' in item) return undefined
    for (let code = item.from.charCodeAt(0); code <= item.to.charCodeAt(0); code++) {
      if (chars.length > 16) return undefined
      chars.push(String.fromCharCode(code))
    }
  }
  return chars
}

export function requiredTexts(pattern: RegExp): RequiredTexts {
  const tree = parseRegex(pattern.source)
  if (tree === undefined) return []
  const clauses: RequiredTexts = []
  collect(tree, { clauses, anchors: !pattern.flags.includes('m') })
  return clauses
}

interface Collecting {
  clauses: RequiredTexts
  anchors: boolean
}

function collect(node: RegexNode, into: Collecting): void {
  if (node.kind === 'group') collect(node.of, into)
  else if (node.kind === 'repeat') {
    if (node.min > 0) collect(node.of, { clauses: into.clauses, anchors: false })
  } else if (node.kind === 'either') eitherTexts(node.of, into)
  else if (node.kind === 'sequence') sequenceTexts(node.of, into)
  else if (node.kind === 'char') into.clauses.push([{ text: node.char, start: false, end: false }])
}

/** Each branch gives its best clause; together they are one. */
function eitherTexts(branches: readonly RegexNode[], into: Collecting): void {
  const together: RequiredText[] = []
  for (const branch of branches) {
    const own: RequiredTexts = []
    collect(branch, { clauses: own, anchors: into.anchors })
    const best = own.sort((a, b) => shortest(b) - shortest(a))[0]
    if (best === undefined) return
    together.push(...best)
  }
  if (together.length <= textsMax) into.clauses.push(together)
}

function shortest(clause: readonly RequiredText[]): number {
  return Math.min(...clause.map((one) => one.text.length))
}

/** Runs of neighbouring parts with finite languages, anchored where the run touches an end. */
function sequenceTexts(parts: readonly RegexNode[], into: Collecting): void {
  let run = ['']
  let start = false
  const flush = (end: boolean): void => {
    if (!run.includes('')) into.clauses.push(run.map((text) => ({ text, start, end })))
    run = ['']
    start = false
  }
  for (const [position, part] of parts.entries()) {
    if (part.kind === 'assert') {
      if (part.text === '^') start = into.anchors && position === 0
      else if (part.text === '$') flush(into.anchors && position === parts.length - 1)
      continue
    }
    const texts = language(part)
    // `ab+c` holds `ab` and `bc`.
    const repeated = texts === undefined && part.kind === 'repeat' && part.min > 0 ? language(part.of) : undefined
    if (repeated !== undefined && run.length * repeated.length <= runTextsMax) {
      run = run.flatMap((head) => repeated.map((tail) => head + tail))
      flush(false)
      run = repeated
      continue
    }
    const [only] = texts ?? []
    if (texts !== undefined && texts.length === 1 && only !== undefined) {
      for (const [index, head] of run.entries()) run[index] = head + only
      continue
    }
    if (texts !== undefined && run.length * texts.length <= runTextsMax) {
      run = run.flatMap((head) => texts.map((tail) => head + tail))
      continue
    }
    flush(false)
    if (texts !== undefined) run = texts
    else collect(part, { clauses: into.clauses, anchors: false })
  }
  flush(false)
}
