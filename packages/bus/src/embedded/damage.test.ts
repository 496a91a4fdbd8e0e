// What lies on disk after crashes and flipped bytes: torn tails are cut and counted, damage is found, named and survived.
import {
  appendFile,
  copyFile,
  cp,
  mkdtemp,
  open,
  readdir,
  readFile,
  rm,
  stat,
  truncate,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { isVardeError } from '@varde/runtime'
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import { checkBusFolder, openEmbeddedBus } from './open.ts'

const dirs: string[] = []
afterEach(async () => {
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true })
})

async function newDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'varde-bus-'))
  dirs.push(dir)
  return dir
}

const folderOf = (dir: string) => join(dir, 'topics', 't', '0')
const segmentsOf = async (dir: string) => (await readdir(folderOf(dir))).sort().map((name) => join(folderOf(dir), name))
const lastSegment = async (dir: string) => (await segmentsOf(dir)).at(-1) ?? ''
const value = (n: number) => Buffer.from(`record ${n} ${'abcdefgh'.repeat(n % 9)}`)

/** A closed bus with records 0 … count - 1, three a frame, in segments of about `segmentBytes`. */
async function filled(count: number, segmentBytes = 1024 * 1024): Promise<string> {
  const dir = await newDir()
  const bus = await openEmbeddedBus({ dir, segmentBytes })
  await bus.ensureTopic('t', { partitions: 1 })
  for (let n = 0; n < count; n += 3)
    await bus.append(
      't',
      0,
      [n, n + 1, n + 2].map((each) => ({ value: value(each), headers: { n: `${each}` } })),
    )
  await bus.close()
  return dir
}

/** As if the process had been killed: what it writes at an orderly close is not there. */
const crash = (dir: string) => rm(join(dir, 'closed.json'), { force: true })

/** All records that can be read, going on behind each damage; and the damages. */
async function readAll(dir: string) {
  const bus = await openEmbeddedBus({ dir })
  const offsets: number[] = []
  const damages: { from: unknown; file: unknown; at: unknown }[] = []
  const { end, first } = await bus.partition('t', 0)
  let from = first
  while (from < end) {
    try {
      for await (const { records } of bus.read('t', { partition: 0, from, untilEnd: true })) {
        for (const record of records) {
          expect(Buffer.compare(record.value, value(record.offset))).toBe(0)
          offsets.push(record.offset)
          from = record.offset + 1
        }
      }
      break
    } catch (error) {
      if (!isVardeError(error, 'BUS_DAMAGED')) throw error
      damages.push({ from: error.facts['from'], file: error.facts['file'], at: error.facts['at'] })
      const next = Number(error.facts['next'])
      if (!(next > from)) break
      from = next
    }
  }
  const facts = bus.facts()
  await bus.close()
  return { offsets, damages, end, facts }
}

const upTo = (count: number) => Array.from({ length: count }, (_, n) => n)

async function flip(path: string, at: number, mask: number): Promise<void> {
  const file = await open(path, 'r+')
  const byte = Buffer.alloc(1)
  await file.read(byte, 0, 1, at)
  byte[0] = (byte[0] ?? 0) ^ mask
  await file.write(byte, 0, 1, at)
  await file.close()
}

