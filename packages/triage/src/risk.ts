// What the alerts of a user, host or address add up to: many quiet ones of different rules are worth a look.
import type { Severity } from '@varde/schema'
import type { AlertSummary, EntityKind } from './alert-summary.ts'

export interface EntityRisk {
  kind: EntityKind
  value: string
  score: number
  alerts: number
  /** Highest score first. */
  rules: { id: string; name: string; score: number; alerts: number }[]
  /** Anchor of its newest alert, UTC milliseconds. */
  last: number
}

/** Two mediums of different rules weigh more than a high; what a person found harmless weighs nothing. */
const weights: Record<Severity, number> = { info: 1, low: 5, medium: 20, high: 35, critical: 60 }
const kinds = ['user', 'host', 'ip'] as const

/**
 * By anchor in [from, to) of UTC milliseconds, highest score first. Repeats of one rule add less and less (its weight times
 * 1 + log2 of their number), so that a noisy rule does not outweigh several that each saw something.
 */
export function riskOf(
  alerts: Iterable<AlertSummary>,
  { from, to, kind, limit }: { from: number; to: number; kind?: EntityKind; limit: number },
): EntityRisk[] {
  const found = new Map<string, EntityRisk>()
  for (const alert of alerts) {
    if (alert.anchor < from || alert.anchor >= to || isHarmless(alert)) continue
    for (const one of kind === undefined ? kinds : [kind])
      for (const value of new Set(alert.entities[one])) count(found, one, value, alert)
  }
  for (const risk of found.values()) {
    for (const rule of risk.rules) rule.score = Math.round(rule.score * (1 + Math.log2(rule.alerts)))
    risk.rules.sort((a, b) => b.score - a.score || (a.id < b.id ? -1 : 1))
    risk.score = risk.rules.reduce((sum, rule) => sum + rule.score, 0)
  }
  return [...found.values()]
    .sort((a, b) => b.score - a.score || b.last - a.last || (a.value < b.value ? -1 : 1))
    .slice(0, limit)
}

function isHarmless(alert: AlertSummary): boolean {
  return alert.finality === 'retracted' || (alert.verdict !== undefined && alert.verdict !== 'true-positive')
}

function count(found: Map<string, EntityRisk>, kind: EntityKind, value: string, alert: AlertSummary): void {
  const key = `${kind} ${value}`
  const risk = found.get(key) ?? { kind, value, score: 0, alerts: 0, rules: [], last: alert.anchor }
  found.set(key, risk)
  risk.alerts += 1
  risk.last = Math.max(risk.last, alert.anchor)
  let rule = risk.rules.find((one) => one.id === alert.rule.id)
  if (rule === undefined) {
    rule = { id: alert.rule.id, name: alert.rule.name, score: 0, alerts: 0 }
    risk.rules.push(rule)
  }
  rule.alerts += 1
  rule.score = Math.max(rule.score, weights[alert.severity])
}
