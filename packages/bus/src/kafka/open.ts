// The bus on a Kafka cluster (3.3 or newer, made for 4.x).
import type { Bus } from '../port.ts'
import { closedError, openCluster, pauseFor } from './cluster.ts'
import { askBytes } from './metadata.ts'
import { createProducer, type Producer } from './produce.ts'
import { askEnds, readPartition } from './read.ts'
import type { KafkaBusSettings } from './settings.ts'
import { sharePartitions } from './share.ts'
import { ensureTopic, infoOf, settingsError } from './topics.ts'

export { type ConnectionCheck, examineKafka } from './examine.ts'
export { poisonHeader } from './record-batch.ts'
export type { Compression, KafkaBusSettings, KafkaConnectSettings, KafkaSasl, KafkaTls } from './settings.ts'

export interface KafkaBus extends Bus {
  facts(): ReturnType<Producer['facts']>
}

const topicName = /^[a-z0-9][a-z0-9._-]{0,99}$/
/** Who stops waits this long for what is on its way to a broker that may be away. */
const closeMs = 5_000
/** Brokers that start at the same time as we do, or again after a failure, are waited for. */
const firstAnswerMs = 60_000
/** Twice what ingest reads again at a start. */
const keepRecordsDefault = 10_000

export async function openKafkaBus(settings: KafkaBusSettings): Promise<KafkaBus> {
  const cluster = openCluster(settings)
  const prefix = settings.prefix ?? ''
  const wire = (topic: string) => prefix + topic
  const producer = createProducer({ cluster, compression: settings.compression ?? 'zstd', log: settings.log })
  let closing: Promise<void> | undefined
  const stop = async () => {
    // The pause ends with the race: a process whose work is done would stay for it.
    const waiting = new AbortController()
    await Promise.race([producer.close(), pauseFor(closeMs, waiting.signal)])
    waiting.abort()
    cluster.close()
  }
  const guard = () => {
    if (closing !== undefined) throw closedError()
  }

  /** Asks whoever leads the partition, again where that has moved. */
  async function leading<T>(
    doing: string,
    topic: string,
    partition: number,
    run: (broker: number) => Promise<T>,
  ): Promise<T> {
    guard()
    return cluster.insist(doing, async () => run(await cluster.leader(wire(topic), partition)))
  }

  let told = false
  await cluster
    .insist('connecting', () => cluster.topics([]), {
      giveUpMs: firstAnswerMs,
      onRetry(why) {
        if (!told) settings.log.warn({ reason: why.message, hint: why.hint }, 'bus: waiting for Kafka')
        told = true
      },
    })
    .catch((error: unknown) => {
      cluster.close()
      throw error
    })

  return {
    async ensureTopic(name, wanted) {
      guard()
      if (!topicName.test(name))
        throw settingsError(name, 'a name has lower case letters, digits, dots, _ and -, at most 100')
      return cluster.insist(`making topic ${name}`, () => ensureTopic(cluster, name, wanted, settings))
    },
    async topics() {
      guard()
      const all = await cluster.insist('listing topics', () => cluster.topics())
      return all
        .filter((topic) => !topic.internal && topic.name.startsWith(prefix))
        .map((topic) => infoOf(topic, prefix))
        .sort((a, b) => (a.name < b.name ? -1 : 1))
    },
    partition: (topic, partition) =>
      leading(`asking for ${topic}`, topic, partition, async (broker) => {
        const link = await cluster.shared('control', broker)
        const [ends, bytes] = await Promise.all([
          askEnds(link, wire(topic), partition),
          // A user without DESCRIBE on the cluster is not told.
          askBytes(link, wire(topic), partition).catch(() => undefined),
        ])
        return { ...ends, bytes: bytes ?? 0 }
      }),
    async append(topic, partition, records) {
      guard()
      return { offsets: await producer.append(wire(topic), partition, records) }
    },
    read: (topic, options) =>
      readPartition(
        {
          cluster,
          topic: wire(topic),
          ...(settings.fetchWaitMs === undefined ? {} : { waitMs: settings.fetchWaitMs }),
        },
        options,
      ),
    trim: (topic, partition, below) =>
      leading(`trimming ${topic}`, topic, partition, async (broker) => {
        const link = await cluster.shared('control', broker)
        const { first, end } = await askEnds(link, wire(topic), partition)
        const offset = Math.min(below - (settings.keepRecords ?? keepRecordsDefault), end)
        if (offset <= first) return
        await link.broker.deleteRecords({
          topics: [{ topic: wire(topic), partitions: [{ partition, offset: String(offset) }] }],
        })
      }),
    share(topic, options) {
      guard()
      const { sessionMs } = settings
      return sharePartitions(
        { cluster, log: settings.log, topic: wire(topic), ...(sessionMs === undefined ? {} : { sessionMs }) },
        { ...options, group: prefix + options.group },
      )
    },
    facts: () => producer.facts(),
    close() {
      closing ??= stop()
      return closing
    },
  }
}
