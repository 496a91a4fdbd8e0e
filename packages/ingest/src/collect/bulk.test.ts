import { gzipSync } from 'node:zlib'
import { VardeError } from '@varde/runtime'
import { describe, expect, test } from 'vitest'
import type { Incoming } from '../raw-topic.ts'
import type { Appender } from './appender.ts'
import { acceptBulk, createRecentKeys, parseBulk } from './bulk.ts'
import { shipperHandshake, shipperRoutes } from './handshake.ts'
import { emptyHttpCounters, type HttpContext, type HttpDeps } from './http.ts'
import { acceptNdjson } from './ndjson.ts'
import { createSources } from './sources.ts'

/** An appender that keeps what it is given, or refuses: what the bus does is tested where a bus is. */
function keeper(refusal?: VardeError) {
  const records: Incoming[] = []
  const appender: Appender = {
    append: async (more) => {
      if (refusal !== undefined) throw refusal
      records.push(...more)
    },
    offer: (record) => records.push(record),
    paused: () => false,
    onResume: () => undefined,
    tick: () => undefined,
    health: () => ({
      state: 'ok',
      queuedRecords: 0,
      queuedBytes: 0,
      appendedRecords: 0,
      appendedBytes: 0,
      lostRecords: 0,
    }),
    close: async () => undefined,
  }
  const deps: HttpDeps = {
    appender,
    sources: createSources({ collector: 'c1', rules: [] }),
    counters: emptyHttpCounters(),
    recordBytesMax: 100,
    bodyLimits: { bodyBytesMax: 1_000_000, inflateRatioMax: 200 },
  }
  return { records, deps: { ...deps, recentKeys: createRecentKeys() } }
}

async function* body(...parts: (string | Buffer)[]) {
  for (const part of parts) yield Buffer.from(part)
}

const context: HttpContext = { key: { source: 'dc1', tenant: 'acme' }, peer: '192.0.2.1' }

describe('_bulk', () => {
  test('create and index are taken, each with its item', async () => {
    const { records, deps } = keeper()
    const reply = await acceptBulk(
      body('{"create":{"_index":"logs-system.security-default","_id":"a"}}\n{"n":1}\n', '{"index":{}}\r\n{"n":2}\r\n'),
      { ...context, index: 'winlogbeat' },
      deps,
    )
    expect(reply).toMatchObject({ status: 200, headers: { 'x-elastic-product': 'Elasticsearch' } })
    expect(JSON.parse(reply.body)).toMatchObject({
      errors: false,
      items: [
        {
          create: {
            _index: 'logs-system.security-default',
            _id: 'a',
            status: 201,
            result: 'created',
            _version: 1,
            _shards: { failed: 0 },
          },
        },
        { index: { _index: 'winlogbeat', _id: expect.any(String), status: 201 } },
      ],
    })
    expect(
      records.map(({ raw, sender, origin }) => [
        raw.toString(),
        sender,
        origin.tenant,
        origin.source,
        origin.dataset,
        origin.transport,
      ]),
    ).toEqual([
      ['{"n":1}', { key: 'a' }, 'acme', 'dc1', 'system.security', 'bulk'],
      ['{"n":2}', undefined, 'acme', 'dc1', undefined, 'bulk'],
    ])
  })

  test('a resend is answered as Elasticsearch does, and written once', async () => {
    const { records, deps } = keeper()
    const create = '{"create":{"_id":"a"}}\n{"n":1}\n'
    const send = async (text: string) => JSON.parse((await acceptBulk(body(text), context, deps)).body)
    expect(await send(create)).toMatchObject({ errors: false, items: [{ create: { status: 201 } }] })
    expect(await send(create)).toMatchObject({
      errors: true,
      items: [{ create: { status: 409, error: { type: 'version_conflict_engine_exception' } } }],
    })
    expect(await send('{"index":{"_id":"a"}}\n{"n":1}\n')).toMatchObject({
      errors: false,
      items: [{ index: { status: 200 } }],
    })
    expect(await send('{"create":{"_id":"a"}}\n{"n":2}\n')).toMatchObject({ items: [{ create: { status: 201 } }] })
    expect(records.map((record) => record.raw.toString())).toEqual(['{"n":1}', '{"n":2}'])
    expect(deps.counters.duplicates).toBe(2)
  })

  test('what was not written is no duplicate afterwards', async () => {
    const full = keeper(new VardeError('BUS_FULL', 'disk full'))
    const text = '{"create":{"_id":"a"}}\n{"n":1}\n'
    expect(await acceptBulk(body(text), context, full.deps)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
    })
    const { deps } = keeper()
    const reply = await acceptBulk(body(text), context, { ...deps, recentKeys: full.deps.recentKeys })
    expect(JSON.parse(reply.body)).toMatchObject({ items: [{ create: { status: 201 } }] })
  })

  test('update and delete change nothing, and say so', async () => {
    const { records, deps } = keeper()
    const reply = await acceptBulk(
      body('{"delete":{"_id":"a"}}\n{"update":{"_id":"a"}}\n{"doc":{}}\n{"index":{}}\n{}\n'),
      context,
      deps,
    )
    expect(JSON.parse(reply.body)).toMatchObject({
      errors: true,
      items: [{ delete: { status: 400 } }, { update: { status: 400 } }, { index: { status: 201 } }],
    })
    expect(records).toHaveLength(1)
  })

  test.each([
    { name: 'no action', text: '{"n":1}\n{"n":2}\n', reason: 'line [1]' },
    { name: 'no JSON', text: '{"index":{}}\n{}\nhello\n', reason: 'line [3]' },
    { name: 'no document', text: '{"index":{}}\n', reason: 'missing' },
    { name: 'nothing', text: '\n', reason: 'no requests' },
  ])('$name refuses the whole body', async ({ text, reason }) => {
    const { records, deps } = keeper()
    const reply = await acceptBulk(body(text), context, deps)
    expect(reply.status).toBe(400)
    expect(JSON.parse(reply.body).error.reason).toContain(reason)
    expect(records).toEqual([])
  })

  test('gzip, and a document longer than a record may be', async () => {
    const { records, deps } = keeper()
    const long = `{"x":"${'y'.repeat(200)}"}`
    const reply = await acceptBulk(
      body(gzipSync(`{"index":{}}\n${long}\n`)),
      { ...context, contentEncoding: 'gzip' },
      deps,
    )
    expect(reply.status).toBe(200)
    expect(records).toMatchObject([{ cutBytes: long.length - 100 }])
    expect(records[0]?.raw).toHaveLength(100)
  })

  test('too much at once is 429', async () => {
    const { deps } = keeper(new VardeError('INGEST_BUSY', 'busy'))
    expect(await acceptBulk(body('{"index":{}}\n{}\n'), context, deps)).toMatchObject({
      status: 429,
      headers: { 'retry-after': '1' },
    })
  })

  test('a document may be any bytes but a newline', () => {
    const parsed = parseBulk(Buffer.from('{"index":{}}\nnot json \xff\n', 'latin1'), undefined)
    expect(parsed.ok && parsed.items[0]?.raw?.toString('latin1')).toBe('not json \xff')
  })
})

