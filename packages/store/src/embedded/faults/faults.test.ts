import { execFile, spawn, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { StoredEvent } from '@varde/schema'
import { expect, test } from 'vitest'
import { type EmbeddedStore, openEmbeddedStore } from '../open.ts'

const kills = Number(process.env['VARDE_KILLS'] ?? 3)
const everything = { scope: { tenants: 'all' as const }, query: { kind: 'all' as const } }

async function writeUntilKilled(dir: string, first: number, afterMs: number): Promise<string[]> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'endless-writer.ts'), dir, String(first)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let said = ''
  child.stdout.on('data', (part) => {
    said += part
    // Counted from the first acknowledgement: starting takes long on a busy machine.
    if (said.length === part.length) setTimeout(() => child.kill('SIGKILL'), afterMs)
  })
  await new Promise((resolve) => child.once('close', resolve))
  return said.split('\n').slice(0, -1)
}

async function eventsOf(store: EmbeddedStore, partition: number): Promise<StoredEvent[]> {
  const found: StoredEvent[] = []
  const place = { stream: 'main', generation: 0, partition }
  for await (const batch of store.events.range(place, 0, Number.MAX_SAFE_INTEGER)) found.push(...batch)
  return found
}

test(`killed ${kills} times at any moment, nothing acknowledged is lost or doubled`, {
  timeout: 120_000 + kills * 30_000,
}, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'varde-store-kill-'))
  try {
    const acknowledged = [new Set<number>(), new Set<number>()]
    const documents: number[] = []
    let first = 0
    for (let kill = 0; kill < kills; kill += 1) {
      for (const line of await writeUntilKilled(dir, first, 50 + Math.random() * 2_500)) {
        const [kind, ...numbers] = line.split(' ')
        const [a = 0, from = 0, to = 0] = numbers.map(Number)
        if (kind === 'd') documents.push(a)
        else for (let offset = from; offset < to; offset += 1) acknowledged[a]?.add(offset)
      }
      const begun = performance.now()
      const store = await openEmbeddedStore({ dir, sealRows: 400 })
      const openMs = performance.now() - begun
      try {
        let total = 0
        for (const [partition, known] of acknowledged.entries()) {
          const found = await eventsOf(store, partition)
          total += found.length
          const offsets = new Set(found.map(({ home }) => home.offset))
          expect(offsets.size).toBe(found.length)
          expect([...known].filter((offset) => !offsets.has(offset))).toEqual([])
          first = Math.max(first, ...offsets) + 1
        }
        expect(await store.events.count(everything)).toBe(total)
        for (const n of documents) expect((await store.documents.get('state', `d${n}`))?.doc).toEqual({ n })
        first = Math.max(first, ...documents.map((n) => n + 2))
        expect(await store.check()).toEqual([])
        expect(openMs).toBeLessThan(20_000)
      } finally {
        await store.close()
      }
    }
    expect(acknowledged[0]?.size).toBeGreaterThan(0)
  } finally {
    rmSync(dir, { recursive: true, force: true })
  }
})

const diskMs = 180_000
const canMount = spawnSync('unshare', ['-rm', 'sh', '-c', 'mount -t tmpfs tmpfs /mnt']).status === 0
if (!canMount) console.log('the full disk is not tried: this machine lets nobody mount a small one (unshare -rm)')

async function onSmallDisk(child: string, size: string, ...given: string[]): Promise<ReturnType<typeof JSON.parse>> {
  const mount = mkdtempSync(join(tmpdir(), 'varde-store-full-'))
  const script = 'size=$1 mount=$2; shift 2; mount -t tmpfs -o "size=$size" tmpfs "$mount" && exec "$@"'
  const command = [process.execPath, join(import.meta.dirname, child), mount, ...given]
  // One that hangs is ended before the test's own limit, or it would go on for ever.
  const limit = { timeout: diskMs - 10_000, killSignal: 'SIGKILL' } as const
  try {
    const run = promisify(execFile)
    const { stdout } = await run('unshare', ['-rm', 'sh', '-c', script, 'sh', size, mount, ...command], limit)
    return JSON.parse(stdout)
  } finally {
    rmSync(mount, { recursive: true, force: true })
  }
}

// Size, events a round, documents a round: each lets another file meet the end of the disk.
test.skipIf(!canMount).each([
  ['17m', '50', '1'],
  ['20m', '50', '1'],
  ['21m', '50', '1'],
  ['18m', '2', '7'],
])(
  'a full disk of %s is told, holds nothing half, and goes on by itself (%s events, %s documents a round)',
  { timeout: diskMs },
  async (size, events, documents) => {
    const said = await onSmallDisk('full-disk.ts', size, events, documents)
    expect(said.first.error).toBe('STORE_FULL')
    expect(said.first.acknowledged).toBeGreaterThan(0)
    expect(said.freed).toBe('goes on')
    expect(said.findings).toEqual([])
    expect(said.counted).toBe(said.acknowledged)
    expect(said.reopened).toEqual({ events: said.acknowledged, documents: said.documents })
  },
)

test.skipIf(!canMount)(
  'a document that is in the journal is answered when its index has room; later ones are refused',
  { timeout: diskMs },
  async () => {
    const said = await onSmallDisk('full-index.ts', '24m')
    expect(said.full).toEqual({ held: 'waits', later: 'STORE_FULL', freed: '', seen: 0, findings: [] })
    expect(said).toMatchObject({ freed: 'written', seen: 1, reopened: { documents: 1, findings: [] } })
  },
)

test('a second writer is told who holds the folder', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'varde-store-lock-'))
  mkdirSync(dir, { recursive: true })
  const store = await openEmbeddedStore({ dir })
  try {
    await expect(openEmbeddedStore({ dir })).rejects.toMatchObject({
      code: 'STORE_LOCKED',
      facts: { pid: process.pid },
    })
    const other = spawnSync(process.execPath, [join(import.meta.dirname, 'endless-writer.ts'), dir], {
      encoding: 'utf8',
    })
    expect(other.stderr).toContain(`is open in process ${process.pid}`)
  } finally {
    await store.close()
  }
  await (await openEmbeddedStore({ dir })).close()
  rmSync(dir, { recursive: true, force: true })
})
