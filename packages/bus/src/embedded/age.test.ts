// A quiet topic: what its reader has let go leaves the disk after a day, though its file never gets full.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { limits, manualClock } from '@varde/runtime'
import { expect, test } from 'vitest'
import { openEmbeddedBus } from './open.ts'

test('a file that is old is closed at the next trim, and dropped at the one after what followed was done with', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'varde-bus-'))
  const clock = manualClock(1_800_000_000_000)
  const bus = await openEmbeddedBus({ dir, clock })
  const append = (text: string) => bus.append('t', 0, [{ value: Buffer.from(text), headers: {} }])
  try {
    await bus.ensureTopic('t', { partitions: 1 })
    for (const text of ['a', 'b', 'c']) await append(text)
    await bus.trim('t', 0, 2)
    expect(await bus.partition('t', 0)).toMatchObject({ first: 0, end: 3 })
    clock.advance(limits.busSegmentAgeMs + 1)
    await bus.trim('t', 0, 2)
    expect(await bus.partition('t', 0)).toMatchObject({ first: 0, end: 3 })
    await append('d')
    await bus.trim('t', 0, 3)
    expect(await bus.partition('t', 0)).toMatchObject({ first: 3, end: 4 })
    clock.advance(1_000)
    await bus.trim('t', 0, 3)
    expect(await bus.partition('t', 0)).toMatchObject({ first: 3, end: 4 })
  } finally {
    await bus.close()
    await rm(dir, { recursive: true })
  }
})
