// What generated code may call: this table, its constants, and nothing else.
import { applyTo, asArgument, invoke, lambda, partial, tailCall } from './callable.ts'
import { failure } from './failure.ts'
import { arithmetic, arrayOf, compare, concat, group, includes, negate, range, sortBy } from './operators.ts'
import {
  countTruth,
  descendants,
  filter,
  filterIndex,
  filterTruth,
  inputOf,
  keepSingleton,
  lookup,
  namesOf,
  plainSequenceOfNames,
  sequenceOfNames,
  step,
  stepName,
  wildcard,
} from './steps.ts'
import { containsPattern, containsText, countOf, lowercase, uppercase } from './text-functions.ts'
import { transform } from './transform.ts'
import {
  collapse,
  collapseKeeping,
  equal,
  isArray,
  isObject,
  not,
  sequenceOf,
  toBoolean,
  truthy,
  unequal,
} from './value.ts'

/** A variable of a frame that nothing was bound to yet. */
const unbound: unique symbol = Symbol('unbound')

function binding(bindings: Record<string, unknown> | undefined, name: string): unknown {
  return bindings !== undefined && Object.hasOwn(bindings, name) ? bindings[name] : undefined
}

/** `$`: an input that is an array was wrapped on the way in. */
function unwrapped(input: unknown): unknown {
  return isArray(input) && input.outerWrapper === true ? input[0] : input
}

function named(found: unknown, meant: unknown): unknown {
  if (found === undefined && meant) throw failure('T1005')
  return found
}

function namedPartial(found: unknown, meant: unknown): unknown {
  if (found === undefined && meant) throw failure('T1007')
  return found
}

function otherThan(value: unknown, literal: unknown): boolean {
  return value !== undefined && value !== literal
}

const among2 = (value: unknown, a: unknown, b: unknown): boolean => value === a || value === b
const among3 = (value: unknown, a: unknown, b: unknown, c: unknown): boolean =>
  value === a || value === b || value === c
const among4 = (value: unknown, a: unknown, b: unknown, c: unknown, d: unknown): boolean =>
  value === a || value === b || value === c || value === d

export const runtimeTable: Readonly<Record<string, unknown>> = {
  among2,
  among3,
  among4,
  applyTo,
  arithmetic,
  arrayOf,
  asArgument,
  binding,
  collapse,
  collapseKeeping,
  compare,
  concat,
  containsPattern,
  containsText,
  countOf,
  countTruth,
  descendants,
  equal,
  filter,
  filterIndex,
  filterTruth,
  group,
  includes,
  inputOf,
  invoke,
  isObject,
  keepSingleton,
  lambda,
  lookup,
  lowercase,
  named,
  namedPartial,
  namesOf,
  negate,
  not,
  otherThan,
  partial,
  plainSequenceOfNames,
  range,
  sequenceOf,
  sequenceOfNames,
  sortBy,
  step,
  stepName,
  tailCall,
  toBoolean,
  transform,
  truthy,
  unbound,
  unequal,
  unwrapped,
  uppercase,
  wildcard,
}
