// How the processes of a cluster know of one another: each writes how it is every few seconds, and reads the others.
import type { Bus } from '@varde/bus'
import { type IngestHealth, noIngestCounters, rawTopic } from '@varde/ingest'
import type { Clock, Logger, Role } from '@varde/runtime'
import type { JsonObject } from '@varde/schema'
import { collections, type DocumentStore } from '@varde/store'
import type { IngestThread } from './ingest-thread.ts'

const beatMs = 5_000
/** Who has been silent for this long is gone. */
const goneMs = 20_000
const askMs = 250

export interface NodeBeat {
  name: string
  roles: Role[]
  at: number
  version: string
  ingest?: IngestHealth
}

export interface Nodes {
  /** Those that live, this one among them. */
  all(): NodeBeat[]
  stop(): Promise<void>
}

export async function joinNodes(deps: {
  documents: DocumentStore
  clock: Clock
  log: Logger
  me: Omit<NodeBeat, 'at' | 'ingest'>
  ingest(): IngestHealth | undefined
}): Promise<Nodes> {
  const { documents, clock, log, me } = deps
  const { name: collection } = collections.nodes
  let seen: NodeBeat[] = []

  async function write(): Promise<void> {
    const ingest = deps.ingest()
    const beat: NodeBeat = { ...me, at: clock.now(), ...(ingest === undefined ? {} : { ingest }) }
    const doc: JsonObject = JSON.parse(JSON.stringify(beat))
    const found = await documents.get(collection, me.name)
    if (found === undefined) await documents.create(collection, me.name, doc)
    else await documents.update(collection, me.name, doc, found.version)
    const { docs } = await documents.list(collection, { where: { at: { gte: clock.now() - goneMs } }, limit: 1_000 })
    seen = docs.map(({ doc: other }): NodeBeat => JSON.parse(JSON.stringify(other)))
  }

  const beat = () =>
    write().catch((error: unknown) => log.warn({ err: error }, 'nodes: could not tell how this process is'))
  await beat()
  const timer = setInterval(() => void beat(), beatMs)
  return {
    all: () => seen.filter(({ at }) => clock.now() - at < goneMs),
    async stop() {
      clearInterval(timer)
      const found = await documents.get(collection, me.name).catch(() => undefined)
      if (found !== undefined) await documents.delete(collection, me.name, found.version).catch(() => undefined)
    },
  }
}

const severity = ['ok', 'starting', 'stopped', 'full', 'failing'] as const

/** The health of all that ingest, as one. */
function together(all: IngestHealth[]): IngestHealth | undefined {
  const [first, ...rest] = all
  if (first === undefined) return undefined
  return rest.reduce<IngestHealth>((sum, one) => {
    const worse = severity.indexOf(one.state) > severity.indexOf(sum.state) ? one : sum
    const counters = { ...sum.counters }
    for (const name of Object.keys(one.counters)) if (isCounter(name, counters)) counters[name] += one.counters[name]
    return {
      state: worse.state,
      ...(worse.detail === undefined ? {} : { detail: worse.detail }),
      lagRecords: sum.lagRecords + one.lagRecords,
      rebalances: sum.rebalances + one.rebalances,
      counters,
      partitions: [...sum.partitions, ...one.partitions],
    }
  }, first)
}

function isCounter(name: string, counters: IngestHealth['counters']): name is keyof IngestHealth['counters'] {
  return name in counters
}

/** What a process without ingest knows of it: from the others' beats, and from the seals. */
export function ingestElsewhere(deps: {
  bus: Bus
  documents: DocumentStore
  stream: string
  partitions: number
  nodes(): NodeBeat[]
}): IngestThread {
  const { bus, documents, stream } = deps
  const lastHealth = () => together(deps.nodes().flatMap(({ ingest }) => ingest ?? []))

  async function sealedTo(partition: number): Promise<number> {
    const { docs } = await documents.list(collections.seals.name, {
      where: { stream, partition },
      sort: { by: 'sealedAt', order: 'desc' },
      limit: 1,
    })
    return Number(docs[0]?.doc['to'] ?? 0)
  }

  return {
    lastHealth,
    health: async () =>
      lastHealth() ?? {
        state: 'starting',
        detail: 'no process with the role ingest has been heard',
        lagRecords: 0,
        rebalances: 0,
        counters: noIngestCounters(),
        partitions: [],
      },
    async drained() {
      for (let partition = 0; partition < deps.partitions; partition += 1) {
        const { end } = await bus.partition(rawTopic(stream), partition)
        while ((await sealedTo(partition)) < end) await new Promise((resolve) => setTimeout(resolve, askMs))
      }
    },
    reloadRules: async () => undefined,
    stop: async () => undefined,
  }
}
