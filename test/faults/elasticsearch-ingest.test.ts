// Ingest into Elasticsearch by two consumers of the same partitions, one of them a zombie, while Elasticsearch is killed: each record once, one chain.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openEmbeddedBus } from '@varde/bus/embedded'
import { verifyChain } from '@varde/evidence'
import { createIngest, encodeRecord, noRules, type Origin } from '@varde/ingest'
import { createLogger } from '@varde/runtime'
import type { JsonObject, Seal } from '@varde/schema'
import { collections } from '@varde/store'
import { openElasticsearchStore } from '@varde/store/elasticsearch'
import { describe, expect, test } from 'vitest'
import { type Engine, engineMissing, startElasticsearch } from '../engines/engine.ts'
import { pause } from './in-turn.ts'

const missing = engineMissing('elasticsearch')
const kills = process.env['VARDE_SOAK'] === '1' ? 20 : 1
const partitions = 2
/** Between two batches of forty: what waits while the cluster starts again must be stored too. */
const paceMs = process.env['VARDE_SOAK'] === '1' ? 20 : 100
const origin: Origin = { tenant: 'house', source: 'app', retention: 'standard', collector: 'c', transport: 'http' }

describe.skipIf(missing !== undefined)(`elasticsearch${missing === undefined ? '' : ` (${missing})`}`, () => {
  test(`${kills} kills of Elasticsearch under two consumers: no record lost or doubled, no chain forked`, {
    timeout: 300_000 + kills * 150_000,
  }, async () => {
    const folder = mkdtempSync(join(tmpdir(), 'varde-es-ingest-'))
    let engine: Engine = await startElasticsearch({ heap: '768m' })
    const { port, address } = engine
    const bus = await openEmbeddedBus({ dir: folder })
    const open = () =>
      openElasticsearchStore({ nodes: [address], prefix: 'faults', replicas: 0, bulk: { patienceMs: 2_000 } })
    const stores = [await open(), await open()]
    const log = createLogger({ level: 'silent' })
    const config = { stream: 'main', partitions, hitsPartitions: 1, settings: { sealMs: 300, retryMs: 300 } }
    const consumers = stores.map((store) => createIngest({ bus, store, log, config, matcher: () => noRules }))
    try {
      for (const consumer of consumers) await consumer.start()
      let over = false
      let sent = 0
      // Around midnight: every other record arrived on the day before.
      const midnight = Date.UTC(2026, 10, 20)
      const sending = (async () => {
        while (!over || sent < 2_000) {
          const records = Array.from({ length: 40 }, () => {
            const n = sent++
            const line = JSON.stringify({ n, '@timestamp': new Date(midnight + n).toISOString() })
            // Each key comes twice, on both sides of midnight.
            return encodeRecord(
              {
                origin,
                raw: Buffer.from(line.replace(/"n":\d+/, `"n":${n >> 1}`).replace(/T.*Z/, 'T00:00:00.000Z')),
                sender: { key: `k${n >> 1}` },
              },
              midnight + (n % 2 === 0 ? -1 : 1),
            )
          })
          await bus.append('raw.main', (sent / 40) % partitions, records)
          await pause(paceMs)
        }
      })()
      for (let kill = 0; kill < kills; kill += 1) {
        await pause(1_000 + Math.random() * 2_000)
        await engine.kill()
        engine = await startElasticsearch({ folder: engine.folder, port, heap: '768m' })
      }
      await pause(1_000)
      over = true
      await sending
      await Promise.all(consumers.map((consumer) => consumer.drained()))
      for (const consumer of consumers) await consumer.stop()

      const [store] = stores
      if (store === undefined) throw new Error('two were opened')
      const found = new Map<string, number>()
      let duplicates = 0
      let seals = 0
      for (let partition = 0; partition < partitions; partition += 1) {
        const chain: Seal[] = []
        for (let cursor: string | undefined, first = true; first || cursor !== undefined; first = false) {
          const page = await store.documents.list<JsonObject>(collections.seals.name, {
            where: { partition },
            sort: { by: 'seq', order: 'asc' },
            limit: 1_000,
            ...(cursor === undefined ? {} : { cursor }),
          })
          for (const { doc } of page.docs) chain.push(JSON.parse(JSON.stringify(doc)))
          cursor = page.next
        }
        expect(verifyChain(chain)).toMatchObject({ ok: true })
        expect(chain.at(-1)?.to).toBe((await bus.partition('raw.main', partition)).end)
        seals += chain.length
        for (const seal of chain) duplicates += seal.others.filter(({ kind }) => kind === 'duplicate').length
        for await (const page of store.events.range(
          { stream: 'main', generation: 0, partition },
          0,
          Number.MAX_SAFE_INTEGER,
        )) {
          for (const { sender } of page) {
            const key = sender !== undefined && 'key' in sender ? sender.key : ''
            found.set(key, (found.get(key) ?? 0) + 1)
          }
        }
      }
      expect([...found].filter(([, times]) => times !== 1)).toEqual([])
      expect(found.size).toBe(sent / 2)
      expect(duplicates).toBe(sent / 2)
      process.stderr.write(
        `faults: elasticsearch, two consumers: ${kills} kills, ${sent} records, ${found.size} events, ${duplicates} resent over midnight, ${seals} seals\n`,
      )
    } finally {
      for (const store of stores) await store.close()
      await bus.close()
      await engine.stop()
      for (const made of [folder, engine.folder]) rmSync(made, { recursive: true, force: true })
    }
  })
})
