// The queue of alerts and what people do with it.
import { Alert, alertStatuses, severities, verdicts } from '@varde/schema'
import { z } from 'zod'
import { Time } from './common.ts'
import { EventRow } from './events.ts'

/** Lists are "any of"; members are "all of". */
export const AlertFilter = z.object({
  status: z.array(z.enum(alertStatuses)).optional(),
  severity: z.array(z.enum(severities)).optional(),
  verdict: z.array(z.enum(verdicts)).optional(),
  rule: z.array(z.string()).optional(),
  /** A user name; an empty text finds the unassigned. */
  assignee: z.string().optional(),
  /** Any alert whose group, collected or member fields hold the value. */
  entity: z.object({ kind: z.enum(['user', 'host', 'ip']), value: z.string() }).optional(),
  /** Words in the title, case-insensitive. */
  text: z.string().optional(),
  /** Event time of the anchor: from inclusive, to exclusive. */
  from: Time.optional(),
  to: Time.optional(),
})
export type AlertFilter = z.infer<typeof AlertFilter>

const Entities = z.object({ user: z.array(z.string()), host: z.array(z.string()), ip: z.array(z.string()) })

export const AlertRow = z.object({
  id: z.string(),
  title: z.string(),
  severity: z.enum(severities),
  status: z.enum(alertStatuses),
  verdict: z.enum(verdicts).optional(),
  assignee: z.string().optional(),
  rule: z.object({ id: z.string(), name: z.string(), type: z.string(), attack: z.array(z.string()) }),
  /** A few of each, for the row and the pivots. */
  entities: Entities,
  anchor: Time,
  raisedAt: Time,
  memberCount: z.number(),
  suppressed: z.number(),
  finality: z.enum(['provisional', 'final', 'retracted']),
  notes: z.number(),
})
export type AlertRow = z.infer<typeof AlertRow>

export const SearchAlerts = z.object({
  filter: AlertFilter,
  /** Newest anchor first; or the most severe first, then the newest. */
  sort: z.enum(['time', 'severity']).default('time'),
  cursor: z.string().optional(),
  limit: z.number().int().min(1).max(1_000).default(200),
})
export const AlertsPage = z.object({ alerts: z.array(AlertRow), next: z.string().optional(), total: z.number() })

const PerSeverity = z.object({
  info: z.number(),
  low: z.number(),
  medium: z.number(),
  high: z.number(),
  critical: z.number(),
})

export { PerSeverity }

export const CountAlerts = z.object({ filter: AlertFilter })
export const AlertCounts = z.object({
  total: z.number(),
  severity: PerSeverity,
  status: z.object({ open: z.number(), acknowledged: z.number(), closed: z.number() }),
})

export const GroupAlerts = z.object({
  filter: AlertFilter,
  by: z.enum(['rule', 'host', 'user', 'ip', 'severity', 'assignee']),
  cursor: z.string().optional(),
  limit: z.number().int().min(1).max(1_000).default(200),
})
export const AlertGroups = z.object({
  groups: z.array(
    z.object({
      /** What to filter by: rule id, user, host, address …; empty where the alert has none. */
      key: z.string(),
      label: z.string(),
      count: z.number(),
      open: z.number(),
      severity: PerSeverity,
      first: Time,
      last: Time,
    }),
  ),
  next: z.string().optional(),
})

export const AlertDetail = z.object({
  alert: Alert,
  entities: Entities,
  /** From the rule as it is now; absent where the rule has been removed since. */
  rule: z
    .object({
      description: z.string().optional(),
      runbook: z.string().optional(),
      blindSpots: z.string().optional(),
      /** Paths that `when` reads: the client highlights them. */
      fields: z.array(z.string()),
      /** False where the running rule has another digest than the one that raised the alert. */
      sameDigest: z.boolean(),
    })
    .optional(),
})
export type AlertDetail = z.infer<typeof AlertDetail>

export const AlertEvents = z.object({
  events: z.array(EventRow.extend({ step: z.string() })),
  /** Members that the store no longer has. */
  missing: z.array(z.string()),
})

export const AlertTarget = z.union([z.object({ ids: z.array(z.string()).min(1) }), z.object({ filter: AlertFilter })])
export type AlertTarget = z.infer<typeof AlertTarget>

export const AlertChange = z.object({
  status: z.enum(alertStatuses).optional(),
  /** `null` takes it away. Setting a verdict closes the alert unless `status` says otherwise. */
  verdict: z.enum(verdicts).nullable().optional(),
  /** A user name; `null` unassigns. */
  assignee: z.string().nullable().optional(),
  note: z.string().max(10_000).optional(),
})
export type AlertChange = z.infer<typeof AlertChange>

export const UpdateAlerts = z.object({ target: AlertTarget, change: AlertChange })
export const UpdatedAlerts = z.object({
  changed: z.number(),
  unchanged: z.number(),
  /** For `undoAlerts`. */
  operation: z.string(),
})
export const UndoAlerts = z.object({ operation: z.string() })
export const UndoneAlerts = z.object({ changed: z.number(), kept: z.number() })
