// The running rules, their tests and their hits.
import { severities } from '@varde/schema'
import { z } from 'zod'
import { JsonObject, Time } from './common.ts'

export const RuleFinding = z.object({
  level: z.enum(['error', 'warning', 'note']),
  code: z.string().optional(),
  message: z.string(),
  line: z.number().optional(),
  column: z.number().optional(),
})
export type RuleFinding = z.infer<typeof RuleFinding>

export const RuleRow = z.object({
  id: z.string(),
  name: z.string(),
  /** Path below the rules folder. */
  file: z.string(),
  type: z.string(),
  severity: z.enum(severities),
  /** Such as `TA0006/T1110.003`. */
  attack: z.array(z.string()),
  sources: z.array(z.string()),
  digest: z.string(),
  /** SHA-256 of the file's text: what an edit is saved over. */
  fileDigest: z.string(),
  enabled: z.boolean(),
  tests: z.number(),
  lint: z.array(RuleFinding),
  /** Alerts raised: open now, and in all. */
  alerts: z.object({ open: z.number(), total: z.number() }),
  /** How its alerts were judged: the false ones ÷ all judged tell which rule to tune. */
  verdicts: z.object({
    'true-positive': z.number(),
    benign: z.number(),
    'false-positive': z.number(),
    duplicate: z.number(),
  }),
  /** Alerts a day, mean of the last 30 days. */
  perDay: z.number(),
  /** Events that met its condition since the start. */
  hits: z.number().optional(),
  /** Anchor of the newest alert. */
  lastFired: Time.optional(),
  /** Evaluations that failed since the start. */
  errors: z.number(),
})
export type RuleRow = z.infer<typeof RuleRow>

export const Rules = z.object({
  ruleSet: z.string(),
  rules: z.array(RuleRow),
  /** Files that were refused; the running set stays. */
  refused: z.array(z.object({ file: z.string(), findings: z.array(RuleFinding) })),
})

export const RuleDetail = RuleRow.extend({
  /** The YAML file as it is. */
  text: z.string(),
  description: z.string().optional(),
  runbook: z.string().optional(),
  blindSpots: z.string().optional(),
  testNames: z.array(z.object({ name: z.string(), expects: z.string() })),
  /** Alerts a day (UTC), for the last 30 days that have any. */
  alertsPerDay: z.array(z.object({ start: Time, count: z.number() })),
})
export type RuleDetail = z.infer<typeof RuleDetail>

export const RuleTestResults = z.object({
  passed: z.number(),
  failed: z.number(),
  results: z.array(z.object({ name: z.string(), ok: z.boolean(), expected: z.string(), got: z.string() })),
})

export const TryRule = z.object({
  /** A rule of the running set, or a text that is nowhere yet. */
  rule: z.union([z.object({ id: z.string() }), z.object({ text: z.string().max(262_144) })]),
  /** Raw lines or ECS documents as JSON, one a line; or a stored event. */
  on: z.union([z.object({ lines: z.array(z.string()).min(1).max(200) }), z.object({ eventId: z.string() })]),
})
export const TriedRule = z.object({
  /** Not empty with an error where the rule does not compile; then there are no results. */
  findings: z.array(RuleFinding),
  results: z.array(
    z.object({
      /** Position of the line. */
      index: z.number(),
      matched: z.boolean(),
      /** The matched step of a sequence. */
      step: z.string().optional(),
      /** What the evaluation, or the parser of the line, complained about. */
      problem: z.string().optional(),
      event: JsonObject.optional(),
    }),
  ),
  /** Titles of the alerts that the lines together would raise. */
  alerts: z.array(z.string()),
})
