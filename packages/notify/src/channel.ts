// Where messages go: one way to reach people.
import type { Notification } from '@varde/schema'

/** One message, ready for any channel. */
export interface Message {
  notification: Notification
  subject: string
  /** Plain text, lines ended by `\n`. */
  text: string
  /** The page that shows it, where the address of the page is configured. */
  link?: string
}

export interface Channel {
  name: string
  kind: 'mail' | 'webhook'
  /** Alert messages in any hour; those beyond wait for a digest. */
  perHourMax: number
  /** Resolves when the receiver has taken it. Rejects with NOTIFY_REFUSED, or what the network said; it is tried again. */
  send(message: Message, signal: AbortSignal): Promise<void>
}
