// From JSONata text to something that can be evaluated, with what it reads and what it needs.
import type { EcsEvent } from '@varde/schema'
import { type Budget, begin, ruleBudget } from './budget.ts'
import { compileTree, type GeneratedCode } from './compile-tree.ts'
import type { CompiledExpression, CompileResult } from './expression.ts'
import { failure, failureFrom } from './failure.ts'
import { fieldsOf } from './fields.ts'
import { Unsupported } from './generate.ts'
import { emptyEnvironment, type HelperEnvironment } from './helpers.ts'
import { interpreterFor } from './interpret.ts'
import { undecidedNames } from './library.ts'
import { necessaryOf } from './necessary.ts'
import { compileErrorAt, isNode, type Node, parse } from './parse.ts'
import { checkLinear, RegexRefused } from './regex.ts'
import { isArray, isPlain, sequenceOf } from './value.ts'

export interface CompileOptions {
  /** Lists for the helpers; expressions compiled with another environment decide differently. */
  environment?: HelperEnvironment
  budget?: Budget
  /** For comparisons with the interpreter: what rules may not use ($now, $millis, $random, $shuffle, $eval) is left to it instead of refused. */
  reference?: boolean
  /** Leaves everything to the interpreter: for benches. */
  interpret?: boolean
}

// As long as a rule file allows an expression to be.
const sourceLengthMax = 400_000

/** Refused with a place: text that does not parse, regular expressions that may hang, wall clock and chance. */
export function compileExpression(source: string, options: CompileOptions = {}): CompileResult {
  const { environment = emptyEnvironment, budget = ruleBudget } = options
  if (source.length > sourceLengthMax)
    return refused(source, 'V0021', `the expression is longer than ${sourceLengthMax} characters`, 0)
  const parsed = parse(source, budget)
  if (!parsed.ok) return parsed
  const problem = refusal(source, parsed.ast, options.reference === true)
  if (problem !== undefined) return problem
  const shared = { source, fields: fieldsOf(parsed.ast), necessary: necessaryOf(parsed.ast) }
  if (options.interpret === true || !isCompilable(source, parsed.ast, environment)) {
    return {
      ok: true,
      expression: { ...shared, mode: 'interpreted', evaluate: interpreterFor(parsed.expression, environment, budget) },
    }
  }
  const { evaluate, fast } = evaluators(source, environment, budget)
  const expression: CompiledExpression = { ...shared, mode: 'compiled', evaluate }
  fastEvaluators.set(expression, fast)
  return { ok: true, expression }
}

function refused(source: string, code: string, message: string, position: number): CompileResult {
  return { ok: false, error: compileErrorAt(source, code, message, position) }
}

function refusal(source: string, ast: Node, reference: boolean): CompileResult | undefined {
  // Most rules have neither, and the tree need not be walked.
  if (!reference && /\$(?:now|millis|random|shuffle|eval)\b/.test(source)) {
    const node = findNode(ast, (one) => one.type === 'variable' && undecidedNames.has(String(one.value)))
    if (node !== undefined) {
      const message = `$${String(node.value)} is not allowed in a rule: it would decide differently in a replay`
      return refused(source, 'V0006', message, Math.max(0, Number(node.position ?? 0) - String(node.value).length - 1))
    }
  }
  if (!source.includes('/')) return undefined
  let reason = ''
  const node = findNode(ast, (one) => {
    reason = one.type === 'regex' ? (refusalOf(one.value) ?? '') : ''
    return reason !== ''
  })
  return node === undefined
    ? undefined
    : refused(source, 'V0005', `a regular expression is refused: ${reason}`, regexPosition(node))
}

/** jsonata's position is past the expression and its flags, to which it has added g. */
function regexPosition({ position, value }: Node): number {
  return value instanceof RegExp ? Math.max(0, Number(position ?? 0) - value.source.length - value.flags.length - 1) : 0
}

function refusalOf(pattern: unknown): string | undefined {
  try {
    checkLinear(pattern)
    return undefined
  } catch (error) {
    if (error instanceof RegexRefused) return error.message
    throw error
  }
}

/** Whether the compiler takes it. Only a text with one of these can hold what it leaves to the interpreter: else it need not be tried now. */
function isCompilable(source: string, ast: Node, environment: HelperEnvironment): boolean {
  if (!/[@#%|]|\$eval\b/.test(source)) return true
  try {
    compileTree(ast, { environment, shadowed: new Set(), object: true })
    return true
  } catch (error) {
    if (error instanceof Unsupported || error instanceof RangeError) return false
    throw error
  }
}

function findNode(value: unknown, test: (node: Node) => boolean): Node | undefined {
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return undefined
  if (isNode(value) && test(value)) return value
  for (const child of Array.isArray(value) ? value : Object.values(value)) {
    const found = findNode(child, test)
    if (found !== undefined) return found
  }
  return undefined
}

interface Evaluators {
  evaluate: CompiledExpression['evaluate']
  fast: (event: EcsEvent) => unknown
}

const fastEvaluators = new WeakMap<CompiledExpression, (event: EcsEvent) => unknown>()

/** The way of the rule index: an event that is an object, no bindings, errors as they come. */
export function fastEvaluator(expression: CompiledExpression): (event: EcsEvent) => unknown {
  return fastEvaluators.get(expression) ?? ((event) => expression.evaluate(event))
}

/** The code is made when it is first run, from a fresh parse: most rules of a set never meet an event, and keep no tree. */
function evaluators(source: string, environment: HelperEnvironment, budget: Budget): Evaluators {
  const variants = new Map<string, GeneratedCode>()
  const generate = (shadowed: readonly string[], object: boolean): GeneratedCode => {
    const parsed = parse(source, budget)
    if (!parsed.ok) throw failure(parsed.error.code, undefined, parsed.error.message)
    return compileTree(parsed.ast, { environment, shadowed: new Set(shadowed), object })
  }
  let made: GeneratedCode | undefined
  const objects = (): GeneratedCode => {
    made ??= generate([], true)
    return made
  }
  const variant = (shadowed: readonly string[]): GeneratedCode => {
    const name = shadowed.join(' ')
    const code = variants.get(name) ?? generate(shadowed, false)
    variants.set(name, code)
    return code
  }
  const codeFor = (input: unknown, bindings: Record<string, unknown> | undefined): GeneratedCode => {
    const shadowed = bindings === undefined ? [] : Object.keys(bindings).filter((name) => objects().settled.has(name))
    return shadowed.length > 0 || !isPlain(input) ? variant(shadowed.sort()) : objects()
  }
  const evaluate: CompiledExpression['evaluate'] = (input, bindings) => {
    begin(budget)
    try {
      return codeFor(input, bindings).evaluate(input, wrapped(input), bindings)
    } catch (error) {
      throw failureFrom(error)
    }
  }
  const fast = (event: EcsEvent): unknown => {
    const code = made ?? objects()
    begin(budget)
    return code.evaluate(event, event, undefined)
  }
  return { evaluate, fast }
}

/** An input that is an array counts as one value. */
function wrapped(input: unknown): unknown {
  if (!isArray(input) || input.sequence === true) return input
  const wrapper = sequenceOf(input)
  wrapper.outerWrapper = true
  return wrapper
}
