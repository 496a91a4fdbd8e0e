// Records and seals as an ingest would make them, for the tests of this room.
import { eventId, type OtherLeaf, type Seal, type StoredEvent } from '@varde/schema'
import { digestOf, drawSeeds } from './digest.ts'
import { hashDeadLetter, hashEvent, hashOther, type Leaf, type SealedDeadLetter } from './leaf.ts'
import { type SealInput, sealBatch } from './seal.ts'

export const chain = { stream: 'main', generation: 0, partition: 2 }

export type Draw = (bytes: number) => Uint8Array

const drawn: Draw = () => drawSeeds(1)[0] ?? new Uint8Array(16)

export function storedEvent(offset: number, draw = drawn): StoredEvent {
  const home = { ...chain, offset }
  const seed = draw(16)
  return {
    id: eventId(home),
    home,
    tenant: 'house',
    source: `dc0${offset % 3}`,
    retention: 'standard',
    arrival: 1_795_564_800_000 + offset * 10,
    raw: Buffer.from(`<13>1 2026-11-24T00:00:00Z dc0${offset % 3} auth - - - user${offset} failed`),
    seed,
    event: {
      '@timestamp': '2026-11-24T00:00:00.000Z',
      user: { name: `user${offset}`, id: offset },
      event: { outcome: 'failure', category: ['authentication'] },
    },
    ingested: 1_795_564_801_000,
    ...(offset % 5 === 0 ? { lateness: 'late' } : {}),
  }
}

export function deadLetter(offset: number, draw = drawn): SealedDeadLetter {
  const seed = draw(16)
  return {
    home: { ...chain, offset },
    raw: Buffer.from(`garbage ${offset}`),
    seed,
    reason: 'unreadable',
    detail: `no time in record ${offset}`,
    failedAt: 1_795_564_801_000,
    record: {
      arrival: 1_795_564_800_000 + offset,
      tenant: 'house',
      source: 'fw01',
      retention: 'standard',
      collector: 'c1',
      transport: 'udp',
    },
  }
}

export const sealFacts = (previous?: Seal, sealedAt = 1_795_564_802_000): Omit<SealInput, 'leaves' | 'others'> => ({
  ...chain,
  ...(previous === undefined ? {} : { previous }),
  ruleSet: digestOf('rules'),
  watermark: 1_795_564_700_000,
  attempt: 'attempt-1',
  lastRecord: digestOf('last'),
  sealedAt,
  ledger: [
    {
      tenant: 'house',
      source: 'dc01',
      minute: 1_795_564_800_000,
      received: 9,
      events: 8,
      bytes: 900,
      deadLetters: 1,
      duplicates: 0,
      late: 2,
      future: 0,
      missing: 0,
      lagMsSum: 80,
      lagMsMax: 12,
      unexplainedBytes: 0,
    },
  ],
})

/** One batch as it lies in the store: every seventh record is a dead letter, every eleventh a tick. */
export interface Batch {
  seal: Seal
  leaves: Leaf[]
  events: StoredEvent[]
  deadLetters: SealedDeadLetter[]
}

export function sealedBatch(count: number, previous?: Seal, sealedAt?: number, draw = drawn): Batch {
  const from = previous?.to ?? 0
  const events: StoredEvent[] = []
  const deadLetters: SealedDeadLetter[] = []
  const others: OtherLeaf[] = []
  const leaves = Array.from({ length: count }, (_, n) => {
    const offset = from + n
    if (offset % 11 === 10) {
      const tick: OtherLeaf = {
        kind: 'tick',
        offset,
        collector: 'c1',
        arrival: 1_795_564_800_000 + offset,
        state: 'live',
      }
      others.push(tick)
      return hashOther(chain, tick)
    }
    if (offset % 7 === 6) {
      const letter = deadLetter(offset, draw)
      deadLetters.push(letter)
      return hashDeadLetter(letter)
    }
    const stored = storedEvent(offset, draw)
    events.push(stored)
    return hashEvent(stored)
  })
  return { seal: sealBatch({ ...sealFacts(previous, sealedAt), leaves, others }), leaves, events, deadLetters }
}
