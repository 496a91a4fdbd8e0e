// What each rule has brought: how many alerts, when last, and how people judged them. One pass over the queue.
import type { Verdict } from '@varde/schema'
import type { AlertSummary } from './alert-summary.ts'

const dayMs = 86_400_000

export interface RuleRecord {
  open: number
  total: number
  /** Anchor of the newest alert; 0 where there is none. */
  lastFired: number
  verdicts: Record<Verdict, number>
  /** Start of the day (UTC) → alerts. */
  days: Map<number, number>
}

export function noRecord(): RuleRecord {
  return {
    open: 0,
    total: 0,
    lastFired: 0,
    verdicts: { 'true-positive': 0, benign: 0, 'false-positive': 0, duplicate: 0 },
    days: new Map(),
  }
}

/** Rule id → record. */
export function ruleRecords(alerts: Iterable<AlertSummary>): Map<string, RuleRecord> {
  const records = new Map<string, RuleRecord>()
  for (const alert of alerts) {
    const record = records.get(alert.rule.id) ?? noRecord()
    records.set(alert.rule.id, record)
    record.total += 1
    if (alert.status === 'open') record.open += 1
    if (alert.verdict !== undefined) record.verdicts[alert.verdict] += 1
    record.lastFired = Math.max(record.lastFired, alert.anchor)
    const day = Math.floor(alert.anchor / dayMs) * dayMs
    record.days.set(day, (record.days.get(day) ?? 0) + 1)
  }
  return records
}
