// From the raw topic to sealed, stored, matched events: all partitions of one stream, for as long as the process runs.
import { type Bus, type Share, sharePartitions, type Turn } from '@varde/bus'
import { type Clock, type Logger, limits, type Service, systemClock, VardeError } from '@varde/runtime'
import { hitsTopic } from '@varde/schema'
import type { Store } from '@varde/store'
import { createEnricher, type EnrichConfig } from './enrich/enrich.ts'
import type { Geo } from './enrich/geo.ts'
import { type Matcher, noRules } from './matcher.ts'
import { type IngestCounters, noIngestCounters } from './pipeline/commit.ts'
import { createLedger } from './pipeline/ledger.ts'
import { createPartition, type Partition } from './pipeline/partition.ts'
import { type PartitionHealth, type PartitionSettings, partitionSettings } from './pipeline/partition-settings.ts'
import type { Parse } from './pipeline/prepare.ts'
import { rawTopic } from './raw-topic.ts'

export interface IngestConfig {
  /** Topic `raw.<stream>`. */
  stream: string
  /** Of the raw topic, where it has to be made. */
  partitions: number
  /** Of topic `hits`, where it has to be made. */
  hitsPartitions: number
  enrich?: EnrichConfig
  settings?: Partial<PartitionSettings>
  ledgerFlushMs?: number
}

export interface IngestDeps {
  bus: Bus
  store: Store
  log: Logger
  config: IngestConfig
  /** The rules in force now; asked at the start of each seal. Nothing is matched without it. */
  matcher?: () => Matcher
  /** From `openGeo`; events get no place without it. */
  geo?: Geo
  clock?: Clock
  /** For tests and benches; the parsers' own otherwise. */
  parse?: Parse
}

export interface IngestHealth {
  /** The worst of the partitions. `full`: the disk is; it goes on by itself when there is room. */
  state: 'starting' | 'ok' | 'full' | 'failing' | 'stopped'
  detail?: string
  /** Durable records that are not stored yet, over the partitions of this process, as last seen. */
  lagRecords: number
  /** How often the partitions were dealt among processes anew. */
  rebalances: number
  counters: IngestCounters
  partitions: PartitionHealth[]
}

export interface Ingest extends Service {
  health(): IngestHealth
  /** Resolves when all that was durable in this process's partitions at the call is sealed, and the ledger knows it. */
  drained(signal?: AbortSignal): Promise<void>
  /** Seals what is stored: what follows is matched by the rules now in force. */
  cut(): void
}

const severity = ['ok', 'starting', 'stopped', 'full', 'failing'] as const

export function createIngest(deps: IngestDeps): Ingest {
  const { bus, store, log, config } = deps
  const clock = deps.clock ?? systemClock
  const topic = rawTopic(config.stream)
  const counters = noIngestCounters()
  const ledger = createLedger({ documents: store.documents, clock, log })
  const stopping = new AbortController()
  const partitions = new Map<number, Partition>()
  let share: Share | undefined
  let flusher: NodeJS.Timeout | undefined
  let stopped: Promise<void> | undefined

  const start = async () => {
    const raw = await bus.ensureTopic(topic, { partitions: config.partitions })
    const hits = await bus.ensureTopic(hitsTopic, { partitions: config.hitsPartitions })
    const enricher = createEnricher(config.enrich ?? {}, deps.geo)
    const make = (partition: number) =>
      createPartition({
        bus,
        store,
        log,
        clock,
        stream: config.stream,
        partition,
        hitsPartitions: hits.partitions,
        enricher,
        ledger,
        counters,
        matcher: deps.matcher ?? (() => noRules),
        settings: { ...partitionSettings, ...config.settings },
        ...(deps.parse !== undefined && { parse: deps.parse }),
      })
    const follow = async (number: number, turn: Turn) => {
      const partition = make(number)
      partitions.set(number, partition)
      // The last seal is the position; what the group is told is for displays of lag.
      const telling = setInterval(
        () => void turn.commit(partition.health().sealedTo).catch(() => undefined),
        limits.groupCommitMs,
      )
      try {
        await partition.run(turn.signal)
      } finally {
        clearInterval(telling)
        if (!stopping.signal.aborted && partitions.get(number) === partition) partitions.delete(number)
      }
    }
    share = await sharePartitions(bus, raw.name, { group: `ingest.${config.stream}`, follow })
    flusher = setInterval(() => void ledger.flush().catch(() => undefined), config.ledgerFlushMs ?? 2_000)
  }

  const stop = async () => {
    stopping.abort()
    clearInterval(flusher)
    await share?.stop()
    await ledger
      .flush()
      .catch((error: unknown) =>
        log.warn({ error: String(error) }, 'ledger: not written at the stop; counted at the next start'),
      )
  }

  const health = (): IngestHealth => {
    const all = [...partitions.values()].map((partition) => partition.health())
    const worst = all.toSorted((a, b) => severity.indexOf(b.state) - severity.indexOf(a.state))[0]
    return {
      // Where there are more processes than partitions, one without any is well.
      state: worst?.state ?? (share !== undefined && share.facts().generation >= 0 ? 'ok' : 'starting'),
      ...(worst?.detail !== undefined && { detail: worst.detail }),
      lagRecords: all.reduce((sum, one) => sum + Math.max(0, one.end - one.storedTo), 0),
      rebalances: share?.facts().rebalances ?? 0,
      counters: { ...counters },
      partitions: all,
    }
  }

  return {
    name: 'ingest',
    start,
    stop() {
      stopped ??= stop()
      return stopped
    },
    health,
    cut() {
      for (const partition of partitions.values()) partition.sealNow()
    },
    async drained(signal) {
      const ends = new Map<number, number>()
      for (const partition of partitions.keys()) ends.set(partition, (await bus.partition(topic, partition)).end)
      for (;;) {
        signal?.throwIfAborted()
        if (stopping.signal.aborted) throw new VardeError('INGEST_STOPPED', 'ingest stops before all was sealed')
        // One that has gone to another process meanwhile is drained there.
        const behind = [...ends].flatMap(([number, end]) => {
          const partition = partitions.get(number)
          return partition !== undefined && partition.health().sealedTo < end ? [partition] : []
        })
        if (behind.length === 0) break
        for (const partition of behind) partition.sealNow()
        await new Promise((resolve) => setTimeout(resolve, 20))
      }
      await ledger.flush()
    },
  }
}
