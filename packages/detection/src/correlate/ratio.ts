// Ratio: the sliding count against what the same group used to do.
import type { Json } from '@varde/schema'
import type { CompiledRule, Plan } from '../rules/rule.ts'
import type { Entry } from './entry.ts'
import { countedOf, createSliding } from './sliding.ts'
import type { ConditionType, Truth } from './walk.ts'
import { isTrue, windowInput } from './window-input.ts'

type RatioPlan = Extract<Plan, { type: 'ratio' }>

const hourMs = 3_600_000
const weekMs = 7 * 24 * hourMs

/** Past activity as counts of fixed stretches, each as long as the window, so that weeks of it stay small. */
interface History {
  /** Number of the stretch since 1970 → events, or different values, in it. */
  counts: Map<number, number>
  /** The stretch that is being counted. */
  current: { stretch: number; values: Set<string> }
}

export function ratioCondition(rule: CompiledRule, plan: RatioPlan): ConditionType<History> {
  return {
    withinMs: plan.withinMs,
    takesAll: true,
    start: () => ({ counts: new Map(), current: { stretch: -1, values: new Set() } }),
    copy: ({ counts, current }) => ({
      counts: new Map(counts),
      current: { stretch: current.stretch, values: new Set(current.values) },
    }),
    open({ key, entries }, history, from) {
      const sliding = createSliding(entries, plan.withinMs, plan.distinct)
      const { having } = rule
      return {
        state: () => history,
        at(position) {
          const entry = entries[position]
          if (entry === undefined) return undefined
          if (position >= from) remember(plan, history, entry)
          sliding.moveTo(position)
          const value = plan.distinct.length > 0 ? sliding.distinct() : sliding.count()
          if (value < plan.atLeast) return undefined
          const baseline =
            plan.against === 'sameHour' ? sameHour(plan, history, entry.time) : previous(plan, history, entry.time)
          if (value <= baseline * plan.factor) return undefined
          const first = sliding.first()
          const truth: Truth = { members: () => entries.slice(first, position + 1), baseline }
          if (having === undefined) return truth
          const events = truth.members()
          const input = windowInput(rule, {
            group: key,
            events,
            count: sliding.count(),
            distinct: sliding.distinct(),
            baseline,
            from: events[0]?.time ?? 0,
            to: entry.time,
          })
          const verdict = isTrue(() => having.evaluate(input))
          if (verdict instanceof Promise) return verdict.then((holds) => (holds ? truth : undefined))
          return verdict === true ? truth : undefined
        },
      }
    },
    expires: ({ current }) =>
      current.stretch < 0 ? Number.NEGATIVE_INFINITY : (current.stretch + 1) * plan.withinMs + plan.spanMs + hourMs,
    save: ({ counts, current }) => [[...counts], current.stretch, [...current.values]],
    load: loadHistory,
  }
}

/** What the count at a position is compared with, from the entries alone; they must be in order. */
export function baselineAt(plan: RatioPlan, entries: readonly Entry[], position: number): number {
  const history: History = { counts: new Map(), current: { stretch: -1, values: new Set() } }
  for (const entry of entries.slice(0, position + 1)) remember(plan, history, entry)
  const time = entries[position]?.time ?? 0
  return plan.against === 'sameHour' ? sameHour(plan, history, time) : previous(plan, history, time)
}

function remember(plan: RatioPlan, history: History, entry: Entry): void {
  const stretch = Math.floor(entry.time / plan.withinMs)
  if (stretch !== history.current.stretch) {
    history.current = { stretch, values: new Set() }
    const oldest = Math.floor((entry.time - plan.spanMs - hourMs) / plan.withinMs) - 1
    for (const old of history.counts.keys()) if (old < oldest) history.counts.delete(old)
  }
  if (plan.distinct.length === 0) history.counts.set(stretch, (history.counts.get(stretch) ?? 0) + 1)
  else {
    for (const text of countedOf(entry, plan.distinct)) history.current.values.add(text)
    history.counts.set(stretch, history.current.values.size)
  }
}

/** Mean over the weeks of the highest count in the same hour (UTC) of the same weekday. */
function sameHour(plan: RatioPlan, history: History, time: number): number {
  const weeks = Math.max(1, Math.round(plan.spanMs / weekMs))
  let sum = 0
  for (let week = 1; week <= weeks; week++) {
    const hour = Math.floor((time - week * weekMs) / hourMs) * hourMs
    let highest = 0
    for (let stretch = Math.floor(hour / plan.withinMs); stretch * plan.withinMs < hour + hourMs; stretch++) {
      highest = Math.max(highest, history.counts.get(stretch) ?? 0)
    }
    sum += highest
  }
  return sum / weeks
}

/** Mean over the active stretches of the span that ended before the window began. */
function previous(plan: RatioPlan, history: History, time: number): number {
  const end = time - plan.withinMs
  let sum = 0
  let active = 0
  for (const [stretch, count] of history.counts) {
    const begins = stretch * plan.withinMs
    if (begins < time - plan.spanMs || begins + plan.withinMs > end) continue
    sum += count
    active++
  }
  return active === 0 ? 0 : sum / active
}

function loadHistory(saved: Json): History {
  const [counts, stretch, values] = Array.isArray(saved) ? saved : []
  const pairs = Array.isArray(counts) ? counts : []
  const map = new Map<number, number>()
  for (const pair of pairs) {
    const [key, value] = Array.isArray(pair) ? pair : []
    if (typeof key === 'number' && typeof value === 'number') map.set(key, value)
  }
  const texts = (Array.isArray(values) ? values : []).filter((value) => typeof value === 'string')
  return { counts: map, current: { stretch: typeof stretch === 'number' ? stretch : -1, values: new Set(texts) } }
}
