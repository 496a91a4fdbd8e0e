// A set of expressions that meets events: which of them are true for this one? Exact: the same answer as trying every one.
import type { EcsEvent } from '@varde/schema'
import { fastEvaluator } from './compile-expression.ts'
import type { CompiledExpression } from './expression.ts'
import { createSegment, type Segment } from './index-segment.ts'

export interface IndexedRule {
  key: number
  expression: CompiledExpression
}

export interface RuleIndex {
  /** Keys of the rules whose value is exactly `true`, ascending. A promise where a candidate is interpreted. */
  match(event: EcsEvent): number[] | Promise<number[]>
  /** Evaluations that failed or gave something else than a boolean, per rule key. Such a rule did not match. */
  errors(): ReadonlyMap<number, number>
  /** Another index with rules added (or replaced, by key) and others gone; this one stays as it is, and they share what is the same. */
  next(change: { add: readonly IndexedRule[]; remove: readonly number[] }): RuleIndex
  /** For benches and the status page. */
  facts(): { rules: number; automatonStates: number; evaluations: number }
}

/** Never changed once made: several indexes share it. */
interface Part {
  readonly rules: readonly (IndexedRule | undefined)[]
  readonly evaluators: readonly ((event: EcsEvent) => unknown)[]
  readonly segment: Segment
}

// Rules that come one by one are indexed in small parts, so that adding one never builds the whole anew. Full parts are put together
// when there are many; the first part, the rules that the index was made with, stays as it is.
const partRulesMax = 64
const partsMax = 8

function createPart(rules: readonly IndexedRule[]): Part {
  return {
    rules: [...rules],
    evaluators: rules.map((rule) => fastEvaluator(rule.expression)),
    segment: createSegment(rules.map((rule) => rule.expression.necessary)),
  }
}

function without(part: Part, keys: ReadonlySet<number>): Part {
  const has = part.rules.some((rule) => rule !== undefined && keys.has(rule.key))
  return has
    ? { ...part, rules: part.rules.map((rule) => (rule !== undefined && keys.has(rule.key) ? undefined : rule)) }
    : part
}

function living(part: Part): IndexedRule[] {
  return part.rules.filter((rule) => rule !== undefined)
}

export function createRuleIndex(rules: readonly IndexedRule[]): RuleIndex {
  return indexOf([createPart(rules)])
}

function indexOf(parts: readonly Part[]): RuleIndex {
  const failures = new Map<number, number>()
  let evaluations = 0
  const fail = (key: number): void => {
    failures.set(key, (failures.get(key) ?? 0) + 1)
  }
  const judge = (key: number, value: unknown, keys: number[]): void => {
    if (value === true) keys.push(key)
    else if (value !== false && value !== undefined) fail(key)
  }
  const positions: number[] = []
  const tryPart = (part: Part, event: EcsEvent, keys: number[], waiting: Promise<void>[]): void => {
    positions.length = 0
    part.segment.candidates(event, positions)
    evaluations += positions.length
    for (const position of positions) {
      const key = part.rules[position]?.key
      const evaluate = part.evaluators[position]
      if (key === undefined || evaluate === undefined) continue
      try {
        const value = evaluate(event)
        if (value instanceof Promise) waiting.push(value.then((late) => judge(key, late, keys)).catch(() => fail(key)))
        else judge(key, value, keys)
      } catch {
        fail(key)
      }
    }
  }
  return {
    match(event) {
      const keys: number[] = []
      const waiting: Promise<void>[] = []
      for (const part of parts) tryPart(part, event, keys, waiting)
      if (waiting.length > 0) return Promise.all(waiting).then(() => ascending(keys))
      return keys.length > 1 ? ascending(keys) : keys
    },
    errors: () => failures,
    next({ add, remove }) {
      const gone = new Set([...remove, ...add.map((rule) => rule.key)])
      return indexOf(
        withRules(
          parts.map((part) => without(part, gone)),
          add,
        ),
      )
    },
    facts: () => ({
      rules: parts.reduce((sum, part) => sum + living(part).length, 0),
      automatonStates: parts.reduce((sum, part) => sum + part.segment.states, 0),
      evaluations,
    }),
  }
}

function withRules(parts: readonly Part[], rules: readonly IndexedRule[]): readonly Part[] {
  const [first, ...later] = parts
  if (first === undefined || rules.length === 0) return parts
  const last = later.at(-1)
  const rest = last === undefined ? [] : living(last)
  if (last !== undefined && rest.length + rules.length <= partRulesMax)
    return [first, ...later.slice(0, -1), createPart([...rest, ...rules])]
  const added = createPart(rules)
  return later.length < partsMax ? [first, ...later, added] : [first, createPart(later.flatMap(living)), added]
}

function ascending(keys: number[]): number[] {
  return keys.sort((a, b) => a - b)
}