describe('after a crash', () => {
  test('a file cut anywhere loses no more than the frame it was cut in, and appends go on', async () => {
    const dir = await filled(30)
    const whole = await readFile(await lastSegment(dir))
    const from = whole.length - 200
    for (let size = from; size <= whole.length; size += 7) {
      const copy = await newDir()
      await cp(dir, copy, { recursive: true })
      await crash(copy)
      await truncate(await lastSegment(copy), size)
      const { offsets, damages, facts, end } = await readAll(copy)
      expect(damages).toEqual([])
      expect(offsets).toEqual(upTo(end))
      expect(end).toBeGreaterThanOrEqual(24)
      expect(end % 3).toBe(0)
      if (end < 30) expect(facts.tornTails + (size === from ? 1 : 0)).toBeGreaterThanOrEqual(1)
      const bus = await openEmbeddedBus({ dir: copy })
      expect((await bus.append('t', 0, [{ value: value(end), headers: {} }])).offsets).toEqual([end])
      expect(await bus.check()).toEqual([])
      await bus.close()
      expect((await readAll(copy)).offsets).toEqual(upTo(end + 1))
    }
  })

  test.each([
    ['zeros, as a file system leaves them', Buffer.alloc(5_000)],
    ['half a frame', Buffer.concat([Buffer.from('VBF1'), Buffer.alloc(100, 7)])],
    ['noise', Buffer.from('x'.repeat(999))],
  ])('a tail of %s is cut and counted', async (_name, tail) => {
    const dir = await filled(30)
    await crash(dir)
    await appendFile(await lastSegment(dir), tail)
    const { offsets, facts, damages } = await readAll(dir)
    expect(offsets).toEqual(upTo(30))
    expect(damages).toEqual([])
    expect(facts).toMatchObject({ tornTails: 1, tornBytes: tail.length, damages: 0 })
    expect((await readAll(dir)).facts).toMatchObject({ tornTails: 0 })
  })

  test.each([0, 1, 40, 63])('a new segment with %i bytes of its header was never one', async (size) => {
    const dir = await filled(30)
    await crash(dir)
    const next = join(folderOf(dir), '0000000000000030.seg')
    await copyFile(await lastSegment(dir), next)
    await truncate(next, size)
    const { offsets, facts, end } = await readAll(dir)
    expect([offsets, end]).toEqual([upTo(30), 30])
    expect(facts.tornTails).toBe(1)
  })

  test('what was durable when a later frame was begun is damage, not a torn tail', async () => {
    const dir = await filled(30)
    await crash(dir)
    const path = await lastSegment(dir)
    await flip(path, 64 + 50, 1)
    const { offsets, facts, damages, end } = await readAll(dir)
    expect(facts).toMatchObject({ tornTails: 0, damages: 1 })
    expect(end).toBe(30)
    expect(offsets).toEqual(upTo(30).slice(3))
    expect(damages).toEqual([{ from: 0, file: path, at: 64 }])
  })

  test('frames written together may be torn in any order', async () => {
    const dir = await newDir()
    const bus = await openEmbeddedBus({ dir })
    await bus.ensureTopic('t', { partitions: 1 })
    await bus.append(
      't',
      0,
      [0, 1].map((n) => ({ value: value(n), headers: {} })),
    )
    const { size } = await stat(await lastSegment(dir))
    // 3 MB of one append are several frames under one fsync.
    await bus.append(
      't',
      0,
      Array.from({ length: 3_000 }, () => ({
        value: new Uint8Array(1_000).map(() => Math.random() * 256),
        headers: {},
      })),
    )
    await bus.close()
    await crash(dir)
    await flip(await lastSegment(dir), size + 60, 0xff)
    const { end, facts, damages } = await readAll(dir)
    expect([end, facts.tornTails, damages]).toEqual([2, 1, []])
  })
})

