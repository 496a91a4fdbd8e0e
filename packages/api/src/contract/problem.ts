// How every error leaves the API: RFC 9457 problem details (application/problem+json).
import { z } from 'zod'

export const Problem = z.object({
  /** `about:blank`, or a documentation path. */
  type: z.string(),
  title: z.string(),
  status: z.number(),
  detail: z.string().optional(),
  /** From the closed list of error codes, such as `STORE_BAD_CURSOR` or `REQUEST_INVALID`. */
  code: z.string(),
  /** One sentence: what to do next. */
  hint: z.string().optional(),
  /** Wrong places: of the body (`path`), or of a text such as a query or a rule (`from`, `to` in UTF-16 units). */
  errors: z
    .array(
      z.object({
        path: z.string().optional(),
        from: z.number().optional(),
        to: z.number().optional(),
        line: z.number().optional(),
        column: z.number().optional(),
        message: z.string(),
        suggestion: z.string().optional(),
      }),
    )
    .optional(),
})
export type Problem = z.infer<typeof Problem>
