// Whole days of a retention class go when their time is over; what went is written down first.
import type { DocumentStore } from '../port.ts'
import { type ReadDeps, refreshEvents } from './event-search.ts'

export interface DroppedDay {
  index: string
  retention: string
  /** UTC milliseconds of the day's beginning. */
  day: number
  events: number
  /** Offsets that are gone, both ends included; between them may be what another day or class holds. */
  chains: { chain: string; from: number; to: number; events: number }[]
}

const dayMs = 86_400_000
const chainsMax = 10_000

/**
 * Drops each index whose day of arrival ended more than `keepDays(class)` days before `now`; undefined keeps for ever. A crash
 * between the note and the drop is mended by the next call.
 */
export async function dropDays(
  deps: ReadDeps & { documents: DocumentStore },
  keepDays: (retention: string) => number | undefined,
  now: number,
): Promise<DroppedDay[]> {
  const { connection, names, documents } = deps
  const { body } = await connection.ask<Record<string, unknown>>(
    'GET',
    `/${encodeURIComponent(names.allEvents)}/_settings`,
    {
      query: { ignore_unavailable: true, allow_no_indices: true, filter_path: '*.settings.index.uuid' },
    },
  )
  const dropped: DroppedDay[] = []
  for (const index of Object.keys(body).sort()) {
    const read = names.readEventIndex(index)
    const keep = read === undefined ? undefined : keepDays(read.retention)
    if (read === undefined || keep === undefined || read.day + dayMs + keep * dayMs > now) continue
    if (dropped.length === 0) await refreshEvents(deps)
    const day: DroppedDay = { index, retention: read.retention, day: read.day, ...(await contentsOf(deps, index)) }
    await documents.create('state', `dropped-day.${index}`, { ...day, at: now })
    await connection.ask('DELETE', `/${index}`, { accept: [404] })
    dropped.push(day)
  }
  return dropped
}

async function contentsOf({ connection }: ReadDeps, index: string): Promise<Pick<DroppedDay, 'events' | 'chains'>> {
  interface ByChain {
    buckets: { key: string; doc_count: number; from: { value: number }; to: { value: number } }[]
  }
  const { body } = await connection.ask<{ hits: { total: { value: number } }; aggregations: { chains: ByChain } }>(
    'POST',
    `/${index}/_search`,
    {
      body: {
        size: 0,
        track_total_hits: true,
        aggs: {
          chains: {
            terms: { field: '_varde.chain', size: chainsMax },
            aggs: { from: { min: { field: '_varde.offset' } }, to: { max: { field: '_varde.offset' } } },
          },
        },
      },
    },
  )
  const chains = body.aggregations.chains.buckets.map((one) => ({
    chain: one.key,
    from: one.from.value,
    to: one.to.value,
    events: one.doc_count,
  }))
  return { events: body.hits.total.value, chains }
}

/** Senders' names older than this are forgotten: a resend after that is a new record. Runs on in the cluster. */
export async function dropClaims({ connection, names }: ReadDeps, keepDays: number, now: number): Promise<void> {
  await connection.ask('POST', `/${names.senders}/_delete_by_query`, {
    body: { query: { range: { arrival: { lt: now - (keepDays + 1) * dayMs } } } },
    query: { conflicts: 'proceed', wait_for_completion: false },
  })
}
