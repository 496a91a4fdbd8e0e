// The steps of a path: names, general steps, filters, wildcards, descendants. Each is jsonata's own, without its promises.
import { checkSequence, tick } from './budget.ts'
import {
  append,
  collapse,
  emptySequence,
  flattenInto,
  isArray,
  isNumeric,
  isObject,
  isPlain,
  isSequence,
  type Sequence,
  sequenceOf,
  truthy,
} from './value.ts'

/** The member of an object, or the members of an array's objects as a sequence. Own members only: no prototype is ever seen. */
export function lookup(input: unknown, name: string): unknown {
  if (!isArray(input)) return isObject(input) && Object.hasOwn(input, name) ? input[name] : undefined
  const result = emptySequence()
  for (const item of input) {
    tick()
    const found = lookup(item, name)
    if (isArray(found)) for (const value of found) result.push(value)
    else if (found !== undefined) result.push(found)
  }
  return result
}

/** A name as an expression of its own. */
export function nameOf(input: unknown, name: string): unknown {
  return collapse(lookup(input, name))
}

/** What the first step of a path goes over. */
export function inputOf(input: unknown): Sequence {
  return isArray(input) ? input : sequenceOf(input)
}

function pushFlat(into: Sequence, value: unknown): void {
  if (!isArray(value) || value.cons === true) into.push(value)
  else for (const item of value) into.push(item)
}

function flatten(results: Sequence, last: boolean): Sequence {
  const only = results[0]
  if (last && results.length === 1 && isArray(only) && !isSequence(only)) return only
  const flat = emptySequence()
  for (const value of results) pushFlat(flat, value)
  checkSequence(flat.length)
  return flat
}

/** No step is made over nothing: what was there remains, as the empty sequence, or as the empty array that the path constructed. */
function nothingOf(input: Sequence | undefined): Sequence | undefined {
  return input === undefined || input.cons === true ? input : emptySequence()
}

export function stepName(input: Sequence | undefined, name: string, last: boolean): Sequence | undefined {
  if (input === undefined || input.length === 0) return nothingOf(input)
  const results = emptySequence()
  for (const item of input) {
    tick()
    const value = nameOf(item, name)
    if (value !== undefined) results.push(value)
  }
  return flatten(results, last)
}

export function step(
  input: Sequence | undefined,
  evaluate: (item: unknown) => unknown,
  last: boolean,
): Sequence | undefined {
  if (input === undefined || input.length === 0) return nothingOf(input)
  const results = emptySequence()
  for (const item of input) {
    tick()
    const value = evaluate(item)
    if (value !== undefined) results.push(value)
  }
  return flatten(results, last)
}

/** Names all the way, as a whole path: the value. */
export function namesOf(input: unknown, names: readonly string[]): unknown {
  let value = input
  for (let position = 0; position < names.length; position++) {
    const name = names[position] ?? ''
    if (isPlain(value)) {
      const member: unknown = Object.hasOwn(value, name) ? value[name] : undefined
      // A sequence inside a built object, or an array on the way: from here on the rules of sequences.
      if (isArray(member) && (isSequence(member) || position < names.length - 1))
        return collapse(sequenceAfter(value, names, position, true))
      value = member
    } else if (isArray(value)) return collapse(sequenceAfter(value, names, position, true))
    else return undefined
  }
  return value
}

/** Names all the way, as a sequence: of a `whole` path, or of the beginning of one. */
export function sequenceOfNames(input: unknown, names: readonly string[], whole: boolean): Sequence | undefined {
  return sequenceAfter(input, names, 0, whole)
}

function sequenceAfter(input: unknown, names: readonly string[], from: number, whole: boolean): Sequence | undefined {
  let sequence: Sequence | undefined = inputOf(input)
  for (let position = from; position < names.length; position++) {
    sequence = stepName(sequence, names[position] ?? '', whole && position === names.length - 1)
  }
  return sequence
}

