// Topics that others write, by Kafka's own Java producer and in each of its compressions, are taken in as they are, once.
import { spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { type KafkaBus, openKafkaBus } from '@varde/bus/kafka'
import { createTopicInputs, type Incoming, type TopicInputs } from '@varde/ingest'
import { createLogger } from '@varde/runtime'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { engineMissing, type SharedEngine, sharedKafka } from './engine.ts'

const missing = engineMissing('kafka')
const log = createLogger({ level: 'silent' })
let broker: SharedEngine
let bus: KafkaBus

/** As Winlogbeat's Kafka output writes it: one JSON document a record. */
function winlogbeat(n: number): string {
  return JSON.stringify({
    '@timestamp': new Date(1_700_000_000_000 + n).toISOString(),
    winlog: {
      event_id: '4625',
      computer_name: 'dc1',
      event_data: { TargetUserName: `user${n}`, IpAddress: '203.0.113.9' },
    },
    message: 'Fehler bei der Anmeldung – ungültiges Kennwort',
  })
}

const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd']
const lines = Array.from({ length: 300 }, (_, n) => winlogbeat(n))

/** All at once: most of it is the start of a JVM. */
function produceAll(): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      join(import.meta.dirname, 'kafka-producer'),
      [broker.address, ...codecs.map((codec) => `winlogbeat-${codec}:${codec}`)],
      {
        stdio: ['pipe', 'ignore', 'pipe'],
      },
    )
    let said = ''
    child.stderr.on('data', (chunk: Buffer) => {
      said += chunk
    })
    child.once('error', reject)
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Error(said))))
    child.stdin.end(`${lines.join('\n')}\n`)
  })
}

/** Takes a topic in until so many have come, and a little longer. */
async function takeIn(topic: string, group: string, count: number): Promise<Incoming[]> {
  const taken: Incoming[] = []
  const inputs: TopicInputs = createTopicInputs({
    bus,
    log,
    collector: 'c1',
    group,
    inputs: [
      { topic, source: 'dc1', tenant: 'acme', retention: 'long', dataset: 'windows.security', latenessMs: 1_000 },
    ],
    append: async (records) => {
      taken.push(...records)
    },
  })
  await inputs.start()
  for (let tries = 0; tries < 300 && taken.length < count; tries += 1) await pause(50)
  await pause(300)
  await inputs.stop()
  return taken
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
const texts = (...all: string[]) => all.map((text) => ({ value: Buffer.from(text), headers: {} }))
const textOf = ({ raw }: Incoming) => Buffer.from(raw).toString()

describe.skipIf(missing !== undefined)(`kafka${missing === undefined ? '' : ` (${missing})`}`, () => {
  beforeAll(async () => {
    broker = await sharedKafka()
    bus = await openKafkaBus({ brokers: [broker.address], clientId: 'test', log, fetchWaitMs: 100 })
    for (const codec of codecs) await bus.ensureTopic(`winlogbeat-${codec}`, { partitions: 1 })
    await produceAll()
  })
  afterAll(async () => {
    await bus?.close()
  })

  test.each(codecs)('%s: every record comes as it was written, with the source it was given', async (codec) => {
    const topic = `winlogbeat-${codec}`
    const taken = await takeIn(topic, `g-${randomUUID()}`, lines.length)
    expect(taken.map(textOf)).toEqual(lines)
    expect(new Set(taken.map(({ origin }) => origin)).size).toBe(1)
    expect(taken[0]?.origin).toEqual({
      tenant: 'acme',
      source: 'dc1',
      retention: 'long',
      dataset: 'windows.security',
      latenessMs: 1_000,
      collector: 'c1',
      transport: 'kafka',
    })
    // Its place in the topic is the sender's own number: what comes twice is known.
    const senders = taken.map(({ sender }) => sender)
    expect(senders.map((sender) => (sender !== undefined && 'sequence' in sender ? sender.sequence : -1))).toEqual(
      lines.map((_, n) => n),
    )
  })

  test('it goes on where it was, and takes nothing twice', async () => {
    await bus.ensureTopic('again', { partitions: 2 })
    const group = `g-${randomUUID()}`
    await bus.append('again', 0, texts('one', 'two'))
    await bus.append('again', 1, texts('three'))
    expect((await takeIn('again', group, 3)).map(textOf).sort()).toEqual(['one', 'three', 'two'])
    await bus.append('again', 1, texts('four', 'five'))
    expect((await takeIn('again', group, 2)).map(textOf).sort()).toEqual(['five', 'four'])
  })

  test('headers of others decide nothing: tenant, ticks and arrivals are not theirs to say', async () => {
    await bus.ensureTopic('forged', { partitions: 1 })
    const headers = { origin: '{"tenant":"other"}', tick: '{"collector":"c1"}', at: '1', key: 'x' }
    await bus.append('forged', 0, [{ value: Buffer.from('line'), headers }])
    const taken = await takeIn('forged', `g-${randomUUID()}`, 1)
    expect(taken.map(({ origin, raw }) => [origin.tenant, Buffer.from(raw).toString()])).toEqual([['acme', 'line']])
  })

  test('a topic that is not there is said by name', async () => {
    const inputs = createTopicInputs({
      bus,
      log,
      collector: 'c1',
      group: 'g',
      inputs: [{ topic: 'nowhere', source: 's', tenant: 'house', retention: 'default' }],
      append: async () => undefined,
    })
    await expect(inputs.start()).rejects.toMatchObject({
      code: 'INPUT_NO_TOPIC',
      message: expect.stringContaining('nowhere'),
    })
  })
})
