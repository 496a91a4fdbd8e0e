// Episodes of a condition that is true at some events: shared by thresholds, sequences and ratios.
import type { Json } from '@varde/schema'
import type { CompiledRule } from '../rules/rule.ts'
import { compareEntries, type Entry } from './entry.ts'
import {
  addMember,
  copyEpisode,
  type Episode,
  loadEpisode,
  openEpisode,
  type SavedEpisode,
  saveEpisode,
} from './episode.ts'
import type { Evaluator, Window } from './evaluator.ts'

/** Why a condition is true at an event. */
export interface Truth {
  /** The events that make it true, in total order, the last of them the event itself. */
  members(): Entry[]
  baseline?: number
}

/** Sees the entries one by one, in total order, each with those before it. */
export interface Condition<State> {
  at(position: number): Truth | undefined | Promise<Truth | undefined>
  /** What must outlive the entries. */
  state(): State
}

export interface ConditionType<State> {
  withinMs: number
  start(): State
  copy(state: State): State
  /** `from`: the first position that `at` will be asked for; entries before it are there to look back at. */
  open(window: { key: string; entries: readonly Entry[] }, state: State, from: number): Condition<State>
  /** Whether an episode takes in all events of the window that follow, or only those at which the condition is true. */
  takesAll: boolean
  /** Until when the state matters although its window holds no entries; never without it. */
  expires?(state: State): number
  save(state: State): Json
  load(saved: Json): State
}

interface Base<State> {
  state: State
  open: Episode | undefined
  closed: Episode[]
}

export function createWalk<State>(rule: CompiledRule, type: ConditionType<State>): Evaluator<Base<State>> {
  const { withinMs } = type

  async function walk(
    window: Window<Base<State>>,
    base: Base<State>,
    from: number,
    to: number,
    final: boolean,
  ): Promise<void> {
    const condition = type.open(window, base.state, from)
    for (let position = from; position < to; position++) {
      const answer = condition.at(position)
      const truth = answer instanceof Promise ? await answer : answer
      const entry = window.entries[position]
      if (truth === undefined || entry === undefined) continue
      // The first true event for the length of a window is an anchor: a question of what lies two windows back, no more.
      if (base.open !== undefined && entry.time - base.open.lastTrue <= withinMs)
        extend(base.open, window.entries, position)
      else {
        if (base.open !== undefined) base.closed.push(base.open)
        base.open = openEpisode(entry, truth.members(), rule.collect, final)
        if (truth.baseline !== undefined) base.open.baseline = truth.baseline
        if (window.incomplete !== undefined) base.open.incomplete = window.incomplete
      }
      base.open.lastTrue = entry.time
    }
    base.state = condition.state()
  }

  function extend(episode: Episode, entries: readonly Entry[], position: number): void {
    const first = type.takesAll ? firstAfter(entries, position, episode) : position
    for (const further of entries.slice(first, position + 1)) addMember(episode, further, rule.collect)
  }

  return {
    start: () => ({ state: type.start(), open: undefined, closed: [] }),
    isIdle: ({ state, open, closed }) => state === null && open === undefined && closed.length === 0,
    commit: (window, from, to) => walk(window, window.base, from, to, true),
    finish(window, watermark) {
      const { base } = window
      if (base.open !== undefined && watermark > base.open.lastTrue + withinMs) {
        base.closed.push(base.open)
        base.open = undefined
      }
      if (window.entries.length === 0 && type.expires !== undefined && watermark > type.expires(base.state))
        base.state = type.start()
      return base.closed.splice(0)
    },
    async standing(window) {
      const { base, settled, entries } = window
      if (settled === entries.length) return base.open === undefined ? [] : [base.open]
      const preview: Base<State> = {
        state: type.copy(base.state),
        open: base.open === undefined ? undefined : copyEpisode(base.open),
        closed: [],
      }
      await walk(window, preview, settled, entries.length, false)
      return preview.open === undefined ? preview.closed : [...preview.closed, preview.open]
    },
    keepFrom: (_window, watermark) => watermark - withinMs,
    due(window) {
      const unsettled = window.entries[window.settled]?.time ?? Number.POSITIVE_INFINITY
      const closes = window.base.open === undefined ? Number.POSITIVE_INFINITY : window.base.open.lastTrue + withinMs
      const first = window.entries[0]
      const expires =
        first === undefined ? (type.expires?.(window.base.state) ?? Number.NEGATIVE_INFINITY) : first.time + withinMs
      return Math.min(unsettled, closes, expires === Number.NEGATIVE_INFINITY ? Number.POSITIVE_INFINITY : expires)
    },
    save: (base) =>
      JSON.parse(
        JSON.stringify({
          state: type.save(base.state),
          open: base.open === undefined ? null : saveEpisode(base.open),
          closed: base.closed.map(saveEpisode),
        }),
      ),
    load(saved) {
      const { state, open, closed } = parseBase(saved)
      return {
        state: type.load(state),
        open: open === null ? undefined : loadEpisode(open),
        closed: closed.map(loadEpisode),
      }
    },
  }
}

/** Where the events begin that the episode has not taken in yet: those after its latest true event. */
function firstAfter(entries: readonly Entry[], position: number, episode: Episode): number {
  let first = position
  while (first > 0) {
    const before = entries[first - 1]
    if (before === undefined || !isAfter(before, episode)) break
    first--
  }
  return first
}

function isAfter(entry: Entry, episode: Episode): boolean {
  const { last } = episode
  return last === undefined ? entry.time > episode.lastTrue : compareEntries(entry, last) > 0
}

interface SavedBase {
  state: Json
  open: SavedEpisode | null
  closed: SavedEpisode[]
}

/** Snapshots are our own writing, checked by version and digest before they get here. */
function parseBase(saved: unknown): SavedBase {
  return saved as SavedBase
}
