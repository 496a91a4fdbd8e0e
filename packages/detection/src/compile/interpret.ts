// The reference interpreter as an evaluator: the oracle of the tests, and what runs the parts we do not compile.
import type jsonata from 'jsonata'
import { ExpressionError } from './expression.ts'
import { type HelperEnvironment, helpers } from './helpers.ts'

export function interpreterFor(
  expression: jsonata.Expression,
  environment: HelperEnvironment,
): (input: unknown, bindings?: Record<string, unknown>) => Promise<unknown> {
  for (const helper of helpers) {
    expression.registerFunction(helper.name, (...args) => helper.call(environment, args), helper.signature)
  }
  return async (input, bindings) => {
    try {
      return await expression.evaluate(input, bindings)
    } catch (thrown) {
      throw expressionErrorFrom(thrown)
    }
  }
}

export function expressionErrorFrom(thrown: unknown): ExpressionError {
  if (thrown instanceof ExpressionError) return thrown
  if (typeof thrown !== 'object' || thrown === null) return new ExpressionError('V0000', String(thrown))
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : 'V0000'
  const message = 'message' in thrown && typeof thrown.message === 'string' ? thrown.message : code
  const position = 'position' in thrown && typeof thrown.position === 'number' ? thrown.position : undefined
  return new ExpressionError(code, message, position)
}
