// Gaps in the senders' own sequence numbers: records that were lost before they came to us.

export interface Sequences {
  /** How many more are missing now than before this record: negative where it fills a gap that was counted. */
  see(producer: string, number: number): number
}

const producersMax = 50_000
// A jump further than this is a restart of the sender, not a loss.
const jumpMax = 1_000_000
const missingKeptMax = 1_024

interface Producer {
  last: number
  missing: Set<number>
}

export function createSequences(): Sequences {
  const producers = new Map<string, Producer>()
  return {
    see(name, number) {
      const producer = producers.get(name)
      if (producer === undefined) {
        if (producers.size >= producersMax) producers.clear()
        producers.set(name, { last: number, missing: new Set() })
        return 0
      }
      if (number <= producer.last) {
        if (producer.missing.delete(number)) return -1
        // Far back: the counter began anew. Near: the same record twice, which is no loss.
        if (producer.last - number > missingKeptMax) {
          producer.last = number
          producer.missing.clear()
        }
        return 0
      }
      const skipped = number - producer.last - 1
      const from = producer.last + 1
      producer.last = number
      if (skipped > jumpMax) {
        producer.missing.clear()
        return 0
      }
      for (let lost = Math.max(from, number - missingKeptMax); lost < number; lost += 1) producer.missing.add(lost)
      while (producer.missing.size > missingKeptMax) {
        const [oldest] = producer.missing
        if (oldest === undefined) break
        producer.missing.delete(oldest)
      }
      return skipped
    },
  }
}
