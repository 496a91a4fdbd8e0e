// What is wrong with a rule that compiles: it can't fire, it fires on the wrong thing, or nobody will know what to do.
import { limits } from '@varde/runtime'
import { attackEntry, attackRenumbered, ecsFields, ecsRoots } from '@varde/schema'
import { clausesOf } from '../compile/clauses.ts'
import type { NecessaryCondition } from '../compile/expression.ts'
import { contradictionIn } from './never-true.ts'
import type { CompiledRule } from './rule.ts'

export interface LintFinding {
  rule: string
  file: string
  /** A note is true of this installation now, and may be right tomorrow. */
  level: 'error' | 'warning' | 'note'
  /** A closed list: see `lintChecks`. */
  check: LintCheck
  message: string
}

export const lintChecks = [
  'unknown-field',
  'unwritten-field',
  'never-true',
  'unindexed',
  'span',
  'list-compared',
  'number-compared',
  'unbounded-key',
  'attack-id',
  'not-proven',
  'not-explained',
  'limit',
  'exception',
  'title-field',
] as const
export type LintCheck = (typeof lintChecks)[number]

export interface LintOptions {
  /** Fields that stored events have: what else a rule reads, nobody has written so far. */
  fields?: ReadonlySet<string>
  /** What a source may be late or its clock be wrong by, in milliseconds. */
  latenessMs?: number
  /** Today, UTC milliseconds: exceptions that have ended are told. */
  now?: number
}

/** Fields that ECS makes lists: equality with a text is not what people mean. */
const lists = new Set([...ecsFields].flatMap(([name, field]) => (field.array ? [name] : [])))

/** Every event has another value: a window by it holds one event, and memory grows with each. */
const unbounded = new Set([
  '@timestamp',
  'message',
  'event.id',
  'event.original',
  'event.created',
  'event.sequence',
  'source.port',
  'client.port',
  'process.pid',
  'process.command_line',
  'url.full',
  'url.original',
  'network.community_id',
  'log.offset',
  'winlog.record_id',
  'transaction.id',
  'trace.id',
])

/** What compiles and yet can't be meant: fields that nothing writes, comparisons that never hold, keys without bound, exceptions that have ended. */
export function lintRule(rule: CompiledRule, options: LintOptions = {}): LintFinding[] {
  const findings: LintFinding[] = []
  const add = (level: LintFinding['level'], check: LintCheck, message: string): void => {
    findings.push({ rule: rule.id, file: rule.file, level, check, message })
  }
  lintFields(rule, options, add)
  for (const { expression } of rule.predicates) {
    lintExpression(expression.source, add)
    lintCondition(expression.necessary, add)
  }
  lintSpan(rule, options, add)
  lintKeys(rule, add)
  lintAttack(rule, add)
  lintProof(rule, add)
  lintLimits(rule, add)
  lintExceptions(rule, options, add)
  return findings
}

type Add = (level: LintFinding['level'], check: LintCheck, message: string) => void

/** Below ECS's own roots, but not in ECS: each is written by our parsers, as Elastic's packages do. */
const tolerated = [
  /^user\.target\.(group|id|name|domain)/,
  /^source\.geo\./,
  /^network\.interface\./,
  /^service\.(state|type)$/,
  /^related\./,
  /^observer\.(ingress|egress)\./,
  /^file\.target_path$/,
]

function lintFields(rule: CompiledRule, options: LintOptions, add: Add): void {
  const read = new Set([
    ...rule.predicates.flatMap((one) => one.expression.fields),
    ...rule.group.flatMap((key) => key.fields),
    ...rule.exceptions.flatMap((one) => one.when.fields),
  ])
  for (const field of [...read].sort()) {
    if (ecsFields.has(field) || tolerated.some((pattern) => pattern.test(field)) || isParent(field, ecsFields)) continue
    const root = field.split('.')[0] ?? field
    if (ecsRoots.has(root)) add('warning', 'unknown-field', `ECS has no field ${field}${closest(field)}`)
  }
  const { fields } = options
  if (fields === undefined) return
  for (const field of neededBy(rule)) {
    if (fields.has(field) || field.includes('*') || isParent(field, fields) || isWithinFlat(field, fields)) continue
    add('note', 'unwritten-field', `no event so far has ${field}: the rule can't fire`)
  }
}

