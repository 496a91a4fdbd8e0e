// From JSONata text to something that can be evaluated, with what it reads and what it needs.
import type { EcsEvent } from '@varde/schema'
import { type Budget, begin, ruleBudget } from './budget.ts'
import { compileTree, type GeneratedCode } from './compile-tree.ts'
import type { CompiledExpression, CompileResult } from './expression.ts'
import { failureFrom } from './failure.ts'
import { fieldsOf } from './fields.ts'
import { Unsupported } from './generate.ts'
import { emptyEnvironment, type HelperEnvironment } from './helpers.ts'
import { interpreterFor } from './interpret.ts'
import { undecidedNames } from './library.ts'
import { necessaryOf } from './necessary.ts'
import { compileErrorAt, isNode, type Node, parse } from './parse.ts'
import { RegexRefused } from './regex.ts'
import { isArray, isPlain, sequenceOf } from './value.ts'

export interface CompileOptions {
  /** Lists for the helpers; expressions compiled with another environment decide differently. */
  environment?: HelperEnvironment
  budget?: Budget
  /** For comparisons with the interpreter: what rules may not use ($now, $millis, $random, $shuffle, $eval) is left to it instead of refused. */
  reference?: boolean
}

/** Refused with a place: text that does not parse, regular expressions that may hang, wall clock and chance. */
export function compileExpression(source: string, options: CompileOptions = {}): CompileResult {
  const { environment = emptyEnvironment, budget = ruleBudget } = options
  const parsed = parse(source, budget)
  if (!parsed.ok) return parsed
  const undecided = options.reference === true ? undefined : findVariable(parsed.ast, undecidedNames)
  if (undecided !== undefined) {
    const message = `$${String(undecided.value)} is not allowed in a rule: it would decide differently in a replay`
    return {
      ok: false,
      error: compileErrorAt(
        source,
        'V0006',
        message,
        Math.max(0, Number(undecided.position ?? 0) - String(undecided.value).length - 1),
      ),
    }
  }
  const shared = { source, fields: fieldsOf(parsed.ast), necessary: necessaryOf(parsed.ast) }
  try {
    const { evaluate, fast } = evaluators(parsed.ast, environment, budget)
    const expression: CompiledExpression = { ...shared, mode: 'compiled', evaluate }
    fastEvaluators.set(expression, fast)
    return { ok: true, expression }
  } catch (error) {
    if (error instanceof RegexRefused)
      return {
        ok: false,
        error: compileErrorAt(source, 'V0005', `a regular expression is refused: ${error.message}`, 0),
      }
    if (!(error instanceof Unsupported) && !(error instanceof RangeError)) throw error
    return {
      ok: true,
      expression: { ...shared, mode: 'interpreted', evaluate: interpreterFor(parsed.expression, environment) },
    }
  }
}

function findVariable(value: unknown, names: ReadonlySet<string>): Node | undefined {
  if (typeof value !== 'object' || value === null || value instanceof RegExp) return undefined
  if (isNode(value) && value.type === 'variable' && typeof value.value === 'string' && names.has(value.value))
    return value
  for (const child of Object.values(value)) {
    const found = findVariable(child, names)
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

function evaluators(ast: Node, environment: HelperEnvironment, budget: Budget): Evaluators {
  const none: ReadonlySet<string> = new Set()
  const objects = compileTree(ast, { environment, shadowed: none, object: true })
  const variants = new Map<string, GeneratedCode>()
  const variant = (shadowed: readonly string[]): GeneratedCode => {
    const name = shadowed.join(' ')
    let code = variants.get(name)
    if (code === undefined) {
      code = compileTree(ast, { environment, shadowed: new Set(shadowed), object: false })
      variants.set(name, code)
    }
    return code
  }
  const codeFor = (input: unknown, bindings: Record<string, unknown> | undefined): GeneratedCode => {
    const shadowed = bindings === undefined ? [] : Object.keys(bindings).filter((name) => objects.settled.has(name))
    return shadowed.length > 0 || !isPlain(input) ? variant(shadowed.sort()) : objects
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
    begin(budget)
    return objects.evaluate(event, event, undefined)
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
