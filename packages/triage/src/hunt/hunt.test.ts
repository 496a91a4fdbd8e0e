import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { manualClock } from '@varde/runtime'
import { eventId, parseQuery, type StoredEvent } from '@varde/schema'
import type { Store } from '@varde/store'
import { openEmbeddedStore } from '@varde/store/embedded'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compareRanges } from './compare.ts'
import { createLookUps, lookUpProblem } from './look-ups.ts'
import { findPatterns } from './patterns.ts'
import { createSavedSearches } from './saved-searches.ts'
import { likeness, merged, tokensOf } from './template.ts'

const t0 = Date.UTC(2026, 10, 23, 8)
const minute = 60_000
const scope = { tenants: 'all' as const }
const parsed = parseQuery('')
const query = parsed.ok ? parsed.query : { kind: 'all' as const }
let store: Store
let folder: string

function stored(offset: number, time: number, line: string, fields: Record<string, string>): StoredEvent {
  const home = { stream: 'main', generation: 0, partition: 0, offset }
  return {
    id: eventId(home),
    home,
    tenant: 'house',
    source: 'ssh',
    retention: 'default',
    arrival: time,
    ingested: time,
    raw: Buffer.from(line),
    seed: new Uint8Array(16),
    event: {
      '@timestamp': new Date(time).toISOString(),
      event: { dataset: 'linux.auth', action: fields['action'] ?? '' },
      user: { name: fields['user'] ?? '' },
    },
  }
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'varde-hunt-'))
  store = await openEmbeddedStore({ dir: folder })
  const events: StoredEvent[] = []
  for (let index = 0; index < 60; index += 1) {
    const inSecondHalf = index >= 40
    const user = inSecondHalf ? 'root' : `user${index % 4}`
    const action = inSecondHalf ? 'failed' : 'accepted'
    const line = `<38>Nov 23 08:${String(index).padStart(2, '0')}:00 web1 sshd[${1000 + index}]: ${inSecondHalf ? 'Failed' : 'Accepted'} password for ${user} from 10.0.0.${index} port ${40_000 + index} ssh2`
    events.push(stored(index, t0 + index * minute, line, { user, action }))
  }
  await store.events.create(events)
  // Events can be found some moments after their create.
  while ((await store.events.count({ scope, query })) < events.length) await setTimeout(20)
}, 60_000)
afterAll(async () => {
  await store.close()
  await rm(folder, { recursive: true })
})

describe('a line without what varies', () => {
  test.each([
    ['login from 10.1.2.3 port 4022', 'login from * port *'],
    ['sid S-1-5-21-1-2-3-1104 at 2026-11-23T08:00:00Z', 'sid * at *'],
    ['key 9f86d081884c7d659a2feaa0c55ad015 of 0xff', 'key * of *'],
    ['mac 00:1c:42:aa:bb:cc', 'mac *'],
  ])('%s', (line, expected) => expect(tokensOf(line).join(' ')).toBe(expected))

  test('merging two keeps the likeness of each to the merged one above nothing that both had', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 9 }), (tokens) => {
        const other = tokens.toReversed()
        const both = merged(tokens, other)
        for (const [index, token] of both.entries()) {
          if (token !== '*') expect([tokens[index], other[index]]).toEqual([token, token])
        }
        expect(likeness(tokens, tokens)).toBe(1)
      }),
    )
  })
})

test('patterns: lines of one kind are one, with counts, the newest example and a query that finds them', async () => {
  const filter = { scope, query, from: t0, to: t0 + 3_600_000 }
  const { patterns, read, whole } = await findPatterns(store.events, filter)
  expect({ read, whole }).toEqual({ read: 60, whole: true })
  expect(patterns.map(({ count }) => count)).toEqual([40, 20])
  const failed = patterns[1]
  expect(failed?.text).toContain('Failed password for root from * port *')
  expect(failed?.example).toBe('main.0.0.59')
  expect(failed?.trend.reduce((sum, count) => sum + count, 0)).toBe(20)
  const found = parseQuery(failed?.query ?? '')
  expect(found.ok && (await store.events.count({ ...filter, query: found.query }))).toBe(20)
})

