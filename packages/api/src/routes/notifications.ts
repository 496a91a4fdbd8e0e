// Channels, what was sent over them, and a test of one.
import { VardeError } from '@varde/runtime'
import type { Notification } from '@varde/schema'
import type { Scope } from '@varde/store'
import type { ApiDeps } from '../deps.ts'
import { seesHouse } from '../house-view.ts'
import type { Handlers } from '../register.ts'

/** Pages that one request reads at most; whoever sees few of them gets the rest with `next`. */
const roundsMax = 100

const sees = ({ tenants }: Scope, tenant: string): boolean => tenants === 'all' || tenants.includes(tenant)

type Names = 'channels' | 'notifications' | 'testChannel'

export function notificationRoutes({ notifier }: ApiDeps): Handlers<Names> {
  return {
    // Where the house is told, and why that fails, is the house's own.
    channels: async ({ scope }) => (seesHouse(scope) ? notifier?.status() : undefined) ?? { channels: [] },
    async notifications({ query, scope }) {
      if (notifier === undefined) return { notifications: [] }
      const { status, limit, cursor } = query
      const mine: Notification[] = []
      let next = cursor
      // Others' lie between: never more is read than still fits, so that the cursor stays true.
      for (let round = 0; round < roundsMax; round += 1) {
        const page = await notifier.list({
          limit: limit - mine.length,
          ...(status === undefined ? {} : { status }),
          ...(next === undefined ? {} : { cursor: next }),
        })
        mine.push(...page.notifications.filter(({ tenant }) => sees(scope, tenant)))
        next = page.next
        if (next === undefined || mine.length >= limit) break
      }
      return { notifications: mine, ...(next === undefined ? {} : { next }) }
    },
    async testChannel({ body }) {
      if ((await notifier?.test(body.channel)) !== true)
        throw new VardeError('NOT_FOUND', `there is no channel ${body.channel}`, {
          hint: 'Channels are set up under notify in varde.yaml.',
        })
      return { done: true }
    },
  }
}
