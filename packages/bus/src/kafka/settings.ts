// How a cluster is reached and what its topics should be like.
import type { Logger } from '@varde/runtime'

export interface KafkaTls {
  /** PEM texts. Without `ca` the system's authorities count. `cert` and `key` go together (mTLS). */
  ca?: string
  cert?: string
  key?: string
  /** Where the certificate bears another name than the address. */
  serverName?: string
}

export interface KafkaSasl {
  mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512'
  username: string
  password: string
}

export interface KafkaConnectSettings {
  /** `host:port`, any of which leads to all. */
  brokers: string[]
  clientId: string
  tls?: KafkaTls
  sasl?: KafkaSasl
  connectMs?: number
  requestMs?: number
}

export interface KafkaBusSettings extends KafkaConnectSettings {
  /** Stands before the name of each topic, so that a cluster can be shared: `varde.`. */
  prefix?: string
  replicationFactor?: number
  /** Copies that must have a record before it is acknowledged. */
  minInSyncReplicas?: number
  compression?: Compression
  /** More settings of topics that are made here, as Kafka spells them. */
  topicConfig?: Record<string, string>
  /** Records that a trim leaves below its offset: what a consumer that takes over reads to learn its collectors' clocks again. */
  keepRecords?: number
  /** How long a broker waits for more records before it answers a read. */
  fetchWaitMs?: number
  /** A member of a group that is silent for this long has lost its partitions. */
  sessionMs?: number
  log: Logger
}

export const compressions = { none: 0, gzip: 1, zstd: 4 } as const
export type Compression = keyof typeof compressions
