// Channels, what was sent over them, and a test of one.
import { VardeError } from '@varde/runtime'
import type { ApiDeps } from '../deps.ts'
import type { Handlers } from '../register.ts'

type Names = 'channels' | 'notifications' | 'testChannel'

export function notificationRoutes({ notifier }: ApiDeps): Handlers<Names> {
  return {
    channels: async () => notifier?.status() ?? { channels: [] },
    async notifications({ query, scope }) {
      if (notifier === undefined) return { notifications: [] }
      const { status, limit, cursor } = query
      const page = await notifier.list({
        limit,
        ...(status === undefined ? {} : { status }),
        ...(cursor === undefined ? {} : { cursor }),
      })
      const mine = page.notifications.filter(({ tenant }) => scope.tenants === 'all' || scope.tenants.includes(tenant))
      return { ...page, notifications: mine }
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
