// The chain of custody: what happened to each item of evidence, by whom, when and why. Entries are only ever added.
import { z } from 'zod'
import { custodyActions } from './case-words.ts'

export const CustodyEntry = z.object({
  case: z.string(),
  /** 0, 1, 2 … within the case. */
  number: z.number().int(),
  /** UTC milliseconds. */
  at: z.number().int(),
  by: z.string(),
  action: z.enum(custodyActions),
  /** `case`, `pin:<batch>`, `event:<id>`, `alert:<id>`, `bundle:<export>` or `document:<name>`. */
  item: z.string(),
  why: z.string(),
  /** SHA-256 of the item as it was then, where it has one. */
  digest: z.string().optional(),
  /** How many records the item holds. */
  count: z.number().int().optional(),
  /** To whom it was handed over or exported. */
  to: z.string().optional(),
  /** What a verification found. */
  outcome: z.string().optional(),
})
export type CustodyEntry = z.infer<typeof CustodyEntry>
