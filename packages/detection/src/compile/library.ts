// The built-in functions as values: jsonata's own where they are plain, ours where its are asynchronous or unbounded.
import jsonata from 'jsonata'
import { checkText, day, ticks } from './budget.ts'
import { type Callable, callable } from './callable.ts'
import { failure } from './failure.ts'
import { type HelperEnvironment, helpers } from './helpers.ts'
import { higherOrder } from './higher-order.ts'
import { quick, type Signature } from './signature.ts'
import { textFunctions } from './text-functions.ts'
import { deepEqual, emptySequence, isArray, isObject, isSequence, type Sequence } from './value.ts'

/** What jsonata gives for a built-in function by name: a table entry, not its evaluator. */
interface Entry {
  implementation: (...args: never[]) => unknown
  signature: Signature
}

function isEntry(value: unknown): value is Entry {
  return isObject(value) && typeof value['implementation'] === 'function' && isObject(value['signature'])
}

export const builtinNames = [
  'sum',
  'count',
  'max',
  'min',
  'average',
  'string',
  'substring',
  'substringBefore',
  'substringAfter',
  'lowercase',
  'uppercase',
  'length',
  'trim',
  'pad',
  'match',
  'contains',
  'replace',
  'split',
  'join',
  'formatNumber',
  'formatBase',
  'formatInteger',
  'parseInteger',
  'number',
  'floor',
  'ceil',
  'round',
  'abs',
  'sqrt',
  'power',
  'random',
  'boolean',
  'not',
  'map',
  'zip',
  'filter',
  'single',
  'reduce',
  'sift',
  'keys',
  'lookup',
  'append',
  'exists',
  'spread',
  'merge',
  'reverse',
  'each',
  'error',
  'assert',
  'type',
  'sort',
  'shuffle',
  'distinct',
  'base64encode',
  'base64decode',
  'encodeUrlComponent',
  'encodeUrl',
  'decodeUrlComponent',
  'decodeUrl',
  'eval',
  'toMillis',
  'fromMillis',
  'clone',
  'now',
  'millis',
] as const // prettier would make this sixty lines

/** No wall clock and no chance in an expression that decides; `$eval` would hide both. */
export const undecidedNames: ReadonlySet<string> = new Set(['now', 'millis', 'random', 'shuffle', 'eval'])

async function entries(): Promise<Map<string, Entry>> {
  const table: unknown = await jsonata(`{${builtinNames.map((name) => `"${name}": $${name}`).join(',')}}`).evaluate(
    null,
  )
  const found = new Map<string, Entry>()
  if (isObject(table)) for (const name of builtinNames) if (isEntry(table[name])) found.set(name, table[name])
  return found
}

const library = await entries()

/** jsonata's plain functions expect this as their `this`. */
const focus = {
  environment: {
    get timestamp(): Date {
      return day()
    },
  },
  createSequence: (...items: unknown[]): Sequence => {
    const sequence = emptySequence()
    if (items.length === 1) sequence.push(items[0])
    return sequence
  },
}

function sizeOf(value: unknown): number {
  if (typeof value === 'string') return value.length >> 4
  return isArray(value) ? value.length : 1
}

/** Argument limits of functions whose cost is not the size of what they get. */
const guards: Record<string, (args: readonly unknown[]) => void> = {
  pad: ([text, width, fill]) => {
    if (typeof text === 'string' && typeof width === 'number')
      checkText(Math.abs(width) * Math.max(1, typeof fill === 'string' ? fill.length : 1))
  },
  join: ([texts, separator]) => {
    if (!isArray(texts)) return
    const separators = typeof separator === 'string' ? separator.length * texts.length : 0
    checkText(texts.reduce<number>((sum, text) => sum + (typeof text === 'string' ? text.length : 0), separators))
  },
  // A picture becomes a regular expression that may backtrack over the text: both stay short, its parts few.
  toMillis: ([text, picture]) => {
    if (typeof text === 'string' && typeof picture === 'string' && (text.length > 64 || picture.split('[').length > 16))
      throw failure('V0004')
  },
  parseInteger: ([text, picture]) => {
    if (typeof text === 'string' && text.length > 1_000) throw failure('V0004')
    if (typeof picture === 'string' && picture.length > 100) throw failure('V0004')
  },
  formatInteger: ([value, picture]) => {
    if (typeof picture === 'string' && picture.length > 100) throw failure('V0004')
    // Roman numerals and letters grow with the number.
    if (typeof value === 'number' && typeof picture === 'string' && /^[iIaA]/.test(picture) && Math.abs(value) > 1e9)
      throw failure('V0004')
  },
  formatNumber: ([, picture]) => {
    if (typeof picture === 'string' && picture.length > 1_000) throw failure('V0004')
  },
  fromMillis: ([, picture]) => {
    if (typeof picture === 'string' && picture.length > 1_000) throw failure('V0004')
  },
}

