// From JSONata text to something that can be evaluated, with what it reads and what it needs.
import type { CompileResult } from './expression.ts'
import { fieldsOf } from './fields.ts'
import { emptyEnvironment, type HelperEnvironment } from './helpers.ts'
import { interpreterFor } from './interpret.ts'
import { parse } from './parse.ts'

/** `environment` gives the helpers their lists; expressions compiled with another environment decide differently. */
export function compileExpression(source: string, environment: HelperEnvironment = emptyEnvironment): CompileResult {
  const parsed = parse(source)
  if (!parsed.ok) return parsed
  const fields = fieldsOf(parsed.ast)
  const evaluate = interpreterFor(parsed.expression, environment)
  return { ok: true, expression: { source, mode: 'interpreted', evaluate, fields, necessary: { kind: 'always' } } }
}
