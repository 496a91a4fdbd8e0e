// Stage 2: hits and markers in, alert writes out. A pure function of what it is given: it reads no clock.
import { limits, VardeError } from '@varde/runtime'
import type { Digest, Hit, Marker } from '@varde/schema'
import type { CompiledRule } from '../rules/rule.ts'
import type { RuleSet } from '../rules/rule-set.ts'
import type { AlertWrite } from './alert.ts'
import { createAwaited } from './awaited.ts'
import { createEmission } from './emission.ts'
import { evict, name, take } from './intake.ts'
import type { Owner, RuleState } from './owner.ts'
import { begin, listen, retire, useRules, warmUp } from './rule-change.ts'
import { createSchedule } from './schedule.ts'
import { type LateRange, ownDueTimes, refresh, type State, watermarkOf } from './state.ts'
import type { WindowsOptions } from './windows.ts'

export interface CorrelatorStats {
  windows: number
  entries: number
  /** UTC milliseconds up to which all raw partitions have been heard; undefined until each has sent a marker. */
  watermark: number | undefined
  /** Hits since the start: late ones that no window took in (match rules take them). */
  late: number
  /** Hits of rules that this set does not hold. */
  unknownRule: number
  /** Entries let go because one window held too many, and windows let go because memory did. */
  truncated: number
  evicted: number
  /** By rule id, as far as they hold windows. */
  rules: { rule: string; windows: number; entries: number }[]
}

export interface Correlator {
  /** Takes hits in. They count at the next `advance`. */
  apply(hits: readonly Hit[]): void
  /**
   * Names attempts and moves the watermark, in the order of the `hits` topic; with no markers it tells what the hits
   * alone raise, provisionally. Gives each alert that is new or changed once. Calls must not overlap.
   */
  advance(markers: readonly Marker[]): Promise<AlertWrite[]>
  /**
   * State for rules with the same digest goes on. Rules that are gone go on too, until each partition has sent a marker of
   * the new rule set: batches that were matched before still bring their hits. Gives the rules that are new.
   */
  setRules(ruleSet: RuleSet): CompiledRule[]
  /** Whether each partition has sent a marker of the rule set in force. */
  switched(): boolean
  /** Rules without state: their hits are kept aside until `warmUp` has given them their past, and snapshots leave them out. */
  hold(rules: readonly CompiledRule[]): void
  /**
   * Takes in the past of a rule that is held, then the hits kept aside. Alerts that began before the watermark are
   * known from then on, but not told; what else changed is given. With no past, the rule begins anew.
   */
  warmUp(rule: Digest, past: Hit[]): Promise<AlertWrite[]>
  /** Plain data, true for the hits and markers given so far, to be taken between calls. */
  snapshot(): CorrelatorSnapshot
  stats(): CorrelatorStats
  /** What late hits would have changed: each range once, for `revise`. */
  takeLateRanges(): LateRange[]
}

export interface CorrelatorSnapshot {
  /** 2: windows at rest as one text. What 1 wrote is read. */
  version: 1 | 2
  watermarks: [partition: string, watermark: number][]
  begun: boolean
  rules: [digest: Digest, windows: unknown[]][]
  emission: unknown
}

export interface CorrelatorOptions {
  ruleSet: RuleSet
  /**
   * The raw partitions, as `<stream>.<partition>`, all of which must have sent a marker before the watermark counts.
   * Partitions that a marker names are added.
   */
  partitions: readonly string[]
  /** Taken over: whoever gave it must not keep it. */
  snapshot?: CorrelatorSnapshot
  /** Whether hits of this rule and group come here; asked for absences of listed keys only. */
  owns?: (hit: Pick<Hit, 'rule' | 'group' | 'route'>) => boolean
  entriesMax?: number
  /** Hits count as they come, with no marker to name their attempts: for replays, which read what is sealed. */
  trusted?: boolean
}

