// Absence: an event that had to come and did not, once the watermark says that it can't come any more.
import type { Json } from '@varde/schema'
import type { CompiledRule, Plan } from '../rules/rule.ts'
import { compareEntries, type Entry } from './entry.ts'
import { type Episode, openEpisode } from './episode.ts'
import type { Evaluator, Window } from './evaluator.ts'
import { isTrue, windowInput } from './window-input.ts'

type AbsencePlan = Extract<Plan, { type: 'absence' }>

interface Base {
  /** Time of the latest trigger that got no answer. */
  lastTrue: number
  found: Episode[]
}

/** Triggers are judged in order; those before `keepFrom` have been. */
export function createAbsence(rule: CompiledRule, plan: AbsencePlan): Evaluator<Base> {
  const triggerStep = plan.mode === 'after' ? 'after' : 'expect'

  async function judge(window: Window<Base>, watermark: number): Promise<void> {
    const { entries, base } = window
    let judged = 0
    for (; judged < window.settled; judged++) {
      const trigger = entries[judged]
      if (trigger === undefined) break
      if (trigger.step !== triggerStep) continue
      if (hasAnswer(window, judged)) continue
      if (watermark <= trigger.time + plan.withinMs) break
      if (await counts(window, trigger)) {
        // Triggers that follow an unanswered one within the window belong to the same silence.
        const same = trigger.time - base.lastTrue <= plan.withinMs
        base.lastTrue = trigger.time
        if (!same) base.found.push(silence(window, trigger))
      }
    }
    entries.splice(0, judged)
    window.settled -= judged
  }

  function silence(window: Window<Base>, trigger: Entry): Episode {
    const members = trigger.eventId === '' ? [] : [trigger]
    const episode = openEpisode(trigger, members, rule.collect, true)
    episode.to = trigger.time + plan.withinMs
    if (window.incomplete !== undefined) episode.incomplete = window.incomplete
    return episode
  }

  function counts(window: Window<Base>, trigger: Entry): boolean | Promise<boolean> {
    const { having } = rule
    if (having === undefined) return true
    const input = windowInput(rule, {
      group: window.key,
      events: [trigger],
      count: 1,
      from: trigger.time,
      to: trigger.time + plan.withinMs,
    })
    return isTrue(() => having.evaluate(input))
  }

  function hasAnswer(window: Window<Base>, at: number): boolean {
    const { entries } = window
    const trigger = entries[at]
    if (trigger === undefined) return false
    for (let position = at + 1; position < window.settled; position++) {
      const entry = entries[position]
      if (entry === undefined || entry.time > trigger.time + plan.withinMs) return false
      if (
        entry.step === 'expect' &&
        entry.eventId !== '' &&
        entry.eventId !== trigger.eventId &&
        compareEntries(entry, trigger) > 0
      )
        return true
    }
    return false
  }

  return {
    start: () => ({ lastTrue: Number.NEGATIVE_INFINITY, found: [] }),
    isIdle: ({ lastTrue, found }) => lastTrue === Number.NEGATIVE_INFINITY && found.length === 0,
    // Nothing is decided by an entry alone: see `settle`.
    commit: () => {},
    settle: judge,
    finish: (window) => window.base.found.splice(0),
    standing: () => [],
    keepFrom: () => Number.NEGATIVE_INFINITY,
    due(window) {
      const trigger = window.entries.find((entry) => entry.step === triggerStep)
      const unsettled = window.entries[window.settled]?.time ?? Number.POSITIVE_INFINITY
      if (trigger !== undefined) return Math.min(unsettled, trigger.time + plan.withinMs)
      return window.entries.length > 0
        ? Math.min(unsettled, (window.entries[0]?.time ?? 0) + plan.withinMs)
        : Number.POSITIVE_INFINITY
    },
    save: (base) => [Number.isFinite(base.lastTrue) ? base.lastTrue : null],
    load: loadBase,
  }
}

function loadBase(saved: Json): Base {
  const [lastTrue] = Array.isArray(saved) ? saved : []
  return { lastTrue: typeof lastTrue === 'number' ? lastTrue : Number.NEGATIVE_INFINITY, found: [] }
}
