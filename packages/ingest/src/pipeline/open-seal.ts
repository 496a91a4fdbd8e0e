// The seal in the making: what its batches held so far, in offset order.
import { randomUUID } from 'node:crypto'
import { type Leaf, sealBatch } from '@varde/evidence'
import { type Digest, emptyLedgerSums, type Home, type LedgerEntry, type OtherLeaf, type Seal } from '@varde/schema'
import type { Matcher } from '../matcher.ts'
import type { RecordFacts } from './prepare.ts'

/** What the sources page wants to know beside the ledger. */
export interface SourceFacts {
  tenant: string
  source: string
  retention: string
  transport: string
  peer: string | undefined
  dataset: string | undefined
  lastArrival: number
  /** The smallest arrival − event time: buffering only adds, so a negative one is a clock that is ahead. */
  lagMsMin: number | undefined
}

export interface OpenSeal {
  attempt: string
  matcher: Matcher
  /** Clock of the first entry, and of the first that is no tick. */
  openedAt: number
  recordAt: number | undefined
  count(): number
  bytes(): number
  add(leaf: Leaf, other?: OtherLeaf): void
  /** A record's part of the ledger. */
  tally(
    kind: 'event' | 'dead-letter' | 'duplicate',
    facts: RecordFacts,
    lateness: 'late' | 'future' | 'imported' | undefined,
  ): void
  sources(): SourceFacts[]
  close(end: {
    chain: Omit<Home, 'offset'>
    previous: Seal | undefined
    watermark: number
    lastRecord: Digest
    sealedAt: number
  }): Seal
}

export function openSeal(matcher: Matcher, now: number): OpenSeal {
  const leaves: Leaf[] = []
  const others: OtherLeaf[] = []
  const entries = new Map<string, LedgerEntry>()
  const sources = new Map<string, SourceFacts>()
  const attempt = randomUUID()
  let bytes = 0
  // Records of one source and minute stand together: the last entry is nearly always the one wanted.
  let lastEntry: LedgerEntry | undefined

  const entryOf = (facts: RecordFacts): LedgerEntry => {
    const { tenant, source } = facts.origin
    const minute = facts.arrival - (facts.arrival % 60_000)
    if (
      lastEntry !== undefined &&
      lastEntry.minute === minute &&
      lastEntry.source === source &&
      lastEntry.tenant === tenant
    )
      return lastEntry
    const key = `${minute}/${tenant}/${source}`
    let entry = entries.get(key)
    if (entry === undefined) {
      entry = { tenant, source, minute, ...emptyLedgerSums() }
      entries.set(key, entry)
    }
    lastEntry = entry
    return entry
  }

  const noteSource = ({ origin, arrival, dataset, lagMs }: RecordFacts, isEvent: boolean) => {
    const key = `${origin.tenant}/${origin.source}`
    let facts = sources.get(key)
    if (facts === undefined) {
      const { tenant, source, retention, transport } = origin
      facts = {
        tenant,
        source,
        retention,
        transport,
        peer: origin.peer,
        dataset,
        lastArrival: arrival,
        lagMsMin: undefined,
      }
      sources.set(key, facts)
    }
    facts.lastArrival = arrival
    facts.dataset = dataset ?? facts.dataset
    if (isEvent) facts.lagMsMin = Math.min(facts.lagMsMin ?? lagMs, lagMs)
  }

  return {
    attempt,
    matcher,
    openedAt: now,
    recordAt: undefined,
    count: () => leaves.length,
    bytes: () => bytes,
    add(leaf, other) {
      leaves.push(leaf)
      if (other !== undefined) others.push(other)
    },
    tally(kind, facts, lateness) {
      const entry = entryOf(facts)
      entry.received += 1
      entry.bytes += facts.bytes
      bytes += facts.bytes
      entry.missing += facts.missing
      if (kind === 'duplicate') entry.duplicates += 1
      else if (kind === 'dead-letter') entry.deadLetters += 1
      else {
        entry.events += 1
        entry.lagMsSum += facts.lagMs
        entry.lagMsMax = Math.max(entry.lagMsMax, facts.lagMs)
        if (lateness === 'late') entry.late += 1
        if (lateness === 'future') entry.future += 1
      }
      if (kind !== 'duplicate') entry.unexplainedBytes += facts.unexplainedBytes
      noteSource(facts, kind === 'event')
    },
    sources: () => [...sources.values()],
    close: ({ chain, previous, ...end }) => {
      const ledger = [...entries.values()]
      return sealBatch({
        ...chain,
        ...end,
        ...(previous !== undefined && { previous }),
        leaves,
        others,
        ledger,
        attempt,
        ruleSet: matcher.ruleSet,
      })
    },
  }
}
