// All ways in: the syslog listeners and the HTTP collectors over one appender, and their heartbeat.
import type { Bus, TopicSettings } from '@varde/bus'
import { type Clock, type Logger, limits, monotonic, type Service, systemClock } from '@varde/runtime'
import { type Incoming, rawTopic } from '../raw-topic.ts'
import { type Appender, type AppenderHealth, createAppender } from './appender.ts'
import { type BodyLimits, type ByteStream, bodyLimits } from './body.ts'
import { acceptBulk, createRecentKeys } from './bulk.ts'
import { acceptHec } from './hec.ts'
import { emptyHttpCounters, type HttpContext, type HttpCounters, type HttpDeps, type HttpReply } from './http.ts'
import type { Listener, ListenerConfig, ListenerCounters, SocketLimits } from './listener.ts'
import { acceptNdjson } from './ndjson.ts'
import { acceptOtlp } from './otlp.ts'
import { createSources, type SourceRule } from './sources.ts'
import { createTcpListener } from './syslog-tcp.ts'
import { createUdpListener } from './syslog-udp.ts'

export interface CollectorConfig {
  /** Names this collector in ticks and records; two of one name would share a heartbeat. */
  collector: string
  /** Topic `raw.<stream>`. */
  stream: string
  partitions: number
  listeners: ListenerConfig[]
  sources: SourceRule[]
  /** Of sources that say nothing else. */
  latenessMs?: number
  tickMs?: number
  /** Passed to the bus with the topic. Records are trimmed after their seal whatever stands here. */
  topicSettings?: Omit<TopicSettings, 'partitions'>
  /** Tests tighten them. */
  limits?: Partial<SocketLimits & BodyLimits & { queueRecordsMax: number; queueBytesMax: number; retryMs: number }>
}

export interface CollectorDeps {
  bus: Bus
  log: Logger
  config: CollectorConfig
  clock?: Clock
}

export interface CollectorsHealth extends AppenderHealth {
  listeners: { name: string; kind: string; host: string; port: number; counters: ListenerCounters }[]
  http: HttpCounters
  sourcesDiscovered: number
}

export interface Collectors extends Service {
  /** HTTP lines (NDJSON or text). The caller has authenticated the sender; the reply comes after the durable append. */
  acceptNdjson(stream: ByteStream, context: HttpContext): Promise<HttpReply>
  /** Elasticsearch `_bulk`. */
  acceptBulk(stream: ByteStream, context: HttpContext): Promise<HttpReply>
  /** Splunk's HTTP Event Collector: envelopes, or raw lines. */
  acceptHecEvents(stream: ByteStream, context: HttpContext): Promise<HttpReply>
  acceptHecRaw(stream: ByteStream, context: HttpContext): Promise<HttpReply>
  /** OpenTelemetry's logs as JSON. */
  acceptOtlp(stream: ByteStream, context: HttpContext): Promise<HttpReply>
  /** The server before these doors closed a connection whose request never ended. */
  countStalled(): void
  /** For records from elsewhere (re-drive, tests): durable when it resolves. */
  append(records: Incoming[]): Promise<void>
  /** Where a listener of the configuration really listens (port 0 took a free one). */
  address(listener: string): { host: string; port: number } | undefined
  health(): CollectorsHealth
}

