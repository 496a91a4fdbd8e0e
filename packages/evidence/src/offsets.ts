// Sets of offsets of one chain, as runs: what a sealed record of expiry names, however many events went.

/** From inclusive, to exclusive. */
export interface Run {
  from: number
  to: number
}

/** Ascending offsets as runs. */
export function runsOf(offsets: Iterable<number>): Run[] {
  const runs: Run[] = []
  let last: Run | undefined
  for (const offset of offsets) {
    if (last !== undefined && offset === last.to) last.to += 1
    else {
      last = { from: offset, to: offset + 1 }
      runs.push(last)
    }
  }
  return runs
}

/** LEB128 numbers in base64: by turns the offsets left out and the offsets named, from 0 on (FORMAT.md). */
export function packRuns(runs: readonly Run[]): string {
  const bytes: number[] = []
  let at = 0
  for (const { from, to } of runs) {
    pushNumber(bytes, from - at)
    pushNumber(bytes, to - from)
    at = to
  }
  return Buffer.from(bytes).toString('base64')
}

/** What `packRuns` wrote. Throws RangeError where it is not such a text. */
export function unpackRuns(packed: string): Run[] {
  const bytes = Buffer.from(packed, 'base64')
  const runs: Run[] = []
  let place = 0
  let at = 0
  const next = (): number => {
    let value = 0
    for (let factor = 1; ; factor *= 128) {
      const byte = bytes[place++]
      if (byte === undefined) throw new RangeError('runs end in the middle of a number')
      value += (byte & 127) * factor
      if (!Number.isSafeInteger(value)) throw new RangeError('runs hold a number above 2^53')
      if (byte < 128) return value
    }
  }
  while (place < bytes.length) {
    const from = at + next()
    const to = from + next()
    if (!Number.isSafeInteger(to)) throw new RangeError('runs go beyond 2^53')
    if (to > from) runs.push({ from, to })
    at = to
  }
  return runs
}

function pushNumber(bytes: number[], value: number): void {
  let left = value
  while (left >= 128) {
    bytes.push((left % 128) | 128)
    left = Math.floor(left / 128)
  }
  bytes.push(left)
}

/** Offsets in all of them; `to` is one beyond the last. */
export function countOfRuns(runs: readonly Run[]): number {
  return runs.reduce((sum, { from, to }) => sum + to - from, 0)
}

/** The runs of all, merged and in order. */
export function mergeRuns(runs: Iterable<Run>): Run[] {
  const merged: Run[] = []
  for (const { from, to } of [...runs].sort((a, b) => a.from - b.from)) {
    const last = merged.at(-1)
    if (last !== undefined && from <= last.to) last.to = Math.max(last.to, to)
    else merged.push({ from, to })
  }
  return merged
}

/** Of merged runs. */
export function runsHave(runs: readonly Run[], offset: number): boolean {
  let [low, high] = [0, runs.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((runs[middle]?.to ?? 0) <= offset) low = middle + 1
    else high = middle
  }
  const found = runs[low]
  return found !== undefined && found.from <= offset
}

/** The part of merged runs that lies in a range. */
export function runsWithin(runs: readonly Run[], from: number, to: number): Run[] {
  let [low, high] = [0, runs.length]
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((runs[middle]?.to ?? 0) <= from) low = middle + 1
    else high = middle
  }
  const found: Run[] = []
  for (let index = low; index < runs.length; index += 1) {
    const run = runs[index]
    if (run === undefined || run.from >= to) break
    found.push({ from: Math.max(run.from, from), to: Math.min(run.to, to) })
  }
  return found
}

/** One by one, in the order of the runs. */
export function* offsetsOf(runs: readonly Run[]): Generator<number> {
  for (const { from, to } of runs) for (let offset = from; offset < to; offset += 1) yield offset
}
