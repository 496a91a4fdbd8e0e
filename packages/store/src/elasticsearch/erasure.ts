// Erasing events: a tombstone in the event's own place, and one in an index of all of them; the bytes go with a merge.
import { type EventId, homeOf } from '@varde/schema'
import type { EventErasure, Tombstone } from '../port.ts'
import { chainText } from './event-document.ts'
import { type Hit, type ReadDeps, refreshEvents, snapshotHits } from './event-search.ts'
import { createIndex, type IndexLayout, plainSettings } from './templates.ts'

interface Kept extends Tombstone {
  chain: string
  offset: number
}

export interface Erasure extends EventErasure {
  /** Erased ids that have no place of their own, of these: an id in its place answers by itself. */
  erasedAmong(ids: readonly EventId[]): Promise<ReadonlySet<EventId>>
}

const lookMs = 1_000
const batchMax = 500

export function createErasure(deps: ReadDeps, layout: IndexLayout): Erasure {
  const { connection, names } = deps
  const index = `${names.prefix}-tombstones`
  let made: Promise<void> | undefined
  const ready = () => {
    made ??= createIndex(connection, index, {
      settings: plainSettings(layout),
      mappings: {
        dynamic: false,
        properties: { chain: { type: 'keyword' }, offset: { type: 'long' }, stored: { type: 'boolean' } },
      },
    })
    return made
  }
  const touched = new Set<string>()
  let loose: ReadonlySet<EventId> = new Set()
  let looked = Number.NEGATIVE_INFINITY

  const eraseSome = async (tombstones: readonly Tombstone[]) => {
    const places = await placesOf(
      deps,
      tombstones.map(({ id }) => id),
    )
    const lines: string[] = []
    for (const tombstone of tombstones) {
      const home = homeOf(tombstone.id)
      if (home === undefined) continue
      const kept: Kept = { ...tombstone, chain: chainText(home), offset: home.offset }
      const place = places.get(tombstone.id)
      lines.push(JSON.stringify({ create: { _index: index, _id: tombstone.id } }))
      lines.push(JSON.stringify({ ...kept, stored: place !== undefined }))
      if (place === undefined) continue
      touched.add(place._index)
      const { tenant, retention } = place._source._varde
      lines.push(JSON.stringify({ index: { _index: place._index, _id: tombstone.id } }))
      lines.push(
        JSON.stringify({
          '@timestamp': '1970-01-01T00:00:00.000Z',
          _varde: { chain: kept.chain, offset: kept.offset, tenant, retention, erased: true },
        }),
      )
    }
    const { body } = await connection.ask<{ items: Record<string, { status: number; error?: { reason?: string } }>[] }>(
      'POST',
      '/_bulk',
      {
        lines: `${lines.join('\n')}\n`,
        query: { filter_path: 'items.*.status,items.*.error' },
      },
    )
    for (const item of body.items) {
      for (const { status, error } of Object.values(item)) {
        // 409: the tombstone was there.
        if (status >= 300 && status !== 409)
          throw new Error(`a tombstone was not written (${status}): ${error?.reason}`)
      }
    }
  }

  return {
    async erase(tombstones) {
      await ready()
      await refreshEvents(deps)
      for (let from = 0; from < tombstones.length; from += batchMax)
        await eraseSome(tombstones.slice(from, from + batchMax))
      await refreshEvents(deps)
      looked = Number.NEGATIVE_INFINITY
    },
    async tombstones(home, from, to) {
      await ready()
      await connection.ask('POST', `/${index}/_refresh`)
      const query = {
        bool: { filter: [{ term: { chain: chainText(home) } }, { range: { offset: { gte: from, lt: to } } }] },
      }
      const found: Tombstone[] = []
      for await (const hits of snapshotHits<Kept>(
        deps,
        index,
        { query, sort: [{ offset: 'asc' }] },
        { batch: 1_000 },
      )) {
        for (const { _source: one } of hits) found.push({ id: one.id, leaf: one.leaf, at: one.at, by: one.by })
      }
      return found
    },
    async purged() {
      await refreshEvents(deps)
      const { body } = await connection.ask<{ aggregations?: { in: { buckets: { key: string }[] } } }>(
        'POST',
        `/${encodeURIComponent(names.allEvents)}/_search`,
        {
          body: {
            size: 0,
            query: { term: { '_varde.erased': true } },
            aggs: { in: { terms: { field: '_index', size: 10_000 } } },
          },
          query: { ignore_unavailable: true, allow_no_indices: true },
        },
      )
      for (const each of new Set([...touched, ...(body.aggregations?.in.buckets ?? []).map(({ key }) => key)])) {
        // One segment of what is left: merged, the bytes of the versions before are gone; flushed, those of the log too.
        await connection.ask('POST', `/${each}/_forcemerge`, { query: { max_num_segments: 1 }, timeoutMs: 600_000 })
        await connection.ask('POST', `/${each}/_flush`, { query: { force: true, wait_if_ongoing: true } })
        touched.delete(each)
      }
    },
    async erasedAmong(ids) {
      if (performance.now() - looked > lookMs) {
        looked = performance.now()
        loose = await looseIds(deps, index)
      }
      return loose.size === 0 ? loose : new Set(ids.filter((id) => loose.has(id)))
    },
  }
}

/** Where stored events are, by id. The caller has refreshed. */
async function placesOf(
  deps: ReadDeps,
  ids: readonly EventId[],
): Promise<Map<EventId, Hit<{ _varde: { tenant: string; retention: string } }>>> {
  const found = new Map<EventId, Hit<{ _varde: { tenant: string; retention: string } }>>()
  const body = {
    query: { ids: { values: ids } },
    _source: ['_varde.tenant', '_varde.retention'],
    sort: [{ '_varde.offset': 'asc' }],
  }
  for await (const hits of snapshotHits<{ _varde: { tenant: string; retention: string } }>(
    deps,
    deps.names.allEvents,
    body,
    { batch: 1_000 },
  )) {
    for (const hit of hits) found.set(hit._id, hit)
  }
  return found
}

async function looseIds(deps: ReadDeps, index: string): Promise<ReadonlySet<EventId>> {
  const { status } = await deps.connection.ask('POST', `/${index}/_refresh`, { accept: [404] })
  if (status === 404) return new Set()
  const found = new Set<EventId>()
  const body = { query: { term: { stored: false } }, sort: [{ offset: 'asc' }] }
  for await (const hits of snapshotHits<Kept>(deps, index, body, { batch: 1_000 }))
    for (const { _id: id } of hits) found.add(id)
  return found
}
