// Numbers as text.
const whole = new Intl.NumberFormat('en')
const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

export function formatCount(count: number): string {
  return whole.format(count)
}

/** `12.3K`: for places that are too narrow for the whole number. */
export function formatCompact(count: number): string {
  return count < 10_000 ? whole.format(Math.round(count)) : compact.format(count)
}

export function formatBytes(bytes: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB']
  let size = bytes
  let unit = 0
  while (size >= 1_000 && unit < units.length - 1) {
    size /= 1_000
    unit += 1
  }
  return `${unit === 0 ? size : size.toFixed(size < 10 ? 1 : 0)} ${units[unit]}`
}

export function formatShare(share: number): string {
  if (share === 0) return '0 %'
  if (share < 0.001) return '< 0.1 %'
  return `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`
}
