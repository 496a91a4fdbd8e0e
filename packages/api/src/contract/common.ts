// Shapes that several routes share.
import { z } from 'zod'

/** UTC milliseconds. */
export const Time = z.number().int()

/** Told exactly, or a lower bound. */
export const Count = z.object({ count: z.number(), exact: z.boolean() })
export type Count = z.infer<typeof Count>

export const JsonObject = z.record(z.string(), z.json())

/** Query text in KQL with its range of event time: from inclusive, to exclusive. Empty text matches all. */
export const SearchRange = z.object({ query: z.string().max(16_384), from: Time, to: Time })

/** Bytes for a person: text where they are valid UTF-8, else base64. */
export const RawBytes = z.object({ encoding: z.enum(['utf8', 'base64']), text: z.string(), bytes: z.number() })
export type RawBytes = z.infer<typeof RawBytes>

export const Page = {
  cursor: z.string().optional(),
  limit: z.coerce.number<number>().int().min(1).max(1_000).default(100),
}
