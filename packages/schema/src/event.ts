// One stored event: an ECS document, the raw bytes it came from, and where both live.
import type { EventText } from './event-text.ts'
import type { EventId, Home } from './home.ts'
import type { JsonObject } from './json.ts'
import type { SenderIdentity } from './record.ts'

/**
 * A nested ECS document. Invariants that the parsers keep and the store relies on: `@timestamp` is ISO 8601 in UTC with
 * exactly three decimals and a `Z`; no key holds a dot; no key begins with `_` or is `outerWrapper` or `__proto__`;
 * every string is well-formed UTF-16 (no lone surrogate); numbers are finite, and -0 is written 0.
 */
export interface EcsEvent extends JsonObject {
  '@timestamp': string
}

export interface StoredEvent {
  id: EventId
  home: Home
  tenant: string
  source: string
  /** Retention class. */
  retention: string
  /** UTC milliseconds, stamped by the collector. */
  arrival: number
  /** The exact bytes of the raw record. */
  raw: Uint8Array
  /** 16 random bytes, drawn at the first create; the two salts of the leaf derive from it. Erasing it hides both halves. */
  seed: Uint8Array
  /** Canonical: everything in here is under the seal. */
  event: EcsEvent
  /** What `eventText` made of `event`, where somebody did: for whoever needs the bytes next. Not stored. */
  text?: EventText
  /** UTC milliseconds of the create; outside the seal. */
  ingested: number
  sender?: SenderIdentity
  /** Late by its source's allowance, from the future, or imported: facts that decide windowing. */
  lateness?: 'late' | 'future' | 'imported'
}
