// What a message says: what happened, to whom, since when, and where to look.
import type { Notification } from '@varde/schema'
import type { AlertNews } from './alert-news.ts'
import type { Message } from './channel.ts'

const namesMax = 5
const digestTitlesMax = 20

export interface MessageContext {
  /** Address of the page, without a slash at its end. */
  page?: string
  /** IANA zone of the times in texts. */
  zone: string
}

export function alertMessage(notification: Notification, alert: AlertNews, context: MessageContext): Message {
  const escalated = notification.kind === 'escalation'
  const lines = [
    escalated ? `Nobody has taken this alert since ${timeText(alert.raisedAt, context.zone)}.` : undefined,
    `Severity  ${alert.severity}`,
    `Rule      ${alert.rule.name} (${alert.rule.id})`,
    `When      ${timeText(alert.anchor, context.zone)}, ${alert.memberCount} ${alert.memberCount === 1 ? 'event' : 'events'}`,
    `Customer  ${alert.tenant}`,
    ...(['user', 'host', 'ip'] as const).map((kind) => named(kind, alert.entities[kind])),
  ]
  return {
    notification,
    subject: `${escalated ? 'Not taken: ' : ''}[${alert.severity}] ${oneLine(alert.title)}`,
    text: `${lines.filter((line) => line !== undefined).join('\n')}\n`,
    ...(context.page === undefined ? {} : { link: `${context.page}/alerts?alert=${alert.id}` }),
  }
}

export function digestMessage(
  notification: Notification,
  held: readonly Notification[],
  context: MessageContext,
): Message {
  const shown = held.slice(0, digestTitlesMax).map(({ severity, title }) => `[${severity}] ${oneLine(title)}`)
  const more = held.length - shown.length
  return {
    notification,
    subject: `${held.length} more alerts`,
    text: `${[...shown, ...(more > 0 ? [`… and ${more} more`] : [])].join('\n')}\n`,
    ...(context.page === undefined ? {} : { link: `${context.page}/alerts` }),
  }
}

export function testMessage(notification: Notification): Message {
  return {
    notification,
    subject: 'Varde can reach you',
    text: `This is a test of the channel "${notification.channel}", asked for by a person. Nothing has happened.\n`,
  }
}

/** Titles hold what attackers typed: a line break in one would forge a header or a second line. */
function oneLine(text: string): string {
  return text.replace(/\p{Cc}+/gu, ' ').trim()
}

function named(kind: string, names: readonly string[]): string | undefined {
  if (names.length === 0) return undefined
  const shown = names.slice(0, namesMax).map(oneLine).join(', ')
  const more = names.length > namesMax ? ` and ${names.length - namesMax} more` : ''
  return `${(kind === 'ip' ? 'Address' : kind === 'user' ? 'User' : 'Host').padEnd(8)}  ${shown}${more}`
}

/** Local time with its offset: who is called at night should not have to count. */
function timeText(time: number, zone: string): string {
  return new Intl.DateTimeFormat('sv-SE', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
  })
    .format(time)
    .concat(` ${offsetText(time, zone)}`)
}

function offsetText(time: number, zone: string): string {
  const parts = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'longOffset' }).formatToParts(time)
  const offset = parts.find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
  return offset === 'GMT' ? 'UTC' : offset.replace('GMT', 'UTC')
}
