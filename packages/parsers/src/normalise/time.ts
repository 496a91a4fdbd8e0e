// Claimed times as devices write them, to UTC milliseconds. Reads at a place in the text; never a regex.
import { zoneOffsetMs } from './zone.ts'

export interface ReadTime {
  /** UTC milliseconds. */
  ms: number
  /** The text carried its own zone or offset. */
  zoned: boolean
  /** Place after the time. */
  end: number
}

const monthOf: Record<string, number> = {
  jan: 0,
  feb: 1,
  mar: 2,
  apr: 3,
  may: 4,
  jun: 5,
  jul: 6,
  aug: 7,
  sep: 8,
  oct: 9,
  nov: 10,
  dec: 11,
}
const dayMs = 86_400_000

interface Parts {
  year: number
  month: number
  day: number
  hour: number
  minute: number
  second: number
  millisecond: number
  at: number
}

/**
 * A time that begins at `at`: ISO 8601 (also with a space or `/`), `MMM d [yyyy] hh:mm:ss[.f] [yyyy] [zone]`,
 * `yyyy MMM d hh:mm:ss`, each with an optional week day before it. Undefined where there is none.
 */
export function readTime(text: string, at: number, arrival: number, zone: string | undefined): ReadTime | undefined {
  const code = text.charCodeAt(at)
  if (code >= 48 && code <= 57) return readNumericDate(text, at, arrival, zone)
  if (monthAt(text, at) >= 0) return readMonthFirst(text, at, arrival, zone)
  if (isWeekDay(text, at)) {
    let next = at + 3
    if (text.charCodeAt(next) === 0x2c) next++
    if (text.charCodeAt(next) === 0x20) {
      next++
      if (text.charCodeAt(next) === 0x20) next++
      if (monthAt(text, next) >= 0) return readMonthFirst(text, next, arrival, zone)
      return readNumericDate(text, next, arrival, zone)
    }
  }
  return undefined
}

/** A whole text that must be a time, such as a field's value. */
export function timeOf(text: string | undefined, arrival: number, zone?: string): number | undefined {
  if (text === undefined) return undefined
  const trimmed = text.trim()
  const time = readTime(trimmed, 0, arrival, zone)
  return time !== undefined && time.end === trimmed.length ? time.ms : undefined
}

/** Seconds, milliseconds, microseconds or nanoseconds since 1970, told apart by their size. */
export function epochMs(value: string | number | undefined): number | undefined {
  const number = typeof value === 'number' ? value : value === undefined || value === '' ? Number.NaN : Number(value)
  if (!Number.isFinite(number) || number <= 0) return undefined
  if (number < 1e11) return number * 1000
  if (number < 1e14) return number
  if (number < 1e17) return number / 1e3
  return number / 1e6
}

const validMax = 8.64e15
/** The last answer: an event's time is written into several fields, and neighbours share their millisecond. */
let lastMs = Number.NaN
let lastText: string | undefined

/** ISO 8601 with three decimals, as every time in an event is written; undefined outside the years 0 to 9999. */
export function isoTime(ms: number | undefined): string | undefined {
  if (ms === undefined || !(Math.abs(ms) <= validMax)) return undefined
  const whole = Math.floor(ms)
  if (whole === lastMs) return lastText
  lastMs = whole
  lastText = whole >= 0 && whole < year9999 ? formatted(whole) : undefined
  if (lastText === undefined) {
    const text = new Date(whole).toISOString()
    lastText = text.length === 24 ? text : undefined
  }
  return lastText
}

const year9999 = 253_402_300_800_000
const twoDigits = Array.from({ length: 60 }, (_, number) => String(number).padStart(2, '0'))
const threeDigits = Array.from({ length: 1_000 }, (_, number) => String(number).padStart(3, '0'))
/** `2026-11-18T` of the days asked for last, each in the place of its number's last bits. */
const days = new Float64Array(64).fill(-1)
const dayTexts = new Array<string>(64).fill('')

