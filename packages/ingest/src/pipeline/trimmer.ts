// Lets sealed records leave the raw topic: not after each seal, but soon after the last one.
import type { Bus } from '@varde/bus'
import type { Logger } from '@varde/runtime'

export interface Trimmer {
  /** Everything below is sealed. */
  sealed(below: number): void
  /** The same at once; resolves when it has left. */
  now(below: number): Promise<void>
  stop(): void
}

const trimEveryMs = 2_000

export function createTrimmer(options: { bus: Bus; topic: string; partition: number; log: Logger }): Trimmer {
  const { bus, topic, partition, log } = options
  let wanted = 0
  let timer: NodeJS.Timeout | undefined
  const trim = () =>
    bus
      .trim(topic, partition, wanted)
      .catch((error: unknown) => log.warn({ topic, error: String(error) }, 'ingest: sealed records were not trimmed'))
  return {
    sealed(below) {
      wanted = below
      // A timer, and not the next seal: while the bus is full there is none.
      timer ??= setTimeout(() => {
        timer = undefined
        void trim()
      }, trimEveryMs)
    },
    now(below) {
      wanted = below
      return trim()
    },
    stop() {
      clearTimeout(timer)
      timer = undefined
    },
  }
}
