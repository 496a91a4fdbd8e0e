// An unchanging part of a rule index: atoms of all its rules, found in one walk over an event.
import type { EcsEvent } from '@varde/schema'
import { type Automaton, createAutomaton, type Pattern } from './automaton.ts'
import { type Atom, type Clause, clausesOf } from './clauses.ts'
import type { NecessaryCondition } from './expression.ts'
import { isAscii, rarestWindow } from './selectivity.ts'
import { isArray, isObject, type Plain } from './value.ts'

export interface Segment {
  /** Appends the positions of the rules whose necessary conditions may hold. */
  candidates(event: EcsEvent, into: number[]): void
  readonly states: number
}

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

interface Walk {
  children: Map<string, Walk>
  field: Field | undefined
  /** What is asked of every member, and of everything below. */
  each: Field | undefined
  below: Field | undefined
  /** The field also asks what its parent asks of each member. */
  hasEach: boolean
}

// Longer windows tell no more apart, and make automata that do not fit the cache.
const windowMax = 10
// Beyond the clause that makes a rule a candidate, these many more are looked at before it is evaluated.
const furtherClausesMax = 3
const furtherShareMax = 0.35
const furtherAtomsMax = 300

interface Building {
  atoms: Map<string, number>
  root: Walk
}

function atomIn(building: Building, atom: Atom): number {
  const asked = questionOf(atom)
  const name = `${atom.field}\n${asked.kind} ${asked.name}`
  const known = building.atoms.get(name)
  if (known !== undefined) return known
  const id = building.atoms.size
  building.atoms.set(name, id)
  register(fieldIn(building.root, atom.field), asked, id)
  return id
}

/** What is really asked of a field: a stretch of a text stands for the text, so that many texts share one question. */
type Question =
  | { kind: 'exists'; name: '' }
  | { kind: 'foreign'; name: '' }
  | { kind: 'exact'; name: string; value: unknown }
  | { kind: 'folded'; name: string; value: string }
  | { kind: 'window'; name: string; text: string; anchor: Pattern['anchor'] }

function questionOf(atom: Atom): Question {
  if (atom.kind === 'exists') return { kind: 'exists', name: '' }
  if (atom.kind === 'equals') {
    if (atom.fold && typeof atom.value === 'string') return { kind: 'folded', name: atom.value, value: atom.value }
    return { kind: 'exact', name: JSON.stringify(atom.value), value: atom.value }
  }
  // A text beyond ASCII is in no field that is all ASCII, and those are most.
  if (!isAscii(atom.text)) return { kind: 'foreign', name: '' }
  const { from, text } = rarestWindow(atom.text, windowMax)
  const after = atom.text.length - from - text.length
  const anchor: Pattern['anchor'] =
    atom.at === 'start'
      ? { kind: 'start', before: from }
      : atom.at === 'end'
        ? { kind: 'end', after }
        : { kind: 'anywhere' }
  return {
    kind: 'window',
    name: `${atom.at} ${atom.at === 'start' ? from : after * Number(atom.at === 'end')} ${text}`,
    text,
    anchor,
  }
}

function fieldIn(root: Walk, path: string): Field {
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

const lengthsMax = 64
const noLengths = new Uint8Array(lengthsMax + 1)

function lengthsOf(values: Iterable<unknown>): Uint8Array {
  const lengths = new Uint8Array(lengthsMax + 1)
  for (const value of values) if (typeof value === 'string') lengths[Math.min(value.length, lengthsMax)] = 1
  return lengths
}

function createWalk(): Walk {
  return { children: new Map(), field: undefined, each: undefined, below: undefined, hasEach: false }
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

function register(field: Field, asked: Question, id: number): void {
  if (asked.kind === 'exists') field.exists.push(id)
  else if (asked.kind === 'foreign') field.foreign.push(id)
  else if (asked.kind === 'window') field.patterns.push({ id, text: asked.text, anchor: asked.anchor })
  else if (asked.kind === 'folded') push(field.folded, asked.value, id)
  else push(field.exact, asked.value, id)
}

function push<K>(map: Map<K, number[]>, key: K, id: number): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [id])
  else list.push(id)
}

interface Plan {
  always: number[]
  /** Atom → rules that it makes candidates. */
  rulesOf: Map<number, number[]>
  /** Rule → further clauses as atoms, all of which must have one that fired. */
  further: (number[][] | undefined)[]
}

