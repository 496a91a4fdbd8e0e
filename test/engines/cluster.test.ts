// Varde by roles on a real Kafka and a real Elasticsearch: five processes that share nothing else; one leaves, and one of each role is killed.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Server, setUp, startServer, varde } from '../e2e/varde.ts'
import { attack } from '../faults/attacks.ts'
import { engineMissing, type SharedEngine, sharedElasticsearch, sharedKafka } from './engine.ts'

const missing = engineMissing('kafka') ?? engineMissing('elasticsearch')
const folder = mkdtempSync(join(tmpdir(), 'varde-cluster-'))
const engines: SharedEngine[] = []
const servers = new Map<string, Server>()
const eventsPerScene = 12 + 60 + 1 + 14
let cookie = ''
let authorization = ''
let scenes = 0
/** What Varde tells of itself aside. */
const ofSenders = 'not event.dataset: varde'

async function start(name: string, role: string): Promise<Server> {
  const [kafka, elasticsearch] = engines
  const config = join(folder, `${name}.yaml`)
  writeFileSync(
    config,
    [
      `node: ${name}`,
      'bus: kafka',
      `kafka: { brokers: ['${kafka?.address}'], replicationFactor: 1, minInSyncReplicas: 1 }`,
      'store: elasticsearch',
      `elasticsearch: { nodes: ['${elasticsearch?.address}'] }`,
      'partitions: 4',
      'lateness: 20s',
      'metrics: { port: 0 }',
      'listeners: [{ kind: syslog-tcp, port: 0 }]',
      'log: { level: warn }',
    ].join('\n'),
  )
  const server = await startServer(['--data', join(folder, name), '--config', config, '--role', role])
  servers.set(name, server)
  return server
}

const serverOf = (name: string): Server => {
  const server = servers.get(name)
  if (server === undefined) throw new Error(`no process ${name}`)
  return server
}

async function end(name: string, signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
  await serverOf(name).kill(signal)
  servers.delete(name)
}

async function call<T>(path: string, body: unknown, patientUntil = Date.now() + 20_000): Promise<T> {
  const response = await fetch(`${serverOf('api').url}${path}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', cookie },
    body: JSON.stringify(body),
  })
  // The first index of a day is being made: for a moment Elasticsearch says that it is not whole.
  if (response.status === 503 && Date.now() < patientUntil) {
    await new Promise((resolve) => setTimeout(resolve, 500))
    return call(path, body, patientUntil)
  }
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  const result: T = JSON.parse(await response.text())
  return result
}

async function countOf(query: string): Promise<number> {
  const { buckets }: { buckets: { count: number }[] } = await call('/api/events/histogram', {
    query,
    from: 0,
    to: Date.now() + 60_000,
    buckets: 1,
  })
  return buckets.reduce((sum, { count }) => sum + count, 0)
}

const alertCount = async () => {
  const { alerts }: { alerts: unknown[] } = await call('/api/alerts/search', { filter: {}, limit: 1_000 })
  return alerts.length
}

async function until(what: string, holds: () => Promise<boolean>, withinMs = 120_000): Promise<void> {
  const over = Date.now() + withinMs
  while (!(await holds())) {
    if (Date.now() > over) throw new Error(`not in time: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 300))
  }
}

