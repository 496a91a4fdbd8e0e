// What is wrong with a rule that compiles: it can't fire, it fires on the wrong thing, or nobody will know what to do.
import { limits } from '@varde/runtime'
import { attackEntry, attackRenumbered, ecsFields, ecsRoots } from '@varde/schema'
import type { CompiledRule } from './rule.ts'

export interface LintFinding {
  rule: string
  file: string
  level: 'error' | 'warning'
  /** A closed list: see `lintChecks`. */
  check: LintCheck
  message: string
}

export const lintChecks = [
  'unknown-field',
  'never-true',
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
  /** Fields that events have, as the store tells them; ECS's own count as known anyway. */
  fields?: ReadonlySet<string>
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

export function lintRule(rule: CompiledRule, options: LintOptions = {}): LintFinding[] {
  const findings: LintFinding[] = []
  const add = (level: LintFinding['level'], check: LintCheck, message: string): void => {
    findings.push({ rule: rule.id, file: rule.file, level, check, message })
  }
  lintFields(rule, options, add)
  for (const { expression } of rule.predicates) lintExpression(expression.source, add)
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
    else if (options.fields !== undefined && !options.fields.has(field) && !isParent(field, options.fields))
      add('warning', 'unknown-field', `no event so far has ${field}: the rule may never fire`)
  }
}

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
