import { createSocket } from 'node:dgram'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import type { Bus } from '@varde/bus'
import { openEmbeddedBus } from '@varde/bus/embedded'
import { createLogger, VardeError } from '@varde/runtime'
import { afterEach, describe, expect, test } from 'vitest'
import { decodeEntry, type RawEntry, rawTopic } from '../raw-topic.ts'
import { type CollectorConfig, type Collectors, createCollectors } from './collectors.ts'

const log = createLogger({ level: 'silent' })
const fixtures = join(import.meta.dirname, 'fixtures')
const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const clean of cleanups.splice(0).reverse()) await clean()
})

async function house(config: Partial<CollectorConfig>, wrap: (bus: Bus) => Bus = (bus) => bus) {
  const folder = await mkdtemp(join(tmpdir(), 'varde-collect-'))
  cleanups.push(() => rm(folder, { recursive: true }))
  const bus = await openEmbeddedBus({ dir: folder })
  cleanups.push(() => bus.close())
  const collectors = createCollectors({
    bus: wrap(bus),
    log,
    config: { collector: 'c1', stream: 'main', partitions: 2, listeners: [], sources: [], tickMs: 60_000, ...config },
  })
  await collectors.start()
  cleanups.push(() => collectors.stop())
  return { bus, collectors }
}

/** All entries of the raw topic, partition by partition. */
async function entriesOf(bus: Bus): Promise<RawEntry[]> {
  const entries: RawEntry[] = []
  for (const partition of [0, 1]) {
    for await (const batch of bus.read(rawTopic('main'), { partition, from: 0, untilEnd: true }))
      entries.push(...batch.records.map(decodeEntry))
  }
  return entries
}

async function recordsOf(bus: Bus) {
  return (await entriesOf(bus)).flatMap((entry) => (entry.kind === 'record' ? [entry] : []))
}

