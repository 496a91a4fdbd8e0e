// What compiling a JSONata expression gives: the one interface that rules, tests, replay and explain use.

export interface CompiledExpression {
  readonly source: string
  /** `interpreted` where the expression uses a part of JSONata that the compiler leaves to the reference interpreter. */
  readonly mode: 'compiled' | 'interpreted'
  /**
   * The value over `input`, or undefined where there is none. `bindings` are variables without their `$`.
   * Compiled expressions answer at once, interpreted ones with a promise.
   * Throws (or rejects with) an ExpressionError: code is jsonata's own where it has one.
   */
  evaluate(input: unknown, bindings?: Record<string, unknown>): unknown | Promise<unknown>
  /** Dotted paths that the expression reads, from the root of the event, sorted; for linters and explanations. */
  readonly fields: readonly string[]
  /** What an event must satisfy for the value to be true: a superset, plain data. */
  readonly necessary: NecessaryCondition
}

export type Scalar = string | number | boolean | null

/**
 * A condition that every event for which an expression is `true` satisfies; others may too.
 * `field` is a dotted path; arrays on the way are looked into, so it speaks of *any* value found there. As its last part,
 * `*` stands for every name and `**` for everything below.
 */
export type NecessaryCondition =
  | { kind: 'always' }
  | { kind: 'never' }
  | { kind: 'and'; of: NecessaryCondition[] }
  | { kind: 'or'; of: NecessaryCondition[] }
  /** Some value is one of these, of the same type. With `fold` texts are compared after lower-casing, and `values` are lower case. */
  | { kind: 'equals'; field: string; values: Scalar[]; fold: boolean }
  /** Some text holds `text`. With `fold` both sides are compared after lower-casing, and `text` is lower case. */
  | { kind: 'literal'; field: string; at: 'start' | 'end' | 'anywhere'; text: string; fold: boolean }
  | { kind: 'exists'; field: string }

export interface CompileError {
  message: string
  /** UTF-16 offset in the source of the first wrong character; line and column count from 1. */
  position: number
  line: number
  column: number
  /** jsonata's own code, such as S0202, or ours. */
  code: string
  /** The text that stands there, where jsonata names it. */
  token?: string
}

export type CompileResult = { ok: true; expression: CompiledExpression } | { ok: false; error: CompileError }

/** An evaluation that failed. Cheap to make: hostile input must not be able to cost a stack trace per event. */
export class ExpressionError extends Error {
  /** jsonata's code (T2009, D1011 …) or one of ours (V0001 steps, V0002 time, V0003 depth, V0004 length, V0005 regex, V0006 refused). */
  readonly code: string
  /** The operator or function that failed, where that is known. */
  readonly token: string | undefined
  position: number | undefined
  constructor(code: string, message: string, position?: number, token?: string) {
    super(message)
    this.name = 'ExpressionError'
    this.code = code
    this.position = position
    this.token = token
  }
}
