// What shippers ask an Elasticsearch before they ship, and the answers they need to go on unchanged. One table.
import type { HttpReply } from './http.ts'

/** Beats, Fluent Bit and the clients refuse to talk to a server that does not say this. */
export const elasticHeaders: Record<string, string> = {
  'content-type': 'application/json',
  'x-elastic-product': 'Elasticsearch',
}

// Beats 8.x and 9.x check that the server is no older than themselves unless told otherwise (output.elasticsearch.allow_older_versions).
const version = '9.4.3'

const root = {
  name: 'varde',
  cluster_name: 'varde',
  cluster_uuid: 'varde',
  version: {
    number: version,
    build_flavor: 'default',
    build_type: 'tar',
    build_hash: 'varde',
    build_date: '2026-01-01T00:00:00.000000000Z',
    build_snapshot: false,
    lucene_version: '10.3.2',
    minimum_wire_compatibility_version: '8.19.0',
    minimum_index_compatibility_version: '8.0.0',
  },
  tagline: 'You Know, for Search',
}

const license = {
  license: {
    status: 'active',
    uid: 'varde',
    type: 'basic',
    issue_date: '2026-01-01T00:00:00.000Z',
    issue_date_in_millis: 1_767_225_600_000,
    max_nodes: null,
    max_resource_units: null,
    issued_to: 'varde',
    issuer: 'varde',
    start_date_in_millis: -1,
  },
}

const xpack = {
  build: { hash: 'varde', date: '2026-01-01T00:00:00.000Z' },
  license: { uid: 'varde', type: 'basic', mode: 'basic', status: 'active' },
  features: { ilm: { available: true, enabled: true }, security: { available: true, enabled: true } },
  tagline: 'You know, for X',
}

const acknowledged = { acknowledged: true }

interface Answer {
  methods: string[]
  path: RegExp
  body: unknown
}

/** First match wins. Templates, policies and aliases are agreed to and change nothing: Varde has one shape for all events. */
const answers: Answer[] = [
  { methods: ['GET', 'HEAD'], path: /^\/$/, body: root },
  { methods: ['GET'], path: /^\/_license$/, body: license },
  { methods: ['GET'], path: /^\/_xpack$/, body: xpack },
  {
    methods: ['GET'],
    path: /^\/_nodes\/?.*$/,
    body: {
      _nodes: { total: 1, successful: 1, failed: 0 },
      cluster_name: 'varde',
      nodes: { varde: { name: 'varde', version, roles: ['data', 'ingest'] } },
    },
  },
  {
    methods: ['GET'],
    path: /^\/_cluster\/health$/,
    body: { cluster_name: 'varde', status: 'green', timed_out: false, number_of_nodes: 1, number_of_data_nodes: 1 },
  },
  {
    methods: ['GET', 'HEAD'],
    path: /^\/_(?:index_template|component_template|template)\/([^/]+)$/,
    body: { index_templates: [], component_templates: [] },
  },
  { methods: ['PUT', 'POST'], path: /^\/_(?:index_template|component_template|template)\/[^/]+$/, body: acknowledged },
  { methods: ['GET', 'HEAD'], path: /^\/_ilm\/policy\/[^/]+$/, body: {} },
  { methods: ['PUT'], path: /^\/_ilm\/policy\/[^/]+$/, body: acknowledged },
  { methods: ['GET'], path: /^\/_data_stream\/[^/]+\/_lifecycle$/, body: { data_streams: [] } },
  { methods: ['GET', 'HEAD', 'PUT'], path: /^\/_data_stream\/[^/]+$/, body: acknowledged },
  { methods: ['PUT'], path: /^\/_data_stream\/[^/]+\/_lifecycle$/, body: acknowledged },
  { methods: ['GET', 'HEAD'], path: /^\/_alias\/[^/]+$/, body: {} },
  { methods: ['GET', 'HEAD'], path: /^\/_ingest\/pipeline(?:\/[^/]+)?$/, body: {} },
  { methods: ['PUT'], path: /^\/_ingest\/pipeline\/[^/]+$/, body: acknowledged },
]

/** The routes to mount, as `METHOD /path` with `:name` places, so that the API room has them from here too. */
export const shipperRoutes = [
  'GET /',
  'GET /_license',
  'GET /_xpack',
  'GET /_nodes',
  'GET /_nodes/:what',
  'GET /_cluster/health',
  'GET /_index_template/:name',
  'PUT /_index_template/:name',
  'POST /_index_template/:name',
  'GET /_component_template/:name',
  'PUT /_component_template/:name',
  'GET /_template/:name',
  'PUT /_template/:name',
  'GET /_ilm/policy/:name',
  'PUT /_ilm/policy/:name',
  'GET /_data_stream/:name',
  'PUT /_data_stream/:name',
  'GET /_data_stream/:name/_lifecycle',
  'PUT /_data_stream/:name/_lifecycle',
  'GET /_alias/:name',
  'GET /_ingest/pipeline',
  'GET /_ingest/pipeline/:name',
  'PUT /_ingest/pipeline/:name',
] as const

/** The answer to a shipper's question, or undefined where it is none: 404 then. `path` without query. */
export function shipperHandshake(path: string, method = 'GET'): HttpReply | undefined {
  const found = answers.find((answer) => answer.methods.includes(method) && answer.path.test(path))
  if (found === undefined) return undefined
  return { status: 200, headers: elasticHeaders, body: method === 'HEAD' ? '' : JSON.stringify(found.body) }
}
