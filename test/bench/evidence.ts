// What evidence costs: sealing as a share of ingest, a proof's check, a bundle of many events, an erasure.
import { mkdtempSync, rmSync } from 'node:fs'
import { open } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type BundleRecord,
  type BundleSink,
  type BundleSource,
  bundleOrder,
  createBundleWriter,
  createKey,
  drawSeeds,
  type EventProof,
  evidenceFiles,
  hashEvent,
  type Leaf,
  localSigner,
  noDigest,
  provable,
  recordOfEvent,
  type SealedRecords,
  sealBatch,
  sealedRecords,
  sealHead,
  signatureProof,
  signHead,
  tipOf,
  verifyBundle,
  verifyEventProof,
} from '@varde/evidence'
import { parseRecord } from '@varde/parsers'
import { eventId, type Seal, type StoredEvent } from '@varde/schema'
import { openEmbeddedStore } from '@varde/store/embedded'
import { sampleWeek } from '../../apps/varde/src/sample/week.ts'
import type { Figure } from './figure.ts'
import { benchIngest } from './ingest.ts'

const sealEvents = 10_000
const cpuMs = (since: NodeJS.CpuUsage) => {
  const { user, system } = process.cpuUsage(since)
  return (user + system) / 1_000
}

/** Parsed lines of the repo's seeded week, as they would be stored. */
function storedEvents(count: number): StoredEvent[] {
  const events: StoredEvent[] = []
  for (let seed = 1; events.length < count; seed += 1) {
    const end = Date.UTC(2026, 5, 1) + seed * 7 * 86_400_000
    for (const { source, dataset, line } of sampleWeek({ seed, end })) {
      if (events.length === count) break
      const raw = Buffer.from(line)
      const parsed = parseRecord({ raw, arrival: end, ...(dataset === undefined ? {} : { dataset }) })
      if (!parsed.ok) continue
      const home = { stream: 'main', generation: 0, partition: 0, offset: events.length }
      const [seed16 = new Uint8Array(16)] = drawSeeds(1)
      events.push({
        id: eventId(home),
        home,
        tenant: 'house',
        source,
        retention: 'default',
        arrival: end,
        raw,
        seed: seed16,
        event: parsed.event,
        ingested: end,
      })
    }
  }
  return events
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

async function writeBundle(sealed: Sealed[], path: string): Promise<number> {
  const key = createKey(0)
  const last = sealed.at(-1)
  if (last === undefined) return 0
  const head = signHead({ tips: [tipOf(last.seal)], at: last.seal.sealedAt, key })
  const heads = sealed.map(({ seal }) => sealHead(seal))
  async function* groups(): AsyncGenerator<SealedRecords> {
    for (const { seal, leaves, events } of sealed) {
      const records: BundleRecord[] = events.map(recordOfEvent)
      yield sealedRecords(
        sealHead(seal),
        leaves.map(({ leaf }) => leaf),
        records,
      )
    }
  }
  const file = await open(path, 'w')
  try {
    const sink: BundleSink = {
      async write(bytes, at) {
        await file.write(bytes, 0, bytes.length, at)
      },
    }
    const writer = createBundleWriter(sink)
    const body = (key.record.publicKey.match(/.{1,64}/g) ?? []).join('\n')
    const files = evidenceFiles({
      records: groups,
      // One way from the first seal: its links are all the others.
      signatures: [
        {
          seal: heads[0] ?? sealHead(last.seal),
          proof: signatureProof(head, heads[0] ?? sealHead(last.seal), heads.slice(1)),
        },
      ],
      entries: [],
      entrySignatures: [],
      keys: [key.record],
      publicKeyPem: `-----BEGIN PUBLIC KEY-----\n${body}\n-----END PUBLIC KEY-----\n`,
      stamps: [],
    }).sort((a, b) => bundleOrder(a.path, b.path))
    for (const one of files) await writer.add(one)
    const records = sealed.reduce((sum, { events }) => sum + events.length, 0)
    const { bytes } = await writer.finish(
      { case: 'bench', revision: 1, at: 1, tenants: ['house'], records },
      { id: key.record.id, sign: localSigner(key.privateKey).sign },
    )
    return bytes
  } finally {
    await file.close()
  }
}

async function verify(path: string): Promise<{ ok: boolean; records: number }> {
  const file = await open(path)
  try {
    const { size } = await file.stat()
    const source: BundleSource = {
      size,
      async read(at, length) {
        const bytes = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - at)))
        const { bytesRead } = await file.read(bytes, 0, bytes.length, at)
        return bytes.subarray(0, bytesRead)
      },
    }
    const { ok, records, findings } = await verifyBundle(source)
    if (!ok) throw new Error(`the bench's own bundle does not hold: ${JSON.stringify(findings[0])}`)
    return { ok, records }
  } finally {
    await file.close()
  }
}

async function erasure(events: StoredEvent[]): Promise<Figure[]> {
  const dir = mkdtempSync(join(tmpdir(), 'varde-bench-erase-'))
  const store = await openEmbeddedStore({ dir, sealRows: 50_000 })
  try {
    for (let from = 0; from < events.length; from += 10_000)
      await store.events.create(events.slice(from, from + 10_000))
    await store.settle()
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
  const events = storedEvents(count)
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

  const dir = mkdtempSync(join(tmpdir(), 'varde-bench-bundle-'))
  try {
    const path = join(dir, 'bundle.zip')
    const writing = process.cpuUsage()
    const bytes = await writeBundle(sealed, path)
    const wrote = cpuMs(writing)
    figures.push({ name: 'bundle written', value: count / (wrote / 1_000), unit: 'ev/s CPU', goal: '≥ 20,000' })
    figures.push({ name: 'bundle, an event', value: bytes / count, unit: 'B' })
    const reading = process.cpuUsage()
    await verify(path)
    figures.push({
      name: 'bundle verified, a million events',
      value: (cpuMs(reading) / 1_000) * (1_000_000 / count),
      unit: 's CPU',
      goal: '≤ 60',
    })
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
  figures.push(...(await erasure(events)))
  return figures
}
