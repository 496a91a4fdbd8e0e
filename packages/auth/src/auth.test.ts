import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isVardeError, manualClock } from '@varde/runtime'
import { type EmbeddedStore, openEmbeddedStore } from '@varde/store/embedded'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createAuth } from './auth.ts'
import { passwordProblem } from './passwords.ts'
import { can, type Person } from './roles.ts'

const folder = mkdtempSync(join(tmpdir(), 'varde-auth-'))
const clock = manualClock(1_800_000_000_000)
let store: EmbeddedStore
beforeAll(async () => {
  store = await openEmbeddedStore({ dir: folder })
})
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true, force: true })
})

async function codeOf(run: () => Promise<unknown>): Promise<string> {
  return run().then(
    () => 'no error',
    (error: unknown) => (isVardeError(error) ? error.code : String(error)),
  )
}

const password = 'a long enough passphrase'

test('the set-up token works once, and only the newest', async () => {
  const auth = createAuth({ store, clock })
  const old = auth.drawSetUpToken()
  const token = auth.drawSetUpToken()
  expect(await codeOf(() => auth.setUp(old, 'anna', password))).toBe('SETUP_TOKEN')
  const { user, session } = await auth.setUp(token, 'Anna', password)
  expect(user).toMatchObject({ name: 'anna', role: 'administrator' })
  expect(await auth.person(session)).toMatchObject({ id: user.id })
  expect(await codeOf(() => auth.setUp(token, 'bob', password))).toBe('SETUP_DONE')
})

test('wrong passwords are braked, for the name and for the address, and time lets go', async () => {
  const auth = createAuth({ store, clock })
  for (let tries = 0; tries < 5; tries += 1)
    expect(await codeOf(() => auth.signIn('anna', 'wrong', '10.0.0.1'))).toBe('SIGN_IN_REFUSED')
  expect(await codeOf(() => auth.signIn('anna', password, '10.0.0.2'))).toBe('SIGN_IN_LOCKED')
  expect(await codeOf(() => auth.signIn('nobody', password, '10.0.0.1'))).toBe('SIGN_IN_LOCKED')
  clock.advance(20 * 60_000)
  const { session } = await auth.signIn('ANNA', password, '10.0.0.1')
  expect(await auth.person(session)).toMatchObject({ name: 'anna' })
})

test('guesses side by side are braked like guesses one by one', async () => {
  const auth = createAuth({ store, clock })
  const codes = await Promise.all(
    Array.from({ length: 40 }, (_, n) => codeOf(() => auth.signIn('anna', `wrong ${n}`, '10.0.0.7'))),
  )
  expect(codes.filter((code) => code === 'SIGN_IN_REFUSED')).toHaveLength(5)
  expect(codes.filter((code) => code === 'SIGN_IN_LOCKED')).toHaveLength(35)
})

test('colleagues behind one address who come at the same moment don’t lock each other out', async () => {
  const auth = createAuth({ store, clock })
  const names = Array.from({ length: 8 }, (_, n) => `colleague${n}`)
  for (const name of names) await auth.users.create({ name, role: 'analyst', password })
  const codes = await Promise.all(names.map((name) => codeOf(() => auth.signIn(name, password, '198.51.100.7'))))
  expect(codes).toEqual(names.map(() => 'no error'))
  // And with one of them mistyping among the others.
  const mixed = await Promise.all(
    names.map((name, n) => codeOf(() => auth.signIn(name, n === 3 ? 'wrong' : password, '198.51.100.7'))),
  )
  expect(mixed).toEqual(names.map((_, n) => (n === 3 ? 'SIGN_IN_REFUSED' : 'no error')))
})

test('a set-up link that two use at once makes one administrator', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'varde-auth-setup-'))
  const empty = await openEmbeddedStore({ dir })
  try {
    const auth = createAuth({ store: empty, clock })
    const token = auth.drawSetUpToken()
    expect(await codeOf(() => auth.setUp(token, 'eve', 'short'))).toBe('PASSWORD_WEAK')
    await Promise.allSettled([auth.setUp(token, 'eve', password), auth.setUp(token, 'mallory', password)])
    expect(await auth.users.count()).toBe(1)
  } finally {
    await empty.close()
    rmSync(dir, { recursive: true, force: true })
  }
})

