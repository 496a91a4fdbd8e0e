// Hits on their way into windows, and markers on their way to the watermark.
import { limits } from '@varde/runtime'
import type { Hit, Marker } from '@varde/schema'
import { entryOf } from './entry.ts'
import type { RuleState } from './owner.ts'
import { switched } from './rule-change.ts'
import { letGo, type State, watermarkOf } from './state.ts'

export function take(state: State, hit: Hit): void {
  const rule = state.states.get(hit.rule)
  if (rule === undefined) {
    state.counts.unknownRule++
    return
  }
  const aside = state.held.get(hit.rule)
  if (aside === undefined) takeInto(state, rule, hit, watermarkOf(state), state.trusted)
  else if (aside.length < limits.windowEntriesMax) aside.push(hit)
  else state.counts.truncated++
}

export function takeInto(state: State, rule: RuleState, hit: Hit, watermark: number, trusted: boolean): void {
  const entry = entryOf(hit, (text) => oneCopy(state.texts, text))
  for (const [name, value] of Object.entries(hit.fields)) {
    if (typeof value === 'string') hit.fields[name] = oneCopy(state.texts, value)
  }
  if (trusted) entry.attempts = undefined
  const inserted = rule.insert(entry, hit.group, watermark)
  if (inserted.outcome === 'ignored') return
  if (inserted.outcome === 'late') {
    noteLate(state, hit)
    return
  }
  if (inserted.outcome === 'added') state.entries++
  else if (inserted.entry.attempts === undefined) return
  else if (!inserted.entry.attempts.includes(hit.attempt)) inserted.entry.attempts.push(hit.attempt)
  if (!trusted) state.awaited.add(inserted.owner, inserted.entry, hit.attempt, watermark)
  state.dirty.add(inserted.owner)
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

/** Above this the ranges of a rule's groups are joined into one of all its groups. */
const lateGroupsMax = 1_000

function noteLate(state: State, hit: Hit): void {
  state.counts.late++
  const { rule, tenant, time } = hit
  const group = state.lateRanges.size < lateGroupsMax ? hit.group : ''
  const key = `${rule} ${tenant} ${group}`
  const range = state.lateRanges.get(key) ?? { rule, tenant, group, from: time, to: time, count: 0 }
  range.from = Math.min(range.from, time)
  range.to = Math.max(range.to, time)
  range.count++
  state.lateRanges.set(key, range)
}

export function name(state: State, marker: Marker): void {
  const partition = `${marker.stream}.${marker.partition}`
  const before = state.watermarks.get(partition) ?? Number.NEGATIVE_INFINITY
  const watermark = Math.max(before, marker.watermark)
  state.watermarks.set(partition, watermark)
  switched(state, partition, marker.ruleSet)
  for (const owner of state.awaited.name(partition, marker.attempt, watermark)) state.dirty.add(owner)
}

/** Oldest windows first, of the rule that holds most, until a tenth is free. */
export function evict(state: State, entriesMax: number): void {
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
