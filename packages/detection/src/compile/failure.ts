// How an evaluation fails: one small error, without the cost of a stack trace.
import { ExpressionError } from './expression.ts'

/** Our words for jsonata's codes (its own table is private) and for our limits. */
const meanings: Record<string, string> = {
  D1001: 'a number is out of range',
  D1002: 'cannot negate something that is no number',
  D1004: 'the regular expression matches the empty text',
  D1009: 'two expressions of the object make the same key',
  D1013: 'this key is reserved',
  D2014: 'the range is too long',
  D2015: 'the sequence is too long',
  D3001: 'a number is out of range for text',
  D3010: 'the pattern of $replace is empty',
  D3011: 'the limit of $replace is negative',
  D3012: 'the replacement function gave no text',
  D3020: 'the limit of $split is negative',
  D3030: 'the value cannot be cast to a number',
  D3040: 'the limit of $match is negative',
  D3050: 'the function given to $reduce takes fewer than two arguments',
  D3060: 'the square root of a negative number',
  D3061: 'the power is out of range',
  D3070: '$sort without a function needs texts only or numbers only',
  D3138: '$single found more than one',
  D3139: '$single found none',
  D3140: 'the URL is malformed',
  T0410: 'an argument has the wrong type',
  T0411: 'the context value has the wrong type for this function',
  T0412: 'an array argument has elements of the wrong type',
  T1003: 'a key of an object must be a text',
  T1005: 'this function needs a $ before its name',
  T1006: 'attempt to call something that is no function',
  T1007: 'this function needs a $ before its name',
  T1008: 'attempt to partially apply something that is no function',
  T1010: 'the matcher function gave the wrong structure',
  T2001: 'the left side must be a number',
  T2002: 'the right side must be a number',
  T2003: 'the left side of the range must be a whole number',
  T2004: 'the right side of the range must be a whole number',
  T2006: 'the right side of ~> must be a function',
  T2007: 'sort keys must be all texts or all numbers',
  T2008: 'sort keys must be texts or numbers',
  T2009: 'both sides of the comparison must be texts, or both numbers',
  T2010: 'the comparison needs texts or numbers',
  T2011: 'the update of a transform must be an object',
  T2012: 'the deletion of a transform must be a text or texts',
  T2013: 'the transform needs the function $clone',
  V0001: 'the expression takes too many steps',
  V0002: 'the expression takes too long',
  V0003: 'the expression nests too deeply',
  V0004: 'a text in the expression grows too long',
  V0006: 'no wall clock and no chance in an expression that decides',
  V0007: 'a function from outside answered with a promise',
}

/** A failure with jsonata's code. Its message is ours; `token` names the operator or function. */
export function failure(code: string, token?: string, message?: string): ExpressionError {
  const before = Error.stackTraceLimit
  Error.stackTraceLimit = 0
  const meaning = message ?? meanings[code] ?? 'the evaluation failed'
  const error = new ExpressionError(code, token === undefined ? meaning : `${token}: ${meaning}`, undefined, token)
  Error.stackTraceLimit = before
  return error
}

/** jsonata throws plain objects; V8 throws RangeErrors for deep recursion. */
export function failureFrom(thrown: unknown, token?: string): ExpressionError {
  if (thrown instanceof ExpressionError) return thrown
  if (thrown instanceof RangeError) return failure(thrown.message.includes('call stack') ? 'V0003' : 'V0004', token)
  if (typeof thrown !== 'object' || thrown === null) return failure('V0000', token, String(thrown))
  const code = 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : 'V0000'
  const message =
    'message' in thrown && typeof thrown.message === 'string' && thrown.message !== '' ? thrown.message : undefined
  const ownToken = 'token' in thrown && typeof thrown.token === 'string' ? thrown.token : token
  const error = failure(code, ownToken, message)
  if ('position' in thrown && typeof thrown.position === 'number') error.position = thrown.position
  return error
}
