// The compiler's public names, for the rest of detection.
export { compileExpression } from './compile-expression.ts'
export type {
  CompiledExpression,
  CompileError,
} from './expression.ts'
export { createHelperEnvironment, type HelperEnvironment, helpers } from './helpers.ts'
export { anyOf as anyQuery, necessaryToQuery } from './necessary-query.ts'
export { createRuleIndex, type IndexedRule, type RuleIndex } from './rule-index.ts'
