// A broker whose disk is full goes; what was acknowledged is there when it comes back with room, and what was not follows by itself, once.
import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { openKafkaBus } from '@varde/bus/kafka'
import { createLogger } from '@varde/runtime'
import { describe, expect, test } from 'vitest'
import { type Engine, engineMissing, startKafka } from '../engines/engine.ts'

const missing = engineMissing('kafka')
const log = createLogger({ level: 'silent' })
/** Twice what the broker has room for. */
const records = 240
const recordBytes = 100 * 1024

describe.skipIf(missing !== undefined)(`kafka${missing === undefined ? '' : ` (${missing})`}`, () => {
  test('a broker that is full: nothing acknowledged is lost, nothing comes twice, senders wait', async () => {
    let broker: Engine = await startKafka({ fileKiBMax: 12 * 1024 })
    const { folder, port, address } = broker
    const bus = await openKafkaBus({ brokers: [address], clientId: 'test', log })
    try {
      await bus.ensureTopic('full', { partitions: 1 })
      let acknowledged = 0
      const sending = (async () => {
        for (let n = 0; n < records; n += 1) {
          const value = Buffer.concat([Buffer.from(`${String(n).padStart(6, '0')} `), randomBytes(recordBytes)])
          await bus.append('full', 0, [{ value, headers: {} }])
          acknowledged += 1
        }
      })()
      sending.catch(() => undefined)
      await broker.ended
      const before = acknowledged
      expect(before).toBeGreaterThan(0)
      expect(before).toBeLessThan(records)
      broker = await startKafka({ folder, port })
      await sending
      const found: number[] = []
      for await (const batch of bus.read('full', { partition: 0, from: 0, untilEnd: true }))
        for (const { value } of batch.records) found.push(Number(Buffer.from(value.subarray(0, 6)).toString()))
      process.stderr.write(`faults: kafka: full after ${before} of ${records} records\n`)
      expect(found).toEqual(Array.from({ length: records }, (_, n) => n))
    } finally {
      await broker.stop({ keep: true })
      await bus.close()
      await rm(folder, { recursive: true, force: true })
    }
  })
})
