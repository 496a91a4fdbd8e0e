// One walk over an event that asks each field what all rules ask of it.
import { type Automaton, createAutomaton, type Pattern } from './automaton.ts'
import { isAscii } from './selectivity.ts'
import { isArray, isObject, type Plain } from './value.ts'

/** What is asked of one field. */
interface Field {
  exists: number[]
  /** Atoms that ask for a text without ASCII: they fire for every text that has such characters. */
  foreign: number[]
  exact: Map<unknown, number[]>
  folded: Map<string, number[]>
  patterns: Pattern[]
  automaton: Automaton | undefined
  /** 1 where some value has this length; the last place stands for all longer ones. */
  exactLengths: Uint8Array
  foldedLengths: Uint8Array
}

export interface Walk {
  children: Map<string, Walk>
  field: Field | undefined
  /** What is asked of every member, and of everything below. */
  each: Field | undefined
  below: Field | undefined
}

const lengthsMax = 64

const noLengths = new Uint8Array(lengthsMax + 1)

function lengthsOf(values: Iterable<unknown>): Uint8Array {
  const lengths = new Uint8Array(lengthsMax + 1)
  for (const value of values) if (typeof value === 'string') lengths[Math.min(value.length, lengthsMax)] = 1
  return lengths
}

export function createWalk(): Walk {
  return { children: new Map(), field: undefined, each: undefined, below: undefined }
}

function createField(): Field {
  return {
    exists: [],
    foreign: [],
    exact: new Map(),
    folded: new Map(),
    patterns: [],
    automaton: undefined,
    exactLengths: noLengths,
    foldedLengths: noLengths,
  }
}

export function fieldIn(root: Walk, path: string): Field {
  let at = root
  for (const name of path.split('.')) {
    if (name === '*') {
      at.each ??= createField()
      return at.each
    }
    if (name === '**') {
      at.below ??= createField()
      return at.below
    }
    let next = at.children.get(name)
    if (next === undefined) {
      next = createWalk()
      at.children.set(name, next)
    }
    at = next
  }
  at.field ??= createField()
  return at.field
}

/** What is really asked of a field: a stretch of a text stands for the text, so that many texts share one question. */
export type Question =
  | { kind: 'exists'; name: '' }
  | { kind: 'foreign'; name: '' }
  | { kind: 'exact'; name: string; value: unknown }
  | { kind: 'folded'; name: string; value: string }
  | { kind: 'window'; name: string; text: string; anchor: Pattern['anchor'] }

export function register(field: Field, asked: Question, id: number): void {
  if (asked.kind === 'exists') field.exists.push(id)
  else if (asked.kind === 'foreign') field.foreign.push(id)
  else if (asked.kind === 'window') field.patterns.push({ id, text: asked.text, anchor: asked.anchor })
  else if (asked.kind === 'folded') push(field.folded, asked.value, id)
  else push(field.exact, asked.value, id)
}

export function push<K>(map: Map<K, number[]>, key: K, id: number): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [id])
  else list.push(id)
}

export function finish(walk: Walk): number {
  let states = 0
  for (const child of walk.children.values()) states += finish(child)
  for (const field of [walk.field, walk.each, walk.below]) {
    if (field === undefined) continue
    field.exactLengths = lengthsOf(field.exact.keys())
    field.foldedLengths = lengthsOf(field.folded.keys())
    if (field.patterns.length === 0) continue
    field.automaton = createAutomaton(field.patterns)
    states += field.automaton.states
    field.patterns = []
  }
  return states
}

export type Fire = (atom: number) => void

export function walkObject(value: Plain, walk: Walk, fire: Fire): void {
  const { children, each } = walk
  for (const key in value) {
    const child = children.get(key)
    if (child !== undefined) walkValue(value[key], child, fire)
    if (each !== undefined) meetAll(value[key], each, fire)
  }
}

function walkValue(value: unknown, walk: Walk, fire: Fire): void {
  const { field } = walk
  if (typeof value === 'string') {
    if (field !== undefined) meetText(value, field, fire)
    if (walk.below !== undefined) meetText(value, walk.below, fire)
    return
  }
  if (isArray(value)) {
    for (const item of value) walkValue(item, walk, fire)
    // An empty array is there, too.
    if (value.length === 0 && field !== undefined) fireAll(field.exists, fire)
    return
  }
  if (isObject(value)) {
    if (walk.children.size > 0 || walk.each !== undefined) walkObject(value, walk, fire)
    if (walk.below !== undefined) meetBelow(value, walk.below, fire)
  } else if (walk.below !== undefined) meet(value, walk.below, fire)
  if (field !== undefined) meet(value, field, fire)
}

function meetAll(value: unknown, field: Field, fire: Fire): void {
  if (isArray(value)) for (const item of value) meetAll(item, field, fire)
  else meet(value, field, fire)
}

function meetBelow(value: unknown, field: Field, fire: Fire): void {
  if (isArray(value)) for (const item of value) meetBelow(item, field, fire)
  else {
    meet(value, field, fire)
    if (isObject(value)) for (const key of Object.keys(value)) meetBelow(value[key], field, fire)
  }
}

function fireAll(atoms: readonly number[] | undefined, fire: Fire): void {
  if (atoms !== undefined) for (const atom of atoms) fire(atom)
}

function meet(value: unknown, field: Field, fire: Fire): void {
  if (typeof value === 'string') {
    meetText(value, field, fire)
    return
  }
  fireAll(field.exists, fire)
  if (field.exact.size > 0) fireAll(field.exact.get(value), fire)
}

/**
 * Lengths are looked at first: a text of another length than every value needs no hash and no lower case. The dotted capital I is the
 * one character whose lower case is longer (Unicode SpecialCasing).
 */
function meetText(value: string, field: Field, fire: Fire): void {
  if (field.exists.length > 0) fireAll(field.exists, fire)
  const length = Math.min(value.length, lengthsMax)
  if (field.exactLengths[length] === 1) fireAll(field.exact.get(value), fire)
  if (field.foldedLengths[length] === 1 || (field.folded.size > 0 && value.includes('\u0130'))) {
    fireAll(field.folded.get(value.toLowerCase()), fire)
  }
  field.automaton?.run(value, fire)
  if (field.foreign.length > 0 && !isAscii(value)) fireAll(field.foreign, fire)
}
