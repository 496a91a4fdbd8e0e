// What `having` and `title` see of a window: the group, the fields of its events, and its counts.
import type { Json, JsonObject } from '@varde/schema'
import type { CompiledRule } from '../rules/rule.ts'
import type { Entry } from './entry.ts'

export interface WindowFacts {
  /** Canonical JSON of the group values. */
  group: string
  events: readonly Entry[]
  count: number
  distinct?: number
  baseline?: number
  from: number
  to: number
}

/** A window may hold thousands: expressions see the latest of them. */
const eventsMax = 500

const reserved = new Set(['__proto__', 'constructor', 'prototype'])

/** Puts a value at a dotted path; where a parent is taken by a plain value, the path is left out. */
function place(target: JsonObject, path: string, value: Json): void {
  const steps = /^[\w@.-]+$/.test(path) ? path.split('.') : [path]
  if (steps.some((step) => reserved.has(step))) return
  let at = target
  for (const step of steps.slice(0, -1)) {
    const next = at[step] ?? {}
    if (typeof next !== 'object' || Array.isArray(next) || next === null) return
    at[step] = next
    at = next
  }
  const last = steps.at(-1)
  if (last !== undefined) at[last] = value
}

export function nested(fields: Record<string, Json>): JsonObject {
  const target: JsonObject = {}
  for (const [path, value] of Object.entries(fields)) place(target, path, value)
  return target
}

/** One value stands for itself, several are an array. */
function unwrap(values: Json[]): Json {
  const [first] = values
  return values.length === 1 && first !== undefined ? first : values
}

export function windowInput(
  rule: CompiledRule,
  facts: WindowFacts,
  gathered?: (name: string) => Json[] | undefined,
): JsonObject {
  const input: JsonObject = {}
  const events = facts.events.slice(-eventsMax)
  for (const name of rule.collect) {
    const values = gathered?.(name) ?? valuesOf(events, name)
    if (values.length > 0) place(input, name, unwrap(values))
  }
  for (const [name, value] of Object.entries(groupRecord(rule, facts.group))) place(input, name, value)
  const steps = rule.plan.type === 'sequence' ? rule.plan.steps.map((step) => step.name) : []
  for (const step of steps)
    input[step] = events.filter((entry) => entry.step === step).map((entry) => nested(entry.fields))
  input['events'] = events.map((entry) => nested(entry.fields))
  input['count'] = facts.count
  input['distinct'] = facts.distinct ?? 0
  input['window'] = { from: facts.from, to: facts.to }
  if (facts.baseline !== undefined) input['baseline'] = facts.baseline
  return input
}

function valuesOf(events: readonly Entry[], name: string): Json[] {
  const values = new Map<string, Json>()
  for (const entry of events) {
    const value = entry.fields[name]
    if (value === undefined) continue
    for (const item of Array.isArray(value) ? value : [value]) values.set(JSON.stringify(item), item)
  }
  return [...values.values()]
}

/** Name → value of the group, from its canonical text. */
export function groupRecord(rule: CompiledRule, group: string): Record<string, Json> {
  const values: unknown = JSON.parse(group)
  const record: Record<string, Json> = {}
  if (!Array.isArray(values)) return record
  const list: Json[] = values
  for (const [position, key] of rule.group.entries()) {
    const value = list[position]
    if (value !== undefined) record[key.name] = value
  }
  return record
}

/** True only where the expression is; a fault counts as false, as in stage 1. */
export function isTrue(evaluate: () => unknown): boolean | Promise<boolean> {
  try {
    const value = evaluate()
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
