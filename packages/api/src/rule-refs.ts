// The rules that a request names: of the running set by id, or a text that is nowhere yet.
import { type CompiledRule, type CompileRuleResult, compileRule, type RuleBook, type RuleError } from '@varde/detection'
import { VardeError } from '@varde/runtime'
import type { RuleFinding } from './contract/rules.ts'

export function ruleById(rules: RuleBook, id: string): CompiledRule {
  const rule = rules.all().find((one) => one.id === id)
  if (rule === undefined)
    throw new VardeError('RULE_UNKNOWN', `there is no rule ${id}`, { hint: 'It may have been renamed or refused.' })
  return rule
}

export function ruleOf(rules: RuleBook, ref: { id: string } | { text: string }): CompileRuleResult {
  return 'id' in ref
    ? { ok: true, rule: ruleById(rules, ref.id) }
    : compileRule(ref.text, 'new rule', { lists: rules.lists() })
}

export function findingOf(error: RuleError): RuleFinding {
  return {
    level: 'error',
    message: error.path === '' ? error.message : `${error.path}: ${error.message}`,
    line: error.line,
    column: error.column,
  }
}
