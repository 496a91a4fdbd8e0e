// Round instants for a time axis, in the zone that is shown, as many as fit.
import { formatInstant } from '../time/format.ts'
import { offsetMinutes, type Zone } from '../time/offset.ts'

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
const steps = [
  1_000,
  5_000,
  15_000,
  30_000,
  minute,
  5 * minute,
  15 * minute,
  30 * minute,
  hour,
  3 * hour,
  6 * hour,
  12 * hour,
  day,
  2 * day,
  7 * day,
  14 * day,
  28 * day,
  91 * day,
  364 * day,
]
const labelWidth = 92

export function axisTimes(from: number, to: number, zone: Zone, width: number): { time: number; label: string }[] {
  const room = Math.max(1, Math.floor(width / labelWidth))
  const year = 364 * day
  const step = steps.find((one) => (to - from) / one <= room) ?? Math.ceil((to - from) / room / year) * year
  const shift = -offsetMinutes(from, zone) * minute
  const ticks: { time: number; label: string }[] = []
  const first = Math.ceil((from - shift) / step) * step + shift
  for (let time = first; time < to && ticks.length <= room + 1; time += step) {
    const text = formatInstant(time, zone)
    const edge = ((time - from) / (to - from)) * width
    if (edge < labelWidth / 3 || edge > width - labelWidth / 3) continue
    ticks.push({ time, label: labelOf(text, step) })
  }
  return ticks
}

/** As much of `2026-11-24 08:05:12` as the step needs; a day's first instant shows the day. */
function labelOf(text: string, step: number): string {
  if (step >= 91 * day) return text.slice(0, 7)
  if (step >= day || text.endsWith('00:00:00')) return text.slice(5, 10)
  return step < minute ? text.slice(11, 19) : text.slice(11, 16)
}
