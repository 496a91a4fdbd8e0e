// Rules at work on a running server: an edit takes effect at once and misses no event, replays, why, history.
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStoreOf, type Server, setUp, startServer, varde } from './varde.ts'

const folder = mkdtempSync(join(tmpdir(), 'varde-e2e-rules-'))
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
): Promise<{ status: number; body: ReturnType<typeof JSON.parse> }> {
  const response = await fetch(`${server.url}${path}`, {
    method,
    headers: {
      cookie,
      'sec-fetch-site': 'same-origin',
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  return { status: response.status, body: await response.json() }
}

async function until(what: () => Promise<boolean>, withinMs = 90_000): Promise<void> {
  const end = Date.now() + withinMs
  while (!(await what())) {
    if (Date.now() > end) throw new Error('did not become true in time')
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

async function send(...events: Record<string, unknown>[]): Promise<void> {
  const response = await fetch(`${server.url}/api/ingest`, {
    method: 'POST',
    headers: { authorization: `ApiKey ${key}`, 'content-type': 'application/x-ndjson' },
    body: events.map((event) => `${JSON.stringify({ '@timestamp': new Date().toISOString(), ...event })}\n`).join(''),
  })
  if (response.status >= 300) throw new Error(`refused with ${response.status}`)
}

const beacon = (version: number) => `id: beacon
name: The beacon is lit, by version ${version}
severity: high
match:
  when: event.action = "beacon-lit" and event.sequence >= ${version - 3}
  group: [event.sequence]
tests:
  - name: lit
    events: [{ event: { event.action: beacon-lit, event.sequence: 7 } }]
    alerts: 1
  - name: another
    events: [{ event: { event.action: dark, event.sequence: 7 } }]
    alerts: 0
`
const burst = (atLeast: number) => `id: burst
name: Refused again and again
severity: medium
threshold:
  when: event.action = "refused"
  group: [source.ip]
  count: { atLeast: ${atLeast}, within: 10m }
`

interface Found {
  title: string
  rule: { id: string; digest: string }
  group: Record<string, unknown>
}

async function alertsOf(rule: string): Promise<Found[]> {
  const found: Found[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await api('POST', '/api/alerts/search', { filter: { rule: [rule] }, limit: 1_000, cursor })
    for (const { id } of page.body.alerts) found.push((await api('GET', `/api/alerts/${id}`)).body.alert)
    cursor = page.body.next
    if (cursor === undefined) return found
  }
}

beforeAll(async () => {
  mkdirSync(rules)
  writeFileSync(join(rules, 'beacon.yaml'), beacon(1))
  writeFileSync(join(rules, 'burst.yaml'), burst(50))
  writeFileSync(config, `rules: ${rules}\nlisteners: []\n`)
  server = await startServer(['--data', data, '--config', config])
  cookie = await setUp(server)
  key = (await api('POST', '/api/keys', { name: 'test', source: 'test' })).body.secret
}, 240_000)
afterAll(async () => {
  await server?.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

// The promise is 2 s. Beside other work of few cores that is only noted, and something far longer is what fails.
const effectMsMax = process.env['VARDE_SOAK'] === '1' ? 2_000 : 15_000

test('a rule edited in the page and in its file takes effect within 2 s, and no event is missed', async () => {
  const lit: { sequence: number; at: number }[] = []
  let sending = true
  const sender = (async () => {
    for (let sequence = 1; sending; sequence++) {
      lit.push({ sequence, at: Date.now() })
      await send({ event: { action: 'beacon-lit', sequence }, message: `lit ${sequence}` })
      await new Promise((resolve) => setTimeout(resolve, 25))
    }
  })()
  // So that an error of it is not nobody's while we wait for something else.
  sender.catch(() => undefined)
  const isLitBy = (version: number) =>
    until(async () => {
      const page = await api('POST', '/api/alerts/search', { filter: { rule: ['beacon'] }, limit: 50 })
      return page.body.alerts.some(({ title }: { title: string }) => title.endsWith(`version ${version}`))
    })
  await isLitBy(1)
  const before = (await api('GET', '/api/rules/beacon')).body
  const saved = await api('PUT', '/api/rules/beacon', { text: beacon(2), over: before.fileDigest, note: 'clearer' })
  const savedAt = Date.now()
  expect(saved.body).toMatchObject({ saved: true, tests: { passed: 2, failed: 0 } })
  await isLitBy(2)
  writeFileSync(join(rules, 'beacon.yaml'), beacon(3))
  const writtenAt = Date.now()
  await isLitBy(3)
  await until(async () => lit.length >= 100)
  sending = false
  await sender

  let found: Found[] = []
  await until(async () => {
    found = await alertsOf('beacon')
    return new Set(found.map((alert) => alert.group['event.sequence'])).size === lit.length
  })
  const versionOf = new Map(found.map((alert) => [alert.group['event.sequence'], Number(alert.title.at(-1))]))
  const firstBy = (version: number) => lit.find(({ sequence }) => versionOf.get(sequence) === version)?.at ?? Number.NaN
  const lastBefore = (version: number) =>
    lit.findLast(({ sequence }) => (versionOf.get(sequence) ?? 9) < version)?.at ?? 0
  console.log(
    `${lit.length} events; by the old rule at most ${lastBefore(2) - savedAt} ms after the page's save, ${lastBefore(3) - writtenAt} ms after the file's`,
  )
  expect(lastBefore(2) - savedAt).toBeLessThan(effectMsMax)
  expect(lastBefore(3) - writtenAt).toBeLessThan(effectMsMax)
  expect(firstBy(2)).toBeGreaterThan(0)
  expect(firstBy(3)).toBeGreaterThan(firstBy(2))
}, 180_000)

test('an edit over another edit is refused, and so is a text that does not compile', async () => {
  const { body } = await api('GET', '/api/rules/beacon')
  expect((await api('PUT', '/api/rules/beacon', { text: beacon(9), over: 'f'.repeat(64) })).status).toBe(409)
  const broken = await api('PUT', '/api/rules/beacon', { text: 'id: beacon\nname: [', over: body.fileDigest })
  expect(broken.body).toMatchObject({ saved: false, findings: [{ level: 'error', line: expect.any(Number) }] })
  const renamed = await api('PUT', '/api/rules/beacon', {
    text: beacon(9).replace('id: beacon', 'id: other'),
    over: body.fileDigest,
  })
  expect(renamed.body).toMatchObject({ saved: false })
  expect((await api('PUT', '/api/rules/sneaky', { text: beacon(9), file: '../sneaky.yaml' })).status).toBe(400)
  expect(readFileSync(join(rules, 'beacon.yaml'), 'utf8')).toBe(beacon(3))
})

test('history and diff tell the versions that ran, and who saved them', async () => {
  const { body } = await api('GET', '/api/rules/beacon/history')
  expect(body.versions).toMatchObject([
    { running: true },
    { by: 'anna', note: 'clearer', running: false },
    { running: false },
  ])
  const [newest, middle] = body.versions
  const diff = await api('GET', `/api/rules/beacon/diff?from=${middle.fileDigest}&to=${newest.fileDigest}`)
  expect(diff.body.decides).toBe(true)
  expect(diff.body.lines.filter((line: { kind: string }) => line.kind !== 'same')).toHaveLength(4)
  const told = await varde(['rules', 'history', 'beacon', '--data', data, '--json'])
  expect(told.lines()).toHaveLength(3)
})

test('a threshold that is edited knows the events before the edit', async () => {
  for (let n = 0; n < 3; n++)
    await send({ event: { action: 'refused' }, source: { ip: '203.0.113.5' }, message: `refused ${n}` })
  const { body } = await api('GET', '/api/rules/burst')
  expect((await api('PUT', '/api/rules/burst', { text: burst(4), over: body.fileDigest })).body.saved).toBe(true)
  await until(async () =>
    (await api('GET', '/api/correlation')).body.rules.some(
      (rule: { id: string; entries: number }) => rule.id === 'burst' && rule.entries >= 3,
    ),
  )
  await send({ event: { action: 'refused' }, source: { ip: '203.0.113.5' }, message: 'refused at last' })
  await until(async () => (await alertsOf('burst')).length > 0)
})

test('replay: against what is there, an edit before it is saved, backfill that adds nothing twice, over page and command', async () => {
  const range = { from: Date.now() - 3_600_000, to: Date.now() + 60_000 }
  const finished = async (id: string) => {
    let job = (await api('GET', `/api/replays/${id}`)).body
    while (job.state === 'queued' || job.state === 'running') {
      await new Promise((resolve) => setTimeout(resolve, 50))
      job = (await api('GET', `/api/replays/${id}`)).body
    }
    return job
  }
  const same = await finished((await api('POST', '/api/replays', { rules: [{ id: 'burst' }], ...range })).body.id)
  expect(same).toMatchObject({ state: 'done', result: { added: 0, missing: 0, cost: { hits: 4 } } })
  const edited = await api('POST', '/api/replays', { rules: [{ text: burst(2) }], ...range })
  expect(await finished(edited.body.id)).toMatchObject({ result: { added: 0, missing: 0, same: 1 } })
  const stricter = await api('POST', '/api/replays', { rules: [{ text: burst(90) }], ...range })
  expect(await finished(stricter.body.id)).toMatchObject({ result: { added: 0, missing: 1 } })

  // A new rule of the past: raised once, and only by a rule that runs.
  const dark = burst(3)
    .replace('id: burst', 'id: burst-again')
    .replace('refused"', 'refused" and source.ip = "203.0.113.5"')
  expect((await api('POST', '/api/replays', { rules: [{ text: dark }], ...range, backfill: true })).status).toBe(400)
  expect((await api('PUT', '/api/rules/burst-again', { text: dark })).body.saved).toBe(true)
  const first = await finished(
    (await api('POST', '/api/replays', { rules: [{ id: 'burst-again' }], ...range, backfill: true })).body.id,
  )
  expect(first).toMatchObject({ result: { raised: 1 } })
  const second = await finished(
    (await api('POST', '/api/replays', { rules: [{ id: 'burst-again' }], ...range, backfill: true })).body.id,
  )
  expect(second).toMatchObject({ result: { raised: 0, same: 1 } })

  const cancelled = (await api('POST', '/api/replays', { rules: [{ id: 'beacon' }], from: 0, to: range.to })).body.id
  expect((await api('DELETE', `/api/replays/${cancelled}`)).body.state).toMatch(/cancelled|done/)

  const change = join(folder, 'change')
  mkdirSync(change)
  writeFileSync(join(change, 'burst.yaml'), burst(2))
  writeFileSync(join(change, 'beacon.yaml'), beacon(3))
  const report = join(folder, 'report.md')
  const junit = join(folder, 'report.xml')
  const told = await varde([
    'rules',
    'replay',
    change,
    '--since',
    '1h',
    '--data',
    data,
    '--markdown',
    report,
    '--junit',
    junit,
    '--json',
  ])
  expect(told.err).toBe('')
  // Only the rule that decides otherwise was run.
  expect(told.lines()).toMatchObject([{ rules: [{ id: 'burst', same: 1 }] }])
  expect(readFileSync(report, 'utf8')).toContain('| burst | 0 | 0 | 0 | 1 |')
  expect(readFileSync(junit, 'utf8')).toContain('<testsuites tests="1" failures="0"')
})

test('why, for a hit, a miss and a window one short', async () => {
  const found = await api('POST', '/api/events/search', {
    query: 'event.action: refused',
    from: 0,
    to: Date.now() + 60_000,
    order: 'oldest',
  })
  const ids: string[] = found.body.events.map((event: { id: string }) => event.id)
  const hit = await api('POST', '/api/rules/why', { rule: { id: 'burst' }, eventId: ids[0] })
  expect(hit.body).toMatchObject({ explanation: { verdict: 'hit' }, window: { count: 1, atLeast: 4 } })
  const miss = await api('POST', '/api/rules/why', { rule: { id: 'beacon' }, eventId: ids[0] })
  expect(miss.body.explanation.reason).toBe('this is not true: event.action = "beacon-lit" (event.action is "refused")')
  const told = await varde(['rules', 'why', 'burst', ids[0] ?? '', '--data', data])
  expect(told.out).toContain('window: 1 of 4 events within 10m')
})

test('rules new: a file that passes its tests and runs only when its author says so', async () => {
  const made = await varde(['rules', 'new', 'fw-30-new', '--area', 'firewall', '--name', 'A new one', '--rules', rules])
  expect(made.code).toBe(0)
  expect(made.out).toContain('rules replay')
  expect(
    (await varde(['rules', 'test', rules, '--json'])).lines().find((line) => line['rule'] === 'fw-30-new'),
  ).toMatchObject({ ok: true })
  expect((await varde(['rules', 'new', 'fw-30-new', '--rules', rules])).err).toContain(
    'is taken by firewall/fw-30-new.yaml',
  )
})

test('every seal names its rule set, and together they cover every record', async () => {
  await server.kill('SIGTERM')
  const store = await openStoreOf(data)
  try {
    const { docs } = await store.documents.list('seals', { limit: 1_000 })
    const seals = docs.map(({ doc }) => doc)
    for (const partition of new Set(seals.map((seal) => seal['partition']))) {
      const chain = seals
        .filter((seal) => seal['partition'] === partition)
        .sort((a, b) => Number(a['seq']) - Number(b['seq']))
      for (const [at, seal] of chain.entries())
        expect(seal['from']).toBe(at === 0 ? seal['from'] : chain[at - 1]?.['to'])
    }
    // At least the four edits of the tests above.
    expect(new Set(seals.map((seal) => seal['ruleSet'])).size).toBeGreaterThanOrEqual(4)
  } finally {
    await store.close()
  }
})
