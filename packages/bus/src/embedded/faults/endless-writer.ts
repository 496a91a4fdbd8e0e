// A process that appends until it is killed, and says what was acknowledged. Started by faults.test.ts.
import { openEmbeddedBus } from '../open.ts'

const [, , dir = ''] = process.argv
const bus = await openEmbeddedBus({ dir, segmentBytes: 20_000 })
await bus.ensureTopic('t', { partitions: 2 })

async function write(partition: number): Promise<never> {
  let next = (await bus.partition('t', partition)).end
  for (;;) {
    const count = 1 + (next % 7)
    const records = Array.from({ length: count }, (_, n) => ({
      value: Buffer.from(`${partition}:${next + n}:${'x'.repeat((next + n) % 300)}`),
      headers: {},
    }))
    const { offsets } = await bus.append('t', partition, records)
    next = (offsets.at(-1) ?? 0) + 1
    process.stdout.write(`${partition} ${next}\n`)
  }
}

await Promise.all([write(0), write(0), write(1)])
