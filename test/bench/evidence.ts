// What evidence costs: sealing as a share of ingest, a proof's check, a bundle of many events, an erasure.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { type EventProof, hashEvent, type Leaf, noDigest, provable, sealBatch, verifyEventProof } from '@varde/evidence'
import type { Seal, StoredEvent } from '@varde/schema'
import { openEmbeddedStore } from '@varde/store/embedded'
import { benchCases } from './cases.ts'
import type { Figure } from './figure.ts'
import { benchIngest } from './ingest.ts'
import { sampleEvents } from './sample-events.ts'

const sealEvents = 10_000
const cpuMs = (since: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1_000
}

interface Sealed {
  seal: Seal
  leaves: Leaf[]
  events: StoredEvent[]
}

function sealAll(events: StoredEvent[]): Sealed[] {
  const sealed: Sealed[] = []
  for (let from = 0; from < events.length; from += sealEvents) {
    const part = events.slice(from, from + sealEvents)
    const previous = sealed.at(-1)?.seal
    const leaves = part.map((event) => {
      const { leaf, hint } = hashEvent(event)
      return { leaf, hint }
    })
    const seal = sealBatch({
      stream: 'main',
      generation: 0,
      partition: 0,
      ...(previous === undefined ? {} : { previous }),
      leaves,
      others: [],
      ruleSet: noDigest,
      watermark: 0,
      attempt: 'a',
      lastRecord: noDigest,
      sealedAt: from,
      ledger: [],
    })
    sealed.push({ seal, leaves, events: part })
  }
  return sealed
}

const sealRows = 50_000

async function erasure(events: StoredEvent[]): Promise<Figure[]> {
  const dir = mkdtempSync(join(tmpdir(), 'varde-bench-erase-'))
  const store = await openEmbeddedStore({ dir, sealRows })
  try {
    for (let from = 0; from < events.length; from += 10_000)
      await store.events.create(events.slice(from, from + 10_000))
    await store.settle()
    // As in a store that has been running: in segments, not in the log of the last minutes.
    while ((await store.events.stats()).segments < Math.floor(events.length / sealRows)) await setTimeout(50)
    // One of a thousand, spread over all segments: each has to be rewritten.
    const subject = events.filter((_, n) => n % 1_000 === 7)
    const started = performance.now()
    await store.erasure?.erase(subject.map(({ id }) => ({ id, leaf: noDigest, at: 1, by: '@erasures.0' })))
    const hidden = performance.now()
    await store.erasure?.purged()
    const purged = performance.now()
    const perMillion = (1_000_000 / events.length) * ((purged - hidden) / 1_000)
    return [
      {
        name: `erasing ${subject.length} of ${events.length}: hidden`,
        value: hidden - started,
        unit: 'ms',
        goal: '≤ 1,000',
      },
      { name: 'bytes gone, a million events', value: perMillion, unit: 's', goal: '≤ 12 (2 min at 10M)' },
    ]
  } finally {
    await store.close()
    rmSync(dir, { recursive: true, force: true })
  }
}

const ingestRecords = 60_000

/** What ingest takes with sealing, as it always is, and without: the same less what was measured alone. */
async function shareOfIngest(sealing: number): Promise<Figure[]> {
  const rates = await benchIngest({ records: ingestRecords })
  const all = rates.find(({ name }) => name === 'ingest: CPU time, all threads')?.value ?? Number.NaN
  return [
    { name: 'ingest with sealing, an event', value: all, unit: 'µs CPU' },
    { name: 'ingest without sealing, an event', value: all - sealing, unit: 'µs CPU' },
    { name: 'sealing, share of ingest', value: (100 * sealing) / all, unit: '% CPU', goal: '≤ 10' },
  ]
}

export async function benchEvidence({ events: count }: { events: number }): Promise<Figure[]> {
  const figures: Figure[] = []
  const events = [...sampleEvents(count)]
  // The first ones are for the compiler, as in the bench of ingest.
  sealAll(events.slice(0, Math.min(20_000, count)))
  const cpu = process.cpuUsage()
  const sealed = sealAll(events)
  const sealing = (cpuMs(cpu) * 1_000) / count
  figures.push({ name: 'leaf, tree and seal, an event', value: sealing, unit: 'µs CPU' })
  figures.push(...(await shareOfIngest(sealing)))

  const [first] = sealed
  if (first === undefined) return figures
  const leaves = first.leaves.map(({ leaf }) => leaf)
  const proofs: EventProof[] = first.events
    .filter((_, n) => n % 20 === 0)
    .map((event) => JSON.parse(JSON.stringify(provable(event, first.seal, leaves))))
  const checking = process.cpuUsage()
  if (!proofs.every((proof) => verifyEventProof(proof).ok)) throw new Error('a proof of the bench does not hold')
  figures.push({ name: 'proof check, an event', value: cpuMs(checking) / proofs.length, unit: 'ms CPU', goal: '≤ 1' })

  figures.push(...(await benchCases({ events: count })))
  figures.push(...(await erasure(events)))
  return figures
}
