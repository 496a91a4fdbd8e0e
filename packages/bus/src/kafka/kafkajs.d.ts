// The parts of kafkajs below its public surface that the bus stands on: one connection, its requests, the group's messages.
declare module 'kafkajs/src/network/connectionPool.js' {
  import type { KafkaConnection, KafkaConnectionOptions, KafkaRequest } from 'kafkajs/src/broker/index.js'
  export default class ConnectionPool {
    constructor(options: KafkaConnectionOptions)
    pool: KafkaConnection[]
    host: string
    port: number
    send<T>(request: KafkaRequest<T>): Promise<T>
    destroy(): Promise<void>
  }
}
declare module 'kafkajs/src/broker/index.js' {
  import type { Socket } from 'node:net'
  import type { SASLOptions } from 'kafkajs'
  import type ConnectionPool from 'kafkajs/src/network/connectionPool.js'
  import type Encoder from 'kafkajs/src/protocol/encoder.js'
  export interface KafkaLogger {
    namespace(name: string): KafkaLogger
    debug(message: string, extra?: object): void
    info(message: string, extra?: object): void
    warn(message: string, extra?: object): void
    error(message: string, extra?: object): void
  }
  export interface KafkaConnectionOptions {
    host: string
    port: number
    logger: KafkaLogger
    socketFactory: (options: { host: string; port: number; ssl?: object; onConnect: () => void }) => Socket
    ssl?: object
    sasl?: SASLOptions
    clientId: string
    connectionTimeout: number
    requestTimeout: number
    enforceRequestTimeout: boolean
    reauthenticationThreshold?: number
  }
  export interface KafkaConnection {
    socket?: Socket
    requestQueue: { rejectAll(error: Error): void; destroy(): void }
    isConnected(): boolean
  }
  export interface KafkaRequest<T> {
    request: { apiKey: number; apiVersion: number; apiName: string; encode(): Promise<Encoder> }
    response: { decode(payload: Buffer): Promise<T>; parse(decoded: T): Promise<T> }
    requestTimeout?: number
    logResponseError?: boolean
  }
  export interface Member {
    memberId: string
    memberMetadata: Buffer
  }
  interface Offsets<P> {
    topics: { topic: string; partitions: P[] }[]
  }
  export default class Broker {
    constructor(options: {
      connectionPool: ConnectionPool
      logger: KafkaLogger
      nodeId?: number
      versions?: KafkaVersions
      authenticationTimeout?: number
      allowAutoTopicCreation?: boolean
    })
    connectionPool: ConnectionPool
    versions: KafkaVersions | null
    isConnected(): boolean
    connect(): Promise<void>
    findGroupCoordinator(of: {
      groupId: string
      coordinatorType: number
    }): Promise<{ coordinator: { nodeId: number; host: string; port: number } }>
    joinGroup(of: {
      groupId: string
      sessionTimeout: number
      rebalanceTimeout: number
      memberId: string
      groupProtocols: { name: string; metadata: Buffer }[]
    }): Promise<{ generationId: number; leaderId: string; memberId: string; members: Member[] }>
    syncGroup(of: {
      groupId: string
      generationId: number
      memberId: string
      groupAssignment: { memberId: string; memberAssignment: Buffer }[]
    }): Promise<{ memberAssignment: Buffer }>
    heartbeat(of: { groupId: string; groupGenerationId: number; memberId: string }): Promise<unknown>
    leaveGroup(of: { groupId: string; memberId: string }): Promise<unknown>
    listOffsets(
      of: { replicaId?: number; isolationLevel: number } & Offsets<{ partition: number; timestamp: number }>,
    ): Promise<{ responses: { topic: string; partitions: { partition: number; offset: string }[] }[] }>
    offsetCommit(
      of: {
        groupId: string
        groupGenerationId: number
        memberId: string
      } & Offsets<{ partition: number; offset: string }>,
    ): Promise<unknown>
    offsetFetch(
      of: { groupId: string } & Offsets<{ partition: number }>,
    ): Promise<{ responses: { topic: string; partitions: { partition: number; offset: string }[] }[] }>
    createTopics(of: {
      topics: {
        topic: string
        numPartitions: number
        replicationFactor: number
        configEntries: { name: string; value: string }[]
      }[]
      timeout?: number
    }): Promise<unknown>
    createPartitions(of: { topicPartitions: { topic: string; count: number }[]; timeout?: number }): Promise<unknown>
    describeConfigs(of: { resources: { type: number; name: string; configNames: string[] }[] }): Promise<{
      resources: { configEntries: { configName: string; configValue: string }[] }[]
    }>
    alterConfigs(of: {
      resources: { type: number; name: string; configEntries: { name: string; value: string }[] }[]
    }): Promise<unknown>
    initProducerId(of: {
      transactionalId: string | null
      transactionTimeout: number
    }): Promise<{ producerId: string; producerEpoch: number }>
    deleteRecords(of: Offsets<{ partition: number; offset: string }>): Promise<unknown>
  }
  export type KafkaVersions = Record<number, { minVersion: number; maxVersion: number }>
}
declare module 'kafkajs/src/network/requestQueue/index.js' {
  export default class RequestQueue {
    throttledUntil: number
    throttleCheckTimeoutId: NodeJS.Timeout | null
    pending: unknown[]
    checkPendingRequests(): void
    scheduleCheckPendingRequests(): void
  }
}
declare module 'kafkajs/src/network/socketFactory.js' {
  import type { KafkaConnectionOptions } from 'kafkajs/src/broker/index.js'
  export default function socketFactory(): KafkaConnectionOptions['socketFactory']
}
declare module 'kafkajs/src/protocol/encoder.js' {
  export default class Encoder {
    constructor(bytes?: number)
    writeBuffer(buffer: Buffer): this
  }
}
declare module 'kafkajs/src/protocol/error.js' {
  export function createErrorFromCode(code: number): Error & { type: string; retriable: boolean }
}
declare module 'kafkajs/src/consumer/assignerProtocol.js' {
  export const MemberMetadata: {
    encode(of: { version: number; topics: string[]; userData?: Buffer }): Buffer
    decode(bytes: Buffer): { topics: string[]; userData: Buffer }
  }
  export const MemberAssignment: {
    encode(of: { version: number; assignment: Record<string, number[]>; userData?: Buffer }): Buffer
    decode(bytes: Buffer): { assignment: Record<string, number[]> } | null
  }
}
