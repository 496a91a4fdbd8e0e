// Which windows a type of rule needs.
import type { CompiledRule } from '../rules/rule.ts'
import { createAbsence } from './absence.ts'
import type { Entry } from './entry.ts'
import { createFirstSeen } from './first-seen.ts'
import { createMatches } from './matches.ts'
import type { RuleState } from './owner.ts'
import { ratioCondition } from './ratio.ts'
import { sequenceCondition } from './sequence.ts'
import { thresholdCondition } from './threshold.ts'
import { type ConditionType, createWalk, type Truth } from './walk.ts'
import { createWindows, type WindowsOptions } from './windows.ts'

export function createRuleState(rule: CompiledRule, options: WindowsOptions): RuleState {
  const { plan } = rule
  switch (plan.type) {
    case 'match':
      return createMatches(rule)
    case 'threshold':
      return createWindows(rule, createWalk(rule, thresholdCondition(rule, plan)), options)
    case 'sequence':
      return createWindows(rule, createWalk(rule, sequenceCondition(rule, plan)), options)
    case 'ratio':
      return createWindows(rule, createWalk(rule, ratioCondition(rule, plan)), options)
    case 'firstSeen':
      return createWindows(rule, createFirstSeen(rule, plan), options)
    case 'absence':
      return createWindows(rule, createAbsence(rule, plan), options)
  }
}

/** The condition of a rule that counts, asked position by position from 0; undefined for other types. */
export function conditionOf(
  rule: CompiledRule,
  window: { key: string; entries: readonly Entry[] },
): ((position: number) => Truth | undefined | Promise<Truth | undefined>) | undefined {
  const { plan } = rule
  if (plan.type === 'threshold') return openAt(thresholdCondition(rule, plan), window)
  if (plan.type === 'sequence') return openAt(sequenceCondition(rule, plan), window)
  if (plan.type === 'ratio') return openAt(ratioCondition(rule, plan), window)
  return undefined
}

function openAt<State>(type: ConditionType<State>, window: { key: string; entries: readonly Entry[] }) {
  const condition = type.open(window, type.start(), 0)
  return (position: number) => condition.at(position)
}
