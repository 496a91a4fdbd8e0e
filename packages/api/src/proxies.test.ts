// Behind a reverse proxy: whose address counts, whether the cookie is kept to TLS, and who may claim either.
import cookie from '@fastify/cookie'
import Fastify from 'fastify'
import { expect, test } from 'vitest'
import { trustOf } from './http-server.ts'
import { setSession } from './security.ts'

async function ask(proxies: string[] | undefined, from: string, forwarded: Record<string, string>) {
  const app = Fastify(trustOf(proxies))
  await app.register(cookie)
  app.get('/', async (request, reply) => {
    setSession(reply, 'token', { secure: false })
    return request.ip
  })
  const answer = await app.inject({ url: '/', remoteAddress: from, headers: forwarded })
  await app.close()
  return { address: answer.body, isSecure: answer.cookies[0]?.secure === true }
}

const claims = { 'x-forwarded-for': '192.0.2.1, 198.51.100.7', 'x-forwarded-proto': 'https' }

test('of a trusted proxy: the last address that is no proxy, and TLS where it says so', async () => {
  const told = { address: '198.51.100.7', isSecure: true }
  expect(await ask(['127.0.0.1'], '127.0.0.1', claims)).toEqual(told)
  expect(await ask(['10.0.0.0/8', '198.51.100.0/24'], '10.1.2.3', claims)).toEqual({ ...told, address: '192.0.2.1' })
  expect(await ask(['127.0.0.1'], '127.0.0.1', {})).toEqual({ address: '127.0.0.1', isSecure: false })
})

test('nobody else is believed', async () => {
  for (const proxies of [undefined, [], ['10.0.0.0/8']])
    expect(await ask(proxies, '127.0.0.1', claims)).toEqual({ address: '127.0.0.1', isSecure: false })
})
