import { afterAll, describe, expect, test } from 'vitest'
import { type Engine, engineMissing, startElasticsearch, startKafka } from './engine.ts'

const running: Engine[] = []

afterAll(async () => {
  for (const engine of running) await engine.stop()
})

for (const [name, start, alive] of [
  ['kafka', startKafka, async () => true],
  ['elasticsearch', startElasticsearch, async (engine: Engine) => (await fetch(engine.address)).ok],
] as const) {
  const missing = engineMissing(name)
  describe.skipIf(missing !== undefined)(`${name}${missing === undefined ? '' : ` (${missing})`}`, () => {
    test('starts, is killed, starts again on its data, and stops', async () => {
      const first = await start()
      running.push(first)
      expect(await alive(first)).toBe(true)
      await first.kill()
      await expect(fetch(`http://127.0.0.1:${first.port}`)).rejects.toThrow()
      const again = await start({ folder: first.folder, port: first.port })
      running.push(again)
      expect(again.address).toBe(first.address)
      expect(await alive(again)).toBe(true)
      await again.stop()
      await first.stop()
    })
  })
}
