// A month of the sample's world as parsed events, as busy as it takes: its people and machines live each day many times over.
import { parseRecord } from '@varde/parsers'
import { eventId, type StoredEvent } from '@varde/schema'
import { sampleDay } from '../../apps/varde/src/sample/week.ts'
import { random, syntheticEnd } from './store.ts'

const day = 86_400_000
const days = 30
/** The month ends here. */
export const monthEnd = syntheticEnd
const partitions = 4

/** Day after day, in the order of their times; about so many in all. The intruder comes once, on the last evening. */
export function* sampleMonth(events: number): Generator<StoredEvent[]> {
  const next = random(7)
  const offsets = Array.from({ length: partitions }, () => 0)
  const sources: string[] = []
  let made = 0
  for (let n = 0; n < days; n += 1) {
    const start = monthEnd - (days - n) * day
    const wanted = Math.round((events * (n + 1)) / days)
    const records = []
    for (let life = 0; made + records.length < wanted; life += 1)
      records.push(...sampleDay({ seed: n * 100_000 + life, start, intruder: n === days - 1 && life === 0 }))
    records.sort((a, b) => a.time - b.time)
    made += records.length
    const stored: StoredEvent[] = []
    for (const { time, source, dataset, line } of records) {
      const raw = Buffer.from(line)
      const parsed = parseRecord({ raw, arrival: time + 40, dataset })
      if (!parsed.ok) throw new Error(`the sample does not parse: ${parsed.detail}: ${line}`)
      if (!sources.includes(source)) sources.push(source)
      const partition = sources.indexOf(source) % partitions
      const offset = offsets[partition] ?? 0
      offsets[partition] = offset + 1
      const home = { stream: 'main', generation: 0, partition, offset }
      const seed = new Uint8Array(16)
      for (let at = 0; at < 16; at += 1) seed[at] = next() * 256
      stored.push({
        id: eventId(home),
        home,
        tenant: 'house',
        source,
        retention: 'standard',
        arrival: time + 40,
        raw,
        seed,
        event: parsed.event,
        ingested: time + 90,
      })
    }
    yield stored
  }
}
