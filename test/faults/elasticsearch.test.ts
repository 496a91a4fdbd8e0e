// The same attack with Elasticsearch as the store, while the program and the cluster are killed, hang, fill up and turn writers away:
// the alerts are those of an undisturbed embedded run. VARDE_SOAK=1: eight rounds instead of one of each.
import { rm } from 'node:fs/promises'
import { openElasticsearchStore } from '@varde/store/elasticsearch'
import { describe, test } from 'vitest'
import { type Engine, engineMissing, startElasticsearch } from '../engines/engine.ts'
import { startProxy } from '../engines/proxy.ts'
import { underAttack } from './attack-run.ts'
import { inTurn, pause } from './in-turn.ts'

const missing = engineMissing('elasticsearch')
const rounds = process.env['VARDE_SOAK'] === '1' ? 8 : 1
const prefix = 'attack'
// A queue so short that writers are turned away (429) all the time.
const config = ['thread_pool.write.size: 1', 'thread_pool.write.queue_size: 4']

describe.skipIf(missing !== undefined)(`elasticsearch${missing === undefined ? '' : ` (${missing})`}`, () => {
  test(`${rounds} × each fault under attack: nothing lost, nothing doubled, the alerts of an undisturbed embedded run`, {
    timeout: 1_200_000 + rounds * 200_000,
  }, async () => {
    let engine: Engine | undefined = await startElasticsearch({ heap: '768m', config })
    const { folder, port, address } = engine
    const proxy = await startProxy(() => port)
    const block = async (on: boolean) => {
      const response = await fetch(`${address}/${prefix}-*/_settings`, {
        method: 'PUT',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ 'index.blocks.read_only_allow_delete': on ? true : null }),
      })
      if (!response.ok) throw new Error(`the block could not be set: ${await response.text()}`)
    }
    const faults: Record<string, (restart: () => Promise<void>) => Promise<void>> = {
      'kill -9 of the program': (restart) => restart(),
      async 'kill -9 of Elasticsearch'() {
        await engine?.kill()
        engine = await startElasticsearch({ folder, port, heap: '768m', config })
      },
      async 'an Elasticsearch that hangs'() {
        engine?.freeze()
        await pause(4_000)
        engine?.thaw()
      },
      async 'flood stage'() {
        await block(true)
        await pause(4_000)
        await block(false)
      },
      async 'a cut network'() {
        proxy.cut()
        await pause(1_500)
        proxy.heal()
      },
      async 'half-open connections'() {
        proxy.halfOpen()
        await pause(3_000)
        proxy.heal()
      },
    }
    try {
      await underAttack({
        name: 'elasticsearch',
        config: `store: elasticsearch\nelasticsearch: { nodes: ['http://127.0.0.1:${proxy.port}'], prefix: ${prefix}, replicas: 0 }\n`,
        openStore: () => openElasticsearchStore({ nodes: [address], prefix, replicas: 0 }),
        // Two hundred beacons a second wait while nothing is stored, and the cluster restarts slowly on a busy machine.
        catchUpMs: 600_000,
        disturb: (restart) => inTurn('elasticsearch', rounds, faults, restart),
      })
    } finally {
      await proxy.close()
      await engine?.stop()
      await rm(folder, { recursive: true, force: true })
    }
  })
})
