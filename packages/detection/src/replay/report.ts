// A replay for a pull request: a comment in Markdown, and JUnit for whatever reads that.
import type { TestReport } from '../rules/test-rule.ts'
import type { ReplayedAlert, ReplaySummary, RuleSummary } from './summary.ts'

export interface ReportOptions {
  /** Reports of the rules' own tests, by rule id. */
  tests?: ReadonlyMap<string, readonly TestReport[]>
  /** A rule that would cost more alerts a day fails. */
  perDayMax?: number
  from: number
  to: number
}

const shownPerKind = 20

/** For a comment on a pull request: a table of the rules, then the first alerts that are new, gone or other. */
export function replayMarkdown(summary: ReplaySummary, options: ReportOptions): string {
  const lines = [
    `### Varde replay: ${signed(summary)} alerts`,
    '',
    `${day(options.from)} to ${day(options.to)}, ${summary.cost.events} events read, ${summary.cost.hits} hits, ${Math.round(summary.cost.elapsedMs)} ms.`,
    '',
    '| rule | new | gone | other | same | a day | tests |',
    '| --- | ---: | ---: | ---: | ---: | ---: | --- |',
  ]
  for (const rule of summary.rules)
    lines.push(
      `| ${cell(rule.id)} | ${rule.added} | ${rule.missing} | ${rule.changed} | ${rule.same} | ${rounded(rule.perDay)}${isNoisy(rule, options) ? ' ⚠' : ''} | ${testCell(options.tests?.get(rule.id))} |`,
    )
  lines.push(
    ...listed('New', summary.addedAlerts, summary.added),
    ...listed('Gone', summary.missingAlerts, summary.missing),
  )
  const changed = summary.changedAlerts.map(({ after }) => after)
  lines.push(...listed('With other events', changed, summary.changed))
  if (summary.failures > 0 || summary.truncated > 0)
    lines.push(
      '',
      `⚠ ${summary.failures} evaluations failed and ${summary.truncated} events had to be left out of windows: alerts may be lacking.`,
    )
  return `${lines.join('\n')}\n`
}

/** "+12 / −3". */
export function signed({ added, missing }: { added: number; missing: number }): string {
  return `+${added} / −${missing}`
}

function listed(title: string, alerts: readonly ReplayedAlert[], count: number): string[] {
  if (count === 0) return []
  const rows = alerts
    .slice(0, shownPerKind)
    .map(
      (alert) =>
        `| ${new Date(alert.anchor).toISOString()} | ${alert.severity} | ${cell(alert.title)} | ${alert.memberCount} | ${cell(alert.rule)} |`,
    )
  const more = count > rows.length ? [`| … | | ${count - rows.length} more | | |`] : []
  return [
    '',
    `<details><summary>${title}: ${count}</summary>`,
    '',
    '| time | severity | title | events | rule |',
    '| --- | --- | --- | ---: | --- |',
    ...rows,
    ...more,
    '',
    '</details>',
  ]
}

/** Titles hold what attackers wrote: nothing of it may become markup, a mention or another cell. */
function cell(text: string): string {
  return text
    .replace(/[\r\n]+/g, ' ')
    .replace(/[\\`*_{}[\]<>()#+!|~@&:/-]/g, (character) => `&#${character.charCodeAt(0)};`)
    .slice(0, 1_000)
}

function testCell(tests: readonly TestReport[] | undefined): string {
  if (tests === undefined) return ''
  const failed = tests.filter((test) => !test.ok).length
  return failed === 0 ? `${tests.length} pass` : `✗ ${failed} of ${tests.length} fail`
}

/** JUnit XML: a case for each test of a rule, and one for its alerts a day; too many of them (`perDayMax`) fail it. */
export function replayJUnit(summary: ReplaySummary, options: ReportOptions): string {
  const cases = summary.rules.flatMap((rule) => [
    ...(options.tests?.get(rule.id) ?? []).map((test) =>
      testCase(rule.id, test.name, test.ok ? undefined : test.problems.join('; ')),
    ),
    testCase(
      rule.id,
      'replay',
      isNoisy(rule, options)
        ? `${rounded(rule.perDay)} alerts a day, at most ${options.perDayMax} are allowed`
        : undefined,
      `${signed(rule)}, ${rule.changed} with other events, ${rule.same} the same, ${rounded(rule.perDay)} a day`,
    ),
  ])
  if (summary.failures > 0) cases.push(testCase('replay', 'evaluations', `${summary.failures} evaluations failed`))
  const failures = cases.filter((text) => text.includes('<failure')).length
  const seconds = (summary.cost.elapsedMs / 1_000).toFixed(3)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites tests="${cases.length}" failures="${failures}" time="${seconds}">`,
    `<testsuite name="varde rules replay" tests="${cases.length}" failures="${failures}" time="${seconds}">`,
    ...cases,
    '</testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function testCase(rule: string, name: string, failure: string | undefined, out = ''): string {
  const inner = [
    ...(failure === undefined ? [] : [`<failure message="${xml(failure)}"/>`]),
    ...(out === '' ? [] : [`<system-out>${xml(out)}</system-out>`]),
  ].join('')
  return `<testcase classname="${xml(rule)}" name="${xml(name)}">${inner}</testcase>`
}

const xmlNames: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&apos;' }

/** XML 1.0 has no place for most control characters, escaped or not. */
function xml(text: string): string {
  return text
    .replace(/[&<>"']/g, (character) => xmlNames[character] ?? character)
    .replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '�')
}

function isNoisy(rule: RuleSummary, { perDayMax }: ReportOptions): boolean {
  return perDayMax !== undefined && rule.perDay > perDayMax
}

function rounded(value: number): string {
  return value >= 10 ? String(Math.round(value)) : String(Math.round(value * 100) / 100)
}

function day(time: number): string {
  return new Date(time).toISOString().replace(/:\d\d\.\d{3}Z$/, 'Z')
}
