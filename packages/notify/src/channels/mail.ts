// Mail by SMTP: plain text, one thread an alert, never sent as an answer to an answer.
import { createTransport } from 'nodemailer'
import type { Channel } from '../channel.ts'

export interface MailSettings {
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
}

const timeoutMs = 20_000

/** One plain text mail; `thread`: the id of the mail that it stands below. */
export interface Mail {
  id: string
  thread?: string
  subject: string
  text: string
}

export interface Mailer {
  send(mail: Mail): Promise<void>
}

export function createMailChannel(settings: MailSettings & { name: string; perHourMax: number }): Channel {
  const { name, perHourMax } = settings
  const mailer = createMailer(settings)
  return {
    name,
    kind: 'mail',
    perHourMax,
    async send({ notification, subject, text, link }) {
      const { id, alert } = notification
      const body = link === undefined ? text : `${text}\n${link}\n`
      // An escalation stands below its alert's first mail.
      await mailer.send({ id, subject, text: body, ...(alert === undefined ? {} : { thread: alert }) })
    },
  }
}

export function createMailer(settings: MailSettings): Mailer {
  const { host, port, security, ca, user, password, from, to } = settings
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
    async send({ id, thread, subject, text }) {
      await transport.sendMail({
        from,
        to,
        subject,
        text,
        messageId: idOf(id, from),
        ...(thread === undefined ? {} : { references: idOf(thread, from) }),
        headers: {
          // RFC 3834: no vacation notice answers this.
          'Auto-Submitted': 'auto-generated',
          'X-Varde-Notification': id,
        },
      })
    },
  }
}

function idOf(id: string, from: string): string {
  return `<${id.slice(0, 32)}@${/@([^>\s]+)/.exec(from)?.[1] ?? 'varde'}>`
}
