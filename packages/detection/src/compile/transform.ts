// `| pattern | update, delete |`: a function that gives a changed copy.
import { tick } from './budget.ts'
import { type Callable, callable } from './callable.ts'
import { failure } from './failure.ts'
import { builtinOf } from './library.ts'
import { isArray, isObject, isPlain } from './value.ts'

type Evaluate = (input: unknown) => unknown

export function transform(pattern: Evaluate, update: Evaluate, remove: Evaluate | undefined): Callable {
  const clone = builtinOf('clone')
  const signature = clone?.jsonata.signature
  const change = ([value]: readonly unknown[]): unknown => {
    if (value === undefined || clone === undefined) return undefined
    const result = clone([value], null)
    const matched = pattern(result)
    if (matched === undefined) return result
    for (const match of isArray(matched) ? matched : [matched]) {
      tick()
      updateMatch(match, update(match))
      if (remove !== undefined) removeFrom(match, remove(match))
    }
    return result
  }
  return callable(change, { arity: 1, signature })
}

function updateMatch(match: unknown, update: unknown): void {
  if (update === undefined) return
  if (!isPlain(update)) throw failure('T2011')
  if (isObject(match)) for (const key of Object.keys(update)) define(match, key, update[key])
}

/** Never by assignment: `__proto__` is a key like another. */
function define(target: object, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true })
}

function removeFrom(match: unknown, removal: unknown): void {
  if (removal === undefined) return
  for (const key of isArray(removal) ? removal : [removal]) {
    if (typeof key !== 'string') throw failure('T2012')
    if (isObject(match)) delete match[key]
  }
}
