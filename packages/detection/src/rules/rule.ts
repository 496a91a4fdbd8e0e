// A rule ready to run: what compileRule gives and everything else uses.
import type { Digest, Severity } from '@varde/schema'
import type { CompiledExpression } from '../compile/index.ts'
import type { Extract } from './extract.ts'
import type { Lists } from './lists.ts'
import type { RuleFile, RuleType } from './schema.ts'

/** Line and column count from 1. */
export interface RuleError {
  file: string
  line: number
  column: number
  /** Path in the file, such as `threshold.count.within`. */
  path: string
  message: string
}

/** One condition over one event. A sequence has one a step, an absence `after` and `expect`, all others one named ''. */
export interface Predicate {
  step: string
  expression: CompiledExpression
}

export interface CompiledException {
  when: CompiledExpression
  owner: string
  reason: string
  until: string
  /** UTC milliseconds: events before it are excepted. Judged by the time of the event, so that a replay decides alike. */
  endsAt: number
}

/** What the windows need to know, in milliseconds. */
export type Plan =
  | { type: 'match' }
  | { type: 'threshold'; atLeast: number; withinMs: number; distinct: string[] }
  | { type: 'sequence'; withinMs: number; steps: { name: string; atLeast: number }[] }
  | { type: 'firstSeen'; value: string[]; learnMs: number; forgetMs: number }
  | { type: 'absence'; mode: 'every' | 'after'; withinMs: number; keys?: readonly string[] }
  | {
      type: 'ratio'
      distinct: string[]
      withinMs: number
      against: 'sameHour' | 'previous'
      spanMs: number
      factor: number
      atLeast: number
    }

export interface CompiledRule {
  id: string
  name: string
  file: string
  type: RuleType
  severity: Severity
  attack: string[]
  enabled: boolean
  /** What decides: equal digests find equal alerts. Not titles, runbooks, severities, suppression or tests. */
  digest: Digest
  /** SHA-256 of the file's text: for history. */
  fileDigest: Digest
  /** The file's text, and the lists it was compiled with: enough to compile it again with others. */
  text: string
  lists: Lists
  definition: RuleFile
  plan: Plan
  predicates: Predicate[]
  group: Extract[]
  /** What hits carry: what is counted, collected, or read by having, title and suppression. */
  fields: Extract[]
  /** Names of the fields that the alert gathers. */
  collect: string[]
  exceptions: CompiledException[]
  having?: CompiledExpression
  title?: CompiledExpression
  suppress?: { by: string[]; forMs: number }
  /** How far before an instant events can decide what is true at it; replay warms up that much. */
  lookBackMs: number
}

export type CompileRuleResult = { ok: true; rule: CompiledRule } | { ok: false; errors: RuleError[] }
