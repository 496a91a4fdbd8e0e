// Who calls, and whether the browser meant it.
import { can, type Person } from '@varde/auth'
import { VardeError } from '@varde/runtime'
import type { Scope } from '@varde/store'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { Permission } from './contract/endpoints.ts'
import type { ApiDeps } from './deps.ts'

const cookie = 'varde_session'

/** The command line on this machine acts as an administrator. */
export const localPerson: Person = { id: 'local', name: 'local', role: 'administrator', tenants: 'all' }

export async function personOf(
  request: FastifyRequest,
  deps: Pick<ApiDeps, 'auth' | 'localToken'>,
  options: { idle?: boolean } = {},
): Promise<Person | undefined> {
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1]
  if (bearer !== undefined) return bearer === deps.localToken ? localPerson : undefined
  const session = request.cookies[cookie]
  return session === undefined ? undefined : deps.auth.person(session, options)
}

export async function authorise(
  request: FastifyRequest,
  permission: Permission,
  deps: ApiDeps,
): Promise<Person | undefined> {
  if (request.method !== 'GET' && request.method !== 'HEAD') checkSameSite(request)
  if (permission === 'public') return undefined
  const person = await personOf(request, deps)
  if (person === undefined)
    throw new VardeError('SIGN_IN_NEEDED', 'this needs a sign-in', { hint: 'Sign in and try again.' })
  if (permission !== 'signed-in' && !can(person, permission)) {
    throw new VardeError('FORBIDDEN', `your role (${person.role}) does not include ${permission}`, {
      hint: 'Ask an administrator.',
    })
  }
  return person
}

/** Fetch metadata where the browser sends it, the origin otherwise; programs send neither and have no cookie to steal. */
function checkSameSite(request: FastifyRequest): void {
  const site = request.headers['sec-fetch-site']
  if (site === 'same-origin' || site === 'none') return
  const { origin, host } = request.headers
  const same = site === undefined && (origin === undefined || origin.replace(/^https?:\/\//, '') === host)
  if (!same)
    throw new VardeError('CROSS_SITE', 'this request came from another site', {
      hint: 'Open Varde itself and try again.',
    })
}

export function scopeOf(person: Person): Scope {
  return { tenants: person.tenants }
}

export function setSession(reply: FastifyReply, token: string, deps: Pick<ApiDeps, 'secure'>): void {
  reply.setCookie(cookie, token, {
    httpOnly: true,
    sameSite: 'strict',
    secure: deps.secure || reply.request.protocol === 'https',
    path: '/',
    maxAge: 7 * 24 * 3600,
  })
}

export function clearSession(reply: FastifyReply): void {
  reply.clearCookie(cookie, { path: '/' })
}

export function sessionOf(request: FastifyRequest): string | undefined {
  return request.cookies[cookie]
}
