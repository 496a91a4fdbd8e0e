// The reference interpreter as an evaluator: the oracle of the tests, and what runs the parts we do not compile.
import type jsonata from 'jsonata'
import { type Budget, begin, ticks } from './budget.ts'
import { failureFrom } from './failure.ts'
import { type HelperEnvironment, helpers } from './helpers.ts'
import { guardedNames, guardOf } from './library.ts'

/** A node interpreted takes as long as some steps of compiled code. */
const stepsPerNode = 5

/** The interpreter checks its own limits; functions whose cost is not the size of what they get are checked by ours. */
export function interpreterFor(
  expression: jsonata.Expression,
  environment: HelperEnvironment,
  budget: Budget,
): (input: unknown, bindings?: Record<string, unknown>) => Promise<unknown> {
  for (const helper of helpers) {
    expression.registerFunction(helper.name, (...args) => helper.call(environment, args), helper.signature)
  }
  for (const name of guardedNames) {
    const guarded = guardOf(name)
    expression.registerFunction(name, (...args) => guarded.call(args), guarded.signature)
  }
  // jsonata calls this for each node that it evaluates: the one way to count steps, alike on every machine.
  const enter = Symbol.for('jsonata.__evaluate_entry')
  Reflect.apply(expression.assign, expression, [enter, (): void => ticks(stepsPerNode)])
  return async (input, bindings) => {
    begin(budget)
    try {
      return await expression.evaluate(input, bindings)
    } catch (thrown) {
      throw failureFrom(thrown)
    }
  }
}
