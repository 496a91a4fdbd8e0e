// From an alert of the sample to a bundle that holds, the hold that erasure meets, and a bundle with one other byte.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer, varde } from './varde.ts'

const folder = mkdtempSync(join(tmpdir(), 'varde-case-'))
const data = join(folder, 'data')
const bundle = join(folder, 'bundle.zip')

interface Answer {
  cases?: { id: string; revision: number }[]
  clocks?: object[]
  exports?: { id: string }[]
}

beforeAll(async () => {
  const loaded = await varde(['sample', '--data', data, '--json'])
  expect({ code: loaded.code, err: loaded.err }).toEqual({ code: 0, err: '' })
}, 400_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

async function done(args: string[]): Promise<Record<string, unknown>> {
  const ran = await varde([...args, '--data', data, '--json'])
  expect({ code: ran.code, err: ran.err }).toEqual({ code: 0, err: '' })
  return ran.lines().at(-1) ?? {}
}

/** The commands of HOW-TO-CHECK.txt, each run as a stranger would; throws with what failed. */
function followed(zip: string): string[] {
  const unpacked = join(folder, 'unpacked')
  execFileSync('unzip', ['-q', zip, '-d', unpacked])
  const lines = readFileSync(join(unpacked, 'HOW-TO-CHECK.txt'), 'utf8').match(/^ {5}(?:sha256sum|openssl).*$/gm) ?? []
  for (const line of lines) execFileSync('sh', ['-c', line], { cwd: unpacked, stdio: 'pipe' })
  return lines.map((line) => line.trim().split(' ')[0] ?? '')
}

test('alert, case, pins, bundle, verified; the same bytes again; one other byte is found', async () => {
  const alerts = (await varde(['alerts', '--data', data, '--json'])).lines()
  const spray = alerts.find((alert) => JSON.stringify(alert['rule']).includes('spray-success-vpn'))
  const opened = await done(['case', 'open', '--alert', String(spray?.['id'])])
  const id = String(opened['id'])
  expect(Number(opened['eventCount'])).toBeGreaterThan(10)
  const pinned = await done(['case', 'pin', id, 'user.name: mette.holm', '--why', 'the account that was taken over'])
  expect(Number(pinned['pinned'])).toBeGreaterThan(0)
  expect(await done(['case', 'verify', id])).toMatchObject({ ok: true, pending: 0 })
  const order = ['--to', 'the police', '--why', 'report 0700-1']
  const made = await done(['case', 'export', id, bundle, ...order])
  expect(made).toMatchObject({ state: 'done' })
  const checked = await varde(['verify', bundle, '--json'])
  expect({ code: checked.code, ok: checked.lines().at(-1)?.['ok'] }).toEqual({ code: 0, ok: true })
  expect(followed(bundle)).toEqual(['sha256sum', 'openssl', 'openssl', 'openssl'])
  const again = join(folder, 'again.zip')
  await done(['case', 'export', id, again, ...order])
  expect(readFileSync(again).equals(readFileSync(bundle))).toBe(true)
  const bytes = readFileSync(bundle)
  const at = bytes.indexOf('mette.holm')
  bytes[at] = (bytes[at] ?? 0) ^ 1
  writeFileSync(again, bytes)
  expect((await varde(['verify', again, '--json'])).code).toBe(1)
}, 400_000)

test('over HTTP: changes, a hold that erasure respects, clocks, a notice, a download in parts', async () => {
  // A Varde that runs here has the usual ports.
  writeFileSync(join(data, 'varde.yaml'), 'listeners: []\n')
  const server = await startServer(['--data', data])
  try {
    const { token } = JSON.parse(readFileSync(join(data, 'server.json'), 'utf8'))
    const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
    const call = async (path: string, body?: object) => {
      const post = body === undefined ? {} : { method: 'POST', body: JSON.stringify(body) }
      const answer = await fetch(`${server.url}${path}`, { headers, ...post })
      const answered: Answer = JSON.parse(await answer.text())
      return { status: answer.status, body: answered }
    }
    const listed = await call('/api/cases')
    const { id = '', revision = 0 } = listed.body.cases?.[0] ?? {}
    const changes = [
      { kind: 'hold', reason: 'police report' },
      { kind: 'breach', regimes: ['gdpr-authority', 'policy'] },
      { kind: 'anchor', name: 'aware', at: Date.now(), reason: 'the alert was confirmed' },
    ]
    const changed = await call(`/api/cases/${id}/changes`, { revision, changes })
    expect(changed.body).toMatchObject({ case: { hold: { reason: 'police report' } }, clocks: expect.any(Array) })
    expect((await call(`/api/cases/${id}/changes`, { revision, changes })).body).toMatchObject({ code: 'CASE_CHANGED' })
    const erased = await varde(['erase', 'user.name: mette.holm', '--authority', 'Art. 17', '--really', '--data', data])
    expect({ code: erased.code, held: erased.err.includes('legal hold') }).toEqual({ code: 1, held: true })
    expect((await call('/api/breach/clocks')).body.clocks?.[0]).toMatchObject({ case: id, state: 'running' })
    const notice = await fetch(`${server.url}/api/cases/${id}/documents/authority?language=da`, { headers })
    expect(await notice.text()).toContain('artikel 33, stk. 1 og 3')
    const exports = (await call(`/api/cases/${id}/exports`)).body.exports ?? []
    const part = await fetch(`${server.url}/api/exports/${exports[0]?.id}/bundle`, {
      headers: { authorization: `Bearer ${token}`, range: 'bytes=100-199' },
    })
    expect(part.status).toBe(206)
    expect(Buffer.from(await part.arrayBuffer()).equals(readFileSync(bundle).subarray(100, 200))).toBe(true)
    for (const path of ['timeline', 'completeness', 'custody', 'history', 'pins', 'breach'])
      expect({ path, status: (await call(`/api/cases/${id}/${path}`)).status }).toEqual({ path, status: 200 })
  } finally {
    await server.kill('SIGTERM')
  }
}, 400_000)
