// Stage 2: hits and markers in, alert writes out. A pure function of what it is given: it reads no clock.
import { limits, VardeError } from '@varde/runtime'
import type { Digest, Hit, Marker } from '@varde/schema'
import type { RuleSet } from '../rules/rule-set.ts'
import type { AlertWrite } from './alert.ts'
import { type Awaited, createAwaited } from './awaited.ts'
import { createEmission, type Emission } from './emission.ts'
import { entryOf } from './entry.ts'
import type { Owner, RuleState } from './owner.ts'
import { createRuleState } from './rule-state.ts'
import { createSchedule, type Schedule } from './schedule.ts'
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
}

export interface Correlator {
  /** Takes hits in. They count at the next `advance`. */
  apply(hits: readonly Hit[]): void
  /**
   * Names attempts and moves the watermark, in the order of the `hits` topic; with no markers it tells what the hits
   * alone raise, provisionally. Gives each alert that is new or changed once. Calls must not overlap.
   */
  advance(markers: readonly Marker[]): Promise<AlertWrite[]>
  /** State for rules with the same digest goes on; that of rules that are gone is dropped, their alerts stay as they are. */
  setRules(ruleSet: RuleSet): void
  /** Plain data, true for the hits and markers given so far, to be taken between calls. */
  snapshot(): CorrelatorSnapshot
  stats(): CorrelatorStats
  /** Ranges of event time in which late hits came in that no window counted: what a replay with `includeLate` should cover. */
  takeLateRanges(): { rule: Digest; from: number; to: number; count: number }[]
}

export interface CorrelatorSnapshot {
  version: 1
  watermarks: [partition: string, watermark: number][]
  begun: boolean
  rules: [digest: Digest, state: unknown][]
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
  if (snapshot !== undefined && snapshot.version !== 1) {
    throw new VardeError(
      'SNAPSHOT_VERSION',
      `the correlator's snapshot has version ${String(snapshot.version)}; this Varde reads 1`,
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
      ruleSet = next
      const added = useRules(state, next, windowsOptions)
      if (state.begun) listen(state, added, watermarkOf(state))
    },
    snapshot: () => ({
      version: 1,
      watermarks: [...state.watermarks].filter(([, watermark]) => Number.isFinite(watermark)),
      begun: state.begun,
      rules: [...state.states].map(([digest, rule]) => [digest, rule.save()]),
      emission: state.emission.save(),
    }),
    stats: () => ({
      ...state.counts,
      windows: [...state.states.values()].reduce((sum, rule) => sum + rule.size(), 0),
      entries: state.entries,
      watermark: Number.isFinite(watermarkOf(state)) ? watermarkOf(state) : undefined,
    }),
    takeLateRanges() {
      const ranges = [...state.lateRanges].map(([rule, range]) => ({ rule, ...range }))
      state.lateRanges.clear()
      return ranges
    },
  }
}

interface State {
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
  lateRanges: Map<Digest, { from: number; to: number; count: number }>
}

/** Gives the rules that are new. */
function useRules(state: State, ruleSet: RuleSet, options: WindowsOptions): RuleState[] {
  for (const [digest, gone] of state.states) {
    if (ruleSet.byDigest(digest) !== undefined) continue
    for (const owner of gone.owners()) letGo(state, owner)
    state.states.delete(digest)
  }
  const added: RuleState[] = []
  for (const rule of ruleSet.rules) {
    if (state.states.has(rule.digest)) continue
    const own = createRuleState(rule, options)
    state.states.set(rule.digest, own)
    added.push(own)
  }
  return added
}

function letGo(state: State, owner: Owner): void {
  state.entries -= owner.entryCount()
  state.schedule.set(owner, Number.POSITIVE_INFINITY)
  state.dirty.delete(owner)
  owner.drop()
}

function watermarkOf(state: State): number {
  let lowest = Number.POSITIVE_INFINITY
  for (const watermark of state.watermarks.values()) lowest = Math.min(lowest, watermark)
  return lowest === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : lowest
}

