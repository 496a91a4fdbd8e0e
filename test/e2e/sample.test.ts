// The sample from lines to alerts, what proves it, and what finds a changed byte.
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '@varde/runtime'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { varde } from './varde.ts'

const root = join(import.meta.dirname, '..', '..')
const folder = mkdtempSync(join(tmpdir(), 'varde-e2e-'))
const data = join(folder, 'data')

/** A cluster has no data folder whose files could be taken or changed. */
const onOneMachine = loadConfig({ environment: process.env }).store === 'embedded'

interface AlertLine {
  title: string
  rule: { id: string; file: string }
  proof: { state: string }
}

async function alertsOf(dir: string, config: string[] = []): Promise<AlertLine[]> {
  const listed = await varde(['alerts', '--data', dir, '--json', ...config])
  expect(listed.err).toBe('')
  return listed.out
    .split('\n')
    .filter((line) => line !== '')
    .map((line): AlertLine => JSON.parse(line))
}

beforeAll(async () => {
  const loaded = await varde(['sample', '--data', data, '--json'])
  expect({ code: loaded.code, err: loaded.err }).toEqual({ code: 0, err: '' })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('tells the story: spray, success, VPN, privilege, log cleared, each sealed', async () => {
  const alerts = await alertsOf(data)
  const rules = alerts.map((alert) => alert.rule.id)
  for (const id of [
    'au-01-password-spray',
    'spray-success-vpn',
    'am-04-privileged-group-member-added',
    'tm-01-log-cleared',
    'vpn-04-new-country',
  ])
    expect(rules).toContain(id)
  expect(new Set(alerts.map((alert) => alert.proof.state))).toEqual(new Set(['sealed']))
})

test('loading it again doubles nothing', async () => {
  const [before] = (await varde(['status', '--data', data, '--json'])).lines()
  await varde(['sample', '--data', data])
  const [after] = (await varde(['status', '--data', data, '--json'])).lines()
  expect({ events: after?.['events'], alerts: after?.['alerts'] }).toEqual({
    events: before?.['events'],
    alerts: before?.['alerts'],
  })
  expect(Number(after?.['events'])).toBeGreaterThan(10_000)
})

test('a search answers who used the account and from where', async () => {
  const found = (
    await varde(['search', 'user.name: mette.holm and source.ip: 203.0.113.66', '--data', data, '--json'])
  ).lines()
  expect(found.length).toBeGreaterThan(1)
  const wrong = await varde(['search', 'user.name: mette.holm source.ip: 203.0.113.66', '--data', data])
  expect(wrong.code).toBe(1)
  expect(wrong.err).toContain('Did you mean: user.name: mette.holm and source.ip: 203.0.113.66')
})

function filesBelow(dir: string): string[] {
  return readdirSync(dir, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => statSync(file).size > 0)
}

/** Of each kind of file; one of them in its middle, the others anywhere (VARDE_FLIPS=20 for a night run). */
const flips = Number(process.env['VARDE_FLIPS'] ?? (process.env['VARDE_SOAK'] === '1' ? 5 : 1))

// In a cluster each of its many commands takes seconds: by night only.
if (onOneMachine || process.env['VARDE_SOAK'] === '1') takenOutTest()
if (onOneMachine) dataFolderTests()

function takenOutTest(): void {
  test('it is taken out as if it had never been, under a sealed record, and can be loaded again', async () => {
    const told = (alerts: AlertLine[]) => alerts.map((alert) => `${alert.rule.id}: ${alert.title}`).sort()
    const before = told(await alertsOf(data))
    const removed = (await varde(['sample', '--remove', '--data', data, '--json'])).lines()
    expect(removed).toEqual([{ events: expect.any(Number), alerts: before.length }])
    expect(await alertsOf(data)).toEqual([])
    const [after] = (await varde(['status', '--data', data, '--json'])).lines()
    expect(after).toMatchObject({ events: 0, sources: 0 })
    expect((await varde(['verify', data, '--json'])).lines().at(-1)).toMatchObject({ ok: true })
    await varde(['sample', '--data', data])
    expect(told(await alertsOf(data))).toEqual(before)
  })
}

function dataFolderTests(): void {
  test('taking one rule file away takes exactly its alerts away', async () => {
    const rules = join(folder, 'rules')
    cpSync(join(root, 'detections'), rules, { recursive: true })
    const all = await alertsOf(data)
    const gone = all.find((alert) => alert.rule.id === 'tm-01-log-cleared')
    if (gone === undefined) throw new Error('the rule has no alert')
    rmSync(join(rules, gone.rule.file))
    const other = join(folder, 'other')
    const config = join(folder, 'varde.yaml')
    writeFileSync(config, `rules: ${rules}\n`)
    const loaded = await varde(['sample', '--data', other, '--config', config])
    expect(loaded.code).toBe(0)
    const left = await alertsOf(other)
    const names = (alerts: AlertLine[]) => alerts.map((alert) => `${alert.rule.id}: ${alert.title}`).sort()
    expect(names(left)).toEqual(names(all.filter((alert) => alert.rule.id !== gone.rule.id)))
  })

  test(
    'verify holds; a flipped byte in any kind of file is named, or what is derived is made anew',
    async () => {
      const whole = await varde(['verify', data, '--json'])
      expect({ code: whole.code, last: whole.lines().at(-1) }).toMatchObject({ code: 0, last: { ok: true } })
      // One of each kind: by folder and ending.
      const kinds = new Map(
        filesBelow(data)
          .filter((file) => !/lock|server\.json|varde\.yaml/.test(file))
          .map((file) => [file.slice(data.length).replace(/\d+/g, 'N'), file]),
      )
      expect(kinds.size).toBeGreaterThan(4)
      const tries = [...kinds].flatMap(([kind, file]) =>
        Array.from({ length: flips }, (_, flip) => ({ kind, file, flip })),
      )
      for (const { kind, file, flip } of tries) {
        const copy = join(folder, 'flipped')
        rmSync(copy, { recursive: true, force: true })
        cpSync(data, copy, { recursive: true })
        const target = join(copy, file.slice(data.length))
        const bytes = readFileSync(target)
        const at = Math.floor(bytes.length * (flip === 0 ? 0.5 : Math.random()))
        bytes[at] = (bytes[at] ?? 0) ^ (flip === 0 ? 0x04 : 1 << Math.floor(Math.random() * 8))
        writeFileSync(target, bytes)
        const checked = await varde(['verify', copy, '--json'])
        const said = checked.out + checked.err
        const named = checked.code !== 0 && said.includes(target.split('/').at(-1) ?? '')
        const second = checked.code === 0 ? await varde(['verify', copy, '--json']) : undefined
        const madeAnew = second?.code === 0
        expect({ kind, at, named, madeAnew, said: named || madeAnew ? '' : said.slice(0, 500) }).toEqual({
          kind,
          at,
          named: expect.any(Boolean),
          madeAnew: !named,
          said: '',
        })
      }
    },
    400_000 * flips,
  )
}
