// Cases: what people know and do about an incident, the evidence pinned to it, its timeline, custody and bundles.
import { AskedChange, Case, CaseRevision, CustodyEntry, caseStatuses, custodyActions, severities } from '@varde/schema'
import { z } from 'zod'
import { BreachClock } from './breach.ts'
import { JsonObject, Page, RawBytes, Time } from './common.ts'

const Line = z.string().trim().min(1).max(500)

export const CaseRow = z.object({
  id: z.string(),
  revision: z.number(),
  title: z.string(),
  status: z.enum(caseStatuses),
  severity: z.enum(severities),
  tags: z.array(z.string()),
  assignee: z.string().optional(),
  tenants: z.array(z.string()),
  createdAt: Time,
  updatedAt: Time,
  events: z.number(),
  tasksOpen: z.number(),
  held: z.boolean(),
  breach: z.boolean(),
  /** The running clock that ends first. */
  clock: BreachClock.optional(),
})
export type CaseRow = z.infer<typeof CaseRow>

export const ListCases = z.object({
  ...Page,
  status: z.enum(caseStatuses).optional(),
  /** Words in title, tags or id. */
  text: z.string().max(200).optional(),
})
export const CasesPage = z.object({ cases: z.array(CaseRow), next: z.string().optional(), total: z.number() })

export const CreateCase = z.object({
  /** The first alert's title without one; needed where there is no alert. */
  title: Line.optional(),
  summary: z.string().max(50_000).default(''),
  severity: z.enum(severities).optional(),
  zone: z.string().max(64).default('Europe/Copenhagen'),
  tags: z.array(Line).max(50).default([]),
  /** A user name. */
  assignee: Line.optional(),
  /** These are pinned, with all their events. */
  alerts: z.array(z.string()).max(200).default([]),
  why: Line.default('opened from the queue'),
})

export const CaseDetail = z.object({
  case: Case,
  clocks: z.array(BreachClock),
  /** Pins by the state of their proof. */
  proofs: z.object({ pending: z.number(), sealed: z.number(), signed: z.number() }),
})
export type CaseDetail = z.infer<typeof CaseDetail>

export const ChangeCase = z.object({
  /**
   * The revision that the person saw. Somebody else's change since then: 409 CASE_CHANGED, nothing is done. It may be
   * absent where all changes only add (add-note, add-task, add-person, add-entry, filing).
   */
  revision: z.number().int().optional(),
  /** All or nothing; each becomes a revision. */
  changes: z.array(AskedChange).min(1).max(100),
})

export const PinToCase = z.object({
  what: z.union([
    z.object({ events: z.array(z.string()).min(1).max(10_000) }),
    z.object({ alert: z.string() }),
    /** KQL and event time, from inclusive, to exclusive. */
    z.object({ query: z.string().max(16_384), from: Time, to: Time }),
  ]),
  why: Line,
})
export const PinnedToCase = z.object({
  revision: z.number(),
  batch: z.string().optional(),
  pinned: z.number(),
  /** In the case before. */
  already: z.number(),
  /** Asked for, but not in the store (any more). */
  missing: z.array(z.string()),
})

export const PinnedEvent = z.object({
  id: z.string(),
  batch: z.string(),
  /** Event time, arrival, and when it was pinned. */
  time: Time,
  arrival: Time,
  pinnedAt: Time,
  tenant: z.string(),
  source: z.string(),
  lateness: z.enum(['late', 'future', 'imported']).optional(),
  proof: z.enum(['pending', 'sealed', 'signed']),
  event: JsonObject,
  /** Start of the raw line. */
  line: z.string(),
})
export type PinnedEvent = z.infer<typeof PinnedEvent>
export const PinnedPage = z.object({ events: z.array(PinnedEvent), next: z.string().optional(), total: z.number() })

export const PinnedDetail = PinnedEvent.extend({
  raw: RawBytes,
  /** The proof that went with the copy, checked just now. */
  check: z.object({ ok: z.boolean(), leaf: z.string(), seal: z.string().optional(), problem: z.string().optional() }),
})

export const TimelineRow = z.object({
  /** Event id, entry id, or alert id. */
  id: z.string(),
  kind: z.enum(['event', 'entry', 'alert']),
  time: Time,
  /** When it was found out: the pin, the alert, or what the entry says. */
  discoveredAt: Time,
  source: z.string(),
  tenant: z.string().optional(),
  /** Who or what it is about: user, host, address. */
  entity: z.string(),
  phase: z.string().optional(),
  /** What happened, from the log itself. */
  fact: z.string(),
  /** The analyst's words. */
  words: z.string().optional(),
  important: z.boolean(),
  by: z.string().optional(),
})
export type TimelineRow = z.infer<typeof TimelineRow>

export const TimelineQuery = z.object({
  ...Page,
  important: z.enum(['true', 'false']).optional(),
  phase: z.string().optional(),
})
export const TimelinePage = z.object({
  rows: z.array(TimelineRow),
  next: z.string().optional(),
  total: z.number(),
  /** Left out of it, each with a reason. */
  withdrawn: z.number(),
})

/** What the evidence could not see: quoted from the ledger for the range of the case. */
export const CaseCompleteness = z.object({
  from: Time,
  to: Time,
  /** When it was read. */
  at: Time,
  received: z.number(),
  events: z.number(),
  /** Per source: the first and the last pinned event, and what it received in the range. */
  sources: z.array(
    z.object({
      tenant: z.string(),
      source: z.string(),
      pinned: z.number(),
      first: Time.optional(),
      last: Time.optional(),
      received: z.number(),
      /** The longest span of the range without a record, where it is longer than the source's own rhythm. */
      silent: z.array(z.object({ from: Time, to: Time })),
    }),
  ),
  findings: z.array(
    z.object({
      kind: z.enum([
        'silent',
        'dead-letters',
        'missing',
        'gap',
        'expired',
        'late',
        'delayed',
        'future',
        'unsealed',
        'unexplained',
        'cut-off',
      ]),
      tenant: z.string().optional(),
      source: z.string().optional(),
      /** Records, events, bytes, or milliseconds of silence. */
      count: z.number(),
      from: Time.optional(),
      to: Time.optional(),
      /** One sentence for a reader who knows no Varde. */
      words: z.string(),
    }),
  ),
})
export type CaseCompleteness = z.infer<typeof CaseCompleteness>

export const CustodyRow = CustodyEntry.extend({ sealed: z.enum(['pending', 'sealed', 'signed']) })
export const Custody = z.object({ entries: z.array(CustodyRow) })
export const AddCustody = z.object({
  action: z.enum(custodyActions).exclude(['exported', 'withdrawn', 'verified']),
  /** `case`, `pin:<batch>`, `event:<id>`, `alert:<id>` or `bundle:<export>`. */
  item: z.string().max(200),
  why: Line,
  to: Line.optional(),
})

export const CaseHistory = z.object({ revisions: z.array(CaseRevision), next: z.number().optional() })
export const HistoryQuery = z.object({
  /** Newest first; revisions below this one. */
  before: z.coerce.number<number>().int().optional(),
  limit: z.coerce.number<number>().int().min(1).max(1_000).default(200),
})

export const VerifiedCase = z.object({
  ok: z.boolean(),
  checked: z.number(),
  pending: z.number(),
  /** First wrong ones. */
  wrong: z.array(z.object({ item: z.string(), problem: z.string() })),
})
