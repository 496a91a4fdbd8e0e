// The queue of alerts and what people do with it.
import { VardeError } from '@varde/runtime'
import { entitiesOf } from '@varde/triage'
import { proofStateOf, proveAlert } from '../alert-proof.ts'
import type { ApiDeps } from '../deps.ts'
import { ruleTextFor } from '../house-view.ts'
import type { Handlers } from '../register.ts'
import { eventRow } from './event-row.ts'

type Names =
  | 'searchAlerts'
  | 'countAlerts'
  | 'groupAlerts'
  | 'alert'
  | 'alertEvents'
  | 'alertProof'
  | 'updateAlerts'
  | 'undoAlerts'

export function alertRoutes(deps: ApiDeps): Handlers<Names> {
  const { alerts, rules, store } = deps
  const unknown = (id: string) =>
    new VardeError('NOT_FOUND', `there is no alert ${id}`, { hint: 'It may have been retracted.' })

  return {
    searchAlerts: async ({ body, scope }) =>
      alerts.search(body.filter, { scope, sort: body.sort, limit: body.limit, cursor: body.cursor }),
    countAlerts: async ({ body, scope }) => alerts.counts(body.filter, scope),
    async groupAlerts({ body, scope }) {
      const groups = alerts.groups(body.filter, { scope, by: body.by })
      const from = body.cursor === undefined ? 0 : groups.findIndex((group) => group.key === body.cursor) + 1
      const page = groups.slice(from, from + body.limit)
      const last = page.at(-1)
      return { groups: page, ...(last !== undefined && from + body.limit < groups.length ? { next: last.key } : {}) }
    },
    async alert({ params, scope }) {
      const alert = await alerts.get(params.id, scope)
      if (alert === undefined) throw unknown(params.id)
      alert.proof = await proofStateOf(alert, deps)
      const rule = rules.all().find((one) => one.id === alert.rule.id)
      if (rule === undefined) return { alert, entities: entitiesOf(alert) }
      const { goal, runbook, blindSpots } = rule.definition
      const fields = [...new Set(rule.predicates.flatMap((predicate) => predicate.expression.fields))].sort()
      return {
        alert,
        entities: entitiesOf(alert),
        rule: {
          ...(goal === undefined ? {} : { description: goal }),
          ...(runbook === undefined ? {} : { runbook }),
          ...(blindSpots === undefined ? {} : { blindSpots }),
          fields,
          sameDigest: rule.digest === alert.rule.digest,
        },
      }
    },
    async alertEvents({ params, scope }) {
      const alert = await alerts.get(params.id, scope)
      if (alert === undefined) throw unknown(params.id)
      const found = await Promise.all(
        alert.members.map(async (member) => ({ member, stored: await store.events.get(member.eventId, scope) })),
      )
      const events = found.flatMap(({ member, stored }) =>
        stored === undefined ? [] : [{ ...eventRow(stored), step: member.step }],
      )
      return {
        events: events.sort((a, b) => a.time - b.time),
        missing: found.filter(({ stored }) => stored === undefined).map(({ member }) => member.eventId),
      }
    },
    async alertProof({ params, scope, reply }) {
      const alert = await alerts.get(params.id, scope)
      if (alert === undefined) throw unknown(params.id)
      const proof = await proveAlert(alert, deps)
      // The text proves itself whole or not at all.
      if (ruleTextFor(scope, proof.rule.text) !== proof.rule.text)
        throw new VardeError('FORBIDDEN', 'the rule of this alert has exceptions that may name other customers', {
          hint: 'Ask the house for the proof.',
        })
      reply.header('content-disposition', `attachment; filename="alert-${alert.id.slice(0, 12)}.json"`)
      return JSON.parse(JSON.stringify(proof))
    },
    updateAlerts: ({ body, person, scope }) => alerts.update(body.target, body.change, person.name, scope),
    undoAlerts: ({ body, person, scope }) => alerts.undo(body.operation, person.name, scope),
  }
}
