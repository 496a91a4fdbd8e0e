// $contains, $match, $replace and $split over texts, regular expressions and matcher functions.
import { checkText, tick } from './budget.ts'
import { type Callable, callable, invoke } from './callable.ts'
import { failure } from './failure.ts'
import { emptySequence, isArray, isObject, type Plain } from './value.ts'

type Native = { call: (args: readonly unknown[], context: unknown) => unknown; arity: number }

function matchOf(matcher: unknown, args: readonly unknown[]): Plain | undefined {
  const result = invoke(matcher, args, null, undefined, 1)
  if (!result) return undefined
  if (!isObject(result)) throw failure('T1010')
  const { start, end, groups, next } = result
  if (typeof start !== 'number' && typeof end !== 'number' && !isArray(groups) && typeof next !== 'function')
    throw failure('T1010')
  return result
}

function nextOf(match: Plain): Plain | undefined {
  tick()
  return matchOf(match['next'], [])
}

function contains([text, token]: readonly unknown[]): unknown {
  if (typeof text !== 'string' || token === undefined) return undefined
  return typeof token === 'string' ? text.includes(token) : matchOf(token, [text]) !== undefined
}

function checkLimit(limit: unknown, code: string): number | undefined {
  if (typeof limit !== 'number') return undefined
  if (limit < 0) throw failure(code)
  return limit
}

function match([text, matcher, limited]: readonly unknown[]): unknown {
  if (typeof text !== 'string') return undefined
  const limit = checkLimit(limited, 'D3040')
  const result = emptySequence()
  if (limit !== undefined && limit <= 0) return result
  let found = matchOf(matcher, [text])
  while (found !== undefined && (limit === undefined || result.length < limit)) {
    result.push({ match: found['match'], index: found['start'], groups: found['groups'] })
    found = nextOf(found)
  }
  return result
}

/** `$1` … `$n` of a replacement text; `$$` is a dollar, `$0` the whole match. */
function substitute(replacement: string, match: Plain): string {
  const groups = isArray(match['groups']) ? match['groups'] : []
  let out = ''
  let position = 0
  let at = replacement.indexOf('$')
  while (at !== -1 && position < replacement.length) {
    out += replacement.substring(position, at)
    position = at + 1
    const sign = replacement.charAt(position)
    if (sign === '$' || sign === '0') {
      out += sign === '$' ? '$' : String(match['match'])
      position++
    } else {
      const digitsMax = groups.length === 0 ? 1 : Math.floor(Math.log(groups.length) * Math.LOG10E) + 1
      let index = Number.parseInt(replacement.substring(position, position + digitsMax), 10)
      if (digitsMax > 1 && index > groups.length)
        index = Number.parseInt(replacement.substring(position, position + digitsMax - 1), 10)
      if (Number.isNaN(index)) out += '$'
      else {
        const group = groups[index - 1]
        if (groups.length > 0 && group !== undefined) out += String(group)
        position += index.toString().length
      }
    }
    at = replacement.indexOf('$', position)
  }
  return out + replacement.substring(position)
}

function replacementFor(found: Plain, replacement: unknown): string {
  if (typeof replacement === 'string') return substitute(replacement, found)
  const replaced = invoke(replacement, [found], null, undefined, 1)
  if (typeof replaced !== 'string') throw failure('D3012')
  return replaced
}

function replace([text, pattern, replacement, limited]: readonly unknown[]): unknown {
  if (typeof text !== 'string') return undefined
  if (pattern === '') throw failure('D3010')
  const limit = checkLimit(limited, 'D3011')
  if (limit !== undefined && limit <= 0) return text
  let result = ''
  let position = 0
  let count = 0
  if (typeof pattern === 'string') {
    let at = text.indexOf(pattern)
    while (at !== -1 && (limit === undefined || count < limit)) {
      tick()
      result += text.substring(position, at) + String(replacement)
      checkText(result.length)
      position = at + pattern.length
      count++
      at = text.indexOf(pattern, position)
    }
    return result + text.substring(position)
  }
  let found = matchOf(pattern, [text])
  if (found === undefined) return text
  while (found !== undefined && (limit === undefined || count < limit)) {
    const start = Number(found['start'])
    result += text.substring(position, start) + replacementFor(found, replacement)
    checkText(result.length)
    position = start + String(found['match']).length
    count++
    found = nextOf(found)
  }
  return result + text.substring(position)
}

function split([text, separator, limited]: readonly unknown[]): unknown {
  if (typeof text !== 'string') return undefined
  const limit = checkLimit(limited, 'D3020')
  if (limit !== undefined && limit <= 0) return []
  if (typeof separator === 'string') return text.split(separator, limit)
  let found = matchOf(separator, [text])
  if (found === undefined) return [text]
  const result: unknown[] = []
  let start = 0
  while (found !== undefined && (limit === undefined || result.length < limit)) {
    result.push(text.substring(start, Number(found['start'])))
    start = Number(found['end'])
    found = nextOf(found)
  }
  if (limit === undefined || result.length < limit) result.push(text.substring(start))
  return result
}

/** A regular expression as a function: jsonata's matcher structure. `pattern` carries the flag g. */
export function regexFunction(pattern: RegExp): Callable {
  const at = (text: unknown, from: number): unknown => {
    tick()
    // A missing value becomes the text "undefined", as in jsonata: `missing ~> /und/` matches.
    const subject = String(text)
    pattern.lastIndex = from
    const found = pattern.exec(subject)
    if (found === null) return undefined
    const after = pattern.lastIndex
    const end = found.index + found[0].length
    const next = callable(
      () => {
        if (after >= subject.length) return undefined
        const following = at(text, after)
        if (isObject(following) && following['match'] === '') throw failure('D1004')
        return following
      },
      { arity: 0 },
    )
    return { match: found[0], start: found.index, end, groups: found.slice(1), next }
  }
  return callable(([text, from]) => at(text, typeof from === 'number' ? from : 0), { arity: 2 })
}

export const textFunctions: Record<string, Native> = {
  contains: { call: contains, arity: 2 },
  match: { call: match, arity: 3 },
  replace: { call: replace, arity: 4 },
  split: { call: split, arity: 3 },
}

// ---- The forms that the compiler writes out, with the signature's check inside.

export function lowercase(value: unknown): string | undefined {
  if (typeof value === 'string') return value.toLowerCase()
  if (value === undefined) return undefined
  throw failure('T0410', 'lowercase')
}

export function uppercase(value: unknown): string | undefined {
  if (typeof value === 'string') return value.toUpperCase()
  if (value === undefined) return undefined
  throw failure('T0410', 'uppercase')
}

export function containsText(value: unknown, token: string): boolean | undefined {
  if (typeof value === 'string') return value.includes(token)
  if (value === undefined) return undefined
  throw failure('T0410', 'contains')
}

/** `pattern` is stateless: a regular expression without the flags g and y, or what stands for one. */
export function containsPattern(value: unknown, pattern: { test(text: string): boolean }): boolean | undefined {
  if (typeof value === 'string') return pattern.test(value)
  if (value === undefined) return undefined
  throw failure('T0410', 'contains')
}

export function countOf(value: unknown): number {
  return value === undefined ? 0 : isArray(value) ? value.length : 1
}
