// Which windows a type of rule needs.
import type { CompiledRule } from '../rules/rule.ts'
import { createAbsence } from './absence.ts'
import { createFirstSeen } from './first-seen.ts'
import { createMatches } from './matches.ts'
import type { RuleState } from './owner.ts'
import { ratioCondition } from './ratio.ts'
import { sequenceCondition } from './sequence.ts'
import { thresholdCondition } from './threshold.ts'
import { createWalk } from './walk.ts'
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
