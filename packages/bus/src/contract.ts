// What every bus must do, as tests: an adapter is one when it passes. Registers vitest tests; not for production code.
import fc from 'fast-check'
import { afterEach, describe, expect, test } from 'vitest'
import type { Batch, Bus, BusRecord, ReadOptions, StoredRecord } from './port.ts'

/** One empty place for topics, that can be opened again after a close. */
export interface BusPlace {
  open(): Promise<Bus>
  /** Takes a topic away with all its records, behind the back of the bus, which is closed. */
  removeTopic(name: string): Promise<void>
  remove(): Promise<void>
}

export interface BusContract {
  name: string
  /** Segments of about 4 KB, and retention looked at every 20 ms: the tests fill and wait for them. */
  create(): Promise<BusPlace>
  /** What this adapter can't do, by the names of tests, each with its reason. */
  skip?: { reason: string; tests: string[] }[]
}

export function busContract(subject: BusContract): void {
  const places: { place: BusPlace; buses: Bus[] }[] = []

  afterEach(async () => {
    for (const { place, buses } of places.splice(0)) {
      for (const bus of buses) await bus.close()
      await place.remove()
    }
  })

  async function start() {
    const place = await subject.create()
    const buses: Bus[] = []
    places.push({ place, buses })
    const open = async () => {
      const bus = await place.open()
      buses.push(bus)
      return bus
    }
    return { bus: await open(), open, place }
  }

  /** A bus with one topic. */
  async function topic(partitions = 1, settings: { retentionMs?: number; retentionBytes?: number } = {}) {
    const started = await start()
    await started.bus.ensureTopic('t', { partitions, ...settings })
    return started
  }

  const check = (name: string, run: () => Promise<void>) => {
    const skipped = subject.skip?.find(({ tests }) => tests.includes(name))
    if (skipped === undefined) test(name, run)
    else test.skip(`${name} (${skipped.reason})`, run)
  }

  describe(`${subject.name}: topics`, () => {
    check('are made once, and told', async () => {
      const { bus } = await start()
      expect(await bus.topics()).toEqual([])
      const made = await bus.ensureTopic('raw.main', { partitions: 2 })
      expect(made).toMatchObject({ name: 'raw.main', partitions: 2 })
      expect(await bus.ensureTopic('raw.main', { partitions: 2 })).toEqual(made)
      expect(await bus.topics()).toEqual([made])
      expect(await bus.partition('raw.main', 1)).toMatchObject({ first: 0, end: 0 })
    })

    check('grow in partitions, and keep their records and incarnation', async () => {
      const { bus } = await start()
      const made = await bus.ensureTopic('t', { partitions: 1 })
      await bus.append('t', 0, texts('a'))
      expect(await bus.ensureTopic('t', { partitions: 3 })).toEqual({ ...made, partitions: 3 })
      await bus.append('t', 2, texts('b'))
      expect(await readTexts(bus, 0)).toEqual(['a'])
      await expect(bus.ensureTopic('t', { partitions: 2 })).rejects.toMatchObject({ code: 'BUS_TOPIC_SETTINGS' })
    })

    check('that are not there are an error', async () => {
      const { bus } = await topic()
      const unknown = { code: 'BUS_UNKNOWN_TOPIC' }
      await expect(bus.append('u', 0, texts('a'))).rejects.toMatchObject(unknown)
      await expect(bus.append('t', 1, texts('a'))).rejects.toMatchObject(unknown)
      await expect(bus.partition('u', 0)).rejects.toMatchObject(unknown)
      await expect(collect(bus, { partition: 7, from: 0, untilEnd: true })).rejects.toMatchObject(unknown)
      await expect(bus.trim('u', 0, 1)).rejects.toMatchObject(unknown)
    })

    check('are another incarnation when they were re-created', async () => {
      const { bus, open, place } = await start()
      const before = await bus.ensureTopic('t', { partitions: 1 })
      await bus.append('t', 0, texts('old'))
      await bus.close()
      await place.removeTopic('t')
      const again = await open()
      const after = await again.ensureTopic('t', { partitions: 1 })
      expect(after.incarnation).not.toBe(before.incarnation)
      expect(await again.partition('t', 0)).toMatchObject({ first: 0, end: 0 })
    })
  })

  describe(`${subject.name}: append`, () => {
    check('gives dense, increasing offsets in the order of the calls', async () => {
      const { bus } = await topic(2)
      const appended = await Promise.all(
        [texts('a', 'b'), texts('c'), [], texts('d', 'e', 'f')].map((records) => bus.append('t', 0, records)),
      )
      expect(appended.map(({ offsets }) => offsets)).toEqual([[0, 1], [2], [], [3, 4, 5]])
      expect((await bus.append('t', 1, texts('x'))).offsets).toEqual([0])
      expect(await readTexts(bus, 0)).toEqual(['a', 'b', 'c', 'd', 'e', 'f'])
      expect(await readTexts(bus, 1)).toEqual(['x'])
    })

    check('keeps every record as it came: values, keys, headers', async () => {
      const { bus } = await topic()
      let appended: BusRecord[] = []
      await fc.assert(
        fc.asyncProperty(fc.array(anyRecord, { minLength: 1, maxLength: 20 }), async (records) => {
          const { offsets } = await bus.append('t', 0, records)
          const read = await collect(bus, { partition: 0, from: offsets[0] ?? 0, untilEnd: true })
          expect(read.map(plainRecord)).toEqual(records.map(plainRecord))
          appended = appended.concat(records)
        }),
        { numRuns: 30 },
      )
      expect((await collect(bus, { partition: 0, from: 0, untilEnd: true })).map(plainRecord)).toEqual(
        appended.map(plainRecord),
      )
    })

    check('keeps large records, and refuses larger ones whole', async () => {
      const { bus } = await topic()
      const large = new Uint8Array(3 * 1024 * 1024).map((_, n) => n % 251)
      await bus.append('t', 0, [...texts('before'), { value: large, headers: {} }, ...texts('after')])
      const tooLarge = bus.append('t', 0, [...texts('x'), { value: new Uint8Array(9 * 1024 * 1024), headers: {} }])
      await expect(tooLarge).rejects.toMatchObject({ code: 'BUS_RECORD_TOO_LARGE' })
      const read = await collect(bus, { partition: 0, from: 0, untilEnd: true })
      expect(read).toHaveLength(3)
      expect(Buffer.compare(read[1]?.value ?? new Uint8Array(), large)).toBe(0)
      expect(read[2]?.offset).toBe(2)
    })

    check('leaves the caller’s buffers to the caller', async () => {
      const { bus } = await topic()
      const value = Buffer.from('kept')
      await bus.append('t', 0, [{ value, headers: {} }])
      expect(value.toString()).toBe('kept')
      value.fill('x')
      expect(await readTexts(bus, 0)).toEqual(['kept'])
    })

    check('stamps a time that never goes back', async () => {
      const { bus } = await topic()
      for (let n = 0; n < 10; n += 1) await bus.append('t', 0, texts(`${n}`))
      const times = (await collect(bus, { partition: 0, from: 0, untilEnd: true })).map(({ appendedAt }) => appendedAt)
      expect(times).toEqual([...times].sort((a, b) => a - b))
      expect(Math.abs((times[0] ?? 0) - Date.now())).toBeLessThan(60_000)
    })

    check('many at once come in order, none lost', async () => {
      const { bus } = await topic()
      const all = Array.from({ length: 300 }, (_, n) => `record ${n} ${'x'.repeat(n)}`)
      await Promise.all(all.map((text) => bus.append('t', 0, texts(text))))
      expect(await readTexts(bus, 0)).toEqual(all)
    })
  })

  describe(`${subject.name}: read`, () => {
    check('begins at any offset', async () => {
      const { bus } = await topic()
      const all = numbered(0, 600)
      for (let n = 0; n < 600; n += 100) await bus.append('t', 0, texts(...all.slice(n, n + 100)))
      for (const from of [0, 1, 99, 100, 101, 377, 599, 600])
        expect(await readTexts(bus, 0, from)).toEqual(all.slice(from))
    })

    check('keeps to the bounds of a batch, and gives at least one record', async () => {
      const { bus } = await topic()
      await bus.append(
        't',
        0,
        Array.from({ length: 100 }, () => ({ value: new Uint8Array(1_000), headers: {} })),
      )
      const byRecords = await batches(bus, { partition: 0, from: 0, untilEnd: true, recordsMax: 7 })
      expect(Math.max(...byRecords.map(({ records }) => records.length))).toBeLessThanOrEqual(7)
      expect(byRecords.flatMap(({ records }) => records).map(({ offset }) => offset)).toEqual(
        Array.from({ length: 100 }, (_, n) => n),
      )
      const byBytes = await batches(bus, { partition: 0, from: 0, untilEnd: true, bytesMax: 5_000 })
      expect(Math.max(...byBytes.map(({ records }) => records.length))).toBeLessThanOrEqual(5)
      const tiny = await batches(bus, { partition: 0, from: 0, untilEnd: true, bytesMax: 1 })
      expect(tiny.map(({ records }) => records.length)).toEqual(Array.from({ length: 100 }, () => 1))
      for (const { end, partition } of [...byRecords, ...byBytes]) expect([end, partition]).toEqual([100, 0])
    })

    check('until the end stops at the end seen when it began', async () => {
      const { bus } = await topic()
      await bus.append('t', 0, texts('a', 'b', 'c'))
      const got: string[] = []
      for await (const { records } of bus.read('t', { partition: 0, from: 0, untilEnd: true, recordsMax: 1 })) {
        got.push(...records.map(textOf))
        if (got.length < 3) await bus.append('t', 0, texts('later'))
      }
      expect(got).toEqual(['a', 'b', 'c'])
      expect(await collect(bus, { partition: 0, from: 99, untilEnd: true })).toEqual([])
    })

    check('waits for what comes', async () => {
      const { bus } = await topic()
      const stop = new AbortController()
      const got: string[] = []
      const reading = (async () => {
        for await (const { records } of bus.read('t', { partition: 0, from: 0, signal: stop.signal })) {
          got.push(...records.map(textOf))
          if (got.length >= 6) stop.abort()
        }
      })()
      for (const text of numbered(0, 6)) {
        await bus.append('t', 0, texts(text))
        await pause(5)
      }
      await reading
      expect(got).toEqual(numbered(0, 6))
    })

    check('ends when the signal aborts, before, while and after waiting', async () => {
      const { bus } = await topic()
      await bus.append('t', 0, texts('a'))
      expect(await collect(bus, { partition: 0, from: 0, signal: AbortSignal.abort() })).toEqual([])
      const stop = new AbortController()
      const waiting = collect(bus, { partition: 0, from: 1, signal: stop.signal })
      await pause(20)
      stop.abort()
      expect(await waiting).toEqual([])
    })

    check('by several readers, each at its own pace', async () => {
      const { bus } = await topic(2)
      const all = numbered(0, 400)
      const writing = (async () => {
        for (let n = 0; n < 400; n += 20) {
          await bus.append('t', 0, texts(...all.slice(n, n + 20)))
          await bus.append('t', 1, texts(...all.slice(n, n + 20)))
        }
      })()
      const readTo = async (partition: number, recordsMax: number) => {
        const got: string[] = []
        for await (const { records } of bus.read('t', { partition, from: 0, recordsMax })) {
          got.push(...records.map(textOf))
          if (got.length >= 400) break
        }
        return got
      }
      for (const got of await Promise.all([readTo(0, 3), readTo(0, 50), readTo(1, 1_000), readTo(1, 7)]))
        expect(got).toEqual(all)
      await writing
    })

    check('sees nothing before its append has resolved', async () => {
      const { bus } = await topic()
      // Whatever a reader has seen must be told by `partition` too, and stay: it is durable.
      const stop = new AbortController()
      let seen = 0
      const reading = (async () => {
        for await (const { records, end } of bus.read('t', { partition: 0, from: 0, signal: stop.signal })) {
          seen += records.length
          expect(end).toBeGreaterThanOrEqual(seen)
          expect((await bus.partition('t', 0)).end).toBeGreaterThanOrEqual(seen)
        }
      })()
      for (let n = 0; n < 50; n += 1) {
        const { offsets } = await bus.append('t', 0, texts('a', 'b'))
        expect(offsets).toEqual([2 * n, 2 * n + 1])
        expect((await bus.partition('t', 0)).end).toBe(2 * n + 2)
      }
      await pause(20)
      stop.abort()
      await reading
      expect(seen).toBe(100)
    })
  })

  describe(`${subject.name}: retention`, () => {
    const block = (n: number): BusRecord[] => [{ value: randomText(n, 1_500), headers: {} }]

    check('trim drops whole segments below an offset, and no record at or above it', async () => {
      const { bus } = await topic()
      for (let n = 0; n < 20; n += 1) await bus.append('t', 0, block(n))
      await bus.trim('t', 0, 15)
      const { first, end } = await bus.partition('t', 0)
      expect(first).toBeGreaterThan(5)
      expect(first).toBeLessThanOrEqual(15)
      expect(end).toBe(20)
      expect((await collect(bus, { partition: 0, from: first, untilEnd: true })).map(({ offset }) => offset)).toEqual(
        Array.from({ length: 20 - first }, (_, n) => first + n),
      )
      const gone = { code: 'BUS_OFFSET_GONE', facts: { first } }
      await expect(collect(bus, { partition: 0, from: first - 1, untilEnd: true })).rejects.toMatchObject(gone)
      expect((await bus.append('t', 0, texts('next'))).offsets).toEqual([20])
    })

    check('by size keeps the newest', async () => {
      const { bus } = await topic(1, { retentionBytes: 10_000 })
      for (let n = 0; n < 40; n += 1) await bus.append('t', 0, block(n))
      await until(async () => (await bus.partition('t', 0)).bytes <= 12_000)
      const { first, end } = await bus.partition('t', 0)
      expect(end).toBe(40)
      expect(first).toBeGreaterThan(25)
      expect(first).toBeLessThan(40)
    })

    check('by age drops what is older, also where nothing comes any more', async () => {
      const { bus } = await topic(1, { retentionMs: 100 })
      for (let n = 0; n < 10; n += 1) await bus.append('t', 0, block(n))
      await until(async () => (await bus.partition('t', 0)).first === 10)
      expect(await bus.partition('t', 0)).toMatchObject({ first: 10, end: 10 })
      expect((await bus.append('t', 0, texts('next'))).offsets).toEqual([10])
      await expect(collect(bus, { partition: 0, from: 0, untilEnd: true })).rejects.toMatchObject({
        code: 'BUS_OFFSET_GONE',
      })
    })
  })

  describe(`${subject.name}: close`, () => {
    check('and open again: everything is there', async () => {
      const { bus, open } = await topic(2)
      const before = await bus.topics()
      await bus.append('t', 0, texts(...numbered(0, 50)))
      await bus.append('t', 1, texts('x'))
      await bus.close()
      const again = await open()
      expect(await again.topics()).toEqual(before)
      expect(await readTexts(again, 0)).toEqual(numbered(0, 50))
      expect((await again.append('t', 0, texts('more'))).offsets).toEqual([50])
      expect(await readTexts(again, 0, 49)).toEqual(['49', 'more'])
      expect(await readTexts(again, 1)).toEqual(['x'])
    })

    check('may be called twice; what comes later is told that it is closed', async () => {
      const { bus } = await topic()
      const waiting = collect(bus, { partition: 0, from: 0 })
      const outcome = expect(waiting).rejects.toMatchObject({ code: 'BUS_CLOSED' })
      await pause(10)
      await bus.close()
      await bus.close()
      await outcome
      await expect(bus.append('t', 0, texts('a'))).rejects.toMatchObject({ code: 'BUS_CLOSED' })
      await expect(bus.ensureTopic('u', { partitions: 1 })).rejects.toMatchObject({ code: 'BUS_CLOSED' })
      await expect(collect(bus, { partition: 0, from: 0, untilEnd: true })).rejects.toMatchObject({
        code: 'BUS_CLOSED',
      })
    })
  })
}

