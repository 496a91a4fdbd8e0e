// The first page, and what changes while one looks.
import { severities } from '@varde/schema'
import { z } from 'zod'
import { AlertRow, PerSeverity } from './alerts.ts'
import { Time } from './common.ts'
import { SourceRow } from './sources.ts'

/** A state of Varde itself that a person should act on: a full disk, a refused rule, a silent source. */
export const Warning = z.object({ code: z.string(), message: z.string(), hint: z.string().optional() })
export type Warning = z.infer<typeof Warning>

export const OverviewQuery = z.object({ from: z.coerce.number<number>().int(), to: z.coerce.number().int() })
export const Overview = z.object({
  warnings: z.array(Warning),
  alerts: z.object({
    open: PerSeverity,
    unassigned: z.number(),
    /** Open or acknowledged, and assigned to me. */
    mine: z.number(),
    /** The most severe open alerts, newest first within a severity. */
    first: z.array(AlertRow),
    overTime: z.array(z.object({ start: Time, severity: PerSeverity })),
    intervalMs: z.number(),
  }),
  events: z.object({
    total: z.number(),
    oldest: Time.optional(),
    newest: Time.optional(),
    /** By event time, over the range. */
    overTime: z.array(z.object({ start: Time, count: z.number() })),
    intervalMs: z.number(),
  }),
  ingest: z.object({
    perSecond: z.number(),
    deadLettersWaiting: z.number(),
    /** Stored, but not under a seal yet. This and the store's size are told to those who see every tenant. */
    unsealed: z.number().optional(),
    storeBytes: z.number().optional(),
    diskFreeBytes: z.number().optional(),
  }),
  sources: z.array(SourceRow),
  rules: z.object({
    total: z.number(),
    refused: z.number(),
    failing: z.number(),
    /** Those whose alerts were false most often, the most first: what to tune. */
    falsest: z.array(z.object({ id: z.string(), name: z.string(), judged: z.number(), false: z.number() })),
  }),
})
export type Overview = z.infer<typeof Overview>

/** `data:` of each message of `/api/stream`; the SSE `event:` field is the `kind`. */
export const StreamMessage = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('alert'),
    change: z.enum(['raised', 'changed', 'retracted']),
    id: z.string(),
    title: z.string(),
    severity: z.enum(severities),
  }),
  z.object({
    kind: z.literal('counters'),
    at: Time,
    events: z.number(),
    perSecond: z.number(),
    alertsOpen: z.number(),
    deadLettersWaiting: z.number(),
    warnings: z.array(Warning),
  }),
])
export type StreamMessage = z.infer<typeof StreamMessage>
