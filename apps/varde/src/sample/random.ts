// Seeded chance: the same seed tells the same week.

export interface Chance {
  /** From 0 up to, not including, 1. */
  next(): number
  whole(from: number, to: number): number
  pick<T>(from: readonly [T, ...T[]]): T
  /** True in so many of 1. */
  in(share: number): boolean
  hex(digits: number): string
}

/** mulberry32: 32 bits of state are plenty for a story. */
export function createChance(seed: number): Chance {
  let state = seed >>> 0
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  const whole = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  return {
    next,
    whole,
    pick: (from) => from[whole(0, from.length - 1)] ?? from[0],
    in: (share) => next() < share,
    hex: (digits) => Array.from({ length: digits }, () => whole(0, 15).toString(16)).join(''),
  }
}
