// An alert: what a rule found, with all it needs to explain and prove itself, and what people made of it.
import { z } from 'zod'
import { alertStatuses, severities, verdicts } from './alert-words.ts'

/** One event of an alert: enough to show a row, and to find and check the whole. */
export const AlertMember = z.object({
  eventId: z.string(),
  time: z.number(),
  content: z.string(),
  step: z.string(),
  fields: z.record(z.string(), z.json()),
})
export type AlertMember = z.infer<typeof AlertMember>

export const Alert = z.object({
  /** SHA-256 over (rule digest, group key, anchor), 64 hex digits. */
  id: z.string(),
  tenant: z.string(),
  rule: z.object({
    id: z.string(),
    digest: z.string(),
    name: z.string(),
    type: z.string(),
    file: z.string(),
    severity: z.enum(severities),
    attack: z.array(z.string()),
  }),
  title: z.string(),
  severity: z.enum(severities),
  /** Field path → value, from the rule's `group`. */
  group: z.record(z.string(), z.json()),
  /** Content digest of the first event at which the condition turns true, and its time in UTC milliseconds. */
  anchor: z.object({ content: z.string(), time: z.number() }),
  /** Window in UTC milliseconds of event time, both ends included. */
  window: z.object({ from: z.number(), to: z.number() }),
  /** At most `limits.alertMembersMax`; `memberCount` tells them all. */
  members: z.array(AlertMember),
  memberCount: z.number(),
  /** What the rule collects, such as the distinct users: field path → values (cut at a limit, counted). */
  collected: z.record(z.string(), z.object({ values: z.array(z.json()), count: z.number() })),
  /** Provisional until the watermark has passed the window; retracted when later facts undid it. */
  finality: z.enum(['provisional', 'final', 'retracted']),
  /** Set where memory or a limit cut the window short: what is missing. */
  incomplete: z.string().optional(),
  /** Further alerts of this rule and suppression key that this one stands for. */
  suppressed: z.number(),
  /** UTC milliseconds at which the alert was first raised. */
  raisedAt: z.number(),
  proof: z.object({ state: z.enum(['pending', 'sealed', 'signed']), seals: z.array(z.string()) }),
  status: z.enum(alertStatuses),
  verdict: z.enum(verdicts).optional(),
  assignee: z.string().optional(),
  history: z.array(
    z.object({
      at: z.number(),
      by: z.string(),
      action: z.string(),
      note: z.string().optional(),
      detail: z.record(z.string(), z.json()).optional(),
    }),
  ),
})
export type Alert = z.infer<typeof Alert>
