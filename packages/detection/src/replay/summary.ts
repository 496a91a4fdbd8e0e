// What people see of a replay: counts that tell all, and the first alerts of each kind.
import { limits } from '@varde/runtime'
import type { Alert, Json, Severity } from '@varde/schema'
import type { DetectedAlert } from '../correlate/alert.ts'
import type { ReplayDiff } from './diff-alerts.ts'
import type { ReplayOutcome } from './replays.ts'

export interface ReplayedAlert {
  id: string
  /** Its id. */
  rule: string
  title: string
  severity: Severity
  group: Record<string, Json>
  /** UTC milliseconds of the event at which the condition turned true. */
  anchor: number
  window: { from: number; to: number }
  memberCount: number
  /** Of the first members. */
  eventIds: string[]
}

interface Counts {
  added: number
  missing: number
  changed: number
  same: number
}

export interface RuleSummary extends Counts {
  id: string
  name: string
  digest: string
  /** Alerts found a day of the range. */
  perDay: number
}

export interface ReplaySummary extends Counts {
  rules: RuleSummary[]
  /** The first of each, at most `limits.replayAlertsShownMax`. */
  addedAlerts: ReplayedAlert[]
  missingAlerts: ReplayedAlert[]
  changedAlerts: { before: ReplayedAlert; after: ReplayedAlert }[]
  cost: { events: number; hits: number; elapsedMs: number; cpuMs: number }
  readFrom: number
  failures: number
  truncated: number
  raised: number
}

const eventIdsMax = 10

/** Counts of every rule, and as many of the alerts themselves as a page shows. */
export function summaryOf(outcome: ReplayOutcome): ReplaySummary {
  const { rules, events, hits, elapsedMs, cpuMs, readFrom, failures, truncated, raised } = outcome
  const summaries = rules.map(({ rule, diff }) => ({
    id: rule.id,
    name: rule.name,
    digest: rule.digest,
    ...countsOf(diff),
    perDay: diff.perDay,
  }))
  const total = (key: keyof Counts): number => summaries.reduce((sum, one) => sum + one[key], 0)
  const shown = limits.replayAlertsShownMax
  const first = <T extends { anchor: { time: number } }>(alerts: T[]): T[] =>
    alerts.sort((a, b) => a.anchor.time - b.anchor.time).slice(0, shown)
  return {
    added: total('added'),
    missing: total('missing'),
    changed: total('changed'),
    same: total('same'),
    rules: summaries,
    addedAlerts: first(rules.flatMap(({ diff }) => diff.added)).map(shownAlert),
    missingAlerts: first(rules.flatMap(({ diff }) => diff.missing)).map(shownAlert),
    changedAlerts: rules
      .flatMap(({ diff }) => diff.changed)
      .slice(0, shown)
      .map(({ before, after }) => ({ before: shownAlert(before), after: shownAlert(after) })),
    cost: { events, hits, elapsedMs, cpuMs },
    readFrom,
    failures,
    truncated,
    raised,
  }
}

function countsOf({ added, missing, changed, same }: ReplayDiff): Counts {
  return { added: added.length, missing: missing.length, changed: changed.length, same }
}

function shownAlert(alert: Alert | DetectedAlert): ReplayedAlert {
  const { id, rule, title, severity, group, anchor, window, members, memberCount } = alert
  const eventIds = members.slice(0, eventIdsMax).map((member) => member.eventId)
  return { id, rule: rule.id, title, severity, group, anchor: anchor.time, window, memberCount, eventIds }
}
