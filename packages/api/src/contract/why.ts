// Why a rule met an event, or why not: clauses with values, what ate it, and how its window stands.
import { z } from 'zod'
import { Time } from './common.ts'
import { RuleRef } from './replays.ts'
import { RuleFinding } from './rules.ts'

export const WhyRule = z.object({ rule: RuleRef, eventId: z.string() })

const Field = z.object({ field: z.string(), /** Absent where the event lacks it. */ value: z.json().optional() })

export interface WhyClause {
  kind: 'and' | 'or' | 'not' | 'leaf'
  text: string
  /** What it gave; absent where it gave nothing. */
  value?: z.core.util.JSONType | undefined
  /** Where its evaluation failed. */
  error?: string | undefined
  fields: z.infer<typeof Field>[]
  of: WhyClause[]
}
export const WhyClause: z.ZodType<WhyClause> = z.lazy(() =>
  z.object({
    kind: z.enum(['and', 'or', 'not', 'leaf']),
    text: z.string(),
    value: z.json().optional(),
    error: z.string().optional(),
    fields: z.array(Field),
    of: z.array(WhyClause),
  }),
)

export const whyVerdicts = ['hit', 'miss', 'excepted', 'no-key', 'disabled'] as const

export const Why = z.object({
  /** Not empty where the rule does not compile; then there is no explanation. */
  findings: z.array(RuleFinding),
  explanation: z
    .object({
      rule: z.object({ id: z.string(), name: z.string(), file: z.string() }),
      verdict: z.enum(whyVerdicts),
      /** One sentence for a person. */
      reason: z.string(),
      /** One a step of a sequence, otherwise one. */
      conditions: z.array(
        z.object({
          step: z.string(),
          holds: z.boolean(),
          clause: WhyClause,
          /** The leaf to look at where the condition does not hold. */
          firstFalse: WhyClause.optional(),
        }),
      ),
      /** Fields that false clauses read and the event lacks. */
      missing: z.array(z.string()),
      group: z.record(z.string(), z.json()).optional(),
      exception: z.object({ when: z.string(), owner: z.string(), reason: z.string(), until: z.string() }).optional(),
    })
    .optional(),
  /** For a hit of a rule with windows: how its window stood when this event came in. */
  window: z
    .object({
      /** One sentence, such as "4 of 5 events within 10m". */
      text: z.string(),
      from: Time,
      to: Time,
      /** Events of the window up to this one, and different values where the rule counts those. */
      count: z.number(),
      distinct: z.number().optional(),
      atLeast: z.number().optional(),
      baseline: z.number().optional(),
      /** Events a step, for sequences. */
      steps: z.array(z.object({ name: z.string(), count: z.number(), atLeast: z.number() })).optional(),
      /** False where only `having` said no. */
      having: z.boolean().optional(),
      /** Late events enter no window. */
      late: z.boolean(),
    })
    .optional(),
  /** Alerts of the rule that list the event. */
  alerts: z.array(z.object({ id: z.string(), title: z.string() })),
  /** The alert that stands for this event's alert by the rule's suppression. */
  suppressedBy: z.object({ id: z.string(), title: z.string(), until: Time }).optional(),
})
export type Why = z.infer<typeof Why>
