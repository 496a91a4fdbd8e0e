// A server as its users meet it: set-up, senders of every kind, search, rules that change, kill -9, a second writer.
import { createSocket } from 'node:dgram'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEntryStreams } from '@varde/evidence'
import { limits, systemClock } from '@varde/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStoreOf, type Server, startServer, varde } from './varde.ts'

const root = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'varde-e2e-server-'))
const data = join(folder, 'data')
const rules = join(folder, 'rules')
const config = join(folder, 'varde.yaml')
let server: Server
let cookie = ''
let key = ''

async function api(
  method: string,
  path: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(`${server.url}${path}`, {
    method,
    headers: {
      cookie,
      'sec-fetch-site': 'same-origin',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
}

async function count(query: string): Promise<number> {
  const response = await api('POST', '/api/events/search', {
    query,
    from: 0,
    to: Date.now() + 86_400_000,
    limit: 1_000,
  })
  const page: { events: unknown[] } = JSON.parse(await response.text())
  return page.events.length
}

async function until(what: () => Promise<boolean>, withinMs = 90_000): Promise<void> {
  const end = Date.now() + withinMs
  while (!(await what())) {
    if (Date.now() > end) throw new Error('did not become true in time')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

beforeAll(async () => {
  cpSync(join(root, 'detections'), rules, { recursive: true })
  writeFileSync(
    config,
    `rules: ${rules}\nlisteners:\n  - { kind: syslog-tcp, port: 0 }\n  - { kind: syslog-udp, port: 0 }\n`,
  )
  server = await startServer(['--data', data, '--config', config])
}, 240_000)
afterAll(async () => {
  await server?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

test('health needs no sign-in, everything else does', async () => {
  expect(JSON.parse(await (await fetch(`${server.url}/api/health`)).text())).toMatchObject({
    status: 'ok',
    setUpNeeded: true,
  })
  const refused = await fetch(`${server.url}/api/alerts/search`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"filter":{}}',
  })
  expect(refused.status).toBe(401)
  expect(JSON.parse(await refused.text())).toMatchObject({ code: 'SIGN_IN_NEEDED', hint: expect.any(String) })
})

test('the set-up link makes one administrator, once; sign-in brakes guessing; other sites are refused', async () => {
  const person = { token: server.setUpToken, name: 'anna', password: 'a long enough passphrase' }
  expect((await api('POST', '/api/setup', { ...person, token: 'wrong' })).status).toBe(403)
  const made = await api('POST', '/api/setup', person)
  expect(made.status).toBe(200)
  cookie = made.headers.get('set-cookie')?.split(';')[0] ?? ''
  expect(made.headers.get('set-cookie')).toMatch(/HttpOnly.*SameSite=Strict/)
  expect((await api('POST', '/api/setup', person)).status).toBe(409)
  expect((await api('POST', '/api/session', { name: 'anna', password: 'wrong' })).status).toBe(401)
  expect((await api('POST', '/api/alerts/search', { filter: {} }, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  expect((await api('GET', '/api/me')).status).toBe(200)
  const page = await fetch(server.url, { headers: { accept: 'text/html' } })
  expect(page.headers.get('content-security-policy')).toContain("default-src 'self'")
})

test('a live stream ends with the session of whoever listens', async () => {
  const password = 'another long passphrase'
  const made: { id: string } = JSON.parse(
    await (await api('POST', '/api/users', { name: 'bob', role: 'analyst', password })).text(),
  )
  const signedIn = await fetch(`${server.url}/api/session`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name: 'bob', password }),
  })
  const bob = signedIn.headers.get('set-cookie')?.split(';')[0] ?? ''
  const stream = await fetch(`${server.url}/api/stream`, { headers: { cookie: bob } })
  expect(stream.status).toBe(200)
  const ended = stream.text().then(
    () => true,
    () => true,
  )
  expect((await api('PATCH', `/api/users/${made.id}`, { disabled: true })).status).toBe(200)
  expect(await ended).toBe(true)
  expect((await fetch(`${server.url}/api/stream`, { headers: { cookie: bob } })).status).toBe(401)
})

test('a person has so many live streams and no more', async () => {
  const streams: Response[] = []
  const abort = new AbortController()
  const open = () => fetch(`${server.url}/api/stream`, { headers: { cookie }, signal: abort.signal })
  try {
    for (let n = 0; n < limits.streamsPerPersonMax; n += 1) streams.push(await open())
    expect(new Set(streams.map(({ status }) => status))).toEqual(new Set([200]))
    expect((await open()).status).toBe(429)
  } finally {
    abort.abort()
  }
  // Closed ones make room again.
  await until(async () => {
    const one = new AbortController()
    const { status } = await fetch(`${server.url}/api/stream`, { headers: { cookie }, signal: one.signal })
    one.abort()
    return status === 200
  })
})

test('readiness says which part is not ready, and details to this machine’s commands alone', async () => {
  const asked = await fetch(`${server.url}/health/ready`)
  expect([asked.status, await asked.json()]).toEqual([200, { ready: true, waitingFor: [] }])
  const { token }: { token: string } = JSON.parse(readFileSync(join(data, 'server.json'), 'utf8'))
  const told = await fetch(`${server.url}/health/ready`, { headers: { authorization: `Bearer ${token}` } })
  expect(await told.json()).toEqual({ ready: true, waitingFor: [], details: [] })
})

test('guesses that are locked out stand in the sealed audit, once a lock', async () => {
  const guess = () => api('POST', '/api/session', { name: 'mallory', password: 'a guess' })
  // The fifth sets the lock; the last test of this file looks for its entry.
  for (let n = 0; n < 5; n += 1) expect((await guess()).status).toBe(401)
})

test('syslog over TCP and UDP, _bulk and NDJSON arrive and are found', async () => {
  const line = (user: string) =>
    `<38>Nov 24 10:00:00 host1 sshd[4711]: Failed password for ${user} from 203.0.113.9 port 51000 ssh2`
  await new Promise<void>((resolve) =>
    connect(server.ports['syslog-tcp'] ?? 0, '127.0.0.1').end(
      `${line('tcpuser')}\n${line('tcpuser').length} ${line('tcpuser')}`,
      () => resolve(),
    ),
  )
  const udp = createSocket('udp4')
  await new Promise<void>((resolve) =>
    udp.send(line('udpuser'), server.ports['syslog-udp'] ?? 0, '127.0.0.1', () => resolve()),
  )
  udp.close()
  const created: { secret: string } = JSON.parse(
    await (await api('POST', '/api/keys', { name: 'beats', source: 'winlogbeat' })).text(),
  )
  key = created.secret
  const event = { '@timestamp': new Date().toISOString(), message: 'bulkuser did something', event: { action: 'test' } }
  const bulk = await fetch(`${server.url}/logs-test/_bulk`, {
    method: 'POST',
    headers: { authorization: `ApiKey ${key}`, 'content-type': 'application/x-ndjson' },
    body: `{"create":{"_id":"one"}}\n${JSON.stringify(event)}\n`,
  })
  expect(bulk.status).toBe(200)
  expect(JSON.parse(await bulk.text())).toMatchObject({ errors: false, items: [{ create: { status: 201 } }] })
  const lines = await fetch(`${server.url}/api/ingest`, {
    method: 'POST',
    headers: { authorization: `ApiKey ${key}`, 'content-type': 'application/x-ndjson' },
    body: `${JSON.stringify({ ...event, message: 'lineuser did something' })}\n`,
  })
  expect(lines.status).toBeLessThan(300)
  await until(
    async () =>
      (await count('udpuser')) === 1 &&
      (await count('bulkuser')) === 1 &&
      (await count('lineuser')) === 1 &&
      (await count('tcpuser')) >= 1,
  )
  expect(
    (await fetch(`${server.url}/_bulk`, { method: 'POST', headers: { authorization: 'ApiKey wrong' }, body: '{}' }))
      .status,
  ).toBe(401)
})

test('Splunk’s collector and OpenTelemetry’s exporter are doors too', async () => {
  const post = (path: string, authorization: string, body: unknown) =>
    fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
  const wrong = await post('/services/collector', 'Splunk wrong', { event: 'a' })
  expect([wrong.status, await wrong.text()]).toEqual([403, '{"text":"Invalid token","code":4}'])
  const event = { time: Date.now() / 1_000, host: 'web1', event: { message: 'hecuser did something' } }
  expect(await (await post('/services/collector/event', `Splunk ${key}`, event)).text()).toContain('Success')
  const logRecord = { timeUnixNano: `${Date.now()}000000`, body: { stringValue: 'oteluser did something' } }
  const request = { resourceLogs: [{ resource: {}, scopeLogs: [{ logRecords: [logRecord] }] }] }
  expect((await post('/v1/logs', `Bearer ${key}`, request)).status).toBe(200)
  await until(async () => (await count('hecuser and host.name: web1')) === 1 && (await count('oteluser')) === 1)
})

test('an event opens with its bytes and a proof that holds', async () => {
  const found: { events: { id: string }[] } = JSON.parse(
    await (await api('POST', '/api/events/search', { query: 'udpuser', from: 0, to: Date.now() + 86_400_000 })).text(),
  )
  const id = found.events[0]?.id ?? ''
  await until(async () => {
    const detail: { proof: { verified: boolean } } = JSON.parse(await (await api('GET', `/api/events/${id}`)).text())
    return detail.proof.verified
  }, 240_000)
})

test('a resend with the same _id is one event', async () => {
  const body = `{"create":{"_id":"twice"}}\n{"@timestamp":"2026-11-23T10:00:00.000Z","message":"resentuser did something"}\n`
  for (let attempt = 0; attempt < 3; attempt += 1)
    await fetch(`${server.url}/_bulk`, {
      method: 'POST',
      headers: { authorization: `ApiKey ${key}`, 'content-type': 'application/x-ndjson' },
      body,
    })
  await until(async () => (await count('resentuser')) > 0)
  expect(await count('resentuser')).toBe(1)
})

test('a second writer on the folder is refused with who has it; reading commands go through the server', async () => {
  const second = await varde(['start', '--data', data, '--config', config, '--port', '0'])
  expect(second.code).toBe(1)
  expect(second.err).toContain('already runs on')
  const [status] = (await varde(['status', '--data', data, '--json'])).lines()
  expect(Number(status?.['events'])).toBeGreaterThan(4)
})

test('a live rule raises an alert; a broken rule file is refused and the running set stays', async () => {
  const send = () =>
    fetch(`${server.url}/api/ingest`, {
      method: 'POST',
      headers: { authorization: `ApiKey ${key}`, 'content-type': 'application/x-ndjson' },
      body: `${JSON.stringify({ '@timestamp': new Date().toISOString(), event: { action: 'beacon-lit' }, message: 'the beacon is lit' })}\n`,
    })
  writeFileSync(
    join(rules, 'beacon.yaml'),
    'id: beacon-lit\nname: The beacon is lit\nseverity: high\nmatch:\n  when: event.action = "beacon-lit"\n',
  )
  const lit = async () => {
    const page: { total: number } = JSON.parse(
      await (await api('POST', '/api/alerts/search', { filter: { rule: ['beacon-lit'] } })).text(),
    )
    return page.total
  }
  await until(async () => {
    const set: { rules: { id: string }[] } = JSON.parse(await (await api('GET', '/api/rules')).text())
    return set.rules.some((rule) => rule.id === 'beacon-lit')
  })
  await until(async () => {
    await send()
    return (await lit()) > 0
  }, 240_000)
  writeFileSync(join(rules, 'beacon.yaml'), 'id: beacon-lit\nname: [broken\n')
  await until(async () => {
    const set: { rules: { id: string }[]; refused: { file: string }[] } = JSON.parse(
      await (await api('GET', '/api/rules')).text(),
    )
    return set.refused.some((one) => one.file === 'beacon.yaml') && set.rules.some((rule) => rule.id === 'beacon-lit')
  })
}, 240_000)

test('commands make and take keys; events leave as a file', async () => {
  const made = await varde(['keys', 'create', '--data', data, '--name', 'cli', '--source', 'cli', '--json'])
  expect(made.code).toBe(0)
  const id = String(made.lines()[0]?.['id'])
  expect((await varde(['keys', 'revoke', id, '--data', data])).code).toBe(0)
  const file = await api('GET', '/api/events/export?query=tcpuser&from=0&to=4102444800000&format=csv')
  expect(await file.text()).toContain('tcpuser')
})

test('varde audit tells it newest first, filtered, and that it is whole', async () => {
  const all = (await varde(['audit', '--data', data, '--json'])).lines()
  expect(all[0]).toMatchObject({ whole: true, entries: expect.any(Number) })
  const times = all.slice(1).map(({ at }) => Number(at))
  expect(times.length).toBeGreaterThan(5)
  expect(times).toEqual(times.toSorted((a, b) => b - a))
  const locks = await varde(['audit', '--data', data, '--json', '--action', 'session.locked', '--by', 'nobody'])
  expect([locks.code, locks.lines().length]).toEqual([0, 2])
  expect(locks.lines()[1]).toMatchObject({ detail: { name: 'mallory', address: '127.0.0.1', notShown: 0 } })
})

test('kill -9: what was acknowledged is there, once, and everything verifies', async () => {
  const sent = 400
  for (let batch = 0; batch < 4; batch += 1) {
    const body = Array.from(
      { length: 100 },
      (_, n) =>
        `{"create":{"_id":"kill-${batch * 100 + n}"}}\n${JSON.stringify({ '@timestamp': new Date().toISOString(), message: `killuser ${batch * 100 + n}` })}\n`,
    ).join('')
    const answer = await fetch(`${server.url}/_bulk`, {
      method: 'POST',
      headers: { authorization: `ApiKey ${key}`, 'content-type': 'application/x-ndjson' },
      body,
    })
    expect(answer.status).toBe(200)
  }
  await server.kill('SIGKILL')
  server = await startServer(['--data', data, '--config', config])
  await until(async () => (await count('killuser')) === sent, 90_000)
  await server.kill('SIGTERM')
  const verified = await varde(['verify', data, '--json'])
  expect(verified.lines().at(-1)).toMatchObject({ ok: true })
}, 240_000)

test('who gave or took power, who came in and what was carried out is sealed', async () => {
  const store = await openStoreOf(data)
  try {
    const entries = openEntryStreams({ documents: store.documents, clock: systemClock })
    const said = (await Array.fromAsync(entries.read('@audit'))).map(
      ({ body }) => `${body?.['by']} ${body?.['action']}`,
    )
    expect(said).toEqual(
      expect.arrayContaining([
        'anna user.set-up',
        'anna user.create',
        'bob session.sign-in',
        'nobody session.locked',
        'anna user.update',
        'anna key.create',
        'anna events.export',
        'local key.create',
        'local key.revoke',
      ]),
    )
    expect(JSON.stringify(await Array.fromAsync(entries.read('@audit')))).not.toContain('passphrase')
  } finally {
    await store.close()
  }
})
