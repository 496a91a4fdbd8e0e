// What a product's parser is: how it knows its own lines, and how it turns one into an ECS document.
import type { LogRecord } from './log-record.ts'
import type { EventDocument } from './normalise/document.ts'

export interface Product {
  /** Elastic's package name, such as `cisco_asa`; the module of its datasets. */
  name: string
  /** `event.dataset` values that this parser answers to; the first is the one that detection gives. */
  datasets: readonly string[]
  /** It writes files of its own whose lines begin with its own time: they are known inside of a forwarder's header too. */
  ownFiles?: true
  /**
   * How sure the content is this product's, 0 to 1. Runs on every record without a hint, so it looks at few characters.
   * 0.95 and above: no other product can have written this (detection stops here). 0.5: the shape fits.
   */
  detect(record: LogRecord): number
  /**
   * Fills the document. False: this is not a record that I can read (it then goes through the generic paths, keeping the
   * dataset). Never throws, linear in the length of the record. May set `document.dataset` to another of its own.
   */
  parse(record: LogRecord, document: EventDocument): boolean
}
