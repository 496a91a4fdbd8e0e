// The first page: what needs me now.
import type { Scope } from '@varde/store'
import { noAlerts, type PerSeverity, ruleRecords } from '@varde/triage'
import type { ApiDeps } from '../deps.ts'
import { deadLettersWaiting, type HouseView, perSecondFor, seesHouse, warningsFor } from '../house-view.ts'
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

export function overviewRoutes(deps: ApiDeps, house: HouseView): Handlers<'overview'> {
  const { alerts, rules, store, intake } = deps
  return {
    async overview({ query, person, scope, signal }) {
      const { from, to } = query
      const intervalMs = intervalFor(from, to, bucketsMax)
      const [totals, histogram, sources, waiting] = await Promise.all([
        house.totals(scope),
        to <= from ? [] : store.events.histogram({ scope, query: { kind: 'all' }, from, to }, { intervalMs, signal }),
        sourceRows(deps, scope),
        deadLettersWaiting(deps, scope),
      ])
      const overTime = new Map<number, PerSeverity>(histogram.map(({ start }) => [start, noAlerts()]))
      const origin = histogram[0]?.start ?? from
      for (const alert of alerts.all(scope)) {
        const bucket = overTime.get(origin + Math.floor((alert.anchor - origin) / intervalMs) * intervalMs)
        if (bucket !== undefined) bucket[alert.severity] += 1
      }
      const open = alerts.counts({ status: ['open'] }, scope)
      const { bytes, ...range } = totals
      const failing = seesHouse(scope)
        ? [...rules.current().counts().values()].filter((counts) => counts.errors > 0).length
        : 0
      const diskFreeBytes = seesHouse(scope) ? deps.diskFreeBytes() : undefined
      return {
        warnings: warningsFor(scope, intake.warnings()),
        alerts: {
          open: open.severity,
          unassigned: alerts.counts({ status: ['open', 'acknowledged'], assignee: '' }, scope).total,
          mine: alerts.counts({ status: ['open', 'acknowledged'], assignee: person.name }, scope).total,
          first: alerts.search({ status: ['open'] }, { scope, sort: 'severity', limit: firstMax }).alerts,
          overTime: [...overTime].map(([start, severity]) => ({ start, severity })),
          intervalMs,
        },
        events: {
          ...range,
          overTime: histogram.map(({ start, count }) => ({ start, count })),
          intervalMs,
        },
        ingest: {
          perSecond: perSecondFor(scope, deps, () => sources),
          deadLettersWaiting: waiting,
          ...(seesHouse(scope) ? { unsealed: intake.rates().unsealed } : {}),
          ...(bytes === undefined ? {} : { storeBytes: bytes }),
          ...(diskFreeBytes === undefined ? {} : { diskFreeBytes }),
        },
        sources,
        rules: {
          total: rules.current().rules.length,
          refused: seesHouse(scope) ? rules.refused().length : 0,
          failing,
          falsest: falsest(deps, scope),
        },
      }
    },
  }
}
