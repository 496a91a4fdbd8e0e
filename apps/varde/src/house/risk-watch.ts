// Persons, hosts and addresses whose live alerts of a day add up, over several tactics.
import { attackEntry } from '@varde/schema'
import { type AlertSummary, riskOf } from '@varde/triage'
import type { HouseEvent } from './house-event.ts'

const dayMs = 24 * 60 * 60_000
const entitiesMax = 200
/** Below this a sum is not worth telling; above it, it is told anew at each further step. */
const scoreStep = 50
/** An alert of events far older than its raising is of imported history, or of a backfill: a finding, but no risk of today. */
const liveMs = 15 * 60_000

export interface RiskWatch {
  /** `alerts`: all there are. Entities whose sum rose by a step since the last look. */
  look(alerts: Iterable<AlertSummary>, now: number): HouseEvent[]
}

/** The sum itself must not add to the sum. */
const isOwn = ({ rule }: AlertSummary) => rule.id.startsWith('in-02-')

export function createRiskWatch(): RiskWatch {
  let told = new Map<string, number>()
  return {
    look(alerts, now) {
      const live = [...alerts].filter((one) => one.raisedAt - one.window.to < liveMs && !isOwn(one))
      const attackOf = new Map(live.map(({ rule }) => [rule.id, rule.attack]))
      const found: HouseEvent[] = []
      const next = new Map<string, number>()
      for (const risk of riskOf(live, { from: now - dayMs, to: now + dayMs, limit: entitiesMax })) {
        const step = Math.floor(risk.score / scoreStep)
        if (step < 1) continue
        const key = `${risk.kind}/${risk.value}`
        next.set(key, step)
        if (step <= (told.get(key) ?? 0)) continue
        const tactics = new Set(
          risk.rules.flatMap(({ id }) => (attackOf.get(id) ?? []).flatMap((one) => attackEntry(one)?.tactics ?? [])),
        )
        found.push({
          key: `entity-risk/${key}/${step}/${risk.last}`,
          at: risk.last,
          action: 'entity-risk',
          message: `the alerts of ${risk.kind} ${risk.value} add up to ${risk.score}`,
          fields: {
            varde: {
              risk: {
                kind: risk.kind,
                value: risk.value,
                score: risk.score,
                alerts: risk.alerts,
                rules: risk.rules.map(({ id }) => id),
                tactics: [...tactics].sort(),
              },
            },
          },
        })
      }
      told = next
      return found
    },
  }
}
