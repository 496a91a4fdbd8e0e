// Compiled code against the reference interpreter, and the index against trying every rule, over random expressions and events.
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { event, expression } from './arbitraries.ts'
import { type Budget, ruleBudget } from './budget.ts'
import { compileExpression } from './compile-expression.ts'
import { type CompiledExpression, ExpressionError } from './expression.ts'
import { emptyEnvironment } from './helpers.ts'
import { interpreterFor } from './interpret.ts'
import { parse } from './parse.ts'
import { createRuleIndex } from './rule-index.ts'
import { isObject } from './value.ts'

// Each run is one expression over several events; some are left to the interpreter, and 130,000 make a million evaluations.
const runs = Number(process.env['VARDE_PROPERTY_RUNS'] ?? (process.env['VARDE_SOAK'] === '1' ? 130_000 : 1_500))
const eventsPerRun = 8
const seed = Number(process.env['VARDE_SEED'] ?? 20_261_124)

/** A machine that stands still for seconds must not look like a difference. */
const patient: Budget = { ...ruleBudget, timeMsMax: 600_000, stepsMax: 1_000_000_000 }

function plain(value: unknown): unknown {
  if (value === undefined) return '<nothing>'
  if (typeof value === 'function' || (isObject(value) && ('_jsonata_function' in value || '_jsonata_lambda' in value)))
    return '<function>'
  if (typeof value === 'number' && !Number.isFinite(value)) return `<${value}>`
  if (Array.isArray(value)) return value.map(plain)
  if (!isObject(value)) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, plain(member)]))
}

/** `changed`: the interpreter wrote into the event, as it does where it groups an empty array; its answer then is about another event. */
async function outcome(
  evaluate: CompiledExpression['evaluate'],
  input: unknown,
): Promise<{ text: string; error: string | undefined; changed: boolean }> {
  const before = JSON.stringify(input)
  const copy = structuredClone(input)
  let [text, error]: [string, string | undefined] = ['', undefined]
  try {
    text = JSON.stringify(plain(await evaluate(copy)))
  } catch (thrown) {
    if (!(thrown instanceof ExpressionError)) throw thrown
    error = thrown.code
  }
  return { text, error, changed: JSON.stringify(copy) !== before }
}

/** jsonata evaluates the parts of constructors at the same time: which of two errors comes first is then not settled. */
function errorsCompare(source: string): boolean {
  return !/[[{]/.test(source)
}

describe('compiled and interpreted', () => {
  test('agree on every random expression over every random event', async () => {
    let evaluations = 0
    let compiledOnes = 0
    const property = fc.asyncProperty(
      expression,
      fc.array(event, { minLength: eventsPerRun, maxLength: eventsPerRun }),
      async (source, events) => {
        const compiled = compileExpression(source, { budget: patient })
        const parsed = parse(source, patient)
        expect(compiled.ok).toBe(parsed.ok)
        if (!compiled.ok || !parsed.ok) return
        if (compiled.expression.mode !== 'compiled') return
        compiledOnes++
        const reference = interpreterFor(parsed.expression, emptyEnvironment, patient)
        for (const one of events) {
          const [ours, theirs] = [await outcome(compiled.expression.evaluate, one), await outcome(reference, one)]
          expect(ours.changed, source).toBe(false)
          if (theirs.changed) continue
          evaluations++
          expect(ours.text, source).toBe(theirs.text)
          if (errorsCompare(source)) expect(ours.error, source).toBe(theirs.error)
          else expect(ours.error === undefined, source).toBe(theirs.error === undefined)
        }
      },
    )
    await fc.assert(property, { seed, numRuns: runs, interruptAfterTimeLimit: 3_600_000 })
    console.info(`differential: ${evaluations} evaluations of ${compiledOnes} expressions, seed ${seed}, no difference`)
    expect(compiledOnes).toBeGreaterThan(runs * 0.9)
  }, 3_600_000)
})

// Found by longer runs.
test.each([
  ['$spread(a.a[(a ~> /und/)])', { a: [0, true] }],
  ['$spread(a.a[true])', { a: [0, true] }],
  ['($x := ($not(0 in a) ? $x : a); (a > 0 ? ($x = "x" ? a : a) : a))', { a: 1 }],
  ['($x := $y; $y := $x; $y = "x")', { a: 1 }],
])('%s', async (source, input) => {
  const [compiled, parsed] = [compileExpression(source, { budget: patient }), parse(source, patient)]
  if (!compiled.ok || !parsed.ok) throw new Error('it does not compile')
  const reference = interpreterFor(parsed.expression, emptyEnvironment, patient)
  expect(await outcome(compiled.expression.evaluate, input)).toEqual(await outcome(reference, input))
})

describe('the rule index', () => {
  test('gives what trying every rule gives, through additions and removals', async () => {
    let matches = 0
    const property = fc.asyncProperty(
      fc.array(expression, { minLength: 5, maxLength: 40 }),
      fc.array(event, { minLength: 10, maxLength: 10 }),
      async (sources, events) => {
        const rules = sources.flatMap((source, key) => {
          const compiled = compileExpression(source)
          return compiled.ok ? [{ key, expression: compiled.expression }] : []
        })
        const half = Math.floor(rules.length / 2)
        let index = createRuleIndex(rules.slice(0, half))
        for (const rule of rules.slice(half)) index = index.next({ add: [rule], remove: [] })
        const removed = rules[0]?.key
        if (removed !== undefined) index = index.next({ add: [], remove: [removed] })
        for (const one of events) {
          const expected: number[] = []
          for (const { key, expression: compiled } of rules) {
            if (key === removed) continue
            const value = await outcome(compiled.evaluate, one)
            if (value.text === 'true') expected.push(key)
          }
          matches += expected.length
          expect(await index.match(one)).toEqual(expected)
        }
      },
    )
    await fc.assert(property, { seed, numRuns: Math.ceil(runs / 10) })
    console.info(`index: ${matches} matches, seed ${seed}, no difference`)
    expect(matches).toBeGreaterThan(100)
  }, 3_600_000)
})