/** Below some fields the store keeps what is there as one. */
function isWithinFlat(field: string, fields: ReadonlySet<string>): boolean {
  for (let at = field.lastIndexOf('.'); at > 0; at = field.lastIndexOf('.', at - 1))
    if (fields.has(field.slice(0, at))) return true
  return false
}

/** Fields without which the rule does nothing: those of its conditions' necessary parts, of its group, and what it counts. */
function neededBy(rule: CompiledRule): string[] {
  const { plan } = rule
  const counted = plan.type === 'firstSeen' ? plan.value : 'distinct' in plan ? plan.distinct : []
  const sources = new Map(rule.fields.map((one) => [one.name, one.fields]))
  const of = [
    ...rule.predicates.flatMap((one) => requiredFields(one.expression.necessary)),
    ...rule.group.flatMap((key) => key.fields),
    ...counted.flatMap((name) => sources.get(name) ?? []),
  ]
  return [...new Set(of)].sort()
}

function requiredFields(condition: NecessaryCondition): string[] {
  if ('field' in condition) return [condition.field]
  if (condition.kind === 'and') return condition.of.flatMap(requiredFields)
  if (condition.kind !== 'or') return []
  // Of alternatives only what all of them need.
  const [first, ...rest] = condition.of.map(requiredFields)
  return (first ?? []).filter((field) => rest.every((fields) => fields.includes(field)))
}

function lintCondition(necessary: NecessaryCondition, add: Add): void {
  const contradiction = contradictionIn(necessary)
  if (contradiction !== undefined) add('error', 'never-true', `no event meets the condition: ${contradiction}`)
  else if (clausesOf(necessary)?.length === 0)
    add(
      'warning',
      'unindexed',
      'nothing in the condition rules an event out before it is evaluated: it costs on each event, and a replay reads them all; ask a field for a value first',
    )
}

function lintSpan(rule: CompiledRule, { latenessMs = limits.latenessMs }: LintOptions, add: Add): void {
  const { plan } = rule
  if (plan.type === 'sequence' && plan.withinMs < shortestSpanMs)
    add(
      'warning',
      'span',
      'clocks of two sources differ by seconds: steps within less than 2 s may come in the wrong order',
    )
  // An answer that is on its way for as long as its source is allowed must not be missed as absent.
  if (plan.type === 'absence' && plan.withinMs < latenessMs)
    add(
      'warning',
      'span',
      `a source may be ${latenessMs / 1_000} s late: the alert of this absence comes that much after its ${plan.withinMs / 1_000} s at the earliest`,
    )
  if (rule.lookBackMs > lookBackMax)
    add(
      'warning',
      'span',
      `it looks back ${Math.round(rule.lookBackMs / 86_400_000)} days: longer than events are kept for`,
    )
}

/** NTP holds hosts of one network within milliseconds, across networks within a second (RFC 5905 §1). */
const shortestSpanMs = 2_000
/** Windows that look back longer than a year and a month outlive most retentions. */
const lookBackMax = 400 * 86_400_000

function isParent(field: string, fields: ReadonlySet<string> | ReadonlyMap<string, unknown>): boolean {
  for (const known of fields.keys()) if (known.startsWith(`${field}.`)) return true
  return false
}

function closest(field: string): string {
  const leaf = field.split('.').at(-1) ?? field
  const root = field.split('.')[0] ?? ''
  const found = [...ecsFields.keys()].find((known) => known.startsWith(`${root}.`) && known.endsWith(`.${leaf}`))
  return found === undefined ? '' : `; did you mean ${found}?`
}

