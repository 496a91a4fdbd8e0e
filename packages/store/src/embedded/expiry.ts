// Segments whose time is over: which they are, what is in them, and how they go but for what somebody holds.
import { type EventId, homeOf } from '@varde/schema'
import type { EventExpiry, ExpiryContents, ExpiryUnit } from '../port.ts'
import type { Partition } from './batch.ts'
import { partitionKey } from './chapter.ts'
import type { Engine } from './duckdb.ts'
import { partitionCondition } from './identity.ts'
import { segmentPath } from './segment.ts'
import { identifier, literal } from './sql.ts'
import type { Tier } from './tier.ts'
import { notErased } from './tombstones.ts'

export function createExpiry(deps: { dir: string; engine: Engine; tier: Tier }): EventExpiry {
  const { dir, engine, tier } = deps
  /** Segments never change, so their answers need not be asked for again. */
  const arrivals = new Map<string, ExpiryUnit['arrived']>()

  /** From the statistics of the row groups: no row is read. */
  const arrivedOf = async (name: string): Promise<ExpiryUnit['arrived']> => {
    const known = arrivals.get(name)
    if (known !== undefined) return known
    const [row] = await engine.rows(
      `SELECT CAST(min(CAST(stats_min_value AS BIGINT)) AS DOUBLE), CAST(max(CAST(stats_max_value AS BIGINT)) AS DOUBLE) ` +
        `FROM parquet_metadata(${literal(segmentPath(dir, name))}) WHERE path_in_schema = '_arrival'`,
    )
    const arrived = { from: Number(row?.[0] ?? Number.NaN), to: Number(row?.[1] ?? Number.NaN) }
    arrivals.set(name, arrived)
    return arrived
  }

  /** Arrival of the oldest event that is in no segment yet. */
  const oldestOpen = async (retention: string): Promise<number> => {
    const snapshot = tier.snapshot()
    try {
      let oldest = Number.POSITIVE_INFINITY
      for (const source of snapshot.sources) {
        if (source.kind !== 'table' || source.retention !== retention) continue
        const [row] = await engine.rows(`SELECT CAST(min(_arrival) AS DOUBLE) FROM ${identifier(source.key)}`)
        oldest = Math.min(oldest, Number(row?.[0] ?? Number.POSITIVE_INFINITY))
      }
      return oldest
    } finally {
      snapshot.release()
    }
  }

  /** Reads rows of one segment, which stays until it is done. */
  const readSegment = async <T>(name: string, read: (file: string) => Promise<T>): Promise<T | undefined> => {
    const snapshot = tier.snapshot()
    try {
      const source = snapshot.sources.find(({ segment }) => segment?.name === name)
      return source === undefined ? undefined : await read(`read_parquet(${literal(source.key)})`)
    } finally {
      snapshot.release()
    }
  }

  return {
    async due(retention, { before, closeBefore }) {
      if ((await oldestOpen(retention)) < closeBefore) await tier.closeChapter(retention)
      const due: ExpiryUnit[] = []
      for (const { name, rows, chapter, ...segment } of tier
        .segments()
        .filter((one) => one.retention === retention)
        .sort((a, b) => a.chapter - b.chapter)) {
        const arrived = await arrivedOf(name)
        if (arrived.to < before) due.push({ name, retention: segment.retention, events: rows, arrived })
      }
      return due
    },

    async contents(name) {
      const found = await readSegment(name, async (file): Promise<ExpiryContents> => {
        const runs = await engine.rows(
          `SELECT _stream, CAST(_generation AS DOUBLE), CAST(_partition AS DOUBLE), CAST(min(_offset) AS DOUBLE), CAST(max(_offset) + 1 AS DOUBLE) ` +
            `FROM (SELECT _stream, _generation, _partition, _offset, _offset - row_number() OVER (PARTITION BY _stream, _generation, _partition ` +
            `ORDER BY _offset) AS run FROM ${file} WHERE ${notErased}) GROUP BY _stream, _generation, _partition, run ORDER BY 1, 2, 3, 4`,
        )
        const sources = await engine.rows(
          `SELECT _tenant, _source, CAST(count(*) AS DOUBLE) FROM ${file} WHERE ${notErased} GROUP BY 1, 2 ORDER BY 1, 2`,
        )
        return {
          chains: chainsOf(runs),
          sources: sources.map(([tenant, source, events]) => ({
            tenant: String(tenant),
            source: String(source),
            events: Number(events),
          })),
        }
      })
      return found ?? { chains: [], sources: [] }
    },

    async expire(name, keep) {
      await tier.reduce(name, keep.length === 0 ? undefined : conditionOf(keep))
      arrivals.delete(name)
    },
  }
}

function chainsOf(rows: readonly unknown[][]): ExpiryContents['chains'] {
  const chains = new Map<string, ExpiryContents['chains'][number]>()
  for (const [stream, generation, partition, from, to] of rows) {
    const place: Partition = { stream: String(stream), generation: Number(generation), partition: Number(partition) }
    const chain = chains.get(partitionKey(place)) ?? { ...place, runs: [] }
    chain.runs.push({ from: Number(from), to: Number(to) })
    chains.set(partitionKey(place), chain)
  }
  return [...chains.values()]
}

/** SQL that is true for these events. */
function conditionOf(ids: readonly EventId[]): string {
  const partitions = new Map<string, Partition & { offsets: number[] }>()
  for (const home of ids.map(homeOf)) {
    if (home === undefined) continue
    const { offset, ...place } = home
    const known = partitions.get(partitionKey(place)) ?? { ...place, offsets: [] }
    known.offsets.push(offset)
    partitions.set(partitionKey(place), known)
  }
  const parts = [...partitions.values()].map(
    (one) => `(${partitionCondition(one)} AND _offset IN (${one.offsets.join(', ')}))`,
  )
  return parts.length === 0 ? 'FALSE' : parts.join(' OR ')
}
