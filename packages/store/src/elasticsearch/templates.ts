// Settings and mappings of our indices, put as component templates, so that other tools and people can read them.
import { VardeError } from '@varde/runtime'
import type { Connection } from './connection.ts'
import type { Names } from './names.ts'
import { type Mapping, nativeMapping } from './native-fields.ts'

/** Goes up with every change of a mapping: an older Varde's indices stay as they are, new days get the new one. */
export const mappingVersion = 1

export interface IndexLayout {
  shards: number
  /** `0-1`: a second copy as soon as there is a second node. */
  replicas: string | number
  /** `standard` unless measured otherwise: docs/decisions. */
  mode: 'standard' | 'logsdb'
  codec: 'default' | 'best_compression'
  refreshMs: number
}

/** Words are runs of letters, digits and `_`; what stands between two words is one token too: so a phrase is a piece of the line, to the letter. */
const analysis = {
  tokenizer: { varde_runs: { type: 'pattern', pattern: '[\\p{L}\\p{N}_]+|[^\\p{L}\\p{N}_]+', group: 0 } },
  filter: { varde_cut: { type: 'truncate', length: 1_000 } },
  analyzer: { varde_line: { type: 'custom', tokenizer: 'varde_runs', filter: ['lowercase', 'varde_cut'] } },
}

/** Longer runs are cut: what was cut off is compared by script. */
export const runLengthMax = 1_000

const keyword: Mapping = { type: 'keyword', ignore_above: 8_191 }

/** What stands beside the event. No event has a key that begins with `_`. */
const ownMapping: Mapping = {
  properties: {
    chain: keyword,
    offset: { type: 'long' },
    tenant: keyword,
    source: keyword,
    retention: keyword,
    lateness: keyword,
    producer: keyword,
    arrival: { type: 'date', format: 'epoch_millis' },
    ingested: { type: 'date', format: 'epoch_millis' },
    line: { type: 'text', analyzer: 'varde_line', norms: false },
    values: { type: 'keyword' },
    fields: { type: 'keyword' },
    erased: { type: 'boolean' },
  },
}

export function eventSettings(layout: IndexLayout): Record<string, unknown> {
  return {
    index: {
      number_of_shards: layout.shards,
      ...(typeof layout.replicas === 'number'
        ? { number_of_replicas: layout.replicas }
        : { auto_expand_replicas: layout.replicas }),
      // Said outright, an idle index is refreshed too: events are found within `limits.visibleMs`.
      refresh_interval: `${layout.refreshMs}ms`,
      codec: layout.codec,
      mapping: {
        total_fields: { limit: 2_000 },
        // The event must come back to the byte: never put together again from doc values.
        ...(layout.mode === 'logsdb' ? { source: { mode: 'stored' } } : {}),
      },
      ...(layout.mode === 'logsdb' ? { mode: 'logsdb', sort: { field: ['@timestamp'], order: ['desc'] } } : {}),
      analysis,
    },
  }
}

/** ECS, by the catalogue. Nothing else is looked into: what is not typed is found by its tokens. */
export function ecsMappings(): Record<string, unknown> {
  return {
    dynamic: false,
    properties: { '@timestamp': { type: 'date', format: 'strict_date_time' }, ...nativeMapping() },
  }
}

export async function putTemplates(connection: Connection, names: Names, layout: IndexLayout): Promise<void> {
  const put = (path: string, body: Record<string, unknown>) => connection.ask('PUT', path, { body })
  const parts: [string, Record<string, unknown>][] = [
    ['ecs', { mappings: ecsMappings() }],
    // Settings and mapping in one: the analyzer must stand beside the field that names it.
    [
      'varde',
      {
        settings: eventSettings(layout),
        mappings: { _meta: { varde: mappingVersion }, properties: { _varde: ownMapping } },
      },
    ],
  ]
  for (const [name, template] of parts) {
    await put(`/_component_template/${names.events}-${name}`, { template, version: mappingVersion })
  }
  await put(`/_index_template/${names.events}`, {
    index_patterns: [names.allEvents],
    composed_of: parts.map(([name]) => `${names.events}-${name}`),
    // Above the templates that Elasticsearch ships (100) and most of people's own.
    priority: 500,
    template: { aliases: { [names.events]: {} } },
    version: mappingVersion,
    _meta: { description: "Varde's events, an index a retention class, tenant and UTC day of arrival" },
  })
}

/** Plain indices that never roll over: an id is unique in one index only. */
export async function ensureSenders(connection: Connection, names: Names, layout: IndexLayout): Promise<void> {
  await createIndex(connection, names.senders, {
    settings: plainSettings(layout),
    mappings: {
      dynamic: false,
      properties: {
        of: { type: 'keyword', index: false, doc_values: false },
        arrival: { type: 'date', format: 'epoch_millis' },
      },
    },
  })
}

export function plainSettings(layout: IndexLayout): Record<string, unknown> {
  return {
    index: {
      number_of_shards: 1,
      ...(typeof layout.replicas === 'number'
        ? { number_of_replicas: layout.replicas }
        : { auto_expand_replicas: layout.replicas }),
      // Reads by id are realtime, lists refresh before they read.
      refresh_interval: '30s',
    },
  }
}

export async function createIndex(connection: Connection, index: string, body: Record<string, unknown>): Promise<void> {
  const { status, body: answer } = await connection.ask<{ error?: { type?: string; reason?: string } }>(
    'PUT',
    `/${index}`,
    {
      body,
      accept: [400],
    },
  )
  if (status === 200 || answer.error?.type === 'resource_already_exists_exception') return
  const reason = answer.error?.reason ?? `status ${status}`
  const tooMany = reason.includes('maximum normal shards')
  throw new VardeError(tooMany ? 'STORE_FULL' : 'STORE_REQUEST', `the index ${index} could not be made: ${reason}`, {
    ...(tooMany && {
      hint: 'The cluster has as many shards as it may: keep fewer days, merge tenants, add a node, or raise cluster.max_shards_per_node.',
    }),
    facts: { index, type: answer.error?.type ?? '' },
  })
}