function lintExpression(source: string, add: Add): void {
  // Undefined goes through $not as undefined: where the field is missing the clause is nothing, and the rule silent.
  for (const [text] of source.matchAll(/\$not\(\s*\$(?:contains|match)\([^()]*\)\s*\)/g)) {
    add('warning', 'never-true', `${text} is nothing where the field is missing: write ${text.slice(0, -1)} or false)`)
  }
  for (const [, field = '', text = ''] of source.matchAll(/([a-z@][\w@]*(?:\.[\w@]+)+)\s*!?=\s*("[^"]*"|'[^']*')/g)) {
    if (lists.has(field)) add('error', 'list-compared', `${field} is a list: write ${text} in ${field}`)
  }
  for (const [, field = '', number = ''] of source.matchAll(
    /([a-z@][\w@]*(?:\.[\w@]+)+)\s*!?=\s*(-?\d+(?:\.\d+)?)\b/g,
  )) {
    const type = ecsFields.get(field)?.type
    if (type === 'keyword')
      add('error', 'number-compared', `${field} is a text: ${number} never equals it; write "${number}"`)
  }
}

function lintKeys(rule: CompiledRule, add: Add): void {
  if (rule.plan.type === 'match') return
  for (const key of rule.group) {
    if (unbounded.has(key.source))
      add(
        'warning',
        'unbounded-key',
        `${key.source} has another value in nearly every event: a window by it holds one event`,
      )
  }
  for (const name of rule.suppress?.by ?? []) {
    if (unbounded.has(name)) add('warning', 'unbounded-key', `suppression by ${name} suppresses nothing`)
  }
}

function lintAttack(rule: CompiledRule, add: Add): void {
  for (const id of rule.attack) {
    const renumbered = attackRenumbered[id]
    if (renumbered !== undefined) add('warning', 'attack-id', `${id} is ${renumbered} since ATT&CK v19`)
    else if (attackEntry(id) === undefined) add('error', 'attack-id', `ATT&CK has no ${id}`)
  }
}

function lintProof(rule: CompiledRule, add: Add): void {
  const tests = rule.definition.tests ?? []
  const raises = (alerts: number | readonly unknown[]): boolean => (typeof alerts === 'number' ? alerts > 0 : true)
  if (!tests.some((test) => raises(test.alerts))) add('warning', 'not-proven', 'no test raises an alert')
  if (!tests.some((test) => !raises(test.alerts))) add('warning', 'not-proven', 'no test raises none')
  for (const part of ['goal', 'blindSpots', 'runbook'] as const) {
    if (rule.definition[part] === undefined) add('warning', 'not-explained', `there is no ${part}`)
  }
}

function lintLimits(rule: CompiledRule, add: Add): void {
  const { plan } = rule
  const wanted =
    plan.type === 'threshold' || plan.type === 'ratio'
      ? plan.atLeast
      : plan.type === 'sequence'
        ? Math.max(...plan.steps.map((step) => step.atLeast))
        : 0
  if (wanted > limits.windowEntriesMax)
    add('error', 'limit', `a window holds at most ${limits.windowEntriesMax} events: ${wanted} are never reached`)
  if (plan.type === 'threshold' && plan.atLeast === 1 && plan.distinct.length === 0)
    add('warning', 'limit', 'a threshold of 1 is a match')
  if (plan.type === 'firstSeen' && plan.forgetMs < plan.learnMs)
    add('warning', 'limit', 'values are forgotten sooner than the group is learned')
}

function lintExceptions(rule: CompiledRule, options: LintOptions, add: Add): void {
  if (options.now === undefined) return
  for (const exception of rule.exceptions) {
    if (exception.endsAt <= options.now)
      add(
        'warning',
        'exception',
        `the exception of ${exception.owner} ended on ${exception.until}: ${exception.reason}`,
      )
    else if (exception.endsAt > options.now + 366 * 86_400_000)
      add('warning', 'exception', `the exception of ${exception.owner} holds for more than a year`)
  }
}
