// Searching events and looking at one.

import { VardeError } from '@varde/runtime'
import { formatQuery, parseQuery, type StoredEvent } from '@varde/schema'
import type { EventFilter, SearchOptions } from '@varde/store'
import type { Audit } from '../audit.ts'
import type { ApiDeps } from '../deps.ts'
import type { HouseView } from '../house-view.ts'
import type { Handlers } from '../register.ts'
import { completenessOf } from './completeness.ts'
import { eventRow, rawBytes, unexplainedOf } from './event-row.ts'
import { exportHandler } from './export.ts'
import { proofOf } from './proof.ts'
import { filterOf } from './query.ts'

const second = 1000
const minute = 60 * second
const hour = 60 * minute
const day = 24 * hour
const rounds = [
  1,
  10,
  100,
  second,
  2 * second,
  5 * second,
  10 * second,
  30 * second,
  minute,
  2 * minute,
  5 * minute,
  10 * minute,
  30 * minute,
  hour,
  2 * hour,
  3 * hour,
  6 * hour,
  12 * hour,
  day,
  7 * day,
  30 * day,
  365 * day,
]

/** The smallest round interval that gives at most so many buckets. */
export function intervalFor(from: number, to: number, buckets: number): number {
  const least = Math.max(1, (to - from) / buckets)
  return rounds.find((round) => round >= least) ?? Math.ceil(least / (365 * day)) * 365 * day
}

type Names =
  | 'searchEvents'
  | 'histogram'
  | 'values'
  | 'event'
  | 'exportEvents'
  | 'fields'
  | 'checkQuery'
  | 'completeness'

export function eventRoutes(deps: ApiDeps, audit: Audit, house: HouseView): Handlers<Names> {
  const { events } = deps.store

  async function rulesMatching(stored: StoredEvent) {
    const hits = await deps.rules.current().match(stored.event)
    return hits.map(({ rule, step }) => ({ id: rule.id, name: rule.name, severity: rule.severity, step }))
  }

  const wholeRows = async (filter: EventFilter, options: SearchOptions) => {
    const { events: found, ...page } = await events.search(filter, options)
    return { ...page, rows: found.map(eventRow) }
  }

  const tableRows = async (filter: EventFilter, options: SearchOptions & { fields: string[] }) => {
    const { rows, ...page } = await events.table(filter, options)
    return { ...page, rows: rows.map((row) => ({ ...row, time: Date.parse(row.event['@timestamp']), line: '' })) }
  }

  return {
    async searchEvents({ body, scope, signal }) {
      const started = performance.now()
      const filter = filterOf(body, scope)
      const { limit, order, cursor, columns } = body
      const options = { limit, order, signal, ...(cursor === undefined ? {} : { cursor }) }
      const { rows, next, total } =
        columns === undefined
          ? await wholeRows(filter, options)
          : await tableRows(filter, { ...options, fields: columns })
      return { events: rows, total, ...(next === undefined ? {} : { next }), tookMs: performance.now() - started }
    },
    async histogram({ body, scope, signal }) {
      const started = performance.now()
      const intervalMs = intervalFor(body.from, body.to, body.buckets)
      const buckets =
        body.to <= body.from
          ? []
          : await events.histogram(filterOf(body, scope), {
              intervalMs,
              signal,
              ...(body.by === undefined ? {} : { by: body.by }),
            })
      return { intervalMs, buckets, tookMs: performance.now() - started }
    },
    values({ body, scope, signal }) {
      const { field, limit, contains, cursor } = body
      return events.values(filterOf(body, scope), {
        field,
        limit,
        signal,
        ...(contains === undefined ? {} : { contains }),
        ...(cursor === undefined ? {} : { cursor }),
      })
    },
    async event({ params, scope }) {
      const stored = await events.get(params.id, scope)
      if (stored === undefined)
        throw new VardeError('NOT_FOUND', `there is no event ${params.id}`, { hint: 'Its retention may have ended.' })
      const [proof, rules] = await Promise.all([proofOf(stored, deps.store), rulesMatching(stored)])
      const unexplained = unexplainedOf(stored)
      const alerts = (await deps.alerts.withEvent(stored.id, Date.parse(stored.event['@timestamp']), scope)).map(
        ({ id, title, severity }) => ({ id, title, severity }),
      )
      return {
        ...eventRow(stored),
        ingested: stored.ingested,
        retention: stored.retention,
        home: stored.home,
        raw: rawBytes(stored.raw),
        ...(unexplained === undefined ? {} : { unexplained }),
        proof,
        rules,
        alerts,
      }
    },
    exportEvents: exportHandler(events, audit),
    fields: async ({ scope }) => ({ fields: await house.fields(scope) }),
    async checkQuery({ body }) {
      const parsed = parseQuery(body.query)
      return parsed.ok ? { ok: true, normalised: formatQuery(parsed.query) } : { ok: false, error: parsed.error }
    },
    completeness: ({ query, scope }) => completenessOf(query, scope, deps),
  }
}
