// JSONata's values in JavaScript: sequences, effective booleans, equality, and the collapse of singletons.
import { checkSequence, tick } from './budget.ts'
import { failure } from './failure.ts'

/** A result sequence is an array that knows it: it collapses where it holds one value, and vanishes where it holds none. */
export interface Sequence extends Array<unknown> {
  sequence?: boolean
  keepSingleton?: boolean
  /** Made by an array constructor that is a step of a path: not flattened. */
  cons?: boolean
  /** Holds an input that is itself an array. */
  outerWrapper?: boolean
}

export type Plain = Record<string, unknown>

export function isArray(value: unknown): value is Sequence {
  return Array.isArray(value)
}

/** An object or array, but no function: functions of JSONata are functions of JavaScript here. */
export function isObject(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null
}

export function isPlain(value: unknown): value is Plain {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function emptySequence(): Sequence {
  const sequence: Sequence = []
  sequence.sequence = true
  return sequence
}

export function sequenceOf(value: unknown): Sequence {
  const sequence: Sequence = [value]
  sequence.sequence = true
  return sequence
}

export function isSequence(value: Sequence): boolean {
  return value.sequence === true
}

/** What every evaluation of a node ends with. */
export function collapse(value: unknown): unknown {
  if (!isArray(value) || value.sequence !== true) return value
  if (value.length === 0) return undefined
  if (value.length === 1) return value.keepSingleton === true ? value : value[0]
  return value
}

export function collapseKeeping(value: unknown): unknown {
  if (isArray(value) && value.sequence === true) value.keepSingleton = true
  return collapse(value)
}

/** jsonata's isNumeric: NaN is no number, infinities are an error. */
export function isNumeric(value: unknown): value is number {
  if (typeof value !== 'number' || Number.isNaN(value)) return false
  if (!Number.isFinite(value)) throw failure('D1001')
  return true
}

/** The effective boolean; undefined counts as false here. */
export function truthy(value: unknown): boolean {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'string':
      return value.length > 0
    case 'number':
      return isNumeric(value) && value !== 0
    case 'object':
      if (value === null) return false
      if (!isArray(value)) return hasKeys(value)
      if (value.length === 1) return truthy(value[0])
      for (const item of value) {
        tick()
        if (truthy(item)) return true
      }
      return false
    default:
      return false
  }
}

function hasKeys(value: object): boolean {
  for (const key in value) if (Object.hasOwn(value, key)) return true
  return false
}

export function toBoolean(value: unknown): boolean | undefined {
  return value === undefined ? undefined : truthy(value)
}

/** `$not`: nothing stays nothing, which is why `$not($contains(missing, "x"))` never fires. */
export function not(value: unknown): boolean | undefined {
  return value === undefined ? undefined : !truthy(value)
}

export function deepEqual(left: unknown, right: unknown): boolean {
  if (left === right) return true
  if (!isObject(left) || !isObject(right)) return false
  tick()
  if (isArray(left) && isArray(right)) {
    return left.length === right.length && left.every((item, position) => deepEqual(item, right[position]))
  }
  const leftKeys = Object.getOwnPropertyNames(left).sort()
  const rightKeys = Object.getOwnPropertyNames(right).sort()
  if (leftKeys.length !== rightKeys.length || leftKeys.some((key, position) => key !== rightKeys[position]))
    return false
  return leftKeys.every((key) => deepEqual(left[key], right[key]))
}

/** `=`; both sides missing are not equal. */
export function equal(left: unknown, right: unknown): boolean {
  return left !== undefined && right !== undefined && deepEqual(left, right)
}

export function unequal(left: unknown, right: unknown): boolean {
  return left !== undefined && right !== undefined && !deepEqual(left, right)
}

/** jsonata's append: nothing disappears, what is no array becomes one. */
export function append(first: unknown, second: unknown): unknown {
  if (first === undefined) return second
  if (second === undefined) return first
  const head = isArray(first) ? first : [first]
  const tail = isArray(second) ? second : [second]
  checkSequence(head.length + tail.length)
  return head.concat(tail)
}

export function flattenInto(value: unknown, flat: unknown[]): unknown[] {
  tick()
  if (isArray(value)) for (const item of value) flattenInto(item, flat)
  else flat.push(value)
  return flat
}
