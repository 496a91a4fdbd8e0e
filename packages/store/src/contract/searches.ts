// Searching: every kind of query against its plain meaning, the order, and pages that stay whole while events arrive.
import type { Query, StoredEvent } from '@varde/schema'
import fc from 'fast-check'
import { expect } from 'vitest'
import type { EventFilter, SearchOptions, Store } from '../port.ts'
import { tableRow } from '../table-row.ts'
import { matchesFilter } from './matches.ts'
import { start as begin, someGiven, someQuery, stored } from './sample.ts'
import type { ContractTools } from './tools.ts'

const all = { tenants: 'all' as const }

/** The total order: time, then home. */
export function older(a: StoredEvent, b: StoredEvent): number {
  return (
    Date.parse(a.event['@timestamp']) - Date.parse(b.event['@timestamp']) ||
    (a.home.stream === b.home.stream ? 0 : a.home.stream < b.home.stream ? -1 : 1) ||
    a.home.generation - b.home.generation ||
    a.home.partition - b.home.partition ||
    a.home.offset - b.home.offset
  )
}

async function pages(store: Store, filter: EventFilter, options: Omit<SearchOptions, 'cursor'>): Promise<string[]> {
  const ids: string[] = []
  let cursor: string | undefined
  do {
    const page = await store.events.search(filter, cursor === undefined ? options : { ...options, cursor })
    expect(page.events.length).toBeLessThanOrEqual(options.limit)
    ids.push(...page.events.map(({ id }) => id))
    if (page.total.exact) expect(page.total.count).toBeGreaterThanOrEqual(ids.length)
    cursor = page.next
  } while (cursor !== undefined)
  return ids
}

const field = (name: string, text: string): Query => ({ kind: 'field', field: name, value: { kind: 'word', text } })
const cidr = (name: string, network: string): Query => ({
  kind: 'field',
  field: name,
  value: { kind: 'cidr', network },
})
const wildcard = (name: string, pattern: string): Query => ({
  kind: 'field',
  field: name,
  value: { kind: 'wildcard', pattern },
})
const word = (text: string): Query => ({ kind: 'text', value: { kind: 'word', text } })
const phrase = (text: string): Query => ({ kind: 'text', value: { kind: 'phrase', text } })
const wild = (pattern: string): Query => ({ kind: 'text', value: { kind: 'wildcard', pattern } })
const range = (name: string, op: '<' | '<=' | '>' | '>=', value: string): Query => ({
  kind: 'range',
  field: name,
  op,
  value,
})
const exists = (name: string): Query => ({ kind: 'exists', field: name })

const events = [
  stored({
    offset: 0,
    raw: 'Oct  1 08:00:00 fw1 sshd[12]: Failed password for DOM\\anna from 10.0.0.5 port 22',
    event: {
      user: { name: 'anna' },
      source: { ip: '10.0.0.5', port: 22 },
      event: { code: '4625', category: ['authentication'] },
    },
  }),
  stored({
    offset: 1,
    raw: 'Æblegrød: Session opened for björn_2',
    event: { user: { name: 'björn' }, source: { ip: '2001:db8::1' }, vendor: { score: 1.5, tags: ['x', 5], ok: true } },
  }),
  stored({
    offset: 2,
    raw: '10.0.0.50 denied',
    event: { source: { ip: '10.0.0.50', port: '22' }, related: { ip: ['10.0.0.50', '192.0.2.9'] } },
  }),
  stored({
    offset: 3,
    raw: 'nothing',
    tenant: 'kunde-a',
    event: {
      answers: [
        { data: 'a', ttl: 5 },
        { data: 'b', ttl: 9 },
      ],
      gone: null,
    },
  }),
]

