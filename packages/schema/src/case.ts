// A case: what people know, do and decide about an incident. It is the fold of its revisions; each revision is one change.
import { z } from 'zod'
import { severities } from './alert-words.ts'
import { Breach } from './breach.ts'
import { caseRoles, caseStatuses, taskStatuses } from './case-words.ts'

/** UTC milliseconds. */
const Time = z.number().int()

export const CasePerson = z.object({
  id: z.string(),
  name: z.string(),
  role: z.enum(caseRoles),
  /** Mail, telephone: as typed. */
  contact: z.string().optional(),
  /** Organisation, such as the customer's name. */
  organisation: z.string().optional(),
})
export type CasePerson = z.infer<typeof CasePerson>

export const CaseTask = z.object({
  id: z.string(),
  title: z.string(),
  /** Markdown. */
  text: z.string().optional(),
  assignee: z.string().optional(),
  dueAt: Time.optional(),
  status: z.enum(taskStatuses),
  /** A measure stands in the notices: taken once the task is done, proposed until then. */
  measure: z.boolean(),
  createdAt: Time,
  createdBy: z.string(),
  closedAt: Time.optional(),
  closedBy: z.string().optional(),
})
export type CaseTask = z.infer<typeof CaseTask>

export const CaseNote = z.object({
  id: z.string(),
  /** Markdown. */
  text: z.string(),
  at: Time,
  by: z.string(),
  editedAt: Time.optional(),
})
export type CaseNote = z.infer<typeof CaseNote>

/** One act of pinning: copies of events, or of an alert, as they were then. The copies lie beside the case. */
export const PinBatch = z.object({
  id: z.string(),
  kind: z.enum(['events', 'alert']),
  at: Time,
  by: z.string(),
  reason: z.string(),
  /** Where the events were chosen by a query: in KQL, with its range of event time. */
  query: z.object({ text: z.string(), from: Time, to: Time }).optional(),
  /** The alert that it is, or whose events they are. */
  alert: z.object({ id: z.string(), title: z.string(), rule: z.string() }).optional(),
  count: z.number(),
  /** Event time of the first and the last; absent where there is none. */
  first: Time.optional(),
  last: Time.optional(),
  tenants: z.array(z.string()),
  /** SHA-256 over the items' digests in order: what the custody entry names. */
  digest: z.string(),
})
export type PinBatch = z.infer<typeof PinBatch>

/** The analyst's words on a pinned event. */
export const CaseMark = z.object({
  eventId: z.string(),
  words: z.string().optional(),
  /** ATT&CK tactic, such as `credential-access`. */
  phase: z.string().optional(),
  important: z.boolean().optional(),
  /** Left out of timeline and bundle, and said so there; the copy stays. */
  withdrawn: z.object({ reason: z.string() }).optional(),
  at: Time,
  by: z.string(),
})
export type CaseMark = z.infer<typeof CaseMark>

/** A line of the timeline that no log wrote: a call, a decision, something seen. */
export const CaseEntry = z.object({
  id: z.string(),
  /** When it happened, and when it was found out. */
  time: Time,
  discoveredAt: Time,
  source: z.string(),
  entity: z.string().optional(),
  phase: z.string().optional(),
  words: z.string(),
  by: z.string(),
})
export type CaseEntry = z.infer<typeof CaseEntry>

/** While it stands, neither retention nor erasure touches what is pinned or lies in the held range. */
export const LegalHold = z.object({
  reason: z.string(),
  /** On whose authority. */
  authority: z.string().optional(),
  at: Time,
  by: z.string(),
})
export type LegalHold = z.infer<typeof LegalHold>

export const Case = z.object({
  /** `case-<year>-<number>`. */
  id: z.string(),
  /** 1 for the first; goes up by one with each change. */
  revision: z.number().int(),
  title: z.string(),
  /** Markdown. */
  summary: z.string(),
  status: z.enum(caseStatuses),
  severity: z.enum(severities),
  /** IANA zone in which exports print times, beside UTC. */
  zone: z.string(),
  tags: z.array(z.string()),
  assignee: z.string().optional(),
  /** Whose records are in it. */
  tenants: z.array(z.string()),
  createdAt: Time,
  createdBy: z.string(),
  updatedAt: Time,
  updatedBy: z.string(),
  closedAt: Time.optional(),
  hold: LegalHold.optional(),
  people: z.array(CasePerson),
  tasks: z.array(CaseTask),
  notes: z.array(CaseNote),
  pins: z.array(PinBatch),
  /** Events pinned, each once. */
  eventCount: z.number().int(),
  marks: z.array(CaseMark),
  entries: z.array(CaseEntry),
  breach: Breach.optional(),
})
export type Case = z.infer<typeof Case>
