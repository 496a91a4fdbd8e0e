// Topics that others write (Winlogbeat, rsyslog, Vector …), taken in as they are: each of their records is one raw record of a source.
import { type Bus, type Share, type StoredRecord, sharePartitions, type Turn } from '@varde/bus'
import { isVardeError, type Logger, limits, type Service, VardeError } from '@varde/runtime'
import { type Incoming, type Origin, poisonHeader } from '../raw-topic.ts'

export interface TopicInput {
  /** As the cluster names it. */
  topic: string
  source: string
  tenant: string
  retention: string
  dataset?: string
  timeZone?: string
  latenessMs?: number
}

export interface TopicInputCounters {
  records: number
  /** Records without a value: deletions of compacted topics. */
  empty: number
  /** Batches that nobody can read: their bytes become dead letters. */
  poisoned: number
  /** Dropped by the topic's retention before we came to them. */
  gone: number
}

export interface TopicInputsHealth {
  topics: { topic: string; partitions: number; lagRecords: number; counters: TopicInputCounters }[]
}

export interface TopicInputs extends Service {
  health(): TopicInputsHealth
}

export interface TopicInputDeps {
  /** Sees the topics by the names that others gave them. */
  bus: Bus
  inputs: TopicInput[]
  collector: string
  group: string
  /** Durable when it resolves. */
  append(records: Incoming[]): Promise<void>
  log: Logger
  retryMs?: number
  /** Records of one append. */
  batchRecordsMax?: number
}

interface Followed {
  input: TopicInput
  origin: Origin
  incarnation: string
  counters: TopicInputCounters
  lag: Map<number, number>
  share: Share | undefined
}

const retryMsDefault = 1_000

/**
 * At least once into the raw topic: the position is told to the group after the append, and each record carries its topic,
 * partition and offset as its sender's sequence, so that what is taken in twice is sealed as a duplicate.
 */
export function createTopicInputs(deps: TopicInputDeps): TopicInputs {
  const { bus, log } = deps
  const all: Followed[] = []
  let stopped: Promise<void> | undefined

  async function open(input: TopicInput): Promise<Followed> {
    const info = (await bus.topics()).find(({ name }) => name === input.topic)
    if (info === undefined)
      throw new VardeError('INPUT_NO_TOPIC', `there is no topic ${input.topic} in the cluster`, {
        hint: 'Make it, or let its writer begin; and see that our user may read it.',
      })
    const { tenant, source, retention, dataset, timeZone, latenessMs } = input
    const origin: Origin = {
      tenant,
      source,
      retention,
      collector: deps.collector,
      transport: 'kafka',
      ...(dataset === undefined ? {} : { dataset }),
      ...(timeZone === undefined ? {} : { timeZone }),
      ...(latenessMs === undefined ? {} : { latenessMs }),
    }
    const counters = { records: 0, empty: 0, poisoned: 0, gone: 0 }
    return { input, origin, incarnation: info.incarnation, counters, lag: new Map(), share: undefined }
  }

  async function follow(one: Followed, partition: number, turn: Turn): Promise<void> {
    while (!turn.signal.aborted) {
      try {
        const from = (await turn.committed()) ?? (await bus.partition(one.input.topic, partition)).first
        await take(one, partition, from, turn)
      } catch (error) {
        if (turn.signal.aborted) break
        if (isVardeError(error, 'BUS_OFFSET_GONE')) await skipGone(one, partition, error, turn)
        else log.error({ topic: one.input.topic, partition, err: error }, 'input: failed, tried again')
        await pause(deps.retryMs ?? retryMsDefault, turn.signal)
      }
    }
    one.lag.delete(partition)
  }

  async function skipGone(one: Followed, partition: number, error: VardeError, turn: Turn): Promise<void> {
    const [from, first] = [Number(error.facts['from']), Number(error.facts['first'])]
    one.counters.gone += first - from
    log.error(
      { topic: one.input.topic, partition, from, first },
      'input: records were dropped by retention before we came',
    )
    await turn.commit(first)
  }

  async function take(one: Followed, partition: number, from: number, turn: Turn): Promise<void> {
    const recordsMax = deps.batchRecordsMax ?? limits.busBatchRecordsMax
    for await (const batch of bus.read(one.input.topic, { partition, from, recordsMax, signal: turn.signal })) {
      const records = batch.records.flatMap((record) => incomingOf(one, partition, record) ?? [])
      await appendPatiently(records, turn.signal)
      if (turn.signal.aborted) return
      one.counters.records += records.length
      const last = batch.records.at(-1)?.offset ?? from - 1
      one.lag.set(partition, Math.max(0, batch.end - last - 1))
      await turn.commit(last + 1)
    }
  }

  function incomingOf(one: Followed, partition: number, record: StoredRecord): Incoming | undefined {
    const poison = record.headers[poisonHeader]
    if (poison !== undefined) one.counters.poisoned += 1
    else if (record.value.length === 0) {
      one.counters.empty += 1
      return undefined
    }
    const cutBytes = record.value.length - limits.recordBytesMax
    return {
      origin: one.origin,
      raw: cutBytes > 0 ? record.value.subarray(0, limits.recordBytesMax) : record.value,
      sender: { producer: `${one.incarnation}/${partition}`, sequence: record.offset },
      ...(cutBytes > 0 ? { cutBytes } : {}),
      ...(poison === undefined ? {} : { poison }),
    }
  }

  /** A full queue or disk holds the topic back, which is where the records wait anyway. */
  async function appendPatiently(records: Incoming[], signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        return await deps.append(records)
      } catch (error) {
        if (!isVardeError(error, 'INGEST_BUSY') && !isVardeError(error, 'BUS_FULL')) throw error
        await pause(deps.retryMs ?? retryMsDefault, signal)
      }
    }
  }

  return {
    name: 'topic inputs',
    async start() {
      for (const input of deps.inputs) all.push(await open(input))
      for (const one of all)
        one.share = await sharePartitions(bus, one.input.topic, {
          group: `${deps.group}.${one.input.topic}`,
          follow: (partition, turn) => follow(one, partition, turn),
        })
    },
    stop() {
      stopped ??= Promise.all(all.map((one) => one.share?.stop())).then(() => undefined)
      return stopped
    },
    health: () => ({
      topics: all.map(({ input, share, lag, counters }) => ({
        topic: input.topic,
        partitions: share?.partitions().length ?? 0,
        lagRecords: [...lag.values()].reduce((sum, one) => sum + one, 0),
        counters: { ...counters },
      })),
    }),
  }
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms)
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer)
        resolve()
      },
      { once: true },
    )
  })
}
