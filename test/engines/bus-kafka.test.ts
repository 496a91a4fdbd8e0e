// The bus on Kafka against the contract of every bus, with a real broker.
import { randomUUID } from 'node:crypto'
import { busContract } from '@varde/bus/contract'
import { openKafkaBus } from '@varde/bus/kafka'
import { createLogger } from '@varde/runtime'
import { Kafka, logLevel } from 'kafkajs'
import { beforeAll, describe } from 'vitest'
import { engineMissing, type SharedEngine, sharedKafka } from './engine.ts'

const log = createLogger({ level: 'silent' })
const missing = engineMissing('kafka')
let broker: SharedEngine

describe.skipIf(missing !== undefined)(`kafka${missing === undefined ? '' : ` (${missing})`}`, () => {
  beforeAll(async () => {
    broker = await sharedKafka()
  })

  busContract({
    name: 'kafka',
    async create() {
      const prefix = `t${randomUUID().slice(0, 8)}.`
      return {
        open: () =>
          openKafkaBus({
            brokers: [broker.address],
            clientId: 'test',
            prefix,
            fetchWaitMs: 50,
            keepRecords: 0,
            topicConfig: { 'internal.segment.bytes': '2048' },
            log,
          }),
        async removeTopic(name: string) {
          const admin = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING }).admin()
          await admin.connect()
          await admin.deleteTopics({ topics: [prefix + name] })
          await admin.disconnect()
        },
        async remove() {},
      }
    },
  })
})
