// Replays of one rule over a store: one that the store can narrow, one that it cannot; in a thread of their own, as the server runs them.
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { openEmbeddedStore } from '@varde/store/embedded'
import { replayThread } from '../../apps/varde/src/replay-thread.ts'
import type { Figure } from './figure.ts'
import { random, syntheticEvent } from './store.ts'

export interface ReplayBenchOptions {
  events: number
  /** Kept where it is given, so that a second run can read the same store; else a temporary one. */
  dir?: string
}

const wanted = 10_000_000
const day = 24 * 3_600_000
const end = Date.UTC(2026, 10, 1)

const rules = [
  {
    name: 'selective',
    goalSeconds: 5,
    body: `threshold: { when: 'event.code = "4625" and user.name = "user17"', group: [user.name], count: { atLeast: 5, within: 1h } }`,
  },
  {
    name: 'a code that is one in twenty',
    goalSeconds: undefined,
    body: `threshold: { when: 'event.code = "4625"', group: [source.ip], count: { atLeast: 20, within: 10m } }`,
  },
  {
    name: 'nothing that can be pushed down',
    goalSeconds: 60,
    body: `threshold: { when: '$length(source.ip) + source.port = 65540', group: [source.ip], count: { atLeast: 2, within: 1h } }`,
  },
] as const

export async function benchReplay({ events, dir }: ReplayBenchOptions): Promise<Figure[]> {
  const folder = dir ?? mkdtempSync(join(tmpdir(), 'varde-bench-replay-'))
  const isNew = !existsSync(join(folder, 'manifest.json')) && dir !== undefined ? true : dir === undefined
  const store = await openEmbeddedStore({ dir: folder })
  try {
    if (isNew) {
      const next = random(7)
      const step = 5_000
      for (let at = 0; at < events; at += step)
        await store.events.create(
          Array.from({ length: Math.min(step, events - at) }, (_, n) => syntheticEvent(at + n, events, next)),
        )
    }
    const thread = replayThread(store)
    const found: Figure[] = []
    for (const { name, body, goalSeconds } of rules) {
      const work = {
        rules: [{ file: 'bench.yaml', text: `id: bench\nname: Bench\nseverity: low\n${body}\n` }],
        lists: {},
        from: end - 30 * day,
        to: end,
        includeLate: false,
        scope: { tenants: 'all' as const },
      }
      const from = performance.now()
      const result = await thread.run(work, () => undefined, new AbortController().signal)
      const seconds = (performance.now() - from) / 1_000
      const scaled = (seconds * wanted) / events
      found.push(
        { name: `replay, ${name}: over ${events} events`, value: Math.round(seconds * 100) / 100, unit: 's' },
        {
          name: `replay, ${name}: events read, hits, alerts`,
          value: result.events,
          unit: `${result.hits}, ${result.alerts.length}`,
        },
        {
          name: `replay, ${name}: for 10M events at this rate`,
          value: Math.round(scaled * 10) / 10,
          unit: 's',
          ...(goalSeconds === undefined ? {} : { goal: `<= ${goalSeconds}` }),
        },
      )
    }
    return found
  } finally {
    await store.close()
    if (dir === undefined) rmSync(folder, { recursive: true, force: true })
  }
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [events, dir] = process.argv.slice(2)
  console.table(await benchReplay({ events: Number(events ?? 1_000_000), ...(dir === undefined ? {} : { dir }) }))
}