/** The fast way over plain data from the event: objects down to the last name, whose array is what comes next. */
export function plainSequenceOfNames(input: unknown, names: readonly string[]): Sequence | undefined {
  let value = input
  for (let position = 0; position < names.length; position++) {
    const name = names[position] ?? ''
    if (!isPlain(value)) return sequenceAfter(value, names, position, false)
    value = Object.hasOwn(value, name) ? value[name] : undefined
    if (value === undefined) return undefined
  }
  // Not flattened further: the step after a name goes over the items of its array.
  return isArray(value) ? value : sequenceOf(value)
}

/** `[1]`, `[-1]`: the position is a literal of the expression. */
export function filterIndex(input: unknown, index: number): Sequence {
  const sequence = isArray(input) ? input : sequenceOf(input)
  const whole = Math.floor(index)
  const item = sequence[whole < 0 ? sequence.length + whole : whole]
  if (isArray(item)) return item
  const result = emptySequence()
  if (item !== undefined) result.push(item)
  return result
}

function isArrayOfNumbers(value: unknown): value is number[] {
  return isArray(value) && value.every((item) => isNumeric(item))
}

/** A predicate may give a position, several positions, or a truth. */
export function filter(input: unknown, predicate: (item: unknown) => unknown): Sequence {
  const sequence = isArray(input) ? input : sequenceOf(input)
  const result = emptySequence()
  for (let index = 0; index < sequence.length; index++) {
    tick()
    const item = sequence[index]
    const value = predicate(item)
    if (typeof value === 'boolean') {
      if (value) result.push(item)
    } else if (isNumeric(value)) pushAt(result, [value], index, sequence)
    else if (isArrayOfNumbers(value)) pushAt(result, value, index, sequence)
    else if (truthy(value)) result.push(item)
  }
  return result
}

function pushAt(result: Sequence, positions: readonly number[], index: number, sequence: Sequence): void {
  for (const position of positions) {
    const whole = Math.floor(position)
    if ((whole < 0 ? sequence.length + whole : whole) === index) result.push(sequence[index])
  }
}

/** A predicate that the compiler knows to be a truth. */
export function filterTruth(input: unknown, predicate: (item: unknown) => unknown): Sequence {
  const result = emptySequence()
  if (isArray(input)) {
    for (const item of input) {
      tick()
      if (predicate(item)) result.push(item)
    }
  } else if (predicate(input)) result.push(input)
  return result
}

/** How many of a plain array's items pass: `$count(path[truth])` without building what it counts. */
export function countTruth(input: unknown, predicate: (item: unknown) => unknown): number {
  if (!isArray(input)) return input !== undefined && predicate(input) ? 1 : 0
  let count = 0
  for (const item of input) {
    tick()
    if (predicate(item)) count += isArray(item) ? item.length : 1
  }
  return count
}

export function wildcard(input: unknown): unknown {
  const value = isArray(input) && input.outerWrapper === true && input.length > 0 ? input[0] : input
  let results: Sequence = emptySequence()
  if (!isObject(value)) return results
  for (const key of Object.keys(value)) {
    tick()
    const member = value[key]
    if (isArray(member)) {
      const joined = append(results, flattenInto(member, []))
      // jsonata's append makes a plain array of it: the sequence is no longer one.
      if (isArray(joined)) results = joined
    } else results.push(member)
  }
  return results
}

export function descendants(input: unknown): unknown {
  if (input === undefined) return undefined
  const results = emptySequence()
  descend(input, results)
  return results.length === 1 ? results[0] : results
}

function descend(value: unknown, results: Sequence): void {
  tick()
  if (isArray(value)) {
    for (const item of value) descend(item, results)
    return
  }
  results.push(value)
  if (isObject(value)) for (const key of Object.keys(value)) descend(value[key], results)
}

/** Ends a path that was marked with `[]`. */
export function keepSingleton(sequence: Sequence | undefined): Sequence | undefined {
  let kept = sequence
  if (kept !== undefined && kept.cons === true && kept.sequence !== true) kept = sequenceOf(kept)
  if (kept !== undefined && kept.sequence === true) kept.keepSingleton = true
  return kept
}
