// What the Elasticsearch store promises beyond the contract: midnights, full clusters, days that go, long texts, copies, errors in words.
import { createServer } from 'node:http'
import { eventId, type JsonObject, type StoredEvent } from '@varde/schema'
import { type ElasticsearchStore, examineElasticsearch, openElasticsearchStore } from '@varde/store/elasticsearch'
import { afterEach, expect, test } from 'vitest'

export interface Cluster {
  address: string
  /** A folder that the cluster may keep snapshots in. */
  snapshots: string
}

const all = { tenants: 'all' as const }
const day = 86_400_000
const midnight = Date.UTC(2026, 10, 20)

export function storedAt(offset: number, arrival: number, more: Partial<StoredEvent> = {}): StoredEvent {
  const home = { stream: 'main', generation: 0, partition: 0, offset }
  return {
    id: eventId(home),
    home,
    tenant: 'house',
    source: 'fw1',
    retention: 'default',
    arrival,
    raw: new TextEncoder().encode(`line ${offset}`),
    seed: crypto.getRandomValues(new Uint8Array(16)),
    event: { '@timestamp': new Date(arrival).toISOString() },
    ingested: arrival + 5,
    ...more,
  }
}

export function elasticsearchCases(cluster: () => Cluster): void {
  let number = 0
  const open: ElasticsearchStore[] = []
  const start = async (
    prefix = `c${process.pid}x${number++}`,
  ): Promise<{ store: ElasticsearchStore; prefix: string }> => {
    const store = await openElasticsearchStore({
      nodes: [cluster().address],
      prefix,
      replicas: 0,
      bulk: { patienceMs: 15_000 },
    })
    open.push(store)
    return { store, prefix }
  }
  const ask = async (method: string, path: string, body?: JsonObject): Promise<Response> =>
    fetch(`${cluster().address}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    })
  const block = (prefix: string, on: boolean) =>
    ask('PUT', `/${prefix}-events.*/_settings`, { 'index.blocks.read_only_allow_delete': on ? true : null })
  afterEach(async () => {
    for (const store of open.splice(0)) await store.close()
  })

  test('a record around midnight is one, whoever brings it again and whenever', async () => {
    const { store } = await start()
    const sender = { key: 'doc-1' }
    const raw = new TextEncoder().encode('the same')
    const before = storedAt(1, midnight - 1, { sender, raw })
    const resent = storedAt(2, midnight + 1, { sender, raw })
    expect(await store.events.create([before])).toEqual([{ outcome: 'created' }])
    // Another consumer, another day, another index: the sender's name decides.
    expect(await store.events.create([resent])).toEqual([{ outcome: 'duplicate', of: before.id }])
    // A replay of both, after the clock has passed midnight: the arrival in the record leads to the same indices.
    expect(await store.events.create([before, resent])).toEqual([
      { outcome: 'existing', stored: before },
      { outcome: 'duplicate', of: before.id },
    ])
    await store.settle()
    expect(await store.events.count({ scope: all, query: { kind: 'all' } })).toBe(1)
  })

  test('a crash between a sender name and its event leaves one event, on the day of the first', async () => {
    const { store, prefix } = await start()
    const sender = { key: 'doc-2' }
    const raw = new TextEncoder().encode('the same')
    await store.events.create([storedAt(0, midnight - 10), storedAt(9, midnight + 10)])
    const first = storedAt(1, midnight - 1, { sender, raw })
    const resent = storedAt(2, midnight + 1, { sender, raw })
    await block(prefix, true)
    // The name is written, then the event is turned away: as if the process had died here.
    await expect(store.events.create([first])).rejects.toMatchObject({ code: 'STORE_FULL' })
    await block(prefix, false)
    expect(await store.events.create([resent])).toEqual([{ outcome: 'duplicate', of: first.id }])
    expect(await store.events.create([first])).toEqual([{ outcome: 'created' }])
    await store.settle()
    expect(await store.events.count({ scope: all, query: { kind: 'all' } })).toBe(3)
  })

  test('at the flood stage nothing is taken and nothing is lost, and it goes on when there is room', async () => {
    const { store, prefix } = await start()
    await store.events.create([storedAt(0, midnight)])
    await block(prefix, true)
    const more = Array.from({ length: 50 }, (_, at) => storedAt(at + 1, midnight))
    await expect(store.events.create(more)).rejects.toMatchObject({ code: 'STORE_FULL' })
    await block(prefix, false)
    const outcomes = await store.events.create(more)
    expect(new Set(outcomes.map(({ outcome }) => outcome))).toEqual(new Set(['created']))
    await store.settle()
    expect(await store.events.count({ scope: all, query: { kind: 'all' } })).toBe(51)
  })

  test('what no index can hold is refused in words, and the rest of the batch is stored', async () => {
    const { store } = await start()
    const wide: JsonObject = { ['k'.repeat(40_000)]: 'x' }
    const outcomes = await store.events.create([
      storedAt(1, midnight, { event: { '@timestamp': new Date(midnight).toISOString(), vendor: wide } }),
      storedAt(2, midnight),
    ])
    expect(outcomes).toEqual([
      { outcome: 'refused', reason: expect.stringMatching(/immense term|max length/i) },
      { outcome: 'created' },
    ])
  })

  test('texts longer than a term are found by equality, pattern and comparison, and listed whole', async () => {
    const { store } = await start()
    const long = `start ${'x'.repeat(20_000)} mimikatz end`
    const at = (offset: number, command: string) =>
      storedAt(offset, midnight, {
        event: {
          '@timestamp': new Date(midnight + offset).toISOString(),
          process: { command_line: command },
          vendor: { note: command },
        },
      })
    await store.events.create([at(1, long), at(2, 'short mimikatz'), at(3, `other ${'y'.repeat(20_000)}`)])
    await store.settle()
    for (const field of ['process.command_line', 'vendor.note']) {
      const offsets = async (query: Parameters<typeof store.events.count>[0]['query']) =>
        (await store.events.search({ scope: all, query }, { limit: 10, order: 'oldest' })).events.map(
          ({ home }) => home.offset,
        )
      expect(await offsets({ kind: 'field', field, value: { kind: 'phrase', text: long } })).toEqual([1])
      expect(await offsets({ kind: 'field', field, value: { kind: 'wildcard', pattern: '*mimikatz*' } })).toEqual([
        1, 2,
      ])
      expect(await offsets({ kind: 'field', field, value: { kind: 'wildcard', pattern: 'start *end' } })).toEqual([1])
      expect(await offsets({ kind: 'range', field, op: '>=', value: 'start' })).toEqual([1])
      expect(await offsets({ kind: 'exists', field })).toEqual([1, 2, 3])
      const page = await store.events.values({ scope: all, query: { kind: 'all' } }, { field, limit: 10 })
      expect(page.values.map(({ value }) => String(value).length).sort()).toEqual([14, 20_006, long.length].sort())
    }
  })

  test('days go when their class is over, every event of them named, but for what is kept', async () => {
    const kept = storedAt(6, midnight - 3 * day)
    const { store } = await start()
    await store.events.create([
      storedAt(1, midnight - 3 * day),
      storedAt(2, midnight - 3 * day, { retention: 'long' }),
      storedAt(3, midnight - 2 * day),
      storedAt(4, midnight),
      storedAt(5, midnight - 3 * day),
      kept,
      storedAt(7, midnight - 3 * day, { tenant: 'acme' }),
    ])
    const at = { before: midnight - 2 * day, closeBefore: midnight }
    const due = await store.expiry.due('default', at)
    const arrived = { from: midnight - 3 * day, to: midnight - 3 * day }
    expect(due).toMatchObject([{ retention: 'default', events: 4, arrived }])
    const [unit = ''] = due.map(({ name }) => name)
    const contents = await store.expiry.contents(unit)
    expect(contents.chains).toMatchObject([
      {
        partition: 0,
        runs: [
          { from: 1, to: 2 },
          { from: 5, to: 8 },
        ],
      },
    ])
    expect(contents.sources.map(({ tenant, events }) => ({ tenant, events }))).toEqual([
      { tenant: 'acme', events: 1 },
      { tenant: 'house', events: 3 },
    ])
    await store.expiry.expire(unit, [kept.id])
    expect(await store.expiry.due('default', at)).toMatchObject([{ name: unit, events: 1 }])
    expect(await store.events.get(kept.id, all)).toEqual(kept)
    await store.expiry.contents(unit)
    await store.events.create([storedAt(8, midnight - 3 * day)])
    await expect(store.expiry.expire(unit, [])).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE' })
    await store.expiry.contents(unit)
    await store.expiry.expire(unit, [])
    expect(await store.expiry.due('default', at)).toEqual([])
    await store.expiry.expire(unit, [])
    await store.settle()
    const left = await store.events.search({ scope: all, query: { kind: 'all' } }, { limit: 10, order: 'oldest' })
    expect(left.events.map(({ home }) => home.offset)).toEqual([2, 3, 4])
  })

  test('a snapshot brings events and documents back', { timeout: 120_000 }, async () => {
    const { store, prefix } = await start()
    await ask('PUT', `/_snapshot/${prefix}`, { type: 'fs', settings: { location: `${cluster().snapshots}/${prefix}` } })
    const event = storedAt(1, midnight)
    await store.events.create([event])
    await store.documents.create('state', 'x', { n: 1 })
    const taken = await store.snapshot(prefix, midnight)
    expect(taken.indices).toBeGreaterThanOrEqual(3)
    await store.close()
    await ask('DELETE', `/${prefix}-*`)
    await ask('POST', `/_snapshot/${prefix}/${taken.name}/_restore?wait_for_completion=true`, {
      indices: `${prefix}-*`,
    })
    const again = await start(prefix)
    expect(await again.store.events.get(event.id, all)).toEqual(event)
    expect((await again.store.documents.get('state', 'x'))?.doc).toEqual({ n: 1 })
    await expect(again.store.snapshot('no-such', midnight)).rejects.toMatchObject({ code: 'STORE_REQUEST' })
  })

  test('an index whose mapping is not ours is named', async () => {
    const { store, prefix } = await start()
    await ask('PUT', `/${prefix}-events.default.house.20261120`, { mappings: { _meta: { varde: 999 } } })
    await expect(store.events.create([storedAt(1, midnight)])).rejects.toMatchObject({
      code: 'STORE_REQUEST',
      message: expect.stringContaining('does not have the mapping'),
    })
  })

  test('a connection is explained step by step', async () => {
    const steps = async (nodes: string[]) => {
      const found = []
      for await (const { check, ok } of examineElasticsearch({ nodes, prefix: 'varde' }))
        found.push(`${ok ? '✓' : '✗'} ${check}`)
      return found
    }
    expect(await steps([cluster().address])).toEqual([
      '✓ elasticsearch port',
      '✓ elasticsearch',
      '✓ elasticsearch rights',
      '✓ elasticsearch health',
      '✓ elasticsearch room',
    ])
    expect(await steps(['http://127.0.0.1:9'])).toEqual(['✗ elasticsearch port'])
    expect(await steps(['http://no-such-host.invalid:9200'])).toEqual(['✗ elasticsearch name'])
    expect(await steps([cluster().address.replace('http:', 'https:')])).toEqual([
      '✓ elasticsearch port',
      '✗ elasticsearch',
    ])
    const other = createServer((_request, response) => response.end('{"version":{"number":"2.11.0"}}'))
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve))
    const address = other.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    expect(await steps([`http://127.0.0.1:${port}`])).toEqual(['✓ elasticsearch port', '✗ elasticsearch'])
    await new Promise((resolve) => other.close(resolve))
  })
}
