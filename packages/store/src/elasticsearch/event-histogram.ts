// Events over time, in buckets of one length, also broken down by a field.
import { limits, VardeError } from '@varde/runtime'
import { noCounts } from '../counts.ts'
import type { Bucket, EventFilter, ValueCount } from '../port.ts'
import { ask, type ReadDeps } from './event-search.ts'
import { valuesOf } from './event-values.ts'
import { hasValue } from './field-places.ts'

export interface HistogramOptions {
  intervalMs: number
  by?: string
  signal?: AbortSignal
}

/** Values that a histogram with a breakdown names; the rest is under `other`. */
const namedValuesMax = 10

interface TimeBucket {
  key: number
  doc_count: number
  named?: { buckets: Record<string, { doc_count: number }> }
  any?: { doc_count: number }
}

export async function histogramOf(
  deps: ReadDeps,
  filter: EventFilter & { from: number; to: number },
  { intervalMs, by, signal }: HistogramOptions,
): Promise<Bucket[]> {
  const length = Math.ceil((filter.to - filter.from) / intervalMs)
  if (!(intervalMs >= 1) || !(length <= limits.histogramBucketsMax)) {
    throw new VardeError(
      'STORE_LIMIT',
      `a histogram has at most ${limits.histogramBucketsMax} buckets, not ${length}`,
      {
        facts: { limit: 'histogramBucketsMax', value: limits.histogramBucketsMax },
      },
    )
  }
  const named =
    by === undefined
      ? []
      : (await valuesOf(deps, filter, { field: by, limit: namedValuesMax, ...(signal ? { signal } : {}) })).values
  const interval = Math.round(intervalMs)
  const aggregation = {
    date_histogram: {
      field: '@timestamp',
      fixed_interval: `${interval}ms`,
      offset: `${modulo(filter.from, interval)}ms`,
      min_doc_count: 1,
    },
    ...(by === undefined || named.length === 0 ? {} : { aggs: breakdown(by, named) }),
  }
  const found = await ask<{ over: { buckets: TimeBucket[] } }>(
    deps,
    filter,
    { size: 0, track_total_hits: false, aggs: { over: aggregation } },
    signal,
  )
  const buckets: Bucket[] = Array.from({ length }, (_, at) => ({
    start: filter.from + at * interval,
    count: 0,
    ...(by === undefined ? {} : { by: { values: noCounts(), other: 0 } }),
  }))
  for (const one of found.aggregations?.over.buckets ?? []) {
    const bucket = buckets[Math.round((one.key - filter.from) / interval)]
    if (bucket === undefined) continue
    bucket.count = one.doc_count
    if (bucket.by === undefined) continue
    bucket.by.other = one.doc_count - (one.any?.doc_count ?? 0)
    for (const [at, { value }] of named.entries()) {
      const count = one.named?.buckets[`value${at}`]?.doc_count ?? 0
      // 22 and "22" are two values with one name.
      if (count > 0) bucket.by.values[String(value)] = (bucket.by.values[String(value)] ?? 0) + count
    }
  }
  return buckets
}

function breakdown(by: string, named: readonly ValueCount[]): Record<string, unknown> {
  const clauses = named.map(({ value }) => hasValue(by, value))
  return {
    named: { filters: { filters: Object.fromEntries(clauses.map((clause, at) => [`value${at}`, clause])) } },
    any: { filter: { bool: { should: clauses, minimum_should_match: 1 } } },
  }
}

function modulo(value: number, by: number): number {
  return ((value % by) + by) % by
}
