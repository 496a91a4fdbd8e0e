// Rules over history: a replay that is started, watched, cancelled, and its result against the alerts that are there.
import { severities } from '@varde/schema'
import { z } from 'zod'
import { Count, Time } from './common.ts'

export const replayStates = ['queued', 'running', 'done', 'cancelled', 'failed'] as const
export type ReplayState = (typeof replayStates)[number]

/** A rule of the running set, or a text that is nowhere yet: an edit before it is saved. */
export const RuleRef = z.union([z.object({ id: z.string() }), z.object({ text: z.string().max(262_144) })])

export const StartReplay = z.object({
  rules: z.array(RuleRef).min(1).max(1_000),
  /** Event time of the alerts' anchors: from inclusive, to exclusive. Events before `from` are read to warm windows up. */
  from: Time,
  to: Time,
  /** Also windows events that came late by their source's allowance; live leaves them out. */
  includeLate: z.boolean().default(false),
  /** Raises what was found and is not there: for a rule that is new. Again adds nothing. Needs `rules:write`, and rules of the running set. */
  backfill: z.boolean().default(false),
})

export const ReplayedAlert = z.object({
  id: z.string(),
  rule: z.string(),
  title: z.string(),
  severity: z.enum(severities),
  group: z.record(z.string(), z.json()),
  /** UTC milliseconds of the event at which the condition turned true. */
  anchor: Time,
  window: z.object({ from: Time, to: Time }),
  memberCount: z.number(),
  /** Of the first members. */
  eventIds: z.array(z.string()),
})
export type ReplayedAlert = z.infer<typeof ReplayedAlert>

/** Found against what is there: `added` would be new, `missing` is there and was not found, `changed` has other events. */
const DiffCounts = { added: z.number(), missing: z.number(), changed: z.number(), same: z.number() }

export const ReplayResult = z.object({
  ...DiffCounts,
  rules: z.array(
    z.object({
      id: z.string(),
      name: z.string(),
      digest: z.string(),
      ...DiffCounts,
      /** Alerts found a day of the range: what the rule would cost people. */
      perDay: z.number(),
    }),
  ),
  /** The first of each, at most 200; the counts tell them all. */
  addedAlerts: z.array(ReplayedAlert),
  missingAlerts: z.array(ReplayedAlert),
  changedAlerts: z.array(z.object({ before: ReplayedAlert, after: ReplayedAlert })),
  cost: z.object({ events: z.number(), hits: z.number(), elapsedMs: z.number(), cpuMs: z.number() }),
  /** Event time read from: earlier than `from` by what the rules look back. */
  readFrom: Time,
  /** Evaluations that failed, and events that windows had to leave out: where not 0, alerts may be lacking. */
  failures: z.number(),
  truncated: z.number(),
  /** Alerts that the backfill raised. */
  raised: z.number(),
})
export type ReplayResult = z.infer<typeof ReplayResult>

export const ReplayJob = z.object({
  id: z.string(),
  state: z.enum(replayStates),
  by: z.string(),
  from: Time,
  to: Time,
  includeLate: z.boolean(),
  backfill: z.boolean(),
  rules: z.array(z.object({ id: z.string(), name: z.string(), digest: z.string() })),
  /** Clock times, UTC milliseconds. */
  createdAt: Time,
  finishedAt: Time.optional(),
  progress: z.object({
    events: z.number(),
    hits: z.number(),
    /** Event time reached. */
    reached: Time.optional(),
    /** Events that must be read. */
    total: Count.optional(),
  }),
  /** Why it failed. */
  problem: z.string().optional(),
  result: ReplayResult.optional(),
})
export type ReplayJob = z.infer<typeof ReplayJob>

/** Newest first. Kept since the start of the server, the latest 100. */
export const ReplayJobs = z.object({ replays: z.array(ReplayJob) })
