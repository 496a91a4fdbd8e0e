// The whole program under attack while something disturbs it, and once more in peace over the same recorded raw input: what each run has.
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Alert } from '@varde/schema'
import { expect } from 'vitest'
import { type Server, startServer, varde } from '../e2e/varde.ts'
import { attack } from './attacks.ts'
import { alertsOf, copyRawInput, type OpenStore, storeIn } from './recorded-input.ts'

const latenessMs = 20_000
const partitions = 4
const scenesMin = 8

interface Desk {
  server: Server
  cookie: string
}

async function call<T>(desk: Desk, path: string, body: unknown): Promise<T> {
  const response = await ask(desk, path, body)
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  const result: T = JSON.parse(await response.text())
  return result
}

/** A connection that was kept open may be closed by a busy server at the moment it is used: then once more. */
async function ask({ server, cookie }: Desk, path: string, body: unknown, again = true): Promise<Response> {
  try {
    return await fetch(`${server.url}${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', cookie },
      body: JSON.stringify(body),
    })
  } catch (error) {
    if (!again) throw error
    return ask({ server, cookie }, path, body, false)
  }
}

/** Signs the first administrator up; the password is the test's own. */
async function setUp(server: Server): Promise<Desk> {
  await until('the set-up link is said', async () => server.setUpToken !== undefined, 60_000)
  const response = await fetch(`${server.url}/api/setup`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin' },
    body: JSON.stringify({ token: server.setUpToken, name: 'anna', password: 'a long enough passphrase' }),
  })
  expect(response.status).toBe(200)
  return { server, cookie: response.headers.get('set-cookie')?.split(';')[0] ?? '' }
}

/** Sends until it is acknowledged; one reply in five is thrown away on purpose. */
async function deliver(urlNow: () => string, path: string, headers: Record<string, string>, body: string) {
  for (;;) {
    try {
      const lose = AbortSignal.timeout(Math.random() < 0.2 ? 5 + Math.random() * 40 : 20_000)
      const response = await fetch(`${urlNow()}${path}`, { method: 'POST', headers, body, signal: lose })
      await response.arrayBuffer()
      if (response.status === 200) return
    } catch {
      // Killed, or the reply was lost: the same again, under the same ids.
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Plain syslog has no replies: what was written into a socket that died is lost, and this counts it. */
function plainSyslog(portNow: () => number) {
  let sent = 0
  let stopped = false
  const running = (async () => {
    while (!stopped) {
      const socket = connect(portNow(), '127.0.0.1')
      socket.on('error', () => socket.destroy())
      await Promise.race([once(socket, 'connect'), once(socket, 'close')]).catch(() => undefined)
      while (!stopped && !socket.destroyed) {
        socket.write(`<38>1 ${new Date().toISOString()} plain.example beacon 1 - - beacon number ${sent}\n`)
        sent += 1
        await new Promise((resolve) => setTimeout(resolve, 5))
      }
      if (stopped) socket.end()
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  })()
  return {
    sent: () => sent,
    async stop() {
      stopped = true
      await running
    },
  }
}

async function until(what: string, done: () => Promise<boolean>, withinMs = 180_000): Promise<void> {
  const end = Date.now() + withinMs
  while (!(await done())) {
    if (Date.now() > end) throw new Error(`not in time: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 1_000))
  }
}

/** DESIGN §3: runs are compared by this projection. */
function projectionOf(alerts: Alert[]) {
  return alerts
    .filter((alert) => alert.finality !== 'retracted')
    .map(({ id, rule, group, window, members, memberCount, suppressed, incomplete }) => ({
      id,
      rule: rule.id,
      group,
      window,
      members: members.map((member) => member.content).sort(),
      memberCount,
      suppressed,
      incomplete,
    }))
    .sort((a, b) => (a.id < b.id ? -1 : 1))
}

/** Waits until the watermark has passed all events, and what it decided has been written: the queue stands still. */
async function settled(desk: Desk): Promise<void> {
  const still = latenessMs + 10_000
  let [seen, since] = ['', Date.now()]
  await until('the alerts stand still', async () => {
    const page: { alerts: unknown[] } = await call(desk, '/api/alerts/search', { filter: {}, limit: 1_000 })
    const now = JSON.stringify(page.alerts)
    if (now !== seen) [seen, since] = [now, Date.now()]
    return page.alerts.length > 0 && Date.now() - since > still
  })
}

export interface Disturbance {
  /** Said with the counts. */
  name: string
  /** Of the disturbed run, above what both have. */
  config: string
  /** Runs while the attack does. `restart` kills the program with SIGKILL and starts it again on its folder. */
  disturb(restart: () => Promise<void>): Promise<void>
  /** Where the disturbed run keeps its events, if not in its folder. */
  openStore?: OpenStore
  /** How long what was acknowledged may take to be found, after all is well again. */
  catchUpMs?: number
}

