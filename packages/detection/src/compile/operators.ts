// Arithmetic, comparison, text, range, sort and group: jsonata's operators with its errors.
import { checkSequence, checkText, tick, ticks } from './budget.ts'
import { failure } from './failure.ts'
import { stringOf } from './stringify.ts'
import { append, collapse, isArray, isNumeric, type Plain, type Sequence, sequenceOf } from './value.ts'

type Arithmetic = '+' | '-' | '*' | '/' | '%'

export function arithmetic(left: unknown, right: unknown, operator: Arithmetic): number | undefined {
  if (left !== undefined && !numeric(left, operator)) throw failure('T2001', operator)
  if (right !== undefined && !numeric(right, operator)) throw failure('T2002', operator)
  if (typeof left !== 'number' || typeof right !== 'number') return undefined
  switch (operator) {
    case '+':
      return left + right
    case '-':
      return left - right
    case '*':
      return left * right
    case '/':
      return left / right
    case '%':
      return left % right
  }
}

function numeric(value: unknown, operator: string): boolean {
  if (value === Infinity || value === -Infinity) throw failure('D1001', operator)
  return isNumeric(value)
}

export function negate(value: unknown): number | undefined {
  if (value === undefined) return undefined
  if (!isNumeric(value)) throw failure('D1002', '-')
  return -value
}

type Comparison = '<' | '<=' | '>' | '>='

export function compare(left: unknown, right: unknown, operator: Comparison): boolean | undefined {
  if (!comparable(left) || !comparable(right)) throw failure('T2010', operator)
  if (left === undefined || right === undefined) return undefined
  if (typeof left === 'number' && typeof right === 'number') return ordered(left, right, operator)
  if (typeof left === 'string' && typeof right === 'string') return ordered(left, right, operator)
  throw failure('T2009', operator)
}

function comparable(value: unknown): value is string | number | undefined {
  return value === undefined || typeof value === 'string' || typeof value === 'number'
}

function ordered<T extends string | number>(left: T, right: T, operator: Comparison): boolean {
  switch (operator) {
    case '<':
      return left < right
    case '<=':
      return left <= right
    case '>':
      return left > right
    case '>=':
      return left >= right
  }
}

/** `in`: strict, and its left side is never spread. */
export function includes(left: unknown, right: unknown): boolean {
  if (left === undefined || right === undefined) return false
  if (!isArray(right)) return left === right
  for (const item of right) {
    tick()
    if (item === left) return true
  }
  return false
}

export function concat(left: unknown, right: unknown): string {
  const first = left === undefined ? '' : (stringOf(left) ?? '')
  const second = right === undefined ? '' : (stringOf(right) ?? '')
  checkText(first.length + second.length)
  return first + second
}

export function range(from: unknown, to: unknown): unknown {
  if (from !== undefined && !Number.isInteger(from)) throw failure('T2003', '..')
  if (to !== undefined && !Number.isInteger(to)) throw failure('T2004', '..')
  if (typeof from !== 'number' || typeof to !== 'number' || from > to) return undefined
  const size = to - from + 1
  if (size > 1e7) throw failure('D2014', '..')
  checkSequence(size)
  const result: Sequence = new Array<unknown>(size)
  for (let index = 0; index < size; index++) result[index] = from + index
  result.sequence = true
  return collapse(result)
}

/** An array constructor: nested constructors stay arrays, everything else is spread. */
export function arrayOf(values: readonly unknown[], nested: readonly boolean[], cons: boolean): Sequence {
  let result: unknown[] = []
  for (let index = 0; index < values.length; index++) {
    const value = values[index]
    if (value === undefined) continue
    if (nested[index] === true || !isArray(value)) result.push(value)
    else if (result.length === 0) result = value.concat()
    else {
      checkSequence(result.length + value.length)
      for (const item of value) result.push(item)
    }
  }
  checkSequence(result.length)
  if (cons) Object.defineProperty(result, 'cons', { enumerable: false, configurable: false, value: true })
  return result
}

export interface Pair {
  key(item: unknown): unknown
  value(items: unknown): unknown
}

/** `{key: value}` over an input: items with the same key are one group. */
export function group(input: unknown, pairs: readonly Pair[]): Plain {
  const items = isArray(input) ? (input.length === 0 ? [undefined] : input) : sequenceOf(input)
  const groups = new Map<string, { data: unknown; pair: number }>()
  for (const item of items) {
    for (let index = 0; index < pairs.length; index++) {
      tick()
      const key = pairs[index]?.key(item)
      if (key === undefined) continue
      if (typeof key !== 'string') throw failure('T1003')
      if (key === '_jsonata_lambda' || key === '_jsonata_function') throw failure('D1013')
      const known = groups.get(key)
      if (known === undefined) groups.set(key, { data: item, pair: index })
      else if (known.pair !== index) throw failure('D1009')
      else known.data = append(known.data, item)
    }
  }
  return groupValues(groups, pairs)
}

function groupValues(groups: ReadonlyMap<string, { data: unknown; pair: number }>, pairs: readonly Pair[]): Plain {
  // Without a prototype, as jsonata makes them: `__proto__` is a key like another.
  const result: Plain = Object.create(null)
  for (const key of orderOfKeys(groups.keys())) {
    const entry = groups.get(key)
    const value = entry === undefined ? undefined : pairs[entry.pair]?.value(entry.data)
    if (value !== undefined) result[key] = value
  }
  return result
}

/** Evaluation follows the order of an object's keys: whole numbers first, then as they came. */
function orderOfKeys(keys: Iterable<string>): string[] {
  const holder: Plain = Object.create(null)
  for (const key of keys) holder[key] = true
  return Object.keys(holder)
}

export interface SortTerm {
  value(item: unknown): unknown
  descending: boolean
}

export function sortBy(input: Sequence | undefined, terms: readonly SortTerm[]): Sequence | undefined {
  if (input === undefined || input.length <= 1) return input
  return mergeSort(input, (left, right) => swaps(left, right, terms))
}

function swaps(left: unknown, right: unknown, terms: readonly SortTerm[]): boolean {
  for (const term of terms) {
    const [a, b] = [term.value(left), term.value(right)]
    if (a === undefined && b === undefined) continue
    if (a === undefined) return true
    if (b === undefined) return false
    const [aType, bType] = [typeof a, typeof b]
    if ((aType !== 'string' && aType !== 'number') || (bType !== 'string' && bType !== 'number'))
      throw failure('T2008', '^')
    if (aType !== bType) throw failure('T2007', '^')
    const order = compare(a, b, '<') === true ? -1 : a === b ? 0 : 1
    if (order !== 0) return (term.descending ? -order : order) === 1
  }
  return false
}

/** jsonata's stable merge sort: `after(a, b)` is true where b comes first. */
export function mergeSort(items: readonly unknown[], after: (left: unknown, right: unknown) => boolean): unknown[] {
  ticks(items.length)
  if (items.length <= 1) return [...items]
  const middle = Math.floor(items.length / 2)
  const left = mergeSort(items.slice(0, middle), after)
  const right = mergeSort(items.slice(middle), after)
  const merged: unknown[] = []
  let [l, r] = [0, 0]
  while (l < left.length && r < right.length) merged.push(after(left[l], right[r]) ? right[r++] : left[l++])
  while (l < left.length) merged.push(left[l++])
  while (r < right.length) merged.push(right[r++])
  return merged
}
