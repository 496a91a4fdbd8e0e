// A case desk over a real store with sealed events of several customers: for the tests and measurements of cases and bundles.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createKey, drawSeeds, hashEvent, localSigner, openEntryStreams, sealBatch } from '@varde/evidence'
import type { Clock } from '@varde/runtime'
import { eventId, type JsonObject, type Seal, type StoredEvent, sealId } from '@varde/schema'
import { collections } from '@varde/store'
import { openEmbeddedStore } from '@varde/store/embedded'
import { openAlerts } from '../alerts.ts'
import { openCaseDesk } from '../case-desk.ts'

export const tenants = ['alpha', 'beta', 'gamma']
export const start = 1_795_564_800_000

/** Every value of an event names its customer, so that a foreign one is seen wherever it turns up. */
export function eventAt(offset: number, partition = 0): StoredEvent {
  const home = { stream: 'main', generation: 0, partition, offset }
  const tenant = tenants[offset % tenants.length] ?? ''
  const [seed = new Uint8Array(16)] = drawSeeds(1)
  return {
    id: eventId(home),
    home,
    tenant,
    source: `${tenant}-dc1`,
    retention: 'standard',
    arrival: start + offset * 100,
    raw: Buffer.from(`<13>logon of ${tenant}.user${offset} at ${tenant}-host${offset}`),
    seed,
    event: {
      '@timestamp': new Date(start + offset * 100).toISOString(),
      event: { action: 'logon-failed', category: ['authentication'], outcome: 'failure' },
      host: { name: `${tenant}-host${offset}` },
      source: { ip: `198.51.100.${offset % 250}` },
      user: { name: `${tenant}.user${offset}` },
    },
    ingested: start + offset * 100,
  }
}

/** The first so many. */
export function eventsTo(count: number): StoredEvent[] {
  return Array.from({ length: count }, (_, offset) => eventAt(offset))
}

function* batchesOf(events: Iterable<StoredEvent>, size: number): Generator<StoredEvent[]> {
  let batch: StoredEvent[] = []
  for (const event of events) {
    batch.push(event)
    if (batch.length < size) continue
    yield batch
    batch = []
  }
  if (batch.length > 0) yield batch
}

/** `events`: of one partition, by offset, from 0 on. */
export async function openFixture<C extends Clock>(input: {
  events: Iterable<StoredEvent>
  perSeal: number
  clock: C
}) {
  const { clock } = input
  const folder = mkdtempSync(join(tmpdir(), 'varde-cases-'))
  const store = await openEmbeddedStore({ dir: join(folder, 'store') })
  const entries = openEntryStreams({ documents: store.documents, clock })
  const alerts = await openAlerts({ documents: store.documents, clock })
  const seals: Seal[] = []
  const leaves = new Map<string, string[]>()
  for (const events of batchesOf(input.events, input.perSeal)) {
    await store.events.create(events)
    const previous = seals.at(-1)
    const batch = events.map((event) => hashEvent(event))
    const seal = sealBatch({
      stream: 'main',
      generation: 0,
      partition: 0,
      ...(previous === undefined ? {} : { previous }),
      leaves: batch,
      others: [],
      ruleSet: '0'.repeat(64),
      watermark: start,
      attempt: 'a',
      lastRecord: '0'.repeat(64),
      sealedAt: start,
      ledger: [],
    })
    const doc: JsonObject = JSON.parse(JSON.stringify(seal))
    await store.documents.create(collections.seals.name, sealId(seal), doc)
    seals.push(seal)
    leaves.set(
      sealId(seal),
      batch.map(({ leaf }) => leaf),
    )
  }
  // Events can be found a moment after their create.
  await store.settle()
  const key = createKey(start)
  let sealedTo = Number.POSITIVE_INFINITY
  const desk = openCaseDesk({
    store,
    alerts,
    clock,
    entries,
    sealed: {
      sealOf: async ({ offset }) =>
        offset < sealedTo ? seals.find((seal) => seal.from <= offset && offset < seal.to) : undefined,
      leavesOf: async (seal) => leaves.get(sealId(seal)) ?? [],
    },
    signing: {
      keys: async () => [key.record],
      current: async () => ({ record: key.record, signer: localSigner(key.privateKey) }),
      ofSeal: async () => undefined,
      ofEntry: async () => undefined,
      stamps: async () => [],
    },
    ruleText: async () => undefined,
    exportsFolder: join(folder, 'exports'),
    house: { name: 'Varde Hosting' },
  })
  return {
    desk,
    store,
    clock,
    alerts,
    /** Events from this offset on have no seal yet. */
    setSealedTo(offset: number) {
      sealedTo = offset
    },
    async close() {
      await desk.close()
      await store.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}
