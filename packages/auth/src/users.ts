// The people who may sign in, kept as documents.

import { type Clock, VardeError } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { collections, type DocumentStore, type Versioned } from '@varde/store'
import { hashPassword, passwordProblem } from './passwords.ts'
import type { Person, Role } from './roles.ts'

const collection = collections.users.name

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
  /** Throws USER_EXISTS, PASSWORD_WEAK. */
  create(user: { name: string; role: Role; password: string }): Promise<User>
  /** Throws USER_UNKNOWN, PASSWORD_WEAK, LAST_ADMINISTRATOR. */
  update(
    id: string,
    change: {
      role?: Role | undefined
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

  return {
    count: () => documents.count(collection),
    list: async () => (await all()).map(toUser),
    byId: (id) => documents.get<UserDocument>(collection, id),
    byName: async (name) =>
      (await documents.list<UserDocument>(collection, { where: { name: name.toLowerCase() }, limit: 1 })).docs[0],
    async create({ name, role, password }) {
      checkPassword(password, name)
      const lower = name.toLowerCase()
      const doc: UserDocument = {
        name: lower,
        role,
        tenants: 'all',
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
          disabled: change.disabled ?? doc.disabled,
          lastSignInAt: change.lastSignInAt ?? doc.lastSignInAt,
          password: change.password === undefined ? doc.password : await hashPassword(change.password),
        }
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
