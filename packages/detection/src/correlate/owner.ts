// Something that gives alerts: a window of a rule, or one matched content. The correlator refreshes it when it is due.
import type { CompiledRule } from '../rules/rule.ts'
import type { Entry } from './entry.ts'
import type { Episode } from './episode.ts'

export interface Refreshed {
  /** Episodes that hold now, those finished included. */
  standing: Episode[]
  /** Of them, those that nothing can change any more: to be told once more, then forgotten. */
  finished: Episode[]
}

export interface Owner {
  readonly rule: CompiledRule
  readonly tenant: string
  /** Canonical JSON of the group values. */
  readonly key: string
  /** What it told last: alert id → fingerprint. */
  emitted: Map<string, string> | undefined
  /** When the schedule brings it up. */
  dueAt: number
  /** Watermark beyond which it must be refreshed; Infinity where nothing more can happen. */
  due(): number
  refresh(watermark: number): Promise<Refreshed>
  /** True once it holds nothing. */
  isEmpty(): boolean
  entryCount(): number
  /** Time of its newest entry. */
  newest(): number
  /** Entries that wait for a marker to name their attempt. */
  unnamed(): Entry[]
  /** Nothing is asked of it until the next hit or its due time: it may take less room. */
  rest(): void
  /** Lets go of it. */
  drop(): void
  /** True once it was let go: nothing it says counts any more. */
  dropped: boolean
}

/** A rule's owners. */
export interface RuleState {
  readonly rule: CompiledRule
  insert(entry: Entry, key: string, watermark: number): Inserted
  /** The watermark is known for the first time: absences of listed keys count from here. */
  begin(watermark: number): Owner[]
  owners(): Iterable<Owner>
  size(): number
  /** Memory had to let go of this window: those of its rule that open soon after may lack events, and say so. */
  noteEvicted(owner: Owner): void
  save(): unknown[]
  load(saved: unknown): Owner[]
}

export type Inserted =
  | { outcome: 'added'; owner: Owner; entry: Entry }
  /** The same event met the same step before: another attempt, or a delivery twice. */
  | { outcome: 'again'; owner: Owner; entry: Entry }
  /** Late, or behind what has been settled: no window takes it in. */
  | { outcome: 'late' }
  | { outcome: 'ignored' }
