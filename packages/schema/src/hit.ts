// What stage 1 hands to stage 2: an event met a rule. Small, because it is re-keyed over `hits` by rule and group.
import type { EventId } from './home.ts'
import type { Json } from './json.ts'
import type { Digest } from './seal.ts'

export interface Hit {
  /** Digest of what decides in the rule: the identity of its windows and alerts. */
  rule: Digest
  /** Name of the step for sequences; empty otherwise. */
  step: string
  /** Canonical JSON of the group values, `[]` where the rule has none. */
  group: string
  /** Where the alerts of several groups may stand for one another: what these have in common, and hits are spread by. */
  route?: string
  eventId: EventId
  /** UTC milliseconds of the event, or of its arrival where it came from the future. */
  time: number
  /** SHA-256 of the canonical event: total order is (time, content). */
  content: Digest
  /** What the rule's windows count and its alerts collect: field path → value. */
  fields: Record<string, Json>
  partition: number
  attempt: string
  late: boolean
  tenant: string
  source: string
}

/** Published to every `hits` partition after the seal: the named attempt's hits are final up to the watermark. */
export interface Marker {
  stream: string
  generation: number
  partition: number
  seq: number
  attempt: string
  ruleSet: Digest
  watermark: number
}
