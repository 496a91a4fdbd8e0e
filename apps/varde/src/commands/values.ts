// What stands behind an option, read with an error that says what would do.
import { VardeError } from '@varde/runtime'

/** ISO time, or a span back from now such as 24h. UTC milliseconds. */
export function timeOf(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined
  const span = /^(\d+)([smhdw])$/.exec(text)
  const unit = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 }[span?.[2] ?? '']
  const time = span !== null && unit !== undefined ? Date.now() - Number(span[1]) * unit : Date.parse(text)
  if (Number.isNaN(time))
    throw new VardeError('ARGUMENT_INVALID', `--${name} ${text} is no time`, {
      hint: 'Give an ISO time such as 2026-11-23T08:00:00Z, or a span such as 24h.',
    })
  return time
}

/** A whole number from 1 on. */
export function countOf(text: string, name: string): number {
  const count = Number(text)
  if (!Number.isSafeInteger(count) || count < 1)
    throw new VardeError('ARGUMENT_INVALID', `--${name} ${text} is no whole number from 1 on`, {
      hint: `Give a number such as --${name} 100.`,
    })
  return count
}
