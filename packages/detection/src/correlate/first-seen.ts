// First seen: a value that its group has not shown for a long time, in a group that has been watched long enough.
import { canonicalJson, type Json } from '@varde/schema'
import type { CompiledRule, Plan } from '../rules/rule.ts'
import type { Entry } from './entry.ts'
import { type Episode, openEpisode } from './episode.ts'
import type { Evaluator, Window } from './evaluator.ts'
import { isTrue, windowInput } from './window-input.ts'

type FirstSeenPlan = Extract<Plan, { type: 'firstSeen' }>

interface Base {
  /** Canonical text of the value → when it was last seen. */
  last: Map<string, number>
  /** Stretches of time in which the group was active. */
  active: Set<number>
  found: Episode[]
  /** Event time of the last sweep of values that are forgotten anyhow. */
  sweptAt: number
}

export function createFirstSeen(rule: CompiledRule, plan: FirstSeenPlan): Evaluator<Base> {
  const lookBackMs = plan.learnMs + plan.forgetMs
  // Activity is kept by the stretch: 128 of them tell "long enough ago" to within one per cent.
  const stretchMs = Math.max(1, Math.floor(lookBackMs / 128))
  const stretchOf = (time: number): number => Math.floor(time / stretchMs)

  function isKnown(active: (stretch: number) => boolean, time: number): boolean {
    const oldest = stretchOf(time - lookBackMs)
    for (let stretch = stretchOf(time - plan.learnMs); stretch >= oldest; stretch--) if (active(stretch)) return true
    return false
  }

  /** True, with the group known, no such value for long enough, and `having`. */
  function isNew(
    window: Window<Base>,
    entry: Entry,
    lastSeen: number | undefined,
    active: (stretch: number) => boolean,
  ): boolean | Promise<boolean> {
    if (lastSeen !== undefined && entry.time - lastSeen < plan.forgetMs) return false
    if (!isKnown(active, entry.time)) return false
    const { having } = rule
    if (having === undefined) return true
    const input = windowInput(rule, {
      group: window.key,
      events: [entry],
      count: 1,
      distinct: 1,
      from: entry.time,
      to: entry.time,
    })
    return isTrue(() => having.evaluate(input))
  }

  async function commit(window: Window<Base>, from: number, to: number): Promise<void> {
    const { base } = window
    for (const entry of window.entries.slice(from, to)) {
      for (const value of valuesOf(entry, plan.value)) {
        const verdict = isNew(window, entry, base.last.get(value), (stretch) => base.active.has(stretch))
        const holds = verdict instanceof Promise ? await verdict : verdict
        if (holds === true) base.found.push(openEpisode(entry, [entry], rule.collect, true))
        base.last.set(value, entry.time)
      }
      base.active.add(stretchOf(entry.time))
    }
  }

  function sweep(base: Base, watermark: number): void {
    if (watermark - base.sweptAt < plan.forgetMs / 16) return
    base.sweptAt = watermark
    for (const [value, time] of base.last) if (watermark - time > plan.forgetMs) base.last.delete(value)
    const oldest = stretchOf(watermark - lookBackMs)
    for (const stretch of base.active) if (stretch < oldest) base.active.delete(stretch)
  }

  return {
    start: () => ({ last: new Map(), active: new Set(), found: [], sweptAt: 0 }),
    commit,
    finish(window, watermark) {
      sweep(window.base, watermark)
      return window.base.found.splice(0)
    },
    async standing(window) {
      const { base } = window
      const last = new Map<string, number>()
      const active = new Set<number>()
      const found: Episode[] = []
      for (const entry of window.entries.slice(window.settled)) {
        for (const value of valuesOf(entry, plan.value)) {
          const verdict = isNew(
            window,
            entry,
            last.get(value) ?? base.last.get(value),
            (stretch) => active.has(stretch) || base.active.has(stretch),
          )
          const holds = verdict instanceof Promise ? await verdict : verdict
          if (holds === true) found.push(openEpisode(entry, [entry], rule.collect, false))
          last.set(value, entry.time)
        }
        active.add(stretchOf(entry.time))
      }
      return found
    },
    keepFrom: () => Number.POSITIVE_INFINITY,
    due(window) {
      const unsettled = window.entries[window.settled]
      if (unsettled !== undefined) return unsettled.time
      if (window.base.active.size === 0 && window.base.last.size === 0) return Number.POSITIVE_INFINITY
      return window.base.sweptAt + plan.forgetMs / 8
    },
    save: (base) => [[...base.last], [...base.active], base.sweptAt],
    load: loadBase,
  }
}

/** A list is as many values; several fields are one tuple. */
function valuesOf(entry: Entry, names: readonly string[]): readonly string[] {
  const [only] = names
  const value: Json =
    names.length === 1 && only !== undefined
      ? (entry.fields[only] ?? null)
      : names.map((name) => entry.fields[name] ?? null)
  return names.length === 1 && Array.isArray(value) ? value.map((item) => canonicalJson(item)) : [canonicalJson(value)]
}

function loadBase(saved: Json): Base {
  const [last, active, sweptAt] = Array.isArray(saved) ? saved : []
  const base: Base = {
    last: new Map(),
    active: new Set(),
    found: [],
    sweptAt: typeof sweptAt === 'number' ? sweptAt : 0,
  }
  for (const pair of Array.isArray(last) ? last : []) {
    const [value, time] = Array.isArray(pair) ? pair : []
    if (typeof value === 'string' && typeof time === 'number') base.last.set(value, time)
  }
  for (const stretch of Array.isArray(active) ? active : []) if (typeof stretch === 'number') base.active.add(stretch)
  return base
}
