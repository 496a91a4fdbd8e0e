// Rules that come and go while hits flow: those that are gone go on for what is on its way, new ones learn their past.

import type { Digest, Hit } from '@varde/schema'
import type { RuleSet } from '../rules/rule-set.ts'
import type { AlertWrite } from './alert.ts'
import { take, takeInto } from './intake.ts'
import type { RuleState } from './owner.ts'
import { createRuleState } from './rule-state.ts'
import { letGo, refreshDirty, type State, watermarkOf } from './state.ts'
import type { WindowsOptions } from './windows.ts'

/** Gives the rules that are new. */
export function useRules(state: State, ruleSet: RuleSet, options: WindowsOptions): RuleState[] {
  const added: RuleState[] = []
  for (const rule of ruleSet.rules) {
    if (state.states.has(rule.digest)) continue
    const own = createRuleState(rule, options)
    state.states.set(rule.digest, own)
    added.push(own)
  }
  return added
}

/** Remembers which rules go, and which partitions still work by the rule set before. */
export function retire(state: State, next: RuleSet): void {
  if (state.switching?.ruleSet === next.digest) return
  const gone = [...state.states.keys()].filter((digest) => next.byDigest(digest) === undefined)
  state.switching = { gone: new Set(gone), ruleSet: next.digest, waits: new Set(state.watermarks.keys()) }
}

/** The partition works by the new rule set: once all do, nothing more comes for the rules that are gone. */
export function switched(state: State, partition: string, ruleSet: Digest): void {
  const { switching } = state
  if (switching === undefined || switching.ruleSet !== ruleSet) return
  switching.waits.delete(partition)
  if (switching.waits.size > 0) return
  state.switching = undefined
  for (const digest of switching.gone) {
    for (const owner of state.states.get(digest)?.owners() ?? []) letGo(state, owner)
    state.states.delete(digest)
    state.held.delete(digest)
  }
}

/** Events of the past in pieces, so that windows settle on the way and no window holds all of it. */
const pastPiece = 5_000

/** Gives what else changed. */
export async function warmUp(state: State, digest: Digest, past: Hit[]): Promise<AlertWrite[]> {
  const rule = state.states.get(digest)
  const aside = state.held.get(digest) ?? []
  state.held.delete(digest)
  if (rule === undefined) return []
  const watermark = watermarkOf(state)
  const writes: AlertWrite[] = []
  const settle = async (reached: number): Promise<void> => {
    for (const owner of state.schedule.take(reached)) state.dirty.add(owner)
    await refreshDirty(state, reached)
    for (const write of await state.emission.drain(reached)) if (!isPast(write, digest, watermark)) writes.push(write)
  }
  past.sort((a, b) => a.time - b.time)
  let reached = Number.NEGATIVE_INFINITY
  for (let start = 0; start < past.length; start += pastPiece) {
    const some = past.slice(start, start + pastPiece)
    for (const hit of some) takeInto(state, rule, { ...hit, late: false }, reached, true)
    reached = Math.min(watermark, some.at(-1)?.time ?? reached)
    await settle(reached)
  }
  await settle(watermark)
  for (const hit of aside) take(state, hit)
  return writes
}

function isPast(write: AlertWrite, digest: Digest, watermark: number): boolean {
  return write.change === 'retracted'
    ? write.rule.digest === digest
    : write.alert.rule.digest === digest && write.alert.anchor.time < watermark
}

/** At the first watermark, wherever in a batch of markers it stands, the silence of listed keys begins to count. */
export function begin(state: State): void {
  if (state.begun) return
  const watermark = watermarkOf(state)
  if (!Number.isFinite(watermark)) return
  state.begun = true
  listen(state, state.states.values(), watermark)
}

export function listen(state: State, rules: Iterable<RuleState>, watermark: number): void {
  for (const rule of rules) {
    for (const owner of rule.begin(watermark)) {
      state.entries++
      state.dirty.add(owner)
    }
  }
}
