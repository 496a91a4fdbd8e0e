// Each check finds what it is for, and our own rules have none of it.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { ruleOf } from '../correlate/run-cases.ts'
import { lintRule } from './lint.ts'
import { loadRules } from './load-rules.ts'

test.each([
  ['unknown-field', 'match: { when: event.kode = "1" }'],
  ['never-true', `match: { when: 'event.code = "1" and $not($contains(message, "x"))' }`],
  ['never-true', `match: { when: 'event.code = "1" and (event.code = "2" or event.code in ["3", "4"])' }`],
  ['unindexed', `match: { when: '$count($keys($)) > 3' }`],
  ['span', 'absence: { after: event.code = "1", expect: event.code = "2", group: [host.name], within: 10s }'],
  [
    'span',
    'sequence: { group: [host.name], within: 1s, steps: [{ name: a, when: event.code = "1" }, { name: b, when: event.code = "2" }] }',
  ],
  ['list-compared', 'match: { when: event.type = "denied" }'],
  ['number-compared', 'match: { when: event.code = 4625 }'],
  ['unbounded-key', 'threshold: { when: event.code = "1", group: [source.port], count: { atLeast: 3, within: 1m } }'],
  ['attack-id', 'attack: [T1070.001]\nmatch: { when: event.code = "1" }'],
  ['attack-id', 'attack: [T9999]\nmatch: { when: event.code = "1" }'],
  ['limit', 'threshold: { when: event.code = "1", count: { atLeast: 30000, within: 1m } }'],
  [
    'exception',
    'match: { when: event.code = "1" }\nexceptions: [{ when: event.code = "1", owner: a, reason: b, until: 2026-01-01 }]',
  ],
  ['not-proven', 'match: { when: event.code = "1" }'],
  ['not-explained', 'match: { when: event.code = "1" }'],
])('%s: %s', (check, body) => {
  const found = lintRule(ruleOf(body), { now: Date.parse('2026-11-23') })
  expect(found.map((finding) => finding.check)).toContain(check)
})

test('what no event has is told where the fields are known, as a note: of alternatives only what all need', () => {
  const rule = ruleOf(
    `match: { when: 'acme.state = "x" and (user.name = "a" or user.name = "b" and acme.more = 1)', group: [host.name] }`,
  )
  const unwritten = (...fields: string[]): string[] =>
    lintRule(rule, { fields: new Set(fields) })
      .filter((finding) => finding.check === 'unwritten-field')
      .map((finding) => finding.message.split(' ')[5] ?? '')
  expect(unwritten('acme.other')).toEqual(['acme.state:', 'host.name:', 'user.name:'])
  expect(unwritten('acme.state', 'host.name', 'user.name')).toEqual([])
  expect(lintRule(rule).map((finding) => finding.check)).not.toContain('unwritten-field')
})

test('a list may hold two values at once, and one value may be written in two ways', () => {
  const checks = (when: string) => lintRule(ruleOf(`match: { when: '${when}' }`)).map((finding) => finding.check)
  expect(checks('"a" in event.type and "b" in event.type')).not.toContain('never-true')
  expect(checks('event.code = "a" and $lowercase(event.code) = "a"')).not.toContain('never-true')
})

test('the rules we ship have no findings', async () => {
  const { rules } = await loadRules(join(dirname(fileURLToPath(import.meta.url)), '../../../../detections'))
  expect(
    rules
      .flatMap((rule) => lintRule(rule, { now: Date.parse('2026-11-23') }))
      .map((finding) => `${finding.file}: ${finding.message}`),
  ).toEqual([])
})
