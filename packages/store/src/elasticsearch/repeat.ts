// The same request again where it may well succeed a little later: a busy queue, an index in the making, a node that starts.
import { isPassing } from './explain.ts'

/** A reader is told soon; an index in the making (each midnight, and each new tenant) takes some hundred milliseconds. */
export const readPatienceMs = 3_000

const firstWaitMs = 50
const longestWaitMs = 2_000

/** Sends again, with longer and longer waits, while what is wrong may pass and the patience lasts; then throws the last error. */
export async function repeated<T>(send: () => Promise<T>, patienceMs: number, signal?: AbortSignal): Promise<T> {
  const until = performance.now() + patienceMs
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    try {
      return await send()
    } catch (error) {
      if (signal?.aborted === true || !isPassing(error) || performance.now() + waitMs > until) throw error
      await new Promise((resolve) => setTimeout(resolve, waitMs * (0.5 + Math.random())))
    }
  }
}
