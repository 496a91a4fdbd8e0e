// The embedded bus in bad company: killed at any moment, on a full disk, opened twice, flooded.
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Worker } from 'node:worker_threads'
import { afterEach, describe, expect, test } from 'vitest'
import { openEmbeddedBus } from '../open.ts'

const dirs: string[] = []
const children: ChildProcess[] = []
afterEach(async () => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  for (const dir of dirs.splice(0)) await rm(dir, { recursive: true, force: true })
})

async function newDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'varde-bus-'))
  dirs.push(dir)
  return dir
}

const scriptOf = (name: string) => new URL(name, import.meta.url).pathname

/** How often it is killed: some here, many in a night run. */
const kills = Number(process.env['VARDE_KILLS'] ?? 6)

describe('kill -9', () => {
  test(`${kills} times while it appends: nothing acknowledged is lost, offsets stay dense, every segment holds`, async () => {
    const dir = await newDir()
    const acknowledged = new Map<number, number>()
    for (let round = 0; round < kills; round += 1) {
      await killedWriter(dir, acknowledged, 150 + ((round * 37) % 100))
      const bus = await openEmbeddedBus({ dir, segmentBytes: 20_000 })
      expect(bus.facts().damages).toBe(0)
      for (const partition of [0, 1]) {
        let next = 0
        for await (const { records } of bus.read('t', { partition, from: 0, untilEnd: true })) {
          for (const { offset, value } of records) {
            expect(offset).toBe(next)
            expect(value.toString().startsWith(`${partition}:`)).toBe(true)
            next += 1
          }
        }
        expect(next).toBeGreaterThanOrEqual(acknowledged.get(partition) ?? 0)
        expect((await bus.partition('t', partition)).end).toBe(next)
      }
      expect(await bus.check()).toEqual([])
      await bus.close()
    }
    expect(acknowledged.get(0)).toBeGreaterThan(0)
    expect(acknowledged.get(1)).toBeGreaterThan(0)
  }, 120_000)

  async function killedWriter(dir: string, acknowledged: Map<number, number>, afterMs: number): Promise<void> {
    const child = spawn(process.execPath, [scriptOf('./endless-writer.ts'), dir], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    children.push(child)
    let text = ''
    await new Promise<void>((resolve) => {
      child.on('close', () => resolve())
      child.stdout?.on('data', (bytes: Buffer) => {
        // The clock starts with the first acknowledgement, so that a slow machine is killed in the same place.
        if (text === '') setTimeout(() => child.kill('SIGKILL'), afterMs)
        text += bytes
      })
    })
    for (const line of text.split('\n').slice(0, -1)) {
      const [partition = 0, end = 0] = line.split(' ').map(Number)
      acknowledged.set(partition, Math.max(acknowledged.get(partition) ?? 0, end))
    }
  }
})

/** A small disk of its own without being root: a mount in a name space of this one process. */
function canMount(): boolean {
  try {
    execFileSync('unshare', ['-rm', 'true'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

const mountable = canMount()

describe('a full disk', () => {
  test.skipIf(!mountable)(
    `refuses whole batches, keeps all that was acknowledged, and goes on by itself${mountable ? '' : ' (skipped: unshare -rm is not allowed here)'}`,
    async () => {
      const mount = await newDir()
      const script = `mount -t tmpfs -o size=5m tmpfs "$1" && exec "$2" "$3" "$1"`
      const out = execFileSync(
        'unshare',
        ['-rm', 'sh', '-c', script, 'sh', mount, process.execPath, scriptOf('./full-disk.ts')],
        { encoding: 'utf8' },
      )
      const { first, second } = JSON.parse(out)
      expect(first).toMatchObject({ error: 'BUS_FULL', again: 'BUS_FULL', findings: [] })
      expect(first.acknowledged).toBeGreaterThan(1_000)
      expect(first.stored).toBe(first.acknowledged)
      expect(second).toMatchObject({ freed: first.acknowledged, error: 'BUS_FULL', findings: [] })
      expect(second.acknowledged).toBeGreaterThan(first.acknowledged + 1_000)
      expect(second.stored).toBe(second.acknowledged)
      expect(second.full).toBeGreaterThanOrEqual(3)
    },
    60_000,
  )

  test('a quota does the same', async () => {
    const bus = await openEmbeddedBus({
      dir: await newDir(),
      quotaBytes: 100_000,
      segmentBytes: 20_000,
      compression: 'none',
    })
    await bus.ensureTopic('t', { partitions: 1 })
    const batch = Array.from({ length: 10 }, () => ({ value: Buffer.alloc(1_000), headers: {} }))
    let appended = 0
    const full = (async () => {
      for (;;) appended += (await bus.append('t', 0, batch)).offsets.length
    })()
    await expect(full).rejects.toMatchObject({ code: 'BUS_FULL', hint: expect.stringContaining('quota') })
    expect(appended).toBe(90)
    await bus.trim('t', 0, appended)
    expect((await bus.append('t', 0, batch)).offsets[0]).toBe(appended)
    await bus.close()
  })
})

describe('a second writer', () => {
  test('in the same process, in another thread, in another process', async () => {
    const dir = await newDir()
    const bus = await openEmbeddedBus({ dir })
    await expect(openEmbeddedBus({ dir })).rejects.toMatchObject({
      code: 'BUS_LOCKED',
      facts: { pid: process.pid, since: expect.stringMatching(/^20/) },
    })

    const open = `import(${JSON.stringify(scriptOf('../open.ts'))}).then(({ openEmbeddedBus }) => openEmbeddedBus({ dir: ${JSON.stringify(dir)} }))`
    const worker = new Worker(
      `${open}.then(() => 'open', (error) => error.code).then((outcome) => require('node:worker_threads').parentPort.postMessage(outcome))`,
      { eval: true },
    )
    expect(await new Promise((resolve) => worker.once('message', resolve))).toBe('BUS_LOCKED')
    await worker.terminate()

    const print = `${open}.then(() => 'open', (error) => error.code).then((outcome) => { console.log(outcome); process.exit() })`
    expect(execFileSync(process.execPath, ['-e', print], { encoding: 'utf8' }).trim()).toBe('BUS_LOCKED')

    await bus.close()
    expect(execFileSync(process.execPath, ['-e', print], { encoding: 'utf8' }).trim()).toBe('open')
    await (await openEmbeddedBus({ dir })).close()
  }, 30_000)
})

describe('a flood', () => {
  test('waits for room in the order it came, within the bound', async () => {
    const bus = await openEmbeddedBus({ dir: await newDir(), inFlightBytesMax: 50_000 })
    await bus.ensureTopic('t', { partitions: 1 })
    let most = 0
    const appends = Array.from({ length: 200 }, async (_, n) => {
      const appended = await bus.append('t', 0, [{ value: Buffer.alloc(10_000, n), headers: {} }])
      most = Math.max(most, bus.facts().inFlightBytes)
      return appended.offsets[0]
    })
    expect(bus.facts().inFlightBytes).toBeLessThanOrEqual(60_100)
    expect(await Promise.all(appends)).toEqual(Array.from({ length: 200 }, (_, n) => n))
    expect(most).toBeLessThanOrEqual(60_100)
    expect(bus.facts().inFlightBytes).toBe(0)
    // Far fewer than one fsync an append: they share.
    expect(bus.facts().commits).toBeLessThan(100)
    await bus.close()
  })

  test('appends that still wait when the bus closes are told so', async () => {
    const bus = await openEmbeddedBus({ dir: await newDir(), inFlightBytesMax: 1 })
    await bus.ensureTopic('t', { partitions: 1 })
    const appends = Promise.allSettled(
      Array.from({ length: 5 }, () => bus.append('t', 0, [{ value: Buffer.alloc(10), headers: {} }])),
    )
    await bus.close()
    const outcomes = (await appends).map((result) => (result.status === 'fulfilled' ? 'durable' : result.reason.code))
    expect(outcomes[0]).toBe('durable')
    expect(outcomes.slice(1)).toEqual(['BUS_CLOSED', 'BUS_CLOSED', 'BUS_CLOSED', 'BUS_CLOSED'])
  })
})