export const guardedNames: readonly string[] = Object.keys(guards)

function definitionOf(entry: Entry | undefined): string {
  const definition =
    isObject(entry?.signature) && 'definition' in entry.signature ? entry.signature.definition : undefined
  return typeof definition === 'string' ? definition : ''
}

/** jsonata's own function and signature behind our guard, for the interpreter. */
export function guardOf(name: string): { call: (args: readonly unknown[]) => unknown; signature: string } {
  const entry = library.get(name)
  return {
    signature: definitionOf(entry),
    call: (args) => {
      guards[name]?.(args)
      return entry === undefined ? undefined : Reflect.apply(entry.implementation, focus, [...args])
    },
  }
}

function distinct([value]: readonly unknown[]): unknown {
  if (!isArray(value) || value.length <= 1) return value
  const results: Sequence = isSequence(value) ? emptySequence() : []
  const scalars = new Set<unknown>()
  const objects: unknown[] = []
  for (const item of value) {
    if (isObject(item)) {
      ticks(objects.length)
      if (objects.some((known) => deepEqual(known, item))) continue
      objects.push(item)
    } else {
      // NaN equals nothing, itself included.
      if (scalars.has(item) && !Number.isNaN(item)) continue
      scalars.add(item)
    }
    results.push(item)
  }
  return results
}

function own(
  name: string,
): { call: (args: readonly unknown[], context: unknown) => unknown; arity: number } | undefined {
  if (name === 'distinct') return { call: distinct, arity: 1 }
  return textFunctions[name] ?? higherOrder[name]
}

function builtin(name: string, entry: Entry): Callable {
  const ours = own(name)
  const signature = quick(entry.signature, definitionOf(entry))
  if (ours !== undefined) return callable(ours.call, { arity: ours.arity, signature, name })
  const { implementation } = entry
  const guard = guards[name]
  const call = (args: readonly unknown[]): unknown => {
    for (const arg of args) ticks(sizeOf(arg))
    guard?.(args)
    return Reflect.apply(implementation, focus, [...args])
  }
  return callable(call, { arity: implementation.length, signature, name })
}

const builtins = new Map<string, Callable>()
for (const [name, entry] of library) if (name !== 'eval') builtins.set(name, builtin(name, entry))

export function builtinOf(name: string): Callable | undefined {
  return builtins.get(name)
}

const signatures = new Map<string, Signature>()

/** jsonata parses signatures when a lambda carries one: the same parser for the helpers. */
for (const helper of helpers) {
  const parameters = Array.from({ length: helper.arity }, (_, index) => `$p${index}`).join(', ')
  const ast: unknown = jsonata(`function(${parameters})${helper.signature}{0}`).ast()
  if (isObject(ast) && isObject(ast['signature'])) {
    const parsed = ast['signature']
    const { validate } = parsed
    if (typeof validate === 'function') {
      const whole: Signature = {
        validate: (args, context): unknown[] => Reflect.apply(validate, parsed, [args, context]),
      }
      signatures.set(helper.name, quick(whole, helper.signature))
    }
  }
}

const environments = new WeakMap<HelperEnvironment, Map<string, Callable>>()

/** The helpers, bound to what they read. */
export function helpersOf(environment: HelperEnvironment): ReadonlyMap<string, Callable> {
  let table = environments.get(environment)
  if (table === undefined) {
    table = new Map(
      helpers.map((helper) => {
        const call = (args: readonly unknown[]): unknown => {
          for (const arg of args) ticks(sizeOf(arg))
          return helper.call(environment, args)
        }
        return [
          helper.name,
          callable(call, { arity: helper.arity, signature: signatures.get(helper.name), name: helper.name }),
        ]
      }),
    )
    environments.set(environment, table)
  }
  return table
}
