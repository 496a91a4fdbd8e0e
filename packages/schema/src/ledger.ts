// The ledger: per source and minute of arrival, what came, what became of it and what was lost (DESIGN §3). Nobody recomputes it.
import type { JsonObject } from './json.ts'

export interface LedgerSums {
  received: number
  events: number
  bytes: number
  deadLetters: number
  duplicates: number
  late: number
  /** Events from the future beyond the allowed skew. */
  future: number
  /** Records lost according to the sender's own sequence numbers. */
  missing: number
  /** Sum of arrival - event time in milliseconds over the events: ÷ events = mean lag. */
  lagMsSum: number
  lagMsMax: number
  /** Bytes of raw text that no parser explained. */
  unexplainedBytes: number
}

export interface LedgerEntry extends LedgerSums {
  tenant: string
  source: string
  /** UTC milliseconds of the start of the minute of arrival. */
  minute: number
}

/** What stands in a ledger before anything was counted. */
export function emptyLedgerSums(): LedgerSums {
  return {
    received: 0,
    events: 0,
    bytes: 0,
    deadLetters: 0,
    duplicates: 0,
    late: 0,
    future: 0,
    missing: 0,
    lagMsSum: 0,
    lagMsMax: 0,
    unexplainedBytes: 0,
  }
}

const added = [
  'received',
  'events',
  'bytes',
  'deadLetters',
  'duplicates',
  'late',
  'future',
  'missing',
  'lagMsSum',
  'unexplainedBytes',
] as const satisfies (keyof LedgerSums)[]

/** Adds an entry to sums; both may be stored documents, where a count that an older Varde did not keep is 0. */
export function addToLedger(sums: JsonObject | LedgerSums, entry: JsonObject | LedgerSums): void {
  for (const name of added) sums[name] = count(sums, name) + count(entry, name)
  sums.lagMsMax = Math.max(count(sums, 'lagMsMax'), count(entry, 'lagMsMax'))
}

function count(of: JsonObject | LedgerSums, name: keyof LedgerSums): number {
  const value = of[name]
  return typeof value === 'number' ? value : 0
}
