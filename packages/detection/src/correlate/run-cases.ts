// For tests: events given to a rule as live hits, in any order, batches and attempts.
import type { EcsEvent, Hit } from '@varde/schema'
import { compileRule } from '../rules/compile-rule.ts'
import { contentDigest, groupOf } from '../rules/hit.ts'
import type { Lists } from '../rules/lists.ts'
import type { CompiledRule } from '../rules/rule.ts'
import { createRuleSet, type RuleSet } from '../rules/rule-set.ts'
import type { AlertWrite, DetectedAlert } from './alert.ts'
import { type Correlator, createCorrelator } from './correlator.ts'

export const start = Date.parse('2026-11-23T10:00:00.000Z')

export function ruleOf(body: string, lists?: Lists): CompiledRule {
  const text = `id: case-rule\nname: Case\nseverity: high\n${body}`
  const compiled = compileRule(text, 'case.yaml', lists === undefined ? {} : { lists })
  if (!compiled.ok)
    throw new Error(compiled.errors.map((error) => `${error.line}:${error.column} ${error.message}`).join('\n'))
  return compiled.rule
}

/** `at` is seconds after the start. */
export function eventAt(at: number, fields: Record<string, string | number>): EcsEvent {
  const event: EcsEvent = { '@timestamp': new Date(start + at * 1000).toISOString() }
  for (const [path, value] of Object.entries(fields)) {
    const [root = '', leaf] = path.split('.')
    const there = event[root]
    if (leaf === undefined) event[root] = value
    else event[root] = { ...(typeof there === 'object' && !Array.isArray(there) ? there : {}), [leaf]: value }
  }
  return event
}

export async function hitsFor(
  ruleSet: RuleSet,
  event: EcsEvent,
  id: { partition?: number; offset: number; attempt?: string },
): Promise<Hit[]> {
  const { partition = 0, offset, attempt = 'a' } = id
  const time = Date.parse(event['@timestamp'])
  return (await ruleSet.match(event)).map((hit) => ({
    rule: hit.rule.digest,
    step: hit.step,
    ...groupOf(hit.rule, hit.group),
    eventId: `main.0.${partition}.${offset}`,
    time,
    content: contentDigest(event),
    fields: hit.fields,
    partition,
    attempt,
    late: false,
    tenant: 'house',
    source: 'test',
  }))
}

/** What a reader of the alerts would see after these writes. */
export function applyWrites(alerts: Map<string, DetectedAlert>, writes: readonly AlertWrite[]): void {
  for (const write of writes) {
    if (write.change === 'retracted') alerts.delete(write.id)
    else alerts.set(write.alert.id, write.alert)
  }
}

export function markerAt(watermark: number, attempt = 'a', partition = 0) {
  return { stream: 'main', generation: 0, partition, seq: 0, attempt, ruleSet: '', watermark }
}

/** All events in one go, then a watermark beyond them (or where the case says). */
export async function runRule(
  rule: CompiledRule,
  events: readonly EcsEvent[],
  until?: number,
): Promise<DetectedAlert[]> {
  const ruleSet = createRuleSet([rule])
  const correlator: Correlator = createCorrelator({ ruleSet, partitions: ['main.0'] })
  const alerts = new Map<string, DetectedAlert>()
  applyWrites(alerts, await correlator.advance([markerAt(start - 1)]))
  for (const [offset, event] of events.entries()) correlator.apply(await hitsFor(ruleSet, event, { offset }))
  const newest = events.reduce((latest, event) => Math.max(latest, Date.parse(event['@timestamp'])), start)
  applyWrites(alerts, await correlator.advance([markerAt(until === undefined ? newest + 1 : start + until * 1000)]))
  return [...alerts.values()].sort((a, b) => a.anchor.time - b.anchor.time)
}
