// Events of the repo's seeded weeks, parsed and as they would be stored, one at a time: as many as are asked for.
import { drawSeeds } from '@varde/evidence'
import { parseRecord } from '@varde/parsers'
import { eventId, type StoredEvent } from '@varde/schema'
import { sampleWeek } from '../../apps/varde/src/sample/week.ts'

export const sampleStart = Date.UTC(2026, 5, 1)

export function* sampleEvents(count: number): Generator<StoredEvent> {
  let made = 0
  for (let week = 1; made < count; week += 1) {
    const end = sampleStart + week * 7 * 86_400_000
    for (const { source, dataset, line } of sampleWeek({ seed: week, end })) {
      if (made === count) return
      const raw = Buffer.from(line)
      const parsed = parseRecord({ raw, arrival: end, ...(dataset === undefined ? {} : { dataset }) })
      if (!parsed.ok) continue
      const home = { stream: 'main', generation: 0, partition: 0, offset: made }
      const [seed = new Uint8Array(16)] = drawSeeds(1)
      made += 1
      yield {
        id: eventId(home),
        home,
        tenant: 'house',
        source,
        retention: 'default',
        arrival: end,
        raw,
        seed,
        event: parsed.event,
        ingested: end,
      }
    }
  }
}
