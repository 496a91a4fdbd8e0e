// Runs the tests in a rule file through the path that production takes: parsers, stage 1, stage 2.

import { isDeepStrictEqual } from 'node:util'
import type { EcsEvent, Hit, Json } from '@varde/schema'
import type { DetectedAlert } from '../correlate/alert.ts'
import { createCorrelator } from '../correlate/correlator.ts'
import { compileRule } from './compile-rule.ts'
import { parseDuration } from './duration.ts'
import { hitsOf } from './hit.ts'
import { withLists } from './lists.ts'
import type { CompiledRule } from './rule.ts'
import { createRuleSet, type RuleSet } from './rule-set.ts'
import type { ExpectedAlert, RuleTest } from './schema.ts'
import { startOf, testEvents } from './test-events.ts'

export interface TestReport {
  name: string
  ok: boolean
  /** What was wrong, for a person; empty where all is well. */
  problems: string[]
  alerts: DetectedAlert[]
  events: EcsEvent[]
}

export interface RuleReport {
  rule: string
  file: string
  ok: boolean
  /** A rule proves itself with at least one test that hits and one that misses. */
  hits: number
  misses: number
  tests: TestReport[]
}

/** `path` is where the rule file lies, for tests that name files beside it. */
export async function testRule(rule: CompiledRule, path: string = rule.file): Promise<RuleReport> {
  const tests: TestReport[] = []
  for (const test of rule.definition.tests ?? []) tests.push(await runTest(rule, test, path))
  const hits = tests.filter((test) => test.alerts.length > 0).length
  return {
    rule: rule.id,
    file: rule.file,
    ok: tests.every((test) => test.ok),
    hits,
    misses: tests.length - hits,
    tests,
  }
}

async function runTest(rule: CompiledRule, test: RuleTest, path: string): Promise<TestReport> {
  const made = await testEvents(test, path)
  if (!made.ok) return { name: test.name, ok: false, problems: [made.problem], alerts: [], events: [] }
  const { events } = made
  const tested = withTestLists(rule, test)
  const ruleSet = createRuleSet([{ ...tested, enabled: true }])
  const end = endOf(test, events)
  const alerts = await alertsOf(ruleSet, events, startOf(test), end)
  const problems = differences(test.alerts, alerts)
  const failed = [...ruleSet.counts().values()].reduce((sum, counts) => sum + counts.errors, 0)
  if (failed > 0) problems.push(`${failed} evaluations failed: such a rule does not match`)
  problems.push(...(await disorder(ruleSet, events, startOf(test), end, alerts)))
  return { name: test.name, ok: problems.length === 0, problems, alerts, events }
}

function withTestLists(rule: CompiledRule, test: RuleTest): CompiledRule {
  if (test.lists === undefined) return rule
  const compiled = compileRule(rule.text, rule.file, { lists: withLists(rule.lists, test.lists) })
  return compiled.ok ? compiled.rule : rule
}

function endOf(test: RuleTest, events: readonly EcsEvent[]): number {
  const until = test.until === undefined ? undefined : parseDuration(test.until)
  if (until !== undefined) return startOf(test) + until
  return events.reduce((latest, event) => Math.max(latest, Date.parse(event['@timestamp'])), startOf(test)) + 1
}

/** Every test also runs backwards and with each event delivered twice: the alerts must be the same. */
async function disorder(
  ruleSet: RuleSet,
  events: readonly EcsEvent[],
  start: number,
  end: number,
  expected: readonly DetectedAlert[],
): Promise<string[]> {
  const problems: string[] = []
  const ids = JSON.stringify(expected.map((alert) => [alert.id, alert.memberCount]))
  const same = (alerts: DetectedAlert[]): boolean =>
    JSON.stringify(alerts.map((alert) => [alert.id, alert.memberCount])) === ids
  if (!same(await alertsOf(ruleSet, events, start, end, { backwards: true })))
    problems.push('the same events in reverse order of arrival give other alerts')
  if (!same(await alertsOf(ruleSet, events, start, end, { twice: true })))
    problems.push('events that are delivered twice give other alerts')
  return problems
}

async function alertsOf(
  ruleSet: RuleSet,
  events: readonly EcsEvent[],
  start: number,
  end: number,
  order: { backwards?: boolean; twice?: boolean } = {},
): Promise<DetectedAlert[]> {
  const correlator = createCorrelator({ ruleSet, partitions: ['test.0'], trusted: true })
  const alerts = new Map<string, DetectedAlert>()
  const advance = async (watermark: number): Promise<void> => {
    const marker = {
      stream: 'test',
      generation: 0,
      partition: 0,
      seq: 0,
      attempt: 'test',
      ruleSet: ruleSet.digest,
      watermark,
    }
    for (const write of await correlator.advance([marker])) {
      if (write.change === 'retracted') alerts.delete(write.id)
      else alerts.set(write.alert.id, write.alert)
    }
  }
  const earliest = events.reduce((first, event) => Math.min(first, Date.parse(event['@timestamp'])), start)
  await advance(earliest)
  const hits: Hit[] = []
  for (const [offset, event] of events.entries()) {
    const stored = {
      id: `test.0.0.${offset}`,
      home: { stream: 'test', generation: 0, partition: 0, offset },
      tenant: 'house',
      source: 'test',
      retention: 'standard',
      arrival: Date.parse(event['@timestamp']),
      raw: new Uint8Array(),
      seed: new Uint8Array(),
      event,
      ingested: 0,
    }
    hits.push(...hitsOf(stored, await ruleSet.match(event), { attempt: 'test' }))
  }
  if (order.backwards === true) hits.reverse()
  correlator.apply(hits)
  if (order.twice === true) correlator.apply(hits)
  await advance(end)
  return [...alerts.values()].sort((a, b) => a.anchor.time - b.anchor.time || (a.id < b.id ? -1 : 1))
}

function differences(expected: RuleTest['alerts'], alerts: readonly DetectedAlert[]): string[] {
  const wanted = typeof expected === 'number' ? expected : expected.length
  if (alerts.length !== wanted)
    return [
      `${wanted} alerts expected, ${alerts.length} raised${
        alerts.length === 0
          ? ''
          : `: ${alerts
              .map((alert) => alert.title)
              .slice(0, 5)
              .join('; ')}`
      }`,
    ]
  if (typeof expected === 'number') return []
  return expected.flatMap((one, position) => {
    const alert = alerts[position]
    return alert === undefined ? [] : differencesOf(one, alert, position + 1)
  })
}

function differencesOf(expected: ExpectedAlert, alert: DetectedAlert, number: number): string[] {
  const problems: string[] = []
  const compare = (what: string, wanted: Json | undefined, got: Json): void => {
    if (wanted !== undefined && !isDeepStrictEqual(wanted, got))
      problems.push(`alert ${number}: ${what} ${JSON.stringify(wanted)} expected, ${JSON.stringify(got)} found`)
  }
  compare('members', expected.members, alert.memberCount)
  compare('title', expected.title, alert.title)
  compare('suppressed', expected.suppressed, alert.suppressed)
  for (const [name, value] of Object.entries(expected.group ?? {})) compare(name, value, alert.group[name] ?? null)
  return problems
}
