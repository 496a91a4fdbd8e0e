// A replay in a thread of its own: reads the store and matches; the page and live detection go on beside it.
import { parentPort, workerData } from 'node:worker_threads'
import { type CompiledRule, compileRule, createLists, readHits, runReplayWork } from '@varde/detection'
import { expose } from '@varde/runtime'
import type { Hit } from '@varde/schema'
import { connectEmbeddedStore } from '@varde/store/embedded'
import type { ReplayCalls, ReplayStart, ReplayStep } from './replay-thread.ts'

const start: ReplayStart = workerData
const store = connectEmbeddedStore(start.store)
/** Progress is told no more often: a thread that has nothing else to do reads thousands of batches a minute. */
const progressMs = 200

const calls: ReplayCalls = {
  async *replay(work, options) {
    const waiting: ReplayStep[] = []
    let wake = () => {}
    let told = 0
    const tell = (step: ReplayStep) => {
      waiting.push(step)
      wake()
    }
    const running = runReplayWork(
      store,
      work,
      (progress) => {
        if (performance.now() - told < progressMs) return
        told = performance.now()
        tell({ progress })
      },
      options.signal,
    ).then(
      (result) => tell({ result }),
      (error: unknown) => tell({ error }),
    )
    for (;;) {
      const step = waiting.shift()
      if (step === undefined) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
        continue
      }
      if ('error' in step) throw step.error
      yield step
      if ('result' in step) break
    }
    await running
  },
  async hits({ rules, lists, from, to }): Promise<Hit[]> {
    const known = createLists(lists)
    const compiled = rules.flatMap(({ text, file }): CompiledRule[] => {
      const one = compileRule(text, file, { lists: known })
      return one.ok ? [one.rule] : []
    })
    return readHits(store, compiled, { from, to })
  },
}
expose(start.calls, calls)
parentPort?.postMessage('ready')
