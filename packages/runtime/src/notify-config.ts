// The part of the configuration that says who is told of alerts, how and when.
import { z } from 'zod'
import { duration, host, identifier, port } from './config-words.ts'

const severity = z.enum(['info', 'low', 'medium', 'high', 'critical'])
/** Alert messages in any hour; those beyond come as one digest. */
const perHourMax = z.number().int().min(1).max(10_000).default(60)
const address = z.string().regex(/@/, 'an address such as "Varde <varde@example.com>"')

const mail = z
  .strictObject({
    kind: z.literal('mail'),
    host,
    port: port.default(587),
    security: z.enum(['tls', 'starttls', 'none']).default('starttls'),
    /** PEM file of the authority, where it is not one of the system's. */
    ca: z.string().optional(),
    user: z.string().optional(),
    passwordFile: z.string().optional(),
    from: address,
    to: z.array(address).min(1),
    perHourMax,
  })
  .refine((one) => (one.user === undefined) === (one.passwordFile === undefined), {
    error: 'user and passwordFile go together',
  })
  .refine((one) => one.security !== 'none' || one.user === undefined, {
    error: 'a password is not sent without TLS: set security to tls or starttls',
  })

const webhook = z
  .strictObject({
    kind: z.literal('webhook'),
    /** Often a secret by itself: then name the file that holds it. */
    url: z.url({ protocol: /^https?$/, error: 'https://…' }).optional(),
    urlFile: z.string().optional(),
    format: z.enum(['json', 'text']).default('json'),
    secretFile: z.string().optional(),
    perHourMax,
  })
  .refine((one) => (one.url === undefined) !== (one.urlFile === undefined), { error: 'one of url and urlFile' })

const minuteOfDay = z
  .string()
  .regex(/^([01]\d|2[0-3]):[0-5]\d$|^24:00$/, 'a time such as 08:00')
  .transform((text) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3)))
const weekdays = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'] as const
const zone = z.string().refine(isZone, { error: 'an IANA time zone such as Europe/Copenhagen' })

const route = z.strictObject({
  severity: severity.default('high'),
  tenants: z.array(identifier).optional(),
  rules: z.array(identifier).optional(),
  channels: z.array(identifier).min(1),
  hours: z
    .strictObject({
      days: z
        .array(z.enum(weekdays))
        .min(1)
        .default([...weekdays]),
      from: minuteOfDay.prefault('00:00'),
      to: minuteOfDay.prefault('24:00'),
    })
    .transform(({ days, from, to }) => ({ days: days.map((day) => weekdays.indexOf(day) + 1), from, to }))
    .optional(),
  /** Told when the alert is still open and nobody's after so long. */
  escalation: z.strictObject({ after: duration, channels: z.array(identifier).min(1) }).optional(),
})

export const notifyConfig = z.strictObject({
  /** Address of the page as people reach it: messages link to it. */
  page: z.url({ protocol: /^https?$/, error: 'https://varde.example.com' }).optional(),
  /** Of times in messages, and of hours. */
  zone: zone.default('UTC'),
  channels: z.record(identifier, z.discriminatedUnion('kind', [mail, webhook])),
  routes: z.array(route).default([]),
})
export type NotifyConfig = z.infer<typeof notifyConfig>

/** What no single field can see. */
export function notifyChecks({ channels, routes }: NotifyConfig): string[] {
  return routes.flatMap((one, index) =>
    [...one.channels, ...(one.escalation?.channels ?? [])]
      .filter((name) => channels[name] === undefined)
      .map((name) => `notify.routes.${index}: there is no channel ${name} under notify.channels`),
  )
}

function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}
