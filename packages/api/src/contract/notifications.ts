// Who is told of alerts, and whether they were.
import { Notification, notificationStatuses } from '@varde/schema'
import { z } from 'zod'
import { Time } from './common.ts'

export const Channels = z.object({
  channels: z.array(
    z.object({
      name: z.string(),
      kind: z.enum(['mail', 'webhook']),
      /** Since the start of the server. */
      lastSentAt: Time.optional(),
      /** Why the last attempt failed; nothing where it did not. */
      problem: z.string().optional(),
    }),
  ),
})

export const NotificationsQuery = z.object({
  status: z.enum(notificationStatuses).optional(),
  limit: z.coerce.number().int().min(1).max(200).default(50),
  cursor: z.string().optional(),
})
export const NotificationsPage = z.object({ notifications: z.array(Notification), next: z.string().optional() })

export const TestChannel = z.object({ channel: z.string().max(200) })