test('a session ends by sign-out, by time, and with its user', async () => {
  const auth = createAuth({ store, clock })
  const bob = await auth.users.create({ name: 'bob', role: 'analyst', password })
  const first = (await auth.signIn('bob', password, 'a')).session
  await auth.sessions.end(first)
  expect(await auth.person(first)).toBeUndefined()
  const second = (await auth.signIn('bob', password, 'a')).session
  clock.advance(13 * 3_600_000)
  expect(await auth.person(second)).toBeUndefined()
  const third = (await auth.signIn('bob', password, 'a')).session
  await auth.users.update(bob.id, { disabled: true })
  expect(await auth.person(third)).toBeUndefined()
  expect(await codeOf(() => auth.signIn('bob', password, 'a'))).toBe('SIGN_IN_REFUSED')
})

test('my own password: the current one is asked for and braked, other sessions end, the new one signs in', async () => {
  const auth = createAuth({ store, clock })
  const carl = await auth.users.create({ name: 'carl', role: 'analyst', password })
  const elsewhere = (await auth.signIn('carl', password, 'c')).session
  const change = (current: string, next: string) => auth.changePassword(carl.id, { current, password: next }, 'c')
  expect(await codeOf(() => change(password, 'short'))).toBe('PASSWORD_WEAK')
  expect(await codeOf(() => change(password, password))).toBe('PASSWORD_WEAK')
  expect(await auth.person(elsewhere)).toMatchObject({ name: 'carl' })
  const next = 'another long passphrase'
  const { session } = await change(password, next)
  expect(await auth.person(elsewhere)).toBeUndefined()
  expect(await auth.person(session)).toMatchObject({ name: 'carl' })
  expect(await codeOf(() => auth.signIn('carl', password, 'c'))).toBe('SIGN_IN_REFUSED')
  expect(await auth.signIn('carl', next, 'c')).toMatchObject({ user: { id: carl.id } })
  for (let tries = 0; tries < 5; tries += 1)
    expect(await codeOf(() => change('not this one', password))).toBe('PASSWORD_WRONG')
  expect(await codeOf(() => change(next, password))).toBe('SIGN_IN_LOCKED')
})

test('a session that is only looked at lasts no longer for it', async () => {
  const auth = createAuth({ store, clock })
  const { session } = await auth.signIn('anna', password, 'b')
  clock.advance(8 * 3_600_000)
  expect(await auth.person(session, { idle: true })).toMatchObject({ name: 'anna' })
  clock.advance(5 * 3_600_000)
  expect(await auth.person(session)).toBeUndefined()
})

test('the last administrator stays, and a name is there once', async () => {
  const auth = createAuth({ store, clock })
  const [anna] = (await auth.users.list()).filter((user) => user.name === 'anna')
  expect(await codeOf(() => auth.users.update(anna?.id ?? '', { role: 'analyst' }))).toBe('LAST_ADMINISTRATOR')
  expect(await codeOf(() => auth.users.create({ name: 'Anna', role: 'analyst', password }))).toBe('USER_EXISTS')
})

test('a user sees the tenants that an administrator gave, the house alone where nobody said', async () => {
  const auth = createAuth({ store, clock })
  const plain = await auth.users.create({ name: 'plain', role: 'analyst', password })
  expect(plain.tenants).toEqual(['house'])
  const guest = await auth.users.create({ name: 'guest', role: 'analyst', password, tenants: ['alpha'] })
  expect(guest.tenants).toEqual(['alpha'])
  expect(await auth.users.update(guest.id, { tenants: ['alpha', 'bravo'] })).toMatchObject({
    tenants: ['alpha', 'bravo'],
  })
  expect(await auth.users.update(guest.id, { role: 'engineer' })).toMatchObject({ tenants: ['alpha', 'bravo'] })
  for (const change of [{ tenants: [] }, { role: 'administrator' as const }])
    expect(await codeOf(() => auth.users.update(guest.id, change))).toBe('TENANTS_INVALID')
  expect(await auth.users.update(guest.id, { role: 'administrator', tenants: 'all' })).toMatchObject({ tenants: 'all' })
  const boss = { name: 'boss', role: 'administrator' as const, password }
  expect(await codeOf(() => auth.users.create({ ...boss, tenants: ['alpha'] }))).toBe('TENANTS_INVALID')
  expect((await auth.users.create(boss)).tenants).toBe('all')
})