/** Query, then the offsets that it must find. */
const cases: [string, Query, number[]][] = [
  ['everything', { kind: 'all' }, [0, 1, 2, 3]],
  ['a string', field('user.name', 'anna'), [0]],
  ['a string, in its own case only', field('user.name', 'ANNA'), []],
  ['letters beyond ASCII', field('user.name', 'björn'), [1]],
  ['a number, and the same as a string', field('source.port', '22'), [0, 2]],
  ['a fraction', field('vendor.score', '1.50'), [1]],
  ['a boolean', field('vendor.ok', 'true'), [1]],
  ['an element of an array', field('event.category', 'authentication'), [0]],
  ['a number among strings of an array', field('vendor.tags', '5'), [1]],
  ['a member of objects in an array', field('answers.data', 'b'), [3]],
  ['an address', field('source.ip', '10.0.0.5'), [0]],
  ['a network', cidr('source.ip', '10.0.0.0/28'), [0]],
  ['a network of IPv6', cidr('source.ip', '2001:db8::/64'), [1]],
  ['a network in an array', cidr('related.ip', '192.0.2.0/24'), [2]],
  ['a wildcard', wildcard('source.ip', '10.0.*'), [0, 2]],
  ['a wildcard in the middle', wildcard('user.name', 'b*n'), [1]],
  [
    'a phrase with a star, which is a star',
    { kind: 'field', field: 'user.name', value: { kind: 'phrase', text: 'a*' } },
    [],
  ],
  ['a range of numbers', range('source.port', '>=', '22'), [0, 2]],
  ['a range of fractions', range('vendor.score', '<', '1.6'), [1]],
  ['a range of numbers in objects', range('answers.ttl', '>', '8'), [3]],
  ['a range of times', range('@timestamp', '<=', new Date(begin + 1000).toISOString()), [0, 1]],
  ['a field that is there', exists('source.port'), [0, 2]],
  ['an object that is there', exists('vendor'), [1]],
  ['null is not there', exists('gone'), []],
  ['no such field', exists('no.such'), []],
  ['not: also where the field is missing', { kind: 'not', of: field('user.name', 'anna') }, [1, 2, 3]],
  ['and', { kind: 'and', of: [exists('source.port'), { kind: 'not', of: word('denied') }] }, [0]],
  ['or', { kind: 'or', of: [field('user.name', 'anna'), field('answers.data', 'a')] }, [0, 3]],
  ['nothing to hold', { kind: 'and', of: [] }, [0, 1, 2, 3]],
  ['nothing that could hold', { kind: 'or', of: [] }, []],
  ['a word, whatever its case', word('FAILED'), [0]],
  ['a word beyond ASCII, whatever its case', word('æBLEGRØD'), [1]],
  ['a word behind a backslash', word('anna'), [0]],
  ['an address as a whole', word('10.0.0.5'), [0]],
  ['no part of a word', word('fail'), []],
  ['a phrase', phrase('password for'), [0]],
  ['a phrase that is none', phrase('for password'), []],
  ['the beginning of a word', wild('fail*'), [0]],
  ['the inside of a word', wild('*blegr*'), [1]],
  ['two ends of a word', wild('pa*rd'), [0]],
]

