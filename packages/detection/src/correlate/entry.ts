// A hit inside a window, and the total order in which windows see them.
import type { Hit, Json } from '@varde/schema'

export interface Entry {
  /** UTC milliseconds. */
  time: number
  content: string
  eventId: string
  step: string
  fields: Record<string, Json>
  tenant: string
  /** `<stream>.<partition>` of raw: whose markers speak for it. */
  partition: string
  late: boolean
  /** The attempts that published it; undefined once a marker has named one of them. */
  attempts: string[] | undefined
  /** What a distinct count counts. */
  counted: readonly string[] | undefined
}

/** (time, content digest) as the design says; id and step only part what is alike. */
export function compareEntries(a: Entry, b: Entry): number {
  if (a.time !== b.time) return a.time - b.time
  if (a.content !== b.content) return a.content < b.content ? -1 : 1
  if (a.eventId !== b.eventId) return a.eventId < b.eventId ? -1 : 1
  return a.step === b.step ? 0 : a.step < b.step ? -1 : 1
}

/** Position of the first entry that does not come before `entry`. */
export function positionOf(entries: readonly Entry[], entry: Entry): number {
  let low = 0
  let high = entries.length
  // Most arrive in order: look at the end first.
  const last = entries[high - 1]
  if (last === undefined || compareEntries(last, entry) < 0) return high
  while (low < high) {
    const middle = (low + high) >>> 1
    const found = entries[middle]
    if (found !== undefined && compareEntries(found, entry) < 0) low = middle + 1
    else high = middle
  }
  return low
}

/** Position of the first entry at or after the time. */
export function positionAt(entries: readonly Entry[], time: number): number {
  let low = 0
  let high = entries.length
  while (low < high) {
    const middle = (low + high) >>> 1
    const found = entries[middle]
    if (found !== undefined && found.time < time) low = middle + 1
    else high = middle
  }
  return low
}

/** `same` gives one copy of equal texts: names of hosts and people come with every hit. */
export function entryOf(hit: Hit, same: (text: string) => string): Entry {
  const stream = hit.eventId.slice(0, hit.eventId.indexOf('.'))
  return {
    time: hit.time,
    content: hit.content,
    eventId: hit.eventId,
    step: same(hit.step),
    fields: hit.fields,
    tenant: same(hit.tenant),
    partition: same(`${stream}.${hit.partition}`),
    late: hit.late,
    attempts: [hit.attempt],
    counted: undefined,
  }
}