export function createCollectors(deps: CollectorDeps): Collectors {
  const { bus, log, config } = deps
  const bounds = config.limits ?? {}
  const clock = monotonic(deps.clock ?? systemClock)
  const sources = createSources({
    collector: config.collector,
    rules: config.sources,
    ...(config.latenessMs !== undefined && { latenessMs: config.latenessMs }),
  })
  const appender = createAppender({
    bus,
    topic: rawTopic(config.stream),
    partitions: config.partitions,
    collector: config.collector,
    clock,
    log,
    latenessMsMax: sources.latenessMsMax,
    ...(bounds.queueRecordsMax !== undefined && { queueRecordsMax: bounds.queueRecordsMax }),
    ...(bounds.queueBytesMax !== undefined && { queueBytesMax: bounds.queueBytesMax }),
    ...(bounds.retryMs !== undefined && { retryMs: bounds.retryMs }),
  })
  const socketLimits: SocketLimits = {
    recordBytesMax: bounds.recordBytesMax ?? limits.recordBytesMax,
    connectionsMax: bounds.connectionsMax ?? limits.connectionsPerListenerMax,
    idleMs: bounds.idleMs ?? limits.connectionIdleMs,
    stallMs: bounds.stallMs ?? limits.frameStallMs,
  }
  const listeners = config.listeners.map((listener): Listener => {
    const create = listener.kind === 'udp' ? createUdpListener : createTcpListener
    return create(listener, { appender, sources, log, socketLimits })
  })
  const http = emptyHttpCounters()
  const httpDeps: HttpDeps = {
    appender,
    sources,
    counters: http,
    recordBytesMax: socketLimits.recordBytesMax,
    bodyLimits: { ...bodyLimits, ...bounds },
  }
  const depsWith = (reserve: (bytes: number) => boolean): HttpDeps => ({
    ...httpDeps,
    bodyLimits: { ...httpDeps.bodyLimits, reserve },
  })
  const recentKeys = createRecentKeys()
  const admit = createAdmission(bounds.queueBytesMax ?? limits.httpBodyBytesMax * 2)
  const heart = createHeart(appender, config.tickMs ?? limits.collectorTickMs)
  let stopped: Promise<void> | undefined

  const stop = async () => {
    await Promise.all(listeners.map((listener) => listener.stop()))
    heart.stop()
    await appender.close()
  }

  return {
    name: 'collectors',
    async start() {
      await bus.ensureTopic(rawTopic(config.stream), { ...config.topicSettings, partitions: config.partitions })
      heart.start()
      const started = await Promise.allSettled(listeners.map((listener) => listener.start()))
      const failed = started.find((result) => result.status === 'rejected')
      if (failed !== undefined) {
        // Nothing starts half: what listens already would take records that the rest of the process never sees.
        await stop()
        throw failed.reason
      }
    },
    stop() {
      stopped ??= stop()
      return stopped
    },
    acceptNdjson: (stream, context) => admit((reserve) => acceptNdjson(stream, context, depsWith(reserve))),
    acceptBulk: (stream, context) =>
      admit((reserve) => acceptBulk(stream, context, { ...depsWith(reserve), recentKeys })),
    acceptHecEvents: (stream, context) => admit((reserve) => acceptHec(stream, context, depsWith(reserve), 'event')),
    acceptHecRaw: (stream, context) => admit((reserve) => acceptHec(stream, context, depsWith(reserve), 'raw')),
    acceptOtlp: (stream, context) => admit((reserve) => acceptOtlp(stream, context, depsWith(reserve))),
    countStalled: () => {
      http.stalled += 1
    },
    append: appender.append,
    address: (name) => listeners.find((listener) => listener.config.name === name)?.address(),
    health: () => ({
      ...appender.health(),
      listeners: listeners.map(({ config: { name, kind, host, port }, address, counters }) => ({
        name,
        kind,
        host,
        port: address()?.port ?? port,
        counters: counters(),
      })),
      http: { ...http },
      sourcesDiscovered: sources.discovered(),
    }),
  }
}

/** All bodies in memory together stay below a limit; one alone may be as large as a body may be. */
function createAdmission(bytesMax: number) {
  let held = 0
  return async (work: (reserve: (bytes: number) => boolean) => Promise<HttpReply>): Promise<HttpReply> => {
    let mine = 0
    const reserve = (bytes: number) => {
      if (held > mine && held + bytes > bytesMax) return false
      held += bytes
      mine += bytes
      return true
    }
    return work(reserve).finally(() => {
      held -= mine
    })
  }
}

function createHeart(appender: Appender, tickMs: number) {
  let timer: NodeJS.Timeout | undefined
  return {
    start() {
      appender.tick('live')
      timer = setInterval(() => appender.tick('live'), tickMs)
    },
    stop() {
      clearInterval(timer)
      if (timer !== undefined) appender.tick('leave')
      timer = undefined
    },
  }
}
