import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync, zstdCompressSync } from 'node:zlib'
import { openEmbeddedBus } from '@varde/bus/embedded'
import { createLogger } from '@varde/runtime'
import type { StoredEvent } from '@varde/schema'
import { openEmbeddedStore } from '@varde/store/embedded'
import { afterEach, describe, expect, test } from 'vitest'
import { createIngest } from '../ingest.ts'
import { type ImportProgress, importFiles } from './import-files.ts'

const log = createLogger({ level: 'silent' })
const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

async function house() {
  const folder = await mkdtemp(join(tmpdir(), 'varde-import-'))
  cleanups.push(() => rm(folder, { recursive: true }))
  const bus = await openEmbeddedBus({ dir: join(folder, 'bus') })
  cleanups.push(() => bus.close())
  const store = await openEmbeddedStore({ dir: join(folder, 'store') })
  cleanups.push(() => store.close())
  const ingest = createIngest({
    bus,
    store,
    log,
    config: { stream: 'main', partitions: 2, hitsPartitions: 1, settings: { sealMs: 30, retryMs: 20 } },
  })
  await ingest.start()
  cleanups.push(() => ingest.stop())
  const options = { bus, documents: store.documents, stream: 'main', source: 'old-logs' }
  return { folder, store, ingest, options }
}

async function eventsOf(store: Awaited<ReturnType<typeof openEmbeddedStore>>): Promise<StoredEvent[]> {
  const events: StoredEvent[] = []
  for (const partition of [0, 1]) {
    for await (const page of store.events.range({ stream: 'main', generation: 0, partition }, 0, 1_000_000))
      events.push(...page)
  }
  return events
}

const lines = (count: number) =>
  Array.from({ length: count }, (_, n) => `<34>1 2020-01-01T00:00:00Z host app - - - line ${n}\n`).join('')
const xml = `<Events>${[1, 2].map((n) => `<Event xmlns="http://schemas.microsoft.com/win/2004/08/events/event"><System><Provider Name="Microsoft-Windows-Security-Auditing"/><EventID>4625</EventID><TimeCreated SystemTime="2020-01-01T00:00:0${n}.000Z"/><EventRecordID>${n}</EventRecordID><Channel>Security</Channel><Computer>dc1</Computer></System><EventData/></Event>`).join('\r\n')}</Events>`

describe('import', { timeout: 60_000 }, () => {
  test.each([
    { name: 'plain', bytes: Buffer.from(lines(5)), count: 5 },
    { name: 'gzip', bytes: gzipSync(lines(5)), count: 5 },
    { name: 'zstd', bytes: zstdCompressSync(lines(5)), count: 5 },
    { name: 'Windows XML', bytes: Buffer.from(xml), count: 2 },
    { name: 'Windows XML in UTF-16', bytes: Buffer.from(`\uFEFF${xml}`, 'utf16le'), count: 2 },
    { name: 'an empty file', bytes: Buffer.from(''), count: 0 },
  ])('$name', async ({ bytes, count }) => {
    const { folder, store, ingest, options } = await house()
    const file = join(folder, 'old')
    await writeFile(file, bytes)
    expect(await importFiles([file], options)).toMatchObject([{ records: count, skippedBytes: 0, cutRecords: 0 }])
    await ingest.drained()
    const events = await eventsOf(store)
    expect(events).toHaveLength(count)
    for (const event of events)
      expect(event).toMatchObject({ lateness: 'imported', source: 'old-logs', tenant: 'house' })
  })

  test('a second run, with or without a memory of the first, makes no doubles; a longer file is another', async () => {
    const { folder, store, ingest, options } = await house()
    const file = join(folder, 'old')
    await writeFile(file, lines(3_000))
    await importFiles([file], options)
    expect(await importFiles([file], options)).toMatchObject([{ records: 0, skippedBytes: Number.MAX_SAFE_INTEGER }])
    const { documents: _documents, ...forgetful } = options
    expect(await importFiles([file], forgetful)).toMatchObject([{ records: 3_000 }])
    await ingest.drained()
    expect(await eventsOf(store)).toHaveLength(3_000)
    expect(ingest.health().counters.duplicates).toBe(3_000)
  })

  test('stopped and begun again, it ends with each line once', async () => {
    const { folder, store, ingest, options } = await house()
    const file = join(folder, 'old')
    await writeFile(file, lines(20_000))
    const stop = new AbortController()
    const seen: ImportProgress[] = []
    const first = importFiles([file], {
      ...options,
      signal: stop.signal,
      onProgress: (progress) => {
        seen.push(progress)
        if (progress.records >= 2_000) stop.abort()
      },
    })
    await expect(first).rejects.toThrow('aborted')
    expect(seen.at(-1)).toMatchObject({ done: false, bytesTotal: lines(20_000).length })
    await importFiles([file], { ...options, onProgress: (progress) => seen.push(progress) })
    expect(seen.at(-1)).toMatchObject({
      done: true,
      secondsLeft: expect.toSatisfy((left) => left === undefined || left === 0),
    })
    await ingest.drained()
    const texts = (await eventsOf(store)).map((event) => Buffer.from(event.raw).toString())
    expect(texts).toHaveLength(20_000)
    expect(new Set(texts).size).toBe(20_000)
  })

  test('reading waits while the ingest is far behind', async () => {
    const { folder, options } = await house()
    const file = join(folder, 'old')
    await writeFile(file, lines(10))
    let asked = 0
    await importFiles([file], {
      ...options,
      lagRecords: () => {
        asked += 1
        return asked < 3 ? 1_000_000 : 0
      },
    })
    expect(asked).toBe(3)
  })

  test.each([
    { name: 'a file that is not there', bytes: undefined, hint: 'path' },
    { name: 'a gzip that breaks off', bytes: gzipSync(lines(5_000)).subarray(0, 500), hint: 'whole copy' },
  ])('$name is an error with what to do', async ({ bytes, hint }) => {
    const { folder, options } = await house()
    const file = join(folder, 'old')
    if (bytes !== undefined) await writeFile(file, bytes)
    await expect(importFiles([file], options)).rejects.toMatchObject({
      code: 'IMPORT_UNREADABLE',
      hint: expect.stringContaining(hint),
    })
  })
})
