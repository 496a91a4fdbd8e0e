// Errors on their way between threads: a VardeError arrives as one, with its code, hint, facts and cause.
import { VardeError } from './errors.ts'

export type SentError =
  | { kind: 'value'; value: unknown }
  | { kind: 'error'; name: string; message: string; stack: string; code?: string; cause?: SentError }
  | {
      kind: 'varde'
      code: string
      message: string
      stack: string
      hint?: string
      facts: Record<string, string | number | boolean>
      cause?: SentError
    }

/** Causes deeper than this are left out: enough for every chain we build, and an end for a circular one. */
const causeDepthMax = 8

export function packError(error: unknown, depth = 0): SentError {
  if (!(error instanceof Error)) return { kind: 'value', value: cloneable(error) }
  const cause = error.cause === undefined || depth >= causeDepthMax ? {} : { cause: packError(error.cause, depth + 1) }
  const stack = error.stack ?? ''
  if (error instanceof VardeError) {
    const hint = error.hint === undefined ? {} : { hint: error.hint }
    return { kind: 'varde', code: error.code, message: error.message, stack, facts: error.facts, ...hint, ...cause }
  }
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {}
  return { kind: 'error', name: error.name, message: error.message, stack, ...code, ...cause }
}

export function unpackError(sent: SentError): unknown {
  if (sent.kind === 'value') return sent.value
  const cause = sent.cause === undefined ? {} : { cause: unpackError(sent.cause) }
  if (sent.kind === 'varde') {
    const hint = sent.hint === undefined ? {} : { hint: sent.hint }
    const error = new VardeError(sent.code, sent.message, { facts: sent.facts, ...hint, ...cause })
    error.stack = sent.stack
    return error
  }
  // What `signal.throwIfAborted()` throws is a DOMException, and callers tell it by its class and name.
  if (sent.name === 'AbortError' || sent.name === 'TimeoutError') return new DOMException(sent.message, sent.name)
  const error = new Error(sent.message, cause)
  error.name = sent.name
  error.stack = sent.stack
  return sent.code === undefined ? error : Object.assign(error, { code: sent.code })
}

function cloneable(value: unknown): unknown {
  try {
    return structuredClone(value)
  } catch {
    return String(value)
  }
}
