// The case's time zone: checked when it is set, used when times are printed.
import { VardeError } from '@varde/runtime'

export function checkZone(zone: string): void {
  try {
    new Intl.DateTimeFormat('en', { timeZone: zone })
  } catch (cause) {
    throw new VardeError('CASE_CHANGE_INVALID', `${zone} is no time zone`, {
      cause,
      hint: 'Give an IANA name such as Europe/Copenhagen.',
    })
  }
}

const formats = new Map<string, Intl.DateTimeFormat>()

/** ISO 8601 with the zone's offset then, such as 2026-11-16T07:02:03.120+01:00. */
export function inZone(time: number, zone: string): string {
  let format = formats.get(zone)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: '2-digit',
      day: '2-digit',
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      timeZoneName: 'longOffset',
    })
    formats.set(zone, format)
  }
  const parts = Object.fromEntries(format.formatToParts(time).map(({ type, value }) => [type, value]))
  const { year, month, day, hour, minute, second, timeZoneName = 'GMT' } = parts
  const offset = timeZoneName === 'GMT' ? '+00:00' : timeZoneName.slice(3)
  const ms = String(((time % 1000) + 1000) % 1000).padStart(3, '0')
  return `${year}-${month}-${day}T${hour}:${minute}:${second}.${ms}${offset}`
}
