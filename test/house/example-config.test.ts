// varde.example.yaml is what people copy from: it must load, and every part of the configuration must stand in it.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { loadConfig } from '@varde/runtime'
import { expect, test } from 'vitest'

const file = join(import.meta.dirname, '..', '..', 'varde.example.yaml')

test('the example configuration loads as it is', () => {
  const config = loadConfig({ file })
  expect(config.sources).toHaveLength(1)
  expect(config.notify?.routes).toHaveLength(2)
})

test('so does what it shows for more than one machine', () => {
  const text = readFileSync(file, 'utf8')
  const cluster = text.slice(text.indexOf('# roles:')).replace(/^# /gm, '')
  const folder = mkdtempSync(join(tmpdir(), 'varde-example-'))
  try {
    writeFileSync(join(folder, 'cluster.yaml'), cluster)
    expect(loadConfig({ file: join(folder, 'cluster.yaml') })).toMatchObject({ bus: 'kafka', store: 'elasticsearch' })
  } finally {
    rmSync(folder, { recursive: true })
  }
})

test('every part of the configuration stands in it', () => {
  const text = readFileSync(file, 'utf8')
  const missing = Object.keys(loadConfig()).filter((name) => !new RegExp(`^(# ?)?${name}:`, 'm').test(text))
  expect(missing).toEqual([])
})