function planRules(conditions: readonly NecessaryCondition[], building: Building): Plan {
  const plan: Plan = { always: [], rulesOf: new Map(), further: [] }
  for (const [rule, condition] of conditions.entries()) {
    const clauses = clausesOf(condition)
    if (clauses === undefined) continue
    const [best, ...rest] = clauses
    if (best === undefined) {
      plan.always.push(rule)
      continue
    }
    for (const atom of best.atoms) push(plan.rulesOf, atomIn(building, atom), rule)
    plan.further[rule] = furtherOf(rest, building)
  }
  return plan
}

/** Equalities cost nothing to ask; texts must rule something out. */
function isUseful({ atoms, share }: Clause): boolean {
  if (atoms.length > furtherAtomsMax || share >= 1) return false
  return share <= furtherShareMax || atoms.every((atom) => atom.kind === 'equals')
}

function furtherOf(clauses: readonly Clause[], building: Building): number[][] | undefined {
  const useful = clauses.filter(isUseful).slice(0, furtherClausesMax)
  return useful.length === 0 ? undefined : useful.map((clause) => clause.atoms.map((atom) => atomIn(building, atom)))
}

function finish(walk: Walk): number {
  if (walk.each !== undefined) {
    for (const child of walk.children.values()) {
      // One automaton over the text of a member, not two; a member without one is walked by that of every member.
      child.hasEach = child.field !== undefined && child.field.patterns.length > 0
      if (child.hasEach) child.field = merged(child.field, walk.each)
    }
  }
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

/** A member that rules name is asked what they ask, and what is asked of every member. */
function merged(own: Field | undefined, each: Field): Field {
  const field = own ?? createField()
  field.exists.push(...each.exists)
  field.foreign.push(...each.foreign)
  field.patterns.push(...each.patterns)
  for (const [value, atoms] of each.exact) for (const atom of atoms) push(field.exact, value, atom)
  for (const [value, atoms] of each.folded) for (const atom of atoms) push(field.folded, value, atom)
  return field
}

export function createSegment(conditions: readonly NecessaryCondition[]): Segment {
  const building: Building = { atoms: new Map(), root: createWalk() }
  const plan = planRules(conditions, building)
  const states = finish(building.root)
  const rulesOf = Array.from({ length: building.atoms.size }, (_, atom) => plan.rulesOf.get(atom))
  building.atoms.clear()
  const fired = new Uint32Array(rulesOf.length)
  const found = new Uint32Array(conditions.length)
  let turn = 0
  let candidates: number[] = []
  const fire = (atom: number): void => {
    if (fired[atom] === turn) return
    fired[atom] = turn
    const rules = rulesOf[atom]
    if (rules === undefined) return
    for (const rule of rules) {
      if (found[rule] === turn) continue
      found[rule] = turn
      candidates.push(rule)
    }
  }
  const passes = (rule: number): boolean =>
    plan.further[rule]?.every((clause) => clause.some((atom) => fired[atom] === turn)) ?? true
  const { root } = building
  return {
    states,
    candidates(event, into) {
      turn = nextTurn(turn, fired, found)
      candidates = []
      walkObject(event, root, fire)
      for (const rule of plan.always) into.push(rule)
      for (const rule of candidates) if (passes(rule)) into.push(rule)
    },
  }
}

function nextTurn(turn: number, ...marks: readonly Uint32Array[]): number {
  if (turn < 0xffff_ffff) return turn + 1
  for (const mark of marks) mark.fill(0)
  return 1
}

type Fire = (atom: number) => void

function walkObject(value: Plain, walk: Walk, fire: Fire): void {
  const { children, each } = walk
  for (const key in value) {
    const child = children.get(key)
    if (child !== undefined) walkValue(value[key], child, fire)
    if (each !== undefined && child?.hasEach !== true) meetAll(value[key], each, fire)
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
  fireAll(field.exists, fire)
  const length = Math.min(value.length, lengthsMax)
  if (field.exactLengths[length] === 1) fireAll(field.exact.get(value), fire)
  if (field.foldedLengths[length] === 1 || (field.folded.size > 0 && value.includes('\u0130'))) {
    fireAll(field.folded.get(value.toLowerCase()), fire)
  }
  field.automaton?.run(value, fire)
  if (field.foreign.length > 0 && !isAscii(value)) fireAll(field.foreign, fire)
}
