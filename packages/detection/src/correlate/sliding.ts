// Counts what lies in the sliding window that ends at an entry: events, or different values.
import { canonicalJson, type Json } from '@varde/schema'
import type { Entry } from './entry.ts'

export interface Sliding {
  /** Moves the window so that it ends at this position; positions must not go back. */
  moveTo(position: number): void
  /** Position of the first entry in the window. */
  first(): number
  count(): number
  distinct(): number
}

export function createSliding(entries: readonly Entry[], withinMs: number, distinct: readonly string[]): Sliding {
  let first = 0
  let next = 0
  const values = new Map<string, number>()
  const change = (entry: Entry, by: 1 | -1): void => {
    for (const text of countedOf(entry, distinct)) {
      const count = (values.get(text) ?? 0) + by
      if (count > 0) values.set(text, count)
      else values.delete(text)
    }
  }
  return {
    moveTo(position) {
      const time = (entries[position]?.time ?? 0) - withinMs
      for (; next <= position; next++) {
        const entry = entries[next]
        // Entries that are too old when they would come in need not come in.
        if (entry !== undefined && entry.time >= time) change(entry, 1)
        else if (entry !== undefined) first = next + 1
      }
      for (
        let entry = entries[first];
        entry !== undefined && first < next && entry.time < time;
        entry = entries[++first]
      )
        change(entry, -1)
    },
    first: () => first,
    count: () => next - first,
    distinct: () => values.size,
  }
}

/** A list counts with each of its values; several fields count as one tuple. */
export function countedOf(entry: Entry, distinct: readonly string[]): readonly string[] {
  if (distinct.length === 0) return []
  entry.counted ??= textsOf(entry, distinct)
  return entry.counted
}

function textsOf(entry: Entry, distinct: readonly string[]): string[] {
  const [only] = distinct
  if (distinct.length === 1 && only !== undefined) {
    const value: Json = entry.fields[only] ?? null
    return Array.isArray(value) ? [...new Set(value.map((item) => canonicalJson(item)))] : [canonicalJson(value)]
  }
  return [canonicalJson(distinct.map((name) => entry.fields[name] ?? null))]
}
