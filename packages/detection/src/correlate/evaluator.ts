// What each type of rule does with the entries of one window.
import type { Json } from '@varde/schema'
import type { Entry } from './entry.ts'
import type { Episode } from './episode.ts'

export interface Window<Base> {
  tenant: string
  /** Canonical JSON of the group values. */
  key: string
  /** In total order. */
  entries: Entry[]
  /** How many of them, from the start, are beyond change: the watermark has passed them. */
  settled: number
  base: Base
  /** Set while entries had to be left out. */
  incomplete: string | undefined
}

/**
 * `commit` makes entries permanent, `standing` tells what holds with the rest: together a function of the set of
 * entries, whatever the order and batches in which they came.
 */
export interface Evaluator<Base> {
  start(): Base
  /** Whether the base says no more than a new one. */
  isIdle?(base: Base): boolean
  /** Walks entries [from, to), which no later fact can change, into the base. */
  commit(window: Window<Base>, from: number, to: number): Promise<void> | void
  /** Time has passed: judges what only time can tell. */
  settle?(window: Window<Base>, watermark: number): Promise<void> | void
  /** Time has passed: closes what nothing can extend any more. The episodes are given once more and then forgotten. */
  finish(window: Window<Base>, watermark: number): Episode[]
  /** Episodes that hold now, the unsettled entries included. */
  standing(window: Window<Base>): Promise<Episode[]> | Episode[]
  /** Settled entries before this time are needed no more. */
  keepFrom(window: Window<Base>, watermark: number): number
  /** The watermark beyond which `commit` or `finish` has something to do; Infinity where the window may go. */
  due(window: Window<Base>): number
  save(base: Base): Json
  load(saved: Json): Base
}
