// What a correlator holds between calls, and what every step on it needs.
import type { Digest, Hit } from '@varde/schema'
import type { Awaited } from './awaited.ts'
import type { Emission } from './emission.ts'
import type { Owner, RuleState } from './owner.ts'
import type { Schedule } from './schedule.ts'

/** A stretch of event time in which late hits of a group came in that no window counted. */
export interface LateRange {
  rule: Digest
  tenant: string
  /** Canonical JSON of the group values. */
  group: string
  from: number
  to: number
  count: number
}

export interface State {
  states: Map<Digest, RuleState>
  watermarks: Map<string, number>
  awaited: Awaited
  dirty: Set<Owner>
  schedule: Schedule<Owner>
  /** One copy of each text that comes again and again. */
  texts: Map<string, string>
  emission: Emission
  begun: boolean
  trusted: boolean
  entries: number
  counts: { late: number; unknownRule: number; truncated: number; evicted: number }
  lateRanges: Map<string, LateRange>
  /** A rule set that not all partitions work by yet, and the rules that are gone once they do. */
  switching: { gone: Set<Digest>; ruleSet: Digest; waits: Set<string> } | undefined
  /** Hits kept aside, by rule. */
  held: Map<Digest, Hit[]>
}

export function watermarkOf(state: State): number {
  let lowest = Number.POSITIVE_INFINITY
  for (const watermark of state.watermarks.values()) lowest = Math.min(lowest, watermark)
  return lowest === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : lowest
}

export async function refresh(state: State, owner: Owner, watermark: number): Promise<void> {
  const before = owner.entryCount()
  state.emission.put(owner, await owner.refresh(watermark))
  state.entries += owner.entryCount() - before
  if (owner.isEmpty()) {
    state.schedule.set(owner, Number.POSITIVE_INFINITY)
    owner.drop()
    return
  }
  state.schedule.set(owner, owner.due())
  owner.rest()
}

export async function refreshDirty(state: State, watermark: number): Promise<void> {
  for (const owner of state.dirty) await refresh(state, owner, watermark)
  state.dirty.clear()
}

export function letGo(state: State, owner: Owner): void {
  state.entries -= owner.entryCount()
  state.schedule.set(owner, Number.POSITIVE_INFINITY)
  state.dirty.delete(owner)
  owner.drop()
}

export const ownDueTimes = {
  get: (owner: Owner): number => owner.dueAt,
  set: (owner: Owner, due: number): void => {
    owner.dueAt = due
  },
  delete: (owner: Owner): void => {
    owner.dueAt = Number.POSITIVE_INFINITY
  },
}
