// Spans of time as rule files write them: `90s`, `10m`, `26h`, `30d`, `4w`.

const unitMs: Record<string, number> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }

export const durationPattern = /^[1-9]\d{0,8}(ms|s|m|h|d|w)$/

/** Milliseconds, or undefined where the text is no duration. */
export function parseDuration(text: string): number | undefined {
  if (!durationPattern.test(text)) return undefined
  const unit = text.replace(/^\d+/, '')
  const factor = unitMs[unit]
  return factor === undefined ? undefined : Number.parseInt(text, 10) * factor
}

/** For text that the rule schema has checked already. */
export function durationMs(text: string): number {
  const parsed = parseDuration(text)
  if (parsed === undefined) throw new TypeError(`"${text}" is no duration`)
  return parsed
}
