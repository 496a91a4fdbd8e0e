// The running rules, their tests and their hits.
import { join } from 'node:path'
import { type CompiledRule, createRuleSet, lintRule, replay, testRule } from '@varde/detection'
import { parseRecord } from '@varde/parsers'
import { type EcsEvent, eventId, type JsonObject, type StoredEvent } from '@varde/schema'
import type { Scope } from '@varde/store'
import { noRecord, type RuleRecord, ruleRecords } from '@varde/triage'
import type { RuleFinding, RuleRow } from '../contract/rules.ts'
import type { ApiDeps } from '../deps.ts'
import { ruleTextFor, seesHouse } from '../house-view.ts'
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
  function lintOf(rule: CompiledRule, fields?: ReadonlySet<string>): RuleFinding[] {
    const known = linted.get(rule)
    if (known !== undefined && fields === undefined) return known
    const found = lintRule(rule, { now: clock.now(), ...(fields === undefined ? {} : { fields }) })
    const findings = found.map(({ level, check, message }) => ({ level, code: check, message }))
    if (fields === undefined) linted.set(rule, findings)
    return findings
  }

  function rowOf(rule: CompiledRule, record: RuleRecord, scope: Scope): RuleRow {
    const { open, total, lastFired, verdicts, days } = record
    const since = clock.now() - shownDays * dayMs
    const recent = [...days].reduce((sum, [day, count]) => (day >= since ? sum + count : sum), 0)
    const counts = seesHouse(scope) ? (rules.current().counts().get(rule.id) ?? { hits: 0, errors: 0 }) : undefined
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
      alerts: { open, total },
      verdicts,
      perDay: recent / shownDays,
      ...(counts === undefined ? {} : { hits: counts.hits }),
      ...(lastFired === 0 ? {} : { lastFired }),
      errors: counts?.errors ?? 0,
    }
  }

  const recordOf = (rule: CompiledRule, scope: Scope) => ruleRecords(alerts.all(scope)).get(rule.id) ?? noRecord()

  function alertsPerDay(record: RuleRecord) {
    return [...record.days]
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
      const unread = seesHouse(scope) ? rules.refused() : []
      const refused = unread.map(({ file, errors }) => ({ file, findings: errors.map(findingOf) }))
      const records = ruleRecords(alerts.all(scope))
      const rows = rules.all().map((rule) => rowOf(rule, records.get(rule.id) ?? noRecord(), scope))
      return { ruleSet: rules.current().digest, rules: rows, refused }
    },
    async rule({ params, scope }) {
      const rule = ruleById(rules, params.id)
      const { goal, runbook, blindSpots, tests } = rule.definition
      const record = recordOf(rule, scope)
      return {
        ...rowOf(rule, record, scope),
        text: ruleTextFor(scope, await rules.text(rule)),
        ...(goal === undefined ? {} : { description: goal }),
        ...(runbook === undefined ? {} : { runbook }),
        ...(blindSpots === undefined ? {} : { blindSpots }),
        testNames: (tests ?? []).map((test) => ({
          name: test.name,
          expects: `${Array.isArray(test.alerts) ? test.alerts.length : test.alerts} alert(s)`,
        })),
        alertsPerDay: alertsPerDay(record),
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
