// Clocks on walls: how far a zone is from UTC at a moment, and back.

/** `local`, `utc`, or an IANA name such as `Europe/Copenhagen`. */
export type Zone = string

export function isZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== ''
  } catch {
    return false
  }
}

const offsets = new Map<string, Intl.DateTimeFormat>()

/** Minutes east of UTC at that moment. */
export function offsetMinutes(time: number, of: Zone): number {
  if (of === 'utc') return 0
  if (of === 'local') return -new Date(time).getTimezoneOffset()
  let format = offsets.get(of)
  if (format === undefined) {
    format = new Intl.DateTimeFormat('en', { timeZone: of, timeZoneName: 'longOffset' })
    offsets.set(of, format)
  }
  const text = format.formatToParts(time).find((part) => part.type === 'timeZoneName')?.value ?? 'GMT'
  const [, sign, hours = '0', minutes = '0'] = /GMT([+-])(\d\d):(\d\d)/.exec(text) ?? []
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes))
}

/** `2026-11-24T08:05:12` as the clock on the wall of that zone → UTC milliseconds. NaN where it is no time. */
export function wallTime(text: string, of: Zone): number {
  const asUtc = Date.parse(`${text}Z`)
  if (Number.isNaN(asUtc)) return asUtc
  const guess = asUtc - offsetMinutes(asUtc, of) * 60_000
  return asUtc - offsetMinutes(guess, of) * 60_000
}
