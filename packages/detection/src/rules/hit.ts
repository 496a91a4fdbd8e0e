// From what stage 1 found to the records that stage 2 reads.
import { hash } from 'node:crypto'
import { type Digest, type EcsEvent, type EventText, eventText, type Hit, type StoredEvent } from '@varde/schema'
import type { CompiledRule } from './rule.ts'
import type { CandidateHit, RuleSet } from './rule-set.ts'

/** SHA-256 of the canonical event: events are ordered by (time, this). */
export function contentDigest(event: EcsEvent, text: EventText = eventText(event)): Digest {
  return hash('sha256', text.bytes.subarray(text.from, text.to), 'hex')
}

/** The time by which an event is windowed: its own, or that of its arrival where it came from the future. */
export function windowTime(stored: Pick<StoredEvent, 'event' | 'arrival' | 'lateness'>): number {
  const own = Date.parse(stored.event['@timestamp'])
  return stored.lateness === 'future' || Number.isNaN(own) ? stored.arrival : own
}

/**
 * The group of a hit, and where suppression joins groups what they have in common: all that may stand for one another
 * must meet in one partition of `hits`.
 */
export function groupOf(rule: CompiledRule, group: string): { group: string; route?: string } {
  const by = rule.suppress?.by
  if (by === undefined || rule.group.every((key) => by.includes(key.name))) return { group }
  const values: unknown = JSON.parse(group)
  const common = Array.isArray(values)
    ? values.filter((_, position) => by.includes(rule.group[position]?.name ?? ''))
    : []
  return { group, route: JSON.stringify(common) }
}

/** Imported history is not late here: who gives it to stage 2 does so by the clock of its events. */
export function hitsOf(stored: StoredEvent, found: readonly CandidateHit[], batch: { attempt: string }): Hit[] {
  if (found.length === 0) return []
  const content = contentDigest(stored.event, stored.text)
  const time = windowTime(stored)
  const { id: eventId, tenant, source } = stored
  const { partition } = stored.home
  const late = stored.lateness === 'late'
  return found.map(({ rule, step, group: own, fields }) => {
    const { group, route } = groupOf(rule, own)
    // Some two for each event: written out, because spreading costs more than all else here.
    const hit: Hit = {
      rule: rule.digest,
      step,
      group,
      eventId,
      time,
      content,
      fields,
      partition,
      attempt: batch.attempt,
      late,
      tenant,
      source,
    }
    if (route !== undefined) hit.route = route
    return hit
  })
}

/** A rule set as ingest wants it: its digest, and the complete hits of a stored event. */
export function matcherOf(ruleSet: RuleSet): {
  ruleSet: Digest
  match(stored: StoredEvent, batch: { attempt: string }): Hit[] | Promise<Hit[]>
} {
  return {
    ruleSet: ruleSet.digest,
    match(stored, batch) {
      const found = ruleSet.match(stored.event)
      return found instanceof Promise
        ? found.then((later) => hitsOf(stored, later, batch))
        : hitsOf(stored, found, batch)
    },
  }
}
