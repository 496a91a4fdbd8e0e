// A breach of personal data or of security, as a case tells it: when, what, whom it concerns, and what was sent to whom.
import { z } from 'zod'
import { breachAnchors, breachKinds, filingKinds, languages } from './case-words.ts'

/** UTC milliseconds. */
const Time = z.number().int()

/** A moment that clocks run from. It may be set anew: the case's history keeps the former one. */
export const Anchor = z.object({
  name: z.enum(breachAnchors),
  at: Time,
  /** Why this moment: an authority will ask. */
  reason: z.string(),
  setAt: Time,
  by: z.string(),
})
export type Anchor = z.infer<typeof Anchor>

/** What Art. 33(3) asks, in the investigator's words; numbers that are absent are estimated from the pinned events. */
export const BreachFacts = z.object({
  kinds: z.array(z.enum(breachKinds)).optional(),
  nature: z.string().optional(),
  personCategories: z.array(z.string()).optional(),
  persons: z.number().int().nonnegative().optional(),
  recordCategories: z.array(z.string()).optional(),
  records: z.number().int().nonnegative().optional(),
  consequences: z.string().optional(),
  /** Beside the tasks that are measures. */
  measuresTaken: z.string().optional(),
  measuresProposed: z.string().optional(),
  /** Art. 33(1): why later than 72 hours. */
  delayReason: z.string().optional(),
  /** Art. 34: a high risk to the persons, and why or why not. */
  highRisk: z.boolean().optional(),
  riskReason: z.string().optional(),
  /** NIS2: suspected unlawful or malicious acts; effects in other member states. */
  malicious: z.boolean().optional(),
  crossBorder: z.string().optional(),
  rootCause: z.string().optional(),
  contact: z.object({ name: z.string(), mail: z.string().optional(), telephone: z.string().optional() }).optional(),
})
export type BreachFacts = z.infer<typeof BreachFacts>

/** A customer whose records are concerned: the controller that Art. 33(2) obliges us to tell. */
export const AffectedController = z.object({
  tenant: z.string(),
  name: z.string(),
  contact: z.string().optional(),
  persons: z.number().int().nonnegative().optional(),
  records: z.number().int().nonnegative().optional(),
  words: z.string().optional(),
})
export type AffectedController = z.infer<typeof AffectedController>

/** A notice that has left the house. */
export const Filing = z.object({
  id: z.string(),
  regime: z.string(),
  /** The clock of the regime that it meets. */
  clock: z.string(),
  kind: z.enum(filingKinds),
  /** The authority's name, a tenant, or whom else. */
  recipient: z.string(),
  tenant: z.string().optional(),
  /** 1 for the first notice, 2 … for what Art. 33(4) lets one send later. */
  phase: z.number().int().min(1),
  sentAt: Time,
  by: z.string(),
  /** The receipt's number. */
  reference: z.string().optional(),
  language: z.enum(languages).optional(),
  /** SHA-256 of the document as it was drafted then. */
  digest: z.string().optional(),
})
export type Filing = z.infer<typeof Filing>

/** Whether the authority is told; not telling is documented too (Art. 33(5)). */
export const BreachDecision = z.object({ notify: z.boolean(), reason: z.string(), at: Time, by: z.string() })

/** What a supplier told us about a breach at its own. */
export const SupplierReport = z.object({
  supplier: z.string(),
  contact: z.string().optional(),
  reference: z.string().optional(),
  /** What they wrote. */
  text: z.string(),
})
export type SupplierReport = z.infer<typeof SupplierReport>

export const Breach = z.object({
  /** Ids of the regime files whose clocks run on this case. */
  regimes: z.array(z.string()),
  anchors: z.array(Anchor),
  facts: BreachFacts,
  controllers: z.array(AffectedController),
  filings: z.array(Filing),
  decision: BreachDecision.optional(),
  supplier: SupplierReport.optional(),
})
export type Breach = z.infer<typeof Breach>
