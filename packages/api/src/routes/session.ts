// Set-up, sign-in, sign-out, who am I, and the health that needs no sign-in.
import { grantsOf, type Person } from '@varde/auth'
import type { Audit } from '../audit.ts'
import type { Me } from '../contract/session.ts'
import type { ApiDeps } from '../deps.ts'
import type { Handlers } from '../register.ts'
import { clearSession, sessionOf, setSession } from '../security.ts'

export function sessionRoutes(deps: ApiDeps, audit: Audit): Handlers<'health' | 'setUp' | 'signIn' | 'signOut' | 'me'> {
  const { auth } = deps

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
      const { user, session } = await auth.signIn(body.name, body.password, request.ip)
      // Only who came in: sealed entries for wrong guesses would let anybody fill the disk.
      await audit(user, { action: 'session.sign-in', subject: user.id, detail: { address: request.ip } })
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
  }
}
