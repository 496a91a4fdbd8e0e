// Regular expressions that only spell out texts, as tests of texts: no engine, no backtracking, the same answers.
import { createAutomaton } from './automaton.ts'
import { type FiniteTexts, finiteTexts } from './regex-texts.ts'
import { parseRegex, type RegexNode } from './regex-tree.ts'

export type TextTest = (text: string) => boolean

// Fewer texts than this are looked for one after the other.
const automatonMin = 6

/** Undefined where the expression says more than texts. `engine` judges what is beyond ASCII where case does not count. */
export function textTestOf(pattern: RegExp, engine: TextTest): TextTest | undefined {
  const finite = finiteTexts(pattern)
  const ordered = finite === undefined ? orderedTexts(pattern) : undefined
  const texts = finite?.texts ?? ordered
  if (texts === undefined) return undefined
  const folds = pattern.flags.includes('i')
  // Over ASCII, letters that differ in case are what lower case makes alike; beyond, the engine's rules are others.
  if (folds && !texts.every(isAscii)) return undefined
  const wanted = folds ? texts.map((text) => text.toLowerCase()) : texts
  const test: TextTest =
    finite === undefined ? (text) => holdsInOrder(text, wanted) : finiteTest({ ...finite, texts: wanted })
  return folds ? (text) => (isAscii(text) ? test(text.toLowerCase()) : engine(text)) : test
}

function finiteTest({ texts, start, end }: FiniteTexts): TextTest {
  if (start && end) {
    const whole = new Set(texts)
    return (text) => whole.has(text)
  }
  if (start) return (text) => texts.some((one) => text.startsWith(one))
  if (end) return endTest(texts)
  return anywhereTest(texts)
}

function isAscii(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return false
  return text !== ''
}

/** One look-up for each length that the texts have. */
function endTest(texts: readonly string[]): TextTest {
  if (texts.length < 4) return (text) => texts.some((one) => text.endsWith(one))
  const byLength = new Map<number, Set<string>>()
  for (const one of texts) byLength.set(one.length, (byLength.get(one.length) ?? new Set()).add(one))
  const lengths = [...byLength]
  return (text) => lengths.some(([length, set]) => length <= text.length && set.has(text.slice(text.length - length)))
}

/** What has a character beyond ASCII is looked for only in a text that has one: few have. */
function anywhereTest(texts: readonly string[]): TextTest {
  if (texts.length < automatonMin || texts.includes('')) return (text) => texts.some((one) => text.includes(one))
  const ascii = texts.filter(isAscii)
  const foreign = texts.filter((one) => !isAscii(one))
  const anyAscii = ascii.length < automatonMin ? anywhereTest(ascii) : automatonTest(ascii)
  return foreign.length === 0
    ? anyAscii
    : (text) => anyAscii(text) || (beyondAscii.test(text) && foreign.some((one) => text.includes(one)))
}

const beyondAscii = /[^\0-\x7f]/

/** The automaton folds case: what it finds is looked at again. */
function automatonTest(texts: readonly string[]): TextTest {
  const automaton = createAutomaton(texts.map((text, id) => ({ id, text, anchor: { kind: 'anywhere' } })))
  return (text) => {
    let found = false
    automaton.run(text, (id) => {
      found ||= text.includes(texts[id] ?? '')
    })
    return found
  }
}

/** `a.*b.*c`: texts in this order within one line. */
function orderedTexts(pattern: RegExp): string[] | undefined {
  const tree = parseRegex(pattern.source)
  if (tree?.kind !== 'sequence' || pattern.flags.includes('s')) return undefined
  const texts: string[] = []
  let text = ''
  for (const part of tree.of) {
    if (part.kind === 'char') text += part.char
    else if (isAnyRun(part)) {
      if (text !== '') texts.push(text)
      text = ''
    } else return undefined
  }
  if (text !== '') texts.push(text)
  return texts.length === 0 || texts.some((one) => /[\n\r\u2028\u2029]/.test(one)) ? undefined : texts
}

function isAnyRun(node: RegexNode): boolean {
  return node.kind === 'repeat' && node.of.kind === 'any' && node.min === 0 && node.max === Number.POSITIVE_INFINITY
}

const lineEnd = /[\n\r\u2028\u2029]/g

function holdsInOrder(text: string, texts: readonly string[]): boolean {
  const [first = ''] = texts
  // Where the first text stands in no line, nothing does.
  if (!text.includes(first)) return false
  if (text.search(lineEnd) < 0) return inOrder(text, texts)
  return text.split(lineEnd).some((line) => inOrder(line, texts))
}

/** The earliest place of each leaves the most room for the next. */
function inOrder(line: string, texts: readonly string[]): boolean {
  let from = 0
  for (const one of texts) {
    const at = line.indexOf(one, from)
    if (at < 0) return false
    from = at + one.length
  }
  return true
}
