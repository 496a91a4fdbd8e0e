// Stage 1: all rules over one event. Stateless, so that it runs wherever a raw partition is read.
import { createHash } from 'node:crypto'
import { canonicalJson, type Digest, type EcsEvent, type Json } from '@varde/schema'
import { createRuleIndex } from '../compile/index.ts'
import type { CompiledException, CompiledRule } from './rule.ts'

/** An event met a condition of a rule, and no exception ate it. */
export interface CandidateHit {
  rule: CompiledRule
  step: string
  /** Canonical JSON of the group values. */
  group: string
  fields: Record<string, Json>
}

export interface RuleCounts {
  hits: number
  /** Hits that an exception ate. */
  excepted: number
  /** Hits that lack a group or counted field: no window can hold them. */
  ungrouped: number
  /** Evaluations that failed: such a rule did not match. */
  errors: number
}

export interface RuleSet {
  /** SHA-256 over the sorted digests of the rules: what a seal names. */
  readonly digest: Digest
  readonly rules: readonly CompiledRule[]
  byDigest(digest: Digest): CompiledRule | undefined
  /** At once where everything that the event meets is compiled, else a promise. Never throws. */
  match(event: EcsEvent): CandidateHit[] | Promise<CandidateHit[]>
  /** By rule id, since the rule set was made. */
  counts(): ReadonlyMap<string, RuleCounts>
}

interface Slot {
  rule: CompiledRule
  step: string
  counts: RuleCounts
  /** Fields without which the hit can't be counted. */
  needed: ReadonlySet<string>
}

/** Disabled rules are left out, and of two rules with one digest (id and conditions alike) the second. */
export function createRuleSet(rules: readonly CompiledRule[]): RuleSet {
  const running = new Map<Digest, CompiledRule>()
  for (const rule of rules) if (rule.enabled && !running.has(rule.digest)) running.set(rule.digest, rule)
  const counts = new Map<string, RuleCounts>()
  const slots: Slot[] = []
  const errorsOf = new Map<RuleCounts, number[]>()
  for (const rule of running.values()) {
    const own: RuleCounts = { hits: 0, excepted: 0, ungrouped: 0, errors: 0 }
    counts.set(rule.id, own)
    errorsOf.set(own, [])
    for (const predicate of rule.predicates) {
      errorsOf.get(own)?.push(slots.length)
      slots.push({ rule, step: predicate.step, counts: own, needed: neededFields(rule) })
    }
  }
  const expressions = [...running.values()].flatMap((rule) => rule.predicates.map((predicate) => predicate.expression))
  const index = createRuleIndex(expressions.map((expression, key) => ({ key, expression })))
  const digest = createHash('sha256')
    .update([...running.keys()].sort().join('\n'))
    .digest('hex')
  return {
    digest,
    rules: [...running.values()],
    byDigest: (wanted) => running.get(wanted),
    match(event) {
      const keys = index.match(event)
      return keys instanceof Promise
        ? keys.then((found) => candidates(found, slots, event))
        : candidates(keys, slots, event)
    },
    counts() {
      const failures = index.errors()
      for (const [own, keys] of errorsOf) own.errors = keys.reduce((sum, key) => sum + (failures.get(key) ?? 0), 0)
      return counts
    },
  }
}

function neededFields(rule: CompiledRule): ReadonlySet<string> {
  const { plan } = rule
  if (plan.type === 'threshold' || plan.type === 'ratio') return new Set(plan.distinct)
  return new Set(plan.type === 'firstSeen' ? plan.value : [])
}

function candidates(
  keys: readonly number[],
  slots: readonly Slot[],
  event: EcsEvent,
): CandidateHit[] | Promise<CandidateHit[]> {
  const found: CandidateHit[] = []
  const waiting: Promise<CandidateHit | undefined>[] = []
  for (const key of keys) {
    const slot = slots[key]
    const hit = slot === undefined ? undefined : candidate(slot, event)
    if (hit instanceof Promise) waiting.push(hit)
    else if (hit !== undefined) found.push(hit)
  }
  if (waiting.length === 0) return found
  return Promise.all(waiting).then((late) => [...found, ...late.filter((hit) => hit !== undefined)])
}

function candidate(slot: Slot, event: EcsEvent): CandidateHit | undefined | Promise<CandidateHit | undefined> {
  const { rule } = slot
  const time = Date.parse(event['@timestamp'])
  const verdicts = rule.exceptions.map((exception) => (time < exception.endsAt ? holds(exception, event) : false))
  const groups = rule.group.map((key) => key.read(event))
  const fields = rule.fields.map((field) => field.read(event))
  if ([...verdicts, ...groups, ...fields].some((value) => value instanceof Promise)) {
    return Promise.all([Promise.all(verdicts), Promise.all(groups), Promise.all(fields)]).then(([v, g, f]) =>
      assemble(slot, v, g, f),
    )
  }
  return assemble(slot, atOnce(verdicts), atOnce(groups), atOnce(fields))
}

function atOnce<T>(values: readonly (T | Promise<T>)[]): T[] {
  const settled: T[] = []
  for (const value of values) if (!(value instanceof Promise)) settled.push(value)
  return settled
}

/** An exception that fails to evaluate does not hold: a fault must not hide an attack. */
function holds(exception: CompiledException, event: EcsEvent): boolean | Promise<boolean> {
  try {
    const value = exception.when.evaluate(event)
    return value instanceof Promise
      ? value.then(
          (settled) => settled === true,
          () => false,
        )
      : value === true
  } catch {
    return false
  }
}

function assemble(
  slot: Slot,
  verdicts: boolean[],
  groups: (Json | undefined)[],
  values: (Json | undefined)[],
): CandidateHit | undefined {
  const { rule, counts } = slot
  if (verdicts.includes(true)) {
    counts.excepted++
    return undefined
  }
  const fields: Record<string, Json> = {}
  for (const [position, field] of rule.fields.entries()) {
    const value = values[position]
    if (value !== undefined) fields[field.name] = value
    else if (slot.needed.has(field.name)) {
      counts.ungrouped++
      return undefined
    }
  }
  const group: Json[] = groups.filter((value) => value !== undefined)
  if (group.length < rule.group.length) {
    counts.ungrouped++
    return undefined
  }
  counts.hits++
  return { rule, step: slot.step, group: canonicalJson(group), fields }
}
