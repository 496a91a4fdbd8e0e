// The first page: what needs me now.
import { collections, type Scope } from '@varde/store'
import { noAlerts, type PerSeverity, ruleRecords } from '@varde/triage'
import type { ApiDeps } from '../deps.ts'
import type { Handlers } from '../register.ts'
import { intervalFor } from './events.ts'
import { sourceRows } from './source-rows.ts'

const bucketsMax = 60
const firstMax = 8

/** Rules by their false alerts; benign and true ones count as judged too. */
function falsest({ alerts, rules }: ApiDeps, scope: Scope) {
  const names = new Map(rules.all().map(({ id, name }) => [id, name]))
  return [...ruleRecords(alerts.all(scope))]
    .map(([id, { verdicts }]) => ({
      id,
      name: names.get(id) ?? id,
      judged: verdicts['true-positive'] + verdicts.benign + verdicts['false-positive'],
      false: verdicts['false-positive'],
    }))
    .filter((one) => one.false > 0)
    .sort((a, b) => b.false - a.false)
    .slice(0, firstMax)
}

export function overviewRoutes(deps: ApiDeps): Handlers<'overview'> {
  const { alerts, rules, store, intake } = deps
  return {
    async overview({ query, person, scope, signal }) {
      const { from, to } = query
      const intervalMs = intervalFor(from, to, bucketsMax)
      const [stats, histogram, sources, deadLettersWaiting] = await Promise.all([
        store.events.stats(),
        to <= from ? [] : store.events.histogram({ scope, query: { kind: 'all' }, from, to }, { intervalMs, signal }),
        sourceRows(deps, scope),
        store.documents.count(collections.deadLetters.name, { redrivenAs: { exists: false } }),
      ])
      const overTime = new Map<number, PerSeverity>(histogram.map(({ start }) => [start, noAlerts()]))
      const origin = histogram[0]?.start ?? from
      for (const alert of alerts.all(scope)) {
        const bucket = overTime.get(origin + Math.floor((alert.anchor - origin) / intervalMs) * intervalMs)
        if (bucket !== undefined) bucket[alert.severity] += 1
      }
      const open = alerts.counts({ status: ['open'] }, scope)
      const failing = [...rules.current().counts().values()].filter((counts) => counts.errors > 0).length
      const diskFreeBytes = deps.diskFreeBytes()
      return {
        warnings: intake.warnings(),
        alerts: {
          open: open.severity,
          unassigned: alerts.counts({ status: ['open', 'acknowledged'], assignee: '' }, scope).total,
          mine: alerts.counts({ status: ['open', 'acknowledged'], assignee: person.name }, scope).total,
          first: alerts.search({ status: ['open'] }, { scope, sort: 'severity', limit: firstMax }).alerts,
          overTime: [...overTime].map(([start, severity]) => ({ start, severity })),
          intervalMs,
        },
        events: {
          total: stats.events,
          ...(stats.oldest === undefined ? {} : { oldest: stats.oldest }),
          ...(stats.newest === undefined ? {} : { newest: stats.newest }),
          overTime: histogram.map(({ start, count }) => ({ start, count })),
          intervalMs,
        },
        ingest: {
          ...intake.rates(),
          deadLettersWaiting,
          storeBytes: stats.bytes,
          ...(diskFreeBytes === undefined ? {} : { diskFreeBytes }),
        },
        sources,
        rules: {
          total: rules.current().rules.length,
          refused: rules.refused().length,
          failing,
          falsest: falsest(deps, scope),
        },
      }
    },
  }
}
