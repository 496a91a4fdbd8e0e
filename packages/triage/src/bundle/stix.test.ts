// What other tools want of a bundle: STIX 2.1 with every property that its specification requires, and Timesketch's columns.
import type { Case, JsonObject } from '@varde/schema'
import { describe, expect, test } from 'vitest'
import { prose } from './prose.ts'
import { stixBundle } from './stix.ts'
import { type SpooledRow, timesketchLine } from './timesketch.ts'

const at = Date.UTC(2026, 10, 24, 8)
const of: Case = {
  id: 'case-2026-0001',
  revision: 3,
  title: 'An account was taken over',
  summary: '',
  status: 'open',
  severity: 'high',
  zone: 'Europe/Copenhagen',
  tags: [],
  tenants: ['house'],
  createdAt: at,
  createdBy: 'anna',
  updatedAt: at + 1,
  updatedBy: 'anna',
  people: [],
  tasks: [],
  notes: [],
  pins: [],
  eventCount: 3,
  marks: [],
  entries: [],
}
const row = (id: string, more: Partial<SpooledRow>): SpooledRow => ({
  id,
  kind: 'event',
  time: at,
  discoveredAt: at + 5,
  source: 'dc1',
  entity: 'anna',
  fact: 'logon-failed',
  important: false,
  ...more,
})
const rows = [
  row('main.0.0.1', { see: { addresses: ['198.51.100.3', '2001:db8::1'], user: 'anna', host: 'dc1.example.test' } }),
  row('main.0.0.2', {
    see: { addresses: [], file: 'C:\\share\\', process: 'cmd /c whoami' },
    words: 'odd',
    by: 'anna',
  }),
  row('main.0.0.3', { see: { addresses: [] } }),
  row('entry-4', { kind: 'entry', words: 'she was at home' }),
]

/** STIX 2.1 §3.2, §4 to §6: what an object must have, beside type and id. */
const common = ['spec_version', 'created', 'modified']
const required: Record<string, string[]> = {
  identity: [...common, 'name'],
  incident: [...common, 'name'],
  'attack-pattern': [...common, 'name'],
  relationship: [...common, 'relationship_type', 'source_ref', 'target_ref'],
  'observed-data': [...common, 'first_observed', 'last_observed', 'number_observed', 'object_refs'],
  note: [...common, 'content', 'object_refs'],
  report: [...common, 'name', 'published', 'object_refs'],
  'ipv4-addr': ['value'],
  'ipv6-addr': ['value'],
  'domain-name': ['value'],
  'user-account': [],
  file: ['name'],
  process: ['command_line'],
  artifact: ['payload_bin'],
}

function objectsOf(bundle: JsonObject): JsonObject[] {
  const { objects } = bundle
  if (!Array.isArray(objects)) throw new Error('a bundle has objects')
  return objects.flatMap((one) => (typeof one === 'object' && one !== null && !Array.isArray(one) ? [one] : []))
}

describe('STIX 2.1', () => {
  const bundle = stixBundle({ case: of, house: 'Example Hosting', alerts: [], rows, left: 2 })
  const objects = objectsOf(bundle)
  const ids = new Set(objects.map(({ id }) => String(id)))

  test('every object has what its type requires, nothing empty, and names only what is there', () => {
    for (const object of objects) {
      const type = String(object['type'])
      expect(required[type], type).toBeDefined()
      expect(object['id']).toMatch(
        new RegExp(`^${type}--[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`),
      )
      for (const name of required[type] ?? []) expect(object, `${type} ${name}`).toHaveProperty(name)
      for (const [name, value] of Object.entries(object)) {
        expect(value === '' || (Array.isArray(value) && value.length === 0), `${type} ${name} is empty`).toBe(false)
        const named = name.endsWith('_refs') ? value : name.endsWith('_ref') ? [value] : []
        for (const id of Array.isArray(named) ? named : []) expect(ids.has(String(id)), `${name} ${id}`).toBe(true)
        if (['created', 'modified', 'published', 'first_observed', 'last_observed'].includes(name))
          expect(value).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
      }
    }
    expect(ids.size).toBe(objects.length)
  })

  test('the same address has the same id everywhere: version 5 in the namespace of the specification', () => {
    expect(objects.find(({ value }) => value === '198.51.100.3')?.['id']).toBe(
      'ipv4-addr--28bb3599-77cd-5a82-a950-b5bc3caf07c4',
    )
  })
})

test('a line for Timesketch has its three columns, and one time', () => {
  const line: Record<string, unknown> = JSON.parse(timesketchLine(row('main.0.0.1', { words: 'odd' }), of.id))
  expect(line).toMatchObject({
    message: 'logon-failed | odd',
    datetime: '2026-11-24T08:00:00.000+00:00',
    timestamp: at * 1000,
    timestamp_desc: 'Event Logged',
  })
})

test.each([
  ['**a** and *b*', '<p><b>a</b> and <i>b</i></p>'],
  ['one\ntwo\n\n- x\n- y', '<p>one<br>two</p><ul><li>x</li><li>y</li></ul>'],
  ['<img src=x onerror=alert(1)> **<b>**', '<p>&lt;img src=x onerror=alert(1)&gt; <b>&lt;b&gt;</b></p>'],
  ['2 * 3 * 4', '<p>2 * 3 * 4</p>'],
  ['[x](javascript:alert(1))', '<p>[x](javascript:alert(1))</p>'],
])('what people wrote in Markdown, %j, is %s', (given, written) => expect(prose(given)).toBe(written))
