// How far a partition's time has come: min over the live collectors of (arrival − lateness), from the records alone.
import { limits } from '@varde/runtime'
import type { Tick } from '@varde/schema'

export interface Watermark {
  seeRecord(collector: string, arrival: number, latenessMs: number): void
  seeTick(tick: Tick): void
  /** UTC milliseconds; never goes back. */
  value(): number
}

interface Collector {
  arrival: number
  latenessMs: number
}

/** `start` is the watermark of the chain's last seal. */
export function createWatermark(start: number, silentMs: number = limits.collectorSilentMs): Watermark {
  const live = new Map<string, Collector>()
  let newest = 0
  let reached = start

  const see = (name: string, arrival: number, latenessMs: number, exact: boolean) => {
    newest = Math.max(newest, arrival)
    const known = live.get(name)
    if (known === undefined) {
      live.set(name, { arrival, latenessMs })
      return
    }
    known.arrival = Math.max(known.arrival, arrival)
    // A tick knows all sources of its collector; a record only its own.
    known.latenessMs = exact ? latenessMs : Math.max(known.latenessMs, latenessMs)
  }

  return {
    seeRecord: (collector, arrival, latenessMs) => see(collector, arrival, latenessMs, false),
    seeTick(tick) {
      if (tick.state === 'leave') live.delete(tick.collector)
      else see(tick.collector, tick.arrival, tick.latenessMs ?? limits.latenessMs, true)
    },
    value() {
      let least = Number.POSITIVE_INFINITY
      for (const [name, collector] of live) {
        if (newest - collector.arrival > silentMs) live.delete(name)
        else least = Math.min(least, collector.arrival - collector.latenessMs)
      }
      if (least !== Number.POSITIVE_INFINITY) reached = Math.max(reached, least)
      return reached
    },
  }
}
