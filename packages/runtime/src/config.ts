// One typed configuration: file, then environment, then command line; validated whole, all errors at once.
import { readFileSync } from 'node:fs'
import { LineCounter, parseDocument } from 'yaml'
import { z } from 'zod'
import { duration, host, identifier, port } from './config-words.ts'
import { VardeError } from './errors.ts'
import { headsChecks, headsConfig } from './heads-config.ts'
import { notifyChecks, notifyConfig } from './notify-config.ts'

const listener = z.strictObject({
  kind: z.enum(['syslog-udp', 'syslog-tcp', 'syslog-tls']),
  host: host.default('127.0.0.1'),
  port,
  /** PEM files; syslog-tls needs both. `clientCa` makes client certificates required, and their name the source. */
  certificate: z.string().optional(),
  key: z.string().optional(),
  clientCa: z.string().optional(),
})

const source = z.strictObject({
  id: identifier,
  tenant: identifier.default('house'),
  /** All that are given must hold; the first source that fits wins. */
  match: z.strictObject({
    /** Address or CIDR of the sender. */
    peer: z.string().optional(),
    /** Host name in the syslog header, exactly. */
    hostname: z.string().optional(),
    /** Port of the listener it came in by. */
    port: port.optional(),
    /** Common name of the client certificate. */
    certificate: z.string().optional(),
  }),
  dataset: z.string().optional(),
  timeZone: z.string().optional(),
  retention: identifier.default('standard'),
  /** Events later than this are late: they are stored and marked, and their windows revised. */
  lateness: duration.optional(),
  /** Silent when nothing came for this long; learned from its own rhythm without it. */
  silentAfter: duration.optional(),
})
export type SourceConfig = z.infer<typeof source>

/** PEM files. Without `ca` the system's authorities count; `certificate` and `key` make it mutual. */
const clientTls = z.strictObject({
  ca: z.string().optional(),
  certificate: z.string().optional(),
  key: z.string().optional(),
  /** Where the server's certificate bears another name than its address. */
  serverName: z.string().optional(),
})

/** A Kafka topic that others write (Winlogbeat, rsyslog, Vector): each record is one raw record of this source. */
const input = z.strictObject({
  topic: z.string().min(1).max(249),
  source: identifier,
  tenant: identifier.default('house'),
  dataset: z.string().optional(),
  timeZone: z.string().optional(),
  retention: identifier.default('standard'),
  lateness: duration.optional(),
})
export type KafkaInputConfig = z.infer<typeof input>

const kafka = z.strictObject({
  /** `host:port`; any of them leads to all. */
  brokers: z.array(z.string().regex(/^(\[[^\]]+\]|[^:\s]+):\d+$/, 'host:port')).min(1),
  /** Before the names of Varde's own topics and groups. */
  prefix: z
    .string()
    .regex(/^[a-zA-Z0-9._-]{0,64}$/, 'letters, digits, dot, dash and underscore')
    .default('varde.'),
  tls: clientTls.optional(),
  sasl: z
    .strictObject({
      mechanism: z.enum(['plain', 'scram-sha-256', 'scram-sha-512']).default('scram-sha-512'),
      username: z.string().min(1),
      password: z.string().optional(),
      passwordFile: z.string().optional(),
    })
    .optional(),
  replicationFactor: z.number().int().min(1).max(9).default(3),
  minInSyncReplicas: z.number().int().min(1).max(9).default(2),
  compression: z.enum(['none', 'gzip', 'zstd']).default('zstd'),
  inputs: z.array(input).default([]),
})

const elasticsearch = z
  .strictObject({
    /** `https://host:9200`; any of them leads to all. */
    nodes: z.array(z.url({ protocol: /^https?$/, error: 'https://host:9200' })).min(1),
    /** Encoded, as `POST /_security/api_key` gives it; `varde store role` prints what it must be allowed. */
    apiKey: z.string().min(1).optional(),
    apiKeyFile: z.string().optional(),
    username: z.string().min(1).optional(),
    password: z.string().optional(),
    passwordFile: z.string().optional(),
    tls: z
      .strictObject({
        ca: z.string().optional(),
        /** SHA-256 of the authority's certificate, as Elasticsearch prints it at its first start. */
        caFingerprint: z.string().optional(),
        certificate: z.string().optional(),
        key: z.string().optional(),
      })
      .optional(),
    /** Before the names of Varde's own indices. */
    prefix: z
      .string()
      .regex(/^[a-z][a-z0-9_-]{0,39}$/, 'lower case letters, digits, dash and underscore')
      .default('varde'),
    /** Of each day's index. */
    shards: z.number().int().min(1).max(64).default(1),
    /** Copies beside the first; a second one as soon as there is a second node without it. */
    replicas: z.number().int().min(0).max(4).optional(),
    compress: z.boolean().default(false),
    /** How long a sender's own key is known: a resend after that is a new event. Grows with every keyed event. */
    senderDays: z.number().int().min(1).max(36_500).default(90),
  })
  .refine((one) => [one.apiKey, one.apiKeyFile, one.username].filter((way) => way !== undefined).length <= 1, {
    error: 'one of apiKey, apiKeyFile and username',
  })
  .refine((one) => (one.username !== undefined) === ((one.password ?? one.passwordFile) !== undefined), {
    error: 'username and password (or passwordFile) go together',
  })

