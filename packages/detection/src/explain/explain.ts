// Why a rule met an event, or why not: every clause with its value, the first that was false, and what was missing.
import type { EcsEvent, Json } from '@varde/schema'
import { compileExpression } from '../compile/index.ts'
import { valueAt } from '../rules/extract.ts'
import type { Lists } from '../rules/lists.ts'
import type { CompiledRule } from '../rules/rule.ts'
import { type Clause, clausesOf } from './clauses.ts'

export interface ExplainedClause {
  kind: Clause['kind']
  text: string
  /** What the clause gave; undefined where it gave nothing. */
  value?: Json
  /** Where the evaluation failed: jsonata's own words. */
  error?: string
  /** The fields that it reads, with their values in this event; missing ones have none. */
  fields: { field: string; value?: Json }[]
  of: ExplainedClause[]
}

export interface ExplainedCondition {
  /** Name of the step; empty for rules with one condition. */
  step: string
  holds: boolean
  clause: ExplainedClause
  /** The leaf to look at: the first false one, where the condition does not hold. */
  firstFalse?: ExplainedClause
}

export interface Explanation {
  rule: { id: string; name: string; file: string }
  verdict: 'hit' | 'miss' | 'excepted' | 'no-key' | 'disabled'
  /** One sentence for a person. */
  reason: string
  conditions: ExplainedCondition[]
  /** Fields that false clauses read and the event does not have. */
  missing: string[]
  /** The values of the group, where the event has them all. */
  group?: Record<string, Json>
  exception?: { when: string; owner: string; reason: string; until: string }
}

/** Explains stage 1. For rules with windows a hit is one event of a window: the correlator has its counters. */
export async function explain(rule: CompiledRule, event: EcsEvent): Promise<Explanation> {
  const { lists } = rule
  const conditions: ExplainedCondition[] = []
  for (const predicate of rule.predicates) {
    const clause = await explainClause(clausesOf(predicate.expression.source), event, lists)
    const holds = await isTrue(() => predicate.expression.evaluate(event))
    const firstFalse = holds ? undefined : leafToBlame(clause)
    conditions.push({ step: predicate.step, holds, clause, ...(firstFalse === undefined ? {} : { firstFalse }) })
  }
  const missing = [
    ...new Set(
      conditions
        .flatMap((one) => one.firstFalse?.fields ?? [])
        .flatMap((read) => (read.value === undefined ? [read.field] : [])),
    ),
  ]
  const base = { rule: { id: rule.id, name: rule.name, file: rule.file }, conditions, missing }
  if (!conditions.some((one) => one.holds)) return { ...base, verdict: 'miss', reason: missReason(conditions, missing) }
  const exception = await exceptionFor(rule, event)
  if (exception !== undefined)
    return {
      ...base,
      verdict: 'excepted',
      reason: `excepted until ${exception.until} by ${exception.owner}: ${exception.reason}`,
      exception,
    }
  const group: Record<string, Json> = {}
  for (const key of rule.group) {
    const value = await key.read(event)
    if (value === undefined)
      return {
        ...base,
        verdict: 'no-key',
        reason: `the event has no ${key.name}, by which the rule groups`,
        missing: [...missing, key.name],
      }
    group[key.name] = value
  }
  if (!rule.enabled)
    return { ...base, verdict: 'disabled', reason: 'the condition holds, but the rule is switched off', group }
  const steps = conditions.filter((one) => one.holds && one.step !== '').map((one) => one.step)
  return {
    ...base,
    verdict: 'hit',
    reason: steps.length === 0 ? 'the condition holds' : `the condition holds for ${steps.join(' and ')}`,
    group,
  }
}

async function explainClause(clause: Clause, event: EcsEvent, lists: Lists): Promise<ExplainedClause> {
  const of: ExplainedClause[] = []
  if (clause.kind !== 'leaf') for (const part of clause.of) of.push(await explainClause(part, event, lists))
  const compiled = compileExpression(clause.text, { environment: lists.environment })
  if (!compiled.ok) return { kind: clause.kind, text: clause.text, error: compiled.error.message, fields: [], of }
  const fields = compiled.expression.fields.map((field) => {
    const value = valueAt(event, field.split('.'), 0)
    return value === undefined ? { field } : { field, value }
  })
  const told: ExplainedClause = { kind: clause.kind, text: clause.text, fields, of }
  try {
    const value = plain(await compiled.expression.evaluate(event))
    if (value !== undefined) told.value = value
  } catch (cause) {
    told.error = cause instanceof Error ? cause.message : String(cause)
  }
  return told
}

function plain(value: unknown): Json | undefined {
  if (value === undefined || typeof value === 'function') return undefined
  const text = JSON.stringify(value)
  return text === undefined || text.length > 4_000 ? undefined : JSON.parse(text)
}

/** Down the first part that is false of an `and`, the last of an `or`; a `not` is to blame itself. */
function leafToBlame(clause: ExplainedClause): ExplainedClause {
  if (clause.kind === 'and') {
    const part = clause.of.find((one) => one.value !== true)
    return part === undefined ? clause : leafToBlame(part)
  }
  if (clause.kind === 'or') {
    // Of several ways the one that came furthest tells most.
    const part = [...clause.of].sort((a, b) => trueParts(b) - trueParts(a))[0]
    return part === undefined ? clause : leafToBlame(part)
  }
  return clause
}

function trueParts(clause: ExplainedClause): number {
  return clause.of.length === 0
    ? Number(clause.value === true)
    : clause.of.reduce((sum, part) => sum + trueParts(part), 0)
}

function missReason(conditions: ExplainedCondition[], missing: string[]): string {
  const [first] = conditions.flatMap((one) => one.firstFalse ?? [])
  if (first === undefined) return 'no condition holds'
  if (first.error !== undefined) return `this clause fails: ${first.text}: ${first.error}`
  if (missing.length > 0) return `the event has no ${missing.join(', ')}: ${first.text}`
  const values = first.fields.map(({ field, value }) => `${field} is ${JSON.stringify(value)}`).join(', ')
  return `this is not true: ${first.text}${values === '' ? '' : ` (${values})`}`
}

async function exceptionFor(rule: CompiledRule, event: EcsEvent): Promise<Explanation['exception']> {
  const time = Date.parse(event['@timestamp'])
  for (const { when, owner, reason, until, endsAt } of rule.exceptions) {
    if (time < endsAt && (await isTrue(() => when.evaluate(event)))) return { when: when.source, owner, reason, until }
  }
  return undefined
}

async function isTrue(evaluate: () => unknown): Promise<boolean> {
  try {
    return (await evaluate()) === true
  } catch {
    return false
  }
}
