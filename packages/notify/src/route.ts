// Which alerts go to which channels, when, and to whom next if nobody takes them.
import { type Severity, severities } from '@varde/schema'
import type { AlertNews } from './alert-news.ts'

export interface OfficeHours {
  /** 1 is Monday, 7 is Sunday. */
  days: number[]
  /** Minutes after midnight in `zone`; `to` is exclusive, and before `from` where the span crosses midnight. */
  from: number
  to: number
  /** IANA name. */
  zone: string
}

export interface Route {
  /** This severe, or more. */
  severity: Severity
  /** Of these tenants; of all without it. */
  tenants?: string[]
  /** Of these rules; of all without it. */
  rules?: string[]
  channels: string[]
  /** Only within these hours; an alert outside of them waits for another route, or for the next hours of this one. */
  hours?: OfficeHours
  escalation?: { afterMs: number; channels: string[] }
}

export function fits(route: Route, alert: AlertNews): boolean {
  return (
    severities.indexOf(alert.severity) >= severities.indexOf(route.severity) &&
    (route.tenants === undefined || route.tenants.includes(alert.tenant)) &&
    (route.rules === undefined || route.rules.includes(alert.rule.id))
  )
}

export function isWithin(hours: OfficeHours | undefined, time: number): boolean {
  if (hours === undefined) return true
  const { day, minute } = localTime(time, hours.zone)
  const { from, to, days } = hours
  if (from < to) return days.includes(day) && minute >= from && minute < to
  // A night shift belongs to the day on which it began.
  if (minute >= from) return days.includes(day)
  return minute < to && days.includes(day === 1 ? 7 : day - 1)
}

const formats = new Map<string, Intl.DateTimeFormat>()
const weekdays = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']

function localTime(time: number, zone: string): { day: number; minute: number } {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    })
    formats.set(zone, format)
  }
  const parts = new Map(format.formatToParts(time).map(({ type, value }) => [type, value]))
  return {
    day: weekdays.indexOf(parts.get('weekday') ?? '') + 1,
    minute: Number(parts.get('hour')) * 60 + Number(parts.get('minute')),
  }
}
