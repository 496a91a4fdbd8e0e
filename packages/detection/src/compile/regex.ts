// Regular expressions that cannot hang: written so that V8 can fall back to its linear engine, or refused.
import v8 from 'node:v8'
import { requiredTexts } from './regex-texts.ts'
import { type ClassItem, parseRegex, type RegexNode } from './regex-tree.ts'
import { textTestOf } from './text-test.ts'

// With the first flag V8 gives up backtracking after 50,000 steps and goes on with its linear engine; the second lets us ask, with the
// flag `l`, whether that engine takes a pattern. Both are process-wide and change no result.
v8.setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
v8.setFlagsFromString('--enable-experimental-regexp-engine')

/** A pattern that the linear engine does not take, such as one with lookahead or a backreference. */
export class RegexRefused extends Error {}

export function isRegExp(value: unknown): value is RegExp {
  return value instanceof RegExp
}

// The linear engine copies what is counted, and takes no more than 16 copies; written out by us, it takes this many nodes.
const nodesMax = 20_000

const linear = new Map<string, { source: string; flags: string }>()

/** The same language in the words of the linear engine: no flag i, no long counts. */
function linearForm(pattern: RegExp): { source: string; flags: string } {
  const name = `${pattern.flags}/${pattern.source}`
  const known = linear.get(name)
  if (known !== undefined) return known
  const form = makeLinear(pattern)
  if (linear.size > 10_000) linear.clear()
  linear.set(name, form)
  return form
}

function makeLinear(pattern: RegExp): { source: string; flags: string } {
  const flags = pattern.flags.replace(/[gyi]/g, '')
  if (!pattern.flags.includes('i') && isLinear(pattern.source, flags)) return { source: pattern.source, flags }
  const tree = parseRegex(pattern.source)
  if (tree === undefined) throw new RegexRefused('it uses a part of regular expressions that is not supported here')
  const budget = { nodes: nodesMax }
  const source = write(tree, pattern.flags.includes('i'), budget)
  if (budget.nodes < 0) throw new RegexRefused('its counts are too large')
  if (!isLinear(source, flags)) throw new RegexRefused(refusal)
  return { source, flags }
}

const refusal =
  'lookahead, backreferences and long counts of captured groups can make it hang: write it without, with (?:…) for groups'

function isLinear(source: string, flags: string): boolean {
  try {
    new RegExp(source, `${flags}l`)
    return true
  } catch {
    return false
  }
}

/** For `exec`, with the flag g as jsonata's lexer sets it. Each function value needs its own, because it keeps a position. */
export function safePattern(value: unknown): RegExp {
  if (!isRegExp(value)) throw new RegexRefused('it is none')
  const form = linearForm(value)
  return new RegExp(form.source, `${form.flags}g`)
}

/** Throws RegexRefused where an expression may not be used. */
export function checkLinear(value: unknown): void {
  if (!isRegExp(value)) throw new RegexRefused('it is none')
  linearForm(value)
}

/** For `test`, stateless. */
export function linearTest(value: unknown): { test(text: string): boolean } {
  if (!isRegExp(value)) throw new RegexRefused('it is none')
  const form = linearForm(value)
  const engine = new RegExp(form.source, form.flags)
  const texts = textTestOf(value, (text) => engine.test(text))
  return texts === undefined ? guarded(value, engine) : { test: texts }
}

// What is looked for before an engine runs: so many texts at most, of which each look costs a few nanoseconds.
const guardsMax = 2
const guardTextsMax = 3

/** An engine runs only over what has the texts that no match is without. */
function guarded(pattern: RegExp, engine: RegExp): { test(text: string): boolean } {
  // Without regard to case a text may stand there in other letters: only what has none is looked for.
  const isSure = pattern.flags.includes('i') ? /^[^a-zA-Z\u0080-\uffff]+$/ : /./s
  const guards = requiredTexts(pattern)
    .map((clause) => clause.map(({ text }) => text))
    .filter((texts) => texts.length <= guardTextsMax && texts.every((text) => isSure.test(text)))
    .sort((a, b) => a.length - b.length)
    .slice(0, guardsMax)
  if (guards.length === 0) return engine
  return {
    test: (text) => guards.every((texts) => texts.some((one) => text.includes(one))) && engine.test(text),
  }
}

// ---- Writing

let folded: Map<string, string> | undefined

/** Characters that the flag i (without u) takes for one: those with the same upper-case character (ECMA-262 22.2.2.7.3, Canonicalize). */
export function caseVariants(char: string): string {
  if (/[a-zA-Z]/.test(char)) return char.toLowerCase() + char.toUpperCase()
  if (char < '\u0080') return char
  if (folded === undefined) {
    folded = new Map()
    for (let code = 0x80; code < 0x10000; code++) {
      const one = String.fromCharCode(code)
      const upper = canonical(one)
      folded.set(upper, (folded.get(upper) ?? '') + one)
    }
  }
  return folded.get(canonical(char)) ?? char
}

