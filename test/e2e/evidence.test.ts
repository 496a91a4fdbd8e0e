// From the command line: heads signed and published, an alert that proves itself, a history that was cut off, a subject erased.
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '@varde/runtime'
import { collections, type Store } from '@varde/store'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openStoreOf, varde } from './varde.ts'

const folder = mkdtempSync(join(tmpdir(), 'varde-evidence-'))
const data = join(folder, 'data')
const published = join(folder, 'elsewhere', 'heads.ndjson')

async function run(...args: string[]): Promise<Record<string, unknown>[]> {
  const done = await varde(args)
  expect({ args, code: done.code, err: done.err }).toEqual({ args, code: 0, err: '' })
  return done.lines()
}

async function withStore(work: (store: Store) => Promise<unknown>): Promise<void> {
  const store = await openStoreOf(data)
  try {
    await work(store)
    await store.settle()
  } finally {
    await store.close()
  }
}

beforeAll(async () => {
  await run('sample', '--data', data, '--json')
  writeFileSync(join(data, 'varde.yaml'), `heads:\n  file: ${published}\n`)
}, 400_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

test('a head covers everything, and says what comes after it', async () => {
  const [before] = await run('verify', data, '--json')
  expect(before).toMatchObject({ ok: true, heads: 0 })
  await run('heads', 'sign', '--data', data, '--json')
  const [report] = await run('verify', data, '--json', '--head', published)
  expect(report).toMatchObject({ ok: true, heads: 1, unproven: 0, provenUpTo: { head: 0 } })
  const [key] = await run('heads', 'keys', '--data', data, '--json')
  expect(key?.['id']).toBe(report?.['firstKey'])
  const stamp = { head: 0, name: 'tsa-1', response: 'MAA=', time: 0, authority: 'somebody', trusted: true }
  await withStore(({ documents }) => documents.create(collections.stamps.name, 'planted', stamp))
  const planted = await varde(['verify', data, '--json'])
  expect({ code: planted.code, lines: planted.lines() }).toMatchObject({
    code: 1,
    lines: [{ finding: { seal: 'time stamp of head 0 by tsa-1' } }, { ok: false, wrong: 1 }],
  })
  await withStore(async ({ documents }) => {
    const found = await documents.get(collections.stamps.name, 'planted')
    if (found !== undefined) await documents.delete(collections.stamps.name, found.id, found.version)
  })
})

test('an alert proves itself offline, by the rule’s own text; a changed byte of it is named', async () => {
  const [alert] = (await run('alerts', '--data', data, '--json')).filter((one) => Object(one['rule']).type !== 'match')
  const [proof] = await run('prove', String(alert?.['id']), '--data', data)
  const file = join(folder, 'alert.json')
  writeFileSync(file, JSON.stringify(proof))
  const [key] = await run('heads', 'keys', '--data', data, '--json')
  const checked = await varde(['verify', file, '--json', '--key', String(key?.['id'])])
  expect({ code: checked.code, lines: checked.lines() }).toMatchObject({
    code: 0,
    lines: [{ ok: true, kind: 'alert', state: 'signed', firstKey: { compared: true } }],
  })
  const text = JSON.stringify(proof)
  for (const [from, to] of [
    ['"failure"', '"success"'],
    ['"title":"', '"title":"x'],
    ['atLeast: ', 'atLeast: 1'],
    ['"engine":1', '"engine":2'],
  ] as const) {
    if (!text.includes(from)) continue
    writeFileSync(file, text.replace(from, to))
    const wrong = await varde(['verify', file, '--json'])
    expect({ from, code: wrong.code }).toEqual({ from, code: 1 })
    expect(wrong.lines()[0]).toMatchObject({ finding: { at: expect.stringMatching(/\S/) } })
  }
}, 400_000)

// A cluster has no data folder that could be copied and cut off.
if (loadConfig({ environment: process.env }).store === 'embedded') cutOffTest()

function cutOffTest(): void {
  test('a history whose end was cut off lacks the head that was kept elsewhere', async () => {
    const copy = join(folder, 'copy')
    cpSync(data, copy, { recursive: true })
    cpSync(`${data}.keys`, `${copy}.keys`, { recursive: true })
    await run('heads', 'sign', '--data', data, '--json')
    expect(readFileSync(published, 'utf8').trim().split('\n')).toHaveLength(2)
    const cut = await varde(['verify', copy, '--json', '--head', published])
    expect(cut.code).toBe(1)
    expect(cut.lines()[0]).toMatchObject({
      finding: { seal: 'head 1', problem: expect.stringMatching(/kept elsewhere/) },
    })
    const [whole] = await run('verify', data, '--json', '--head', published)
    expect(whole).toMatchObject({ ok: true, heads: 2 })
  }, 400_000)
}

test('a subject is erased: nothing finds it, the folder still verifies, and the order is sealed', async () => {
  const query = 'user.name: kunde34'
  const [count] = await run('erase', query, '--authority', 'GDPR 17, request 1', '--data', data, '--json')
  expect(count).toEqual({ events: expect.any(Number), erased: false })
  expect(Number(count?.['events'])).toBeGreaterThan(3)
  const [done] = await run('erase', query, '--authority', 'GDPR 17, request 1', '--really', '--data', data, '--json')
  expect(done).toMatchObject({ events: count?.['events'], erased: true, entries: ['@erasures.0'] })
  expect(await run('search', query, '--data', data, '--json')).toEqual([])
  const [report] = await run('verify', data, '--json')
  expect(report).toMatchObject({ ok: true })
}, 400_000)
