// Reports for pull requests: what attackers wrote in titles stays text, in Markdown and in XML.
import { expect, test } from 'vitest'
import { replayJUnit, replayMarkdown } from './report.ts'
import type { ReplayedAlert, ReplaySummary } from './summary.ts'

const nasty = '| <img src=x onerror=alert(1)> [a](javascript:x) @everyone `x`\n# head \u0000\u0007 & "q"'
const alert: ReplayedAlert = {
  id: 'a',
  rule: 'r-1',
  title: nasty,
  severity: 'high',
  group: {},
  anchor: Date.parse('2026-11-23T10:00:00Z'),
  window: { from: 0, to: 1 },
  memberCount: 3,
  eventIds: [],
}
const summary: ReplaySummary = {
  added: 25,
  missing: 0,
  changed: 1,
  same: 4,
  rules: [{ id: 'r-1', name: nasty, digest: 'd', added: 25, missing: 0, changed: 1, same: 4, perDay: 12.4 }],
  addedAlerts: Array.from({ length: 25 }, () => alert),
  missingAlerts: [],
  changedAlerts: [{ before: alert, after: alert }],
  cost: { events: 100, hits: 30, elapsedMs: 12, cpuMs: 9 },
  readFrom: 0,
  failures: 0,
  truncated: 0,
  raised: 0,
}
const range = { from: Date.parse('2026-10-24T00:00:00Z'), to: Date.parse('2026-11-23T00:00:00Z') }

test('a comment tells the counts, twenty of each kind and how many more; nothing in it is markup', () => {
  const text = replayMarkdown(summary, range)
  expect(text).toContain('Varde replay: +25 / −0 alerts')
  expect(text).toContain('| … | | 5 more | | |')
  expect(text).not.toMatch(/<img|\]\(javascript|@everyone|\n# head/)
  // Each row has the columns of its head.
  for (const line of text.split('\n').filter((one) => one.startsWith('| 2026'))) expect(line.split('|')).toHaveLength(7)
})

test('JUnit: a failed test and a rule that is too noisy fail; the file is XML whatever a title holds', () => {
  const tests = new Map([['r-1', [{ name: nasty, ok: false, problems: [nasty], alerts: [], events: [] }]]])
  const text = replayJUnit(summary, { ...range, tests, perDayMax: 5 })
  expect(text).toContain('<testsuites tests="2" failures="2"')
  expect(text).toContain('12 alerts a day, at most 5 are allowed')
  for (const wrong of ['<img', '\u0000', '\u0007']) expect(text).not.toContain(wrong)
  expect(replayJUnit(summary, range)).toContain('tests="1" failures="0"')
})