function take(state: State, hit: Hit): void {
  const rule = state.states.get(hit.rule)
  if (rule === undefined) {
    state.counts.unknownRule++
    return
  }
  const entry = entryOf(hit, (text) => oneCopy(state.texts, text))
  for (const [name, value] of Object.entries(hit.fields)) {
    if (typeof value === 'string') hit.fields[name] = oneCopy(state.texts, value)
  }
  if (state.trusted) entry.attempts = undefined
  const inserted = rule.insert(entry, hit.group, watermarkOf(state))
  if (inserted.outcome === 'ignored') return
  if (inserted.outcome === 'late') {
    noteLate(state, hit)
    return
  }
  if (inserted.outcome === 'added') state.entries++
  else if (inserted.entry.attempts === undefined) return
  else if (!inserted.entry.attempts.includes(hit.attempt)) inserted.entry.attempts.push(hit.attempt)
  if (!state.trusted) state.awaited.add(inserted.owner, inserted.entry, hit.attempt)
  state.dirty.add(inserted.owner)
}

const ownDueTimes = {
  get: (owner: Owner): number => owner.dueAt,
  set: (owner: Owner, due: number): void => {
    owner.dueAt = due
  },
  delete: (owner: Owner): void => {
    owner.dueAt = Number.POSITIVE_INFINITY
  },
}

/** Beyond this many different texts we begin anew: the pool must not outgrow what it saves. */
const textsMax = 50_000

function oneCopy(texts: Map<string, string>, text: string): string {
  const known = texts.get(text)
  if (known !== undefined) return known
  if (texts.size >= textsMax) texts.clear()
  texts.set(text, text)
  return text
}

function noteLate(state: State, hit: Hit): void {
  state.counts.late++
  const range = state.lateRanges.get(hit.rule) ?? { from: hit.time, to: hit.time, count: 0 }
  state.lateRanges.set(hit.rule, {
    from: Math.min(range.from, hit.time),
    to: Math.max(range.to, hit.time),
    count: range.count + 1,
  })
}

function name(state: State, marker: Marker): void {
  const partition = `${marker.stream}.${marker.partition}`
  const before = state.watermarks.get(partition) ?? Number.NEGATIVE_INFINITY
  const watermark = Math.max(before, marker.watermark)
  state.watermarks.set(partition, watermark)
  for (const owner of state.awaited.name(partition, marker.attempt, watermark)) state.dirty.add(owner)
}

async function refresh(state: State, owner: Owner, watermark: number): Promise<void> {
  const before = owner.entryCount()
  state.emission.put(owner, await owner.refresh(watermark))
  state.entries += owner.entryCount() - before
  if (owner.isEmpty()) {
    state.schedule.set(owner, Number.POSITIVE_INFINITY)
    owner.drop()
  } else state.schedule.set(owner, owner.due())
}

/** At the first watermark, wherever in a batch of markers it stands, the silence of listed keys begins to count. */
function begin(state: State): void {
  if (state.begun) return
  const watermark = watermarkOf(state)
  if (!Number.isFinite(watermark)) return
  state.begun = true
  listen(state, state.states.values(), watermark)
}

function listen(state: State, rules: Iterable<RuleState>, watermark: number): void {
  for (const rule of rules) {
    for (const owner of rule.begin(watermark)) {
      state.entries++
      state.dirty.add(owner)
    }
  }
}

/** Oldest windows first, of the rule that holds most, until a tenth is free. */
function evict(state: State, entriesMax: number): void {
  if (state.entries <= entriesMax) return
  const target = entriesMax * 0.9
  const largest = [...state.states.values()].sort((a, b) => b.size() - a.size())
  for (const rule of largest) {
    for (const owner of rule.owners()) {
      if (state.entries <= target) return
      rule.noteEvicted(owner)
      letGo(state, owner)
      state.counts.evicted++
    }
  }
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
  for (const entry of owner.unnamed())
    for (const attempt of entry.attempts ?? []) state.awaited.add(owner, entry, attempt)
}
