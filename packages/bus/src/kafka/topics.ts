// Topics as Varde wants them: made where they are missing, grown where they are small, their settings held to what is asked.
import { VardeError } from '@varde/runtime'
import type { TopicInfo, TopicSettings } from '../port.ts'
import { type Cluster, pauseFor } from './cluster.ts'
import { faultName } from './faults.ts'
import type { TopicMetadata } from './metadata.ts'
import { recordBytesMax } from './produce.ts'
import type { KafkaBusSettings } from './settings.ts'

const topicResource = 2
const leadersMs = 15_000

export function infoOf(topic: TopicMetadata, prefix: string): TopicInfo {
  return { name: topic.name.slice(prefix.length), incarnation: topic.id, partitions: topic.leaders.length }
}

export function settingsError(name: string, problem: string): VardeError {
  return new VardeError('BUS_TOPIC_SETTINGS', `topic ${name}: ${problem}`, { facts: { topic: name } })
}

function configOf(settings: TopicSettings, bus: KafkaBusSettings): Record<string, string> {
  return {
    'cleanup.policy': 'delete',
    // Arrivals are in the records themselves; the broker's own time tells when a record became durable.
    'message.timestamp.type': 'LogAppendTime',
    'max.message.bytes': String(recordBytesMax + 64 * 1024),
    'min.insync.replicas': String(bus.minInSyncReplicas ?? 1),
    // A leader that lacks acknowledged records would lose them: rather none for a while.
    'unclean.leader.election.enable': 'false',
    // Without an age a record stays until it is sealed and trimmed: time alone must never drop one.
    'retention.ms': String(settings.retentionMs ?? -1),
    'retention.bytes': String(settings.retentionBytes ?? -1),
    ...bus.topicConfig,
  }
}

export async function ensureTopic(
  cluster: Cluster,
  name: string,
  settings: TopicSettings,
  bus: KafkaBusSettings,
): Promise<TopicInfo> {
  const prefix = bus.prefix ?? ''
  const wire = prefix + name
  const [there] = await cluster.topics([wire])
  if (there !== undefined && settings.partitions < there.leaders.length) {
    throw settingsError(
      name,
      `it has ${there.leaders.length} partitions, and can't have fewer (${settings.partitions}): their records would be lost`,
    )
  }
  if (there === undefined) await create(cluster, wire, settings, bus)
  else {
    await hold(cluster, wire, configOf(settings, bus))
    if (settings.partitions > there.leaders.length) {
      const { broker } = await cluster.shared('control', await controllerOf(cluster))
      await broker.createPartitions({ topicPartitions: [{ topic: wire, count: settings.partitions }], timeout: 10_000 })
    }
  }
  const made = await withLeaders(cluster, wire, settings.partitions)
  cluster.forget()
  return infoOf(made, prefix)
}

/** In KRaft every broker passes such requests on to the controller. */
const controllerOf = (cluster: Cluster) => cluster.anyBroker()

async function create(cluster: Cluster, wire: string, settings: TopicSettings, bus: KafkaBusSettings): Promise<void> {
  const { broker } = await cluster.shared('control', await controllerOf(cluster))
  const configEntries = Object.entries(configOf(settings, bus)).map(([name, value]) => ({ name, value }))
  const topic = {
    topic: wire,
    numPartitions: settings.partitions,
    replicationFactor: bus.replicationFactor ?? 1,
    configEntries,
  }
  await broker.createTopics({ topics: [topic], timeout: 10_000 }).catch((error: unknown) => {
    // Another process was quicker.
    if (!inside(error).some((one) => faultName(one) === 'TOPIC_ALREADY_EXISTS')) throw inside(error)[0] ?? error
  })
}

/** kafkajs packs the errors of several topics into one. */
function inside(error: unknown): unknown[] {
  if (typeof error === 'object' && error !== null && 'errors' in error && Array.isArray(error.errors))
    return error.errors
  return [error]
}

/** Kafka's AlterConfigs replaces all settings of a topic: those that somebody else has set are given again. */
async function hold(cluster: Cluster, wire: string, wanted: Record<string, string>): Promise<void> {
  const { broker } = await cluster.shared('control', await controllerOf(cluster))
  const names = Object.keys(wanted)
  const described = await broker.describeConfigs({
    resources: [{ type: topicResource, name: wire, configNames: names }],
  })
  const now = new Map(
    described.resources.flatMap(({ configEntries }) =>
      configEntries.map(({ configName, configValue }) => [configName, configValue] as const),
    ),
  )
  if (names.every((name) => now.get(name) === wanted[name])) return
  const configEntries = Object.entries(wanted).map(([name, value]) => ({ name, value }))
  await broker.alterConfigs({ resources: [{ type: topicResource, name: wire, configEntries }] })
}

async function withLeaders(cluster: Cluster, wire: string, partitions: number): Promise<TopicMetadata> {
  for (const until = Date.now() + leadersMs; ; ) {
    const [topic] = await cluster.topics([wire])
    if (topic !== undefined && topic.leaders.length >= partitions && topic.leaders.every((leader) => leader >= 0))
      return topic
    if (Date.now() > until)
      throw new VardeError('BUS_UNREACHABLE', `topic ${wire} has no leader for each of its partitions`, {
        hint: 'Look at the brokers: some are down, or fewer run than the replication factor asks for.',
      })
    await pauseFor(20)
  }
}