function formatted(ms: number): string {
  const day = Math.floor(ms / dayMs)
  const place = day & 63
  if (day !== days[place]) {
    days[place] = day
    dayTexts[place] = new Date(ms).toISOString().slice(0, 11)
  }
  const inDay = ms - day * dayMs
  const second = Math.floor(inDay / 1_000)
  const minute = Math.floor(second / 60)
  const hour = Math.floor(minute / 60)
  return `${dayTexts[place]}${twoDigits[hour]}:${twoDigits[minute - hour * 60]}:${twoDigits[second - minute * 60]}.${threeDigits[inDay - second * 1_000]}Z`
}

function readNumericDate(text: string, from: number, arrival: number, zone: string | undefined): ReadTime | undefined {
  const first = digits(text, from, 4)
  const firstEnd = from + first.length
  const separator = text.charCodeAt(firstEnd)
  if (first.length === 4 && (separator === 0x2d || separator === 0x2f || separator === 0x2e)) {
    // `2026-Nov-18`
    const named = monthAt(text, firstEnd + 1)
    const month = named < 0 ? digits(text, firstEnd + 1, 2) : String(named + 1)
    const monthEnd = firstEnd + 1 + (named < 0 ? month.length : 3)
    if (month.length === 0 || text.charCodeAt(monthEnd) !== separator) return undefined
    const day = digits(text, monthEnd + 1, 2)
    if (day.length === 0) return undefined
    return withClock(text, monthEnd + 1 + day.length, Number(first), Number(month) - 1, Number(day), zone)
  }
  if (first.length === 4 && separator === 0x20 && monthAt(text, firstEnd + 1) >= 0) {
    // `2020 Apr 17 14:08:08`
    const day = dayAt(text, firstEnd + 4)
    if (day === undefined) return undefined
    return withClock(text, day.end, Number(first), monthAt(text, firstEnd + 1), day.value, zone)
  }
  const slashed = first.length <= 2 && first.length > 0 && separator === 0x2f
  if (slashed && isDigitAt(text, firstEnd + 1)) return readSlashedDate(text, first, firstEnd, zone)
  const glued = separator === 0x20 || separator === 0x2d || separator === 0x2f
  if (first.length <= 2 && first.length > 0 && glued && monthAt(text, firstEnd + 1) >= 0) {
    // `17 Apr 2020 14:08:08`, `17/Apr/2020:14:08:08`
    const monthEnd = firstEnd + 4
    const next = text.charCodeAt(monthEnd)
    if (next !== separator && next !== 0x20) return undefined
    const year = digits(text, monthEnd + 1, 4)
    if (year.length === 4) {
      return withClock(text, monthEnd + 5, Number(year), monthAt(text, firstEnd + 1), Number(first), zone)
    }
    return guessYear(text, monthEnd, monthAt(text, firstEnd + 1), Number(first), arrival, zone)
  }
  return undefined
}

/** `11/23/2026:10:28:16` and `11/23/2026 10:28:16`: month first unless that can't be one (`23/11/2026`). */
function readSlashedDate(
  text: string,
  first: string,
  firstEnd: number,
  zone: string | undefined,
): ReadTime | undefined {
  const second = digits(text, firstEnd + 1, 2)
  const secondEnd = firstEnd + 1 + second.length
  if (text.charCodeAt(secondEnd) !== 0x2f) return undefined
  const year = digits(text, secondEnd + 1, 4)
  if (year.length !== 4 && year.length !== 2) return undefined
  const full = year.length === 4 ? Number(year) : 2000 + Number(year)
  const dayFirst = Number(first) > 12
  const month = Number(dayFirst ? second : first)
  const at = secondEnd + 1 + year.length
  const comma = text.charCodeAt(at) === 0x2c ? 1 : 0
  return withClock(text, at + comma, full, month - 1, Number(dayFirst ? first : second), zone)
}

function isDigitAt(text: string, at: number): boolean {
  const code = text.charCodeAt(at)
  return code >= 48 && code <= 57
}