async function until<T>(look: () => T | Promise<T>, want: (value: T) => boolean): Promise<T> {
  for (let tries = 0; ; tries += 1) {
    const value = await look()
    if (want(value) || tries > 2_500) return value
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

function portOf(collectors: Collectors, name: string): number {
  return collectors.address(name)?.port ?? 0
}

async function dial(port: number): Promise<Socket> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  await new Promise<void>((resolve) => socket.once('connect', resolve))
  cleanups.push(async () => socket.destroy())
  return socket
}

const closed = (socket: Socket) =>
  new Promise<void>((resolve) => (socket.closed ? resolve() : socket.once('close', () => resolve())))
const local = { host: '127.0.0.1', port: 0 }
const tcp = { name: 'tcp', kind: 'tcp', ...local } as const

describe('syslog over TCP', { timeout: 60_000 }, () => {
  test('records of two senders arrive in order, with what the collector knows', async () => {
    const { bus, collectors } = await house({
      listeners: [tcp],
      sources: [
        {
          match: { hostname: ['fw1'] },
          source: 'firewall',
          dataset: 'cisco_asa.log',
          timeZone: 'Europe/Copenhagen',
          latenessMs: 900_000,
        },
      ],
    })
    const before = Date.now()
    const one = await dial(portOf(collectors, 'tcp'))
    one.end('<34>Oct 11 22:14:15 fw1 %ASA-1: a\r\n31 <34>1 2026-01-01T00:00:00Z fw1 x<34>Oct 11 22:14:15 other y')
    const records = await until(
      () => recordsOf(bus),
      (found) => found.length === 3,
    )
    expect(
      records.map(({ raw, origin }) => [Buffer.from(raw).toString(), origin.source, origin.dataset, origin.latenessMs]),
    ).toEqual(
      expect.arrayContaining([
        ['<34>Oct 11 22:14:15 fw1 %ASA-1: a', 'firewall', 'cisco_asa.log', 900_000],
        ['<34>1 2026-01-01T00:00:00Z fw1 ', 'firewall', 'cisco_asa.log', 900_000],
        ['x<34>Oct 11 22:14:15 other y', 'tcp-127.0.0.1', undefined, 300_000],
      ]),
    )
    for (const { arrival, origin } of records) {
      expect(arrival).toBeGreaterThanOrEqual(before)
      expect(origin).toMatchObject({
        tenant: 'house',
        retention: 'standard',
        collector: 'c1',
        transport: 'tcp',
        peer: '127.0.0.1',
      })
    }
  })

  test('a line over the limit is cut, the rest skipped, the next whole', async () => {
    const { bus, collectors } = await house({ listeners: [tcp], limits: { recordBytesMax: 1_000 } })
    const socket = await dial(portOf(collectors, 'tcp'))
    socket.end(`${'x'.repeat(10_000_000)}\n<1>next\n`)
    const records = await until(
      () => recordsOf(bus),
      (found) => found.length === 2,
    )
    expect(records.map(({ raw, cutBytes }) => [raw.length, cutBytes])).toEqual([
      [1_000, 9_999_000],
      [7, undefined],
    ])
    expect(collectors.health().listeners[0]?.counters).toMatchObject({ cutRecords: 1, receivedRecords: 2 })
  })

  test('a sender that never ends its line is closed, its bytes kept; an idle one too', async () => {
    const { bus, collectors } = await house({ listeners: [tcp], limits: { stallMs: 150, idleMs: 500 } })
    const [slow, idle] = [await dial(portOf(collectors, 'tcp')), await dial(portOf(collectors, 'tcp'))]
    const loris = setInterval(() => slow.write('x'), 20)
    await closed(slow)
    clearInterval(loris)
    await closed(idle)
    expect(collectors.health().listeners[0]?.counters).toMatchObject({ stalled: 1, idle: 1 })
    expect(
      await until(
        () => recordsOf(bus),
        (found) => found.length === 1,
      ),
    ).toMatchObject([{ kind: 'record' }])
  })

  test('connections beyond the limit are turned away, and taken again when one ends', async () => {
    const { bus, collectors } = await house({ listeners: [tcp], limits: { connectionsMax: 2 } })
    const port = portOf(collectors, 'tcp')
    const [first, _second] = [await dial(port), await dial(port)]
    const third = connect(port, '127.0.0.1')
    third.on('error', () => undefined)
    await closed(third)
    expect(collectors.health().listeners[0]?.counters).toMatchObject({ connectionsRefused: 1 })
    first.destroy()
    await until(
      () => collectors.health().listeners[0]?.counters.connections,
      (open) => open === 1,
    )
    const fourth = await dial(port)
    fourth.end('<1>late\n')
    expect(
      await until(
        () => recordsOf(bus),
        (found) => found.length === 1,
      ),
    ).toHaveLength(1)
  })

  test('while the disk is full senders are held back, and nothing of theirs is lost', async () => {
    let full = true
    const { bus, collectors } = await house(
      { listeners: [tcp], tickMs: 20, limits: { queueRecordsMax: 100, retryMs: 20 } },
      (real) => ({
        ...real,
        append: (topic, partition, records) =>
          full ? Promise.reject(new VardeError('BUS_FULL', 'no space left')) : real.append(topic, partition, records),
      }),
    )
    const socket = await dial(portOf(collectors, 'tcp'))
    const lines = Array.from({ length: 4_000 }, (_, n) => `<1>${n} ${'x'.repeat(200)}\n`)
    socket.end(lines.join(''))
    const health = await until(collectors.health, ({ state }) => state === 'full')
    expect(health).toMatchObject({ state: 'full', detail: 'no space left' })
    // What was read before the disk was known to be full: the queue and a piece of the socket, not all of it.
    expect(health.queuedRecords).toBeLessThan(1_000)
    expect(
      await collectors.acceptNdjson(
        (async function* () {
          yield Buffer.from('{}\n')
        })(),
        { key: { source: 'a', tenant: 'b' } },
      ),
    ).toMatchObject({ status: expect.toSatisfy((status) => status === 503 || status === 429) })
    full = false
    const records = await until(
      () => recordsOf(bus),
      (found) => found.length === lines.length,
    )
    expect(records.map(({ raw }) => Number(Buffer.from(raw).toString().slice(3).split(' ')[0]))).toEqual(
      lines.map((_, n) => n),
    )
    expect(collectors.health()).toMatchObject({ state: 'ok', lostRecords: 0 })
  })
})

describe('syslog over TLS', { timeout: 60_000 }, () => {
  const tls = {
    name: 'tls',
    kind: 'tls',
    ...local,
    certificateFile: join(fixtures, 'localhost.crt'),
    keyFile: join(fixtures, 'localhost.key'),
  } as const
  test('a client certificate names the source', async () => {
    const { bus, collectors } = await house({ listeners: [{ ...tls, clientCaFile: join(fixtures, 'ca.crt') }] })
    const [ca, cert, key] = await Promise.all(
      ['ca.crt', 'db.example.crt', 'db.example.key'].map((file) => readFile(join(fixtures, file))),
    )
    const known = connectTls({ port: portOf(collectors, 'tls'), host: '127.0.0.1', ca, cert, key })
    known.end('<1>known\n')
    const unknown = connectTls({ port: portOf(collectors, 'tls'), host: '127.0.0.1', ca })
    unknown.end('<1>unknown\n')
    const records = await until(
      () => recordsOf(bus),
      (found) => found.length === 2,
    )
    expect(Object.fromEntries(records.map(({ raw, origin }) => [Buffer.from(raw).toString(), origin.source]))).toEqual({
      '<1>known': 'tls-db.example',
      '<1>unknown': 'tls-127.0.0.1',
    })
  })

  test('a sender without TLS, or without the certificate that is asked for, gets nothing in', async () => {
    const { bus, collectors } = await house({
      listeners: [{ ...tls, clientCaFile: join(fixtures, 'ca.crt'), requireClientCertificate: true }],
    })
    const plain = await dial(portOf(collectors, 'tls'))
    plain.end('<1>plain\n')
    await closed(plain)
    const ca = await readFile(join(fixtures, 'ca.crt'))
    const bare = connectTls({ port: portOf(collectors, 'tls'), host: '127.0.0.1', ca })
    bare.on('error', () => undefined)
    bare.end('<1>bare\n')
    await closed(bare)
    await until(
      () => collectors.health().listeners[0]?.counters.tlsFailures,
      (failures) => failures === 2,
    )
    expect(collectors.health().listeners[0]?.counters).toMatchObject({ tlsFailures: 2, receivedRecords: 0 })
    expect(await recordsOf(bus)).toEqual([])
  })

  test.each([
    { name: 'no certificate', config: { name: 'x', kind: 'tls', ...local } as const, hint: 'PEM' },
    { name: 'a file that is missing', config: { ...tls, certificateFile: '/nowhere' }, hint: 'path' },
    {
      name: 'a key of another certificate',
      config: { ...tls, keyFile: join(fixtures, 'db.example.key') },
      hint: 'belong together',
    },
  ])('$name stops the start with a hint', async ({ config, hint }) => {
    await expect(house({ listeners: [config] })).rejects.toMatchObject({
      code: 'INGEST_LISTEN',
      hint: expect.stringContaining(hint),
    })
  })
})

describe('syslog over UDP', { timeout: 60_000 }, () => {
  test('a datagram is a record; an empty one is counted', async () => {
    const { bus, collectors } = await house({ listeners: [{ name: 'udp', kind: 'udp', ...local }] })
    const socket = createSocket('udp4')
    cleanups.push(async () => socket.close())
    const send = (text: string) =>
      new Promise((resolve) => socket.send(text, portOf(collectors, 'udp'), '127.0.0.1', resolve))
    for (const text of ['<1>one\n', '', '\r\n', '<1>two\0']) await send(text)
    const records = await until(
      () => recordsOf(bus),
      (found) => found.length === 2,
    )
    expect(records.map(({ raw, origin }) => [Buffer.from(raw).toString(), origin.source])).toEqual([
      ['<1>one', 'udp-127.0.0.1'],
      ['<1>two', 'udp-127.0.0.1'],
    ])
    expect(collectors.health().listeners[0]?.counters).toMatchObject({ receivedRecords: 2, empty: 2 })
  })

  test('a port that is taken stops the start, and nothing listens', async () => {
    const { collectors } = await house({ listeners: [tcp] })
    const port = portOf(collectors, 'tcp')
    await expect(
      house({
        listeners: [
          { name: 'udp', kind: 'udp', ...local },
          { ...tcp, port },
        ],
      }),
    ).rejects.toMatchObject({ code: 'INGEST_LISTEN' })
  })
})

describe('heartbeat', { timeout: 60_000 }, () => {
  test('ticks reach every partition; the last says leave; arrivals never go back', async () => {
    const { bus, collectors } = await house({ tickMs: 20, partitions: 2 })
    await until(
      () => entriesOf(bus),
      (found) => found.length > 4,
    )
    await collectors.stop()
    for (const partition of [0, 1]) {
      const entries = (await entriesOf(bus)).filter((entry) => entry.kind === 'tick')
      expect(entries.length).toBeGreaterThan(4)
      expect(entries.at(partition === 1 ? -1 : entries.length / 2 - 1)).toMatchObject({
        tick: { collector: 'c1', state: 'leave' },
      })
    }
  })

  test('a second stop is the first; records after it are refused', async () => {
    const { collectors } = await house({})
    await Promise.all([collectors.stop(), collectors.stop()])
    const body = async function* () {
      yield Buffer.from('{}\n')
    }
    expect(await collectors.acceptNdjson(body(), { key: { source: 'a', tenant: 'b' } })).toMatchObject({ status: 503 })
  })
})
