// Hits that wait for a marker to name their attempt: by raw partition and attempt.
import type { Entry } from './entry.ts'
import { unnamedMs } from './matches.ts'
import type { Owner } from './owner.ts'

export interface Awaited {
  /** `watermark`: how far time had come; a late entry waits from then on. */
  add(owner: Owner, entry: Entry, attempt: string, watermark: number): void
  /**
   * The attempt is named: its hits count from now on, and their owners are given. Attempts that the partition's
   * watermark has left behind are forgotten: no marker will name them.
   */
  name(partition: string, attempt: string, watermark: number): Owner[]
}

interface Waiting {
  hits: { owner: Owner; entry: Entry }[]
  /** Once the partition's watermark is beyond this, no marker will name the attempt. */
  until: number
}

export function createAwaited(): Awaited {
  const partitions = new Map<string, Map<string, Waiting>>()
  return {
    add(owner, entry, attempt, watermark) {
      const attempts = partitions.get(entry.partition) ?? new Map<string, Waiting>()
      partitions.set(entry.partition, attempts)
      const waiting = attempts.get(attempt) ?? { hits: [], until: Number.NEGATIVE_INFINITY }
      attempts.set(attempt, waiting)
      waiting.hits.push({ owner, entry })
      waiting.until = Math.max(waiting.until, entry.late ? Math.max(entry.time, watermark) + unnamedMs : entry.time)
    },
    name(partition, attempt, watermark) {
      const attempts = partitions.get(partition)
      if (attempts === undefined) return []
      const owners: Owner[] = []
      for (const { owner, entry } of attempts.get(attempt)?.hits ?? []) {
        entry.attempts = undefined
        if (!owner.dropped) owners.push(owner)
      }
      attempts.delete(attempt)
      for (const [other, waiting] of attempts) if (waiting.until < watermark) attempts.delete(other)
      return owners
    },
  }
}
