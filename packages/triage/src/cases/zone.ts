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

interface Offset {
  /** Such as `+01:00`. */
  text: string
  ms: number
}

const formats = new Map<string, Intl.DateTimeFormat>()
/** Zone → quarter of an hour → offset: no zone changes within one, and a format costs as much as all else of a row. */
const offsets = new Map<string, Map<number, Offset>>()
const minuteMs = 60_000
const quarterMs = 15 * minuteMs
const quartersMax = 100_000

function offsetAt(time: number, zone: string): Offset {
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
  const text = name === 'GMT' ? '+00:00' : name.slice(3)
  const [hours = 0, minutes = 0] = text.slice(1).split(':').map(Number)
  const offset = { text, ms: (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes) * minuteMs }
  known.set(quarter, offset)
  return offset
}

/** For people: `16. november 2026 kl. 07.02 (UTC+1)`, `16 November 2026 at 07:02 (UTC+1)`. */
export function dayAndTime(time: number, zone: string, language: Language): string {
  const locale = language === 'da' ? 'da-DK' : 'en-GB'
  const clock = new Intl.DateTimeFormat(locale, { timeZone: zone, hour: '2-digit', minute: '2-digit' }).format(time)
  const offset = offsetAt(time, zone).text.replace(/^([+-])0?(\d+):00$/, '$1$2')
  return `${dayOf(time, zone, language)} ${language === 'da' ? 'kl.' : 'at'} ${clock} (UTC${offset === '+0' ? '' : offset})`
}

/** The day alone. */
export function dayOf(time: number, zone: string, language: Language): string {
  return new Intl.DateTimeFormat(language === 'da' ? 'da-DK' : 'en-GB', { timeZone: zone, dateStyle: 'long' }).format(
    time,
  )
}

/** `toISOString` at a third of its price where times come in order, or nearly: the time and the minute that were spelled last are kept. */
export function createIsoSpeller(): (time: number) => string {
  let [last, spelled] = [Number.NaN, '']
  let [minute, head] = [Number.NaN, '']
  const spell = (time: number) => {
    const begun = Math.floor(time / minuteMs)
    if (begun !== minute || !Number.isSafeInteger(time)) {
      const whole = new Date(time).toISOString()
      minute = begun
      head = whole.slice(0, -7)
      return whole
    }
    const rest = time - begun * minuteMs
    const seconds = Math.floor(rest / 1000)
    return `${head}${seconds < 10 ? '0' : ''}${seconds}.${String(rest - seconds * 1000).padStart(3, '0')}Z`
  }
  return (time) => {
    if (time === last) return spelled
    spelled = spell(time)
    last = time
    return spelled
  }
}

const spellLocal = createIsoSpeller()

/** ISO 8601 with the zone's offset then, such as 2026-11-16T07:02:03.120+01:00. */
export function inZone(time: number, zone: string): string {
  const { text, ms } = offsetAt(time, zone)
  return `${spellLocal(time + ms).slice(0, -1)}${text}`
}