/** Throws SNAPSHOT_VERSION where the snapshot was written by another format. */
export function createCorrelator(options: CorrelatorOptions): Correlator {
  const { snapshot } = options
  if (snapshot !== undefined && snapshot.version !== 1 && snapshot.version !== 2) {
    throw new VardeError(
      'SNAPSHOT_VERSION',
      `the correlator's snapshot has version ${String(snapshot.version)}; this Varde reads 1 and 2`,
      { hint: 'Start without the snapshot: the state is rebuilt from the hits.' },
    )
  }
  const state: State = {
    states: new Map(),
    watermarks: new Map(options.partitions.map((partition) => [partition, Number.NEGATIVE_INFINITY])),
    awaited: createAwaited(),
    dirty: new Set(),
    schedule: createSchedule(ownDueTimes),
    texts: new Map(),
    emission: createEmission(),
    begun: false,
    trusted: options.trusted ?? false,
    entries: 0,
    counts: { late: 0, unknownRule: 0, truncated: 0, evicted: 0 },
    lateRanges: new Map(),
    switching: undefined,
    held: new Map(),
  }
  const windowsOptions: WindowsOptions = {
    onTruncated: (count) => {
      state.counts.truncated += count
    },
    ...(options.owns === undefined ? {} : { owns: options.owns }),
  }
  const entriesMax = options.entriesMax ?? limits.correlatorEntriesMax
  let ruleSet = options.ruleSet
  useRules(state, ruleSet, windowsOptions)
  if (snapshot !== undefined) restore(state, ruleSet, snapshot)

  return {
    apply(hits) {
      for (const hit of hits) take(state, hit)
      evict(state, entriesMax)
    },
    async advance(markers) {
      for (const marker of markers) {
        name(state, marker)
        begin(state)
      }
      const watermark = watermarkOf(state)
      for (const owner of state.schedule.take(watermark)) state.dirty.add(owner)
      for (const owner of state.dirty) await refresh(state, owner, watermark)
      state.dirty.clear()
      return state.emission.drain(watermark)
    },
    setRules(next) {
      if (next.digest === ruleSet.digest) return []
      ruleSet = next
      const added = useRules(state, next, windowsOptions)
      retire(state, next)
      if (state.begun) listen(state, added, watermarkOf(state))
      return added.map((one) => one.rule)
    },
    switched: () => state.switching === undefined,
    hold(rules) {
      for (const rule of rules) if (state.states.has(rule.digest)) state.held.set(rule.digest, [])
    },
    warmUp: (digest, past) => warmUp(state, digest, past),
    snapshot: () => ({
      version: 2,
      watermarks: [...state.watermarks].filter(([, watermark]) => Number.isFinite(watermark)),
      begun: state.begun,
      rules: [...state.states]
        .filter(([digest]) => !state.held.has(digest))
        .map(([digest, rule]) => [digest, rule.save()]),
      emission: state.emission.save(),
    }),
    stats: () => ({
      ...state.counts,
      windows: [...state.states.values()].reduce((sum, rule) => sum + rule.size(), 0),
      entries: state.entries,
      watermark: Number.isFinite(watermarkOf(state)) ? watermarkOf(state) : undefined,
      rules: [...state.states.values()].flatMap((one) => sizeOf(one) ?? []),
    }),
    takeLateRanges() {
      const ranges = [...state.lateRanges.values()]
      state.lateRanges.clear()
      return ranges
    },
  }
}

function sizeOf(rule: RuleState): { rule: string; windows: number; entries: number } | undefined {
  const windows = rule.size()
  if (windows === 0) return undefined
  let entries = 0
  for (const owner of rule.owners()) entries += owner.entryCount()
  return { rule: rule.rule.id, windows, entries }
}

function restore(state: State, ruleSet: RuleSet, snapshot: CorrelatorSnapshot): void {
  const saved = snapshot
  state.begun = saved.begun
  for (const [partition, watermark] of saved.watermarks) state.watermarks.set(partition, watermark)
  for (const [digest, rule] of saved.rules) {
    for (const owner of state.states.get(digest)?.load(rule) ?? []) {
      state.entries += owner.entryCount()
      state.dirty.add(owner)
      relink(state, owner)
    }
  }
  state.emission.load(saved.emission, (digest) => ruleSet.byDigest(digest))
}

function relink(state: State, owner: Owner): void {
  const watermark = watermarkOf(state)
  for (const entry of owner.unnamed())
    for (const attempt of entry.attempts ?? []) state.awaited.add(owner, entry, attempt, watermark)
}
