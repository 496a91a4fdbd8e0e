// Bundles: a case as one ZIP that a stranger can check. Made in the background, fetched when ready, resumed after a stop.
import { languages } from '@varde/schema'
import { z } from 'zod'
import { Time } from './common.ts'

export const CreateExport = z.object({
  why: z.string().trim().min(1).max(500),
  /** Who gets it: stands in the custody entry. */
  to: z.string().trim().min(1).max(500),
  /** Only this customer's events; all others are withheld whole, counted, and the rest still verifies. */
  tenant: z.string().optional(),
  /** Names of Varde's own users become `person-1` … */
  pseudonymise: z.boolean().default(false),
  language: z.enum(languages).default('en'),
  /** The present revision without one. */
  revision: z.number().int().min(1).optional(),
})

export const CaseExport = z.object({
  id: z.string(),
  case: z.string(),
  revision: z.number(),
  state: z.enum(['running', 'stopped', 'done', 'failed']),
  /** What is being written. */
  step: z.string(),
  done: z.number(),
  total: z.number(),
  bytes: z.number(),
  /** Of the ZIP, once it is done. */
  digest: z.string().optional(),
  problem: z.string().optional(),
  to: z.string(),
  why: z.string(),
  tenant: z.string().optional(),
  pseudonymise: z.boolean(),
  language: z.enum(languages),
  at: Time,
  by: z.string(),
  /** Name to save it under. */
  file: z.string(),
})
export type CaseExport = z.infer<typeof CaseExport>
export const CaseExports = z.object({ exports: z.array(CaseExport) })
