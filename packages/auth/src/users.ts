// The people who may sign in, kept as documents.

import { type Clock, limits, VardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { collections, type DocumentStore, type Versioned } from '@varde/store'
import { hashPassword, passwordProblem } from './passwords.ts'
import type { Person, Role } from './roles.ts'

const collection = collections.users.name
/** The house itself, whose records are no customer's. */
const houseTenant = 'house'

export interface User extends Person {
  createdAt: number
  lastSignInAt?: number
  disabled: boolean
}

export interface UserDocument extends JsonObject {
  name: string
  role: Role
  tenants: 'all' | string[]
  password: string
  createdAt: number
  lastSignInAt: number | null
  disabled: boolean
}

export function toUser({ id, doc }: Versioned<UserDocument>): User {
  return {
    id,
    name: doc.name,
    role: doc.role,
    tenants: doc.tenants,
    createdAt: doc.createdAt,
    disabled: doc.disabled,
    ...(doc.lastSignInAt === null ? {} : { lastSignInAt: doc.lastSignInAt }),
  }
}

export interface Users {
  count(): Promise<number>
  list(): Promise<User[]>
  byId(id: string): Promise<Versioned<UserDocument> | undefined>
  byName(name: string): Promise<Versioned<UserDocument> | undefined>
  /** Without tenants an administrator sees all of them, anybody else the house's own. Throws USER_EXISTS, PASSWORD_WEAK, TENANTS_INVALID. */
  create(user: { name: string; role: Role; password: string; tenants?: Person['tenants'] | undefined }): Promise<User>
  /** Throws USER_UNKNOWN, PASSWORD_WEAK, TENANTS_INVALID, LAST_ADMINISTRATOR. */
  update(
    id: string,
    change: {
      role?: Role | undefined
      tenants?: Person['tenants'] | undefined
      password?: string | undefined
      disabled?: boolean | undefined
      lastSignInAt?: number
    },
  ): Promise<User>
}

export function createUsers(documents: DocumentStore, clock: Clock): Users {
  const all = async () =>
    (await documents.list<UserDocument>(collection, { sort: { by: 'name', order: 'asc' }, limit: 10_000 })).docs

  function checkPassword(password: string, name: string) {
    const problem = passwordProblem(password, name)
    if (problem !== undefined) throw new VardeError('PASSWORD_WEAK', problem, { hint: 'Choose a longer passphrase.' })
  }

  /** Whoever manages users could give themselves every tenant: an administrator of some tenants only would be a pretence. */
  function checkTenants(role: Role, tenants: Person['tenants']) {
    if (role === 'administrator' && tenants !== 'all')
      throw new VardeError('TENANTS_INVALID', 'an administrator sees every tenant', {
        hint: 'Give another role, or all tenants.',
      })
    if (tenants !== 'all' && (tenants.length === 0 || tenants.length > limits.tenantsOfUserMax))
      throw new VardeError('TENANTS_INVALID', `a user has one to ${limits.tenantsOfUserMax} tenants, or all`, {
        hint: 'Disable whoever is to see nothing.',
      })
  }

  return {
    count: () => documents.count(collection),
    list: async () => (await all()).map(toUser),
    byId: (id) => documents.get<UserDocument>(collection, id),
    byName: async (name) =>
      (await documents.list<UserDocument>(collection, { where: { name: name.toLowerCase() }, limit: 1 })).docs[0],
    async create({ name, role, password, tenants = role === 'administrator' ? 'all' : [houseTenant] }) {
      checkPassword(password, name)
      checkTenants(role, tenants)
      const lower = name.toLowerCase()
      const doc: UserDocument = {
        name: lower,
        role,
        tenants,
        password: await hashPassword(password),
        createdAt: clock.now(),
        lastSignInAt: null,
        disabled: false,
      }
      // The name is the id, so that two who create it at once can't both win.
      const id = `user-${Buffer.from(lower).toString('base64url')}`
      const written = await documents.create(collection, id, doc)
      if (!written.ok)
        throw new VardeError('USER_EXISTS', `a user named ${name} exists`, { hint: 'Choose another name.' })
      return toUser({ id, version: written.version, doc })
    },
    async update(id, change) {
      for (;;) {
        const found = await documents.get<UserDocument>(collection, id)
        if (found === undefined) throw new VardeError('USER_UNKNOWN', `no user ${id}`)
        const { doc } = found
        if (change.password !== undefined) checkPassword(change.password, doc.name)
        const next: UserDocument = {
          ...doc,
          role: change.role ?? doc.role,
          tenants: change.tenants ?? doc.tenants,
          disabled: change.disabled ?? doc.disabled,
          lastSignInAt: change.lastSignInAt ?? doc.lastSignInAt,
          password: change.password === undefined ? doc.password : await hashPassword(change.password),
        }
        checkTenants(next.role, next.tenants)
        const wasAdministrator = doc.role === 'administrator' && !doc.disabled
        if (wasAdministrator && (next.role !== 'administrator' || next.disabled)) {
          const others = (await all()).filter(
            (one) => one.id !== id && one.doc.role === 'administrator' && !one.doc.disabled,
          )
          if (others.length === 0)
            throw new VardeError('LAST_ADMINISTRATOR', 'this is the last administrator', {
              hint: 'Make somebody else an administrator first.',
            })
        }
        const written = await documents.update(collection, id, next, found.version)
        if (written.ok) return toUser({ id, version: written.version, doc: next })
      }
    },
  }
}
