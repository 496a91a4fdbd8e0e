// Sign-in, set-up and the lock on guessing.
import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { type Clock, VardeError } from '@varde/runtime'
import type { Store } from '@varde/store'
import { type ApiKeys, createApiKeys } from './api-keys.ts'
import { createBrake } from './brake.ts'
import { verifyPassword } from './passwords.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { createUsers, toUser, type User, type Users } from './users.ts'

export interface Auth {
  users: Users
  keys: ApiKeys
  sessions: Sessions
  setUpNeeded(): Promise<boolean>
  /** A new one-time token for the set-up link; the former is void. Valid until used or the process ends. */
  drawSetUpToken(): string
  /** Creates the first administrator. Throws SETUP_DONE, SETUP_TOKEN, PASSWORD_WEAK. */
  setUp(token: string, name: string, password: string): Promise<{ user: User; session: string }>
  /** Throws SIGN_IN_REFUSED (never telling which half was wrong) with `wrong` and `waitMs`, and SIGN_IN_LOCKED with `retryAfterSeconds`. */
  signIn(
    name: string,
    password: string,
    address: string,
  ): Promise<{
    user: User
    session: string /** Wrong tries since the last right one, of the name or the address. */
    wrongBefore: number
  }>
  /** The current one is guessed at no faster than at sign-in; every session ends, and a new one begins. Throws PASSWORD_WRONG with `wrong` and `waitMs`, PASSWORD_WEAK, SIGN_IN_LOCKED. */
  changePassword(
    userId: string,
    change: { current: string; password: string },
    address: string,
  ): Promise<{ user: User; session: string }>
  /** Who holds this session. `idle`: as with `Sessions.resolve`. */
  person(session: string, options?: { idle?: boolean }): Promise<User | undefined>
}

export function createAuth({ store, clock }: { store: Store; clock: Clock }): Auth {
  const users = createUsers(store.documents, clock)
  const sessions = createSessions(store.documents, clock)
  const keys = createApiKeys(store.documents, clock)
  const brake = createBrake(clock)
  let setUpDigest: Buffer | undefined

  return {
    users,
    keys,
    sessions,
    setUpNeeded: async () => (await users.count()) === 0,
    drawSetUpToken() {
      const token = randomBytes(24).toString('base64url')
      setUpDigest = Buffer.from(hash('sha256', token))
      return token
    },
    async setUp(token, name, password) {
      if ((await users.count()) > 0)
        throw new VardeError('SETUP_DONE', 'the first administrator exists already', { hint: 'Sign in instead.' })
      const given = Buffer.from(hash('sha256', token))
      const expected = setUpDigest
      if (expected === undefined || !timingSafeEqual(given, expected)) {
        throw new VardeError('SETUP_TOKEN', 'this set-up link is not valid', {
          hint: 'Use the newest link that the start of Varde printed.',
        })
      }
      // Taken before anything is awaited, so that two who come at once don't both pass; given back where nothing came of it.
      setUpDigest = undefined
      const user = await users.create({ name, role: 'administrator', password }).catch((error: unknown) => {
        setUpDigest ??= expected
        throw error
      })
      return { user, session: await sessions.create(user.id) }
    },
    async signIn(name, password, address) {
      const found = await users.byName(name)
      const outcome = await brake.check([`name:${name.toLowerCase()}`, `address:${address}`], async () => {
        const right = await verifyPassword(password, found?.doc.password)
        return right && found !== undefined && !found.doc.disabled ? found : undefined
      })
      if (!('right' in outcome)) {
        const { wrong, waitMs } = outcome
        throw new VardeError('SIGN_IN_REFUSED', 'wrong name or password', {
          hint: 'Check both; capitals matter in the password.',
          facts: { wrong, waitMs },
        })
      }
      const { right, wrongBefore } = outcome
      const user = await users.update(right.id, { lastSignInAt: clock.now() })
      return { user, session: await sessions.create(user.id), wrongBefore }
    },
    async changePassword(userId, { current, password }, address) {
      const found = await users.byId(userId)
      const outcome = await brake.check([`name:${found?.doc.name}`, `address:${address}`], async () =>
        (await verifyPassword(current, found?.doc.password)) ? true : undefined,
      )
      if (!('right' in outcome)) {
        const { wrong, waitMs } = outcome
        throw new VardeError('PASSWORD_WRONG', 'this is not your current password', {
          hint: 'An administrator can set another one.',
          facts: { wrong, waitMs },
        })
      }
      if (password === current)
        throw new VardeError('PASSWORD_WEAK', 'the new password is the old one', { hint: 'Choose another one.' })
      const user = await users.update(userId, { password })
      await sessions.endAllOf(userId)
      return { user, session: await sessions.create(userId) }
    },
    async person(session, options) {
      const userId = await sessions.resolve(session, options)
      const found = userId === undefined ? undefined : await users.byId(userId)
      return found === undefined || found.doc.disabled ? undefined : toUser(found)
    },
  }
}
