// Rules as they were: each version that ran is known by its digests, and a new one is saved over a known one.
import { z } from 'zod'
import { Time } from './common.ts'
import { RuleFinding } from './rules.ts'

export const RuleVersion = z.object({
  /** SHA-256 of the file's text. */
  fileDigest: z.string(),
  /** What decides: equal digests find equal alerts. A version with the digest of the one before changed words only. */
  digest: z.string(),
  file: z.string(),
  /** When it began to run, UTC milliseconds. */
  at: Time,
  /** Who saved it in the page; absent where the file changed on disk. */
  by: z.string().optional(),
  note: z.string().optional(),
  running: z.boolean(),
})
/** Newest first. */
export const RuleHistory = z.object({ versions: z.array(RuleVersion) })

export const RuleDiffQuery = z.object({ from: z.string(), to: z.string() })
export const RuleDiff = z.object({
  /** True where equal events may give other alerts. */
  decides: z.boolean(),
  lines: z.array(z.object({ kind: z.enum(['same', 'removed', 'added']), text: z.string() })),
})

export const SaveRule = z.object({
  text: z.string().max(262_144),
  /** `fileDigest` of the text that was edited: a version in between is not overwritten. Absent for a new rule. */
  over: z.string().optional(),
  note: z.string().max(1_000).optional(),
  /** Where a new rule goes below the rules folder; `<id>.yaml` without it. */
  file: z
    .string()
    .regex(/^([a-z0-9][a-z0-9-]*\/)*[a-z0-9][a-z0-9-]*\.ya?ml$/, 'a path such as firewall/fw-30-new.yaml')
    .optional(),
})
export const SavedRule = z.object({
  saved: z.boolean(),
  /** Errors where it was not saved; warnings otherwise. */
  findings: z.array(RuleFinding),
  /** Tests that fail do not stop a save; a rule that does not compile is never written. */
  tests: z.object({ passed: z.number(), failed: z.number() }),
  fileDigest: z.string().optional(),
  /** The rule set in force after the save. */
  ruleSet: z.string(),
})
