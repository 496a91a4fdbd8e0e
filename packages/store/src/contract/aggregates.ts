// Counting: histograms, the values of a field with every one of them reachable, the fields there are.
import type { Json } from '@varde/schema'
import { expect } from 'vitest'
import type { EventFilter, Store, ValueCount } from '../port.ts'
import { start as begin, stored } from './sample.ts'
import type { ContractTools } from './tools.ts'

const everything: EventFilter = { scope: { tenants: 'all' }, query: { kind: 'all' } }

async function allValues(store: Store, filter: EventFilter, field: string, limit: number): Promise<ValueCount[]> {
  const values: ValueCount[] = []
  let cursor: string | undefined
  do {
    const page = await store.events.values(filter, cursor === undefined ? { field, limit } : { field, limit, cursor })
    values.push(...page.values)
    cursor = page.next
  } while (cursor !== undefined)
  return values
}

export function aggregateTests({ check, start }: ContractTools): void {
  check('a histogram has every bucket, also the empty ones', async () => {
    const { store } = await start()
    await store.events.create(
      [0, 1, 1, 5].map((second, offset) =>
        stored({ offset, time: begin + second * 1000, tenant: offset === 3 ? 'b' : 'a' }),
      ),
    )
    await store.settle()
    const histogram = (filter: Partial<EventFilter>) =>
      store.events.histogram({ ...everything, from: begin, to: begin + 6000, ...filter }, { intervalMs: 2000 })
    expect((await histogram({})).map(({ start: at, count }) => [at - begin, count])).toEqual([
      [0, 3],
      [2000, 0],
      [4000, 1],
    ])
    expect((await histogram({ scope: { tenants: ['b'] } })).map(({ count }) => count)).toEqual([0, 0, 1])
    expect((await histogram({ from: begin + 1000, to: begin + 2000 })).map(({ count }) => count)).toEqual([2])
    const tooMany = store.events.histogram({ ...everything, from: 0, to: begin }, { intervalMs: 1 })
    await expect(tooMany).rejects.toMatchObject({ code: 'STORE_LIMIT' })
  })

  check('a histogram can be broken down by a field', async () => {
    const { store } = await start()
    const tags: Json[] = [['a', 'b'], ['a'], 'a', 7, null]
    await store.events.create([
      ...tags.map((value, offset) => stored({ offset, time: begin, event: { t: value } })),
      ...Array.from({ length: 30 }, (_, index) =>
        stored({ offset: 100 + index, time: begin + 1000, event: { t: `rare${index % 15}`, n: index } }),
      ),
    ])
    await store.settle()
    const buckets = await store.events.histogram(
      { ...everything, from: begin, to: begin + 2000 },
      { intervalMs: 1000, by: 't' },
    )
    expect(buckets[0]).toEqual({ start: begin, count: 5, by: { values: { a: 3 }, other: 2 } })
    expect(buckets[1]?.count).toBe(30)
    const named = Object.values(buckets[1]?.by?.values ?? {}).reduce((sum, n) => sum + n, 0)
    expect(named + (buckets[1]?.by?.other ?? 0)).toBe(30)
    expect(buckets[1]?.by?.other).toBeGreaterThan(0)
  })

  check('a breakdown counts values that are named like members of every object', async () => {
    const { store } = await start()
    const names = ['constructor', '__proto__', 'toString', 'anna']
    await store.events.create(names.map((name, offset) => stored({ offset, time: begin, event: { user: { name } } })))
    await store.settle()
    const [bucket] = await store.events.histogram(
      { ...everything, from: begin, to: begin + 1000 },
      { intervalMs: 1000, by: 'user.name' },
    )
    expect(Object.entries(bucket?.by?.values ?? {}).sort()).toEqual(names.map((name) => [name, 1]).sort())
    expect(bucket?.by?.other).toBe(0)
  })

  check('the values of a field come most frequent first, ties by value, all of them', async () => {
    const { store } = await start()
    const expected: ValueCount[] = []
    let offset = 0
    for (let value = 0; value < 60; value += 1) {
      const count = 1 + (value % 4)
      expected.push({ value: `v${String(value).padStart(2, '0')}`, count })
      await store.events.create(
        Array.from({ length: count }, () =>
          stored({ offset: offset++, event: { user: { name: `v${String(value).padStart(2, '0')}` } } }),
        ),
      )
    }
    await store.events.create([stored({ offset: offset++ })])
    await store.settle()
    expected.sort((a, b) => b.count - a.count || (String(a.value) < String(b.value) ? -1 : 1))
    expect(await allValues(store, everything, 'user.name', 7)).toEqual(expected)
    const page = await store.events.values(everything, { field: 'user.name', limit: 3, contains: 'V1' })
    expect(page.values.map(({ value }) => value)).toEqual(['v11', 'v15', 'v19'])
    expect(page.withField).toEqual({ count: offset - 1, exact: true })
    expect(page.events).toEqual({ count: offset, exact: true })
    expect((await store.events.values(everything, { field: 'user.name', limit: 3 })).distinct).toEqual({
      count: 60,
      exact: true,
    })
  })

  check('values keep their kind, count an event once, and keep to the filter', async () => {
    const { store } = await start()
    const given: Json[] = [22, '22', true, 1.5, [22, 22, 'x'], ['x'], [], null, { y: 1 }, [{ y: 'in' }]]
    await store.events.create(
      given.map((value, offset) =>
        stored({ offset, event: { source: { port: value } }, tenant: offset === 0 ? 'a' : 'b' }),
      ),
    )
    await store.settle()
    const found = await allValues(store, everything, 'source.port', 2)
    const texts = found.map(({ value, count }) => `${typeof value} ${value} ${count}`)
    expect(texts.sort()).toEqual(['boolean true 1', 'number 1.5 1', 'number 22 2', 'string 22 1', 'string x 2'])
    expect(await allValues(store, everything, 'source.port.y', 5)).toEqual([
      { value: 1, count: 1 },
      { value: 'in', count: 1 },
    ])
    expect(await allValues(store, { ...everything, scope: { tenants: ['a'] } }, 'source.port', 5)).toEqual([
      { value: 22, count: 1 },
    ])
    expect(await allValues(store, everything, 'no.such', 5)).toEqual([])
  })

  check('tells the fields with their types, and how much there is', async () => {
    const { store } = await start()
    await store.events.create([
      stored({
        offset: 0,
        event: { user: { name: 'a' }, source: { ip: '10.0.0.1', port: 5 }, v: { n: 1, m: 'x', d: 1, b: true } },
      }),
      stored({
        offset: 1,
        event: { v: { n: 2.5, m: 3, list: [{ deep: 'x' }] }, event: { created: '2026-01-01T00:00:00Z' } },
      }),
    ])
    await store.settle()
    expect((await store.events.fields()).map(({ field, type }) => `${field} ${type}`)).toEqual([
      '@timestamp date',
      'event.created date',
      'source.ip ip',
      'source.port long',
      'user.name keyword',
      'v.b boolean',
      'v.d long',
      'v.list.deep keyword',
      'v.m mixed',
      'v.n double',
    ])
    expect(await store.events.stats()).toMatchObject({ events: 2, oldest: begin, newest: begin + 1000 })
  })
}
