// Every product's fixtures: each record of <product>/<case>.{log,json} becomes the n-th line of <case>.expected.ndjson.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { parseRecord } from '../parse-record.ts'
import { products } from '../products.ts'

/** When the fixtures were received: Wednesday, 18 November 2026, noon. */
const arrival = Date.UTC(2026, 10, 18, 12)
const folder = join(import.meta.dirname, 'fixtures')
/** `UPDATE_FIXTURES=1` writes what comes out: read the difference by eye before it is committed. */
const update = process.env['UPDATE_FIXTURES'] === '1'

/** `.log`: a record a line. `.json`: a list of records, texts or objects. */
function recordsOf(path: string): string[] {
  const text = readFileSync(path, 'utf8')
  if (path.endsWith('.log')) return text.split('\n').filter((line) => line !== '')
  const list: unknown = JSON.parse(text)
  if (!Array.isArray(list)) throw new Error(`${path}: a list of records was expected`)
  return list.map((record) => (typeof record === 'string' ? record : JSON.stringify(record)))
}

function parseAll(records: string[], dataset: string | undefined) {
  return records.map((record) => {
    const raw = new TextEncoder().encode(record)
    const parsed = parseRecord(dataset === undefined ? { raw, arrival } : { raw, arrival, dataset })
    return parsed.ok ? parsed.event : parsed
  })
}

const folders = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
for (const { name: product } of folders) {
  describe(product, () => {
    const files = readdirSync(join(folder, product)).filter((name) => /\.(?:log|json)$/.test(name))
    test('has fixtures', () => expect(files.length).toBeGreaterThan(0))
    for (const file of files) {
      const path = join(folder, product, file)
      const answer = path.replace(/\.(?:log|json)$/, '.expected.ndjson')
      test(`${file}: by its content alone`, () => {
        const events = parseAll(recordsOf(path), undefined)
        if (update) writeFileSync(answer, events.map((event) => `${JSON.stringify(event)}\n`).join(''))
        expect(existsSync(answer), `${answer} is missing: run with UPDATE_FIXTURES=1 and read it`).toBe(true)
        const expected = readFileSync(answer, 'utf8')
          .split('\n')
          .filter((line) => line !== '')
        expect(events).toEqual(expected.map((line) => JSON.parse(line)))
        for (const event of events) expect(event).toHaveProperty('event.module')
      })
    }
  })
}

test('every product has a folder of fixtures', () => {
  const without = products.map((product) => product.name).filter((name) => !existsSync(join(folder, name)))
  expect(without).toEqual([])
})
