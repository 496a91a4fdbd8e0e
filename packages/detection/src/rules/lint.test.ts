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

test('a field of a vendor that no event has is told where the fields are known', () => {
  const rule = ruleOf('match: { when: acme.state = "x" }')
  const unknown = (fields?: ReadonlySet<string>): number =>
    lintRule(rule, fields === undefined ? {} : { fields }).filter((finding) => finding.check === 'unknown-field').length
  expect([unknown(), unknown(new Set(['acme.other'])), unknown(new Set(['acme.state']))]).toEqual([0, 1, 0])
})

test('the rules we ship have no findings', async () => {
  const { rules } = await loadRules(join(dirname(fileURLToPath(import.meta.url)), '../../../../detections'))
  expect(
    rules
      .flatMap((rule) => lintRule(rule, { now: Date.parse('2026-11-23') }))
      .map((finding) => `${finding.file}: ${finding.message}`),
  ).toEqual([])
})
