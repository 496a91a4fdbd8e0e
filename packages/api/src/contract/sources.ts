// Where events come from, what got stuck on the way, and what ingest would make of a line.
import { deadLetterReasons, severities } from '@varde/schema'
import { z } from 'zod'
import { JsonObject, Page, RawBytes, Time } from './common.ts'

export const SourceRow = z.object({
  source: z.string(),
  tenant: z.string(),
  datasets: z.array(z.string()),
  transports: z.array(z.string()),
  firstSeen: Time,
  lastSeen: Time,
  /** `silent`: nothing for longer than its own rhythm allows. `imported`: history only, expected to be quiet. */
  state: z.enum(['live', 'quiet', 'silent', 'imported']),
  events: z.number(),
  bytes: z.number(),
  /** Records a minute of arrival, oldest first, up to and with the running minute. */
  perMinute: z.array(z.number()),
  /** Arrival - event time over the last hour with events; negative: its clock is ahead. */
  lagMsMean: z.number(),
  lagMsMax: z.number(),
  deadLetters: z.number(),
  duplicates: z.number(),
  late: z.number(),
  future: z.number(),
  missing: z.number(),
  /** Bytes of raw text that no parser explained ÷ all bytes, 0 to 1. */
  unexplainedShare: z.number(),
})
export type SourceRow = z.infer<typeof SourceRow>

export const Listener = z.object({
  kind: z.enum(['syslog-udp', 'syslog-tcp', 'syslog-tls', 'http']),
  host: z.string(),
  port: z.number(),
})
export type Listener = z.infer<typeof Listener>

export const Sources = z.object({ sources: z.array(SourceRow), listeners: z.array(Listener) })

export const SourceDetail = z.object({
  source: SourceRow,
  minutes: z.array(
    z.object({
      minute: Time,
      received: z.number(),
      events: z.number(),
      deadLetters: z.number(),
      late: z.number(),
      lagMsMean: z.number(),
      lagMsMax: z.number(),
    }),
  ),
})

export const DeadLettersQuery = z.object({
  ...Page,
  source: z.string().optional(),
  reason: z.enum(deadLetterReasons).optional(),
  state: z.enum(['waiting', 'redriven']).optional(),
})
export const DeadLetterRow = z.object({
  id: z.string(),
  source: z.string(),
  tenant: z.string(),
  transport: z.string(),
  peer: z.string().optional(),
  arrival: Time,
  failedAt: Time,
  reason: z.enum(deadLetterReasons),
  detail: z.string(),
  /** At most the first 4 KiB; `bytes` tells all. */
  raw: RawBytes,
  redrivenAs: z.string().optional(),
})
export type DeadLetterRow = z.infer<typeof DeadLetterRow>
export const DeadLetters = z.object({
  deadLetters: z.array(DeadLetterRow),
  next: z.string().optional(),
  /** Still waiting, per source and reason. */
  waiting: z.array(z.object({ source: z.string(), reason: z.enum(deadLetterReasons), count: z.number() })),
})

export const Redrive = z.union([
  z.object({ ids: z.array(z.string()).min(1).max(10_000) }),
  z.object({ source: z.string().optional(), reason: z.enum(deadLetterReasons).optional() }),
])
export const LoadedSample = z.object({ events: z.number(), alerts: z.number(), already: z.boolean() })
export const RemovedSample = z.object({ events: z.number(), alerts: z.number() })
export const Redriven = z.object({ redriven: z.number(), skipped: z.number() })

export const Parse = z.object({
  lines: z.array(z.string()).min(1).max(100),
  /** Such as `cisco_asa.log`; wins over detection by content. */
  dataset: z.string().optional(),
  timeZone: z.string().optional(),
})
export const ParsedLines = z.object({
  results: z.array(
    z.union([
      z.object({
        ok: z.literal(true),
        dataset: z.string(),
        event: JsonObject,
        /** UTF-8 bytes of the line, and those of them that no parser explained. */
        bytes: z.number(),
        unexplainedBytes: z.number(),
        notes: z.array(z.string()),
        rules: z.array(z.object({ id: z.string(), name: z.string(), severity: z.enum(severities) })),
      }),
      z.object({ ok: z.literal(false), reason: z.enum(deadLetterReasons), detail: z.string() }),
    ]),
  ),
})
/** Names such as `cisco_asa.log`. */
export const Datasets = z.object({ datasets: z.array(z.string()) })
