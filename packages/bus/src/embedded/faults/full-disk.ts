// A process on a disk of a few megabytes: fills it, frees it, and reports what the bus did. Started by faults.test.ts.
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isVardeError } from '@varde/runtime'
import { openEmbeddedBus } from '../open.ts'

const [, , mount = ''] = process.argv
const filler = join(mount, 'filler')
await writeFile(filler, Buffer.alloc(2 * 1024 * 1024))
const dir = join(mount, 'bus')
const bus = await openEmbeddedBus({ dir, segmentBytes: 300_000, compression: 'none' })
await bus.ensureTopic('t', { partitions: 1 })

const batch = Array.from({ length: 50 }, () => ({ value: Buffer.alloc(1_000, 'x'), headers: {} }))
let acknowledged = 0
async function fill(): Promise<string> {
  for (let n = 0; n < 1_000; n += 1) {
    try {
      acknowledged += (await bus.append('t', 0, batch)).offsets.length
    } catch (error) {
      return isVardeError(error) ? error.code : String(error)
    }
  }
  return 'never full'
}

async function count(): Promise<number> {
  let records = 0
  for await (const read of bus.read('t', { partition: 0, from: 0, untilEnd: true })) records += read.records.length
  return records
}

const first = {
  error: await fill(),
  again: await fill(),
  acknowledged,
  stored: await count(),
  findings: await bus.check(),
}
await rm(filler)
const freed = (await bus.append('t', 0, batch)).offsets[0]
acknowledged += batch.length
const second = {
  freed,
  error: await fill(),
  acknowledged,
  stored: await count(),
  findings: await bus.check(),
  full: bus.facts().full,
}
process.stdout.write(`${JSON.stringify({ first, second })}\n`)
