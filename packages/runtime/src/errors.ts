// Broken promises, each with a code that is never reused, and what to do next.

export class VardeError extends Error {
  readonly code: string
  /** Facts for the log and the page: file, line, field, limit … */
  readonly facts: Record<string, string | number | boolean>
  /** One sentence: what the person who sees this should do. */
  readonly hint: string | undefined
  constructor(
    code: string,
    message: string,
    options: { cause?: unknown; hint?: string; facts?: Record<string, string | number | boolean> } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.name = 'VardeError'
    this.code = code
    this.facts = options.facts ?? {}
    this.hint = options.hint
  }
}

export function isVardeError(error: unknown, code?: string): error is VardeError {
  return error instanceof VardeError && (code === undefined || error.code === code)
}
