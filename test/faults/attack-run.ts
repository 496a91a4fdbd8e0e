// The whole program under attack while something disturbs it, and once more in peace over the same recorded raw input: what each run has.
import { once } from 'node:events'
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Alert } from '@varde/schema'
import { expect } from 'vitest'
import { type Server, setUp, startServer, varde } from '../e2e/varde.ts'
import { attack } from './attacks.ts'
import { pause } from './in-turn.ts'
import { alertsOf, copyRawInput, type OpenStore, storeIn } from './recorded-input.ts'

const latenessMs = 20_000
const partitions = 4
const scenesMin = 8
const shippedRules = join(import.meta.dirname, '..', '..', 'detections')
/** Five scenes a second are enough to be always in the middle of something; VARDE_SOAK=1 sends as fast as they are taken. */
const pace = process.env['VARDE_SOAK'] === '1' ? { sceneMs: 0, beaconMs: 5 } : { sceneMs: 200, beaconMs: 10 }

interface Desk {
  server: Server
  cookie: string
}

async function call<T>(desk: Desk, path: string, body: unknown): Promise<T> {
  return answerOf(path, await ask(desk, path, { method: 'POST', body: JSON.stringify(body) }))
}

async function get<T>(desk: Desk, path: string): Promise<T> {
  return answerOf(path, await ask(desk, path, {}))
}

