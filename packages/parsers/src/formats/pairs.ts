// A text of pairs whose separators nobody told: `a=b c=d`, `a="b", c="d"`, `a=b|c=d`, `Name: value, Other name: value`.
import { readKeyValues } from './key-value.ts'

/** Fewer pairs than this may stand in any sentence. */
const pairsMin = 3
/** More is no line of a log. */
const pairsMax = 2_000

const separators = [' ', ',', ';', '|', '\t'] as const

/** The pairs in their order; undefined where the text is none of pairs. */
export function readAnyPairs(text: string): ReadonlyMap<string, string> | undefined {
  const separator = separatorOf(text)
  if (separator !== undefined) {
    const pairs = readKeyValues(text, 0, { pair: separator, spacedValues: true })
    if (pairs.size >= pairsMin) return cleaned(pairs)
  }
  return readColons(text)
}

/** What stands before the names that are followed by an equals sign, by the vote of all. */
function separatorOf(text: string): (typeof separators)[number] | undefined {
  const votes = new Map<number, number>()
  let count = 0
  for (let equals = text.indexOf('='); equals >= 0 && count < pairsMax; equals = text.indexOf('=', equals + 1)) {
    let at = equals
    while (at > 0 && equals - at < 64 && isNameCharacter(text.charCodeAt(at - 1))) at--
    if (at === equals) continue
    let code = at === 0 ? -1 : text.charCodeAt(at - 1)
    // `, ` and `; ` are one separator.
    if (code === 0x20) {
      const before = text.charCodeAt(at - 2)
      if (before === 0x2c || before === 0x3b || before === 0x7c) code = before
    }
    votes.set(code, (votes.get(code) ?? 0) + 1)
    count++
  }
  if (count < pairsMin) return undefined
  let best: (typeof separators)[number] = ' '
  let most = 0
  for (const separator of separators) {
    const got = votes.get(separator.charCodeAt(0)) ?? 0
    if (got > most) {
      best = separator
      most = got
    }
  }
  // Of `k=v` inside of quotes or addresses there may be many; the votes must be a good part of all.
  return most * 3 >= count ? best : undefined
}

function isNameCharacter(code: number): boolean {
  return (
    (code >= 48 && code <= 57) ||
    (code >= 65 && code <= 90) ||
    (code >= 97 && code <= 122) ||
    code === 0x5f ||
    code === 0x2d ||
    code === 0x2e
  )
}

function cleaned(pairs: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const clean = new Map<string, string>()
  for (const [name, value] of pairs) {
    const key = name.replace(/^[^A-Za-z\d]+/, '')
    if (key !== '' && key.length <= 64) clean.set(key, unquoted(value))
  }
  return clean
}

function unquoted(text: string): string {
  const first = text.charCodeAt(0)
  const last = text.charCodeAt(text.length - 1)
  return text.length > 1 && first === last && (first === 0x22 || first === 0x27) ? text.slice(1, -1) : text
}

/** `Name: value` parts between commas, semicolons, bars or line ends. */
function readColons(text: string): ReadonlyMap<string, string> | undefined {
  let colons = 0
  for (let at = text.indexOf(':'); at >= 0 && colons < pairsMin; at = text.indexOf(':', at + 1)) colons++
  if (colons < pairsMin) return undefined
  if (text.includes(':"')) {
    // Check Point: `[action:"Accept"; flags:"163872"; …]`
    const quoted = readKeyValues(text.startsWith('[') ? text.slice(1) : text, 0, {
      pair: text.includes('";') ? ';' : ' ',
      equals: ':',
    })
    if (quoted.size >= pairsMin) return cleaned(quoted)
  }
  const separator = ['\n', '|', ';', ','].find((one) => countOf(text, one) >= pairsMin - 1)
  if (separator === undefined) return undefined
  const pairs = new Map<string, string>()
  for (const part of text.split(separator)) {
    const colon = part.indexOf(':')
    if (colon <= 0 || pairs.size >= pairsMax) continue
    const name = part.slice(0, colon).trim()
    if (name.length <= 40 && /^[A-Za-z][\w ./()-]*$/.test(name)) pairs.set(name, unquoted(part.slice(colon + 1).trim()))
  }
  return pairs.size >= pairsMin ? pairs : undefined
}

function countOf(text: string, what: string): number {
  let count = 0
  for (let at = text.indexOf(what); at >= 0 && count < pairsMax; at = text.indexOf(what, at + 1)) count++
  return count
}
