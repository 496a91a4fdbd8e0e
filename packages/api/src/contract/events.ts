// Searching events and looking at one.
import { severities } from '@varde/schema'
import { z } from 'zod'
import { Count, JsonObject, RawBytes, SearchRange, Time } from './common.ts'

const Lateness = z.enum(['late', 'future', 'imported'])

export const EventRow = z.object({
  id: z.string(),
  /** Event time. */
  time: Time,
  arrival: Time,
  source: z.string(),
  tenant: z.string(),
  lateness: Lateness.optional(),
  /** The nested ECS document. */
  event: JsonObject,
  /** Start of the raw line, at most 400 characters, never broken inside a character. */
  line: z.string(),
})
export type EventRow = z.infer<typeof EventRow>

export const SearchEvents = SearchRange.extend({
  order: z.enum(['newest', 'oldest']).default('newest'),
  cursor: z.string().optional(),
  limit: z.number().int().min(1).max(1_000).default(100),
  /** Only what a table of these fields shows, much sooner: no others are in `event` then, and `line` is empty. */
  columns: z.array(z.string()).max(50).optional(),
})
export const EventsPage = z.object({
  events: z.array(EventRow),
  next: z.string().optional(),
  total: Count,
  tookMs: z.number(),
})

export const HistogramQuery = SearchRange.extend({
  /** About so many buckets; the server picks a round interval. */
  buckets: z.number().int().min(1).max(500).default(80),
  /** Field to break each bucket down by. */
  by: z.string().optional(),
})
export const Histogram = z.object({
  intervalMs: z.number(),
  buckets: z.array(
    z.object({
      start: Time,
      count: z.number(),
      by: z.object({ values: z.record(z.string(), z.number()), other: z.number() }).optional(),
    }),
  ),
  tookMs: z.number(),
})
export type Histogram = z.infer<typeof Histogram>

export const ValuesQuery = SearchRange.extend({
  field: z.string(),
  limit: z.number().int().min(1).max(1_000).default(10),
  contains: z.string().optional(),
  cursor: z.string().optional(),
})
export const Values = z.object({
  values: z.array(z.object({ value: z.json(), count: z.number() })),
  next: z.string().optional(),
  withField: Count,
  events: Count,
  distinct: Count,
})

export const Fields = z.object({
  fields: z.array(
    z.object({
      field: z.string(),
      type: z.enum(['keyword', 'long', 'double', 'boolean', 'date', 'ip', 'mixed']),
      /** From the ECS catalogue, where it knows the field. */
      description: z.string().optional(),
    }),
  ),
})
export type FieldInfo = z.infer<typeof Fields>['fields'][number]

export const EventProof = z.object({
  /** `unsealed`: stored, but its batch has no seal yet. `signed`: a signed head covers the seal. */
  state: z.enum(['unsealed', 'sealed', 'signed']),
  /** Hex SHA-256 of the leaf, recomputed from the stored bytes just now. */
  leaf: z.string(),
  seal: z
    .object({
      id: z.string(),
      seq: z.number(),
      from: z.number(),
      to: z.number(),
      count: z.number(),
      root: z.string(),
      previous: z.string(),
      ruleSet: z.string(),
      sealedAt: Time,
    })
    .optional(),
  /** Position of the leaf in the tree, and its siblings from the leaf up (RFC 6962): hex digest and its side. */
  index: z.number().optional(),
  path: z.array(z.object({ side: z.enum(['left', 'right']), digest: z.string() })).optional(),
  /** Does the recomputed leaf with this path give the seal's root? */
  verified: z.boolean(),
  /** What does not fit, where it does not. */
  problem: z.string().optional(),
})
export type EventProof = z.infer<typeof EventProof>

export const EventDetail = EventRow.extend({
  ingested: Time,
  retention: z.string(),
  home: z.object({ stream: z.string(), generation: z.number(), partition: z.number(), offset: z.number() }),
  raw: RawBytes,
  /** Stretches of `raw.text`, in UTF-16 units, that today's parser would leave unexplained; absent where it is no text. */
  unexplained: z.array(z.object({ from: z.number(), to: z.number() })).optional(),
  proof: EventProof,
  /** Rules of the running set that match this event, evaluated now. */
  rules: z.array(z.object({ id: z.string(), name: z.string(), severity: z.enum(severities), step: z.string() })),
  /** Alerts that list this event. */
  alerts: z.array(z.object({ id: z.string(), title: z.string(), severity: z.enum(severities) })),
})
export type EventDetail = z.infer<typeof EventDetail>

export const ExportEvents = z.object({
  query: z.string().max(8_000).default(''),
  from: z.coerce.number<number>().int(),
  to: z.coerce.number<number>().int(),
  format: z.enum(['ndjson', 'csv']),
  /** Columns of the CSV, joined by commas. */
  fields: z.string().optional(),
})

export const CheckQuery = z.object({ query: z.string() })
export const CheckedQuery = z.union([
  z.object({ ok: z.literal(true), normalised: z.string() }),
  z.object({
    ok: z.literal(false),
    error: z.object({ message: z.string(), from: z.number(), to: z.number(), suggestion: z.string().optional() }),
  }),
])

/** What a range could not see. */
export const Completeness = z.object({
  from: Time,
  to: Time,
  /** Sums of the ledger over the minutes of arrival in the range. */
  received: z.number(),
  events: z.number(),
  findings: z.array(
    z.object({
      kind: z.enum([
        'silent',
        'dead-letters',
        'missing',
        'gap',
        'expired',
        'late',
        'future',
        'unsealed',
        'unexplained',
        'cut-off',
      ]),
      /** Absent where it concerns no single source. */
      source: z.string().optional(),
      /** Records, events or bytes; milliseconds for `silent`. Absent where nobody can tell how much of it is the reader's. */
      count: z.number().optional(),
      /** Where in time, if known: since when a source is silent, for example. */
      since: Time.optional(),
    }),
  ),
})
export type Completeness = z.infer<typeof Completeness>
export const CompletenessQuery = z.object({ from: z.coerce.number<number>().int(), to: z.coerce.number().int() })
