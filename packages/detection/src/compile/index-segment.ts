// An unchanging part of a rule index: atoms of all its rules, found in one walk over an event.
import type { EcsEvent } from '@varde/schema'
import type { Pattern } from './automaton.ts'
import { type Atom, type Clause, clausesOf } from './clauses.ts'
import type { NecessaryCondition } from './expression.ts'
import { createWalk, fieldIn, finish, push, type Question, register, type Walk, walkObject } from './field-walk.ts'
import { isAscii, rarestWindow } from './selectivity.ts'

export interface Segment {
  /** Appends the positions of the rules whose necessary conditions may hold. */
  candidates(event: EcsEvent, into: number[]): void
  readonly states: number
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
