// What makes the desk one's own: saved searches, look-ups, colleagues; and what reads many events at once: patterns, comparisons.
import { z } from 'zod'
import { SearchRange, Time } from './common.ts'

export const SavedSearch = z.object({
  id: z.string(),
  name: z.string(),
  /** Of the search page's address, without its `?`. */
  state: z.string(),
  owner: z.string(),
  shared: z.boolean(),
  savedAt: Time,
})
export type SavedSearch = z.infer<typeof SavedSearch>
export const SavedSearches = z.object({ searches: z.array(SavedSearch) })
export const SaveSearch = z.object({
  name: z.string().trim().min(1).max(128),
  state: z.string().max(16_384),
  shared: z.boolean().default(false),
})

export const LookUp = z.object({
  name: z.string().trim().min(1).max(64),
  /** Field names, `*` for any part: `*.ip`, `user.name`, `*`. */
  fields: z.array(z.string().min(1).max(128)).min(1).max(50),
  /** `{value}` stands for the value. */
  url: z.string().max(2_048),
})
export type LookUp = z.infer<typeof LookUp>
export const LookUps = z.object({ lookUps: z.array(LookUp).max(100) })

/** Whom work can be given to. */
export const People = z.object({ people: z.array(z.object({ name: z.string(), role: z.string() })) })

export const PatternsQuery = SearchRange
export const Patterns = z.object({
  patterns: z.array(
    z.object({
      /** With `*` where the lines differ. */
      text: z.string(),
      count: z.number(),
      /** Id of the newest event of the kind. */
      example: z.string(),
      dataset: z.string(),
      first: Time,
      last: Time,
      /** Counts over what was read, oldest first. */
      trend: z.array(z.number()),
      /** Finds the words that all of the kind have. */
      query: z.string().optional(),
    }),
  ),
  /** The newest matches were read: so many, and whether these are all. */
  read: z.number(),
  whole: z.boolean(),
  from: Time,
  to: Time,
})

const Span = z.object({ from: Time, to: Time })
export const CompareQuery = z.object({ query: z.string().max(16_384), range: Span, base: Span })
export const Comparison = z.object({
  count: z.number(),
  baseCount: z.number(),
  /** The most different field first. */
  differences: z.array(
    z.object({
      field: z.string(),
      /** The largest difference of one value's share of all events: 0 (alike) to 1. */
      distance: z.number(),
      values: z.array(
        z.object({
          value: z.json(),
          count: z.number(),
          baseCount: z.number(),
          share: z.number(),
          baseShare: z.number(),
        }),
      ),
    }),
  ),
})
