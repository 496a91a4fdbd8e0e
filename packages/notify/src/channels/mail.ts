// Mail by SMTP: plain text, one thread an alert, never sent as an answer to an answer.
import { createTransport } from 'nodemailer'
import type { Channel, Message } from '../channel.ts'

export interface MailSettings {
  name: string
  host: string
  port: number
  /** `tls` from the first byte, `starttls` demanded, `none` for a relay on loopback. */
  security: 'tls' | 'starttls' | 'none'
  /** PEM text of the authority, where it is not one of the system's. */
  ca?: string
  user?: string
  password?: string
  from: string
  to: string[]
  perHourMax: number
}

const timeoutMs = 20_000

export function createMailChannel(settings: MailSettings): Channel {
  const { name, host, port, security, ca, user, password, from, to, perHourMax } = settings
  const transport = createTransport({
    host,
    port,
    secure: security === 'tls',
    requireTLS: security === 'starttls',
    ignoreTLS: security === 'none',
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    ...(ca === undefined ? {} : { tls: { ca } }),
    ...(user === undefined || password === undefined ? {} : { auth: { user, pass: password } }),
  })
  return {
    name,
    kind: 'mail',
    perHourMax,
    async send(message) {
      await transport.sendMail({
        from,
        to,
        subject: message.subject,
        text: message.link === undefined ? message.text : `${message.text}\n${message.link}\n`,
        messageId: idOf(message.notification.id, from),
        ...threadOf(message, from),
        headers: {
          // RFC 3834: no vacation notice answers this.
          'Auto-Submitted': 'auto-generated',
          'X-Varde-Notification': message.notification.id,
        },
      })
    },
  }
}

function idOf(id: string, from: string): string {
  return `<${id.slice(0, 32)}@${/@([^>\s]+)/.exec(from)?.[1] ?? 'varde'}>`
}

/** An escalation stands below its alert's first mail. */
function threadOf({ notification }: Message, from: string): { references?: string } {
  return notification.alert === undefined ? {} : { references: idOf(notification.alert, from) }
}
