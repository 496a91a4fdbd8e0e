// Why a rule met an event, or why not.
import { createRuleSet, type Explanation, explain, explainWindow, hitsOf, suppressorOf } from '@varde/detection'
import { VardeError } from '@varde/runtime'
import type { Scope } from '@varde/store'
import type { ApiDeps } from '../deps.ts'
import { seesHouse } from '../house-view.ts'
import type { Handlers } from '../register.ts'
import { findingOf, ruleOf } from '../rule-refs.ts'

/** That the house made an exception is told to everybody, its words only to those who see every tenant. */
function explanationFor(scope: Scope, found: Explanation): Explanation {
  if (seesHouse(scope) || found.exception === undefined) return found
  const { exception: _, ...rest } = found
  return { ...rest, reason: 'excepted by the house' }
}

export function whyRoutes({ store, rules, alerts }: ApiDeps): Handlers<'why'> {
  return {
    async why({ body, scope }) {
      const compiled = ruleOf(rules, body.rule)
      if (!compiled.ok) return { findings: compiled.errors.map(findingOf), alerts: [] }
      const { rule } = compiled
      const stored = await store.events.get(body.eventId, scope)
      if (stored === undefined)
        throw new VardeError('EVENT_UNKNOWN', `there is no event ${body.eventId}`, {
          hint: 'Its id stands in the panel of the event; it may have been erased, or belong to somebody else.',
        })
      const explanation = explanationFor(scope, await explain(rule, stored.event))
      const window = await explainWindow(store, rule, stored, scope)
      const time = Date.parse(stored.event['@timestamp'])
      const mine = (await alerts.withEvent(stored.id, time, scope)).filter((alert) => alert.rule.id === rule.id)
      const [hit] = hitsOf(stored, await createRuleSet([{ ...rule, enabled: true }]).match(stored.event), {
        attempt: '',
      })
      const eaten = hit === undefined || mine.length > 0 ? undefined : await suppressorOf(store, rule, hit, scope)
      return {
        findings: [],
        explanation,
        ...(window === undefined ? {} : { window }),
        alerts: mine.map(({ id, title }) => ({ id, title })),
        ...(eaten === undefined
          ? {}
          : { suppressedBy: { id: eaten.alert.id, title: eaten.alert.title, until: eaten.until } }),
      }
    },
  }
}
