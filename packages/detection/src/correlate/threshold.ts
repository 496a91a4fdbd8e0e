// Threshold: at least so many events, or different values, within a sliding window.
import type { CompiledRule, Plan } from '../rules/rule.ts'
import { createSliding } from './sliding.ts'
import type { ConditionType, Truth } from './walk.ts'
import { isTrue, windowInput } from './window-input.ts'

export function thresholdCondition(
  rule: CompiledRule,
  plan: Extract<Plan, { type: 'threshold' }>,
): ConditionType<null> {
  return {
    withinMs: plan.withinMs,
    takesAll: true,
    start: () => null,
    copy: () => null,
    save: () => null,
    load: () => null,
    open({ key, entries }) {
      const sliding = createSliding(entries, plan.withinMs, plan.distinct)
      const { having } = rule
      return {
        state: () => null,
        at(position) {
          sliding.moveTo(position)
          const reached = plan.distinct.length > 0 ? sliding.distinct() : sliding.count()
          if (reached < plan.atLeast) return undefined
          const first = sliding.first()
          const truth: Truth = { members: () => entries.slice(first, position + 1) }
          if (having === undefined) return truth
          const events = truth.members()
          const input = windowInput(rule, {
            group: key,
            events,
            count: sliding.count(),
            distinct: sliding.distinct(),
            from: events[0]?.time ?? 0,
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
