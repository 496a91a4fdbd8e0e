// Who did what: the product's own audit.
import { z } from 'zod'
import { Time } from './common.ts'

export const AuditQuery = z.object({
  /** Name of the person. */
  by: z.string().max(128).optional(),
  /** Such as `key.create`; with a dot at the end all actions that begin so. */
  action: z.string().max(128).optional(),
  /** `next` of the page before. */
  before: z.coerce.number<number>().int().min(0).optional(),
  limit: z.coerce.number<number>().int().min(1).max(500).default(100),
})

export const AuditEntry = z.object({
  seq: z.number(),
  at: Time,
  by: z.string(),
  action: z.string(),
  /** Id of what was acted upon. */
  subject: z.string(),
  detail: z.record(z.string(), z.json()),
})
export type AuditEntry = z.infer<typeof AuditEntry>

/** Newest first. */
export const AuditPage = z.object({ entries: z.array(AuditEntry), next: z.number().optional() })
export type AuditPage = z.infer<typeof AuditPage>

/** Whether every entry is sealed over the one before it, from the first to the last; if not, where. */
export const AuditCheck = z.union([
  z.object({ whole: z.literal(true), entries: z.number() }),
  z.object({ whole: z.literal(false), at: z.string(), problem: z.string() }),
])
export type AuditCheck = z.infer<typeof AuditCheck>
