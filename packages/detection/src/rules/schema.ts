// The rule file: its shape for every type of rule, as zod and (generated from it) as detections/rule.schema.json.
import { severities } from '@varde/schema'
import { z } from 'zod'
import { durationPattern } from './duration.ts'

export const ruleTypes = ['match', 'threshold', 'sequence', 'firstSeen', 'absence', 'ratio'] as const
export type RuleType = (typeof ruleTypes)[number]

const Expression = z.string().trim().min(1).max(400_000).describe('JSONata over one nested ECS event')
const Duration = z
  .string()
  .regex(durationPattern, 'a number and a unit: ms, s, m, h, d or w, such as 10m')
  .describe('Such as 90s, 10m, 26h, 30d, 4w')
const Name = z.string().regex(/^[a-z][A-Za-z0-9_]{0,39}$/, 'a small letter, then letters, digits or _')
const Text = z.string().trim().min(1)
const Key = z.string().trim().min(1).max(2_000).describe('A field path such as source.ip, or JSONata')
const Keys = z
  .union([z.array(Key).max(8), z.record(Name, Key)])
  .describe('Field paths or JSONata; as a map, each gets a name')
const Count = z.int().min(1).max(1_000_000)

const Match = z.strictObject({
  when: Expression,
  group: Keys.optional().describe('What the alert is about; an event that lacks one of them does not count'),
})

const Threshold = z.strictObject({
  when: Expression,
  group: Keys.optional(),
  count: z.strictObject({
    distinct: z
      .union([Key, z.array(Key).min(1).max(4)])
      .optional()
      .describe('Count different values of this instead of events'),
    atLeast: Count,
    within: Duration.describe('Length of the sliding window'),
  }),
})

const Step = z.strictObject({
  name: Name.describe('The name under which having and title see the events of this step'),
  when: Expression,
  atLeast: Count.optional().describe('How many such events; 1 without it'),
})

const Sequence = z.strictObject({
  group: Keys.optional(),
  within: Duration.describe('From the first event to the last'),
  steps: z.array(Step).min(2).max(8),
})

const FirstSeen = z.strictObject({
  when: Expression,
  group: Keys.optional().describe('Whose values these are; learning is judged for each group'),
  value: z.union([Key, z.array(Key).min(1).max(4)]).describe('What must not have been seen before'),
  learn: Duration.describe('The group must have been active at least this long ago: before that all is new'),
  forget: Duration.optional().describe('A value not seen for this long is new again; as long as learn without it'),
})

const Absence = z.strictObject({
  expect: Expression.describe('The event that must come'),
  after: Expression.optional().describe(
    'The event that it must follow; without it, the expected event must come again and again',
  ),
  group: Keys.optional(),
  every: Duration.optional().describe('Without `after`: the longest silence'),
  within: Duration.optional().describe('With `after`: how long the answer may take'),
  keys: z
    .strictObject({ list: Text })
    .optional()
    .describe('The groups that must report, also those that never did; without it, those that did once'),
})

const Ratio = z.strictObject({
  when: Expression,
  group: Keys.optional(),
  of: z.strictObject({ distinct: z.union([Key, z.array(Key).min(1).max(4)]).optional(), within: Duration }),
  against: z.strictObject({
    sameHour: Duration.optional().describe('Mean of the same hour of the same weekday over this many weeks'),
    previous: Duration.optional().describe('Mean of the active windows of this span before now'),
    factor: z.number().min(1).max(10_000),
    atLeast: Count.describe('Below this it is never an alert'),
  }),
})

const Exception = z.strictObject({
  when: Expression,
  owner: Text,
  reason: Text,
  until: z.iso.date().describe('Last day, UTC, on which it holds, by the time of the event'),
})

const Repeat = {
  at: Duration.optional().describe('After the start of the test; without it, the time of the event before'),
  repeat: z.int().min(1).max(10_000).optional().describe('That many events; {{n}} counts from 1'),
  every: Duration.optional().describe('Between the repeats'),
  vary: z.record(Name, z.array(z.string()).min(1)).optional().describe('{{name}} takes these in turn'),
}

const TestEvent = z.union([
  z.strictObject({
    raw: z.string().min(1).describe('A raw line; {{n}}, {{time}}, {{time:FORMAT}} and {{name}} are filled in'),
    dataset: Text.optional(),
    ...Repeat,
  }),
  z.strictObject({
    event: z.record(z.string(), z.json()).describe('An ECS document; dotted keys are nested'),
    ...Repeat,
  }),
  z.strictObject({
    lines: Text.describe('A file beside the rule file with one raw line a line'),
    dataset: Text.optional(),
    at: Duration.optional(),
  }),
])

