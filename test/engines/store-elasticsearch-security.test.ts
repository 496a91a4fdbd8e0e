// An Elasticsearch with security on and a queue so short that it turns writers away: the least role is enough, no more than it is possible,
// TLS problems are told apart, and who is turned away comes again.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createServer, type Server } from 'node:tls'
import { examineElasticsearch, leastRole, openElasticsearchStore } from '@varde/store/elasticsearch'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, engineMissing, startElasticsearch } from './engine.ts'
import { storedAt } from './store-elasticsearch-cases.ts'

const missing = engineMissing('elasticsearch')
const password = 'a password of the test'

describe.skipIf(missing !== undefined)(`store with security${missing === undefined ? '' : ` (${missing})`}`, () => {
  let engine: Engine | undefined
  let front: Server | undefined
  const folder = mkdtempSync(join(tmpdir(), 'varde-tls-'))
  const ca = join(folder, 'ca.pem')

  beforeAll(async () => {
    engine = await startElasticsearch({
      heap: '768m',
      password,
      config: ['thread_pool.write.size: 1', 'thread_pool.write.queue_size: 3'],
    })
    const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost,IP:127.0.0.1']
    const files = ['-keyout', join(folder, 'key.pem'), '-out', ca, '-days', '1']
    execFileSync(
      'openssl',
      ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', ...subject, ...files],
      {
        stdio: 'ignore',
      },
    )
    const port = engine.port
    front = createServer({ cert: readFileSync(ca), key: readFileSync(join(folder, 'key.pem')) }, (socket) => {
      const behind = connect(port, '127.0.0.1')
      socket.pipe(behind).pipe(socket)
      socket.on('error', () => behind.destroy())
      behind.on('error', () => socket.destroy())
    })
    await new Promise<void>((resolve) => front?.listen(0, '127.0.0.1', resolve))
  })
  afterAll(async () => {
    front?.close()
    await engine?.stop()
    rmSync(folder, { recursive: true, force: true })
  })

  const https = () => {
    const address = front?.address()
    return `https://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`
  }
  const authorization = `Basic ${Buffer.from(`elastic:${password}`).toString('base64')}`
  const keyOf = async (role: object): Promise<string> => {
    const response = await fetch(`${engine?.address}/_security/api_key`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization },
      body: JSON.stringify({ name: 'varde', role_descriptors: { varde: role } }),
    })
    const { encoded }: { encoded: string } = JSON.parse(await response.text())
    return encoded
  }

  test('with the least role everything works, over TLS, and nothing else is allowed', async () => {
    const apiKey = await keyOf(leastRole('least'))
    const options = { nodes: [https()], auth: { apiKey }, tls: { ca }, prefix: 'least', replicas: 0 }
    const store = await openElasticsearchStore(options)
    const event = storedAt(1, Date.UTC(2026, 10, 20), { sender: { key: 'k' } })
    expect(await store.events.create([event])).toEqual([{ outcome: 'created' }])
    await store.settle()
    expect(await store.events.get(event.id, { tenants: 'all' })).toEqual(event)
    expect(await store.events.fields()).toContainEqual({ field: '@timestamp', type: 'date' })
    const created = await store.documents.create('alerts', 'a', { status: 'open' })
    expect(created.ok).toBe(true)
    expect(await store.documents.countBy('alerts', 'status')).toEqual([{ value: 'open', count: 1 }])
    await store.erasure.erase([{ id: event.id, leaf: 'ab'.repeat(32), at: 1, by: '@erasures.0' }])
    await store.erasure.purged()
    expect((await store.guard()).shards.max).toBeGreaterThan(0)
    await store.forgetSenders(90, Date.UTC(2027, 0, 1))
    await store.events.create([storedAt(2, Date.UTC(2026, 10, 20))])
    const [unit, ...others] = await store.expiry.due('default', { before: Date.UTC(2027, 0, 1), closeBefore: 0 })
    expect(others).toEqual([])
    expect((await store.expiry.contents(String(unit?.name))).sources).toHaveLength(1)
    await store.expiry.expire(String(unit?.name), [])
    expect(await store.check()).toEqual([])
    const checks = []
    for await (const { check, ok } of examineElasticsearch(options)) checks.push(`${ok ? '✓' : '✗'} ${check}`)
    expect(checks.filter((one) => one.startsWith('✗'))).toEqual([])
    await store.close()
    await expect(openElasticsearchStore({ ...options, prefix: 'other' })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining('does not allow'),
    })
  })

  const wrong: [string, () => Parameters<typeof openElasticsearchStore>[0], RegExp][] = [
    ['no credentials', () => ({ nodes: [engine?.address ?? ''] }), /credentials/],
    [
      'a wrong password',
      () => ({ nodes: [engine?.address ?? ''], auth: { username: 'elastic', password: 'x' } }),
      /credentials/,
    ],
    ['an unknown authority', () => ({ nodes: [https()] }), /certificate is not known|tls\.ca/],
    ['http where https is', () => ({ nodes: [https().replace('https:', 'http:')] }), /https/],
  ]
  test.each(wrong)('%s is told in words', async (_, options, hint) => {
    const error = await openElasticsearchStore(options()).then(
      () => undefined,
      (reason: unknown) => reason,
    )
    expect(error).toMatchObject({ code: 'STORE_UNAVAILABLE' })
    expect(`${String(error)} ${error instanceof Object && 'hint' in error ? String(error.hint) : ''}`).toMatch(hint)
  })

  test('who is turned away (429) comes again, and each event is there once', async () => {
    const store = await openElasticsearchStore({
      nodes: [engine?.address ?? ''],
      auth: { username: 'elastic', password },
      prefix: 'busy',
      replicas: 0,
      bulk: { patienceMs: 60_000 },
    })
    const rejected = async () => {
      const stats = await fetch(`${engine?.address}/_nodes/stats/thread_pool`, { headers: { authorization } })
      const { nodes }: { nodes: Record<string, { thread_pool: { write: { rejected: number } } }> } = JSON.parse(
        await stats.text(),
      )
      return Object.values(nodes).reduce((sum, node) => sum + node.thread_pool.write.rejected, 0)
    }
    const arrival = Date.UTC(2026, 10, 20)
    const before = await rejected()
    await store.events.create([storedAt(0, arrival)])
    const batches = Array.from({ length: 24 }, (_, batch) =>
      Array.from({ length: 150 }, (_, at) => storedAt(1 + batch * 150 + at, arrival)),
    )
    const outcomes = await Promise.all(batches.map((batch) => store.events.create(batch)))
    expect(outcomes.flat().every(({ outcome }) => outcome === 'created' || outcome === 'existing')).toBe(true)
    await store.settle()
    expect(await store.events.count({ scope: { tenants: 'all' }, query: { kind: 'all' } })).toBe(1 + 24 * 150)
    expect(await rejected()).toBeGreaterThan(before)
    await store.close()
  })
})
