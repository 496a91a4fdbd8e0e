// The hits that rules would have had over a stretch of the past: what windows of a new rule begin with.
import { limits } from '@varde/runtime'
import type { Hit } from '@varde/schema'
import type { Store } from '@varde/store'
import { hitsOf } from '../rules/hit.ts'
import type { CompiledRule } from '../rules/rule.ts'
import { createRuleSet } from '../rules/rule-set.ts'
import { pushDown } from './push-down.ts'

/**
 * Event time in UTC milliseconds, from inclusive, to exclusive. Late events are left out, as live windows do. Beyond
 * `limits.pastHitsMax` the newest are given.
 */
export async function readHits(
  store: Store,
  rules: readonly CompiledRule[],
  { from, to, signal }: { from: number; to: number; signal?: AbortSignal },
): Promise<Hit[]> {
  const ruleSet = createRuleSet(rules.map((rule) => ({ ...rule, enabled: true })))
  const filter = { scope: { tenants: 'all' as const }, query: pushDown(rules), from, to }
  let hits: Hit[] = []
  for await (const batch of store.events.scan(filter, {
    batch: limits.searchPageMax,
    ...(signal === undefined ? {} : { signal }),
  })) {
    for (const stored of batch) {
      if (stored.lateness === 'late') continue
      const found = ruleSet.match(stored.event)
      for (const hit of hitsOf(stored, found instanceof Promise ? await found : found, { attempt: 'past' }))
        hits.push(hit)
    }
    if (hits.length > 2 * limits.pastHitsMax) hits = hits.slice(-limits.pastHitsMax)
  }
  return hits.slice(-limits.pastHitsMax)
}
