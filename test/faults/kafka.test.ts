// The same attack with Kafka as the bus, while the program and the broker are killed and the network between them misbehaves:
// the alerts are those of an undisturbed embedded run. VARDE_SOAK=1: 50 faults instead of one of each.
import { rm } from 'node:fs/promises'
import { describe, test } from 'vitest'
import { type Engine, engineMissing, startKafka } from '../engines/engine.ts'
import { startProxy } from '../engines/proxy.ts'
import { underAttack } from './attack-run.ts'
import { inTurn, pause } from './in-turn.ts'

const missing = engineMissing('kafka')
const rounds = process.env['VARDE_SOAK'] === '1' ? 8 : 1

describe.skipIf(missing !== undefined)(`kafka${missing === undefined ? '' : ` (${missing})`}`, () => {
  test(`${rounds} × each fault under attack: nothing lost, nothing doubled, the alerts of an undisturbed embedded run`, {
    timeout: 500_000 + rounds * 100_000,
  }, async () => {
    let broker: Engine | undefined
    const proxy = await startProxy(() => broker?.port ?? 0)
    // Clients go where the broker says it is: through the proxy.
    const config = [`advertised.listeners=PLAINTEXT://127.0.0.1:${proxy.port}`]
    broker = await startKafka({ config })
    const { folder, port } = broker
    const faults: Record<string, (restart: () => Promise<void>) => Promise<void>> = {
      'kill -9 of the program': (restart) => restart(),
      async 'kill -9 of the broker'() {
        await broker?.kill()
        await pause(500)
        broker = await startKafka({ folder, port, config })
      },
      async 'a broker that hangs'() {
        broker?.freeze()
        await pause(4_000)
        broker?.thaw()
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
      async 'a slow network'() {
        proxy.delay(120)
        await pause(3_000)
        proxy.heal()
      },
      async 'both killed at once'(restart) {
        await Promise.all([broker?.kill(), pause(Math.random() * 300)])
        const starting = startKafka({ folder, port, config })
        await Promise.all([starting, restart()])
        broker = await starting
      },
    }
    try {
      await underAttack({
        name: 'kafka',
        config: `node: embedded\nbus: kafka\nkafka: { brokers: ['127.0.0.1:${proxy.port}'], replicationFactor: 1, minInSyncReplicas: 1 }\n`,
        disturb: (restart) => inTurn('kafka', rounds, faults, restart),
      })
    } finally {
      await proxy.close()
      await broker?.stop({ keep: true })
      await rm(folder, { recursive: true, force: true })
    }
  })
})
