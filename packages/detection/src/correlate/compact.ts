// A window at rest as one text: a million of them must fit, and most hold one event that waits for others that never come.
import type { Json } from '@varde/schema'
import type { Entry } from './entry.ts'
import type { Window } from './evaluator.ts'

/** Windows with more are written and read too often to be worth it. */
export const compactEntriesMax = 8

type Packed = [
  time: number,
  content: string,
  eventId: string,
  step: string,
  fields: Record<string, Json>,
  partition: string,
  late: 0 | 1,
  tenant?: string,
]

/** Nothing waits for a marker, and there are few. */
export function isCompactable({ entries }: Pick<Window<unknown>, 'entries'>): boolean {
  return entries.length <= compactEntriesMax && entries.every((entry) => entry.attempts === undefined)
}

/** The entries of a window whose base is that of a new one. Their count comes first: it is asked for most. */
export function compact({ tenant, entries, settled, incomplete }: Window<unknown>): string {
  const packed = entries.map((entry): Packed => {
    const { time, content, eventId, step, fields, partition, late } = entry
    const one: Packed = [time, shortDigest(content), eventId, step, fields, partition, late ? 1 : 0]
    if (entry.tenant !== tenant) one.push(entry.tenant)
    return one
  })
  return `${entries.length}${JSON.stringify([settled, incomplete ?? 0, packed])}`
}

export const entriesOfCompact = (text: string): number => text.charCodeAt(0) - 48

export function restored<Base>(
  text: string,
  { tenant, key }: { tenant: string; key: string },
  base: Base,
): Window<Base> {
  const [settled, incomplete, packed]: [number, string | 0, Packed[]] = JSON.parse(text.slice(1))
  const entries = packed.map(
    ([time, content, eventId, step, fields, partition, late, own = tenant]): Entry => ({
      time,
      content: longDigest(content),
      eventId,
      step,
      fields,
      tenant: own,
      partition,
      late: late === 1,
      attempts: undefined,
      counted: undefined,
    }),
  )
  return { tenant, key, entries, settled, base, incomplete: incomplete === 0 ? undefined : incomplete }
}

const hexDigest = /^[0-9a-f]{64}$/

/** 43 letters for 64: it is the largest part of most windows. */
function shortDigest(content: string): string {
  return hexDigest.test(content) ? Buffer.from(content, 'hex').toString('base64url') : `!${content}`
}

function longDigest(short: string): string {
  return short.startsWith('!') ? short.slice(1) : Buffer.from(short, 'base64url').toString('hex')
}
