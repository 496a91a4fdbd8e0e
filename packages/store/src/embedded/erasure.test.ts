// The bytes of erased events: gone from logs and segments, whichever held them, also when a crash came in between.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { StoredEvent } from '@varde/schema'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { stored } from '../contract/sample.ts'
import type { Tombstone } from '../port.ts'
import { openEngine } from './duckdb.ts'
import { openManifest } from './manifest.ts'
import { type EmbeddedStore, openEmbeddedStore } from './open.ts'
import { openTombstones } from './tombstones.ts'

let dir: string
let store: EmbeddedStore | undefined
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'varde-erase-'))
})
afterEach(async () => {
  await store?.close()
  store = undefined
  rmSync(dir, { recursive: true, force: true })
})

const open = async () => {
  store = await openEmbeddedStore({ dir, sealRows: 1_000 })
  return store
}
const events = (from: number, count: number): StoredEvent[] =>
  Array.from({ length: count }, (_, n) => stored({ offset: from + n, raw: `user u${(from + n) % 10} did ${from + n}` }))
const tombstones = (given: StoredEvent[]): Tombstone[] =>
  given.map(({ id }) => ({ id, leaf: '0'.repeat(64), at: 1, by: '@erasures.0' }))
const isSubject = ({ home }: StoredEvent) => home.offset % 10 === 3

/** Rows of the subject in all segments, read past the store; and bytes of it in logs. */
async function left(): Promise<{ segments: number; logs: number }> {
  const engine = await openEngine({ memoryLimitBytes: 256 * 1024 * 1024, threads: 1, spillDir: join(dir, 'spill') })
  try {
    let segments = 0
    for (const name of readdirSync(join(dir, 'events', 'segments')).filter((file) => file.endsWith('.parquet'))) {
      const [row] = await engine.rows(
        `SELECT CAST(count(*) AS DOUBLE) FROM read_parquet('${join(dir, 'events', 'segments', name)}') WHERE _raw LIKE 'user u3 %'`,
      )
      segments += Number(row?.[0])
    }
    const logs = readdirSync(join(dir, 'events', 'log')).filter((name) =>
      readFileSync(join(dir, 'events', 'log', name)).includes('user u3 '),
    )
    return { segments, logs: logs.length }
  } finally {
    await engine.close()
  }
}

test('gone from segments and from the log of the day', async () => {
  const opened = await open()
  const given = events(0, 2_500)
  for (let from = 0; from < 2_500; from += 500) await opened.events.create(given.slice(from, from + 500))
  await opened.settle()
  await opened.erasure?.erase(tombstones(given.filter(isSubject)))
  await opened.erasure?.purged()
  expect(await left()).toEqual({ segments: 0, logs: 0 })
  expect(await opened.events.count({ scope: { tenants: 'all' }, query: { kind: 'all' } })).toBe(2_250)
  expect(await opened.check()).toEqual([])
  await opened.close()
  store = undefined
  const again = await open()
  expect(await again.events.count({ scope: { tenants: 'all' }, query: { kind: 'all' } })).toBe(2_250)
  expect(await again.check()).toEqual([])
  // What is written and sealed afterwards is as ever.
  await again.events.create(events(2_500, 1_200))
  await again.settle()
  expect(await again.events.count({ scope: { tenants: 'all' }, query: { kind: 'all' } })).toBe(3_450)
})

test('rows keep their places in a segment of several row groups: its text index knows them by these', async () => {
  store = await openEmbeddedStore({ dir, sealRows: 45_000 })
  const given = Array.from({ length: 45_000 }, (_, n) =>
    stored({ offset: n, partition: n % 3, raw: n === 33_000 ? 'a needle' : `line ${n % 10} of ${Math.floor(n / 15)}` }),
  )
  for (let from = 0; from < given.length; from += 5_000) await store.events.create(given.slice(from, from + 5_000))
  await store.settle()
  await store.erasure?.erase(tombstones(given.filter(({ home }) => home.offset % 1_000 === 3)))
  await store.erasure?.purged()
  const needle = { kind: 'text', value: { kind: 'word', text: 'needle' } } as const
  expect(await store.events.count({ scope: { tenants: 'all' }, query: needle })).toBe(1)
  expect(await store.events.count({ scope: { tenants: 'all' }, query: { kind: 'all' } })).toBe(44_955)
  // Built anew from the new file it is the same, row for row.
  const segments = join(dir, 'events', 'segments')
  for (const name of readdirSync(segments)) if (name.endsWith('.text')) rmSync(join(segments, name))
  expect(await store.check()).toEqual([expect.objectContaining({ rebuilt: true })])
})

test('a tombstone without its purge, as a crash leaves it: hidden at the start, and gone soon', async () => {
  const opened = await open()
  const given = events(0, 1_500)
  await opened.events.create(given)
  await opened.settle()
  await opened.close()
  store = undefined
  // The tombstones alone, as they stand when the machine dies right after the erasure was acknowledged.
  const engine = await openEngine({ memoryLimitBytes: 256 * 1024 * 1024, threads: 1, spillDir: join(dir, 'spill') })
  const log = await openTombstones(dir, engine)
  await log.add(tombstones(given.filter(isSubject)))
  await log.close()
  await engine.close()
  const again = await open()
  expect(await again.events.count({ scope: { tenants: 'all' }, query: { kind: 'all' } })).toBe(1_350)
  await again.erasure?.purged()
  expect(await left()).toEqual({ segments: 0, logs: 0 })
})

test('erasing goes on beside writing, and what comes while it runs is there', async () => {
  const opened = await open()
  const given = events(0, 3_000)
  for (let from = 0; from < 2_000; from += 500) await opened.events.create(given.slice(from, from + 500))
  const writing = (async () => {
    for (let from = 2_000; from < 3_000; from += 100) await opened.events.create(given.slice(from, from + 100))
  })()
  for (const part of [0, 1, 2, 3])
    await opened.erasure?.erase(tombstones(given.slice(part * 500, part * 500 + 500).filter(isSubject)))
  await writing
  await opened.erasure?.purged()
  await opened.settle()
  expect(await opened.events.count({ scope: { tenants: 'all' }, query: { kind: 'all' } })).toBe(2_800)
  const manifest = await openManifest(dir)
  expect(manifest.segments().every(({ name }) => !manifest.replaced().has(name))).toBe(true)
  await manifest.close()
  expect(await opened.check()).toEqual([])
})
