// From JSONata text to something that can be evaluated, with what it reads and what it needs.
import { type Budget, begin, ruleBudget } from './budget.ts'
import { compileTree, type GeneratedCode } from './compile-tree.ts'
import type { CompiledExpression, CompileResult } from './expression.ts'
import { failureFrom } from './failure.ts'
import { fieldsOf } from './fields.ts'
import { Unsupported } from './generate.ts'
import { emptyEnvironment, type HelperEnvironment } from './helpers.ts'
import { interpreterFor } from './interpret.ts'
import { undecidedNames } from './library.ts'
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
  const shared = { source, fields: fieldsOf(parsed.ast), necessary: { kind: 'always' as const } }
  try {
    const evaluate = compiledEvaluate(parsed.ast, environment, budget)
    return { ok: true, expression: { ...shared, mode: 'compiled', evaluate } }
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

function compiledEvaluate(ast: Node, environment: HelperEnvironment, budget: Budget): CompiledExpression['evaluate'] {
  const none: ReadonlySet<string> = new Set()
  const objects = compileTree(ast, { environment, shadowed: none, object: true })
  let others: GeneratedCode | undefined
  const shadowing = new Map<string, GeneratedCode>()
  const codeFor = (input: unknown, bindings: Record<string, unknown> | undefined): GeneratedCode => {
    if (bindings !== undefined) {
      const shadowed = Object.keys(bindings).filter((name) => objects.settled.has(name))
      if (shadowed.length > 0) {
        const name = shadowed.sort().join(' ')
        const code =
          shadowing.get(name) ?? compileTree(ast, { environment, shadowed: new Set(shadowed), object: false })
        shadowing.set(name, code)
        return code
      }
    }
    if (isPlain(input)) return objects
    others ??= compileTree(ast, { environment, shadowed: none, object: false })
    return others
  }
  return (input, bindings) => {
    begin(budget)
    try {
      const code = codeFor(input, bindings)
      let context = input
      if (isArray(input) && input.sequence !== true) {
        const wrapper = sequenceOf(input)
        wrapper.outerWrapper = true
        context = wrapper
      }
      return code.evaluate(input, context, bindings)
    } catch (error) {
      throw failureFrom(error)
    }
  }
}
