// Set-up, sign-in, sign-out, who am I, and the health that needs no sign-in.
import { grantsOf, type Person } from '@varde/auth'
import { isVardeError } from '@varde/runtime'
import type { Audit } from '../audit.ts'
import type { Me } from '../contract/session.ts'
import type { ApiDeps } from '../deps.ts'
import type { Handlers } from '../register.ts'
import { clearSession, sessionOf, setSession } from '../security.ts'
import { createSignInAudit } from '../sign-in-audit.ts'

export function sessionRoutes(
  deps: ApiDeps,
  audit: Audit,
): Handlers<'health' | 'setUp' | 'signIn' | 'signOut' | 'me' | 'changePassword'> {
  const { auth } = deps
  const noteGuess = createSignInAudit(audit, deps.clock)

  /** A lock, not each guess: those would let anybody fill the disk. */
  function noteLock(code: string, name: string, address: string) {
    return async (error: unknown): Promise<never> => {
      if (isVardeError(error, code) && Number(error.facts['waitMs']) > 0) {
        const { wrong, waitMs } = error.facts
        await noteGuess({ name, address, wrong: Number(wrong), waitMs: Number(waitMs) })
      }
      throw error
    }
  }

  async function describe(person: Person): Promise<Me> {
    return {
      id: person.id,
      name: person.name,
      role: person.role,
      permissions: ['public', 'signed-in', ...grantsOf(person)],
      version: deps.version,
      sample: await deps.hasSample(),
    }
  }

  return {
    async health() {
      return {
        status: deps.intake.warnings().length > 0 ? 'degraded' : 'ok',
        version: deps.version,
        setUpNeeded: await auth.setUpNeeded(),
      }
    },
    async setUp({ body, request, reply }) {
      const { user, session } = await auth.setUp(body.token, body.name, body.password)
      await audit(user, { action: 'user.set-up', subject: user.id, detail: { address: request.ip } })
      setSession(reply, session, deps)
      return describe(user)
    },
    async signIn({ body, request, reply }) {
      const { name, password } = body
      const address = request.ip
      const { user, session, wrongBefore } = await auth
        .signIn(name, password, address)
        .catch(noteLock('SIGN_IN_REFUSED', name, address))
      await audit(user, { action: 'session.sign-in', subject: user.id, detail: { address, wrongBefore } })
      setSession(reply, session, deps)
      return describe(user)
    },
    async signOut({ request, reply }) {
      const session = sessionOf(request)
      if (session !== undefined) await auth.sessions.end(session)
      clearSession(reply)
      return { done: true }
    },
    me: ({ person }) => describe(person),
    async changePassword({ body, person, request, reply }) {
      const address = request.ip
      const changing = auth.changePassword(person.id, body, address)
      const { user, session } = await changing.catch(noteLock('PASSWORD_WRONG', person.name, address))
      await audit(user, { action: 'user.password', subject: user.id, detail: { address } })
      setSession(reply, session, deps)
      return { done: true }
    },
  }
}