/** Sent until it is acknowledged, under the same names: the collector may be killed meanwhile, and come back elsewhere. */
async function deliver(path: string, headers: Record<string, string>, body: string): Promise<void> {
  for (const over = Date.now() + 120_000; ; ) {
    const answer = await fetch(`${serverOf('collect').url}${path}`, {
      method: 'POST',
      headers: { authorization, ...headers },
      body,
    }).catch((error: unknown) => error)
    if (answer instanceof Response && answer.status === 200) return
    if (Date.now() > over) throw new Error(`${path} is not taken: ${String(answer)}`)
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Through the collector's own doors. */
async function sendScenes(count: number): Promise<void> {
  for (const last = scenes + count; scenes < last; scenes += 1) {
    const { lines, documents } = attack(scenes, Date.now())
    await Promise.all([
      deliver(
        '/api/ingest',
        { 'content-type': 'text/plain', 'idempotency-key': `scene-${scenes}` },
        lines.map((line) => `${line}\n`).join(''),
      ),
      deliver(
        '/_bulk',
        { 'content-type': 'application/x-ndjson' },
        documents.map(({ id, document }) => `{"create":{"_id":"${id}"}}\n${JSON.stringify(document)}\n`).join(''),
      ),
    ])
  }
}

const allFound = () => until('all is found', async () => (await countOf(ofSenders)) >= scenes * eventsPerScene)

async function metricsOf(name: string): Promise<Map<string, number>> {
  const url = /metrics and probes at (\S+)/.exec(serverOf(name).said)?.[1]
  const text = await (await fetch(`${url}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
  return new Map(lines.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ')))]))
}

async function partitionsOf(name: string): Promise<number[]> {
  return [...(await metricsOf(name)).keys()]
    .flatMap((key) => /^varde_lag_records\{partition="(\d+)"\}$/.exec(key)?.[1] ?? [])
    .map(Number)
    .sort()
}

describe.skipIf(missing !== undefined)(`cluster${missing === undefined ? '' : ` (${missing})`}`, () => {
  beforeAll(async () => {
    engines.push(...(await Promise.all([sharedKafka(), sharedElasticsearch()])))
    const api = await start('api', 'api,notify')
    await until('the set-up link', async () => api.setUpToken !== undefined)
    cookie = await setUp(api)
    const { secret } = await call<{ secret: string }>('/api/keys', { name: 'agents', source: 'agents' })
    authorization = `ApiKey ${secret}`
    await start('collect', 'collect')
    await start('ingest-1', 'ingest')
    await start('ingest-2', 'ingest')
    await start('correlate', 'correlate')
  }, 600_000)
  afterAll(async () => {
    for (const server of servers.values()) await server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }, 120_000)

  test('the partitions are shared, and every process is ready', async () => {
    await until('both ingest', async () => {
      const [one, two] = await Promise.all([partitionsOf('ingest-1'), partitionsOf('ingest-2')])
      return one.length === 2 && two.length === 2
    })
    expect([...(await partitionsOf('ingest-1')), ...(await partitionsOf('ingest-2'))].sort()).toEqual([0, 1, 2, 3])
    for (const name of servers.keys()) {
      const url = /metrics and probes at (\S+)/.exec(serverOf(name).said)?.[1]
      await until(`${name} is ready`, async () => (await fetch(`${url}/health/ready`)).status === 200, 30_000)
    }
  })

  test('what one process collects is stored by others, and raises alerts that the page shows', async () => {
    await sendScenes(3)
    await allFound()
    expect(await countOf(ofSenders)).toBe(scenes * eventsPerScene)
    await until('alerts', async () => (await alertCount()) >= 9)
    const stored = await Promise.all(
      ['ingest-1', 'ingest-2'].map(async (name) => (await metricsOf(name)).get('varde_events_total') ?? 0),
    )
    expect(stored.reduce((sum, one) => sum + one, 0)).toBeGreaterThanOrEqual(scenes * eventsPerScene)
    // Every process knows how near the cluster is to its bounds.
    expect((await metricsOf('api')).get('varde_store_shards_used_ratio')).toBeGreaterThan(0)
  })

  test('an ingest process that is told to stop drains and hands its partitions over', async () => {
    await sendScenes(2)
    await end('ingest-1', 'SIGTERM')
    await until('the other has all', async () => (await partitionsOf('ingest-2')).length === 4)
    await sendScenes(1)
    await allFound()
    expect(await countOf(ofSenders)).toBe(scenes * eventsPerScene)
  })

  test('a process of each role is killed and stood in for: nothing lost, nothing twice, alerts go on', async () => {
    const before = await alertCount()
    const roles = { 'ingest-2': 'ingest', correlate: 'correlate', collect: 'collect', api: 'api,notify' }
    const sending = sendScenes(6)
    for (const [name, role] of Object.entries(roles)) {
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 500))
      await serverOf(name).kill('SIGKILL')
      await start(name, role)
    }
    await sending
    await allFound()
    expect(await countOf(ofSenders)).toBe(scenes * eventsPerScene)
    await until('more alerts', async () => (await alertCount()) >= before + 6 * 2)
    const verified = await varde(['verify', join(folder, 'api'), '--config', join(folder, 'api.yaml'), '--json'])
    expect(verified.lines().at(-1)).toMatchObject({ ok: true })
  })
})
