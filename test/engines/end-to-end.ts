// The end-to-end suite once more, in cluster mode: the same files, while the programs that they start take Kafka and Elasticsearch from the environment.
import { test } from 'vitest'
import { engineMissing, sharedElasticsearch, sharedKafka } from './engine.ts'

/** `prefix` is the file's own, in both engines. */
export async function endToEnd(prefix: string, load: () => Promise<unknown>): Promise<void> {
  const missing = engineMissing('kafka') ?? engineMissing('elasticsearch')
  if (missing !== undefined) {
    test.skip(`${prefix} on Kafka and Elasticsearch (${missing})`, () => undefined)
    return
  }
  const [kafka, elasticsearch] = await Promise.all([sharedKafka(), sharedElasticsearch()])
  Object.assign(process.env, {
    VARDE_CONFIG_BUS: 'kafka',
    VARDE_CONFIG_KAFKA: JSON.stringify({
      brokers: [kafka.address],
      prefix: `${prefix}.`,
      replicationFactor: 1,
      minInSyncReplicas: 1,
    }),
    VARDE_CONFIG_STORE: 'elasticsearch',
    VARDE_CONFIG_ELASTICSEARCH: JSON.stringify({ nodes: [elasticsearch.address], prefix, replicas: 0 }),
  })
  await load()
}
