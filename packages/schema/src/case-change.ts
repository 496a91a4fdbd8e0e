// What can be done to a case: each of these is one revision. People send the first list; Varde itself adds the second.
import { z } from 'zod'
import { severities } from './alert-words.ts'
import { AffectedController, BreachFacts, Filing, SupplierReport } from './breach.ts'
import { CaseEntry, CasePerson, PinBatch } from './case.ts'
import { breachAnchors, caseStatuses, taskStatuses } from './case-words.ts'

const Time = z.number().int()
const Id = z.string().min(1).max(64)
const Line = z.string().trim().min(1).max(500)
const Text = z.string().max(50_000)
const emptied = <T extends z.ZodType>(type: T) => type.nullable().optional()

/** `null` takes a value away; what is absent stays. */
export const AskedChange = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('edit'),
    title: Line.optional(),
    summary: Text.optional(),
    status: z.enum(caseStatuses).optional(),
    severity: z.enum(severities).optional(),
    zone: z.string().max(64).optional(),
    tags: z.array(Line).max(50).optional(),
    assignee: emptied(Line),
  }),
  /** Ids of what is added are given by the server. */
  z.object({ kind: z.literal('add-note'), text: Text.min(1) }),
  z.object({ kind: z.literal('edit-note'), id: Id, text: Text.min(1) }),
  z.object({ kind: z.literal('remove-note'), id: Id, reason: Line }),
  z.object({
    kind: z.literal('add-task'),
    title: Line,
    text: Text.optional(),
    assignee: Line.optional(),
    dueAt: Time.optional(),
    measure: z.boolean().default(false),
  }),
  z.object({
    kind: z.literal('edit-task'),
    id: Id,
    title: Line.optional(),
    text: emptied(Text),
    assignee: emptied(Line),
    dueAt: emptied(Time),
    measure: z.boolean().optional(),
    status: z.enum(taskStatuses).optional(),
  }),
  z.object({ kind: z.literal('add-person'), person: CasePerson.omit({ id: true }) }),
  z.object({ kind: z.literal('edit-person'), person: CasePerson }),
  z.object({ kind: z.literal('remove-person'), id: Id }),
  z.object({ kind: z.literal('add-entry'), entry: CaseEntry.omit({ id: true, by: true }) }),
  z.object({ kind: z.literal('edit-entry'), entry: CaseEntry.omit({ by: true }) }),
  z.object({ kind: z.literal('remove-entry'), id: Id, reason: Line }),
  /** Words on a pinned event; an empty text or `null` takes them away. */
  z.object({
    kind: z.literal('mark'),
    eventId: z.string(),
    words: emptied(Text),
    phase: emptied(z.string().max(64)),
    important: z.boolean().optional(),
  }),
  z.object({ kind: z.literal('withdraw'), eventId: z.string(), reason: Line }),
  z.object({ kind: z.literal('restore'), eventId: z.string(), reason: Line }),
  z.object({ kind: z.literal('hold'), reason: Line, authority: Line.optional() }),
  z.object({ kind: z.literal('release-hold'), reason: Line }),
  /** Makes the case a breach, or says which regimes apply. */
  z.object({ kind: z.literal('breach'), regimes: z.array(Id).min(1).max(20) }),
  z.object({ kind: z.literal('anchor'), name: z.enum(breachAnchors), at: Time, reason: Line }),
  /** All facts: they replace the former ones. */
  z.object({ kind: z.literal('facts'), facts: BreachFacts }),
  z.object({ kind: z.literal('controller'), controller: AffectedController }),
  z.object({ kind: z.literal('remove-controller'), tenant: z.string(), reason: Line }),
  z.object({ kind: z.literal('filing'), filing: Filing.omit({ id: true, by: true }) }),
  z.object({ kind: z.literal('decision'), notify: z.boolean(), reason: Line }),
])
export type AskedChange = z.infer<typeof AskedChange>

/** What only Varde writes, as part of something larger. */
export const OwnChange = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('open'),
    id: z.string(),
    title: z.string(),
    summary: z.string(),
    severity: z.enum(severities),
    zone: z.string(),
    tags: z.array(z.string()),
    tenants: z.array(z.string()),
  }),
  z.object({ kind: z.literal('pin'), batch: PinBatch, tenants: z.array(z.string()) }),
  /** Proofs that were pending when the events were pinned are whole now. */
  z.object({ kind: z.literal('prove'), batch: z.string(), proven: z.number().int() }),
  z.object({ kind: z.literal('supplier'), report: SupplierReport }),
])
export type OwnChange = z.infer<typeof OwnChange>

export type CaseChange = (AskedChange | OwnChange) & {
  /** Of what the change adds. */
  newId?: string
}

/** One step of a case's history. */
export const CaseRevision = z.object({
  case: z.string(),
  revision: z.number().int(),
  /** UTC milliseconds. */
  at: Time,
  by: z.string(),
  change: z.intersection(z.union([AskedChange, OwnChange]), z.object({ newId: z.string().optional() })),
  /** `digest` of the revision before; 64 zeros for the first. */
  previous: z.string(),
  /** SHA-256 of the canonical JSON of the members above. */
  digest: z.string(),
})
export type CaseRevision = z.infer<typeof CaseRevision>
