// How the windows stand: what they hold, what they had to let go, and how far they have heard.
import { z } from 'zod'
import { Time } from './common.ts'

export const Correlation = z.object({
  ruleSet: z.string(),
  /** Open windows, events in them, and the bound above which the oldest go. */
  windows: z.number(),
  entries: z.number(),
  entriesMax: z.number(),
  /** Event time up to which every partition has been heard and every alert written. */
  watermark: Time.optional(),
  /** Since the start of the server. */
  late: z.number(),
  unknownRule: z.number(),
  truncated: z.number(),
  evicted: z.number(),
  /** Ranges of event time in which late events came, still to be judged again, and how often that was done. */
  revisions: z.object({ waiting: z.number(), done: z.number(), alerts: z.number() }),
  /** Windows by rule, most first. */
  rules: z.array(z.object({ id: z.string(), windows: z.number(), entries: z.number() })),
})
export type Correlation = z.infer<typeof Correlation>

export const RiskQuery = z.object({
  from: Time,
  to: Time,
  kind: z.enum(['user', 'host', 'ip']).optional(),
  limit: z.int().min(1).max(1_000).default(50),
})
/** What quiet alerts add up to: entities by their score, highest first. */
export const Risk = z.object({
  entities: z.array(
    z.object({
      kind: z.enum(['user', 'host', 'ip']),
      value: z.string(),
      score: z.number(),
      alerts: z.number(),
      /** Different rules, and the score each gave. */
      rules: z.array(z.object({ id: z.string(), name: z.string(), score: z.number(), alerts: z.number() })),
      last: Time,
    }),
  ),
})
