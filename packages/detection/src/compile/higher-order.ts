// The functions that take functions: jsonata's, without its promises.
import { checkSequence, tick } from './budget.ts'
import { argumentsFor, arityOf, invoke } from './callable.ts'
import { failure } from './failure.ts'
import { mergeSort } from './operators.ts'
import { lookup } from './steps.ts'
import { stringOf } from './stringify.ts'
import { emptySequence, isArray, isNumeric, isObject, type Plain, type Sequence, truthy } from './value.ts'

type Native = { call: (args: readonly unknown[], context: unknown) => unknown; arity: number }

function call(target: unknown, args: readonly unknown[]): unknown {
  tick()
  return invoke(target, args, null, undefined, 1)
}

function map([items, mapper]: readonly unknown[]): unknown {
  if (!isArray(items)) return undefined
  const result = emptySequence()
  for (let index = 0; index < items.length; index++) {
    const value = call(mapper, argumentsFor(mapper, items[index], index, items))
    if (value !== undefined) result.push(value)
  }
  checkSequence(result.length)
  return result
}

function filter([items, test]: readonly unknown[]): unknown {
  if (!isArray(items)) return undefined
  const result = emptySequence()
  for (let index = 0; index < items.length; index++) {
    if (truthy(call(test, argumentsFor(test, items[index], index, items)))) result.push(items[index])
  }
  return result
}

function single([items, test]: readonly unknown[]): unknown {
  if (!isArray(items)) return undefined
  let found: { value: unknown } | undefined
  for (let index = 0; index < items.length; index++) {
    if (test !== undefined && !truthy(call(test, argumentsFor(test, items[index], index, items)))) continue
    if (found !== undefined) throw failure('D3138')
    found = { value: items[index] }
  }
  if (found === undefined) throw failure('D3139')
  return found.value
}

function reduce([items, fold, initial]: readonly unknown[]): unknown {
  if (!isArray(items)) return undefined
  const arity = arityOf(fold)
  if (arity < 2) throw failure('D3050')
  const fromFirst = initial === undefined && items.length > 0
  let result = fromFirst ? items[0] : initial
  for (let index = fromFirst ? 1 : 0; index < items.length; index++) {
    const args = [result, items[index]]
    if (arity >= 3) args.push(index)
    if (arity >= 4) args.push(items)
    result = call(fold, args)
  }
  return result
}

function keysOf(value: unknown): string[] {
  return isObject(value) ? Object.keys(value) : []
}

function each([value, mapper]: readonly unknown[]): unknown {
  const result = emptySequence()
  if (!isObject(value)) return result
  for (const key of keysOf(value)) {
    const mapped = call(mapper, argumentsFor(mapper, value[key], key, value))
    if (mapped !== undefined) result.push(mapped)
  }
  return result
}

function sift([value, test]: readonly unknown[]): unknown {
  const result: Plain = Object.create(null)
  if (!isObject(value)) return undefined
  let any = false
  for (const key of keysOf(value)) {
    if (!truthy(call(test, argumentsFor(test, value[key], key, value)))) continue
    result[key] = value[key]
    any = true
  }
  return any ? result : undefined
}

function sort([items, comparator]: readonly unknown[]): unknown {
  if (!isArray(items)) return undefined
  if (items.length <= 1) return items
  if (comparator !== undefined) return mergeSort(items, (left, right) => truthyJs(call(comparator, [left, right])))
  const texts = items.filter((item) => typeof item === 'string')
  if (texts.length === items.length) return mergeSort(texts, (left, right) => String(left) > String(right))
  const numbers = items.filter((item) => isNumeric(item))
  if (numbers.length === items.length) return mergeSort(numbers, (left, right) => Number(left) > Number(right))
  throw failure('D3070')
}

/** A comparator's answer is taken as JavaScript takes it: an empty array is true. */
function truthyJs(value: unknown): boolean {
  return Boolean(value)
}

function keys([value]: readonly unknown[]): unknown {
  const result = emptySequence()
  const seen = new Set<string>()
  collectKeys(value, seen)
  const holder: Plain = Object.create(null)
  for (const key of seen) holder[key] = true
  for (const key of Object.keys(holder)) result.push(key)
  return result
}

function collectKeys(value: unknown, seen: Set<string>): void {
  tick()
  if (isArray(value)) for (const item of value) collectKeys(item, seen)
  else for (const key of keysOf(value)) seen.add(key)
}

function spread([value]: readonly unknown[]): unknown {
  if (!isObject(value)) return value
  const result = emptySequence()
  const visit = (item: unknown, into: Sequence): void => {
    tick()
    if (isArray(item)) for (const inner of item) visit(inner, into)
    else if (isObject(item)) {
      for (const key of Object.keys(item)) {
        const part: Plain = Object.create(null)
        part[key] = item[key]
        into.push(part)
      }
    } else if (item !== undefined) into.push(item)
  }
  visit(value, result)
  checkSequence(result.length)
  // jsonata appends part by part, which makes a plain array of a sequence; nothing is no part.
  if (isArray(value) && value.some((item) => item !== undefined)) return [...result]
  return result
}

function clone([value]: readonly unknown[]): unknown {
  if (value === undefined) return undefined
  const text = stringOf(value)
  return text === undefined ? undefined : JSON.parse(text)
}

export const higherOrder: Record<string, Native> = {
  map: { call: map, arity: 2 },
  filter: { call: filter, arity: 2 },
  single: { call: single, arity: 2 },
  reduce: { call: reduce, arity: 3 },
  each: { call: each, arity: 2 },
  sift: { call: sift, arity: 2 },
  sort: { call: sort, arity: 2 },
  keys: { call: keys, arity: 1 },
  spread: { call: spread, arity: 1 },
  clone: { call: clone, arity: 1 },
  lookup: { call: ([value, key]) => lookup(value, String(key)), arity: 2 },
  string: { call: ([value, pretty]) => stringOf(value, pretty === true), arity: 1 },
}
