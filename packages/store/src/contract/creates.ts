// Creating events: each outcome, what comes back, and what outlives the store's process.
import { canonicalJson, type JsonObject, type StoredEvent } from '@varde/schema'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { Store } from '../port.ts'
import { stored } from './sample.ts'
import type { ContractTools } from './tools.ts'

const all = { tenants: 'all' as const }

async function collect<T>(batches: AsyncIterable<T[]>): Promise<T[]> {
  const found: T[] = []
  for await (const batch of batches) found.push(...batch)
  return found
}

async function comesBack(store: Store, event: StoredEvent): Promise<void> {
  const found = await store.events.get(event.id, all)
  expect(found).toEqual(event)
  expect(canonicalJson(found?.event ?? null)).toBe(canonicalJson(event.event))
}

export function createTests({ check, start }: ContractTools): void {
  check('a created event is there at once, and whole', async () => {
    const { store, reopen } = await start()
    const events = [
      stored({
        offset: 0,
        raw: 'plain æøå €\u0000 "quoted" \\ \n end',
        event: { user: { name: 'anna' }, source: { port: 22 } },
      }),
      stored({ offset: 1, raw: Uint8Array.of(0xff, 0xfe, 0x41, 0xc3), lateness: 'late', sender: { key: 'k' } }),
      stored({ offset: 2, raw: '', sender: { producer: 'file', sequence: 17 }, lateness: 'imported' }),
      stored({ offset: 3, raw: '\ufeffbom and \ufffd', tenant: 'kunde "a"', source: "it's", retention: 'long' }),
    ]
    expect(await store.events.create(events)).toEqual(events.map(() => ({ outcome: 'created' })))
    for (const event of events) await comesBack(store, event)
    await store.settle()
    for (const event of events) await comesBack(store, event)
    const again = await reopen()
    for (const event of events) await comesBack(again, event)
  })

  check('the canonical event comes back byte for byte, whatever is in it', async () => {
    const { store } = await start()
    const key = fc.constantFrom(
      'user',
      'name',
      'source',
      'ip',
      'port',
      'event',
      'code',
      'category',
      'x',
      'ø',
      'constructor',
      'k"\\/~',
    )
    const text = fc.oneof(
      fc.string({ unit: 'grapheme' }),
      fc.constantFrom('', '\u0000', '\u2028', '😀', '2026-01-01T00:00:00.123456Z', 'null'),
    )
    const number = fc.oneof(
      fc.integer(),
      fc.constantFrom(1e21, 2 ** 53, 2 ** 63, 1e-7, 0.1, 5e-324, 1.7976931348623157e308),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0),
    )
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        text,
        number,
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('value'), { maxLength: 3 }),
        fc.dictionary(key, tie('value'), { maxKeys: 4 }),
      ),
    }))
    const someEvents = fc.array(fc.dictionary(key, value, { maxKeys: 5 }), { minLength: 1, maxLength: 20 })
    let offset = 0
    await fc.assert(
      fc.asyncProperty(someEvents, async (given) => {
        const events = given.map((event) => {
          const plain: JsonObject = JSON.parse(JSON.stringify(event))
          return stored({ offset: offset++, event: plain })
        })
        expect(await store.events.create(events)).toEqual(events.map(() => ({ outcome: 'created' })))
        await store.settle()
        for (const event of events) {
          const found = await store.events.get(event.id, all)
          expect(canonicalJson(found?.event ?? null)).toBe(canonicalJson(event.event))
        }
      }),
      { numRuns: 25 },
    )
  })

  check('a create of an id that exists gives the stored event', async () => {
    const { store, reopen } = await start()
    const first = stored({ offset: 5, event: { user: { name: 'first' } } })
    const second = { ...stored({ offset: 5, event: { user: { name: 'second' } } }), seed: new Uint8Array(16).fill(9) }
    const other = stored({ offset: 6 })
    await store.events.create([first])
    const expected = [{ outcome: 'existing', stored: first }, { outcome: 'created' }]
    expect(await store.events.create([second, other])).toEqual(expected)
    await store.settle()
    expect(await store.events.create([second, other])).toEqual([expected[0], { outcome: 'existing', stored: other }])
    const again = await reopen()
    expect(await again.events.create([second])).toEqual([expected[0]])
    expect(await again.events.count({ scope: all, query: { kind: 'all' } })).toBe(2)
  })

  check('an id that stands twice in one create, or comes in two at once, is created once', async () => {
    const { store } = await start()
    const event = stored({ offset: 1 })
    expect(await store.events.create([event, event])).toEqual([
      { outcome: 'created' },
      { outcome: 'existing', stored: event },
    ])
    const next = Array.from({ length: 50 }, (_, index) => stored({ offset: 100 - index }))
    const outcomes = (await Promise.all([store.events.create(next), store.events.create(next)])).flat()
    expect(outcomes.filter(({ outcome }) => outcome === 'created')).toHaveLength(50)
    expect(outcomes.filter(({ outcome }) => outcome === 'existing')).toHaveLength(50)
  })

  check('offsets may come in any order', async () => {
    const { store } = await start()
    const events = [9, 3, 7, 1].map((offset) => stored({ offset }))
    for (const event of events) expect(await store.events.create([event])).toEqual([{ outcome: 'created' }])
    expect(await store.events.create(events)).toEqual(events.map((event) => ({ outcome: 'existing', stored: event })))
  })

  check("a sender's key is stored once for each content", async () => {
    const { store, reopen } = await start()
    const sender = { key: 'doc-1' }
    const first = stored({ offset: 1, raw: 'same', sender })
    await store.events.create([first])
    const resent = stored({ offset: 2, raw: 'same', sender })
    const changed = stored({ offset: 3, raw: 'other', sender })
    const elsewhere = [
      stored({ offset: 4, raw: 'same', sender, tenant: 'kunde-a' }),
      stored({ offset: 5, raw: 'same', sender, source: 'fw2' }),
    ]
    expect(await store.events.create([resent, changed, ...elsewhere])).toEqual([
      { outcome: 'duplicate', of: first.id },
      { outcome: 'created', sameKeyAs: first.id },
      { outcome: 'created' },
      { outcome: 'created' },
    ])
    const again = await reopen()
    const later = [stored({ offset: 6, raw: 'same', sender }), stored({ offset: 7, raw: 'other', sender })]
    expect(await again.events.create(later)).toEqual([
      { outcome: 'duplicate', of: first.id },
      { outcome: 'duplicate', of: changed.id },
    ])
    const twice = [
      stored({ offset: 8, raw: 'r', sender: { key: 'n' } }),
      stored({ offset: 9, raw: 'r', sender: { key: 'n' } }),
    ]
    expect(await again.events.create(twice)).toEqual([
      { outcome: 'created' },
      { outcome: 'duplicate', of: twice[0]?.id },
    ])
  })

  check("a producer's sequence is stored once, in whatever order", async () => {
    const { store, reopen } = await start()
    const of = (offset: number, sequence: number) => stored({ offset, sender: { producer: 'file-digest', sequence } })
    expect(await store.events.create([of(1, 0), of(2, 100)])).toEqual([{ outcome: 'created' }, { outcome: 'created' }])
    const duplicates = [
      { outcome: 'duplicate', of: of(1, 0).id },
      { outcome: 'created' },
      { outcome: 'duplicate', of: of(2, 100).id },
    ]
    expect(await store.events.create([of(3, 0), of(4, 50), of(5, 100)])).toEqual(duplicates)
    await store.settle()
    const again = await reopen()
    expect(await again.events.create([of(6, 50), of(7, 60), of(8, 200)])).toEqual([
      { outcome: 'duplicate', of: of(4, 50).id },
      { outcome: 'created' },
      { outcome: 'created' },
    ])
  })

  check('what it could never give back is refused, with the reason, and the rest is created', async () => {
    const { store } = await start()
    const good = stored({ offset: 1 })
    const bad = [
      stored({ offset: 2, event: { 'a.b': 1 } }),
      stored({ offset: 3, event: { _id: 1 } }),
      stored({ offset: 4, event: { user: { name: '\ud800' } } }),
      stored({ offset: 5, event: { '@timestamp': '2026-02-30T00:00:00.000Z' } }),
      stored({ offset: 6, event: { '@timestamp': '2026-02-03T00:00:00Z' } }),
      { ...stored({ offset: 7 }), id: 'main.0.0.8' },
      { ...stored({ offset: 8 }), seed: new Uint8Array(3) },
    ]
    const outcomes = await store.events.create([...bad, good])
    expect(outcomes.slice(0, -1).map(({ outcome }) => outcome)).toEqual(bad.map(() => 'refused'))
    expect(outcomes.at(-1)).toEqual({ outcome: 'created' })
    for (const outcome of outcomes.slice(0, -1))
      expect(outcome).toHaveProperty('reason', expect.stringMatching(/.{10}/))
  })

  check('get tells nothing of another tenant, nor of what is not there', async () => {
    const { store } = await start()
    const event = stored({ offset: 1, tenant: 'kunde-a' })
    await store.events.create([event])
    const see = (tenants: string[]) => store.events.get(event.id, { tenants })
    expect(await see(['kunde-a', 'house'])).toEqual(event)
    expect(await see(['house'])).toBeUndefined()
    expect(await see([])).toBeUndefined()
    expect(await store.events.get('main.0.0.999', all)).toBeUndefined()
    expect(await store.events.get('no id', all)).toBeUndefined()
  })

  check('range gives the events of a partition between two offsets, in order, realtime', async () => {
    const { store } = await start()
    const of = (partition: number) =>
      Array.from({ length: 5_000 }, (_, index) => stored({ offset: index * 2, partition, time: 1e12 - index }))
    const mine = of(1)
    await store.events.create(mine)
    await store.events.create(of(0))
    const late = stored({ offset: 10_001, partition: 1 })
    await store.events.create([late])
    const place = { stream: 'main', generation: 0, partition: 1 }
    const ids = async (from: number, to: number) =>
      (await collect(store.events.range(place, from, to))).map(({ id }) => id)
    expect(await ids(0, 20_000)).toEqual([...mine, late].map(({ id }) => id))
    expect(await ids(3, 8)).toEqual(['main.0.1.4', 'main.0.1.6'])
    expect(await ids(10_002, 10_900)).toEqual([])
    expect(await collect(store.events.range({ ...place, generation: 1 }, 0, 9))).toEqual([])
  })
}
