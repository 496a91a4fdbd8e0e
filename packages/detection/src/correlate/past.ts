// What windows and revisions ask of the events that are stored.
import type { Hit } from '@varde/schema'
import type { Store } from '@varde/store'
import { readHits } from '../replay/read-hits.ts'
import { replay } from '../replay/replay.ts'
import type { CompiledRule } from '../rules/rule.ts'
import { createRuleSet } from '../rules/rule-set.ts'
import type { DetectedAlert } from './alert.ts'

export interface Past {
  /** Hits of the rules in [from, to) of event time, UTC milliseconds, without late ones. */
  hits(rules: readonly CompiledRule[], range: { from: number; to: number }): Promise<Hit[]>
  /** Alerts of the rule, late events included. */
  alerts(rule: CompiledRule, range: { from: number; to: number }, signal: AbortSignal): Promise<DetectedAlert[]>
}

/** Read in this thread. */
export function pastOf(store: Store): Past {
  return {
    hits: (rules, range) => readHits(store, rules, range),
    async alerts(rule, range, signal) {
      const ruleSet = createRuleSet([rule])
      return (await replay({ store }, { ruleSet, ...range, includeLate: true, signal })).alerts
    },
  }
}
