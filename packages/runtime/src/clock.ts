// Time comes in through here, so that tests and replay can hold it.

export interface Clock {
  /** UTC milliseconds. */
  now(): number
}

export const systemClock: Clock = { now: () => Date.now() }

/** A clock that never goes back: what a collector stamps arrivals with. */
export function monotonic(clock: Clock): Clock {
  let last = 0
  return {
    now() {
      last = Math.max(last, clock.now())
      return last
    },
  }
}

export function manualClock(start: number): Clock & { advance(ms: number): void; set(ms: number): void } {
  let now = start
  return {
    now: () => now,
    advance: (ms) => {
      now += ms
    },
    set: (ms) => {
      now = ms
    },
  }
}
