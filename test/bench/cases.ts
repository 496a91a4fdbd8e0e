// How fast a case becomes a bundle: pinned events into one ZIP with every file of it, in CPU time and against a floor of the same run.
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  createKey,
  drawSeeds,
  hashEvent,
  localSigner,
  openEntryStreams,
  sealBatch,
  verifyBundle,
} from '@varde/evidence'
import { systemClock } from '@varde/runtime'
import { eventId, type JsonObject, type Seal, type StoredEvent, sealId } from '@varde/schema'
import { collections } from '@varde/store'
import { openEmbeddedStore } from '@varde/store/embedded'
import { openAlerts, openCaseDesk } from '@varde/triage'

const perSeal = 5_000
const start = 1_795_564_800_000

function eventAt(offset: number): StoredEvent {
  const home = { stream: 'main', generation: 0, partition: 0, offset }
  const [seed = new Uint8Array(16)] = drawSeeds(1)
  const user = `user${offset % 997}`
  const host = `srv${offset % 61}.example.test`
  return {
    id: eventId(home),
    home,
    tenant: 'house',
    source: `dc${offset % 4}`,
    retention: 'default',
    arrival: start + offset * 10,
    raw: Buffer.from(
      `<13>1 2026-11-24T00:00:00.000Z ${host} Security 4625 - - An account failed to log on. Account Name: ${user} Source Network Address: 203.0.113.${offset % 250} Logon Type: 3 Status: 0xC000006D Sub Status: 0xC000006A Workstation: WS${offset % 211}`,
    ),
    seed,
    event: {
      '@timestamp': new Date(start + offset * 10).toISOString(),
      event: {
        action: 'logon-failed',
        category: ['authentication'],
        code: '4625',
        outcome: 'failure',
        provider: 'Security',
      },
      host: { name: host },
      message: 'An account failed to log on.',
      related: { ip: [`203.0.113.${offset % 250}`], user: [user] },
      source: { ip: `203.0.113.${offset % 250}` },
      user: { name: user },
      winlog: { event_data: { LogonType: '3', Status: '0xC000006D', SubStatus: '0xC000006A' } },
    },
    ingested: start + offset * 10,
  }
}

function cpuMs(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1_000
}

async function measure(count: number, folder: string) {
  const store = await openEmbeddedStore({ dir: join(folder, 'store') })
  const clock = systemClock
  const entries = openEntryStreams({ documents: store.documents, clock })
  const alerts = await openAlerts({ documents: store.documents, clock })
  const seals: Seal[] = []
  const leaves = new Map<string, string[]>()
  for (let from = 0; from < count; from += perSeal) {
    const events = Array.from({ length: Math.min(perSeal, count - from) }, (_, n) => eventAt(from + n))
    await store.events.create(events)
    const previous = seals.at(-1)
    const made = events.map((event) => hashEvent(event))
    const seal = sealBatch({
      stream: 'main',
      generation: 0,
      partition: 0,
      ...(previous === undefined ? {} : { previous }),
      leaves: made,
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
      made.map(({ leaf }) => leaf),
    )
  }
  const key = createKey(start)
  const desk = openCaseDesk({
    store,
    alerts,
    clock,
    entries,
    sealed: {
      sealOf: async ({ offset }) => seals.find((seal) => seal.from <= offset && offset < seal.to),
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
    house: { name: 'bench' },
  })
  const scope = { tenants: 'all' } as const
  const opened = await desk.cases.open({ title: 'bench', severity: 'low', zone: 'UTC', tenants: ['house'] }, 'bench')
  const pinFrom = cpuMs()
  const what = { query: '', from: 0, to: start * 2 }
  const pinned = await desk.evidence.pin(opened.id, what, 'bench', 'bench', scope)
  const pinMs = cpuMs() - pinFrom
  const of = (await desk.cases.get(opened.id, scope)) ?? opened
  // The first export also reads the ledger and fixes what the revision quotes; the second is the bundle alone.
  const order = { why: 'bench', to: 'bench', pseudonymise: false, language: 'en' as const }
  await desk.exports.ended((await desk.exports.begin(of, order, 'bench')).id)
  const [from, wallFrom] = [cpuMs(), performance.now()]
  const done = await desk.exports.ended((await desk.exports.begin(of, order, 'bench')).id)
  const [ms, wallMs] = [cpuMs() - from, performance.now() - wallFrom]
  const path = desk.exports.path(done.id)
  const bytes = readFileSync(path)
  const floorFrom = cpuMs()
  createHash('sha256').update(bytes).digest('hex')
  const floorMs = cpuMs() - floorFrom
  const verifyFrom = cpuMs()
  const report = await verifyBundle({ size: bytes.length, read: async (at, length) => bytes.subarray(at, at + length) })
  const verifyMs = cpuMs() - verifyFrom
  const size = statSync(path).size
  await desk.close()
  await store.close()
  return {
    events: pinned.pinned,
    megabytes: Math.round(size / 1e6),
    pinnedPerCpuSecond: Math.round((pinned.pinned / pinMs) * 1_000),
    exportedPerCpuSecond: Math.round((pinned.pinned / ms) * 1_000),
    exportWallMs: Math.round(wallMs),
    sha256FloorMs: Math.round(floorMs),
    verifiedPerCpuSecond: Math.round((report.records / verifyMs) * 1_000),
    holds: report.ok,
  }
}

/** Everything in one process: the CPU time is that of store, threads and main together. */
export async function benchCases({ events }: { events: number }) {
  const folder = mkdtempSync(join(tmpdir(), 'varde-bench-cases-'))
  try {
    return await measure(events, folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
