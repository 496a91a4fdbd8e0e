// The Kafka bus beside a bare kafkajs producer and consumer, on the same broker, taking turns in one run; and what each costs while nothing comes.
import { openKafkaBus } from '@varde/bus/kafka'
import { encodeRecord, type Origin } from '@varde/ingest'
import { createLogger } from '@varde/runtime'
import { CompressionTypes, Kafka, logLevel } from 'kafkajs'
import { startKafka } from '../engines/engine.ts'

const partitions = 3
const batchRecords = 500
const valueBytes = 800
const rounds = 3
const idleMs = 3_000

export interface KafkaRate {
  work: string
  recordsPerSecond: number
  /** Records per second of processor time of this process: what the machine's other work does not change. */
  recordsPerCpuSecond: number
  ofBare: number
}

interface Turn {
  records: number
  ms: number
  cpuMs: number
}

interface Turns {
  bare: Turn[]
  ours: Turn[]
  zstd: Turn[]
}

const noTurns = (): Turns => ({ bare: [], ours: [], zstd: [] })

const origin: Origin = { tenant: 'house', source: 'bench', retention: 'standard', collector: 'c', transport: 'tcp' }

/** Lines as logs are: mostly the same words, some of their own. */
function lineOf(n: number): Buffer {
  const head = `<38>1 2026-11-24T03:00:00.${String(n % 1000).padStart(3, '0')}Z host${n % 50} sshd ${n} - - Failed password for invalid user u${n} from 203.0.113.${n % 250} port ${n % 60_000} `
  return Buffer.from(head.padEnd(valueBytes, 'ssh2 preauth disconnected by authenticating user '))
}

async function timed(records: number, run: () => Promise<unknown>): Promise<Turn> {
  const cpu = process.cpuUsage()
  const started = performance.now()
  await run()
  const { user, system } = process.cpuUsage(cpu)
  return { records, ms: performance.now() - started, cpuMs: (user + system) / 1_000 }
}

function median(turns: Turn[], value: (turn: Turn) => number): number {
  const sorted = turns.map(value).sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? 0
}

export async function benchKafka({ records }: { records: number }): Promise<KafkaRate[]> {
  const broker = await startKafka({ steady: true })
  const address = broker.address
  const bare = new Kafka({ brokers: [address], clientId: 'bare', logLevel: logLevel.NOTHING })
  const bus = await openKafkaBus({
    brokers: [address],
    clientId: 'bench',
    compression: 'none',
    log: createLogger({ level: 'silent' }),
  })
  const zstd = await openKafkaBus({
    brokers: [address],
    clientId: 'bench-zstd',
    log: createLogger({ level: 'silent' }),
  })
  const admin = bare.admin()
  try {
    await admin.connect()
    await admin.createTopics({ topics: [{ topic: 'bare', numPartitions: partitions }] })
    await bus.ensureTopic('ours', { partitions })
    await bus.ensureTopic('zstd', { partitions })
    const each = Math.ceil(records / partitions / batchRecords / rounds)
    const produced = noTurns()
    const perRound = each * partitions * batchRecords
    for (let round = 0; round < rounds; round += 1) {
      produced.bare.push(await timed(perRound, () => produceBare(bare, each)))
      produced.ours.push(await timed(perRound, () => produceOurs(bus, 'ours', each)))
      produced.zstd.push(await timed(perRound, () => produceOurs(zstd, 'zstd', each)))
    }
    const all = perRound * rounds
    const consumed = noTurns()
    for (let round = 0; round < rounds; round += 1) {
      // The same bytes for both: what our producer wrote.
      consumed.bare.push(await timedBare(bare, `g${round}`, all))
      consumed.ours.push(await timed(all, () => consumeOurs(bus, 'ours')))
      consumed.zstd.push(await timed(all, () => consumeOurs(bus, 'zstd')))
    }
    return [
      ...rates('produce, acks=all, idempotent', produced),
      ...rates('consume', consumed),
      ...(await idle(bare, bus)),
    ]
  } finally {
    await admin.disconnect()
    await bus.close()
    await zstd.close()
    await broker.stop()
  }
}

