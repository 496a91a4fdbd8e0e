// Offset of a configured zone at a local time: `Europe/Copenhagen`, `+02:00`, `UTC`.

const formats = new Map<string, Intl.DateTimeFormat | undefined>()
/** Offsets by zone and hour, because asking Intl costs microseconds. Emptied when full. */
const offsets = new Map<string, number>()
const offsetsMax = 4_096

/** Milliseconds east of UTC that the zone has at the local time; 0 for none or an unknown one. */
export function zoneOffsetMs(zone: string | undefined, localMs: number): number {
  if (zone === undefined || zone === 'UTC' || zone === 'Z' || zone === 'local') return 0
  const fixed = fixedOf(zone)
  if (fixed !== null) return fixed
  const hour = Math.floor(localMs / 3_600_000)
  const key = `${zone} ${hour}`
  const known = offsets.get(key)
  if (known !== undefined) return known
  if (offsets.size >= offsetsMax) offsets.clear()
  // Twice, because the offset belongs to the UTC instant, which the first guess finds but for the hour of the change.
  const guess = offsetAt(zone, localMs)
  const offset = offsetAt(zone, localMs - guess)
  offsets.set(key, offset)
  return offset
}

/** Offsets of zones that are numbers, null of those that are names: devices write theirs in every line. Emptied when full. */
const fixedOffsets = new Map<string, number | null>()
const fixedOffsetsMax = 1_024

function fixedOf(zone: string): number | null {
  const known = fixedOffsets.get(zone)
  if (known !== undefined) return known
  const prefixed = zone.startsWith('GMT') || zone.startsWith('UTC')
  const fixed = fixedOffsetMs(prefixed ? zone.slice(3) : zone) ?? null
  if (fixedOffsets.size >= fixedOffsetsMax) fixedOffsets.clear()
  if (zone.length <= 64) fixedOffsets.set(zone, fixed)
  return fixed
}

/** `+02:00`, `-0500`, `+2`. */
function fixedOffsetMs(zone: string): number | undefined {
  const sign = zone.charCodeAt(0)
  if (sign !== 0x2b && sign !== 0x2d) return undefined
  const [hours = '', minutes = ''] = zone.includes(':')
    ? zone.slice(1).split(':')
    : zone.length > 3
      ? [zone.slice(1, -2), zone.slice(-2)]
      : [zone.slice(1)]
  const total = Number(hours) * 60 + Number(minutes)
  if (!Number.isFinite(total) || total > 18 * 60) return undefined
  return (sign === 0x2d ? -total : total) * 60_000
}

function offsetAt(zone: string, utcMs: number): number {
  const format = formatOf(zone)
  if (format === undefined || !(Math.abs(utcMs) < 8e15)) return 0
  const parts: Record<string, number> = {}
  for (const part of format.formatToParts(utcMs)) parts[part.type] = Number(part.value)
  const local = Date.UTC(
    parts['year'] ?? 0,
    (parts['month'] ?? 1) - 1,
    parts['day'] ?? 1,
    parts['hour'] ?? 0,
    parts['minute'] ?? 0,
    parts['second'] ?? 0,
  )
  return local - Math.floor(utcMs / 1000) * 1000
}

function formatOf(zone: string): Intl.DateTimeFormat | undefined {
  if (formats.has(zone)) return formats.get(zone)
  if (formats.size >= 1_024) formats.clear()
  let format: Intl.DateTimeFormat | undefined
  try {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
  } catch {
    format = undefined
  }
  formats.set(zone, format)
  return format
}
