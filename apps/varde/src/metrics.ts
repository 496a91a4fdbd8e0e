// What Prometheus reads of this process (text format 0.0.4): counters since its start, and how things stand now.
import { version } from './version.ts'
import type { Node } from './wiring.ts'

type Kind = 'counter' | 'gauge'
type Sample = [value: number, labels?: Record<string, string | number>]

interface Metric {
  name: string
  kind: Kind
  help: string
  samples: Sample[]
}

const startedAt = Date.now()

function escaped(text: string | number): string {
  return String(text).replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}

function write({ name, kind, help, samples }: Metric): string {
  const lines = samples.map(([value, labels]) => {
    const pairs = Object.entries(labels ?? {}).map(([label, text]) => `${label}="${escaped(text)}"`)
    return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${Number.isFinite(value) ? value : 0}`
  })
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${kind}`, ...lines, ''].join('\n')
}

function processMetrics(node: Node): Metric[] {
  const { rss, heapUsed, external } = process.memoryUsage()
  const { user, system } = process.cpuUsage()
  const free = node.diskFreeBytes()
  return [
    {
      name: 'varde_build_info',
      kind: 'gauge',
      help: 'Always 1.',
      samples: [[1, { version, roles: node.roles.join(' ') }]],
    },
    {
      name: 'process_start_time_seconds',
      kind: 'gauge',
      help: 'Unix time of the start.',
      samples: [[startedAt / 1_000]],
    },
    { name: 'process_cpu_seconds_total', kind: 'counter', help: 'CPU time used.', samples: [[(user + system) / 1e6]] },
    { name: 'process_resident_memory_bytes', kind: 'gauge', help: 'Resident memory.', samples: [[rss]] },
    {
      name: 'varde_heap_bytes',
      kind: 'gauge',
      help: 'Memory of the main thread, and of buffers outside of it.',
      samples: [
        [heapUsed, { kind: 'heap' }],
        [external, { kind: 'external' }],
      ],
    },
    {
      name: 'varde_disk_free_bytes',
      kind: 'gauge',
      help: 'Free space where the data folder lies.',
      samples: free === undefined ? [] : [[free]],
    },
  ]
}

/** How near the cluster is to its bounds; every process tells the same. */
function storeMetrics(node: Node): Metric[] {
  const guard = node.storeGuard()
  if (guard === undefined) return []
  const { shards, disks, alarms } = guard
  return [
    {
      name: 'varde_store_shards_used_ratio',
      kind: 'gauge',
      help: 'Shards of Elasticsearch, of those it may have.',
      samples: [[shards.used / shards.max]],
    },
    {
      name: 'varde_store_disk_used_ratio',
      kind: 'gauge',
      help: 'Disk of each node of Elasticsearch.',
      samples: disks.map(({ node: name, usedShare }): Sample => [usedShare, { node: name }]),
    },
    {
      name: 'varde_store_alarms',
      kind: 'gauge',
      help: 'Bounds of Elasticsearch that are four fifths used.',
      samples: [[alarms.length]],
    },
  ]
}

/** Of this process alone: those of a cluster are added up by Prometheus. */
async function ingestMetrics(node: Node): Promise<Metric[]> {
  if (!node.roles.includes('ingest')) return []
  const { counters, partitions, rebalances, state } = await node.ingest.health()
  const of = (value: (one: (typeof partitions)[number]) => number): Sample[] =>
    partitions.map((one) => [value(one), { partition: one.partition }])
  const counter = (name: string, help: string, value: number): Metric => ({
    name: `varde_${name}_total`,
    kind: 'counter',
    help,
    samples: [[value]],
  })
  const now = node.clock.now()
  return [
    counter('events', 'Events stored.', counters.events),
    counter('dead_letters', 'Records kept unread, or refused by the store.', counters.deadLetters),
    counter('duplicates', 'Records that a sender sent again.', counters.duplicates),
    counter('hits', 'Matches of rules.', counters.hits),
    counter('seals', 'Seals made.', counters.seals),
    counter('raw_bytes', 'Bytes of raw records.', counters.rawBytes),
    counter('expired_events', 'Events whose retention was over.', node.notary.expiry.status().events),
    counter('match_failures', 'Events that no rule could be asked about.', counters.matchFailures),
    counter('ingest_rebalances', 'How often partitions were dealt anew.', rebalances),
    {
      name: 'varde_ingest_state',
      kind: 'gauge',
      help: '1 for the state that ingest is in.',
      samples: ['starting', 'ok', 'full', 'failing', 'stopped'].map((one) => [one === state ? 1 : 0, { state: one }]),
    },
    {
      name: 'varde_lag_records',
      kind: 'gauge',
      help: 'Durable records that are not stored yet.',
      samples: of(({ end, storedTo }) => Math.max(0, end - storedTo)),
    },
    {
      name: 'varde_unsealed_records',
      kind: 'gauge',
      help: 'Stored records without a seal.',
      samples: of(({ unsealed }) => unsealed),
    },
    {
      name: 'varde_sealed_offset',
      kind: 'counter',
      help: 'One past the last sealed record.',
      samples: of(({ sealedTo }) => sealedTo),
    },
    {
      name: 'varde_watermark_behind_seconds',
      kind: 'gauge',
      help: 'How far event time is behind the clock.',
      samples: partitions.flatMap(({ watermark, partition }): Sample[] =>
        watermark === 0 ? [] : [[Math.max(0, now - watermark) / 1_000, { partition }]],
      ),
    },
  ]
}

function collectMetrics(node: Node): Metric[] {
  if (!node.roles.includes('collect') && !node.roles.includes('api')) return []
  const { appendedRecords, appendedBytes, queuedRecords, queuedBytes, lostRecords, state, http, listeners } =
    node.collectors.health()
  const topics = node.inputs?.health().topics ?? []
  return [
    {
      name: 'varde_collected_records_total',
      kind: 'counter',
      help: 'Records made durable.',
      samples: [[appendedRecords]],
    },
    { name: 'varde_collected_bytes_total', kind: 'counter', help: 'Their bytes.', samples: [[appendedBytes]] },
    {
      name: 'varde_collect_lost_records_total',
      kind: 'counter',
      help: 'Records lost because the bus was gone at the stop.',
      samples: [[lostRecords]],
    },
    {
      name: 'varde_collect_queued_records',
      kind: 'gauge',
      help: 'Records on their way to the bus.',
      samples: [[queuedRecords]],
    },
    { name: 'varde_collect_queued_bytes', kind: 'gauge', help: 'Their bytes.', samples: [[queuedBytes]] },
    {
      name: 'varde_collect_held_back',
      kind: 'gauge',
      help: '1 while senders are held back.',
      samples: [[state === 'ok' ? 0 : 1]],
    },
    {
      name: 'varde_http_refused_requests_total',
      kind: 'counter',
      help: 'Requests of shippers that were refused.',
      samples: [[http.refusedRequests]],
    },
    {
      name: 'varde_http_limited_total',
      kind: 'counter',
      help: 'What senders over HTTP did beyond a limit: bodies that grew too much, records cut off, requests that never ended.',
      samples: [
        [http.bombs, { what: 'body' }],
        [http.cutRecords, { what: 'record' }],
        [http.stalled, { what: 'stalled' }],
      ],
    },
    {
      name: 'varde_listener_limited_total',
      kind: 'counter',
      help: 'What syslog listeners met: datagrams refused or dropped by the kernel, records cut off, connections closed or turned away.',
      samples: listeners.flatMap(({ name, counters }) => limitedAt(name, counters)),
    },
    {
      name: 'varde_input_lag_records',
      kind: 'gauge',
      help: 'Records of a topic of others that are not taken in yet.',
      samples: topics.map(({ topic, lagRecords }) => [lagRecords, { topic }]),
    },
    {
      name: 'varde_input_records_total',
      kind: 'counter',
      help: 'Records taken in from topics of others.',
      samples: topics.map(({ topic, counters }) => [counters.records, { topic }]),
    },
    {
      name: 'varde_input_gone_records_total',
      kind: 'counter',
      help: 'Records that retention dropped before they were taken in.',
      samples: topics.map(({ topic, counters }) => [counters.gone, { topic }]),
    },
  ]
}

function limitedAt(
  listener: string,
  counters: ReturnType<Node['collectors']['health']>['listeners'][number]['counters'],
): Sample[] {
  const { refusedRecords, kernelDrops, cutRecords, truncatedFrames, connectionsRefused, stalled, idle, tlsFailures } =
    counters
  const met = {
    refusedRecords,
    kernelDrops,
    cutRecords,
    truncatedFrames,
    connectionsRefused,
    stalled,
    idle,
    tlsFailures,
  }
  return Object.entries(met).flatMap(([what, count]): Sample[] =>
    count === undefined ? [] : [[count, { listener, what }]],
  )
}

function detectMetrics(node: Node): Metric[] {
  const found: Metric[] = [
    { name: 'varde_rules', kind: 'gauge', help: 'Rules in force.', samples: [[node.rules.current().rules.length]] },
    {
      name: 'varde_rule_files_refused',
      kind: 'gauge',
      help: 'Rule files with errors.',
      samples: [[node.rules.refused().length]],
    },
  ]
  if (node.roles.includes('correlate')) {
    const stats = node.correlation.stats()
    const sum = (value: (one: (typeof stats)[number]) => number) => stats.reduce((total, one) => total + value(one), 0)
    found.push(
      {
        name: 'varde_windows',
        kind: 'gauge',
        help: 'Open windows of rules.',
        samples: [[sum(({ windows }) => windows)]],
      },
      {
        name: 'varde_window_entries',
        kind: 'gauge',
        help: 'Events in them.',
        samples: [[sum(({ entries }) => entries)]],
      },
      {
        name: 'varde_window_entries_dropped_total',
        kind: 'counter',
        help: 'Events let go because memory was full.',
        samples: [[sum(({ truncated, evicted }) => truncated + evicted)]],
      },
    )
  }
  if (node.roles.includes('api') || node.roles.includes('correlate')) {
    const { severity, status } = node.alerts.counts({}, { tenants: 'all' })
    found.push(
      {
        name: 'varde_alerts',
        kind: 'gauge',
        help: 'Alerts by severity.',
        samples: Object.entries(severity).map(([name, count]) => [count, { severity: name }]),
      },
      {
        name: 'varde_alerts_by_status',
        kind: 'gauge',
        help: 'Alerts by status.',
        samples: Object.entries(status).map(([name, count]) => [count, { status: name }]),
      },
    )
  }
  return found
}

function busMetrics(node: Node): Metric[] {
  if (!('facts' in node.bus)) return []
  const facts = node.bus.facts()
  if (!('requests' in facts)) return []
  return [
    {
      name: 'varde_kafka_requests_total',
      kind: 'counter',
      help: 'Batches sent to Kafka.',
      samples: [[facts.requests]],
    },
    { name: 'varde_kafka_retries_total', kind: 'counter', help: 'Batches sent again.', samples: [[facts.retries]] },
    {
      name: 'varde_kafka_sent_bytes_total',
      kind: 'counter',
      help: 'Bytes sent to Kafka, compressed.',
      samples: [[facts.sentBytes]],
    },
  ]
}

export async function metricsText(node: Node): Promise<string> {
  const all = [
    ...processMetrics(node),
    ...storeMetrics(node),
    ...(await ingestMetrics(node)),
    ...collectMetrics(node),
    ...detectMetrics(node),
    ...busMetrics(node),
  ]
  return all
    .filter(({ samples }) => samples.length > 0)
    .map(write)
    .join('')
}