function canonical(char: string): string {
  const upper = char.toUpperCase()
  return upper.length !== 1 || (char >= '\u0080' && upper < '\u0080') ? char : upper
}

function escaped(char: string): string {
  if (/[A-Za-z0-9_ ]/.test(char)) return char
  return `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`
}

function writeChar(char: string, fold: boolean): string {
  const variants = fold ? caseVariants(char) : char
  return variants.length === 1 ? escaped(variants) : `[${[...variants].map(escaped).join('')}]`
}

// Ranges are folded character by character; one over whole scripts is left as it is beyond this.
const rangeFoldMax = 4_096

function writeItem(item: ClassItem, fold: boolean): string {
  if ('escape' in item) return item.escape
  const [from, to] = [item.from.charCodeAt(0), item.to.charCodeAt(0)]
  if (from > to) throw new RegexRefused('a range of it is out of order')
  const range = from === to ? escaped(item.from) : `${escaped(item.from)}-${escaped(item.to)}`
  if (!fold) return range
  let more = ''
  for (let code = from; code <= to && code - from < rangeFoldMax; code++) {
    for (const variant of caseVariants(String.fromCharCode(code))) {
      const other = variant.charCodeAt(0)
      if (other < from || other > to) more += escaped(variant)
    }
  }
  return range + more
}

function write(node: RegexNode, fold: boolean, budget: { nodes: number }): string {
  if (--budget.nodes < 0) return ''
  switch (node.kind) {
    case 'char':
      return writeChar(node.char, fold)
    case 'any':
      return '.'
    case 'class':
      return `[${node.negated ? '^' : ''}${node.items.map((item) => writeItem(item, fold)).join('')}]`
    case 'assert':
    case 'back':
      return node.text
    case 'look':
    case 'group':
      return `${node.open}${write(node.of, fold, budget)})`
    case 'sequence':
      return node.of.map((one) => write(one, fold, budget)).join('')
    case 'either':
      return node.of.map((one) => write(one, fold, budget)).join('|')
    case 'repeat':
      return writeRepeat(node, fold, budget)
  }
}

const copiesMax = 16

function writeRepeat(node: Extract<RegexNode, { kind: 'repeat' }>, fold: boolean, budget: { nodes: number }): string {
  const { min, max, lazy } = node
  const one = write(node.of, fold, budget)
  const tail = lazy ? '?' : ''
  const bounded = max === Number.POSITIVE_INFINITY ? min : max
  if (bounded <= 1 || (bounded <= copiesMax && node.of.kind !== 'group')) return one + quantifier(min, max) + tail
  const copies = Math.min(bounded, 1_000)
  budget.nodes -= copies * sizeOf(node.of)
  if (budget.nodes < 0 || bounded > 1_000) {
    budget.nodes = -1
    return ''
  }
  // Copies would number the captures anew: only groups without captures are written out.
  if (hasCapture(node.of)) return one + quantifier(min, max) + tail
  if (max === Number.POSITIVE_INFINITY) return `${one.repeat(min)}${one}*${tail}`
  // x{2,4} as xx(?:x(?:x)?)?
  let optional = ''
  for (let copy = min; copy < max; copy++) optional = `(?:${one}${optional})?${tail}`
  return `${one.repeat(min)}${optional}`
}

function quantifier(min: number, max: number): string {
  if (max === Number.POSITIVE_INFINITY) return min === 0 ? '*' : min === 1 ? '+' : `{${min},}`
  if (min === 0 && max === 1) return '?'
  return min === 1 && max === 1 ? '' : min === max ? `{${min}}` : `{${min},${max}}`
}

function sizeOf(node: RegexNode): number {
  if (node.kind === 'sequence' || node.kind === 'either') return node.of.reduce((sum, one) => sum + sizeOf(one), 1)
  if (node.kind === 'repeat')
    return (
      1 + sizeOf(node.of) * Math.max(1, Math.min(1_000, node.max === Number.POSITIVE_INFINITY ? node.min : node.max))
    )
  return 'of' in node ? 1 + sizeOf(node.of) : 1
}

function hasCapture(node: RegexNode): boolean {
  if (node.kind === 'group') return !node.open.startsWith('(?:') || hasCapture(node.of)
  if (node.kind === 'sequence' || node.kind === 'either') return node.of.some(hasCapture)
  return 'of' in node && hasCapture(node.of)
}
