// From the configuration's words to channels and routes; secrets come from the files that it names.
import { readFileSync } from 'node:fs'
import { type Channel, createMailChannel, createWebhookChannel, type MailSettings, type Route } from '@varde/notify'
import { type Clock, type NotifyConfig, VardeError } from '@varde/runtime'

function secretOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (cause) {
    throw new VardeError('CONFIG_UNREADABLE', `cannot read ${file}`, {
      cause,
      hint: 'notify.channels names it: see that it exists and that Varde may read it.',
    })
  }
}

export function channelsOf(config: NotifyConfig, clock: Clock): Channel[] {
  return Object.entries(config.channels).map(([name, channel]) => {
    if (channel.kind === 'webhook') {
      const { url, urlFile, format, secretFile, perHourMax } = channel
      const target = url ?? secretOf(urlFile ?? '')
      const secret = secretFile === undefined ? {} : { secret: secretOf(secretFile) }
      return createWebhookChannel({ name, url: target, format, perHourMax, ...secret }, clock)
    }
    return createMailChannel({ name, perHourMax: channel.perHourMax, ...mailSettings(channel) })
  })
}

export function mailSettings(channel: Extract<NotifyConfig['channels'][string], { kind: 'mail' }>): MailSettings {
  const { host, port, security, from, to, ca, user, passwordFile } = channel
  return {
    host,
    port,
    security,
    from,
    to,
    ...(ca === undefined ? {} : { ca: secretOf(ca) }),
    ...(user === undefined || passwordFile === undefined ? {} : { user, password: secretOf(passwordFile) }),
  }
}

export function routesOf({ routes, zone }: NotifyConfig): Route[] {
  return routes.map(({ severity, tenants, rules, channels, hours, escalation }) => ({
    severity,
    channels,
    ...(tenants === undefined ? {} : { tenants }),
    ...(rules === undefined ? {} : { rules }),
    ...(hours === undefined ? {} : { hours: { ...hours, zone } }),
    ...(escalation === undefined ? {} : { escalation: { afterMs: escalation.after, channels: escalation.channels } }),
  }))
}
