import { afterAll, describe, expect, test } from 'vitest'
import { type Engine, engineMissing, startKafka } from './engine.ts'

const running: Engine[] = []

afterAll(async () => {
  for (const engine of running) await engine.stop()
})

const missing = engineMissing('kafka')

// Elasticsearch is started, killed and stopped by the suites of the store.
describe.skipIf(missing !== undefined)(`kafka${missing === undefined ? '' : ` (${missing})`}`, () => {
  test('starts, is killed, starts again on its data, and stops', async () => {
    const first = await startKafka()
    running.push(first)
    await first.kill()
    await expect(fetch(`http://127.0.0.1:${first.port}`)).rejects.toThrow()
    const again = await startKafka({ folder: first.folder, port: first.port })
    running.push(again)
    expect(again.address).toBe(first.address)
    await again.stop()
    await first.stop()
  })
})