describe('after an orderly close', () => {
  test('a flipped byte anywhere in any file of the bus is found and its file named; the other records are still read', async () => {
    const dir = await filled(60, 600)
    const files = [...(await segmentsOf(dir)), join(dir, 'topics', 't', 'topic.json'), join(dir, 'closed.json')]
    expect(files.length).toBeGreaterThan(4)
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.nat(), fc.integer({ min: 1, max: 255 }), async (pick, place, mask) => {
        const copy = await newDir()
        await cp(dir, copy, { recursive: true })
        const path = (files[pick % files.length] ?? '').replace(dir, copy)
        const { size } = await stat(path)
        await flip(path, place % size, mask)
        const findings = await checkBusFolder(copy)
        expect(findings.map(({ file }) => join(copy, file)).some((file) => path.startsWith(file))).toBe(true)
        if (!path.endsWith('.seg')) return
        const { offsets, end } = await readAll(copy)
        expect(end).toBe(60)
        const lost = upTo(60).filter((offset) => !offsets.includes(offset))
        expect(new Set(offsets).size).toBe(offsets.length)
        // No more than the records of one segment, and of a damaged length never those of another file.
        expect(lost.length).toBeLessThanOrEqual(15)
        if (place % size >= 64) expect(lost.length).toBeGreaterThanOrEqual(3)
      }),
      { numRuns: 60 },
    )
  }, 60_000)

  test('a flipped byte of the note of the close is still told by the bus that has opened without it', async () => {
    const dir = await filled(60, 600)
    await flip(join(dir, 'closed.json'), 30, 0xff)
    const bus = await openEmbeddedBus({ dir })
    try {
      expect(await bus.check()).toMatchObject([{ file: 'closed.json', rebuilt: true }])
    } finally {
      await bus.close()
    }
    expect(await checkBusFolder(dir)).toEqual([])
  })

  test('a last file that became shorter, or is gone, gives out no offset twice', async () => {
    for (const hurt of [(path: string) => truncate(path, 100), (path: string) => rm(path)]) {
      const dir = await filled(60, 600)
      await hurt(await lastSegment(dir))
      expect((await checkBusFolder(dir)).length).toBeGreaterThan(0)
      const bus = await openEmbeddedBus({ dir })
      expect((await bus.append('t', 0, [{ value: value(60), headers: {} }])).offsets).toEqual([60])
      await bus.close()
      const { offsets, damages, end } = await readAll(dir)
      expect(end).toBe(61)
      expect(offsets).toContain(60)
      expect(damages).toHaveLength(1)
    }
  })

  test('a file missing in the middle is named, and reading goes on behind it', async () => {
    const dir = await filled(60, 600)
    const [, second = ''] = await segmentsOf(dir)
    await rm(second)
    const [finding] = await checkBusFolder(dir)
    expect(finding?.problem).toMatch(/expected was/)
    const { offsets, damages } = await readAll(dir)
    expect(damages).toHaveLength(1)
    expect(offsets[0]).toBe(0)
    expect(offsets.at(-1)).toBe(59)
  })

  test('topic.json without a sense stops the start, naming the file', async () => {
    const dir = await filled(3)
    await writeFile(join(dir, 'topics', 't', 'topic.json'), '{"content":"{}","check":1}')
    await expect(openEmbeddedBus({ dir })).rejects.toMatchObject({
      code: 'BUS_DAMAGED',
      facts: { file: join(dir, 'topics', 't', 'topic.json') },
    })
    // The lock was let go.
    await rm(join(dir, 'topics', 't'), { recursive: true })
    await (await openEmbeddedBus({ dir })).close()
  })

  test('all is well where nothing was hurt', async () => {
    const dir = await filled(60, 600)
    const seen: number[] = []
    expect(await checkBusFolder(dir, { progress: (done, total) => seen.push(done / total) })).toEqual([])
    expect(seen.at(-1)).toBe(1)
  })
})

test('a segment written by version 1, as it lies in the repository, is read for ever', async () => {
  const dir = await newDir()
  await cp(new URL('./fixtures/version-1', import.meta.url).pathname, dir, { recursive: true })
  expect(await checkBusFolder(dir)).toEqual([])
  const bus = await openEmbeddedBus({ dir })
  const records = []
  for await (const batch of bus.read('t', { partition: 0, from: 0, untilEnd: true })) records.push(...batch.records)
  expect(records).toHaveLength(101)
  expect(records[0]).toMatchObject({
    offset: 0,
    key: 'first',
    headers: { source: 'fw01' },
    value: Buffer.from('plain'),
  })
  expect(records[100]?.value.toString()).toBe('line 99 of a frame that was compressed')
  await bus.close()
})
