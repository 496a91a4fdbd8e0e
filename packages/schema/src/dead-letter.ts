// A record that could not become an event: kept whole, searchable, re-drivable, sealed, never matched.
import type { EventId, Home } from './home.ts'
import type { RawRecord } from './record.ts'

export interface DeadLetter {
  id: EventId
  home: Home
  record: Omit<RawRecord, 'raw'>
  raw: Uint8Array
  seed: Uint8Array
  /** A closed list: see `deadLetterReasons`. */
  reason: DeadLetterReason
  /** What was wrong, for a person: names the field or byte. */
  detail: string
  /** UTC milliseconds. */
  failedAt: number
  /** Set when a re-drive published the record again: its new home. */
  redrivenAs?: EventId
}

export const deadLetterReasons = [
  'empty',
  'oversized',
  'unreadable',
  'nested-too-deep',
  'too-many-fields',
  'parser-error',
  'refused-by-store',
] as const
export type DeadLetterReason = (typeof deadLetterReasons)[number]
