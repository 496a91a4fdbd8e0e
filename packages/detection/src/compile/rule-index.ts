// A set of expressions that meets events: which of them are true for this one?
import type { EcsEvent } from '@varde/schema'
import type { CompiledExpression } from './expression.ts'

export interface IndexedRule {
  key: number
  expression: CompiledExpression
}

export interface RuleIndex {
  /** Keys of the rules whose value is exactly `true`, ascending. A promise where a candidate is interpreted. */
  match(event: EcsEvent): number[] | Promise<number[]>
  /** Evaluations that failed or gave something else than a boolean, per rule key. Such a rule did not match. */
  errors(): ReadonlyMap<number, number>
}

export function createRuleIndex(rules: readonly IndexedRule[]): RuleIndex {
  const failures = new Map<number, number>()
  const fail = (key: number): void => void failures.set(key, (failures.get(key) ?? 0) + 1)
  const sorted = [...rules].sort((a, b) => a.key - b.key)
  return {
    async match(event) {
      const keys: number[] = []
      for (const { key, expression } of sorted) {
        try {
          const value = await expression.evaluate(event)
          if (value === true) keys.push(key)
          else if (value !== false && value !== undefined) fail(key)
        } catch {
          fail(key)
        }
      }
      return keys
    },
    errors: () => failures,
  }
}
