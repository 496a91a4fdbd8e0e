// What every bench reports, and how it reads times: one row of the table.

export interface Figure {
  name: string
  value: number
  unit: string
  /** What it is measured against, where there is a goal. */
  goal?: string
}

/** `share`: 0 to 1, where 1 is the worst; `digits` behind the point. 0 of no values. */
export function percentile(values: readonly number[], share: number, digits = 0): number {
  const sorted = values.toSorted((a, b) => a - b)
  const found = sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0
  return Math.round(found * 10 ** digits) / 10 ** digits
}