function readMonthFirst(text: string, at: number, arrival: number, zone: string | undefined): ReadTime | undefined {
  const month = monthAt(text, at)
  const day = dayAt(text, monthEnd(text, at))
  if (day === undefined) return undefined
  let next = day.end
  if (text.charCodeAt(next) === 0x2c) next++
  if (text.charCodeAt(next) !== 0x20) return undefined
  const year = digits(text, next + 1, 4)
  if (year.length === 4 && isBlankOrComma(text.charCodeAt(next + 5))) {
    const after = text.charCodeAt(next + 5) === 0x2c ? next + 6 : next + 5
    return withClock(text, after, Number(year), month, day.value, zone)
  }
  return guessYear(text, next, month, day.value, arrival, zone)
}

/** Without a year: the one that puts the time nearest to the arrival, and at most a day after it. */
function guessYear(
  text: string,
  at: number,
  month: number,
  day: number,
  arrival: number,
  zone: string | undefined,
): ReadTime | undefined {
  const clock = readClock(text, skipBlank(text, at))
  if (clock === undefined) return undefined
  let end = clock.at
  // `Apr 17 14:08:08 2020`
  let year = new Date(arrival).getUTCFullYear()
  let guessed = true
  if (text.charCodeAt(end) === 0x20) {
    const written = digits(text, end + 1, 4)
    const following = text.charCodeAt(end + 5)
    const isCentury = written.startsWith('20') || written.startsWith('19')
    if (written.length === 4 && isCentury && (Number.isNaN(following) || following <= 0x20)) {
      year = Number(written)
      guessed = false
      end += 5
    }
  }
  const parts: Parts = { ...clock, year, month, day, at: end }
  const time = finish(text, parts, zone)
  if (time === undefined || !guessed || time.ms <= arrival + dayMs) return time
  return finish(text, { ...parts, year: year - 1 }, zone) ?? time
}

function withClock(
  text: string,
  at: number,
  year: number,
  month: number,
  day: number,
  zone: string | undefined,
): ReadTime | undefined {
  const code = text.charCodeAt(at)
  // T, t, space, - or : (nginx's and Squid's `17/Apr/2020:14:08:08`)
  if (code !== 0x54 && code !== 0x74 && code !== 0x20 && code !== 0x2d && code !== 0x3a) return undefined
  const clock = readClock(text, skipBlank(text, code === 0x20 ? at : at + 1))
  if (clock === undefined) return undefined
  return finish(text, { ...clock, year, month, day }, zone)
}

function readClock(text: string, at: number): Parts | undefined {
  let next = at
  while (next < at + 2 && isDigitAt(text, next)) next++
  if (next === at || text.charCodeAt(next) !== 0x3a) return undefined
  const hour = next === at + 1 ? text.charCodeAt(at) - 48 : twoDigitsAt(text, at)
  const minute = twoDigitsAt(text, next + 1)
  if (minute < 0) return undefined
  next += 3
  let second = 0
  let millisecond = 0
  if (text.charCodeAt(next) === 0x3a) {
    second = twoDigitsAt(text, next + 1)
    if (second < 0) return undefined
    next += 3
    const point = text.charCodeAt(next)
    const isFraction = point === 0x2e || point === 0x2c
    const fraction = isFraction ? digits(text, next + 1, 9) : ''
    if (fraction.length > 0) {
      millisecond = Math.floor(Number(`0.${fraction}`) * 1000)
      next += 1 + fraction.length
    }
  }
  const parts = { year: 0, month: 0, day: 0, hour, minute, second, millisecond, at: next }
  // `2:05:09 PM`
  if (text.charCodeAt(next) !== 0x20) return parts
  const half = text.charCodeAt(next + 1) | 0x20
  const isMark = (half === 0x70 || half === 0x61) && (text.charCodeAt(next + 2) | 0x20) === 0x6d
  if (isMark && !isLetter(text.charCodeAt(next + 3))) {
    parts.hour = (parts.hour % 12) + (half === 0x70 ? 12 : 0)
    parts.at = next + 3
    // Cisco's Unified Communications: `10:28:16 AM.616`.
    const late = text.charCodeAt(parts.at) === 0x2e ? digits(text, parts.at + 1, 9) : ''
    if (late.length > 0) {
      parts.millisecond = Math.floor(Number(`0.${late}`) * 1000)
      parts.at += 1 + late.length
    }
  }
  return parts
}

