// JSONata text to jsonata's own tree, with errors that name line and column.
import jsonata from 'jsonata'
import type { Budget } from './budget.ts'
import type { CompileError } from './expression.ts'
import { safePattern } from './regex.ts'

/** A node of jsonata's tree. Which members a type has is jsonata's affair (src/parser.js); we read them with guards. */
export interface Node {
  type: string
  value?: unknown
  position?: number
  [member: string]: unknown
}

const interpreterSlowness = 10

/** The interpreter makes its regular expressions with this: the linear form of each. */
const SafeRegExp = new Proxy(RegExp, { construct: (_target, [pattern]) => safePattern(pattern) })

export type ParseResult = { ok: true; ast: Node; expression: jsonata.Expression } | { ok: false; error: CompileError }

export function isNode(value: unknown): value is Node {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    'type' in value &&
    typeof value.type === 'string'
  )
}

/** One-based line and column of a UTF-16 offset. */
export function placeOf(source: string, position: number): { line: number; column: number } {
  const before = source.slice(0, position)
  const line = before.split('\n').length
  return { line, column: position - (before.lastIndexOf('\n') + 1) + 1 }
}

export function compileErrorAt(source: string, code: string, message: string, position: number): CompileError {
  return { code, message, position, ...placeOf(source, position) }
}

function memberOf(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Object.getOwnPropertyDescriptor(value, name)?.value : undefined
}

/** Some bad regexes come out of jsonata's lexer as a raw SyntaxError (detection-engine reference, "Semantic traps"). */
export function errorFrom(source: string, thrown: unknown): CompileError {
  const code = memberOf(thrown, 'code')
  const message = memberOf(thrown, 'message')
  // jsonata's positions point past the token.
  const after = memberOf(thrown, 'position')
  const token = memberOf(thrown, 'token')
  const length = token === '(end)' ? 0 : typeof token === 'string' ? token.length : 1
  const position = typeof after === 'number' ? Math.min(source.length, Math.max(0, after - length)) : 0
  const words = typeof message === 'string' ? message : String(thrown)
  const error = compileErrorAt(source, typeof code === 'string' ? code : 'V0020', words, position)
  return typeof token === 'string' ? { ...error, token } : error
}

/**
 * jsonata 2.2.2 clones the left side of `?:` and `??` through JSON, which loses regular expressions and signatures: its interpreter
 * then matches `[object Object]`, for ever where it replaces. What is lost is taken from the other copy of the same text.
 */
function repairClones(value: unknown): void {
  if (!isTree(value)) return
  if (isNode(value) && value.type === 'condition') {
    const { condition } = value
    restore(condition, value['then'])
    if (isNode(condition) && Array.isArray(condition['arguments'])) restore(condition['arguments'][0], value['then'])
  }
  for (const child of Object.values(value)) repairClones(child)
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !(value instanceof RegExp)
}

function restore(clone: unknown, other: unknown): void {
  // What stands at the end of a function was wrapped as a tail call, in the original only.
  const wrapped = isNode(other) && other['thunk'] === true && !(isNode(clone) && clone['thunk'] === true)
  const original = wrapped ? other['body'] : other
  if (!isTree(clone) || !isTree(original)) return
  if (isNode(clone) && isNode(original)) {
    if (clone.type === 'regex' && original.value instanceof RegExp) clone.value = original.value
    if (clone.type === 'lambda' && original['signature'] !== undefined) clone['signature'] = original['signature']
  }
  for (const [member, child] of Object.entries(clone)) if (member !== 'signature') restore(child, original[member])
}

export function parse(source: string, budget: Budget): ParseResult {
  try {
    const expression = jsonata(source, {
      // Steps end what is endless (see interpret.ts); this net may not catch what a busy machine only slows.
      timeout: budget.timeMsMax * interpreterSlowness,
      stack: budget.depthMax,
      sequence: budget.sequenceMax,
      RegexEngine: SafeRegExp,
    })
    const ast: unknown = expression.ast()
    if (!isNode(ast)) return { ok: false, error: compileErrorAt(source, 'V0020', 'the expression is empty', 0) }
    if (/\?[?:]/.test(source)) repairClones(ast)
    return { ok: true, ast, expression }
  } catch (thrown) {
    if (thrown instanceof RangeError) {
      const message =
        'the expression nests too deeply, or chains too many alternatives: a list and `in` take any number'
      return { ok: false, error: compileErrorAt(source, 'V0003', message, 0) }
    }
    return { ok: false, error: errorFrom(source, thrown) }
  }
}
