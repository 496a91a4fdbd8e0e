// Legal holds: which events no retention and no erasure may touch, because a held case has pinned them.
import { eventId } from '@varde/schema'
import type { Cases } from './cases.ts'
import type { Pins } from './pins.ts'

export interface Holds {
  /** Event id → the held case that has pinned it. */
  heldBy(ids: readonly string[]): Promise<Map<string, string>>
  /** Cases that keep a copy of any of these events, held or not. */
  keptBy(ids: readonly string[]): Promise<Map<string, string[]>>
}

const house = { tenants: 'all' } as const

export function createHolds({ cases, pins }: { cases: Cases; pins: Pins }): Holds {
  async function pinnedIn(ids: readonly string[], onlyHeld: boolean): Promise<Map<string, string[]>> {
    const wanted = new Set(ids)
    const found = new Map<string, string[]>()
    for (const of of await cases.list(house)) {
      if (onlyHeld && of.hold === undefined) continue
      const batches = of.pins.map(({ id }) => id)
      for (const { stream, generation, partition, offsets } of await pins.chunks(of.id, batches)) {
        for (const offset of offsets) {
          const id = eventId({ stream, generation, partition, offset })
          if (wanted.has(id)) found.set(id, [...(found.get(id) ?? []), of.id])
        }
      }
    }
    return found
  }

  return {
    heldBy: async (ids) => new Map([...(await pinnedIn(ids, true))].map(([id, [first = '']]) => [id, first])),
    keptBy: (ids) => pinnedIn(ids, false),
  }
}
