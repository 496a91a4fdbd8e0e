// Time ranges as they stand in the URL: `now-24h`, `now`, or an ISO instant; and what they mean at a moment.

export interface RangeText {
  from: string
  to: string
}
export interface Range {
  /** UTC milliseconds: from inclusive, to exclusive. */
  from: number
  to: number
}

const unitMs = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 7 * 86_400_000 }
const isUnit = (text: string): text is keyof typeof unitMs => text in unitMs

export const defaultRange: RangeText = { from: 'now-24h', to: 'now' }
/** Offered in the picker, shortest first. */
export const quickRanges = ['now-15m', 'now-1h', 'now-4h', 'now-24h', 'now-2d', 'now-7d', 'now-30d', 'now-90d'] as const

/** UTC milliseconds, or undefined where the text is no time. */
export function resolveTime(text: string, now: number): number | undefined {
  if (text === 'now') return now
  const relative = /^now-(\d{1,6})([smhdw])$/.exec(text)
  if (relative !== null) {
    const [, amount = '', unit = ''] = relative
    return isUnit(unit) ? now - Number(amount) * unitMs[unit] : undefined
  }
  if (!/^\d{4}-\d\d-\d\d/.test(text)) return undefined
  const time = Date.parse(text)
  return Number.isNaN(time) ? undefined : time
}

/** The range at this moment; what is no range means the default one. */
export function resolveRange(range: RangeText, now: number): Range {
  const from = resolveTime(range.from, now)
  const to = resolveTime(range.to, now)
  if (from === undefined || to === undefined || from >= to) {
    return { from: now - unitMs.d, to: now }
  }
  // `now` as the end means everything up to now, and events stamped within this very second.
  return { from, to: range.to === 'now' ? to + 1_000 : to }
}

/** The part of a range that begins no earlier than a moment; never empty. */
export function beginningAt(range: Range, earliest: number): Range {
  return { ...range, from: Math.max(range.from, Math.min(earliest, range.to - 1)) }
}

export function isRelative(range: RangeText): boolean {
  return range.to === 'now' && range.from.startsWith('now-')
}

export function absoluteRange(from: number, to: number): RangeText {
  return { from: new Date(from).toISOString(), to: new Date(to).toISOString() }
}

/** The same range grown to twice its length around its middle; the end stays in the past. */
export function widen(range: Range, now: number): RangeText {
  const half = (range.to - range.from) / 2
  return absoluteRange(range.from - half, Math.min(range.to + half, Math.max(now, range.to)))
}
