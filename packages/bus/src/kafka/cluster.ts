// The brokers of a cluster: which leads what, a connection to each, and questions that are asked again while one is away.
import { VardeError } from '@varde/runtime'
import { type Address, type Link, openLink, parseAddress } from './connect.ts'
import { explainFault, faultOf, isFinal } from './faults.ts'
import { askMetadata, type Metadata, type TopicMetadata } from './metadata.ts'
import type { KafkaConnectSettings } from './settings.ts'

export interface Cluster {
  settings: KafkaConnectSettings
  /** Asked of the cluster at this moment. */
  topics(names?: string[]): Promise<TopicMetadata[]>
  /** As last heard; asked where it was never heard or forgotten. */
  topic(name: string): Promise<TopicMetadata | undefined>
  /** What is known may be old: the next question asks the cluster. */
  forget(): void
  /** A connection that all share who name the same purpose; requests on it wait for one another. */
  shared(purpose: 'control' | 'produce', broker: number): Promise<Link>
  /** A connection of the caller's own, who drops it. */
  own(broker: number): Promise<Link>
  /** To the broker that leads a partition. Throws BUS_UNKNOWN_TOPIC. */
  leader(topic: string, partition: number): Promise<number>
  anyBroker(): Promise<number>
  coordinator(group: string): Promise<Link>
  /** Runs until it succeeds, fails for good, or `giveUpMs` have passed (then BUS_UNREACHABLE). */
  insist<T>(
    doing: string,
    run: () => Promise<T>,
    options?: { giveUpMs?: number; signal?: AbortSignal; onRetry?: (why: VardeError) => void },
  ): Promise<T>
  closed(): boolean
  close(): void
}

const giveUpMsDefault = 30_000
const pauseMsMin = 50
const pauseMsMax = 1_000
/** Leaders move seldom and a wrong one is told at once; brokers come and go slowly. */
const metadataMs = 60_000

export function closedError(): VardeError {
  return new VardeError('BUS_CLOSED', 'the bus is closed')
}

export function unknownTopic(topic: string, partition?: number): VardeError {
  const what = partition === undefined ? `no topic ${topic}` : `no partition ${partition} of a topic ${topic}`
  return new VardeError('BUS_UNKNOWN_TOPIC', `there is ${what}`, {
    facts: { topic, ...(partition === undefined ? {} : { partition }) },
  })
}

export function openCluster(settings: KafkaConnectSettings): Cluster {
  const seeds = settings.brokers.map(parseAddress)
  const links = new Map<string, Promise<Link>>()
  const owned = new Set<Link>()
  let nextSeed = 0
  let known: Metadata | undefined
  let knownAt = 0
  let closed = false

  const opened = async (address: Address): Promise<Link> => {
    const link = await openLink(address, settings)
    if (closed) {
      link.drop()
      throw closedError()
    }
    return link
  }

  async function seedLink(): Promise<Link> {
    const addresses = [...seeds, ...(known?.brokers.values() ?? [])]
    const address = addresses[nextSeed % addresses.length]
    if (address === undefined) throw new VardeError('BUS_UNREACHABLE', 'no broker is named in kafka.brokers')
    try {
      return await sharedLink('seed', address)
    } catch (error) {
      nextSeed += 1
      throw isFinal(error) ? explainFault(error, address, 'connecting') : error
    }
  }

  async function sharedLink(purpose: string, address: Address): Promise<Link> {
    const key = `${purpose} ${address.host}:${address.port}`
    const there = await links.get(key)?.catch(() => undefined)
    if (there?.isOpen()) return there
    there?.drop()
    // Whoever comes meanwhile waits for the same one.
    const again = links.get(key)
    const other = again === undefined ? undefined : await again.catch(() => undefined)
    if (other !== undefined && other !== there && other.isOpen()) return other
    const opening = opened(address)
    links.set(key, opening)
    opening.catch(() => links.delete(key))
    return opening
  }

  async function askAll(names?: string[]): Promise<Metadata> {
    const link = await seedLink()
    try {
      return await askMetadata(link, names)
    } catch (error) {
      link.drop()
      nextSeed += 1
      throw error
    }
  }

  async function current(): Promise<Metadata> {
    if (known === undefined || Date.now() - knownAt > metadataMs) {
      known = await askAll()
      knownAt = Date.now()
    }
    return known
  }

  async function addressOf(broker: number): Promise<Address> {
    const address = (await current()).brokers.get(broker)
    if (address === undefined) {
      cluster.forget()
      throw faultOf(8)
    }
    return address
  }

  const cluster: Cluster = {
    settings,
    async topics(names) {
      const all = await askAll(names)
      return all.topics
    },
    async topic(name) {
      const find = async () => (await current()).topics.find((topic) => topic.name === name)
      const found = await find()
      if (found !== undefined) return found
      cluster.forget()
      return find()
    },
    forget() {
      knownAt = 0
    },
    shared: async (purpose, broker) => sharedLink(purpose, await addressOf(broker)),
    async own(broker) {
      const link = await opened(await addressOf(broker))
      owned.add(link)
      return {
        ...link,
        drop() {
          owned.delete(link)
          link.drop()
        },
      }
    },
    async leader(topic, partition) {
      const found = await cluster.topic(topic)
      const leader = found?.leaders[partition]
      if (leader === undefined) throw unknownTopic(topic, partition)
      if (leader < 0) {
        cluster.forget()
        throw faultOf(5)
      }
      return leader
    },
    async anyBroker() {
      const [broker] = (await current()).brokers.keys()
      if (broker === undefined) throw faultOf(8)
      return broker
    },
    async coordinator(group) {
      const link = await seedLink()
      const { coordinator } = await link.broker
        .findGroupCoordinator({ groupId: group, coordinatorType: 0 })
        .catch((error: unknown) => {
          if (!link.isOpen()) link.drop()
          throw error
        })
      const own = await opened({ host: coordinator.host, port: coordinator.port })
      owned.add(own)
      return {
        ...own,
        drop() {
          owned.delete(own)
          own.drop()
        },
      }
    },
    async insist(doing, run, { giveUpMs = giveUpMsDefault, signal, onRetry } = {}) {
      const until = Date.now() + giveUpMs
      for (let pauseMs = pauseMsMin; ; pauseMs = Math.min(pauseMs * 2, pauseMsMax)) {
        if (closed) throw closedError()
        try {
          return await run()
        } catch (error) {
          if (closed) throw closedError()
          if (signal?.aborted || isFinal(error) || Date.now() + pauseMs > until)
            throw explainFault(error, undefined, doing)
          onRetry?.(explainFault(error, undefined, doing))
          cluster.forget()
          await pauseFor(pauseMs * (0.5 + Math.random()), signal)
        }
      }
    },
    closed: () => closed,
    close() {
      closed = true
      for (const link of links.values())
        link.then(
          (open) => open.drop(),
          () => undefined,
        )
      for (const link of [...owned]) link.drop()
    },
  }
  return cluster
}

export function pauseFor(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve()
    const done = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done, { once: true })
  })
}
