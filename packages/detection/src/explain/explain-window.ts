// How the window of a rule stood when an event came in: its counters, from the store, as the correlator would have seen them.
import { canonicalJson, type StoredEvent } from '@varde/schema'
import type { Scope, Store } from '@varde/store'
import { compareEntries, type Entry, entryOf } from '../correlate/entry.ts'
import { baselineAt } from '../correlate/ratio.ts'
import { conditionOf } from '../correlate/rule-state.ts'
import { createSliding } from '../correlate/sliding.ts'
import { pushDown } from '../replay/push-down.ts'
import { hitsOf, windowTime } from '../rules/hit.ts'
import type { CompiledRule, Plan } from '../rules/rule.ts'
import { createRuleSet } from '../rules/rule-set.ts'

export interface ExplainedWindow {
  /** One sentence, such as "4 of 5 events within 10m". */
  text: string
  /** Event time in UTC milliseconds. */
  from: number
  to: number
  count: number
  distinct?: number
  atLeast?: number
  baseline?: number
  steps?: { name: string; count: number; atLeast: number }[]
  /** False where only `having` said no. */
  having?: boolean
  /** Late events enter no window. */
  late: boolean
}

const readMax = 200_000

/** Undefined where the event is no hit of the rule, or the rule has no windows. Reads the store as far back as the rule looks. */
export async function explainWindow(
  store: Store,
  rule: CompiledRule,
  stored: StoredEvent,
  scope: Scope,
): Promise<ExplainedWindow | undefined> {
  const { plan } = rule
  if (plan.type === 'match') return undefined
  const ruleSet = createRuleSet([{ ...rule, enabled: true }])
  const [own] = hitsOf(stored, await ruleSet.match(stored.event), { attempt: '' })
  if (own === undefined) return undefined
  const to = windowTime(stored)
  const after = plan.type === 'absence' ? plan.withinMs : 0
  const filter = { scope, query: pushDown([rule]), from: to - rule.lookBackMs, to: to + after + 1 }
  const entries: Entry[] = []
  for await (const batch of store.events.scan(filter)) {
    for (const one of batch) {
      for (const hit of hitsOf(one, await ruleSet.match(one.event), { attempt: '' })) {
        const isOwn = one.id === stored.id
        if (hit.group === own.group && hit.tenant === own.tenant && (isOwn || !hit.late))
          entries.push({ ...entryOf(hit, (text) => text), attempts: undefined })
      }
    }
    if (entries.length > readMax) break
  }
  entries.sort(compareEntries)
  const position = entries.findIndex((entry) => entry.eventId === stored.id && entry.step === own.step)
  if (position < 0) return undefined
  const told = await tell(rule, plan, own.group, entries, position)
  return { ...told, late: own.late, ...(own.late ? { text: `late, so in no window; ${told.text}` } : {}) }
}

type Told = Omit<ExplainedWindow, 'late'>

async function tell(rule: CompiledRule, plan: Plan, key: string, entries: Entry[], position: number): Promise<Told> {
  const to = entries[position]?.time ?? 0
  switch (plan.type) {
    case 'firstSeen':
      return firstSeen(plan, entries, position)
    case 'absence':
      return absence(plan, entries, position)
    case 'match':
      return { text: 'a match has no window', from: to, to, count: 1 }
    default:
      return counted(rule, plan, key, entries, position)
  }
}

