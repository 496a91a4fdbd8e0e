// Starts a thread for each replay, and ends it with the replay: its memory goes with it.
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads'
import {
  listValues,
  type Past,
  type ReplayProgress,
  type ReplayResult,
  type ReplayWork,
  type RunReplay,
} from '@varde/detection'
import { connect, VardeError } from '@varde/runtime'
import type { Hit } from '@varde/schema'
import type { EmbeddedStore } from '@varde/store/embedded'

export type ReplayStep =
  | { progress: ReplayProgress }
  | { result: ReplayResult & { cpuMs: number } }
  | { error: unknown }

/** What the thread offers. */
export interface ReplayCalls {
  replay(work: ReplayWork, options: { signal: AbortSignal }): AsyncIterable<ReplayStep>
  hits(work: Pick<ReplayWork, 'rules' | 'lists' | 'from' | 'to'>): Promise<Hit[]>
}

export interface ReplayStart {
  calls: MessagePort
  store: MessagePort
}

async function inThread<T>(store: EmbeddedStore, work: (calls: ReplayCalls) => Promise<T>): Promise<T> {
  const { port1, port2 } = new MessageChannel()
  const start: ReplayStart = { calls: port2, store: store.connectionPort() }
  const worker = new Worker(new URL('./replay-worker.ts', import.meta.url), {
    workerData: start,
    transferList: [port2, start.store],
  })
  try {
    const died = new Promise<never>((_, reject) => {
      worker.once('error', (cause) =>
        reject(new VardeError('REPLAY_THREAD', 'the thread of the replay has died', { cause })),
      )
    })
    died.catch(() => undefined)
    await Promise.race([new Promise<void>((resolve) => worker.once('message', () => resolve())), died])
    return await Promise.race([work(connect<ReplayCalls>(port1)), died])
  } finally {
    port1.close()
    await worker.terminate()
  }
}

export function replayThread(store: EmbeddedStore): { run: RunReplay; past: Past } {
  const run: RunReplay = (work, progress, signal) =>
    inThread(store, async (calls) => {
      for await (const step of calls.replay(work, { signal })) {
        if ('progress' in step) progress(step.progress)
        else if ('result' in step) return step.result
      }
      throw new VardeError('REPLAY_THREAD', 'the replay ended without a result')
    })
  const textsOf = (rules: Parameters<Past['hits']>[0]) => ({
    rules: rules.map(({ file, text }) => ({ file, text })),
    lists: listValues(rules[0]?.lists),
  })
  return {
    run,
    past: {
      hits: (rules, range) => inThread(store, (calls) => calls.hits({ ...textsOf(rules), ...range })),
      async alerts(rule, range, signal) {
        const scope = { tenants: 'all' } as const
        const work = { ...textsOf([rule]), ...range, includeLate: true, scope }
        return (await run(work, () => undefined, signal)).alerts
      },
    },
  }
}
