// The breach desk: regimes and their clocks, what the notices still lack, the documents, the register.
import { breachAnchors, filingKinds, languages, SupplierReport } from '@varde/schema'
import { z } from 'zod'
import { Time } from './common.ts'

const Words = z.object({ da: z.string(), en: z.string() })

export const BreachClock = z.object({
  regime: z.string(),
  clock: z.string(),
  title: Words,
  /** Where it is written, such as `GDPR Art. 33(1)`. */
  source: z.string(),
  to: z.enum(filingKinds),
  /** The controller that this clock is about, where there is one for each. */
  tenant: z.string().optional(),
  anchor: z.enum(breachAnchors),
  /**
   * `waiting`: its anchor is not set. `met`: a filing was sent in time; `late`: after it. `missed`: due and nothing sent.
   * `indefinite`: the law says "without undue delay" and no span.
   */
  state: z.enum(['waiting', 'running', 'met', 'late', 'missed', 'indefinite']),
  startsAt: Time.optional(),
  dueAt: Time.optional(),
  metAt: Time.optional(),
  /** Hours after the start at which it warns, and whether that is past. */
  warnings: z.array(z.object({ hours: z.number(), at: Time, passed: z.boolean() })),
  /** The last warning that is past, while it runs. */
  warned: z.number().optional(),
})
export type BreachClock = z.infer<typeof BreachClock>

export const Regime = z.object({
  id: z.string(),
  title: Words,
  source: z.string(),
  /** Whom the file is for, and when it applies. */
  applies: Words,
  clocks: z.array(
    z.object({
      id: z.string(),
      title: Words,
      source: z.string(),
      anchor: z.enum(breachAnchors),
      /** ISO 8601 duration; absent for "without undue delay". */
      within: z.string().optional(),
      warnAtHours: z.array(z.number()),
      to: z.enum(filingKinds),
      each: z.enum(['case', 'controller']),
    }),
  ),
})
export type Regime = z.infer<typeof Regime>
export const Regimes = z.object({ regimes: z.array(Regime) })

/** A number for a notice, and where it comes from. */
export const Estimate = z.object({
  count: z.number(),
  /** What was counted, in words. */
  how: Words,
  /** Some of what was counted. */
  examples: z.array(z.string()),
  /** Finds the counted events in the search, where a query can. */
  query: z.string().optional(),
})

export const CaseBreach = z.object({
  clocks: z.array(BreachClock),
  estimates: z.object({ persons: Estimate, records: Estimate }),
  /** Each customer with pinned events. */
  controllers: z.array(z.object({ tenant: z.string(), events: z.number(), persons: Estimate, records: Estimate })),
  /** What a notice needs and nobody has written yet: member of the facts, and why it is needed. */
  missing: z.array(z.object({ fact: z.string(), words: Words })),
})
export type CaseBreach = z.infer<typeof CaseBreach>

export const documentKinds = [
  /** Art. 33(3), to the authority. */
  'authority',
  /** Art. 33(2), to one controller. */
  'controller',
  /** Art. 34, to the persons. */
  'person',
  'nis2-early-warning',
  'nis2-notification',
  'nis2-final',
  /** The case's page of the register, Art. 33(5). */
  'register',
] as const
export const DocumentParams = z.object({ id: z.string(), document: z.enum(documentKinds) })
export const DocumentQuery = z.object({
  language: z.enum(languages).default('da'),
  /** For `controller`: whose. */
  tenant: z.string().optional(),
  phase: z.coerce.number<number>().int().min(1).default(1),
})

export const RegisterRow = z.object({
  case: z.string(),
  title: z.string(),
  occurredAt: Time.optional(),
  detectedAt: Time.optional(),
  awareAt: Time.optional(),
  nature: z.string(),
  effects: z.string(),
  remedies: z.string(),
  persons: z.number().optional(),
  records: z.number().optional(),
  notified: z.enum(['yes', 'no', 'undecided']),
  reason: z.string(),
  filings: z.number(),
  status: z.string(),
})
export const Register = z.object({ rows: z.array(RegisterRow) })
export const RegisterQuery = z.object({
  from: z.coerce.number<number>().int().optional(),
  to: z.coerce.number<number>().int().optional(),
})

/** A supplier's own breach comes in: becomes a case whose clocks run from `informedAt`. */
export const Intake = SupplierReport.extend({
  informedAt: Time,
  /** When it happened at the supplier's, as far as they say. */
  occurredAt: Time.optional(),
  tenants: z.array(z.string()).max(1_000).default([]),
  severity: z.enum(['low', 'medium', 'high', 'critical']).default('high'),
})

export const RunningClocks = z.object({
  clocks: z.array(BreachClock.extend({ case: z.string(), caseTitle: z.string() })),
})