/** A number of exactly two digits; -1 where they are none. */
function twoDigitsAt(text: string, at: number): number {
  return isDigitAt(text, at) && isDigitAt(text, at + 1)
    ? (text.charCodeAt(at) - 48) * 10 + text.charCodeAt(at + 1) - 48
    : -1
}

function finish(text: string, parts: Parts, zone: string | undefined): ReadTime | undefined {
  const { year, month, day, hour, minute, second } = parts
  if (month < 0 || month > 11 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60) return undefined
  const local = Date.UTC(year, month, day, hour, minute, second, parts.millisecond)
  const offset = readOffset(text, parts.at)
  if (offset?.region !== undefined)
    return { ms: local - zoneOffsetMs(offset.region, local), zoned: true, end: offset.end }
  if (offset?.ms !== undefined) return { ms: local - offset.ms, zoned: true, end: offset.end }
  return { ms: local - zoneOffsetMs(zone, local), zoned: false, end: offset?.end ?? parts.at }
}

/** `Z`, `+02:00`, `+0200`, `+02`, ` +0200`, ` UTC`, ` CEST`: milliseconds east of UTC; none for a name that several zones have. */
function readOffset(text: string, at: number): { ms: number | undefined; region?: string; end: number } | undefined {
  const spaced = text.charCodeAt(at) === 0x20 ? 1 : 0
  const next = at + spaced
  const code = text.charCodeAt(next)
  if (spaced === 0 && (code === 0x5a || code === 0x7a) && !isLetter(text.charCodeAt(next + 1)))
    return { ms: 0, end: next + 1 }
  if (code === 0x2b || code === 0x2d) return readNumericOffset(text, next)
  // ` (UTC+01:00)`
  if (code === 0x28 && spaced === 1) {
    const close = text.indexOf(')', next)
    const inner = close < 0 || close - next > 12 ? undefined : readOffset(text.slice(next + 1, close), 0)
    return inner === undefined ? undefined : { ms: inner.ms, end: close + 1 }
  }
  if (!isLetter(code)) return undefined
  let end = next
  while (end - next < 6 && isLetter(text.charCodeAt(end))) end++
  const following = text.charCodeAt(end)
  const word = zoneWord(text.slice(next, end), following)
  if (!(Number.isNaN(following) || following === 0x20 || following === 0x3a || following === 0x2c)) {
    if ((word === 'UTC' || word === 'GMT') && (following === 0x2b || following === 0x2d))
      return readNumericOffset(text, end)
    return undefined
  }
  if (word === 'IST') return { ms: undefined, end }
  const region = regions[word]
  if (region !== undefined) return { ms: undefined, region, end }
  const hours = abbreviations[word]
  if (hours === undefined) return undefined
  return { ms: hours * 3_600_000, end }
}

/** `CEST`, and `mdt:` as IOS XE writes it; a word of both cases is no zone, and one of small letters before a blank is a host (`mt`). */
function zoneWord(word: string, following: number): string {
  return word === word.toLowerCase() && (following !== 0x20 || word === 'utc' || word === 'gmt')
    ? word.toUpperCase()
    : word
}

