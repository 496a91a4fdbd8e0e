// API keys of senders, and the people who may sign in.
import type { ApiDeps } from '../deps.ts'
import type { Handlers } from '../register.ts'

export function adminRoutes({
  auth,
}: ApiDeps): Handlers<'keys' | 'createKey' | 'revokeKey' | 'users' | 'createUser' | 'updateUser'> {
  return {
    keys: async () => ({ keys: await auth.keys.list() }),
    createKey: ({ body, person }) => auth.keys.create({ ...body, createdBy: person.name }),
    revokeKey: ({ params }) => auth.keys.revoke(params.id),
    users: async () => ({ users: await auth.users.list() }),
    createUser: ({ body }) => auth.users.create(body),
    async updateUser({ params, body }) {
      const user = await auth.users.update(params.id, body)
      // Whoever changes a password or a role must not leave old sessions behind.
      if (body.password !== undefined || body.disabled === true || body.role !== undefined)
        await auth.sessions.endAllOf(params.id)
      return user
    },
  }
}
