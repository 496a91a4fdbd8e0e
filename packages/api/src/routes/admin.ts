// API keys of senders, and the people who may sign in. Who gives or takes power is in the sealed audit.
import type { Audit } from '../audit.ts'
import { auditPage, checkAudit } from '../audit-trail.ts'
import type { ApiDeps } from '../deps.ts'
import type { Handlers } from '../register.ts'

type Names = 'keys' | 'createKey' | 'revokeKey' | 'users' | 'createUser' | 'updateUser' | 'audit' | 'checkAudit'

export function adminRoutes({ auth, notary: { streams } }: ApiDeps, audit: Audit): Handlers<Names> {
  return {
    keys: async () => ({ keys: await auth.keys.list() }),
    async createKey({ body, person }) {
      const created = await auth.keys.create({ ...body, createdBy: person.name })
      const { id, name, source, tenant } = created.key
      await audit(person, { action: 'key.create', subject: id, detail: { name, source, tenant } })
      return created
    },
    async revokeKey({ params, person }) {
      const key = await auth.keys.revoke(params.id)
      await audit(person, { action: 'key.revoke', subject: key.id, detail: { name: key.name } })
      return key
    },
    users: async () => ({ users: await auth.users.list() }),
    async createUser({ body, person }) {
      const user = await auth.users.create(body)
      await audit(person, {
        action: 'user.create',
        subject: user.id,
        detail: { name: user.name, role: user.role, tenants: user.tenants },
      })
      return user
    },
    async updateUser({ params, body, person }) {
      const user = await auth.users.update(params.id, body)
      // Whoever changes a password, a role or tenants must not leave old sessions and their streams behind.
      const { password, disabled: off, role: given, tenants: seen } = body
      if (password !== undefined || off === true || given !== undefined || seen !== undefined)
        await auth.sessions.endAllOf(params.id)
      const { name, role, tenants, disabled } = user
      // That there is a new password, never which.
      const detail = { name, role, tenants, disabled, password: password !== undefined }
      await audit(person, { action: 'user.update', subject: user.id, detail })
      return user
    },
    audit: ({ query: { by, action, before, limit } }) => auditPage(streams, { by, action }, { before, limit }),
    async checkAudit() {
      const checked = await checkAudit(streams)
      return checked.ok
        ? { whole: true, entries: checked.count }
        : { whole: false, at: checked.at, problem: checked.problem }
    },
  }
}