async function answerOf<T>(path: string, response: Response): Promise<T> {
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`)
  const result: T = JSON.parse(await response.text())
  return result
}

/** A connection that was kept open may be closed by a busy server at the moment it is used: then once more. */
async function ask({ server, cookie }: Desk, path: string, init: RequestInit, again = true): Promise<Response> {
  try {
    return await fetch(`${server.url}${path}`, {
      ...init,
      headers: { 'content-type': 'application/json', 'sec-fetch-site': 'same-origin', cookie },
    })
  } catch (error) {
    if (!again) throw error
    return ask({ server, cookie }, path, init, false)
  }
}

async function openDesk(server: Server): Promise<Desk> {
  await until('the set-up link', async () => server.setUpToken !== undefined || 'nothing was said', 60_000)
  return { server, cookie: await setUp(server) }
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
    await pause(100)
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
        await pause(pace.beaconMs)
      }
      if (stopped) socket.end()
      await pause(50)
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

/** `done` says true, or what is still missing: the error says it too. */
async function until(what: string, done: () => Promise<true | string>, withinMs = 300_000): Promise<void> {
  const end = Date.now() + withinMs
  for (;;) {
    const missing = await done()
    if (missing === true) return
    if (Date.now() > end) throw new Error(`not in time: ${what}: ${missing}`)
    await pause(300)
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

type Projection = ReturnType<typeof projectionOf>[number]

/** In words: which alerts one run alone has, and which are others. */
function differences(disturbed: Projection[], calm: Projection[]): string[] {
  const byId = (all: Projection[]) => new Map(all.map((one) => [one.id, JSON.stringify(one)]))
  const [left, right] = [byId(disturbed), byId(calm)]
  return [
    ...[...left].flatMap(([id, text]) => (right.get(id) === text ? [] : [`disturbed: ${text}`])),
    ...[...right].flatMap(([id, text]) => (left.get(id) === text ? [] : [`calm: ${text}`])),
  ]
}

/** Waits until every alert of what arrived by then is decided and written, and late events are judged again. */
async function settled(desk: Desk, arrived: number): Promise<void> {
  await until('the correlator has decided all', async () => {
    const { watermark = 0, revisions }: Correlation = await get(desk, '/api/correlation')
    if (watermark < arrived) return `it is ${(arrived - watermark) / 1_000} s behind`
    if (revisions.waiting > 0) return `${revisions.waiting} ranges of late events are to be judged again`
    const open = await provisional(desk)
    return open.length === 0 || `${open.length} alerts are provisional, such as ${JSON.stringify(open[0])}`
  })
}

/** What a killed program had raised and nothing made final goes once the watermark is beyond it. */
async function provisional(desk: Desk): Promise<{ finality: string }[]> {
  const found: { finality: string }[] = []
  for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
    const page: { alerts: { finality: string }[]; next?: string } = await call(desk, '/api/alerts/search', {
      filter: {},
      limit: 1_000,
      ...(cursor === undefined ? {} : { cursor }),
    })
    found.push(...page.alerts.filter(({ finality }) => finality === 'provisional'))
    cursor = page.next
  }
  return found
}

interface Correlation {
  watermark?: number
  revisions: { waiting: number }
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
  const rules = join(folder, 'rules')
  cpSync(shippedRules, rules, { recursive: true, filter: isOfOthers })
  const both = `rules: ${rules}\npartitions: ${partitions}\nlateness: ${latenessMs}ms\nlisteners: [{ kind: syslog-tcp, port: 0 }]\nlog: { level: error }\n`
  writeFileSync(join(folder, 'killed.yaml'), both + more)
  writeFileSync(join(folder, 'calm.yaml'), both)
  const start = (data: string) => startServer(['--data', data, '--config', `${data}.yaml`])
  let desk = await openDesk(await start(killed))
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
    await found(desk, all, catchUpMs)
    await settled(desk, sent.over)
    expect(await countOf(desk, scenesQuery)).toBe(all)
    const beacons = await countOf(desk, 'beacon')
    await desk.server.kill('SIGTERM')
    const verified = await varde(['verify', killed, '--config', `${killed}.yaml`, '--json'])
    expect(verified.lines().at(-1)).toMatchObject({ ok: true })

    const input = await copyRawInput(openStore ?? storeIn(killed), calm, { partitions, latenessMs })
    desk = await openDesk(await start(calm))
    await found(desk, all)
    await settled(desk, sent.over)
    await desk.server.kill('SIGTERM')
    const alerts = projectionOf(await alertsOf(openStore ?? storeIn(killed)))
    const undisturbed = projectionOf(await alertsOf(storeIn(calm)))
    process.stderr.write(
      `faults: ${name}: ${scenes} scenes, ${input.records} records in ${input.seals} seals, ${input.duplicates} resent, ` +
        `${alerts.length} alerts of ${new Set(alerts.map(({ rule }) => rule)).size} rules; plain syslog over TCP lost ${sent.beacons - beacons} of ${sent.beacons}\n`,
    )
    expect(alerts.length).toBeGreaterThanOrEqual(20)
    expect(new Set(alerts.map(({ rule }) => rule)).size).toBeGreaterThanOrEqual(5)
    expect(differences(alerts, undisturbed)).toEqual([])
  } finally {
    await desk.server.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

/** What each run tells of itself is its own: rules that meet it are left out of the comparison. */
function isOfOthers(file: string): boolean {
  return !file.endsWith('.yaml') || !/^datasets: \[varde\]$/m.test(readFileSync(file, 'utf8'))
}

/** The attack's, without plain syslog and what Varde tells of itself. */
const scenesQuery = 'not beacon and not event.dataset: varde'
const eventsPerScene = 12 + 60 + 1 + 14

function found(desk: Desk, all: number, withinMs?: number): Promise<void> {
  return until(
    'all that was acknowledged can be found',
    async () => {
      // A cluster that has just come back is not whole for a moment.
      const count = await countOf(desk, scenesQuery).catch(String)
      return (typeof count === 'number' && count >= all) || `${count} of ${all}`
    },
    withinMs,
  )
}

async function countOf(desk: Desk, query: string): Promise<number> {
  const all = { query, from: 0, to: Date.now() + 60_000, buckets: 1 }
  const { buckets }: { buckets: { count: number }[] } = await call(desk, '/api/events/histogram', all)
  return buckets.reduce((sum, { count }) => sum + count, 0)
}

/** Scenes one after the other until the disturbance is over, and at least so many. */
async function attackWhile(
  desk: () => Desk,
  disturb: () => Promise<void>,
): Promise<{ scenes: number; beacons: number; over: number }> {
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
        pause(pace.sceneMs),
      ])
    }
  })()
  const syslog = plainSyslog(() => desk().server.ports['syslog-tcp'] ?? 0)
  await disturb()
  over = true
  await sending
  await syslog.stop()
  return { scenes, beacons: syslog.sent(), over: Date.now() }
}
