// Which fields the stored events have, of which type, and how much there is.
import type { FieldInfo } from '../port.ts'
import { fields } from './clause.ts'
import { ask, type ReadDeps } from './event-search.ts'
import { nativeFields } from './native-fields.ts'

const everything = { scope: { tenants: 'all' as const }, query: { kind: 'all' as const } }
const lenient = { ignore_unavailable: true, allow_no_indices: true }

interface Kinds {
  text: boolean
  whole: boolean
  fraction: boolean
  boolean: boolean
}

export async function fieldsOf(deps: ReadDeps): Promise<FieldInfo[]> {
  const { connection, names } = deps
  const [native, tokens] = await Promise.all([
    connection.ask<{ fields: Record<string, unknown> }>('GET', `/${encodeURIComponent(names.allEvents)}/_field_caps`, {
      query: {
        fields: '*',
        include_empty_fields: false,
        filters: '-metadata,-parent',
        filter_path: 'fields.*.*.type',
        ...lenient,
      },
    }),
    tokenFields(deps),
  ])
  const found = new Map<string, Kinds>()
  const kindsOf = (name: string): Kinds => {
    let kinds = found.get(name)
    if (kinds === undefined) {
      kinds = { text: false, whole: false, fraction: false, boolean: false }
      found.set(name, kinds)
    }
    return kinds
  }
  for (const name of Object.keys(native.body.fields ?? {})) {
    const type = nativeFields.get(name)
    if (type === undefined || type === 'date' || type === 'point') continue
    const kinds = kindsOf(name)
    if (type === 'long') kinds.whole = true
    else if (type === 'double') kinds.fraction = true
    else if (type === 'boolean') kinds.boolean = true
    else kinds.text = true
  }
  for (const token of tokens) {
    const [, path = '', kind = ''] = /^(.*)(=|#l|#d|\?)$/s.exec(token) ?? []
    const kinds = kindsOf(path.replaceAll(/\\(.)/g, '$1'))
    if (kind === '=') kinds.text = true
    else if (kind === '#l') kinds.whole = true
    else if (kind === '#d') kinds.fraction = true
    else kinds.boolean = true
  }
  const infos: FieldInfo[] = [{ field: '@timestamp', type: 'date' }]
  for (const [field, kinds] of found) infos.push({ field, type: typeOf(field, kinds) })
  return infos.sort((a, b) => (a.field < b.field ? -1 : 1))
}

/** More distinct fields than this come from hostile or broken senders; they stay searchable, unlisted. */
const fieldsMax = 10_000

async function tokenFields(deps: ReadDeps): Promise<string[]> {
  const found = await ask<{ fields: { buckets: { key: string }[] } }>(deps, everything, {
    size: 0,
    track_total_hits: false,
    aggs: { fields: { terms: { field: fields, size: fieldsMax } } },
  })
  return (found.aggregations?.fields.buckets ?? []).map(({ key }) => key)
}

function typeOf(field: string, kinds: Kinds): FieldInfo['type'] {
  const count = Number(kinds.text) + Number(kinds.boolean) + Number(kinds.whole || kinds.fraction)
  if (count > 1) return 'mixed'
  if (kinds.boolean) return 'boolean'
  if (kinds.text) {
    const native = nativeFields.get(field)
    return native === 'ip' || native === 'date' ? native : 'keyword'
  }
  return kinds.fraction ? 'double' : 'long'
}

export async function statsOf(
  deps: ReadDeps,
): Promise<{ events: number; bytes: number; oldest?: number; newest?: number; segments: number }> {
  const { connection, names } = deps
  const [stats, ends] = await Promise.all([
    connection.ask<{ indices?: Record<string, unknown>; _all?: { total?: { store?: { size_in_bytes?: number } } } }>(
      'GET',
      `/${encodeURIComponent(names.allEvents)}/_stats/store`,
      { query: lenient },
    ),
    ask<{ oldest: { value: number | null }; newest: { value: number | null } }>(deps, everything, {
      size: 0,
      track_total_hits: true,
      aggs: { oldest: { min: { field: '@timestamp' } }, newest: { max: { field: '@timestamp' } } },
    }),
  ])
  const oldest = ends.aggregations?.oldest.value
  const newest = ends.aggregations?.newest.value
  return {
    events: ends.hits.total?.value ?? 0,
    bytes: stats.body._all?.total?.store?.size_in_bytes ?? 0,
    segments: Object.keys(stats.body.indices ?? {}).length,
    ...(typeof oldest === 'number' ? { oldest } : {}),
    ...(typeof newest === 'number' ? { newest } : {}),
  }
}
