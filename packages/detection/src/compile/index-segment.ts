// An unchanging part of a rule index: atoms of all its rules, found in one walk over an event.
import type { EcsEvent } from '@varde/schema'
import { type Automaton, createAutomaton, type Pattern } from './automaton.ts'
import { type Atom, atomName, type Clause, clausesOf } from './clauses.ts'
import type { NecessaryCondition } from './expression.ts'
import { rarestWindow } from './selectivity.ts'
import { isArray, isObject, type Plain } from './value.ts'

export interface Segment {
  /** Appends the positions of the rules whose necessary conditions may hold. */
  candidates(event: EcsEvent, into: number[]): void
  readonly states: number
}

/** What is asked of one field. */
interface Field {
  exists: number
  /** Atoms that ask for a text without ASCII: they fire for every text that has such characters. */
  foreign: number[]
  exact: Map<unknown, number[]>
  folded: Map<string, number[]>
  patterns: Pattern[]
  automaton: Automaton | undefined
}

interface Walk {
  children: Map<string, Walk>
  field: Field | undefined
  /** What is asked of every member, and of everything below. */
  each: Field | undefined
  below: Field | undefined
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
  const name = atomName(atom)
  const known = building.atoms.get(name)
  if (known !== undefined) return known
  const id = building.atoms.size
  building.atoms.set(name, id)
  register(fieldIn(building.root, atom.field), atom, id)
  return id
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

function createWalk(): Walk {
  return { children: new Map(), field: undefined, each: undefined, below: undefined }
}

function createField(): Field {
  return { exists: -1, foreign: [], exact: new Map(), folded: new Map(), patterns: [], automaton: undefined }
}

function register(field: Field, atom: Atom, id: number): void {
  if (atom.kind === 'exists') field.exists = id
  else if (atom.kind === 'text') registerText(field, atom, id)
  else if (atom.fold && typeof atom.value === 'string') push(field.folded, atom.value, id)
  else push(field.exact, atom.value, id)
}

function push<K>(map: Map<K, number[]>, key: K, id: number): void {
  const list = map.get(key)
  if (list === undefined) map.set(key, [id])
  else list.push(id)
}

function registerText(field: Field, atom: Extract<Atom, { kind: 'text' }>, id: number): void {
  const window = rarestWindow(atom.text, windowMax)
  if (window === undefined) {
    field.foreign.push(id)
    return
  }
  const after = atom.text.length - window.from - window.text.length
  // Distances count characters of the event's own text; those whose lower case is longer are left unanchored.
  const anchor: Pattern['anchor'] =
    atom.at === 'start'
      ? { kind: 'start', before: window.from }
      : atom.at === 'end'
        ? { kind: 'end', after }
        : { kind: 'anywhere' }
  field.patterns.push({ id, text: window.text, anchor })
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
  let states = 0
  for (const field of [walk.field, walk.each, walk.below]) {
    if (field === undefined || field.patterns.length === 0) continue
    field.automaton = createAutomaton(field.patterns)
    states += field.automaton.states
    field.patterns = []
  }
  for (const child of walk.children.values()) states += finish(child)
  return states
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
      into.push(...plan.always)
      for (const rule of candidates) if (passes(rule)) into.push(rule)
    },
  }
}

function hasForeign(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) > 0x7f) return true
  return false
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
    if (each !== undefined) meetAll(value[key], each, fire)
  }
}

function walkValue(value: unknown, walk: Walk, fire: Fire): void {
  if (isArray(value)) {
    for (const item of value) walkValue(item, walk, fire)
    // An empty array is there, too.
    if (value.length === 0 && walk.field !== undefined && walk.field.exists >= 0) fire(walk.field.exists)
    return
  }
  if (isObject(value)) {
    if (walk.children.size > 0 || walk.each !== undefined) walkObject(value, walk, fire)
    if (walk.below !== undefined) meetBelow(value, walk.below, fire)
  } else if (walk.below !== undefined) meet(value, walk.below, fire)
  if (walk.field !== undefined) meet(value, walk.field, fire)
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
  if (field.exists >= 0) fire(field.exists)
  if (field.exact.size > 0) fireAll(field.exact.get(value), fire)
  if (typeof value !== 'string') return
  if (field.folded.size > 0) fireAll(field.folded.get(value.toLowerCase()), fire)
  field.automaton?.run(value, fire)
  if (field.foreign.length > 0 && hasForeign(value)) fireAll(field.foreign, fire)
}