const anyText = fc.string({ unit: 'grapheme', maxLength: 30 })
const anyRecord: fc.Arbitrary<BusRecord> = fc
  .record(
    {
      value: fc.uint8Array({ maxLength: 2_000 }),
      headers: fc.dictionary(fc.string({ minLength: 1, maxLength: 10 }), anyText, {
        maxKeys: 5,
        noNullPrototype: true,
      }),
    },
    { requiredKeys: ['value', 'headers'] },
  )
  .chain((record) =>
    fc.option(anyText, { nil: undefined }).map((key) => (key === undefined ? record : { ...record, key })),
  )

function plainRecord({ value, key, headers }: BusRecord) {
  return { value: Buffer.from(value).toString('hex'), key, headers }
}

function texts(...all: string[]): BusRecord[] {
  return all.map((text) => ({ value: Buffer.from(text), headers: {} }))
}

function numbered(from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, n) => String(from + n))
}

/** Text that does not compress, the same in every run. */
function randomText(seed: number, bytes: number): Uint8Array {
  let state = seed + 1
  return Uint8Array.from({ length: bytes }, () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state >>> 24
  })
}

const textOf = ({ value }: StoredRecord) => Buffer.from(value).toString()

async function batches(bus: Bus, options: ReadOptions): Promise<Batch[]> {
  const all: Batch[] = []
  for await (const batch of bus.read('t', options)) all.push(batch)
  return all
}

async function collect(bus: Bus, options: ReadOptions): Promise<StoredRecord[]> {
  return (await batches(bus, options)).flatMap(({ records }) => records)
}

async function readTexts(bus: Bus, partition: number, from = 0): Promise<string[]> {
  return (await collect(bus, { partition, from, untilEnd: true })).map(textOf)
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))

async function until(holds: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (await holds()) return
    await pause(10)
  }
  throw new Error('it did not come to hold within four seconds')
}