test('a comparison names the fields and values that differ, with exact counts', async () => {
  const half = t0 + 40 * minute
  const { count, baseCount, differences } = await compareRanges(store.events, {
    scope,
    query,
    range: { from: half, to: t0 + 60 * minute },
    base: { from: t0, to: half },
  })
  expect({ count, baseCount }).toEqual({ count: 20, baseCount: 40 })
  const action = differences.find(({ field }) => field === 'event.action')
  expect(action?.distance).toBe(1)
  expect(action?.values).toContainEqual({ value: 'failed', count: 20, baseCount: 0, share: 1, baseShare: 0 })
  expect(action?.values).toContainEqual({ value: 'accepted', count: 0, baseCount: 40, share: 0, baseShare: 1 })
  expect(differences.some(({ field }) => field === 'event.dataset')).toBe(false)
})

test('searches: mine and the shared ones; a name saved again is replaced; only the owner removes', async () => {
  const anna = { name: 'anna', tenants: 'all' as const }
  const bo = { name: 'bo', tenants: 'all' as const }
  const searches = createSavedSearches({ documents: store.documents, clock: manualClock(t0) })
  const first = await searches.save({ name: 'fails', state: 'q=a', shared: false }, anna)
  await searches.save({ name: 'fails', state: 'q=b', shared: true }, anna)
  await searches.save({ name: 'own', state: 'q=c', shared: false }, bo)
  expect((await searches.list(anna)).map(({ name, state }) => [name, state])).toEqual([['fails', 'q=b']])
  expect((await searches.list(bo)).map(({ name }) => name)).toEqual(['fails', 'own'])
  await expect(searches.remove(first.id, bo)).rejects.toMatchObject({ code: 'FORBIDDEN' })
  await searches.remove(first.id, anna)
  await expect(searches.remove(first.id, anna)).rejects.toMatchObject({ code: 'NOT_FOUND' })
  expect((await searches.list(bo)).map(({ name }) => name)).toEqual(['own'])
})

test('a shared search is shown to whoever sees as much as its owner saw', async () => {
  const searches = createSavedSearches({ documents: store.documents, clock: manualClock(t0) })
  const house = { name: 'carl', tenants: 'all' as const }
  const customer = { name: 'dora', tenants: ['alpha'] }
  const other = { name: 'emil', tenants: ['bravo'] }
  await searches.save({ name: 'of the house', state: 'q=a', shared: true }, house)
  const { id } = await searches.save({ name: 'of alpha', state: 'q=b', shared: true }, customer)
  const named = async (person: typeof house | typeof customer) =>
    (await searches.list(person)).map(({ name }) => name).filter((name) => name.startsWith('of '))
  expect(await named(house)).toEqual(['of alpha', 'of the house'])
  expect(await named(customer)).toEqual(['of alpha'])
  expect(await named(other)).toEqual([])
  await expect(searches.remove(id, other)).rejects.toMatchObject({ code: 'NOT_FOUND' })
})

describe('look-ups', () => {
  test.each([
    ['https://cmdb.example/host/{value}', undefined],
    ['javascript:alert({value})', 'javascript:alert({value}) is no web address'],
    ['https://{value}/x', 'https://{value}/x lets the value choose the host'],
    ['https://cmdb.example/', 'https://cmdb.example/ does not say where the {value} goes'],
  ])('%s', (url, problem) => expect(lookUpProblem({ name: 'a', fields: ['*'], url })).toBe(problem))

  test('are kept, and a bad one replaces nothing', async () => {
    const lookUps = createLookUps(store.documents)
    expect(await lookUps.list()).toEqual([])
    const good = [{ name: 'CMDB', fields: ['host.name'], url: 'https://cmdb.example/{value}' }]
    await lookUps.set(good)
    await expect(lookUps.set([{ name: 'x', fields: ['*'], url: 'data:{value}' }])).rejects.toMatchObject({
      code: 'LOOK_UP_INVALID',
    })
    expect(await lookUps.list()).toEqual(good)
  })
})
