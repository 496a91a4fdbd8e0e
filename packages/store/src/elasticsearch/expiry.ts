// Whole days of a retention class go when their time is over: what is in them, and how they go but for what somebody holds.
import { VardeError } from '@varde/runtime'
import type { EventExpiry, ExpiryContents, ExpiryUnit } from '../port.ts'
import { readChain } from './event-document.ts'
import { type Found, type ReadDeps, refreshEvents, snapshotHits, wholeAnswer } from './event-search.ts'

const dayMs = 86_400_000
/** Names of one request line, which has 4 KB by default. */
const namesMax = 20
const bucketsMax = 1_000
const offsetsMax = 10_000
const rewriteMs = 3_600_000

const live = { bool: { must_not: [{ term: { '_varde.erased': true } }] } }

interface Day {
  name: string
  retention: string
  day: number
  /** One a tenant. */
  indices: string[]
}

/** A unit is a UTC day of arrival of one class, over all tenants: seals mix tenants, so that most of them go as a whole. */
export function createExpiry(deps: ReadDeps): EventExpiry {
  const { connection, names } = deps
  /** As last noted: what came in since must not go unnamed. */
  const noted = new Map<string, number>()

  const daysWhere = async (wanted: (read: { retention: string; day: number }) => boolean): Promise<Day[]> => {
    const { body } = await connection.ask<Record<string, unknown>>(
      'GET',
      `/${encodeURIComponent(names.allEvents)}/_settings`,
      { query: { ignore_unavailable: true, allow_no_indices: true, filter_path: '*.settings.index.uuid' } },
    )
    const days = new Map<string, Day>()
    for (const index of Object.keys(body).sort()) {
      const read = names.readEventIndex(index)
      if (read === undefined || !wanted(read)) continue
      const { retention, day } = read
      const name = `${retention}.${new Date(day).toISOString().slice(0, 10)}`
      const known = days.get(name) ?? { name, retention, day, indices: [] }
      known.indices.push(index)
      days.set(name, known)
    }
    return [...days.values()].sort((a, b) => a.day - b.day)
  }
  const dayNamed = async (unit: string): Promise<Day | undefined> => {
    const [retention, date] = unit.split('.')
    const day = Date.parse(`${date}T00:00:00Z`)
    return (await daysWhere((read) => read.retention === retention && read.day === day))[0]
  }

  const aggregate = async <T>(indices: readonly string[], aggs: Record<string, unknown>): Promise<T> => {
    const { body } = await connection.ask<Found<T> & { aggregations: T }>(
      'POST',
      `/${encodeURIComponent(names.allEvents)}/_search`,
      {
        // The indices stand in the body, because a request line has no room for the names of many tenants.
        body: { size: 0, query: { bool: { ...live.bool, filter: [{ terms: { _index: indices } }] } }, aggs },
        query: { ignore_unavailable: true, allow_no_indices: true },
      },
    )
    return wholeAnswer(body).aggregations
  }
  const countOf = async ({ indices }: Day): Promise<Counted> =>
    aggregate<Counted>(indices, {
      events: { value_count: { field: '_varde.offset' } },
      from: { min: { field: '_varde.arrival' } },
      to: { max: { field: '_varde.arrival' } },
      in: { terms: { field: '_index', size: Math.max(1, indices.length) } },
    })

  const remove = async (indices: readonly string[]): Promise<void> => {
    for (let from = 0; from < indices.length; from += namesMax)
      await connection.ask('DELETE', `/${indices.slice(from, from + namesMax).join(',')}`, {
        query: { ignore_unavailable: true },
        accept: [404],
      })
  }

  async function* composite<T>(
    indices: readonly string[],
    fields: Record<string, string>,
    aggs: Record<string, unknown> = {},
  ): AsyncGenerator<{ key: Record<string, string>; doc_count: number } & T> {
    const sources = Object.entries(fields).map(([name, field]) => ({ [name]: { terms: { field } } }))
    for (let after: Record<string, string> | undefined; ; ) {
      const page: Composite<T> = await aggregate(indices, {
        all: { composite: { sources, size: bucketsMax, ...(after === undefined ? {} : { after }) }, aggs },
      })
      yield* page.all.buckets
      after = page.all.after_key
      if (after === undefined || page.all.buckets.length < bucketsMax) return
    }
  }

  const runsOf = async (indices: readonly string[], chain: string): Promise<{ from: number; to: number }[]> => {
    const runs: { from: number; to: number }[] = []
    const filter = [{ term: { '_varde.chain': chain } }, { terms: { _index: indices } }]
    const body = { query: { bool: { ...live.bool, filter } }, sort: [{ '_varde.offset': 'asc' }], _source: false }
    for await (const hits of snapshotHits(deps, names.allEvents, body, { batch: offsetsMax })) {
      for (const { sort } of hits) {
        const offset = Number(sort?.[0])
        const last = runs.at(-1)
        if (last?.to === offset) last.to += 1
        else runs.push({ from: offset, to: offset + 1 })
      }
    }
    return runs
  }

  return {
    async due(retention, { before }) {
      const days = await daysWhere((read) => read.retention === retention && read.day + dayMs <= before)
      if (days.length > 0) await refreshEvents(deps)
      const due: ExpiryUnit[] = []
      for (const day of days) {
        const { events, from, to } = await countOf(day)
        // Erased to the last: nothing is left that a record could name.
        if (events.value === 0) await remove(day.indices)
        else
          due.push({
            name: day.name,
            retention,
            events: events.value,
            arrived: { from: from.value ?? day.day, to: to.value ?? day.day },
          })
      }
      return due
    },

    async contents(unit) {
      const { indices = [] } = (await dayNamed(unit)) ?? {}
      const contents: ExpiryContents = { chains: [], sources: [] }
      if (indices.length === 0) return contents
      const bounds = { from: { min: { field: '_varde.offset' } }, to: { max: { field: '_varde.offset' } } }
      let events = 0
      for await (const one of composite<Bounds>(indices, { chain: '_varde.chain' }, bounds)) {
        const { chain = '' } = one.key
        const [from, to] = [one.from.value, one.to.value + 1]
        // A class and day that has a stretch of its partition for itself need not be read.
        const runs = to - from === one.doc_count ? [{ from, to }] : await runsOf(indices, chain)
        contents.chains.push({ ...readChain(chain), runs })
        events += one.doc_count
      }
      const fields = { tenant: '_varde.tenant', source: '_varde.source' }
      for await (const { key, doc_count } of composite(indices, fields))
        contents.sources.push({ tenant: key['tenant'] ?? '', source: key['source'] ?? '', events: doc_count })
      noted.set(unit, events)
      return contents
    },

    async expire(unit, keep) {
      const day = await dayNamed(unit)
      if (day === undefined) return
      await refreshEvents(deps)
      const { events } = await countOf(day)
      const expected = noted.get(unit)
      noted.delete(unit)
      if (expected !== undefined && expected !== events.value) {
        throw new VardeError('STORE_UNAVAILABLE', `events came into ${unit} while it was written down`, {
          hint: 'Nothing went; the next look writes them down too.',
          facts: { passing: true },
        })
      }
      if (keep.length === 0) return remove(day.indices)
      for (const index of day.indices) {
        await connection.ask('POST', `/${index}/_delete_by_query`, {
          body: { query: { bool: { must_not: [...live.bool.must_not, { ids: { values: keep } }] } } },
          query: { conflicts: 'proceed', refresh: true },
          timeoutMs: rewriteMs,
        })
      }
      const left = new Set((await countOf(day)).in.buckets.map(({ key }) => key))
      await remove(day.indices.filter((index) => !left.has(index)))
      for (const index of left)
        await connection.ask('POST', `/${index}/_forcemerge`, {
          query: { only_expunge_deletes: true },
          timeoutMs: rewriteMs,
        })
    },
  }
}

interface Counted {
  events: { value: number }
  from: { value: number | null }
  to: { value: number | null }
  in: { buckets: { key: string }[] }
}

interface Bounds {
  from: { value: number }
  to: { value: number }
}

interface Composite<T> {
  all: { buckets: ({ key: Record<string, string>; doc_count: number } & T)[]; after_key?: Record<string, string> }
}