export function searchTests({ check, start }: ContractTools): void {
  check('finds what each kind of query means', async () => {
    const { store } = await start()
    await store.events.create(events)
    await store.settle()
    const found: [string, number[]][] = []
    for (const [name, query] of cases) {
      const page = await store.events.search({ scope: all, query }, { limit: 10, order: 'oldest' })
      found.push([name, page.events.map(({ home }) => home.offset)])
    }
    expect(found).toEqual(cases.map(([name, , offsets]) => [name, offsets]))
  })

  check('a wildcard with many stars ends, and takes no other character for one', async () => {
    const { store } = await start()
    const many = 'a'.repeat(400)
    const names = [many, 'a_b%c!d\\e', 'axb%c!d\\e', 'line\nbreak', 'nul\0nul']
    await store.events.create(
      names.map((name, offset) => stored({ offset, event: { user: { name }, vendor: { names: [name] } } })),
    )
    await store.settle()
    const found = async (name: string, pattern: string) =>
      (
        await store.events.search({ scope: all, query: wildcard(name, pattern) }, { limit: 10, order: 'oldest' })
      ).events.map(({ home }) => home.offset)
    for (const name of ['user.name', 'vendor.names']) {
      expect(await found(name, `*${'a*'.repeat(9)}b*`)).toEqual([])
      expect(await found(name, `*${'a*'.repeat(9)}_*`)).toEqual([])
      expect(await found(name, `*${'a*'.repeat(9)}`)).toEqual([0])
      expect(await found(name, 'a_b*c*e')).toEqual([1])
      expect(await found(name, 'a*b%c*e')).toEqual([1, 2])
      expect(await found(name, 'a*!d\\\\*e')).toEqual([1, 2])
      expect(await found(name, 'a*!d\\*e')).toEqual([])
      expect(await found(name, 'l*e*k')).toEqual([3])
      expect(await found(name, 'n*\0*l')).toEqual([4])
    }
  })

  check('keeps to the time and to the tenants', async () => {
    const { store } = await start()
    await store.events.create(events)
    await store.settle()
    const offsets = async (filter: Partial<EventFilter>) =>
      (await store.events.search({ scope: all, query: { kind: 'all' }, ...filter }, { limit: 10 })).events.map(
        ({ home }) => home.offset,
      )
    expect(await offsets({ from: begin + 1000, to: begin + 3000 })).toEqual([2, 1])
    expect(await offsets({ from: begin + 9000 })).toEqual([])
    expect(await offsets({ scope: { tenants: ['kunde-a'] } })).toEqual([3])
    expect(await offsets({ scope: { tenants: ['kunde-a', 'house'] } })).toEqual([3, 2, 1, 0])
    expect(await offsets({ scope: { tenants: [] } })).toEqual([])
    expect(await offsets({ scope: { tenants: ["'; DROP TABLE x; --"] } })).toEqual([])
  })

  check('agrees with the plain meaning of any query over any events', async () => {
    const { store } = await start()
    const known: StoredEvent[] = []
    await fc.assert(
      fc.asyncProperty(
        fc.array(someGiven, { minLength: 1, maxLength: 30 }),
        fc.array(someQuery, { minLength: 6, maxLength: 6 }),
        async (given, queries) => {
          const batch = given.map((each, index) =>
            stored({ ...each, offset: known.length + index, partition: index % 2 }),
          )
          await store.events.create(batch)
          known.push(...batch)
          await store.settle()
          for (const query of queries) {
            const filter: EventFilter = { scope: all, query, from: begin + 1000, to: begin + 18_000 }
            const expected = known.filter((event) => matchesFilter(filter, event)).sort(older)
            const page = await store.events.search(filter, { limit: 10_000, order: 'oldest' })
            expect({ query, ids: page.events.map(({ id }) => id) }).toEqual({
              query,
              ids: expected.map(({ id }) => id),
            })
            expect(page.total).toEqual({ count: expected.length, exact: true })
            expect(await store.events.count(filter)).toBe(expected.length)
          }
        },
      ),
      { numRuns: 12 },
    )
  })

  check('pages newest first and oldest first, without gap or repeat', async () => {
    const { store } = await start()
    const many = Array.from({ length: 90 }, (_, offset) =>
      stored({ offset, partition: offset % 3, time: begin + Math.floor(offset / 7) * 1000 }),
    )
    await store.events.create(many)
    await store.settle()
    const ordered = [...many].sort(older).map(({ id }) => id)
    const filter = { scope: all, query: { kind: 'all' as const } }
    expect(await pages(store, filter, { limit: 13, order: 'oldest' })).toEqual(ordered)
    expect(await pages(store, filter, { limit: 7 })).toEqual([...ordered].reverse())
    expect(await pages(store, filter, { limit: 90 })).toEqual([...ordered].reverse())
  })

  check('pages stay whole while events arrive', async () => {
    const { store, reopen } = await start()
    const many = Array.from({ length: 40 }, (_, offset) => stored({ offset, time: begin + offset * 1000 }))
    await store.events.create(many)
    await store.settle()
    const filter = { scope: all, query: { kind: 'all' as const } }
    const first = await store.events.search(filter, { limit: 15 })
    await store.events.create(
      Array.from({ length: 10 }, (_, index) => stored({ offset: 100 + index, time: begin + 60_000 + index })),
    )
    await store.settle()
    const again = await reopen()
    const cursor = first.next ?? ''
    const rest = await again.events.search(filter, { limit: 100, cursor })
    const ids = [...first.events, ...rest.events].map(({ home }) => home.offset)
    expect(ids).toEqual(many.map(({ home }) => home.offset).reverse())
    expect(rest.next).toBeUndefined()
  })

  check('a table has the rows of the search, with the fields asked for alone', async () => {
    const { store } = await start()
    const given = fc.sample(someGiven, { numRuns: 60, seed: 11 })
    const odd = [
      { user: { name: null } },
      { user: [{ name: 'a' }, { name: 'b' }] },
      { user: {}, host: { name: ['x', 'y'] } },
      { user: { name: 'anna', id: '7' }, vendor: { n: 1 } },
    ]
    const events = [...given, ...odd.map((event) => ({ event }))].map((each, offset) => stored({ ...each, offset }))
    await store.events.create(events)
    await store.settle()
    const filter: EventFilter = { scope: all, query: { kind: 'all' } }
    for (const fields of [['user.name', 'source.ip'], ['user', 'user.name'], ['vendor.n', 'tags', '@timestamp'], []]) {
      const whole = await store.events.search(filter, { limit: 40 })
      const table = await store.events.table(filter, { limit: 40, fields })
      expect(table.rows).toEqual(whole.events.map((event) => tableRow(event, fields)))
      expect({ next: table.next, total: table.total }).toEqual({ next: whole.next, total: whole.total })
    }
    const plain = { ...filter, query: field('user.id', '7') }
    expect((await store.events.table(plain, { limit: 1, fields: ['user.id', 'user.email'] })).rows[0]?.event).toEqual({
      '@timestamp': events.at(-1)?.event['@timestamp'],
      user: { id: '7' },
    })
  })

  check('scan gives all matches, oldest first', async () => {
    const { store } = await start()
    const many = Array.from({ length: 500 }, (_, offset) =>
      stored({ offset, time: begin - offset, event: { n: offset % 2 } }),
    )
    await store.events.create(many)
    await store.settle()
    const ids: string[] = []
    for await (const batch of store.events.scan({ scope: all, query: field('n', '1') }, { batch: 33 }))
      ids.push(...batch.map(({ id }) => id))
    expect(ids).toEqual(
      many
        .filter(({ home }) => home.offset % 2 === 1)
        .sort(older)
        .map(({ id }) => id),
    )
  })

  check('refuses a cursor that is none, and a page that is too large, and stops when told', async () => {
    const { store } = await start()
    const filter = { scope: all, query: { kind: 'all' as const } }
    await expect(store.events.search(filter, { limit: 10, cursor: 'nonsense' })).rejects.toMatchObject({
      code: 'STORE_BAD_CURSOR',
    })
    await expect(store.events.search(filter, { limit: 1_000_000 })).rejects.toMatchObject({ code: 'STORE_LIMIT' })
    await expect(store.events.search(filter, { limit: 0 })).rejects.toMatchObject({ code: 'STORE_LIMIT' })
    await expect(store.events.search(filter, { limit: 1, signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    })
  })
}
