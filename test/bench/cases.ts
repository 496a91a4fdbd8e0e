// How fast a case becomes a bundle and how fast a stranger checks it: pinned events into one ZIP with every file of it, and what memory that takes.
import { statSync } from 'node:fs'
import { systemClock } from '@varde/runtime'
import { verifyFile } from '../../apps/varde/src/verify-file.ts'
import { openFixture } from '../../packages/triage/src/testing/case-fixture.ts'
import type { Figure } from './figure.ts'
import { sampleEvents } from './sample-events.ts'

const perSeal = 5_000
/** For the compiler: a case of so many goes first. */
const firstEvents = 5_000
const scope = { tenants: 'all' } as const

interface Cost {
  cpuMs: number
  wallMs: number
  /** Highest resident memory meanwhile, MiB. */
  peak: number
}

const residentMiB = () => process.memoryUsage.rss() / 1_048_576

async function costOf<T>(run: () => Promise<T>): Promise<[T, Cost]> {
  let peak = residentMiB()
  const watch = setInterval(() => {
    peak = Math.max(peak, residentMiB())
  }, 50)
  const [cpu, wall] = [process.cpuUsage(), performance.now()]
  try {
    const value = await run()
    const { user, system } = process.cpuUsage(cpu)
    return [value, { cpuMs: (user + system) / 1_000, wallMs: performance.now() - wall, peak }]
  } finally {
    clearInterval(watch)
  }
}

type Desk = Awaited<ReturnType<typeof openFixture>>['desk']

/** A case with all events up to a time. */
async function pinnedCase(desk: Desk, to: number) {
  const { id } = await desk.cases.open({ title: 'bench', severity: 'low', zone: 'UTC', tenants: ['house'] }, 'bench')
  const { pinned } = await desk.evidence.pin(id, { query: '', from: 0, to }, 'bench', 'bench', scope)
  return { id, pinned }
}

async function exported(desk: Desk, id: string): Promise<string> {
  const of = await desk.cases.get(id, scope)
  if (of === undefined) throw new Error('the case was opened')
  const order = { why: 'bench', to: 'bench', pseudonymise: false, language: 'en' as const }
  const done = await desk.exports.ended((await desk.exports.begin(of, order, 'bench')).id)
  if (done.state !== 'done') throw new Error(`the export failed: ${done.problem}`)
  return desk.exports.path(done.id)
}

/** As `varde verify bundle.zip` does; how many records it read. */
async function verified(path: string): Promise<number> {
  let records = 0
  for await (const one of verifyFile(path, {}, () => {})) {
    if (one['finding'] !== undefined) throw new Error(`the bench's own bundle does not hold: ${JSON.stringify(one)}`)
    if (typeof one['records'] === 'number') records = one['records']
  }
  return records
}

/** Everything in one process: the CPU time and memory are those of store, threads and main together. */
export async function benchCases({ events: count }: { events: number }): Promise<Figure[]> {
  let firstTo = 0
  function* noted() {
    for (const event of sampleEvents(count)) {
      if (event.home.offset < firstEvents) firstTo = Math.max(firstTo, Date.parse(event.event['@timestamp']))
      yield event
    }
  }
  const { desk, close } = await openFixture({ events: noted(), perSeal, clock: systemClock })
  try {
    await verified(await exported(desk, (await pinnedCase(desk, firstTo)).id))
    const [{ id, pinned }, pinning] = await costOf(() => pinnedCase(desk, Number.MAX_SAFE_INTEGER))
    const before = residentMiB()
    const [path, exporting] = await costOf(() => exported(desk, id))
    const bytes = statSync(path).size
    const [records, checking] = await costOf(() => verified(path))
    if (records !== pinned || pinned !== count)
      throw new Error(`of ${count} events ${pinned} are pinned, ${records} checked`)
    const perSecond = (ms: number) => Math.round((1_000 * count) / ms)
    const million = (ms: number) => (ms / 1_000) * (1_000_000 / count)
    return [
      { name: 'events in the bundle', value: records, unit: '' },
      { name: 'bundle', value: bytes / 1_048_576, unit: 'MiB' },
      { name: 'bundle, an event', value: bytes / count, unit: 'B' },
      { name: 'pinned', value: perSecond(pinning.cpuMs), unit: 'ev/s CPU' },
      { name: 'exported', value: perSecond(exporting.cpuMs), unit: 'ev/s CPU', goal: '≥ 20,000' },
      { name: 'exported, by the clock', value: perSecond(exporting.wallMs), unit: 'ev/s', goal: '≥ 20,000' },
      { name: 'verified, a million events', value: million(checking.cpuMs), unit: 's CPU', goal: '≤ 60' },
      { name: 'verified, a million events, by the clock', value: million(checking.wallMs), unit: 's', goal: '≤ 60' },
      { name: 'resident memory before the export', value: before, unit: 'MiB' },
      { name: 'highest while exporting', value: exporting.peak, unit: 'MiB' },
      { name: 'highest while verifying', value: checking.peak, unit: 'MiB' },
    ]
  } finally {
    await close()
  }
}
