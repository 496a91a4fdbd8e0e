// What one evaluation may use: steps, depth, sequence length, text length, and time as the last net.
import { limits } from '@varde/runtime'
import { failure } from './failure.ts'

export interface Budget {
  /** Elements visited and functions called. Deterministic: the same event and rule trip it everywhere. */
  stepsMax: number
  /** Levels of the expression's tree, counted as the reference interpreter counts them. */
  depthMax: number
  sequenceMax: number
  textMax: number
  /** Wall clock: far beyond what the steps allow, so that a slow machine decides like a fast one. */
  timeMsMax: number
  /** UTC milliseconds of the day that `$toMillis` puts a time without a date on: a fixed one, because a rule has no wall clock. */
  dayMs: number
}

export const ruleBudget: Budget = {
  stepsMax: limits.ruleStepsMax,
  depthMax: limits.ruleDepthMax,
  sequenceMax: limits.ruleSequenceMax,
  textMax: limits.ruleTextMax,
  timeMsMax: limits.ruleTimeNetMs,
  dayMs: 0,
}

// One evaluation at a time: compiled code never waits, so module state is safe and costs nothing to reach.
let budget: Budget = ruleBudget
let steps = 0
let depth = 0
let deadline = 0
const stepsPerClockLook = 4_096

export function begin(next: Budget): void {
  budget = next
  steps = 0
  depth = 0
  deadline = 0
}

export function day(): Date {
  return new Date(budget.dayMs)
}

function look(): void {
  if (steps > budget.stepsMax) throw failure('V0001')
  const now = performance.now()
  if (deadline === 0) deadline = now + budget.timeMsMax
  else if (now > deadline) throw failure('V0002')
}

/** One step; every loop and call makes one. */
export function tick(): void {
  if (++steps % stepsPerClockLook === 0) look()
}

/** Many steps at once, for what a library function does inside. */
export function ticks(count: number): void {
  steps += count
  if (steps > budget.stepsMax) throw failure('V0001')
  if (count >= stepsPerClockLook || steps % stepsPerClockLook < count) look()
}

/** A call at `levels` below the caller's own depth; `leave` takes them back. */
export function enter(levels: number): void {
  tick()
  depth += levels
  if (depth > budget.depthMax) throw failure('V0003')
}

export function leave(levels: number): void {
  depth -= levels
}

export function checkSequence(length: number): void {
  if (length > budget.sequenceMax) throw failure('D2015')
}

export function checkText(length: number): void {
  if (length > budget.textMax) throw failure('V0004')
}
