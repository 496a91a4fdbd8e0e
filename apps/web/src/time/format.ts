// Instants and lengths of time as text: ISO order, because it sorts and is read the same way everywhere.
import { offsetMinutes, type Zone } from './offset.ts'

export type Precision = 'ms' | 's' | 'min' | 'day'
const length: Record<Precision, number> = { ms: 23, s: 19, min: 16, day: 10 }

/** `2026-11-24 08:05:12.345` in the zone. */
export function formatInstant(time: number, zone: Zone, precision: Precision = 's'): string {
  if (!Number.isFinite(time) || Math.abs(time) > 8.64e15) return String(time)
  const date = new Date(time + offsetMinutes(time, zone) * 60_000)
  return date.toISOString().slice(0, length[precision]).replace('T', ' ')
}

/** `+01:00`, or `Z` for UTC. */
export function zoneOffset(time: number, zone: Zone): string {
  if (zone === 'utc') return 'Z'
  const minutes = offsetMinutes(time, zone)
  const sign = minutes < 0 ? '-' : '+'
  const two = (value: number) => String(Math.floor(Math.abs(value))).padStart(2, '0')
  return `${sign}${two(minutes / 60)}:${two(minutes % 60)}`
}

/** `3.2 s`, `14 min`, `2 h 5 min`, `9 d`. */
export function formatLength(ms: number): string {
  const size = Math.abs(ms)
  const sign = ms < 0 ? '-' : ''
  if (size < 1_000) return `${sign}${Math.round(size)} ms`
  if (size < 60_000) return `${sign}${(size / 1_000).toFixed(size < 10_000 ? 1 : 0)} s`
  if (size < 3_600_000) return `${sign}${Math.floor(size / 60_000)} min`
  if (size < 86_400_000) {
    const minutes = Math.floor((size % 3_600_000) / 60_000)
    return `${sign}${Math.floor(size / 3_600_000)} h${minutes === 0 ? '' : ` ${minutes} min`}`
  }
  return `${sign}${Math.floor(size / 86_400_000)} d`
}

/** `4 min ago`, `in 2 h`. */
export function formatAgo(time: number, now: number): string {
  const ms = now - time
  if (Math.abs(ms) < 1_000) return 'now'
  return ms > 0 ? `${formatLength(ms)} ago` : `in ${formatLength(-ms)}`
}
