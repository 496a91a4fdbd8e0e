// Erasing events: hidden from every read at once and after a restart, never created again, and the rest is as it was.
import type { StoredEvent } from '@varde/schema'
import { expect } from 'vitest'
import type { Store, Tombstone } from '../port.ts'
import { stored } from './sample.ts'
import type { ContractTools } from './tools.ts'

const all = { tenants: 'all' as const }
const every = { scope: all, query: { kind: 'all' as const } }
const place = { stream: 'main', generation: 0, partition: 0 }

const tombstone = ({ id }: Pick<StoredEvent, 'id'>): Tombstone => ({
  id,
  leaf: 'ab'.repeat(32),
  at: 1_795_564_800_000,
  by: '@erasures.0',
})

function erasureOf(store: Store): NonNullable<Store['erasure']> {
  if (store.erasure === undefined) throw new Error('this store says that it can not erase')
  return store.erasure
}

async function idsOf(store: Store): Promise<string[]> {
  const found: string[] = []
  for await (const batch of store.events.range(place, 0, 10_000)) found.push(...batch.map(({ id }) => id))
  return found
}

async function shows(store: Store, kept: StoredEvent[], gone: StoredEvent[]): Promise<void> {
  expect(await idsOf(store)).toEqual(kept.map(({ id }) => id))
  for (const { id } of gone) expect(await store.events.get(id, all)).toBeUndefined()
  for (const event of kept) expect(await store.events.get(event.id, all)).toEqual(event)
  expect(await store.events.count(every)).toBe(kept.length)
  const page = await store.events.search(every, { limit: 1_000 })
  expect(page.events.map(({ id }) => id).sort()).toEqual(kept.map(({ id }) => id).sort())
  const users = await store.events.values(every, { field: 'user.name', limit: 100 })
  expect(users.values.map(({ value }) => value).sort()).toEqual(
    [...new Set(kept.map(({ event }) => Object(event['user'])['name']))].sort(),
  )
  const words = await store.events.search(
    { scope: all, query: { kind: 'text', value: { kind: 'word', text: 'mallory' } } },
    { limit: 10 },
  )
  expect(words.events).toEqual([])
}

export function erasureTests({ check, start }: ContractTools): void {
  check('an erased event is hidden from every read, also after a restart, and nothing else is', async () => {
    const { store, reopen } = await start()
    const events = Array.from({ length: 30 }, (_, offset) =>
      stored({
        offset,
        raw: offset % 5 === 2 ? `login of mallory ${offset}` : `login of anna ${offset}`,
        event: { user: { name: offset % 5 === 2 ? 'mallory' : `anna${offset}` } },
      }),
    )
    await store.events.create(events)
    const gone = events.filter(({ home }) => home.offset % 5 === 2)
    const kept = events.filter(({ home }) => home.offset % 5 !== 2)
    await erasureOf(store).erase(gone.map(tombstone))
    await store.settle()
    await shows(store, kept, gone)
    await erasureOf(store).purged()
    await shows(store, kept, gone)
    const again = await reopen()
    await shows(again, kept, gone)
    expect(await erasureOf(again).tombstones(place, 0, 13)).toEqual(
      gone.filter(({ home }) => home.offset < 13).map(tombstone),
    )
  })

  check('an erased id is never created again, and a second tombstone changes nothing', async () => {
    const { store, reopen } = await start()
    const events = [0, 1, 2].map((offset) => stored({ offset, raw: `line ${offset}` }))
    await store.events.create(events)
    const [first] = events
    if (first === undefined) throw new Error('three were made')
    const never = stored({ offset: 9 })
    await erasureOf(store).erase([first, never].map(tombstone))
    await erasureOf(store).erase([{ ...tombstone(first), leaf: 'cd'.repeat(32) }])
    expect(await store.events.create([first, never])).toEqual([{ outcome: 'erased' }, { outcome: 'erased' }])
    await erasureOf(store).purged()
    const again = await reopen()
    expect(await again.events.create([first, never, stored({ offset: 10 })])).toEqual([
      { outcome: 'erased' },
      { outcome: 'erased' },
      { outcome: 'created' },
    ])
    expect(await erasureOf(again).tombstones(place, 0, 100)).toEqual([first, never].map(tombstone))
  })

  check('where nothing is left, the store goes on', async () => {
    const { store, reopen } = await start()
    const events = [0, 1].map((offset) => stored({ offset }))
    await store.events.create(events)
    await erasureOf(store).erase(events.map(tombstone))
    await erasureOf(store).purged()
    expect(await store.events.count(every)).toBe(0)
    const again = await reopen()
    expect(await again.events.count(every)).toBe(0)
    expect(await again.events.create([stored({ offset: 2 })])).toEqual([{ outcome: 'created' }])
    expect(await again.check()).toEqual([])
  })
}
