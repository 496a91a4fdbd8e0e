// Stage 1: all rules over one event. Stateless, so that it runs wherever a raw partition is read.
import { createHash } from 'node:crypto'
import { canonicalJson, type Digest, type EcsEvent, type Json } from '@varde/schema'
import { createRuleIndex, type IndexedRule, type RuleIndex } from '../compile/index.ts'
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

/** What the next rule set is made of without building the index anew. */
interface Built {
  index: RuleIndex
  /** The index's keys of each rule, in the order of its predicates. */
  keys: Map<Digest, number[]>
  nextKey: number
}
const built = new WeakMap<RuleSet, Built>()
/** More changes than this, or more keys given away than twice those in use, and the index is built anew. */
const changesMax = 256

/**
 * Disabled rules are left out, and of two rules with one digest (id and conditions alike) the second. With the rule set
 * `before`, which stays as it is, only what has changed is indexed.
 */
export function createRuleSet(rules: readonly CompiledRule[], before?: RuleSet): RuleSet {
  const running = new Map<Digest, CompiledRule>()
  for (const rule of rules) if (rule.enabled && !running.has(rule.digest)) running.set(rule.digest, rule)
  const { index, keys, nextKey } = build(running, before === undefined ? undefined : built.get(before))
  const counts = new Map<string, RuleCounts>()
  const slots: (Slot | undefined)[] = []
  const errorsOf = new Map<RuleCounts, number[]>()
  for (const rule of running.values()) {
    const own: RuleCounts = { hits: 0, excepted: 0, ungrouped: 0, errors: 0 }
    const ownKeys = keys.get(rule.digest) ?? []
    counts.set(rule.id, own)
    errorsOf.set(own, ownKeys)
    const needed = neededFields(rule)
    for (const [position, predicate] of rule.predicates.entries())
      slots[ownKeys[position] ?? 0] = { rule, step: predicate.step, counts: own, needed }
  }
  const digest = createHash('sha256')
    .update([...running.keys()].sort().join('\n'))
    .digest('hex')
  const ruleSet: RuleSet = {
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
  built.set(ruleSet, { index, keys, nextKey })
  return ruleSet
}

function build(running: ReadonlyMap<Digest, CompiledRule>, before: Built | undefined): Built {
  const gone = [...(before?.keys ?? [])].filter(([digest]) => !running.has(digest))
  const fresh = [...running.values()].filter((rule) => before?.keys.has(rule.digest) !== true)
  const isFew = gone.length + fresh.length <= changesMax
  const base = before !== undefined && isFew && before.nextKey < 2 * running.size + 2 * changesMax ? before : undefined
  const keys = new Map(base?.keys)
  let nextKey = base?.nextKey ?? 0
  const add: IndexedRule[] = []
  for (const rule of base === undefined ? running.values() : fresh) {
    const own = rule.predicates.map(({ expression }) => {
      const key = nextKey++
      add.push({ key, expression })
      return key
    })
    keys.set(rule.digest, own)
  }
  if (base === undefined) return { index: createRuleIndex(add), keys, nextKey }
  for (const [digest] of gone) keys.delete(digest)
  return { index: base.index.next({ add, remove: gone.flatMap(([, of]) => of) }), keys, nextKey }
}

function neededFields(rule: CompiledRule): ReadonlySet<string> {
  const { plan } = rule
  if (plan.type === 'threshold' || plan.type === 'ratio') return new Set(plan.distinct)
  return new Set(plan.type === 'firstSeen' ? plan.value : [])
}

function candidates(
  keys: readonly number[],
  slots: readonly (Slot | undefined)[],
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

type Read = Json | undefined

/** Reads one by one, and waits only where something that is read must be waited for. */
function candidate(slot: Slot, event: EcsEvent): CandidateHit | undefined | Promise<CandidateHit | undefined> {
  const { exceptions, group, fields } = slot.rule
  const reads: (Read | Promise<Read>)[] = []
  let waits = false
  const note = (read: Read | Promise<Read>): void => {
    waits ||= read instanceof Promise
    reads.push(read)
  }
  if (exceptions.length > 0) {
    const time = Date.parse(event['@timestamp'])
    for (const exception of exceptions) note(time < exception.endsAt && holds(exception, event))
  }
  for (const key of group) note(key.read(event))
  for (const field of fields) note(field.read(event))
  if (waits) return Promise.all(reads).then((settled) => assemble(slot, settled))
  return assemble(slot, reads)
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

/** `reads`: verdicts of the exceptions, then the group, then the fields. Nothing in it is a promise any more. */
function assemble(slot: Slot, reads: readonly (Read | Promise<Read>)[]): CandidateHit | undefined {
  const { rule, counts } = slot
  let at = 0
  for (; at < rule.exceptions.length; at++) {
    if (reads[at] !== true) continue
    counts.excepted++
    return undefined
  }
  const values: Json[] = []
  for (const end = at + rule.group.length; at < end; at++) {
    const value = reads[at]
    if (value === undefined || value instanceof Promise) {
      counts.ungrouped++
      return undefined
    }
    values.push(value)
  }
  const fields: Record<string, Json> = {}
  for (const field of rule.fields) {
    const value = reads[at++]
    if (value !== undefined && !(value instanceof Promise)) fields[field.name] = value
    else if (slot.needed.has(field.name)) {
      counts.ungrouped++
      return undefined
    }
  }
  counts.hits++
  return { rule, step: slot.step, group: canonicalJson(values), fields }
}
