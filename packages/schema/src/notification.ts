// A message that Varde owes somebody: written before it is sent, so that a crash sends it again and never forgets it.
import { z } from 'zod'
import { severities } from './alert-words.ts'

/** `alert`: raised; `escalation`: nobody has taken it in time; `digest`: those held back by the channel's limit; `test`: asked for by a person. */
export const notificationKinds = ['alert', 'escalation', 'digest', 'test'] as const
/** `held` waits for the digest; `dropped`: what it was about was settled before it could be sent. */
export const notificationStatuses = ['pending', 'held', 'sent', 'failed', 'dropped'] as const

export const Notification = z.object({
  /** SHA-256 of channel, kind and subject, 64 hex digits: the same message is one, and its receiver can tell (`Idempotency-Key`). */
  id: z.string(),
  channel: z.string(),
  kind: z.enum(notificationKinds),
  status: z.enum(notificationStatuses),
  tenant: z.string(),
  /** The alert's id, for `alert` and `escalation`. */
  alert: z.string().optional(),
  title: z.string(),
  severity: z.enum(severities),
  createdAt: z.number(),
  attempts: z.number(),
  /** UTC milliseconds of the next attempt, while pending. */
  dueAt: z.number(),
  /** Another process may try when this has passed: who took it has died. */
  claimedUntil: z.number(),
  sentAt: z.number().optional(),
  /** What the receiver or the network said at the last attempt. */
  error: z.string().optional(),
  /** Of a digest: how many it stands for. */
  count: z.number().optional(),
})
export type Notification = z.infer<typeof Notification>
export type NotificationKind = Notification['kind']
