// A necessary condition as clauses of atoms: all clauses hold where the condition does, each by at least one of its atoms.
import type { NecessaryCondition, Scalar } from './expression.ts'
import { equalityShare, existenceShare, isAscii, textShare } from './selectivity.ts'

export type Atom =
  | { kind: 'equals'; field: string; value: Scalar; fold: boolean }
  | { kind: 'text'; field: string; at: 'start' | 'end' | 'anywhere'; text: string }
  | { kind: 'exists'; field: string }

export interface Clause {
  atoms: Atom[]
  /** Estimated share of events that meet it. */
  share: number
}

// A clause of more atoms than this asks too much of the automata for what it rules out.
const atomsMax = 4_000

function share(atom: Atom): number {
  if (atom.kind === 'exists') return existenceShare
  return atom.kind === 'equals' ? equalityShare(atom.field, atom.value) : textShare(atom.text, atom.at !== 'anywhere')
}

/** Of all texts beyond ASCII one thing is asked of a field: whether it has any such character. They count once. */
function clauseOf(atoms: Atom[]): Clause {
  const foreign = new Set<string>()
  let sum = 0
  for (const atom of atoms) {
    if (atom.kind === 'text' && !isAscii(atom.text)) {
      if (foreign.has(atom.field)) continue
      foreign.add(atom.field)
    }
    sum += share(atom)
  }
  return { atoms, share: Math.min(1, sum) }
}

/** Rarest first. Empty where the condition rules nothing out; `undefined` where nothing meets it. */
export function clausesOf(condition: NecessaryCondition): Clause[] | undefined {
  switch (condition.kind) {
    case 'always':
      return []
    case 'never':
      return undefined
    case 'exists':
      return [clauseOf([{ kind: 'exists', field: condition.field }])]
    case 'equals':
      return [
        clauseOf(
          condition.values.map((value) => ({ kind: 'equals', field: condition.field, value, fold: condition.fold })),
        ),
      ]
    case 'literal':
      // The automata fold all letters: a superset for literals that do not.
      return condition.text === ''
        ? []
        : [clauseOf([{ kind: 'text', field: condition.field, at: condition.at, text: condition.text.toLowerCase() }])]
    case 'and':
      return together(condition.of)
    case 'or':
      return either(condition.of)
  }
}

function together(conditions: readonly NecessaryCondition[]): Clause[] | undefined {
  const all: Clause[] = []
  for (const condition of conditions) {
    const clauses = clausesOf(condition)
    if (clauses === undefined) return undefined
    all.push(...clauses)
  }
  return all.sort((a, b) => a.share - b.share)
}

/** One of several: the rarest clause of each, as one. */
function either(conditions: readonly NecessaryCondition[]): Clause[] | undefined {
  const atoms: Atom[] = []
  let possible = false
  for (const condition of conditions) {
    const clauses = clausesOf(condition)
    if (clauses === undefined) continue
    possible = true
    const [best] = clauses
    if (best === undefined || atoms.length + best.atoms.length > atomsMax) return []
    atoms.push(...best.atoms)
  }
  return possible ? [clauseOf(atoms)] : undefined
}