async function counted(
  rule: CompiledRule,
  plan: Extract<Plan, { type: 'threshold' | 'ratio' | 'sequence' }>,
  key: string,
  entries: Entry[],
  position: number,
): Promise<Told> {
  const distinctOf = plan.type === 'sequence' ? [] : plan.distinct
  const sliding = createSliding(entries, plan.withinMs, distinctOf)
  sliding.moveTo(position)
  const from = entries[sliding.first()]?.time ?? 0
  const to = entries[position]?.time ?? 0
  const within = spanOf(plan.withinMs)
  const base = { from, to, count: sliding.count() }
  const holds = (await conditionHolds(rule, key, entries, position)) === true
  if (plan.type === 'sequence') {
    const inside = entries.slice(sliding.first(), position + 1)
    const steps = plan.steps.map((step) => ({
      ...step,
      count: inside.filter((entry) => entry.step === step.name).length,
    }))
    const complete = steps.every((step) => step.count >= step.atLeast)
    const text = steps.map((step) => `${step.name} ${step.count} of ${step.atLeast}`).join(', ')
    const order = complete && !holds && rule.having === undefined ? ', not in this order' : ''
    return { ...base, text: `${text} within ${within}${order}`, steps, ...havingOf(rule, complete, holds) }
  }
  const value = plan.distinct.length > 0 ? sliding.distinct() : sliding.count()
  const what = plan.distinct.length > 0 ? `different ${plan.distinct.join(' and ')}` : 'events'
  const distinct = plan.distinct.length > 0 ? { distinct: sliding.distinct() } : {}
  const told = { ...base, ...distinct, atLeast: plan.atLeast }
  if (plan.type === 'threshold')
    return {
      ...told,
      text: `${value} of ${plan.atLeast} ${what} within ${within}`,
      ...havingOf(rule, value >= plan.atLeast, holds),
    }
  const baseline = baselineAt(plan, entries, position)
  const reached = value >= plan.atLeast && value > baseline * plan.factor
  const against = `${Math.round(baseline * 10) / 10} used to be, times ${plan.factor} must be passed, at least ${plan.atLeast}`
  return { ...told, baseline, text: `${value} ${what} within ${within}; ${against}`, ...havingOf(rule, reached, holds) }
}

function havingOf(rule: CompiledRule, reached: boolean, holds: boolean): { having?: boolean } {
  return rule.having === undefined || !reached ? {} : { having: holds }
}

async function conditionHolds(rule: CompiledRule, key: string, entries: Entry[], position: number): Promise<boolean> {
  const condition = conditionOf(rule, { key, entries })
  let truth: unknown
  for (let at = 0; at <= position; at++) truth = await condition?.(at)
  return truth !== undefined
}

function firstSeen(plan: Extract<Plan, { type: 'firstSeen' }>, entries: Entry[], position: number): Told {
  const entry = entries[position]
  const to = entry?.time ?? 0
  const before = entries.slice(0, position)
  const textOf = (one: Entry | undefined): string => canonicalJson(plan.value.map((name) => one?.fields[name] ?? null))
  const seen = before.findLast((one) => textOf(one) === textOf(entry) && to - one.time < plan.forgetMs)
  const first = before[0]
  const from = seen?.time ?? first?.time ?? to
  const known = first !== undefined && to - first.time >= plan.learnMs
  const text =
    seen !== undefined
      ? `seen before, at ${new Date(seen.time).toISOString()}`
      : known
        ? `not seen for ${spanOf(plan.forgetMs)}`
        : `not seen before, but its group is being learned: active since ${new Date(from).toISOString()}, needs ${spanOf(plan.learnMs)}`
  return { text, from, to, count: position + 1 }
}

function absence(plan: Extract<Plan, { type: 'absence' }>, entries: Entry[], position: number): Told {
  const entry = entries[position]
  const from = entry?.time ?? 0
  const to = from + plan.withinMs
  if (plan.mode === 'after' && entry?.step === 'expect')
    return { text: 'it is what was expected', from, to, count: position + 1 }
  const answer = entries.slice(position + 1).find((one) => one.step === 'expect' && one.time <= to)
  const text =
    answer === undefined
      ? `nothing expected followed within ${spanOf(plan.withinMs)}`
      : `followed at ${new Date(answer.time).toISOString()}, in time`
  return { text, from, to, count: position + 1 }
}

function spanOf(ms: number): string {
  for (const [unit, size] of Object.entries({ d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 }))
    if (ms % size === 0) return `${ms / size}${unit}`
  return `${ms}ms`
}
