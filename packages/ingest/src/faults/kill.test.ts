// kill -9 at random moments, replies lost at random, senders who resend with their ids: nothing acknowledged is lost, nothing doubled.
// VARDE_SOAK=1 makes it 50 kills; CI does fewer.
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { openEmbeddedBus } from '@varde/bus/embedded'
import { hashEvent, hashOther, verifyChain, verifySeal } from '@varde/evidence'
import { type Hit, hitsTopic, type JsonObject, readHitsRecord, type Seal } from '@varde/schema'
import { collections, type Store } from '@varde/store'
import { openEmbeddedStore } from '@varde/store/embedded'
import { expect, test } from 'vitest'
import { sealOf } from '../pipeline/chain.ts'

const kills = process.env['VARDE_SOAK'] === '1' ? 50 : 4
const clients = 3
const batchRecords = 40

interface Victim {
  child: ChildProcess
  port: number
  exited: Promise<void>
}

async function startVictim(folder: string): Promise<Victim> {
  const child = spawn(process.execPath, [join(import.meta.dirname, 'victim.ts'), folder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  for await (const line of createInterface({ input: child.stdout })) {
    const said: { port?: number } = JSON.parse(line)
    return { child, port: said.port ?? 0, exited }
  }
  throw new Error('the victim died before it listened')
}

/** Status and body, or undefined where the connection broke. `loseReply` breaks it ourselves once all was sent. */
function post(
  port: number,
  path: string,
  source: string,
  body: string,
  loseReply: boolean,
): Promise<{ status: number; body: string } | undefined> {
  return new Promise((resolve) => {
    const sent = request(
      { port, host: '127.0.0.1', path, method: 'POST', headers: { 'x-source': source } },
      (reply) => {
        const parts: Buffer[] = []
        reply.on('data', (part: Buffer) => parts.push(part))
        reply.on('end', () => resolve({ status: reply.statusCode ?? 0, body: Buffer.concat(parts).toString() }))
        reply.on('error', () => resolve(undefined))
      },
    )
    sent.on('error', () => resolve(undefined))
    sent.end(body, () => {
      if (loseReply) setTimeout(() => sent.destroy(), Math.random() * 30)
    })
  })
}

const keyOf = (source: string, n: number) => `${source}-${n}`

/** Sends numbered records in batches until told to stop; a batch that was not acknowledged is sent again, same ids. */
async function runClient(source: string, portNow: () => number, stopped: () => boolean): Promise<number> {
  let next = 0
  while (!stopped()) {
    const numbers = Array.from({ length: batchRecords }, (_, i) => next + i)
    const body = numbers
      .map(
        (n) =>
          `{"create":{"_id":"${keyOf(source, n)}"}}\n{"n":${n},"source":"${source}","@timestamp":"${new Date().toISOString()}"}\n`,
      )
      .join('')
    for (;;) {
      const reply = await post(portNow(), '/_bulk', source, body, Math.random() < 0.2)
      // Every item is durable: written now (201), or before (409).
      if (reply?.status === 200) break
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    next += batchRecords
  }
  return next
}

async function sealsOf(store: Store, partition: number): Promise<Seal[]> {
  const seals: Seal[] = []
  let cursor: string | undefined
  do {
    const page = await store.documents.list<JsonObject>(collections.seals.name, {
      where: { partition },
      sort: { by: 'seq', order: 'asc' },
      limit: 1_000,
      ...(cursor !== undefined && { cursor }),
    })
    seals.push(...page.docs.map(({ doc }) => sealOf(doc)))
    cursor = page.next
  } while (cursor !== undefined)
  return seals
}

test(`${kills} kills lose nothing, double nothing, break no chain`, { timeout: 60_000 + kills * 20_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'varde-kill-'))
  let victim = await startVictim(folder)
  let over = false
  const sources = Array.from({ length: clients }, (_, n) => `client${n}`)
  const sending = sources.map((source) =>
    runClient(
      source,
      () => victim.port,
      () => over,
    ),
  )
  for (let n = 0; n < kills; n += 1) {
    await new Promise((resolve) => setTimeout(resolve, 150 + Math.random() * 900))
    victim.child.kill('SIGKILL')
    await victim.exited
    victim = await startVictim(folder)
  }
  over = true
  const acknowledged = await Promise.all(sending)
  const drained = await post(victim.port, '/drain', 'test', '', false)
  expect(drained?.status).toBe(200)
  victim.child.kill('SIGTERM')
  await victim.exited

  const bus = await openEmbeddedBus({ dir: join(folder, 'bus') })
  const store = await openEmbeddedStore({ dir: join(folder, 'store') })
  try {
    const found = new Map<string, number>()
    const winners = new Set<string>()
    const expectedHits = new Set<string>()
    for (const partition of [0, 1]) {
      const seals = await sealsOf(store, partition)
      expect(verifyChain(seals)).toMatchObject({ ok: true })
      for (const seal of seals) {
        winners.add(seal.attempt)
        const chain = { stream: 'main', generation: 0, partition }
        const leaves = new Map<number, string>(seal.others.map((other) => [other.offset, hashOther(chain, other).leaf]))
        for await (const page of store.events.range(chain, seal.from, seal.to)) {
          for (const event of page) {
            leaves.set(event.home.offset, hashEvent(event).leaf)
            const sent: { source: string; n: number } = JSON.parse(Buffer.from(event.raw).toString())
            found.set(keyOf(sent.source, sent.n), (found.get(keyOf(sent.source, sent.n)) ?? 0) + 1)
            if (sent.n % 10 === 0) expectedHits.add(event.id)
          }
        }
        const own = Array.from({ length: seal.to - seal.from }, (_, n) => ({
          leaf: leaves.get(seal.from + n) ?? 'missing',
        }))
        expect(verifySeal(seal, own)).toEqual({ ok: true })
      }
      expect(seals.at(-1)?.to).toBe((await bus.partition('raw.main', partition)).end)
    }
    const lost = sources.flatMap((source, index) =>
      Array.from({ length: acknowledged[index] ?? 0 }, (_, n) => keyOf(source, n)).filter((key) => !found.has(key)),
    )
    expect(lost).toEqual([])
    expect([...found].filter(([, times]) => times > 1)).toEqual([])
    const hits: Hit[] = []
    for (const partition of [0, 1]) {
      for await (const batch of bus.read(hitsTopic, { partition, from: 0, untilEnd: true })) {
        for (const one of batch.records.map(readHitsRecord))
          if (one.kind === 'hit' && winners.has(one.hit.attempt)) hits.push(one.hit)
      }
    }
    expect(hits.map((hit) => hit.eventId).sort()).toEqual([...expectedHits].sort())
    expect(found.size).toBeGreaterThan(0)
    process.stderr.write(
      `faults: ${kills} kills, ${found.size} events, ${acknowledged.reduce((a, b) => a + b, 0)} acknowledged, ${hits.length} hits\n`,
    )
  } finally {
    await store.close()
    await bus.close()
    await rm(folder, { recursive: true })
  }
})