function rates(work: string, turns: Turns): KafkaRate[] {
  const perSecond = (all: Turn[]) => median(all, ({ records, ms }) => (records / ms) * 1_000)
  const bareRate = perSecond(turns.bare)
  return [['bare kafkajs', turns.bare] as const, ['bus', turns.ours] as const, ['bus, zstd', turns.zstd] as const].map(
    ([who, all]) => ({
      work: `${work}: ${who}`,
      recordsPerSecond: Math.round(perSecond(all)),
      recordsPerCpuSecond: Math.round(median(all, ({ records, cpuMs }) => (records / cpuMs) * 1_000)),
      ofBare: Math.round((perSecond(all) / bareRate) * 100) / 100,
    }),
  )
}

async function produceBare(kafka: Kafka, each: number): Promise<void> {
  const producer = kafka.producer({
    idempotent: true,
    createPartitioner:
      () =>
      ({ message }) =>
        message.partition ?? 0,
  })
  await producer.connect()
  let n = 0
  for (let batch = 0; batch < each; batch += 1) {
    const messages = Array.from({ length: partitions * batchRecords }, (_, index) => {
      n += 1
      const { value, headers } = encodeRecord({ origin, raw: lineOf(n) }, n)
      return { partition: index % partitions, value: Buffer.from(value), headers }
    })
    await producer.send({ topic: 'bare', acks: -1, compression: CompressionTypes.None, messages })
  }
  await producer.disconnect()
}

async function produceOurs(bus: Awaited<ReturnType<typeof openKafkaBus>>, topic: string, each: number): Promise<void> {
  let n = 0
  for (let batch = 0; batch < each; batch += 1) {
    await Promise.all(
      Array.from({ length: partitions }, (_, partition) => {
        const records = Array.from({ length: batchRecords }, () => {
          n += 1
          return encodeRecord({ origin, raw: lineOf(n) }, n)
        })
        return bus.append(topic, partition, records)
      }),
    )
  }
}

/** From when it has joined its group: that is not what is compared. */
async function timedBare(kafka: Kafka, groupId: string, records: number): Promise<Turn> {
  const consumer = kafka.consumer({ groupId, maxBytesPerPartition: 1024 * 1024 })
  await consumer.connect()
  await consumer.subscribe({ topic: 'ours', fromBeginning: true })
  const joined = new Promise<void>((resolve) => consumer.on(consumer.events.GROUP_JOIN, () => resolve()))
  let seen = 0
  let over: () => void = () => undefined
  const done = new Promise<void>((resolve) => {
    over = resolve
  })
  await consumer.run({
    autoCommit: false,
    eachBatch: async ({ batch }) => {
      seen += batch.messages.length
      if (seen >= records) over()
    },
  })
  const turn = await timed(records, async () => {
    await joined
    await done
  })
  await consumer.disconnect()
  return turn
}

async function consumeOurs(bus: Awaited<ReturnType<typeof openKafkaBus>>, topic: string): Promise<void> {
  await Promise.all(
    Array.from({ length: partitions }, async (_, partition) => {
      for await (const { records } of bus.read(topic, { partition, from: 0, untilEnd: true })) void records.length
    }),
  )
}

/** Processor time of a second in which nothing comes. */
async function idle(kafka: Kafka, bus: Awaited<ReturnType<typeof openKafkaBus>>): Promise<KafkaRate[]> {
  const stop = new AbortController()
  const { end } = await bus.partition('ours', 0)
  const reading = (async () => {
    for await (const _ of bus.read('ours', { partition: 0, from: end, signal: stop.signal })) void _
  })()
  const ours = await timed(0, () => pause(idleMs))
  stop.abort()
  await reading
  const consumer = kafka.consumer({ groupId: 'idle' })
  await consumer.connect()
  await consumer.subscribe({ topic: 'bare', fromBeginning: false })
  await consumer.run({ eachBatch: async () => undefined })
  await pause(1_000)
  const bare = await timed(0, () => pause(idleMs))
  await consumer.disconnect()
  const row = (who: string, { cpuMs, ms }: Turn): KafkaRate => ({
    work: `idle, ms of processor time a second: ${who}`,
    recordsPerSecond: Math.round((cpuMs / ms) * 1_000),
    recordsPerCpuSecond: 0,
    ofBare: Math.round((cpuMs / bare.cpuMs) * 100) / 100,
  })
  return [row('bare kafkajs', bare), row('bus', ours)]
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms))
