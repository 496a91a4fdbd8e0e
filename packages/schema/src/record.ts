// A raw record: the bytes as they came, and the facts about them that the collector alone can know.

export type Transport = 'udp' | 'tcp' | 'tls' | 'http' | 'bulk' | 'file' | 'kafka'

/** How a sender names its own record, so that a resend is known as one (DESIGN §3, Ids). */
export type SenderIdentity =
  /** An opaque key, such as the `_id` of a `_bulk` create. */
  | { key: string }
  /** A producer that counts up, such as a file (its digest, the byte offset of the line). */
  | { producer: string; sequence: number }

export interface RawRecord {
  /** The bytes of one record, without the framing of its transport. */
  raw: Uint8Array
  /** UTC milliseconds at the collector; never goes back within one collector. */
  arrival: number
  /** Whose record this is: the customer, or `house`. */
  tenant: string
  /** The configured source that sent it; authenticated where the transport can tell. */
  source: string
  /** The retention class: segments and indices never mix classes. */
  retention: string
  /** The collector that stamped the arrival. */
  collector: string
  transport: Transport
  /** The sender's address, where there is one. */
  peer?: string
  /** What the source is configured to be, such as `cisco_asa.log`; always wins over detection by content. */
  dataset?: string
  /** IANA zone or offset for claimed times that carry none; UTC without it. */
  timeZone?: string
  sender?: SenderIdentity
  /** True for history: late by definition, detected by replay and not by the live stream. */
  imported?: boolean
  /** The lateness its source is allowed (L, milliseconds) when it arrived: a fact of the record, so that a replay agrees. */
  latenessMs?: number
  /** Bytes that the collector had to leave out because the record was too long: it becomes an `oversized` dead letter. */
  cutBytes?: number
}

/** A collector's heartbeat in a raw partition: it moves the watermark where nothing arrives. */
export interface Tick {
  collector: string
  arrival: number
  /** `leave` takes the collector out of the watermark; the next tick brings it back. */
  state: 'live' | 'leave'
  /** The largest lateness that any source of this collector is allowed: its part of the watermark is arrival - this. */
  latenessMs?: number
}
