// A webhook: a POST of JSON that the receiver can check and can tell apart from its repetition.
import { createHmac } from 'node:crypto'
import { type Clock, VardeError } from '@varde/runtime'
import type { Channel, Message } from '../channel.ts'

export interface WebhookSettings {
  name: string
  url: string
  /** `json`: the notification whole; `text`: `{text}` alone, which Slack, Mattermost, Rocket.Chat and Teams' incoming webhooks show. */
  format: 'json' | 'text'
  /** Shared with the receiver: `Varde-Signature: t=<seconds>,v1=<HMAC-SHA-256 of "<t>.<body>", hex>`. */
  secret?: string
  perHourMax: number
}

export function createWebhookChannel(settings: WebhookSettings, clock: Clock): Channel {
  const { name, url, secret, perHourMax } = settings
  return {
    name,
    kind: 'webhook',
    perHourMax,
    async send(message, signal) {
      const body = bodyOf(message, settings.format)
      const seconds = Math.floor(clock.now() / 1_000)
      const response = await fetch(url, {
        method: 'POST',
        headers: {
          'content-type': 'application/json',
          'idempotency-key': message.notification.id,
          ...(secret === undefined ? {} : { 'varde-signature': signatureOf(secret, seconds, body) }),
        },
        body,
        // Where it leads elsewhere is not where the administrator wanted it.
        redirect: 'error',
        signal,
      })
      await response.body?.cancel()
      if (!response.ok)
        throw new VardeError('NOTIFY_REFUSED', `${name}: ${new URL(url).host} answered ${response.status}`, {
          hint: 'See notify.channels in the configuration.',
        })
    },
  }
}

function bodyOf({ notification, subject, text, link }: Message, format: WebhookSettings['format']): string {
  if (format === 'text') return JSON.stringify({ text: `*${subject}*\n${text}` })
  const { id, kind, alert, tenant, severity, title, count } = notification
  return JSON.stringify({ id, kind, alert, tenant, severity, title, count, subject, text, link })
}

function signatureOf(secret: string, seconds: number, body: string): string {
  const mac = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex')
  return `t=${seconds},v1=${mac}`
}
