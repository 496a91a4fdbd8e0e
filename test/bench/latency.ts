// How long a sender waits for its acknowledgement, and anybody until the record can be searched, at a steady rate of records.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { type Figure, percentile } from './figure.ts'
import { linesOf, openPipeline } from './ingest.ts'

const requestRecords = 100
const probeEveryMs = 1_000
const lookEveryMs = 20
const visibleMsMax = 60_000

/** Requests of a hundred lines, `perSecond` lines a second, with a thousand rules; once a second one line is looked for. */
export async function benchLatency({ perSecond = 10_000, seconds = 20, rules = 1_000 } = {}): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'varde-bench-'))
  try {
    const warmUp = 20_000
    const records = linesOf(warmUp + perSecond * seconds)
    const { store, calls, append, close } = await openPipeline(folder, rules)
    await append(records.slice(0, warmUp))
    await calls.drained()
    const acknowledgedMs: number[] = []
    const visibleMs: number[] = []
    const waiting: Promise<void>[] = []
    const requests = (perSecond * seconds) / requestRecords
    const began = performance.now()
    for (let n = 0, probes = 0; n < requests; n += 1) {
      const due = began + (n * requestRecords * 1_000) / perSecond
      const early = due - performance.now()
      if (early > 0) await pause(early)
      const from = warmUp + n * requestRecords
      const some = records.slice(from, from + requestRecords)
      const [first] = some
      if (first !== undefined && performance.now() - began >= probes * probeEveryMs) {
        const word = `probe${probes++}x`
        some[0] = { ...first, raw: Buffer.concat([first.raw, Buffer.from(` ${word}`)]) }
        waiting.push(visible(word).then((ms) => void visibleMs.push(ms)))
      }
      // From when it should have been sent: a sender that is held up waits too.
      waiting.push(append(some).then(() => void acknowledgedMs.push(performance.now() - due)))
    }
    const sentMs = performance.now() - began
    await Promise.all(waiting)
    await calls.drained()
    const drainedMs = performance.now() - began
    await close()

    async function visible(word: string): Promise<number> {
      const asked = performance.now()
      const filter = {
        scope: { tenants: 'all' as const },
        query: { kind: 'text' as const, value: { kind: 'word' as const, text: word } },
      }
      while (performance.now() - asked < visibleMsMax) {
        if ((await store.events.search(filter, { limit: 1 })).events.length > 0) break
        await pause(lookEveryMs)
      }
      return performance.now() - asked
    }

    const sent = requests * requestRecords
    return [
      { name: 'sent', value: Math.round((sent / sentMs) * 1_000), unit: 'ev/s', goal: String(perSecond) },
      { name: 'acknowledgement, p50', value: percentile(acknowledgedMs, 0.5), unit: 'ms' },
      { name: 'acknowledgement, p95', value: percentile(acknowledgedMs, 0.95), unit: 'ms', goal: '<= 100' },
      { name: 'acknowledgement, worst', value: percentile(acknowledgedMs, 1), unit: 'ms' },
      { name: 'visible in search, p50', value: percentile(visibleMs, 0.5), unit: 'ms' },
      { name: 'visible in search, worst', value: percentile(visibleMs, 1), unit: 'ms', goal: '<= 1500' },
      { name: 'stored', value: Math.round((sent / drainedMs) * 1_000), unit: 'ev/s' },
    ]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
