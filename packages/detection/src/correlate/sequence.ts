// Sequence: steps in order, each with its count, by one key within a span.
import type { CompiledRule, Plan } from '../rules/rule.ts'
import type { Entry } from './entry.ts'
import { createSliding } from './sliding.ts'
import type { ConditionType, Truth } from './walk.ts'
import { isTrue, windowInput } from './window-input.ts'

type SequencePlan = Extract<Plan, { type: 'sequence' }>

export function sequenceCondition(rule: CompiledRule, plan: SequencePlan): ConditionType<null> {
  const lastStep = plan.steps.at(-1)?.name
  return {
    withinMs: plan.withinMs,
    // What comes after the sequence was complete belongs to it only where it completes it again.
    takesAll: false,
    start: () => null,
    copy: () => null,
    save: () => null,
    load: () => null,
    open({ key, entries }) {
      const sliding = createSliding(entries, plan.withinMs, [])
      const { having } = rule
      return {
        state: () => null,
        at(position) {
          if (entries[position]?.step !== lastStep) return undefined
          sliding.moveTo(position)
          const members = witness(plan, entries, sliding.first(), position)
          if (members === undefined) return undefined
          const truth: Truth = { members: () => members }
          if (having === undefined) return truth
          const input = windowInput(rule, {
            group: key,
            events: members,
            count: members.length,
            from: members[0]?.time ?? 0,
            to: entries[position]?.time ?? 0,
          })
          const verdict = isTrue(() => having.evaluate(input))
          if (verdict instanceof Promise) return verdict.then((holds) => (holds ? truth : undefined))
          return verdict === true ? truth : undefined
        },
      }
    },
  }
}

/**
 * The events between `first` and `last` that take part in some way to complete the steps at `last`; undefined where
 * there is no way. Steps complete as early as they can going forward and begin as late as they can going back: an
 * event of a step takes part where it lies between the two.
 */
function witness(plan: SequencePlan, entries: readonly Entry[], first: number, last: number): Entry[] | undefined {
  const { steps } = plan
  const ends = forward(plan, entries, first, last)
  if (ends === undefined) return undefined
  const begins = backward(plan, entries, first, last)
  const members: Entry[] = []
  for (let position = first; position <= last; position++) {
    const entry = entries[position]
    if (entry === undefined) continue
    const step = steps.findIndex((one) => one.name === entry.step)
    const after = step === 0 ? first - 1 : (ends[step - 1] ?? last)
    const before = step === steps.length - 1 ? last + 1 : (begins[step + 1] ?? last)
    if (step >= 0 && position > after && position < before) members.push(entry)
  }
  return members
}

/** For each step but the last, the position at which it is complete, going forward. */
function forward(plan: SequencePlan, entries: readonly Entry[], first: number, last: number): number[] | undefined {
  const ends: number[] = []
  let step = 0
  let count = 0
  let completedBy = ''
  for (let position = first; position <= last; position++) {
    const entry = entries[position]
    const wanted = plan.steps[step]
    // One event is no two steps, even where it meets both conditions.
    if (entry === undefined || wanted === undefined || entry.step !== wanted.name || entry.eventId === completedBy)
      continue
    count++
    if (count < wanted.atLeast) continue
    if (step === plan.steps.length - 1) return ends
    ends.push(position)
    step++
    count = 0
    completedBy = entry.eventId
  }
  return undefined
}

/** For each step, the position at which it begins when everything is as late as it can be. */
function backward(plan: SequencePlan, entries: readonly Entry[], first: number, last: number): number[] {
  const begins: number[] = []
  let position = last
  for (let step = plan.steps.length - 1; step >= 0; step--) {
    const wanted = plan.steps[step]
    let count = 0
    for (; position >= first && wanted !== undefined && count < wanted.atLeast; position--) {
      if (entries[position]?.step === wanted.name) count++
    }
    begins[step] = position + 1
  }
  return begins
}
