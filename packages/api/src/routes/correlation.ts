// How the windows stand, and what quiet alerts add up to.
import { limits, VardeError } from '@varde/runtime'
import { riskOf } from '@varde/triage'
import type { ApiDeps } from '../deps.ts'
import { seesHouse } from '../house-view.ts'
import type { Handlers } from '../register.ts'

export function correlationRoutes({ correlation, rules, alerts }: ApiDeps): Handlers<'correlation' | 'risk'> {
  return {
    async correlation({ scope }) {
      // Windows are counted by rule, over all customers.
      if (!seesHouse(scope))
        throw new VardeError('FORBIDDEN', 'the windows are those of every tenant', {
          hint: 'Ask somebody who sees all tenants.',
        })
      const stats = correlation.stats()
      const total = (key: 'windows' | 'entries' | 'late' | 'unknownRule' | 'truncated' | 'evicted'): number =>
        stats.reduce((sum, one) => sum + one[key], 0)
      const watermarks = stats.map((one) => one.watermark).filter((watermark) => watermark !== undefined)
      const byRule = Map.groupBy(
        stats.flatMap((one) => one.rules),
        (one) => one.rule,
      )
      const perRule = [...byRule].map(([id, parts]) => ({
        id,
        windows: parts.reduce((sum, one) => sum + one.windows, 0),
        entries: parts.reduce((sum, one) => sum + one.entries, 0),
      }))
      return {
        ruleSet: rules.current().digest,
        windows: total('windows'),
        entries: total('entries'),
        entriesMax: limits.correlatorEntriesMax * stats.length,
        ...(watermarks.length < stats.length || stats.length === 0 ? {} : { watermark: Math.min(...watermarks) }),
        late: total('late'),
        unknownRule: total('unknownRule'),
        truncated: total('truncated'),
        evicted: total('evicted'),
        revisions: correlation.revisions(),
        rules: perRule.filter((one) => one.windows > 0).sort((a, b) => b.windows - a.windows || (a.id < b.id ? -1 : 1)),
      }
    },
    async risk({ body, scope }) {
      const { from, to, kind, limit } = body
      return { entities: riskOf(alerts.all(scope), { from, to, limit, ...(kind === undefined ? {} : { kind }) }) }
    },
  }
}
