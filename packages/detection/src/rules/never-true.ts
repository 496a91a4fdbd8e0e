// Conditions that contradict themselves: no event can meet them, however it looks.
import { ecsFields } from '@varde/schema'
import type { NecessaryCondition, Scalar } from '../compile/expression.ts'

/** Why no event meets the condition, for a person; undefined where one may. */
export function contradictionIn(condition: NecessaryCondition): string | undefined {
  return impossible(condition, new Map())
}

/** What a field must be one of, by what has been asked of it so far. Texts in lower case: a superset. */
type Wanted = ReadonlyMap<string, readonly Scalar[]>

function impossible(condition: NecessaryCondition, wanted: Wanted): string | undefined {
  if (condition.kind === 'never') return 'nothing can meet it'
  if (condition.kind === 'equals') return clash(condition, wanted)
  if (condition.kind === 'or') {
    const reasons = condition.of.map((one) => impossible(one, wanted))
    return reasons.length > 0 && reasons.every((reason) => reason !== undefined) ? reasons[0] : undefined
  }
  if (condition.kind !== 'and') return undefined
  let known = wanted
  // What is asked directly narrows first, so that alternatives are held against it.
  const parts = [...condition.of].sort((a, b) => Number(b.kind === 'equals') - Number(a.kind === 'equals'))
  for (const part of parts) {
    const reason = impossible(part, known)
    if (reason !== undefined) return reason
    if (part.kind === 'equals') known = narrowed(known, part)
  }
  return undefined
}

type Equals = Extract<NecessaryCondition, { kind: 'equals' }>

function clash({ field, values }: Equals, wanted: Wanted): string | undefined {
  // A list may hold both, and of a path with `*` several fields are meant.
  if (ecsFields.get(field)?.array !== false || field.includes('*')) return undefined
  const before = wanted.get(field)
  if (before === undefined || values.some((value) => before.includes(folded(value)))) return undefined
  return `${field} can't be ${told(values)} and ${told(before)} at once`
}

function narrowed(wanted: Wanted, { field, values }: Equals): Wanted {
  const before = wanted.get(field)
  const own = values.map(folded)
  return new Map(wanted).set(field, before === undefined ? own : own.filter((value) => before.includes(value)))
}

function folded(value: Scalar): Scalar {
  return typeof value === 'string' ? value.toLowerCase() : value
}

function told(values: readonly Scalar[]): string {
  const texts = values.slice(0, 3).map((value) => JSON.stringify(value))
  return values.length > 3 ? `${texts.join(' or ')} or …` : texts.join(' or ')
}
