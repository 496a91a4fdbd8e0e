// Errors on their way out: RFC 9457 problem details, with a status for each code.
import { isVardeError } from '@varde/runtime'
import type { FastifyReply } from 'fastify'
import type { z } from 'zod'
import type { Problem } from './contract/problem.ts'

const statuses: Record<string, number> = {
  REQUEST_INVALID: 400,
  QUERY_INVALID: 400,
  STORE_BAD_CURSOR: 400,
  ALERT_BAD_CURSOR: 400,
  STORE_LIMIT: 400,
  LOOK_UP_INVALID: 400,
  PASSWORD_WEAK: 400,
  PASSWORD_WRONG: 400,
  TENANTS_INVALID: 400,
  LAST_ADMINISTRATOR: 409,
  OPERATION_UNKNOWN: 409,
  SETUP_DONE: 409,
  SETUP_TOKEN: 403,
  USER_EXISTS: 409,
  SIGN_IN_REFUSED: 401,
  SIGN_IN_NEEDED: 401,
  SIGN_IN_LOCKED: 429,
  TOO_MANY_STREAMS: 429,
  FORBIDDEN: 403,
  CROSS_SITE: 403,
  NOT_FOUND: 404,
  USER_UNKNOWN: 404,
  KEY_UNKNOWN: 404,
  RULE_UNKNOWN: 404,
  CASE_UNKNOWN: 404,
  CASE_CHANGED: 409,
  CASE_CHANGE_INVALID: 400,
  CASE_FULL: 400,
  EXPORT_UNKNOWN: 404,
  EXPORT_EMPTY: 400,
  EXPORT_NOT_READY: 409,
  RULE_CHANGED: 409,
  RULE_EXISTS: 409,
  RULE_FILE: 400,
  RULE_REFUSED: 400,
  RULES_READ_ONLY: 409,
  REPLAY_UNKNOWN: 404,
  REPLAY_BUSY: 429,
  NOTIFY_FAILED: 502,
  EVENT_UNKNOWN: 404,
  VERSION_UNKNOWN: 404,
  STORE_FULL: 503,
  STORE_UNAVAILABLE: 503,
  STORE_CLOSED: 503,
  BUS_FULL: 503,
  BUS_CLOSED: 503,
}

export function problemOf(error: unknown): Problem {
  if (isVardeError(error)) {
    const status = statuses[error.code] ?? 500
    return {
      type: 'about:blank',
      title: titleOf(status),
      status,
      code: error.code,
      detail: error.message,
      ...(error.hint === undefined ? {} : { hint: error.hint }),
    }
  }
  const status = statusOf(error)
  if (status !== undefined && status < 500) {
    return {
      type: 'about:blank',
      title: titleOf(status),
      status,
      code: status === 429 ? 'TOO_MANY_REQUESTS' : 'REQUEST_INVALID',
      detail: error instanceof Error ? error.message : String(error),
    }
  }
  return {
    type: 'about:blank',
    title: titleOf(500),
    status: 500,
    code: 'INTERNAL',
    detail: 'Something went wrong inside Varde.',
    hint: 'The log of Varde has the cause.',
  }
}

/** All wrong places of a request at once. */
export function invalidRequest(part: string, error: z.ZodError): Problem {
  return {
    type: 'about:blank',
    title: titleOf(400),
    status: 400,
    code: 'REQUEST_INVALID',
    detail: `The ${part} of the request has ${error.issues.length} error(s).`,
    errors: error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
  }
}

export function sendProblem(reply: FastifyReply, problem: Problem): FastifyReply {
  return reply.code(problem.status).type('application/problem+json').send(JSON.stringify(problem))
}

function statusOf(error: unknown): number | undefined {
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return undefined
  return typeof error.statusCode === 'number' ? error.statusCode : undefined
}

function titleOf(status: number): string {
  const titles: Record<number, string> = {
    400: 'Bad request',
    401: 'Sign in first',
    403: 'Not allowed',
    404: 'Not found',
    409: 'Conflict',
    413: 'Too large',
    415: 'Unsupported media type',
    429: 'Too many requests',
    500: 'Internal error',
    502: 'The other side failed',
    503: 'Not available now',
  }
  return titles[status] ?? 'Error'
}