/** The attack while something disturbs it; then what each of the two runs has must be the same. */
export async function underAttack({
  name,
  config: more,
  disturb,
  openStore,
  catchUpMs = 180_000,
}: Disturbance): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'varde-faults-'))
  const [killed, calm] = [join(folder, 'killed'), join(folder, 'calm')]
  const both = `partitions: ${partitions}\nlateness: ${latenessMs}ms\nlisteners: [{ kind: syslog-tcp, port: 0 }]\nlog: { level: error }\n`
  writeFileSync(join(folder, 'killed.yaml'), both + more)
  writeFileSync(join(folder, 'calm.yaml'), both)
  const start = (data: string) => startServer(['--data', data, '--config', `${data}.yaml`])
  let desk = await setUp(await start(killed))
  try {
    const sent = await attackWhile(
      () => desk,
      () =>
        disturb(async () => {
          await desk.server.kill('SIGKILL')
          desk = { ...desk, server: await start(killed) }
        }),
    )
    const { scenes } = sent
    const all = scenes * eventsPerScene
    await until(
      'all that was acknowledged can be found',
      async () => (await countOf(desk, 'not beacon')) >= all,
      catchUpMs,
    )
    await settled(desk)
    expect(await countOf(desk, 'not beacon')).toBe(all)
    const beacons = await countOf(desk, 'beacon')
    await desk.server.kill('SIGTERM')
    const verified = await varde(['verify', killed, '--config', `${killed}.yaml`, '--json'])
    expect(verified.lines().at(-1)).toMatchObject({ ok: true })

    const input = await copyRawInput(openStore ?? storeIn(killed), calm, { partitions, latenessMs })
    desk = await setUp(await start(calm))
    await until('the calm run has taken all in', async () => (await countOf(desk, 'not beacon')) === all)
    await settled(desk)
    await desk.server.kill('SIGTERM')
    const alerts = projectionOf(await alertsOf(openStore ?? storeIn(killed)))
    const undisturbed = projectionOf(await alertsOf(storeIn(calm)))
    process.stderr.write(
      `faults: ${name}: ${scenes} scenes, ${input.records} records in ${input.seals} seals, ${input.duplicates} resent, ` +
        `${alerts.length} alerts of ${new Set(alerts.map(({ rule }) => rule)).size} rules; plain syslog over TCP lost ${sent.beacons - beacons} of ${sent.beacons}\n`,
    )
    expect(alerts.length).toBeGreaterThanOrEqual(20)
    expect(new Set(alerts.map(({ rule }) => rule)).size).toBeGreaterThanOrEqual(5)
    expect(alerts).toEqual(undisturbed)
  } finally {
    await desk.server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

const eventsPerScene = 12 + 60 + 1 + 14

async function countOf(desk: Desk, query: string): Promise<number> {
  const all = { query, from: 0, to: Date.now() + 60_000, buckets: 1 }
  const { buckets }: { buckets: { count: number }[] } = await call(desk, '/api/events/histogram', all)
  return buckets.reduce((sum, { count }) => sum + count, 0)
}

/** Scenes one after the other until the disturbance is over, and at least so many. */
async function attackWhile(
  desk: () => Desk,
  disturb: () => Promise<void>,
): Promise<{ scenes: number; beacons: number }> {
  const { secret } = await call<{ secret: string }>(desk(), '/api/keys', { name: 'agents', source: 'agents' })
  const authorization = `ApiKey ${secret}`
  const urlNow = () => desk().server.url
  let over = false
  let scenes = 0
  const sending = (async () => {
    for (; !over || scenes < scenesMin; scenes += 1) {
      const { lines, documents } = attack(scenes, Date.now())
      await Promise.all([
        deliver(
          urlNow,
          '/api/ingest',
          { authorization, 'content-type': 'text/plain', 'idempotency-key': `scene-${scenes}` },
          lines.map((line) => `${line}\n`).join(''),
        ),
        deliver(
          urlNow,
          '/_bulk',
          { authorization, 'content-type': 'application/x-ndjson' },
          documents.map(({ id, document }) => `{"create":{"_id":"${id}"}}\n${JSON.stringify(document)}\n`).join(''),
        ),
      ])
    }
  })()
  const syslog = plainSyslog(() => desk().server.ports['syslog-tcp'] ?? 0)
  await disturb()
  over = true
  await sending
  await syslog.stop()
  return { scenes, beacons: syslog.sent() }
}
