// The one door into the parsers: picks the product, runs it, and says what was left over.
import type { DeadLetterReason, EcsEvent, JsonObject } from '@varde/schema'

export interface ParseInput {
  raw: Uint8Array
  /** UTC milliseconds: the fallback for @timestamp and the year of stamps that have none. */
  arrival: number
  /** Elastic's `event.dataset`, such as `cisco_asa.log`; a hint always wins over the content. */
  dataset?: string
  /** IANA name or offset of claimed times that carry no zone. */
  timeZone?: string
  /** ECS fields that came with the record, such as a shipper's `log.source.address`: the parser's own win. */
  meta?: JsonObject
}

export interface Parsed {
  ok: true
  event: EcsEvent
  /** `event.dataset` of the parser that won. */
  dataset: string
  /** 1 for a hint; how sure detection by content was otherwise. */
  confidence: number
  /** Byte ranges of the raw record that no field explains. */
  unexplained: { from: number; to: number }[]
  /** The sender's own counter, where the format has one: gaps in it are losses. */
  sequence?: { producer: string; number: number }
}

export interface Unparsed {
  ok: false
  reason: DeadLetterReason
  /** For a person: names the place and what was expected. */
  detail: string
}

export declare function parseRecord(input: ParseInput): Parsed | Unparsed