const ExpectedAlert = z.strictObject({
  group: z.record(z.string(), z.json()).optional(),
  members: z.int().optional(),
  title: z.string().optional(),
  suppressed: z.int().optional(),
})

const Test = z.strictObject({
  name: Text,
  dataset: Text.optional().describe('For raw lines that do not say their own'),
  timeZone: Text.optional(),
  start: z.iso.datetime().optional().describe('2026-11-23T10:00:00Z without it'),
  until: Duration.optional().describe('Where the test ends, after its start: what absence waits for'),
  lists: z
    .record(z.string(), z.array(z.union([z.string(), z.number(), z.boolean()])))
    .optional()
    .describe('Lists as they are in this test, so that it does not depend on those of the site'),
  events: z.array(TestEvent),
  alerts: z.union([z.int().min(0), z.array(ExpectedAlert).min(1)]),
})

export const RuleFile = z
  .strictObject({
    id: z
      .string()
      .regex(/^[a-z0-9][a-z0-9-]{2,79}$/, 'small letters, digits and -')
      .describe('Never changed, never used again'),
    name: Text.max(200),
    catalogue: z.string().optional().describe('The entry of the detection catalogue, such as AU-01'),
    enabled: z.boolean().optional(),
    status: z.enum(['experimental', 'test', 'stable']).optional(),
    severity: z.enum(severities),
    attack: z
      .array(z.string().regex(/^(TA\d{4}|T\d{4}(\.\d{3})?)$/, 'an ATT&CK id such as T1110.003 or TA0006'))
      .optional(),
    sources: z.array(Text).optional().describe('Products that give the events'),
    datasets: z.array(Text).optional().describe('event.dataset values that the rule reads'),
    goal: Text.optional().describe('What it finds, in one sentence'),
    blindSpots: Text.optional(),
    falsePositives: z.array(Text).optional(),
    runbook: Text.optional(),
    policy: z.array(Text).optional().describe('Clauses of the security policy'),
    references: z.array(z.url()).optional(),
    author: Text.optional(),
    origin: Text.optional().describe('Where the rule was imported from'),
    match: Match.optional(),
    threshold: Threshold.optional(),
    sequence: Sequence.optional(),
    firstSeen: FirstSeen.optional(),
    absence: Absence.optional(),
    ratio: Ratio.optional(),
    having: Expression.optional().describe(
      'Must be true of the window: count, distinct, window, events, collected fields, and each step by its name',
    ),
    title: Expression.optional().describe('JSONata over the same as having'),
    collect: Keys.optional().describe('What the alert gathers from its events'),
    suppress: z.strictObject({ by: z.array(Key).max(8), for: Duration }).optional(),
    exceptions: z.array(Exception).max(1_000).optional(),
    tests: z.array(Test).optional(),
  })
  .superRefine((rule, context) => {
    const given = ruleTypes.filter((type) => rule[type] !== undefined)
    if (given.length !== 1) {
      context.addIssue({
        code: 'custom',
        path: given.slice(1, 2),
        message: `exactly one of ${ruleTypes.join(', ')} is needed; there ${given.length === 0 ? 'is none' : `are ${given.join(' and ')}`}`,
      })
    }
    checkAbsence(rule.absence, context)
    const against = rule.ratio?.against
    if (against !== undefined && (against.sameHour === undefined) === (against.previous === undefined)) {
      context.addIssue({
        code: 'custom',
        path: ['ratio', 'against'],
        message: 'exactly one of sameHour and previous is needed',
      })
    }
  })
export type RuleFile = z.infer<typeof RuleFile>
export type RuleTest = z.infer<typeof Test>
export type RuleTestEvent = z.infer<typeof TestEvent>
export type ExpectedAlert = z.infer<typeof ExpectedAlert>

function checkAbsence(absence: z.infer<typeof Absence> | undefined, context: z.RefinementCtx): void {
  if (absence === undefined) return
  const wanted = absence.after === undefined ? 'every' : 'within'
  const other = wanted === 'every' ? 'within' : 'every'
  const message =
    absence.after === undefined
      ? '`every` says how long the silence may be; `within` belongs to `after`'
      : '`within` says how long the answer may take; `every` is for rules without `after`'
  if (absence[wanted] === undefined || absence[other] !== undefined)
    context.addIssue({ code: 'custom', path: ['absence'], message })
}

/** The JSON schema for editors: what `detections/rule.schema.json` holds. */
export function ruleJsonSchema(): Record<string, unknown> {
  const schema = z.toJSONSchema(RuleFile, { io: 'input', unrepresentable: 'any' })
  return { ...schema, title: 'A Varde detection rule', oneOf: ruleTypes.map((type) => ({ required: [type] })) }
}

/** The file as it is written: a test compares. */
export function ruleSchemaText(): string {
  return `${JSON.stringify(ruleJsonSchema(), null, 2)}\n`
}
