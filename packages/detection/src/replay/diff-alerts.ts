// What a replay found against what is there: by id, and where the rule was edited, by group and time.
import { type Alert, canonicalJson } from '@varde/schema'
import type { DetectedAlert } from '../correlate/alert.ts'

export interface ReplayDiff {
  /** Found, and not there before. */
  added: DetectedAlert[]
  /** There before in the range, and not found. */
  missing: Alert[]
  /** There with other members or another window. */
  changed: { before: Alert; after: DetectedAlert }[]
  same: number
  /** Found per day of the range: what the rule would cost people. */
  perDay: number
}

/** Below an hour a rate a day says nothing. */
const daysMin = 1 / 24

/**
 * Compares what a replay found with the alerts of the same rules and range; retracted ones don't count as there. An edit of
 * a rule gives all its alerts other ids: those of the same rule id and group with the same anchor, or else a window in common, are one.
 */
export function diffAlerts(
  found: readonly DetectedAlert[],
  existing: readonly Alert[],
  range: { from: number; to: number },
): ReplayDiff {
  const there = existing.filter(
    (alert) => alert.finality !== 'retracted' && alert.anchor.time >= range.from && alert.anchor.time < range.to,
  )
  const days = Math.max(daysMin, (range.to - range.from) / 86_400_000)
  const diff: ReplayDiff = { added: [], missing: [], changed: [], same: 0, perDay: found.length / days }
  const before = new Map(there.map((alert) => [alert.id, alert]))
  const byGroup = Map.groupBy(there, subjectOf)
  const pair = (after: DetectedAlert, one: Alert): void => {
    before.delete(one.id)
    if (contentOf(one) === contentOf(after)) diff.same++
    else diff.changed.push({ before: one, after })
  }
  const others: DetectedAlert[] = []
  for (const after of found) {
    const one = before.get(after.id)
    if (one === undefined) others.push(after)
    else pair(after, one)
  }
  for (const isOne of [sameAnchor, overlaps]) {
    for (const after of others.splice(0)) {
      const one = byGroup.get(subjectOf(after))?.find((alert) => before.has(alert.id) && isOne(alert, after))
      if (one === undefined) others.push(after)
      else pair(after, one)
    }
  }
  diff.added = others
  diff.missing = [...before.values()]
  return diff
}

/** Whose alert it is: the rule by its name for people, and the group. */
function subjectOf(alert: Alert | DetectedAlert): string {
  return `${alert.rule.id} ${alert.tenant} ${canonicalJson(alert.group)}`
}

function sameAnchor(a: Alert, b: DetectedAlert): boolean {
  return a.anchor.time === b.anchor.time && a.anchor.content === b.anchor.content
}

function overlaps(a: Alert, b: DetectedAlert): boolean {
  return a.window.from <= b.window.to && b.window.from <= a.window.to
}

/** What two runs over the same input must agree on (DESIGN §3): not event ids, arrivals or proofs. */
export function projectionOf(alert: DetectedAlert | Alert): string {
  return `${alert.id} ${contentOf(alert)}`
}

function contentOf({ group, window, memberCount, members }: DetectedAlert | Alert): string {
  return JSON.stringify([group, window.from, window.to, memberCount, members.map((member) => member.content)])
}
