// The words that several parts of the configuration are made of.
import { z } from 'zod'

export const duration = z
  .string()
  .regex(/^\d+(ms|s|m|h|d)$/, 'a duration such as 500ms, 30s, 5m, 2h or 14d')
  .transform(
    (text) =>
      Number.parseInt(text, 10) *
      ({ ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 }[text.replace(/\d+/, '')] ?? 1),
  )
export const identifier = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,127}$/, 'lower case letters, digits, dot, dash and underscore')
export const host = z.string().min(1)
export const port = z.number().int().min(0).max(65_535)