describe('NDJSON', () => {
  test('a record a line; a request with a name of its own gives each line one', async () => {
    const { records, deps } = keeper()
    const reply = await acceptNdjson(
      body('{"n":1}\n\n{"n"', ':2}'),
      { ...context, idempotencyKey: 'batch-7', dataset: 'x.y' },
      deps,
    )
    expect(JSON.parse(reply.body)).toEqual({ accepted: 2, empty: 1 })
    expect(records.map(({ raw, sender, origin }) => [raw.toString(), sender, origin.dataset])).toEqual([
      ['{"n":1}', { key: 'batch-7/1' }, 'x.y'],
      ['{"n":2}', { key: 'batch-7/3' }, 'x.y'],
    ])
  })

  test('a full disk is 503 with a time to come again', async () => {
    const { deps } = keeper(new VardeError('BUS_FULL', 'disk full'))
    expect(await acceptNdjson(body('{}\n'), context, deps)).toMatchObject({
      status: 503,
      headers: { 'retry-after': '5' },
    })
  })
})

describe('what shippers ask first', () => {
  test.each(shipperRoutes.map((route) => route.split(' ')))('%s %s has an answer', (method, path) => {
    const reply = shipperHandshake((path ?? '').replaceAll(/:\w+/g, 'filebeat-9.0'), method)
    expect(reply).toMatchObject({ status: 200, headers: { 'x-elastic-product': 'Elasticsearch' } })
  })

  test('the version is one that shippers accept', () => {
    expect(JSON.parse(shipperHandshake('/')?.body ?? '')).toMatchObject({
      version: { number: expect.stringMatching(/^9\./), build_flavor: 'default' },
      tagline: 'You Know, for Search',
    })
  })

  test('HEAD has no body; anything else is not answered', () => {
    expect(shipperHandshake('/', 'HEAD')?.body).toBe('')
    expect(shipperHandshake('/_search')).toBeUndefined()
    expect(shipperHandshake('/_license', 'DELETE')).toBeUndefined()
  })
})
