// An embedded data folder moves into Elasticsearch: everything is there, every seal is proved, and the same chains go on.
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { varde } from '../e2e/varde.ts'
import { engineMissing, sharedElasticsearch } from './engine.ts'

const missing = engineMissing('elasticsearch')

describe.skipIf(missing !== undefined)(`migrate${missing === undefined ? '' : ` (${missing})`}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'varde-migrate-'))
  const data = join(folder, 'data')
  const config = join(folder, 'cluster.yaml')
  beforeAll(async () => {
    const { address } = await sharedElasticsearch()
    writeFileSync(
      config,
      `store: elasticsearch\nelasticsearch: { nodes: ['${address}'], prefix: moved }\nlisteners: []\n`,
    )
  })
  afterAll(async () => {
    rmSync(folder, { recursive: true, force: true })
  })

  test('events, alerts and chains are carried over, twice if need be, and go on there', {
    timeout: 400_000,
  }, async () => {
    const [loaded] = (await varde(['sample', '--data', data, '--json'])).lines()
    const events = Number(loaded?.['events'])
    expect(events).toBeGreaterThan(10_000)
    const moved = await varde(['migrate', '--data', data, '--config', config, '--json'])
    expect(moved.err).toBe('')
    const result = moved.lines().at(-1)
    expect(result).toMatchObject({ ok: true, wrong: 0, events })
    // Broken off and begun again: nothing is doubled.
    const again = await varde(['migrate', '--data', data, '--config', config, '--json'])
    expect(again.lines().at(-1)).toMatchObject({ ok: true, events, seals: result?.['seals'] })
    const wrong = await varde(['migrate', '--data', data, '--config', join(folder, 'none.yaml')])
    expect(wrong.code).not.toBe(0)

    // The same folder holds the bus: the chains go on where they were, in the cluster.
    const verified = await varde(['verify', data, '--config', config, '--json'])
    expect(verified.lines().at(-1)).toMatchObject({ ok: true, records: result?.['records'] })
    copyFileSync(config, join(data, 'varde.yaml'))
    const status = await varde(['status', '--data', data, '--json'])
    expect(status.lines()[0]).toMatchObject({ alerts: loaded?.['alerts'] })
  })
})
