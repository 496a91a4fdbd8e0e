// Splunk's and OpenTelemetry's doors over a real bus: what is kept, whole or not at all, and what the sender is told.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import { type EmbeddedBus, openEmbeddedBus } from '@varde/bus/embedded'
import { createLogger } from '@varde/runtime'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { decodeEntry, rawTopic } from '../raw-topic.ts'
import { type Collectors, createCollectors } from './collectors.ts'
import type { HttpContext } from './http.ts'
import { splitObjects } from './json-objects.ts'

let folder: string
let bus: EmbeddedBus
let collectors: Collectors
let from = 0
const context: HttpContext = { key: { source: 'web', tenant: 'acme' }, contentType: 'application/json' }

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'varde-hec-'))
  bus = await openEmbeddedBus({ dir: folder })
  const limits = { recordBytesMax: 2_000, bodyBytesMax: 200_000 }
  const config = { collector: 'c1', stream: 'main', partitions: 1, listeners: [], sources: [], tickMs: 600_000, limits }
  collectors = createCollectors({ bus, log: createLogger({ level: 'silent' }), config })
  await collectors.start()
})
afterAll(async () => {
  await collectors.stop()
  await bus.close()
  await rm(folder, { recursive: true })
})
beforeEach(async () => {
  from = (await bus.partition(rawTopic('main'), 0)).end
})

async function* body(...parts: (string | Buffer)[]) {
  for (const part of parts) yield Buffer.from(part)
}

async function kept(): Promise<string[]> {
  const found: string[] = []
  for await (const batch of bus.read(rawTopic('main'), { partition: 0, from, untilEnd: true }))
    for (const entry of batch.records.map(decodeEntry))
      if (entry.kind === 'record') found.push(Buffer.from(entry.raw).toString())
  return found
}

const envelopes = ['{"time":1795565000.5,"event":"a } \\" {"}', '{"event":{"n":[{}]},"host":"web1"}']

test.each([
  { name: 'one behind the other', parts: [envelopes.join('')] },
  {
    name: 'a line each, in pieces',
    parts: [envelopes[0]?.slice(0, 9) ?? '', envelopes[0]?.slice(9) ?? '', '\r\n', envelopes[1] ?? '', '\n'],
  },
])('HEC events $name are kept as they came', async ({ parts }) => {
  const reply = await collectors.acceptHecEvents(body(...parts), context)
  expect([reply.status, JSON.parse(reply.body)]).toEqual([200, { text: 'Success', code: 0 }])
  expect(await kept()).toEqual(envelopes)
})

test('compressed, and raw lines', async () => {
  const gzip = { ...context, contentEncoding: 'gzip' }
  expect(await collectors.acceptHecEvents(body(gzipSync(envelopes.join(' '))), gzip)).toMatchObject({ status: 200 })
  expect(await collectors.acceptHecRaw(body('one\n\ntwo\r\n'), context)).toMatchObject({ status: 200 })
  expect(await kept()).toEqual([...envelopes, 'one', 'two'])
})

test.each([
  { name: 'nothing', text: ' \n', status: 400, code: 5 },
  { name: 'no JSON', text: `${envelopes[0]} nonsense`, status: 400, code: 6, number: 1 },
  { name: 'a cut-off object', text: '{"event":"a"', status: 400, code: 6, number: 0 },
  { name: 'braces that hold no JSON', text: '{"event":"a"}{event}', status: 400, code: 6, number: 1 },
  { name: 'no event', text: '{"host":"a"}', status: 400, code: 12, number: 0 },
  { name: 'a blank event', text: '{"event":""}', status: 400, code: 13, number: 0 },
  { name: 'a body over the limit', text: 'x'.repeat(200_001), status: 413, code: 6 },
])('HEC refuses $name, and keeps nothing of it', async ({ text, status, code, number }) => {
  const before = collectors.health().http.refusedRequests
  const reply = await collectors.acceptHecEvents(body(text), context)
  expect(reply.status).toBe(status)
  expect(JSON.parse(reply.body)).toMatchObject({
    code,
    ...(number === undefined ? {} : { 'invalid-event-number': number }),
  })
  expect(collectors.health().http.refusedRequests).toBe(before + 1)
  expect(await kept()).toEqual([])
})

const exported = (logRecords: unknown[]) =>
  JSON.stringify({
    resourceLogs: [
      {
        resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
        scopeLogs: [{ scope: { name: 's' }, logRecords }],
      },
    ],
  })

test('OTLP log records become a record each, with their resource; one that is too long becomes a dead letter', async () => {
  const logRecords = [{ body: { stringValue: 'a' } }, { body: { stringValue: 'b'.repeat(3_000) } }]
  const reply = await collectors.acceptOtlp(body(exported(logRecords)), context)
  expect([reply.status, reply.body]).toEqual([200, '{"partialSuccess":{}}'])
  const [first = '', second = ''] = await kept()
  expect(JSON.parse(first)).toEqual({
    resource: { attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }] },
    scope: { name: 's' },
    logRecord: { body: { stringValue: 'a' } },
  })
  expect(second).toHaveLength(2_000)
})

test.each([
  { name: 'protobuf', type: 'application/x-protobuf', text: '\n\u0001', status: 415 },
  { name: 'no JSON', type: 'application/json', text: '{', status: 400 },
  { name: 'another shape', type: 'application/json', text: '{"resourceLogs":{}}', status: 400 },
  { name: 'a list of texts', type: 'application/json', text: '{"resourceLogs":["a"]}', status: 400 },
])('OTLP refuses $name, and keeps nothing of it', async ({ type, text, status }) => {
  const reply = await collectors.acceptOtlp(body(text), { ...context, contentType: type })
  expect([reply.status, Object.keys(JSON.parse(reply.body))]).toEqual([status, ['code', 'message']])
  expect(await kept()).toEqual([])
})

test('objects are split in one pass, however many braces their texts hold', () => {
  const objects = Array.from({ length: 2_000 }, (_, n) =>
    JSON.stringify({ event: `{"\\${'{'.repeat(n % 7)}`, n: { n } }),
  )
  const split = splitObjects(Buffer.from(objects.join('')))
  expect(split.ok ? split.objects.map(String) : split).toEqual(objects)
})