function readNumericOffset(text: string, at: number): { ms: number; end: number } | undefined {
  const sign = text.charCodeAt(at) === 0x2d ? -1 : 1
  // Check Point R81 writes its offset west of UTC as `--5:00`.
  const from = text.charCodeAt(at) === 0x2d && text.charCodeAt(at + 1) === 0x2d ? at + 2 : at + 1
  const number = digits(text, from, 4)
  let end = from + number.length
  if (number.length === 4)
    return { ms: sign * (Number(number.slice(0, 2)) * 60 + Number(number.slice(2))) * 60_000, end }
  if (number.length !== 2 && number.length !== 1) return undefined
  let minutes = 0
  if (text.charCodeAt(end) === 0x3a) {
    const rest = digits(text, end + 1, 2)
    if (rest.length === 2) {
      minutes = Number(rest)
      end += 3
    }
  }
  return { ms: sign * (Number(number) * 60 + minutes) * 60_000, end }
}

/** Summer or winter, as the day has it. */
const regions: Record<string, string | undefined> = {
  ET: 'America/New_York',
  CT: 'America/Chicago',
  MT: 'America/Denver',
  PT: 'America/Los_Angeles',
}

/** Hours east of UTC of the abbreviations that devices write; where two zones share one, the one that Java takes. `IST` is India's, Israel's or Ireland's: the source's zone decides. */
const abbreviations: Record<string, number | undefined> = {
  UTC: 0,
  GMT: 0,
  WET: 0,
  WEST: 1,
  BST: 1,
  CET: 1,
  CEST: 2,
  MET: 1,
  MEST: 2,
  EET: 2,
  EEST: 3,
  MSK: 3,
  JST: 9,
  KST: 9,
  AEST: 10,
  AEDT: 11,
  ACST: 9.5,
  ACDT: 10.5,
  AWST: 8,
  NZST: 12,
  NZDT: 13,
  SGT: 8,
  HKT: 8,
  EST: -5,
  EDT: -4,
  CST: -6,
  CDT: -5,
  MST: -7,
  MDT: -6,
  PST: -8,
  PDT: -7,
  AKST: -9,
  AKDT: -8,
  HST: -10,
  AST: -4,
  ADT: -3,
  BRT: -3,
}

/** By the three letters' codes, in lower case, side by side. */
const monthByLetters = new Map(Object.entries(monthOf).map(([name, month]) => [lettersAt(name, 0), month]))

function lettersAt(text: string, at: number): number {
  const first = text.charCodeAt(at)
  const second = text.charCodeAt(at + 1)
  const third = text.charCodeAt(at + 2)
  if (!isLetter(first) || !isLetter(second) || !isLetter(third)) return -1
  return ((first | 0x20) << 16) | ((second | 0x20) << 8) | (third | 0x20)
}

function monthAt(text: string, at: number): number {
  return monthByLetters.get(lettersAt(text, at)) ?? -1
}

const monthNames = new Set(
  'january february march april may june july august september october november december'.split(' '),
)

/** Behind `Jun`, or behind `June` where the name is written out. */
function monthEnd(text: string, at: number): number {
  if (!isLetter(text.charCodeAt(at + 3))) return at + 3
  let end = at + 4
  while (end - at < 10 && isLetter(text.charCodeAt(end))) end++
  return monthNames.has(text.slice(at, end).toLowerCase()) ? end : at + 3
}

function isWeekDay(text: string, at: number): boolean {
  switch (text.slice(at, at + 3)) {
    case 'Mon':
    case 'Tue':
    case 'Wed':
    case 'Thu':
    case 'Fri':
    case 'Sat':
    case 'Sun':
      return true
    default:
      return false
  }
}

function dayAt(text: string, at: number): { value: number; end: number } | undefined {
  const next = skipBlank(text, at)
  if (next === at || next - at > 3) return undefined
  const day = digits(text, next, 2)
  return day.length === 0 ? undefined : { value: Number(day), end: next + day.length }
}

function digits(text: string, at: number, max: number): string {
  let end = at
  while (end - at < max && text.charCodeAt(end) >= 48 && text.charCodeAt(end) <= 57) end++
  return text.slice(at, end)
}

function skipBlank(text: string, at: number): number {
  let next = at
  while (text.charCodeAt(next) === 0x20) next++
  return next
}

function isBlankOrComma(code: number): boolean {
  return code === 0x20 || code === 0x2c
}

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122)
}
