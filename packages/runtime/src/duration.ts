// Spans of time as the configuration writes them.
import { z } from 'zod'

/** Milliseconds. */
export const duration = z
  .string()
  .regex(/^\d+(ms|s|m|h|d)$/, 'a duration such as 500ms, 30s, 5m, 2h or 14d')
  .transform(
    (text) =>
      Number.parseInt(text, 10) *
      ({ ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[text.replace(/\d+/, '')] ?? 1),
  )
