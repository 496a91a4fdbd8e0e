// The running rules, their tests and their hits.
import { join } from 'node:path'
import { type CompiledRule, createRuleSet, lintRule, replay, testRule } from '@varde/detection'
import { parseRecord } from '@varde/parsers'
import { type EcsEvent, eventId, type JsonObject, type StoredEvent } from '@varde/schema'
import type { Scope } from '@varde/store'
import type { RuleFinding, RuleRow } from '../contract/rules.ts'
import type { ApiDeps } from '../deps.ts'
import type { Handlers } from '../register.ts'
import { findingOf, ruleById, ruleOf } from '../rule-refs.ts'

const dayMs = 86_400_000
const shownDays = 30

function isEvent(value: JsonObject): value is EcsEvent {
  return typeof value['@timestamp'] === 'string'
}

export function ruleRoutes(deps: ApiDeps): Handlers<'rules' | 'rule' | 'testRule' | 'tryRule'> {
  const { rules, alerts, store, clock } = deps

  /** A rule's own findings change with its text and the day, and rows are asked for often. */
  const linted = new WeakMap<CompiledRule, RuleFinding[]>()
  function lintOf(rule: CompiledRule): RuleFinding[] {
    const known = linted.get(rule)
    if (known !== undefined) return known
    const found = lintRule(rule, { now: clock.now() })
    const findings = found.map(({ level, check, message }) => ({ level, code: check, message }))
    linted.set(rule, findings)
    return findings
  }

  function rowOf(rule: CompiledRule, scope: Scope): RuleRow {
    const mine = [...alerts.all(scope)].filter((alert) => alert.rule.id === rule.id)
    const lastFired = mine.reduce((latest, alert) => Math.max(latest, alert.anchor), 0)
    return {
      id: rule.id,
      name: rule.name,
      file: rule.file,
      type: rule.type,
      severity: rule.severity,
      attack: rule.attack,
      sources: rule.definition.sources ?? [],
      digest: rule.digest,
      fileDigest: rule.fileDigest,
      enabled: rule.enabled,
      tests: rule.definition.tests?.length ?? 0,
      lint: lintOf(rule),
      alerts: { open: mine.filter((alert) => alert.status === 'open').length, total: mine.length },
      ...(lastFired === 0 ? {} : { lastFired }),
      errors: rules.current().counts().get(rule.id)?.errors ?? 0,
    }
  }

  function alertsPerDay(rule: CompiledRule, scope: Scope) {
    const days = new Map<number, number>()
    for (const alert of alerts.all(scope)) {
      if (alert.rule.id !== rule.id) continue
      const start = Math.floor(alert.anchor / dayMs) * dayMs
      days.set(start, (days.get(start) ?? 0) + 1)
    }
    return [...days]
      .map(([start, count]) => ({ start, count }))
      .sort((a, b) => a.start - b.start)
      .slice(-shownDays)
  }

  /** Lines as ingest would make them, or ECS documents as they are. */
  function eventOf(line: string, index: number): { stored: StoredEvent } | { problem: string } {
    const home = { stream: 'try', generation: 0, partition: 0, offset: index }
    const raw = Buffer.from(line)
    const around = {
      id: eventId(home),
      home,
      tenant: 'house',
      source: 'try',
      retention: 'try',
      arrival: clock.now(),
      raw,
      seed: new Uint8Array(16),
      ingested: clock.now(),
    }
    try {
      const document: JsonObject = line.trimStart().startsWith('{') ? JSON.parse(line) : {}
      if (isEvent(document) && document['event'] !== undefined) return { stored: { ...around, event: document } }
    } catch {
      // Not an ECS document: the parsers say what it is.
    }
    const parsed = parseRecord({ raw, arrival: clock.now() })
    return parsed.ok ? { stored: { ...around, event: parsed.event } } : { problem: parsed.detail }
  }

  return {
    async rules({ scope }) {
      const refused = rules.refused().map(({ file, errors }) => ({ file, findings: errors.map(findingOf) }))
      return { ruleSet: rules.current().digest, rules: rules.all().map((rule) => rowOf(rule, scope)), refused }
    },
    async rule({ params, scope }) {
      const rule = ruleById(rules, params.id)
      const { goal, runbook, blindSpots, tests } = rule.definition
      return {
        ...rowOf(rule, scope),
        text: await rules.text(rule),
        ...(goal === undefined ? {} : { description: goal }),
        ...(runbook === undefined ? {} : { runbook }),
        ...(blindSpots === undefined ? {} : { blindSpots }),
        testNames: (tests ?? []).map((test) => ({
          name: test.name,
          expects: `${Array.isArray(test.alerts) ? test.alerts.length : test.alerts} alert(s)`,
        })),
        alertsPerDay: alertsPerDay(rule, scope),
      }
    },
    async testRule({ params }) {
      const rule = ruleById(rules, params.id)
      const report = await testRule(rule, join(rules.folder, rule.file))
      const results = report.tests.map(({ name, ok, problems, alerts: found }, index) => {
        const expects = rule.definition.tests?.[index]?.alerts ?? 0
        return {
          name,
          ok,
          expected: `${Array.isArray(expects) ? expects.length : expects} alert(s)`,
          got: problems.length === 0 ? `${found.length} alert(s)` : problems.join('; '),
        }
      })
      const passed = results.filter((result) => result.ok).length
      return { passed, failed: results.length - passed, results }
    },
    async tryRule({ body, scope }) {
      const compiled = ruleOf(rules, body.rule)
      if (!compiled.ok) return { findings: compiled.errors.map(findingOf), results: [], alerts: [] }
      const ruleSet = createRuleSet([{ ...compiled.rule, enabled: true }])
      const events: StoredEvent[] = []
      const given: ({ stored: StoredEvent } | { problem: string })[] = []
      if ('lines' in body.on) given.push(...body.on.lines.map(eventOf))
      else {
        const stored = await store.events.get(body.on.eventId, scope)
        given.push(stored === undefined ? { problem: `there is no event ${body.on.eventId}` } : { stored })
      }
      const results = []
      for (const [index, one] of given.entries()) {
        if ('problem' in one) {
          results.push({ index, matched: false, problem: one.problem })
          continue
        }
        events.push(one.stored)
        const [hit] = await ruleSet.match(one.stored.event)
        results.push({
          index,
          matched: hit !== undefined,
          event: one.stored.event,
          ...(hit === undefined || hit.step === '' ? {} : { step: hit.step }),
        })
      }
      const times = events.map((event) => Date.parse(event.event['@timestamp']))
      const found =
        events.length === 0
          ? []
          : (
              await replay(
                { events: [events] },
                {
                  ruleSet,
                  from: Math.min(...times),
                  to: Math.max(...times) + compiled.rule.lookBackMs + 1,
                  includeLate: true,
                },
              )
            ).alerts
      return { findings: [], results, alerts: found.map((alert) => alert.title) }
    },
  }
}
