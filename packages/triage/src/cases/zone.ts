// The case's time zone: checked when it is set, used when times are printed.
import { VardeError } from '@varde/runtime'
import type { Language } from '@varde/schema'

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
/** Zone → quarter of an hour → offset: no zone changes within one, and a format costs as much as all else of a row. */
const offsets = new Map<string, Map<number, string>>()
const quarterMs = 900_000
const quartersMax = 100_000

function offsetAt(time: number, zone: string): string {
  let known = offsets.get(zone)
  if (known === undefined || known.size > quartersMax) {
    known = new Map()
    offsets.set(zone, known)
  }
  const quarter = Math.floor(time / quarterMs)
  const found = known.get(quarter)
  if (found !== undefined) return found
  const format =
    formats.get(zone) ?? new Intl.DateTimeFormat('en', { timeZone: zone, timeZoneName: 'longOffset', hour: '2-digit' })
  formats.set(zone, format)
  const name = format.formatToParts(quarter * quarterMs).find(({ type }) => type === 'timeZoneName')?.value ?? 'GMT'
  const offset = name === 'GMT' ? '+00:00' : name.slice(3)
  known.set(quarter, offset)
  return offset
}

/** For people: `16. november 2026 kl. 07.02 (UTC+1)`, `16 November 2026 at 07:02 (UTC+1)`. */
export function dayAndTime(time: number, zone: string, language: Language): string {
  const locale = language === 'da' ? 'da-DK' : 'en-GB'
  const clock = new Intl.DateTimeFormat(locale, { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(time)
  const offset = offsetAt(time, zone).replace(/^([+-])0?(\d+):00$/, '$1$2')
  return `${dayOf(time, zone, language)} ${language === 'da' ? 'kl.' : 'at'} ${clock} (UTC${offset === '+0' ? '' : offset})`
}

/** The day alone. */
export function dayOf(time: number, zone: string, language: Language): string {
  return new Intl.DateTimeFormat(language === 'da' ? 'da-DK' : 'en-GB', { timeZone: zone, dateStyle: 'long' }).format(
    time,
  )
}

/** ISO 8601 with the zone's offset then, such as 2026-11-16T07:02:03.120+01:00. */
export function inZone(time: number, zone: string): string {
  const offset = offsetAt(time, zone)
  const [hours = 0, minutes = 0] = offset.slice(1).split(':').map(Number)
  const shift = (offset.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * 60_000
  return new Date(time + shift).toISOString().replace('Z', offset)
}
