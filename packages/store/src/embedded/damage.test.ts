import { closeSync, cpSync, mkdtempSync, openSync, readdirSync, readSync, rmSync, statSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { stored } from '../contract/sample.ts'
import { checkEmbeddedStore, openEmbeddedStore } from './open.ts'

const root = mkdtempSync(join(tmpdir(), 'varde-store-damage-'))
const whole = join(root, 'whole')
const everything = { scope: { tenants: 'all' as const }, query: { kind: 'all' as const } }

beforeAll(async () => {
  const store = await openEmbeddedStore({ dir: whole, sealRows: 60 })
  for (let from = 0; from < 100; from += 20) {
    const events = Array.from({ length: 20 }, (_, index) =>
      stored({ offset: from + index, raw: `line ${from + index} of anna`, sender: { key: `k${from + index}` } }),
    )
    await store.events.create(events)
    await store.documents.create('alerts', `a${from}`, { raisedAt: from, status: 'open' })
    await store.settle()
  }
  while ((await store.events.stats()).segments < 1) await new Promise((resolve) => setTimeout(resolve, 50))
  await store.close()
}, 60_000)

afterAll(() => rmSync(root, { recursive: true, force: true }))

function files(dir: string, below = ''): string[] {
  return readdirSync(join(dir, below), { withFileTypes: true }).flatMap((entry) => {
    const path = join(below, entry.name)
    return entry.isDirectory() ? files(dir, path) : [path]
  })
}

function flip(path: string, at: number, bit: number): void {
  const file = openSync(path, 'r+')
  const byte = Buffer.alloc(1)
  readSync(file, byte, 0, 1, at)
  byte[0] = (byte[0] ?? 0) ^ (1 << bit)
  writeSync(file, byte, 0, 1, at)
  closeSync(file)
}

test('the files are whole, and of every kind', async () => {
  expect(
    files(whole)
      .map((file) => file.replace(/\d{8}/, 'N'))
      .sort(),
  ).toEqual([
    'documents/N.journal',
    'documents/index.sqlite',
    'events/log/default-N.wal',
    'events/manifest',
    'events/segments/default-N.parquet',
    'events/segments/default-N.text',
    'events/senders.sqlite',
    'lock',
    'lock.json',
  ])
  expect(await checkEmbeddedStore(whole)).toEqual([])
})

/** A flip here is always told; in SQLite's files it is either told, or in bytes that mean nothing. */
const truth = /\.(journal|wal|parquet)$|manifest$/

test('one flipped bit in any file is found and named, or what it hurt is made anew', { timeout: 300_000 }, async () => {
  const kinds = files(whole).filter((file) => !file.startsWith('lock'))
  const place = fc.record({
    file: fc.constantFrom(...kinds),
    at: fc.double({ min: 0, max: 0.999999, noNaN: true }),
    bit: fc.nat(7),
  })
  let copies = 0
  await fc.assert(
    fc.asyncProperty(place, async ({ file, at, bit }) => {
      const dir = join(root, `copy${copies++}`)
      cpSync(whole, dir, { recursive: true })
      flip(join(dir, file), Math.floor(at * statSync(join(dir, file)).size), bit)
      const findings = await checkEmbeddedStore(dir)
      if (truth.test(file)) expect(findings).toContainEqual(expect.objectContaining({ file, rebuilt: false }))
      else {
        for (const finding of findings) expect(finding).toMatchObject({ file, rebuilt: true })
        if (file.endsWith('.text')) expect(findings).toHaveLength(1)
        expect(await checkEmbeddedStore(dir)).toEqual([])
        const store = await openEmbeddedStore({ dir })
        expect(await store.events.count(everything)).toBe(100)
        expect((await store.documents.list('alerts', { where: { status: 'open' }, limit: 10 })).docs).toHaveLength(5)
        const found = await store.events.search(
          { ...everything, query: { kind: 'text', value: { kind: 'word', text: 'ANNA' } } },
          { limit: 200 },
        )
        expect(found.events).toHaveLength(100)
        const resent = stored({ offset: 500, raw: 'line 7 of anna', sender: { key: 'k7' } })
        expect(await store.events.create([resent])).toEqual([{ outcome: 'duplicate', of: 'main.0.0.7' }])
        await store.close()
      }
      rmSync(dir, { recursive: true, force: true })
    }),
    { numRuns: Number(process.env['VARDE_FLIPS'] ?? 12), endOnFailure: true },
  )
})