const roles = ['collect', 'ingest', 'correlate', 'api', 'notify'] as const
export type Role = (typeof roles)[number]

const Config = z.strictObject({
  /** What this process does. Fewer than all need Kafka and Elasticsearch, where the processes meet. */
  roles: z
    .array(z.enum(roles))
    .min(1)
    .default([...roles]),
  /** Names this process among those of a cluster; the host's name without it. */
  node: identifier.optional(),
  bus: z.enum(['embedded', 'kafka']).default('embedded'),
  kafka: kafka.optional(),
  store: z.enum(['embedded', 'elasticsearch']).default('embedded'),
  elasticsearch: elasticsearch.optional(),
  /** Of topic `hits`: as many correlators can share the work. One is enough for one machine. */
  hitsPartitions: z.number().int().min(1).max(64).optional(),
  /** Prometheus and probes on a port of their own; processes without the page always have it. */
  metrics: z.strictObject({ host: host.default('127.0.0.1'), port }).optional(),
  http: z
    .strictObject({
      host: host.default('127.0.0.1'),
      port: port.default(7180),
      certificate: z.string().optional(),
      key: z.string().optional(),
      /** Reverse proxies whose X-Forwarded-For and -Proto are believed: addresses or CIDR. The last address that is none of them is the caller's. */
      trustedProxies: z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])).default([]),
    })
    .prefault({}),
  listeners: z.array(listener).default([
    { kind: 'syslog-udp', host: '127.0.0.1', port: 5514 },
    { kind: 'syslog-tcp', host: '127.0.0.1', port: 5514 },
  ]),
  partitions: z.number().int().min(1).max(64).default(4),
  sources: z.array(source).default([]),
  /** Retention class → days after arrival; a class without an entry is kept for ever. */
  keepDays: z.record(identifier, z.number().int().min(1).max(36_500)).default({}),
  /** For sources that say nothing else. */
  lateness: duration.prefault('5m'),
  /** An event further in the future than this is windowed at its arrival. */
  futureSkew: duration.prefault('2m'),
  /** CIDR → zone name: `network.direction`, `source.zone` and rules use it. */
  zones: z.record(z.string(), identifier).prefault({
    '10.0.0.0/8': 'internal',
    '172.16.0.0/12': 'internal',
    '192.168.0.0/16': 'internal',
    'fd00::/8': 'internal',
  }),
  /** City or country database of the user's (mmdb); a small CC0 country table otherwise. */
  geoDatabase: z.string().optional(),
  asnDatabase: z.string().optional(),
  /** Folder of rule files, `lists/` inside it; the shipped detections otherwise. */
  rules: z.string().optional(),
  heads: headsConfig.prefault({}),
  /** Who is told of alerts; nobody without it. */
  notify: notifyConfig.optional(),
  /** Who runs Varde: stands in reports and in the notices of a breach. */
  house: z
    .strictObject({
      name: z.string().default('The house'),
      address: z.string().optional(),
      /** Who answers questions about a breach, such as the data protection officer. */
      contact: z
        .strictObject({ name: z.string(), mail: z.string().optional(), telephone: z.string().optional() })
        .optional(),
      /** Folder of regime files beside the shipped ones. */
      regimes: z.string().optional(),
      /** How often an event is planted that must become an alert; never without it. */
      canary: duration.optional(),
    })
    .prefault({}),
  log: z.strictObject({ level: z.enum(['silent', 'error', 'warn', 'info', 'debug']).default('info') }).prefault({}),
})
export type Config = z.infer<typeof Config>
export type ListenerConfig = z.infer<typeof listener>

const loopback = new Set(['127.0.0.1', '::1', 'localhost'])

/** What no single field can see: an address beyond loopback needs TLS (or is refused), and TLS needs both files. */
function crossChecks(config: Config): string[] {
  const found: string[] = []
  const { http } = config
  if ((http.certificate === undefined) !== (http.key === undefined)) found.push('http: certificate and key go together')
  if (!loopback.has(http.host) && http.certificate === undefined)
    found.push(`http.host: ${http.host} is not loopback, so http.certificate and http.key are needed`)
  config.listeners.forEach((one, index) => {
    if (one.kind === 'syslog-tls' && (one.certificate === undefined || one.key === undefined))
      found.push(`listeners.${index}: syslog-tls needs certificate and key`)
  })
  found.push(...clusterChecks(config))
  if (config.notify !== undefined) found.push(...notifyChecks(config.notify))
  found.push(...headsChecks(config.heads, config.notify))
  const seen = new Set<string>()
  config.sources.forEach((one, index) => {
    if (seen.has(one.id)) found.push(`sources.${index}.id: ${one.id} is there twice`)
    seen.add(one.id)
  })
  return found
}