test('a user of a former version keeps every tenant', async () => {
  const auth = createAuth({ store, clock })
  // As it was written before tenants could be given.
  const doc = {
    name: 'old',
    role: 'analyst',
    tenants: 'all',
    password: '',
    createdAt: 1,
    lastSignInAt: null,
    disabled: false,
  }
  await store.documents.create('users', 'user-old', doc)
  expect(await auth.users.update('user-old', { role: 'engineer' })).toMatchObject({ role: 'engineer', tenants: 'all' })
})

test('an API key is known in every form that shippers send, until it is revoked', async () => {
  const auth = createAuth({ store, clock })
  const { key, secret } = await auth.keys.create({
    name: 'beats',
    source: 'winlogbeat',
    tenant: 'house',
    createdBy: 'anna',
  })
  const [, id, rest] = /^varde_([0-9a-f]+)_(.+)$/.exec(secret) ?? []
  for (const form of [secret, `${id}:${rest}`, Buffer.from(`${id}:${rest}`).toString('base64')])
    expect(await auth.keys.resolve(form)).toMatchObject({ source: 'winlogbeat' })
  for (const form of ['', 'varde_', `${secret}x`, secret.slice(0, -1), `varde_${'0'.repeat(16)}_${rest}`])
    expect(await auth.keys.resolve(form)).toBeUndefined()
  await auth.keys.revoke(key.id)
  expect(await auth.keys.resolve(secret)).toBeUndefined()
})

test('only whoever has the secret has used a key', async () => {
  const auth = createAuth({ store, clock })
  const { key, secret } = await auth.keys.create({ name: 'k', source: 's', tenant: 'house', createdBy: 'anna' })
  const lastUsed = async () => (await auth.keys.list()).find(({ id }) => id === key.id)?.lastUsedAt
  expect(await auth.keys.resolve(`varde_${key.id}_${'x'.repeat(43)}`)).toBeUndefined()
  expect(await lastUsed()).toBeUndefined()
  expect(await auth.keys.resolve(secret)).toMatchObject({ id: key.id })
  expect(await lastUsed()).toBe(clock.now())
})

describe('passwords', () => {
  test.each([
    ['short', 'anna'],
    ['aaaaaaaaaaaaaaaa', 'anna'],
    ['my name is anna!', 'anna'],
    ['x'.repeat(300), 'anna'],
  ])('%s is refused', (text, name) => {
    expect(passwordProblem(text, name)).toBeTypeOf('string')
  })
  test('a long one is taken', () => expect(passwordProblem(password, 'anna')).toBeUndefined())
})

test('what acts upon every tenant needs all of them', () => {
  const engineer: Person = { id: 'e', name: 'e', role: 'engineer', tenants: ['alpha'] }
  expect([can(engineer, 'rules:test'), can(engineer, 'rules:write')]).toEqual([true, false])
  expect(can({ ...engineer, tenants: 'all' }, 'rules:write')).toBe(true)
})

test('an auditor reads and changes nothing; a tenant sees its own', () => {
  const auditor: Person = { id: 'a', name: 'a', role: 'auditor', tenants: ['customer-1'] }
  expect(can(auditor, 'events:read', 'customer-1')).toBe(true)
  expect(can(auditor, 'events:read', 'customer-2')).toBe(false)
  for (const grant of ['alerts:write', 'events:export', 'keys:manage', 'users:manage', 'sources:write'] as const)
    expect(can(auditor, grant)).toBe(false)
})