function clusterChecks(config: Config): string[] {
  const { bus, store, kafka: wanted, roles: mine } = config
  const found: string[] = []
  if (bus === 'kafka' && wanted === undefined) found.push('bus: kafka needs kafka.brokers')
  if (mine.length < roles.length && (bus !== 'kafka' || store !== 'elasticsearch'))
    found.push(
      `roles: ${mine.join(', ')} alone need bus: kafka and store: elasticsearch, where the processes meet; without them one process has all roles`,
    )
  if (store === 'elasticsearch' && config.elasticsearch === undefined)
    found.push('store: elasticsearch needs elasticsearch.nodes')
  if (wanted === undefined) return found
  if ((wanted.tls?.certificate === undefined) !== (wanted.tls?.key === undefined))
    found.push('kafka.tls: certificate and key go together')
  if (wanted.sasl !== undefined && (wanted.sasl.password === undefined) === (wanted.sasl.passwordFile === undefined))
    found.push('kafka.sasl: needs password or passwordFile, one of them')
  if (wanted.minInSyncReplicas > wanted.replicationFactor)
    found.push(
      `kafka.minInSyncReplicas: ${wanted.minInSyncReplicas} copies can't be in sync where there are ${wanted.replicationFactor}`,
    )
  return found
}

/** Environment names: `VARDE_CONFIG_HTTP__PORT=7181` is `http.port`; lists and objects are JSON. */
function fromEnvironment(environment: Record<string, string | undefined>): Record<string, unknown> {
  const tree: Record<string, unknown> = {}
  for (const [name, text] of Object.entries(environment)) {
    const path = /^VARDE_CONFIG_([A-Z_]+)$/.exec(name)?.[1]
    if (path === undefined || text === undefined) continue
    let at: Record<string, unknown> = tree
    const keys = path
      .split('__')
      .map((part) => part.toLowerCase().replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase()))
    keys.forEach((key, index) => {
      if (index === keys.length - 1) at[key] = /^(\d+|true|false|\[.*|\{.*)$/.test(text) ? JSON.parse(text) : text
      else {
        const next: Record<string, unknown> = {}
        const old = at[key]
        at = at[key] = typeof old === 'object' && old !== null ? Object.assign(next, old) : next
      }
    })
  }
  return tree
}

function merge(base: unknown, over: unknown): unknown {
  if (!isTree(base) || !isTree(over)) return over === undefined ? base : over
  const merged: Record<string, unknown> = { ...base }
  for (const [key, value] of Object.entries(over)) merged[key] = merge(base[key], value)
  return merged
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/**
 * Reads the configuration. `file` may be absent when it is not named by the user. Throws CONFIG_INVALID with every error, each
 * with file and line where it has one; nothing starts half.
 */
export function loadConfig(
  options: { file?: string; environment?: Record<string, string | undefined>; override?: Record<string, unknown> } = {},
): Config {
  const lines = new LineCounter()
  let text = ''
  try {
    text = options.file === undefined ? '' : readFileSync(options.file, 'utf8')
  } catch (cause) {
    throw new VardeError('CONFIG_UNREADABLE', `cannot read ${options.file}`, {
      cause,
      hint: 'Name an existing YAML file with --config.',
    })
  }
  const document = parseDocument(text, { lineCounter: lines })
  const problems = document.errors.map(
    (error) => `${options.file}:${lines.linePos(error.pos[0]).line}: ${error.message.split('\n')[0]}`,
  )
  const layered = merge(
    merge(document.toJS() ?? {}, fromEnvironment(options.environment ?? {})),
    options.override ?? {},
  )
  const parsed = Config.safeParse(layered)
  if (problems.length === 0 && parsed.success) {
    const crossed = crossChecks(parsed.data)
    if (crossed.length === 0) return parsed.data
    problems.push(...crossed)
  } else if (!parsed.success) {
    for (const issue of parsed.error.issues) {
      const node = document.getIn(issue.path, true)
      const range = isTree(node) && Array.isArray(node['range']) ? Number(node['range'][0]) : undefined
      const place = range === undefined ? '' : `${options.file}:${lines.linePos(range).line}: `
      problems.push(`${place}${issue.path.length === 0 ? '' : `${issue.path.join('.')}: `}${issue.message}`)
    }
  }
  throw new VardeError(
    'CONFIG_INVALID',
    `the configuration has ${problems.length} error(s):\n  ${problems.join('\n  ')}`,
    { hint: 'Mend all of them and start again; nothing was started.' },
  )
}
